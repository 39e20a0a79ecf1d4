"""Describes the parts of a photo, so that a small thing in it can be found. Pure; any thread.

One pass of the network over the photo at a larger size gives a feature map. Windows of it at three
scales are pooled as in R-MAC (Tolias, Sicre and Jégou 2016), but kept one by one, because their sum
hides what is small. Four bits a value lose nothing that can be measured, and leave room for
descriptors long enough to tell things apart.
"""

import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from twinlens.records import Preprocessing, Region

Floats = NDArray[np.float32]
#: Maps (n, dim) descriptors to (n, d) compact rows of length 1.
Compact = Callable[[Floats], Floats]

#: Values kept of a window, at most.
DIMS = 256
#: Windows along each side, and their side as a share of the photo's.
LEVELS = ((1, 1.0), (3, 1 / 2), (6, 2 / 7))
WINDOWS = sum(count * count for count, _ in LEVELS)
#: Side of the square that has as many pixels as the photo is given to the network with.
SIDE = 512
#: The same for what is looked for: the sizes that the windows have in the network's input.
QUERY_SIDES = (128, 160, 224)
#: Networks of this kind halve the size five times; other sizes would shift the map's cells.
_STEP = 32
#: Longer pictures are squeezed, because a strip of cells holds no windows.
_LONGEST_RATIO = 4.0

_VERSION = 1
_HEAD = struct.Struct("<BH")
_SCALE = np.dtype("<f2")
#: A value of -7..7 is kept as 1..15.
_MIDDLE = 8
_LARGEST = 7
#: Photos compared at once.
_PART = 32


def regions_kind(model_id: str) -> str:
    """Return what a model's descriptors of regions are called where they are kept."""
    return f"regions/1/{model_id}"


def facts_for(facts: Preprocessing, height: int, width: int, side: int = SIDE) -> Preprocessing:
    """Return how a picture of a shape is given to the network, its proportions kept.

    Args:
        facts: the model's own.
        height, width: of the picture, in pixels.
        side: the input has about side x side pixels.
    """
    cells = side // _STEP
    stretch = min(max(width / height, 1 / _LONGEST_RATIO), _LONGEST_RATIO) ** 0.5
    across = max(2, round(cells * stretch))
    down = max(2, round(cells * cells / across))
    return replace(facts, width=across * _STEP, height=down * _STEP, resize="squash")


def window(number: int) -> Region:
    """Return the part of a photo that the window of this number covers, 0..WINDOWS-1."""
    for count, side in LEVELS:
        if number < count * count:
            row, column = divmod(number, count)
            step = (1.0 - side) / max(count - 1, 1)
            return Region(column * step, row * step, side, side)
        number -= count * count
    raise IndexError(f"there are {WINDOWS} windows")


def describe_regions(feature_map: Floats, compact: Compact) -> bytes:
    """Return the windows of a photo as they are kept.

    A version (1 byte), the length d of a descriptor (2), a scale for each window (float16) that
    makes its length 1, and d values of 4 bits for each window, two of them in a byte: the first
    half of the values in the low bits, the second in the high ones. For 256 values 5,983 bytes.

    Args:
        feature_map: (channels, y, x) of the network's last layer.
        compact: to at most `DIMS` values.
    """
    channels, rows, columns = feature_map.shape
    weights = np.stack([_coverage(window(number), rows, columns) for number in range(WINDOWS)])
    pooled = weights @ feature_map.reshape(channels, -1).T
    values = compact(pooled)
    dims = values.shape[1]
    values = np.pad(values, ((0, 0), (0, dims % 2)))
    largest = np.maximum(np.abs(values).max(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    levels = np.rint(values / largest * _LARGEST)
    lengths = np.linalg.norm(levels, axis=1)
    scales = np.where(lengths > 0, 1 / np.maximum(lengths, 1), 0)
    codes = (levels + _MIDDLE).astype(np.uint8)
    half = codes.shape[1] // 2
    packed = codes[:, :half] | codes[:, half:] << 4
    body: bytes = scales.astype(_SCALE).tobytes() + packed.tobytes()
    return _HEAD.pack(_VERSION, dims) + body


def are_regions(bodies: Sequence[bytes], dims: int) -> NDArray[np.bool_]:
    """Tell for each body whether it holds windows with descriptors of `dims` values."""
    head, length = _HEAD.pack(_VERSION, dims), _body_length(dims)
    return np.array([len(body) == length and body.startswith(head) for body in bodies], bool)


def similarities(bodies: Sequence[bytes], query: Floats) -> Floats:
    """Return (n, WINDOWS) cosines between a query and every window of n photos.

    Args:
        bodies: those for which `are_regions` is true.
        query: (d,) of length 1.
    """
    dims = len(query)
    halves = np.pad(query, (0, dims % 2)).astype(np.float32).reshape(2, -1)
    found = np.empty((len(bodies), WINDOWS), np.float32)
    first = _HEAD.size + WINDOWS * _SCALE.itemsize
    # Parts that stay in the processor's cache.
    for start in range(0, len(bodies), _PART):
        part = bodies[start : start + _PART]
        data = np.frombuffer(b"".join(part), np.uint8).reshape(len(part), -1)
        scales = np.ascontiguousarray(data[:, _HEAD.size : first]).view(_SCALE)
        packed = data[:, first:].reshape(len(part) * WINDOWS, -1)
        products = (packed & 15).astype(np.float32) @ halves[0]
        products += (packed >> 4).astype(np.float32) @ halves[1]
        products -= _MIDDLE * halves.sum()
        found[start : start + _PART] = products.reshape(len(part), WINDOWS) * scales
    return found


def _body_length(dims: int) -> int:
    return _HEAD.size + WINDOWS * (_SCALE.itemsize + math.ceil(dims / 2))


def _coverage(part: Region, rows: int, columns: int) -> Floats:
    """Return the weight of each cell of a map in a part of it, (rows * columns,), sum 1."""
    down = _overlap(part.y, part.height, rows)
    across = _overlap(part.x, part.width, columns)
    shares = np.outer(down, across).ravel()
    weights: Floats = (shares / shares.sum()).astype(np.float32)
    return weights


def _overlap(start: float, extent: float, cells: int) -> Floats:
    edges = np.arange(cells)
    covered = np.minimum(edges + 1, (start + extent) * cells) - np.maximum(edges, start * cells)
    inside: Floats = np.clip(covered, 0, 1).astype(np.float32)
    return inside
