"""Makes of keypoints what a first look at two pictures needs, for many pictures in one go. Pure.

Keypoints are sorted by visual word, and each is known by a word of 64 bits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from twinlens.imaging.keypoints import (
    FLIPPED,
    Floats,
    Keypoints,
    Packed,
    Pixels,
    taken_apart,
    unpacked,
)
from twinlens.matching.pixels import TINY, tiny
from twinlens.matching.shortlist import WORDS, vocabulary

Numbers = NDArray[np.int64]
Steps = NDArray[np.int16]
Signs = NDArray[np.uint64]
Complexes = NDArray[np.complex64]

#: The first keypoints, which are strong and from all over the picture, and the axes of descriptors
#: that are looked at.
POINTS, AXES = 240, 32
#: Words are told apart by the first of the axes.
WORD_AXES = 16
#: Along each axis a descriptor is low, in the middle or high: that many deviations from the mean.
MIDDLE = 1.0
#: Sizes are told apart by steps of an octave, directions by steps of a turn.
OCTAVE, TURN = 16, 256
_WORDS = np.arange(WORDS + 1)


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
    return sketches([body])[0]


def sketches(bodies: Sequence[bytes]) -> list[Sketch | None]:
    """Return the sketches of packed keypoints, made together; None for a damaged body."""
    pictures = [_opened(body) for body in bodies]
    whole = [one for one in pictures if one is not None]
    if not whole:
        return [None] * len(bodies)
    parts = [one for one, _ in whole]
    points = _Points(
        [len(one.angles[:POINTS]) for one in parts],
        np.concatenate([one.positions(POINTS) for one in parts]),
        np.concatenate([one.angles[:POINTS] for one in parts]),
        np.concatenate([one.sizes[:POINTS] for one in parts]).astype(np.int16) - OCTAVE,
        unpacked(np.concatenate([one.nibbles[:POINTS] for one in parts])),
    )
    sizes = [(one.width, one.height) for one in parts]
    made = iter(_sketched(sizes, points, [grey for _, grey in whole]))
    return [None if one is None else next(made) for one in pictures]


def _opened(body: bytes) -> tuple[Packed, Pixels] | None:
    """Return packed keypoints with the grey picture; None for a damaged body."""
    packed = taken_apart(body)
    if packed is None:
        return None
    # Half as large is as good, and quicker made tiny.
    grey = cv2.imdecode(packed.thumbnail, cv2.IMREAD_REDUCED_GRAYSCALE_2)
    return None if grey is None else (packed, grey)


def sketch_of(picture: Keypoints) -> Sketch:
    """Return the sketch of keypoints."""
    points = _Points(
        [len(picture.angles[:POINTS])],
        picture.positions[:POINTS],
        # A whole turn is none, as it is for bytes.
        np.rint(picture.angles[:POINTS] * np.float32(TURN / (2 * np.pi)))
        .astype(np.int16)
        .astype(np.uint8),
        np.rint(np.log2(picture.sizes[:POINTS]) * OCTAVE).astype(np.int16),
        picture.descriptors[:POINTS],
    )
    grey = cv2.cvtColor(picture.thumbnail, cv2.COLOR_RGB2GRAY)
    return _sketched([(picture.width, picture.height)], points, [grey])[0]


class _Points(NamedTuple):
    """Keypoints of several pictures, one after the other; `counts` says how many each has."""

    counts: list[int]
    positions: Floats
    turns: Pixels
    sizes: Steps
    descriptors: Floats


def _sketched(
    sizes: Sequence[tuple[int, int]], points: _Points, greys: Sequence[Pixels]
) -> list[Sketch]:
    """Return the sketches of pictures of a width and height."""
    axes = _axes()
    found = (points.descriptors @ axes.views).reshape(-1, AXES)
    near = found[:, :WORD_AXES] @ axes.words - axes.half
    words = near.argmax(axis=1).astype(np.uint8).reshape(-1, 2)
    bits = np.empty((len(found), 2 * AXES), np.bool_)
    np.greater(found, axes.low, out=bits[:, :AXES])
    np.greater(found, axes.high, out=bits[:, AXES:])
    signs = np.packbits(bits, axis=1).view(np.uint64).reshape(-1, 2)
    picture = np.repeat(np.arange(len(sizes)), points.counts)
    order = np.argsort(picture * len(_WORDS) + words[:, 0], kind="stable")
    words, signs = words[order], signs[order]
    places = np.empty((len(order), 2), np.complex64)
    places[:, 0] = np.ascontiguousarray(points.positions[order]).view(np.complex64)[:, 0]
    widths = np.array([width for width, _ in sizes], np.float32)[picture]
    places[:, 1] = widths - 1 - places[:, 0].conj()
    turns = points.turns[order]
    steps = points.sizes[order]
    ends = np.cumsum(points.counts)
    made = []
    for (width, height), count, end, grey in zip(sizes, points.counts, ends, greys, strict=True):
        part = slice(end - count, end)
        whole = tiny(grey)
        made.append(
            Sketch(
                max(width, height),
                np.ascontiguousarray(words[part].T),
                np.ascontiguousarray(signs[part].T),
                np.ascontiguousarray(places[part].T),
                np.stack([turns[part], TURN // 2 - turns[part]]),
                np.stack([steps[part], steps[part]]),
                np.searchsorted(words[part, 0], _WORDS),
                np.zeros(TINY * TINY, np.float32) if whole is None else whole.ravel(),
            )
        )
    return made


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
