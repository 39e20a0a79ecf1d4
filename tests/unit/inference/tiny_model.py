"""A user's own model, small enough to write in a test: the mean colour of the picture."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from twinlens.errors import DeviceMemoryError

SPEC = """
name = "{name}"
licence = "CC0-1.0"

[preprocessing]
width = {width}
height = 6
mean = [127.5, 127.5, 127.5]
scale = [127.5, 127.5, 127.5]

[input]
name = "{input}"

[outputs]
descriptor = "{descriptor}"
dim = {dim}
{more}
"""


def write_model(
    folder: Path,
    *,
    batch: int | str = "n",
    input: str = "image",
    descriptor: str = "colour",
    dim: int = 3,
    width: int = 8,
    element: int = TensorProto.FLOAT,
    more: str = "",
) -> Path:
    """Write spec.toml and a network for (batch, 3, 6, 8) pictures that always gives "colour"."""
    folder.mkdir(parents=True, exist_ok=True)
    text = SPEC.format(
        name=folder.name, width=width, input=input, descriptor=descriptor, dim=dim, more=more
    )
    (folder / "spec.toml").write_text(text, encoding="utf-8")
    # Shifted so that no picture has a descriptor of length 0.
    shift = numpy_helper.from_array(np.full((1, 3, 1, 1), 2, np.float32), "shift")
    nodes = [
        helper.make_node("Cast", ["image"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node("GlobalAveragePool", ["levels"], ["mean"]),
        helper.make_node("Add", ["mean", "shift"], ["colour"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", element, [batch, 3, 6, 8])],
        [helper.make_tensor_value_info("colour", TensorProto.FLOAT, [batch, 3, 1, 1])],
        [shift],
    )
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
    onnx.save(model, str(folder / "model.onnx"))
    return folder


def mean_colour(batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what the network should give for (n, h, w, 3) pictures, rows of length 1."""
    rows = batch.mean(axis=(1, 2)) + 2
    result: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return result


class FakeSession:
    """A device that holds at most `room` pictures; its outputs are mean colours."""

    def __init__(self, room: int = 1000, device: str = "CUDA", batch: int | None = None) -> None:
        self.room = room
        self.device = device
        self.notice = ""
        self.batch = batch
        self.flexible = True
        self.sizes: list[int] = []

    def run(self, output: str, pixels: NDArray[Any]) -> NDArray[np.float32]:
        self.sizes.append(len(pixels))
        if len(pixels) > self.room:
            raise DeviceMemoryError("no room")
        result: NDArray[np.float32] = pixels.mean(axis=(2, 3), dtype=np.float32) + 2
        return result
