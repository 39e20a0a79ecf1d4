"""The checkpoint reader: tensors come out, anything else is refused."""

import io
import os
import pickle
import struct
import sys
import types
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
from models.legacy_checkpoint import MAGIC, PROTOCOL, CheckpointError, read_checkpoint
from numpy.typing import NDArray


class FloatStorage:
    """Stands for the torch class of that name inside a pickle."""


def _rebuild_tensor_v2() -> None:
    """Stands for the torch function of that name inside a pickle."""


FloatStorage.__module__ = "torch"
_rebuild_tensor_v2.__module__ = "torch._utils"


class Tensor:
    def __init__(self, key: str, count: int, shape: tuple[int, ...], strides: tuple[int, ...]):
        self.reference = ("storage", FloatStorage, key, "cpu", count, None)
        self.shape, self.strides = shape, strides

    def __reduce__(self) -> tuple[object, ...]:
        view = (Reference(self), 0, self.shape, self.strides)
        no_hooks: OrderedDict[str, object] = OrderedDict()
        return _rebuild_tensor_v2, (*view, False, no_hooks)


class Reference:
    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor


class Pickler(pickle.Pickler):
    def persistent_id(self, obj: object) -> object:
        return obj.tensor.reference if isinstance(obj, Reference) else None


@pytest.fixture
def _torch_names(monkeypatch: pytest.MonkeyPatch) -> None:
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    monkeypatch.setattr(torch, "FloatStorage", FloatStorage, raising=False)
    monkeypatch.setattr(utils, "_rebuild_tensor_v2", _rebuild_tensor_v2, raising=False)
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)


def checkpoint(state: object, data: dict[str, NDArray[np.float32]], magic: int = MAGIC) -> bytes:
    file = io.BytesIO()
    for part in (magic, PROTOCOL, {"little_endian": True}, state, sorted(data)):
        Pickler(file, protocol=2).dump(part)
    for key in sorted(data):
        file.write(struct.pack("<q", data[key].size) + data[key].astype("<f4").tobytes())
    return file.getvalue()


@pytest.mark.usefixtures("_torch_names")
def test_tensors_come_out_by_name_with_their_strides(tmp_path: Path) -> None:
    values = np.arange(6, dtype=np.float32)
    state = OrderedDict(plain=Tensor("1", 6, (2, 3), (3, 1)), turned=Tensor("1", 6, (3, 2), (1, 3)))
    path = tmp_path / "weights.pth"
    path.write_bytes(checkpoint(state, {"1": values}))
    tensors = read_checkpoint(path)
    assert list(tensors) == ["plain", "turned"]
    np.testing.assert_array_equal(tensors["plain"], values.reshape(2, 3))
    np.testing.assert_array_equal(tensors["turned"], values.reshape(2, 3).T)


@pytest.mark.usefixtures("_torch_names")
def test_a_view_beyond_its_storage_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    state = OrderedDict(wide=Tensor("1", 4, (100,), (1,)))
    path.write_bytes(checkpoint(state, {"1": np.zeros(4, np.float32)}))
    with pytest.raises(CheckpointError):
        read_checkpoint(path)


@pytest.mark.usefixtures("_torch_names")
def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    state = OrderedDict(some=Tensor("1", 4, (4,), (1,)))
    path.write_bytes(checkpoint(state, {"1": np.zeros(4, np.float32)})[:-3])
    with pytest.raises(CheckpointError, match="cut short"):
        read_checkpoint(path)


class Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("exit 1",)


def test_a_pickle_that_calls_anything_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(checkpoint(OrderedDict(evil=Evil()), {}))
    with pytest.raises(CheckpointError, match="system"):
        read_checkpoint(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"not a pickle", checkpoint(OrderedDict(), {}, magic=1), checkpoint([], {})],
    ids=["empty", "text", "other magic", "no state dict"],
)
def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(content)
    with pytest.raises(CheckpointError):
        read_checkpoint(path)
