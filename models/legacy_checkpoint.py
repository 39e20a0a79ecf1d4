"""Reads tensors from a checkpoint in torch's pre-zip format, without torch. Runs at build time.

The file is five consecutive pickles (magic number, protocol, system facts, state dict, storage
keys) followed, for every key in order, by an int64 element count and the raw elements. A pickle
may call anything it names, so the unpickler here resolves the four kinds of name that such a file
needs and refuses every other.
"""

import pickle
import struct
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001

_STORAGES: dict[str, type[np.generic]] = {
    "DoubleStorage": np.float64,
    "FloatStorage": np.float32,
    "HalfStorage": np.float16,
    "IntStorage": np.int32,
    "LongStorage": np.int64,
}


class CheckpointError(Exception):
    """The file is not a checkpoint of the expected form."""


@dataclass(frozen=True, slots=True)
class _StorageType:
    name: str


@dataclass(frozen=True, slots=True)
class _Storage:
    key: str
    dtype: np.dtype[np.generic]
    count: int


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A view of a storage; offset and strides count elements."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _rebuild_tensor(
    storage: object, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> _Tensor:
    if not isinstance(storage, _Storage):
        raise CheckpointError("a tensor does not refer to a storage")
    return _Tensor(storage, offset, tuple(shape), tuple(strides))


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> object:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if module == "torch" and name in _STORAGES:
            return _StorageType(name)
        raise CheckpointError(f"the checkpoint names {module}.{name}, which is not allowed")

    def persistent_load(self, pid: object) -> _Storage:
        match pid:
            case ("storage", _StorageType(name), str(key), str(_), int(count), None):
                return _Storage(key, np.dtype(_STORAGES[name]).newbyteorder("<"), count)
        raise CheckpointError(f"unknown reference {pid!r}")


def read_checkpoint(path: Path) -> dict[str, NDArray[np.generic]]:
    """Return the tensors of a state dict by name.

    Raises:
        CheckpointError: the file is damaged, of another form, or names anything but tensors.
    """
    with path.open("rb") as file:
        try:
            return _read(file)
        except (pickle.UnpicklingError, EOFError, ValueError, TypeError, struct.error) as error:
            raise CheckpointError(f"{path.name} cannot be read: {error}") from error


def _read(file: BinaryIO) -> dict[str, NDArray[np.generic]]:
    magic, protocol, system, state, keys = (_Unpickler(file).load() for _ in range(5))
    if magic != MAGIC or protocol != PROTOCOL:
        raise CheckpointError("not a checkpoint of the pre-zip format")
    if not isinstance(system, dict) or not system.get("little_endian"):
        raise CheckpointError("the checkpoint is not little-endian")
    if not isinstance(state, Mapping) or not isinstance(keys, list):
        raise CheckpointError("the checkpoint holds no state dict")
    tensors = {str(name): tensor for name, tensor in state.items()}
    storages = {t.storage.key: t.storage for t in tensors.values() if isinstance(t, _Tensor)}
    data: dict[str, bytes] = {}
    for key in keys:
        storage = storages.get(key)
        if storage is None:
            raise CheckpointError(f"storage {key} belongs to no tensor")
        data[key] = _read_elements(file, storage)
    return {name: _view(tensor, data) for name, tensor in tensors.items()}


def _read_elements(file: BinaryIO, storage: _Storage) -> bytes:
    (count,) = struct.unpack("<q", file.read(8))
    if count != storage.count:
        raise CheckpointError(f"storage {storage.key} has {count} elements, not {storage.count}")
    size = count * storage.dtype.itemsize
    content = file.read(size)
    if len(content) != size:
        raise CheckpointError("the checkpoint is cut short")
    return content


def _view(tensor: object, data: Mapping[str, bytes]) -> NDArray[np.generic]:
    if not isinstance(tensor, _Tensor) or tensor.storage.key not in data:
        raise CheckpointError("the state dict holds something that is not a tensor")
    dtype = tensor.storage.dtype
    view: NDArray[np.generic] = np.ndarray(
        tensor.shape,
        dtype,
        buffer=data[tensor.storage.key],
        offset=tensor.offset * dtype.itemsize,
        strides=tuple(stride * dtype.itemsize for stride in tensor.strides),
    )
    return np.ascontiguousarray(view) if tensor.shape else view.copy()
