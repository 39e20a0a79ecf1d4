"""Says of pairs of pictures, at little cost, that judging them would prove nothing. Pure.

Keypoints of the same visual word whose signs agree in nearly all bits are taken for matches, and
whether any few of these agree on how one picture lies on the other is seen at once. Many pairs are
looked at in one go, so that most of the work is done outside of the interpreter's lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from twinlens.imaging.keypoints import FLIPPED, Floats, Keypoints, Pixels, taken_apart
from twinlens.matching.pixels import TINY, tiny
from twinlens.matching.shortlist import WORDS, vocabulary
from twinlens.matching.verify import SIZE_SLACK, TOLERANCES, TURN_SLACK

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]
Steps = NDArray[np.int16]
Signs = NDArray[np.uint64]
Complexes = NDArray[np.complex64]
Kind = TypeVar("Kind", bound=np.generic)

#: The first keypoints, which are strong and from all over the picture, and the axes of descriptors
#: that are looked at.
POINTS, AXES = 240, 32
#: Words are told apart by the first of the axes.
WORD_AXES = 16
#: Along each axis a descriptor is low, in the middle or high: that many deviations from the mean.
MIDDLE = 1.0
#: Signs that differ in more bits show different things.
MOST_BITS = 10
#: Matches that may propose how pictures lie, the nearest.
PROPOSALS = 24
#: Copies have more that agree roughly, another shot of the same has so many at least.
AGREEING = 5
#: As wholes, small pictures that correlate less are not looked at any closer either.
WORTH_LOOKING = 0.84
#: Pairs looked at in one go: what they need stays in a processor's cache.
_CHUNK = 32
#: Sizes are told apart by steps of an octave, directions by steps of a turn.
_OCTAVE, _TURN = 16, 256
_SIDE = np.arange(TINY * TINY).reshape(TINY, TINY)
#: Where the pixels come from in each of the eight ways to lay a square on another.
_WAYS = np.stack([np.rot90(w, n).ravel() for w in (_SIDE, _SIDE[:, ::-1]) for n in range(4)])
_WORDS = np.arange(WORDS + 1)
_TURNED = np.exp(2j * np.pi / _TURN * np.arange(_TURN)).astype(np.complex64)


@dataclass(frozen=True, slots=True)
class Sketch:
    """What little of a picture a first look needs.

    Of its n keypoints, ordered by word: `words`, `signs`, `places`, `turns` and `sizes` are (2, n),
    of the picture and of its mirror image, whose words are in no order; places are complex, in
    pixels. `starts` (WORDS + 1,) tells where those of a word begin. `side` is the long side,
    `whole` the picture made tiny, zeros where it is flat.
    """

    side: int
    words: Pixels
    signs: Signs
    places: Complexes
    turns: Pixels
    sizes: Steps
    starts: Numbers
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
    axes = _axes()
    found = (known @ axes.views).reshape(-1, AXES)
    near = found[:, :WORD_AXES] @ axes.words - axes.half
    words = near.argmax(axis=1).astype(np.uint8).reshape(-1, 2)
    bits = np.empty((len(found), 2 * AXES), np.bool_)
    np.greater(found, axes.low, out=bits[:, :AXES])
    np.greater(found, axes.high, out=bits[:, AXES:])
    signs = np.packbits(bits, axis=1).view(np.uint64).reshape(-1, 2)
    order = np.argsort(words[:, 0], kind="stable")
    words = np.ascontiguousarray(words[order].T)
    count = len(order)
    places, turns = np.empty((2, count), np.complex64), np.empty((2, count), np.uint8)
    steps = np.empty((2, count), np.int16)
    places[0] = np.ascontiguousarray(positions[order]).view(np.complex64)[:, 0]
    places[1] = width - 1 - places[0].conj()
    # A whole turn is none, as it is for bytes.
    turns[0] = np.rint(angles[order] * np.float32(_TURN / (2 * np.pi))).astype(np.int16)
    turns[1] = _TURN // 2 - turns[0]
    steps[:] = np.rint(np.log2(sizes[order]) * _OCTAVE)
    whole = tiny(grey)
    return Sketch(
        max(width, height),
        words,
        np.ascontiguousarray(signs[order].T),
        places,
        turns,
        steps,
        np.searchsorted(words[0], _WORDS),
        np.zeros(TINY * TINY, np.float32) if whole is None else whole.ravel(),
    )


def unlike(pairs: Sequence[tuple[Sketch, Sketch]]) -> Flags:
    """Return for each pair whether nothing would be proven of it; (n,)."""
    found = np.empty(len(pairs), np.bool_)
    for start in range(0, len(pairs), _CHUNK):
        part = slice(start, start + _CHUNK)
        ours, theirs = zip(*pairs[part], strict=True)
        refused = _agreeing(ours, theirs) < AGREEING
        few = np.flatnonzero(refused)
        wholes = np.stack([one.whole for one in ours])[few][:, _WAYS]
        likeness = wholes @ np.stack([one.whole for one in theirs])[few][:, :, np.newaxis]
        refused[few] = likeness.max(axis=(1, 2)) < WORTH_LOOKING
        found[part] = refused
    return found


class _Matches(NamedTuple):
    """Rows of ours and of theirs that look alike, by the view (two a pair) that ours belong to.

    Views ascend; in each of them the most alike come first, and `rank` counts them.
    """

    rows: Numbers
    others: Numbers
    view: Numbers
    rank: Numbers


def _agreeing(ours: Sequence[Sketch], theirs: Sequence[Sketch]) -> Numbers:
    """Return how many of the nearest matches agree on one way to lay a picture; (n,)."""
    rows, others, view, rank = _matches(ours, theirs)
    place, aim = (
        _both([one.places for one in ours])[rows],
        _plain([one.places for one in theirs])[others],
    )
    turn = _plain([one.turns for one in theirs])[others] - _both([one.turns for one in ours])[rows]
    zoom = _plain([one.sizes for one in theirs])[others] - _both([one.sizes for one in ours])[rows]
    one, other = _alike(view, rank, turn, zoom, 2 * len(ours))
    # A similarity multiplies complex numbers and adds one.
    scale = np.exp2(zoom.astype(np.float32) / _OCTAVE)
    off = (scale * _TURNED[turn])[one] * (place[other] - place[one]) + (aim[one] - aim[other])
    sides = np.array([TOLERANCES[0] * sketch.side for sketch in theirs], np.float32)
    limit = np.square(sides)[view >> 1] * scale
    met = np.square(off.real) + np.square(off.imag) < limit[one]
    counts = np.zeros((2 * len(ours), PROPOSALS), np.int64)
    counts[view, rank] = np.bincount(one[met], minlength=len(rows))
    most: Numbers = counts.max(axis=1).reshape(-1, 2).max(axis=1)
    return most


def _alike(
    view: Numbers, rank: Numbers, turn: Pixels, zoom: Steps, views: int
) -> tuple[Numbers, Numbers]:
    """Return pairs of matches of one view that turn and zoom the picture alike, both ways round."""
    turns = np.zeros((views, PROPOSALS), np.uint8)
    # What is not there zooms like nothing else, but like itself.
    zooms = np.full((views, PROPOSALS), np.iinfo(np.int16).max // 2, np.int16)
    numbers = np.full((views, PROPOSALS), -1)
    turns[view, rank], zooms[view, rank], numbers[view, rank] = turn, zoom, np.arange(len(view))
    alike = np.abs(zooms[:, :, None] - zooms[:, None]) < SIZE_SLACK * _OCTAVE
    slack = np.uint8(TURN_SLACK * _TURN / (2 * np.pi))
    # Steps of a turn wrap around as bytes do.
    alike &= turns[:, :, None] - turns[:, None] + slack <= 2 * slack
    alike &= numbers[:, :, None] >= 0
    found, one, other = np.nonzero(alike)
    return numbers[found, one], numbers[found, other]


def _matches(ours: Sequence[Sketch], theirs: Sequence[Sketch]) -> _Matches:
    """Return the nearest matches of each view, `PROPOSALS` at most, none with a keypoint twice.

    Keypoints of one word whose signs agree are matches.
    """
    sizes = np.array([one.words.size for one in ours])
    pair = np.repeat(np.arange(len(ours)), sizes)
    lengths = np.array([one.words.shape[1] for one in theirs])
    at = pair * (WORDS + 1) + _both([one.words for one in ours])
    starts = np.concatenate([one.starts for one in theirs])
    count = starts[at + 1] - starts[at]
    first = starts[at] + (np.cumsum(lengths) - lengths)[pair] - (np.cumsum(count) - count)
    rows = np.repeat(np.arange(len(at)), count)
    others = np.arange(len(rows)) + np.repeat(first, count)
    bits = np.bitwise_count(
        _both([one.signs for one in ours])[rows] ^ _plain([one.signs for one in theirs])[others]
    )
    near = np.flatnonzero(bits <= MOST_BITS)
    near = near[np.argsort(bits[near], kind="stable")]
    rows, others = rows[near], others[near]
    view = np.repeat(np.arange(2 * len(ours)), np.repeat(sizes // 2, 2))[rows].astype(np.uint16)
    once = _firsts(rows, len(at))
    rows, others, view = rows[once], others[once], view[once]
    once = _firsts(2 * others + (view & 1), 2 * int(lengths.sum()))
    once = once[np.argsort(view[once], kind="stable")]
    rows, others, view = rows[once], others[once], view[once]
    number = np.bincount(view, minlength=2 * len(ours))
    rank = np.arange(len(rows)) - (np.cumsum(number) - number)[view]
    kept = rank < PROPOSALS
    return _Matches(rows[kept], others[kept], view[kept].astype(np.int64), rank[kept])


def _firsts(keys: Numbers, most: int) -> Numbers:
    """Return where each key, less than `most`, stands for the first time, ascending."""
    places = np.arange(len(keys))
    seen = np.empty(most, np.int64)
    # Of several that are written to one place, the last one stays.
    seen[keys[::-1]] = places[::-1]
    return np.flatnonzero(seen[keys] == places)


def _both(parts: Sequence[NDArray[Kind]]) -> NDArray[Kind]:
    """Return what both views of all pictures have, one after the other."""
    return np.concatenate([part.ravel() for part in parts])


def _plain(parts: Sequence[NDArray[Kind]]) -> NDArray[Kind]:
    """Return what all pictures have as they are, one after the other."""
    return np.concatenate([part[0] for part in parts])


class _Axes(NamedTuple):
    """What descriptors are held against.

    `views` (128, 2 AXES) are the axes for a picture and for its mirror image. `words` (WORD_AXES,
    WORDS) lie along the first of them, `half` (WORDS,) are half of their squared lengths there.
    What is not above `low` (AXES,) is low, what is above `high` is high.
    """

    views: Floats
    words: Floats
    half: Floats
    low: Floats
    high: Floats


@cache
def _axes() -> _Axes:
    words, axes = vocabulary()
    flipped = np.empty_like(axes[:AXES])
    flipped[:, FLIPPED] = axes[:AXES]
    along = words @ axes[:AXES].T
    middle, width = along.mean(axis=0), MIDDLE * along.std(axis=0)
    near = np.ascontiguousarray(along[:, :WORD_AXES].T)
    views = np.ascontiguousarray(np.vstack([axes[:AXES], flipped]).T)
    return _Axes(views, near, np.square(near).sum(axis=0) / 2, middle - width, middle + width)
