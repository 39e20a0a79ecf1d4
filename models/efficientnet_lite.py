"""Builds the ONNX graph of an EfficientNet-Lite from its trained weights. Runs at build time.

The network is the one of Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional
Neural Networks" (2019), in its Lite form: ReLU6 instead of swish, no squeeze-and-excitation, stem
and head not scaled. Batch normalisation is folded into the convolutions.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8
BATCH_NORM_EPSILON = 1e-3

Weights = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class Stage:
    """A run of inverted residual blocks; only the first one strides."""

    repeats: int
    kernel: int
    stride: int
    expand: int
    channels: int


@dataclass(frozen=True, slots=True)
class Architecture:
    """The nominal input side in pixels, and the stages between stem and head."""

    side: int
    stages: tuple[Stage, ...]


ARCHITECTURES = {
    "efficientnet-lite0": Architecture(
        224,
        (
            Stage(1, 3, 1, 1, 16),
            Stage(2, 3, 2, 6, 24),
            Stage(2, 5, 2, 6, 40),
            Stage(3, 3, 2, 6, 80),
            Stage(3, 5, 1, 6, 112),
            Stage(4, 5, 2, 6, 192),
            Stage(1, 3, 1, 6, 320),
        ),
    ),
    "efficientnet-lite2": Architecture(
        260,
        (
            Stage(1, 3, 1, 1, 16),
            Stage(3, 3, 2, 6, 24),
            Stage(3, 5, 2, 6, 48),
            Stage(4, 3, 2, 6, 88),
            Stage(4, 5, 1, 6, 120),
            Stage(5, 5, 2, 6, 208),
            Stage(1, 3, 1, 6, 352),
        ),
    ),
}


def same_padding(side: int, kernel: int, stride: int) -> tuple[int, int]:
    """Return the padding before and after an axis of `side` pixels that TensorFlow calls SAME."""
    out = -(-side // stride)
    total = max((out - 1) * stride + kernel - side, 0)
    return total // 2, total - total // 2


def fold_batch_norm(
    weights: Weights, convolution: str, norm: str
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return kernel and bias of a convolution that does the work of the batch norm after it."""
    kernel = weights[f"{convolution}.weight"].astype(np.float64)
    mean = weights[f"{norm}.running_mean"].astype(np.float64)
    variance = weights[f"{norm}.running_var"].astype(np.float64)
    factor = weights[f"{norm}.weight"].astype(np.float64) / np.sqrt(variance + BATCH_NORM_EPSILON)
    bias = weights[f"{norm}.bias"].astype(np.float64) - mean * factor
    return (kernel * factor[:, None, None, None]).astype(np.float32), bias.astype(np.float32)


class GraphBuilder:
    """Collects nodes and constants; `side` is that of the latest feature map, at nominal input."""

    def __init__(self, weights: Weights, side: int) -> None:
        self.weights = weights
        self.side = side
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        """Add a constant and return its name."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: int | list[int]) -> str:
        """Add a node with one output and return the name of that output."""
        node = helper.make_node(kind, inputs, [output], name=output)
        node.attribute.extend(helper.make_attribute(*item) for item in sorted(attributes.items()))
        self.nodes.append(node)
        return output

    def convolution(
        self, source: str, name: str, norm: str, *, stride: int = 1, depthwise: bool = False
    ) -> str:
        """Add convolution and folded batch norm; no activation."""
        kernel, bias = fold_batch_norm(self.weights, name, norm)
        size = kernel.shape[2]
        before, after = same_padding(self.side, size, stride)
        self.side = -(-self.side // stride)
        return self.node(
            "Conv",
            [
                source,
                self.constant(f"{name}.kernel", kernel),
                self.constant(f"{name}.bias", bias),
            ],
            name,
            kernel_shape=[size, size],
            strides=[stride, stride],
            pads=[before, before, after, after],
            group=kernel.shape[0] if depthwise else 1,
        )

    def relu6(self, source: str) -> str:
        """Add the activation of every convolution but a block's last."""
        return self.node("Clip", [source, "zero", "six"], f"{source}.relu6")

    def block(self, source: str, name: str, stage: Stage, stride: int, channels: int) -> str:
        """Add one inverted residual block that reads `channels` channels."""
        inner = source
        if stage.expand != 1:
            inner = self.convolution(inner, f"{name}._expand_conv", f"{name}._bn0")
            inner = self.relu6(inner)
        inner = self.convolution(
            inner, f"{name}._depthwise_conv", f"{name}._bn1", stride=stride, depthwise=True
        )
        inner = self.relu6(inner)
        inner = self.convolution(inner, f"{name}._project_conv", f"{name}._bn2")
        if stride == 1 and channels == stage.channels:
            inner = self.node("Add", [inner, source], f"{name}.sum")
        return inner


def build_model(name: str, weights: Weights, *, uint8_input: bool = True) -> onnx.ModelProto:
    """Return the network as ONNX.

    Input `pixels`: (n, h, w, 3) uint8 RGB levels, normalised inside; with `uint8_input` false
    (n, h, w, 3) float32, normalised already. Outputs: `descriptor` (n, 1280), the average pool,
    not normalised; `feature_map` (n, 1280, h', w'); `logits` (n, 1000), the ImageNet classes.
    """
    architecture = ARCHITECTURES[name]
    graph = GraphBuilder(weights, architecture.side)
    graph.constant("zero", np.array(0, np.float32))
    graph.constant("six", np.array(6, np.float32))
    value = _input(graph, uint8_input=uint8_input)
    value = graph.relu6(graph.convolution(value, "_conv_stem", "_bn0", stride=2))
    channels = int(weights["_conv_stem.weight"].shape[0])
    index = 0
    for stage in architecture.stages:
        for repeat in range(stage.repeats):
            stride = stage.stride if repeat == 0 else 1
            value = graph.block(value, f"_blocks.{index}", stage, stride, channels)
            channels, index = stage.channels, index + 1
    value = graph.convolution(value, "_conv_head", "_bn1")
    graph.node("Clip", [value, "zero", "six"], "feature_map")
    graph.node("GlobalAveragePool", ["feature_map"], "pooled")
    graph.node("Flatten", ["pooled"], "descriptor", axis=1)
    classifier = graph.constant("_fc.weight", weights["_fc.weight"].astype(np.float32))
    offset = graph.constant("_fc.bias", weights["_fc.bias"].astype(np.float32))
    graph.node("Gemm", ["descriptor", classifier, offset], "logits", transB=1)
    return _finish(graph, name, uint8_input=uint8_input)


def _input(graph: GraphBuilder, *, uint8_input: bool) -> str:
    planes = graph.node("Transpose", ["pixels"], "planes", perm=[0, 3, 1, 2])
    if not uint8_input:
        return planes
    levels = graph.node("Cast", [planes], "levels", to=TensorProto.FLOAT)
    mean = graph.constant("mean", np.array(127, np.float32))
    factor = graph.constant("factor", np.array(1 / 128, np.float32))
    return graph.node("Mul", [graph.node("Sub", [levels, mean], "centred"), factor], "normalised")


def _finish(graph: GraphBuilder, name: str, *, uint8_input: bool) -> onnx.ModelProto:
    element = TensorProto.UINT8 if uint8_input else TensorProto.FLOAT
    features = int(graph.weights["_conv_head.weight"].shape[0])
    classes = int(graph.weights["_fc.weight"].shape[0])
    inputs = [helper.make_tensor_value_info("pixels", element, ["n", "height", "width", 3])]
    outputs = [
        helper.make_tensor_value_info("descriptor", TensorProto.FLOAT, ["n", features]),
        helper.make_tensor_value_info("feature_map", TensorProto.FLOAT, ["n", features, "y", "x"]),
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", classes]),
    ]
    model = helper.make_model(
        helper.make_graph(graph.nodes, name, inputs, outputs, graph.constants),
        producer_name="twinlens",
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
    )
    onnx.checker.check_model(model, full_check=True)
    return model
