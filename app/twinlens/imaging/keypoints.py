"""Finds the keypoints of a picture and packs them, with a small copy of it, into a few kilobytes.

What two pictures are held side by side with: RootSIFT (Lowe, IJCV 2004; Arandjelović & Zisserman,
CVPR 2012), a thumbnail and how much fine detail there is. Pure; any thread, several at once.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

#: Callers bring the parallelism; threads of OpenCV's own would only get in their way.
cv2.setNumThreads(1)

#: Long side of the picture in which keypoints are looked for; smaller pictures stay as they are.
LONG_SIDE = 480
MOST = 320
#: Far below SIFT's usual .04: smooth pictures have keypoints too, and the best are chosen anyway.
CONTRAST = 0.01
#: Keypoints are chosen in turns from so many cells across the long side.
CELLS = 8
THUMBNAIL = 160
THUMBNAIL_QUALITY = 80
#: Finest bands of a Laplacian pyramid of which the energy is kept.
BANDS = 5

#: SIFT builds no pyramid of narrower pictures.
_SMALLEST_SIDE = 16

_VERSION = 1
_HEAD = struct.Struct("<BxHHHI")
_DIM = 128
#: Descriptor values, 0 to about .5, are kept in 4 bits. The rounding error of a descriptor (.1) is
#: a fraction of what two sightings of the same corner differ by (.3 to .6).
_LEVELS = 15
_STEP = 1 / 32
#: Keypoint sizes are kept as steps of 1/16 octave from half a pixel up, angles as 256ths of a turn.
_SIZES_PER_OCTAVE = 16
_SMALLEST_SIZE = 0.5
_TURN = 2 * np.pi


@dataclass(frozen=True, slots=True, eq=False)
class Keypoints:
    """What a picture is verified by.

    `width` and `height` are those of the picture that the keypoints were found in, in pixels, as
    are `positions` (n, 2) and `sizes` (n,), all float32. `angles` (n,) are radians, clockwise as
    the y axis points down. `descriptors` is (n, 128) float32 of length 1. `thumbnail` is (h, w, 3)
    uint8. `detail` (2, BANDS) float32 holds the root mean square and the mean of the absolute
    values, in levels, of each band of the grey picture, an octave apart, finest first.
    """

    width: int
    height: int
    positions: Floats
    sizes: Floats
    angles: Floats
    descriptors: Floats
    thumbnail: Pixels
    detail: Floats

    def __len__(self) -> int:
        return len(self.positions)


def detect(pixels: Pixels) -> bytes:
    """Return the packed keypoints of (h, w, 3) uint8 upright sRGB pixels; at most 36 kB."""
    small = _shrunk(pixels, LONG_SIDE)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    found, descriptors = _described(grey)
    thumbnail = cv2.cvtColor(_shrunk(small, THUMBNAIL), cv2.COLOR_RGB2BGR)
    _, encoded = cv2.imencode(".jpg", thumbnail, [cv2.IMWRITE_JPEG_QUALITY, THUMBNAIL_QUALITY])
    return b"".join(
        [
            _HEAD.pack(_VERSION, width, height, len(found), encoded.nbytes),
            _detail(grey).astype("<f2").tobytes(),
            _pack_geometry(found, width, height),
            _nibbles(descriptors).tobytes(),
            encoded.tobytes(),
        ]
    )


#: Bytes at the start of a packed body that `sharpness` needs.
HEAD_BYTES = _HEAD.size + 4 * BANDS


def sharpness(head: bytes) -> float | None:
    """Return the root mean square of the finest detail, in levels, of a packed body's head.

    At the size in which keypoints are looked for: a blur that is smaller does not show.
    """
    if len(head) < HEAD_BYTES or head[0] != _VERSION:
        return None
    return float(np.frombuffer(head, "<f2", 1, _HEAD.size)[0])


@dataclass(frozen=True, slots=True)
class Packed:
    """The parts of a packed body, views of its bytes, with the size of the working picture.

    `places` is (n, 2) in 65535ths of it, `sizes` and `angles` are (n,) steps, `nibbles` is (n, 64)
    with two descriptor values each, `thumbnail` a JPEG.
    """

    width: int
    height: int
    detail: Pixels
    places: NDArray[np.uint16]
    sizes: Pixels
    angles: Pixels
    nibbles: Pixels
    thumbnail: Pixels

    def positions(self, most: int | None = None) -> Floats:
        """Return where the first keypoints lie, in pixels."""
        shares = self.places[:most] * (np.array([self.width, self.height]) / 65535)
        return shares.astype(np.float32)

    def diameters(self, most: int | None = None) -> Floats:
        """Return the sizes of the first keypoints, in pixels."""
        return np.exp2(self.sizes[:most] / _SIZES_PER_OCTAVE).astype(np.float32) * _SMALLEST_SIZE

    def directions(self, most: int | None = None) -> Floats:
        """Return the angles of the first keypoints, in radians."""
        return self.angles[:most].astype(np.float32) * np.float32(_TURN / 256)

    def descriptors(self, most: int | None = None) -> Floats:
        """Return the descriptors of the first keypoints, (n, 128) of length 1."""
        return unpacked(self.nibbles[:most])


def unpacked(nibbles: Pixels) -> Floats:
    """Return descriptors (n, 128) of length 1 of (n, 64) packed ones."""
    levels = np.empty((len(nibbles), _DIM), np.float32)
    levels[:, 0::2], levels[:, 1::2] = nibbles & _LEVELS, nibbles >> 4
    levels /= np.maximum(np.linalg.norm(levels, axis=1, keepdims=True), 1e-6)
    return levels


def taken_apart(body: bytes) -> Packed | None:
    """Return the parts of what `detect` packed; None for another version or a damaged one."""
    if len(body) < _HEAD.size or body[0] != _VERSION:
        return None
    _, width, height, count, jpeg = _HEAD.unpack_from(body)
    offset, parts = _HEAD.size, []
    for size in (4 * BANDS, 4 * count, count, count, count * _DIM // 2, jpeg):
        parts.append(np.frombuffer(body[offset : offset + size], np.uint8))
        offset += size
    if offset != len(body) or not width or not height:
        return None
    detail, places, sizes, angles, nibbles, encoded = parts
    pairs = places.view("<u2").reshape(-1, 2)
    packed = nibbles.reshape(-1, _DIM // 2)
    return Packed(width, height, detail, pairs, sizes, angles, packed, encoded)


def unpack(body: bytes) -> Keypoints | None:
    """Return what `detect` packed; None for a body of another version or a damaged one."""
    packed = taken_apart(body)
    if packed is None:
        return None
    thumbnail = cv2.imdecode(packed.thumbnail, cv2.IMREAD_COLOR)
    if thumbnail is None:
        return None
    return Keypoints(
        packed.width,
        packed.height,
        packed.positions(),
        packed.diameters(),
        packed.directions(),
        packed.descriptors(),
        cv2.cvtColor(thumbnail, cv2.COLOR_BGR2RGB),
        packed.detail.view("<f2").astype(np.float32).reshape(2, BANDS),
    )


#: Where each value of a descriptor comes from when the picture is flipped left to right. Seen from
#: the keypoint, left and right change places: the rows of the 4 x 4 cells are reversed and
#: gradient directions change their sign.
FLIPPED = np.arange(_DIM).reshape(4, 4, 8)[::-1][:, :, (-np.arange(8)) % 8].ravel()


@lru_cache(maxsize=4)
def mirrored(keypoints: Keypoints) -> Keypoints:
    """Return the keypoints of the picture flipped left to right, without detecting anew.

    Remembered for the last few, as one picture is held against many.
    """
    positions = keypoints.positions.copy()
    positions[:, 0] = keypoints.width - 1 - positions[:, 0]
    return replace(
        keypoints,
        positions=positions,
        angles=(np.float32(np.pi) - keypoints.angles) % np.float32(_TURN),
        descriptors=np.ascontiguousarray(keypoints.descriptors[:, FLIPPED]),
        thumbnail=np.ascontiguousarray(keypoints.thumbnail[:, ::-1]),
    )


def root(sift: Floats) -> Floats:
    """Return RootSIFT: the square root of SIFT descriptors (n, 128) that sum to one."""
    rooted: Floats = np.sqrt(sift / np.maximum(sift.sum(axis=1, keepdims=True), 1e-6))
    return rooted


def _described(grey: Pixels) -> tuple[Sequence[cv2.KeyPoint], Floats]:
    found: Sequence[cv2.KeyPoint] = ()
    raw = None
    if min(grey.shape) >= _SMALLEST_SIDE:
        sift = cv2.SIFT_create(contrastThreshold=CONTRAST, enable_precise_upscale=True)
        chosen = _choose(sift.detect(grey, None), grey.shape[1], grey.shape[0])
        found, raw = sift.compute(grey, chosen)
    return found, np.empty((0, _DIM), np.float32) if raw is None else root(raw)


def _shrunk(pixels: Pixels, long_side: int) -> Pixels:
    height, width = pixels.shape[:2]
    scale = long_side / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def _choose(found: Sequence[cv2.KeyPoint], width: int, height: int) -> list[cv2.KeyPoint]:
    """Return the strongest keypoints, in turns from all over the picture.

    Strength alone would put them all on one textured thing, and a crop without it had none.
    """
    if len(found) <= MOST:
        return list(found)
    strength = np.array([one.response for one in found], np.float32)
    places = np.array([one.pt for one in found], np.float32)
    side = max(width, height) / CELLS
    cells = (places // side).astype(np.int64) @ np.array([1, CELLS + 1])
    order = np.lexsort((-strength, cells))
    sorted_cells = cells[order]
    first = np.searchsorted(sorted_cells, sorted_cells, side="left")
    turn = np.empty(len(found), np.int64)
    turn[order] = np.arange(len(found)) - first
    best = np.lexsort((-strength, turn))[:MOST]
    return [found[n] for n in best]


def _detail(grey: Pixels) -> Floats:
    """Return root mean square and mean absolute value of the finest bands of the picture."""
    level = grey.astype(np.float32)
    rows = []
    for _ in range(BANDS):
        band = np.abs(level - cv2.GaussianBlur(level, (0, 0), 1.0))
        rows.append((float(np.sqrt(np.mean(band**2))), float(np.mean(band))))
        # Averaged as a picture is that is made smaller, so that bands of both compare.
        size = (max(1, level.shape[1] // 2), max(1, level.shape[0] // 2))
        level = cv2.resize(level, size, interpolation=cv2.INTER_AREA)
    return np.array(rows, np.float32).T


def _pack_geometry(found: Sequence[cv2.KeyPoint], width: int, height: int) -> bytes:
    """Return places (two 16-bit numbers each), then sizes, then angles (a byte each)."""
    places = np.array([one.pt for one in found], np.float64).reshape(-1, 2) / [width, height]
    sizes = np.array([one.size for one in found], np.float64)
    angles = np.array([one.angle for one in found], np.float64)
    steps = np.log2(sizes / _SMALLEST_SIZE) * _SIZES_PER_OCTAVE
    packed: bytes = (
        np.clip(np.rint(places * 65535), 0, 65535).astype("<u2").tobytes()
        + np.clip(np.rint(steps), 0, 255).astype(np.uint8).tobytes()
        + (np.rint(angles * (256 / 360)).astype(np.int64) % 256).astype(np.uint8).tobytes()
    )
    return packed


def _nibbles(descriptors: Floats) -> Pixels:
    levels = np.clip(np.rint(descriptors / _STEP), 0, _LEVELS).astype(np.uint8)
    packed: Pixels = levels[:, 0::2] | (levels[:, 1::2] << 4)
    return packed
