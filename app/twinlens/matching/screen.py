"""Says of pairs of pictures, at a tenth of the cost, that judging them would prove nothing. Pure.

Half of the keypoints and a quarter of what their descriptors hold are enough to see whether any few
of them agree on how one picture lies on the other. Many pairs are looked at in one go, so that most
of the work is done outside of the interpreter's lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from twinlens.imaging.keypoints import FLIPPED, Floats, Keypoints, Pixels, taken_apart
from twinlens.matching.pixels import TINY, tiny
from twinlens.matching.shortlist import vocabulary
from twinlens.matching.verify import RATIO, SIZE_SLACK, TOLERANCES, TURN_SLACK

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]
Complexes = NDArray[np.complex64]

#: The first keypoints, which are strong and from all over the picture, and the axes of descriptors
#: that are looked at.
POINTS, AXES = 160, 32
#: Pairs of keypoints that may propose how pictures lie, the most distinctive.
PROPOSALS = 24
#: Copies have more that agree roughly, another shot of the same has so many at least.
AGREEING = 5
#: As wholes, small pictures that correlate less are not looked at any closer either.
WORTH_LOOKING = 0.84
#: Pairs looked at in one go: what they need stays in a processor's cache.
_CHUNK = 16
_SIDE = np.arange(TINY * TINY).reshape(TINY, TINY)
#: Where the pixels come from in each of the eight ways to lay a square on another.
_WAYS = np.stack([np.rot90(w, n).ravel() for w in (_SIDE, _SIDE[:, ::-1]) for n in range(4)])


@dataclass(frozen=True, slots=True)
class Sketch:
    """What little of a picture a first look needs; rows after the first `count` hold nothing.

    `descriptors` is (2, POINTS, AXES) float32, of the picture and of its mirror image; `places` and
    `directions` are (2, POINTS), complex, in pixels and of length 1; `octaves` (POINTS,) are sizes.
    `side` is the long side, `whole` the picture made tiny, zeros where it is flat.
    """

    count: int
    side: int
    descriptors: Floats
    places: Complexes
    directions: Complexes
    octaves: Floats
    whole: Floats


def sketch(body: bytes) -> Sketch | None:
    """Return the sketch of packed keypoints; None for a damaged body."""
    packed = taken_apart(body)
    if packed is None:
        return None
    # Half as large is as good, and quicker made tiny.
    grey = cv2.imdecode(packed.thumbnail, cv2.IMREAD_REDUCED_GRAYSCALE_2)
    if grey is None:
        return None
    points = (packed.positions(POINTS), packed.directions(POINTS), packed.diameters(POINTS))
    return _sketch(packed.width, packed.height, packed.descriptors(POINTS), points, grey)


def sketch_of(picture: Keypoints) -> Sketch:
    """Return the sketch of keypoints."""
    points = (picture.positions[:POINTS], picture.angles[:POINTS], picture.sizes[:POINTS])
    grey = cv2.cvtColor(picture.thumbnail, cv2.COLOR_RGB2GRAY)
    return _sketch(picture.width, picture.height, picture.descriptors[:POINTS], points, grey)


def _sketch(
    width: int, height: int, known: Floats, points: tuple[Floats, Floats, Floats], grey: Pixels
) -> Sketch:
    """Return the sketch of descriptors with their positions, angles and sizes."""
    positions, angles, sizes = points
    centre, axes = _views()
    found = (known - centre) @ axes
    count = len(found)
    descriptors = np.zeros((2, POINTS, AXES), np.float32)
    descriptors[0, :count], descriptors[1, :count] = found[:, :AXES], found[:, AXES:]
    lengths = np.linalg.norm(descriptors, axis=2, keepdims=True)
    descriptors /= np.maximum(lengths, np.float32(1e-6))
    places, directions = np.zeros((2, 2, POINTS), np.complex64)
    x, y = positions.T
    places[0, :count], places[1, :count] = x + 1j * y, width - 1 - x + 1j * y
    turned = np.exp(1j * angles)
    directions[0, :count], directions[1, :count] = turned, -turned.conj()
    octaves = np.zeros(POINTS, np.float32)
    octaves[:count] = np.log2(sizes)
    whole = tiny(grey)
    flat = np.zeros(TINY * TINY, np.float32)
    whole = flat if whole is None else whole.ravel()
    return Sketch(count, max(width, height), descriptors, places, directions, octaves, whole)


def unlike(pairs: Sequence[tuple[Sketch, Sketch]]) -> Flags:
    """Return for each pair whether nothing would be proven of it; (n,)."""
    found = np.empty(len(pairs), np.bool_)
    for start in range(0, len(pairs), _CHUNK):
        ours, theirs = zip(*pairs[start : start + _CHUNK], strict=True)
        wholes = np.stack([one.whole for one in ours])[:, _WAYS]
        likeness = wholes @ np.stack([one.whole for one in theirs])[:, :, np.newaxis]
        found[start : start + _CHUNK] = (likeness.max(axis=(1, 2)) < WORTH_LOOKING) & (
            _agreeing(ours, theirs) < AGREEING
        )
    return found


def _agreeing(ours: Sequence[Sketch], theirs: Sequence[Sketch]) -> Numbers:
    """Return how many of the most distinctive matches agree on one way to lay a picture; (n,)."""
    rows, others, distinct = _matches(ours, theirs)
    # Both views of a pair stand one after the other.
    places = np.take_along_axis(_both(ours, "places"), rows, 1)
    directions = np.take_along_axis(_both(ours, "directions"), rows, 1)
    octaves = np.take_along_axis(np.repeat(_all(ours, "octaves"), 2, axis=0), rows, 1)
    aims = np.take_along_axis(_twice(theirs, "places"), others, 1)
    zoom = np.take_along_axis(np.repeat(_all(theirs, "octaves"), 2, axis=0), others, 1) - octaves
    turn = np.take_along_axis(_twice(theirs, "directions"), others, 1) * directions.conj()
    # A similarity multiplies complex numbers and adds one.
    factor = np.exp2(zoom) * turn
    shift = aims - factor * places
    off = factor[:, :, None] * places[:, None] + shift[:, :, None] - aims[:, None]
    sides = np.repeat([one.side for one in theirs], 2).astype(np.float32)
    limit = np.square(TOLERANCES[0] * sides)[:, None] * np.exp2(zoom)
    agree = np.square(off.real) + np.square(off.imag) < limit[:, :, None]
    agree &= np.abs(zoom[:, :, None] - zoom[:, None]) < SIZE_SLACK
    agree &= (turn[:, :, None].conj() * turn[:, None]).real > np.cos(TURN_SLACK)
    agree &= distinct[:, :, None] & distinct[:, None]
    counts: Numbers = agree.sum(axis=2).max(axis=1).reshape(-1, 2).max(axis=1)
    return counts


def _matches(
    ours: Sequence[Sketch], theirs: Sequence[Sketch]
) -> tuple[Numbers, Numbers, NDArray[np.bool_]]:
    """Return rows of each view of ours, rows of theirs, and whether they match; (2 n, PROPOSALS).

    As `look_alikes` does, but of the most distinctive matches only.
    """
    likeness = _all(ours, "descriptors").reshape(len(ours), -1, AXES) @ (
        np.stack([one.descriptors[0] for one in theirs]).transpose(0, 2, 1)
    )
    likeness = likeness.reshape(-1, POINTS, POINTS)
    nearest = likeness.argmax(axis=2)
    first = np.take_along_axis(likeness, nearest[:, :, None], 2)[:, :, 0]
    mutual = first >= np.take_along_axis(likeness.max(axis=1), nearest, 1)
    np.put_along_axis(likeness, nearest[:, :, None], -1, 2)
    ratio = (1 - first) / np.maximum(1 - likeness.max(axis=2), np.float32(1e-6))
    counts = np.repeat([(o.count, t.count) for o, t in zip(ours, theirs, strict=True)], 2, axis=0)
    there = (np.arange(POINTS) < counts[:, :1]) & (nearest < counts[:, 1:])
    ratio[~(mutual & there)] = np.inf
    rows = np.argpartition(ratio, PROPOSALS, axis=1)[:, :PROPOSALS]
    distinct = np.take_along_axis(ratio, rows, 1) < RATIO**2
    return rows, np.take_along_axis(nearest, rows, 1), distinct


def _all(sketches: Sequence[Sketch], name: str) -> Floats:
    return np.stack([getattr(one, name) for one in sketches])


def _both(sketches: Sequence[Sketch], name: str) -> Complexes:
    return np.concatenate([getattr(one, name) for one in sketches])


def _twice(sketches: Sequence[Sketch], name: str) -> Complexes:
    return np.repeat(np.stack([getattr(one, name)[0] for one in sketches]), 2, axis=0)


@cache
def _views() -> tuple[Floats, Floats]:
    """Return the middle of all descriptors and the axes for a picture and its mirror image."""
    words, axes = vocabulary()
    flipped = np.empty_like(axes[:AXES])
    flipped[:, FLIPPED] = axes[:AXES]
    both = np.vstack([axes[:AXES], flipped]).T
    return words.mean(axis=0), np.ascontiguousarray(both)
