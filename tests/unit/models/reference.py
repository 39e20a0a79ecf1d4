"""EfficientNet-Lite in plain numpy, written from the paper and the shapes of the weights.

It shares no code with the exporter: batch norm is not folded, padding is computed at run time.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[Any]
Weights = Mapping[str, Array]

#: The blocks that halve the picture.
STRIDING = {"efficientnet-lite0": {1, 3, 5, 11}, "efficientnet-lite2": {1, 4, 7, 15}}


def forward(name: str, weights: Weights, levels: NDArray[np.uint8]) -> tuple[Array, Array]:
    """Return feature map (1280, y, x) and logits (1000,) of one (h, w, 3) picture."""
    x = ((levels.astype(np.float32) - 127) / 128).transpose(2, 0, 1)
    x = relu6(norm(convolve(x, weights["_conv_stem.weight"], 2), weights, "_bn0"))
    index = 0
    while f"_blocks.{index}._project_conv.weight" in weights:
        x = block(x, weights, f"_blocks.{index}", 2 if index in STRIDING[name] else 1)
        index += 1
    x = relu6(norm(convolve(x, weights["_conv_head.weight"], 1), weights, "_bn1"))
    logits = weights["_fc.weight"] @ x.mean(axis=(1, 2)) + weights["_fc.bias"]
    return x, logits


def block(x: Array, weights: Weights, name: str, stride: int) -> Array:
    y = x
    if f"{name}._expand_conv.weight" in weights:
        y = relu6(
            norm(convolve(y, weights[f"{name}._expand_conv.weight"], 1), weights, f"{name}._bn0")
        )
    y = depthwise(y, weights[f"{name}._depthwise_conv.weight"], stride)
    y = relu6(norm(y, weights, f"{name}._bn1"))
    y = norm(convolve(y, weights[f"{name}._project_conv.weight"], 1), weights, f"{name}._bn2")
    return x + y if stride == 1 and x.shape == y.shape else y


def norm(x: Array, weights: Weights, name: str) -> Array:
    gamma, beta, mean, variance = (
        weights[f"{name}.{part}"].astype(np.float32)[:, None, None]
        for part in ("weight", "bias", "running_mean", "running_var")
    )
    result: Array = (x - mean) / np.sqrt(variance + np.float32(1e-3)) * gamma + beta
    return result


def relu6(x: Array) -> Array:
    return np.clip(x, 0, 6)


def convolve(x: Array, kernel: Array, stride: int) -> Array:
    result: Array = np.einsum("cyxij,ocij->oyx", windows(x, kernel, stride), kernel, optimize=True)
    return result


def depthwise(x: Array, kernel: Array, stride: int) -> Array:
    result: Array = np.einsum("cyxij,cij->cyx", windows(x, kernel, stride), kernel[:, 0])
    return result


def windows(x: Array, kernel: Array, stride: int) -> Array:
    size = kernel.shape[2]
    pads = []
    for side in x.shape[1:]:
        needed = max((int(np.ceil(side / stride)) - 1) * stride + size - side, 0)
        pads.append((needed // 2, needed - needed // 2))
    padded = np.pad(x, [(0, 0), *pads])
    view = sliding_window_view(padded, (size, size), axis=(1, 2))
    return view[:, ::stride, ::stride]
