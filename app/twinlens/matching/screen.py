"""Says of pairs of pictures, at little cost, that judging them would prove nothing. Pure.

Keypoints of the same visual word whose signs agree in nearly all bits are taken for matches, and
whether any few of these agree on how one picture lies on the other is seen at once. Many pairs are
looked at in one go, so that most of the work is done outside of the interpreter's lock.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from twinlens.imaging.keypoints import Pixels
from twinlens.matching.pixels import TINY
from twinlens.matching.shortlist import WORDS
from twinlens.matching.sketch import OCTAVE, TURN, Numbers, Sketch, Steps
from twinlens.matching.verify import SIZE_SLACK, TOLERANCES, TURN_SLACK

Flags = NDArray[np.bool_]
Kind = TypeVar("Kind", bound=np.generic)

#: Signs that differ in more bits show different things.
MOST_BITS = 10
#: Matches that may propose how pictures lie, the nearest; where a pattern is repeated, many of them
#: are wrong.
PROPOSALS = 40
#: Copies have more that agree roughly, another shot of the same has so many at least.
AGREEING = 5
#: As wholes, small pictures that correlate less are not looked at any closer either.
WORTH_LOOKING = 0.84
#: Pairs looked at in one go: what they need stays in a processor's cache.
_CHUNK = 32
_SIDE = np.arange(TINY * TINY).reshape(TINY, TINY)
#: Where the pixels come from in each of the eight ways to lay a square on another.
_WAYS = np.stack([np.rot90(w, n).ravel() for w in (_SIDE, _SIDE[:, ::-1]) for n in range(4)])
_TURNED = np.exp(2j * np.pi / TURN * np.arange(TURN)).astype(np.complex64)


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
    scale = np.exp2(zoom.astype(np.float32) / OCTAVE)
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
    alike = np.abs(zooms[:, :, None] - zooms[:, None]) < SIZE_SLACK * OCTAVE
    slack = np.uint8(TURN_SLACK * TURN / (2 * np.pi))
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
