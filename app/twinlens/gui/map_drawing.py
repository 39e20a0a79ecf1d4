"""What is drawn where on the map: dots, and pictures where there is room. Pure; GUI thread."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]
Colours = npt.NDArray[np.uint32]

#: How much of the background one dot covers; several at one place cover more.
COVER = 0.55
#: More dots at one place look alike.
MOST_DOTS = 8


@dataclass(frozen=True, slots=True)
class Spot:
    """A picture on the map: (row) of the photo, and its middle in the view."""

    row: int
    x: float
    y: float


def dots(points: Points, size: tuple[int, int], side: int, colour: tuple[int, int, int]) -> Colours:
    """Return (height, width) premultiplied ARGB of dots.

    One count over all pixels and a few shifts of the whole picture: the time depends on its size
    more than on how many dots there are.

    Args:
        points: (n, 2) middles, in pixels.
        size: (width, height) of the picture.
        side: of a dot.
        colour: (red, green, blue).
    """
    width, height = size
    corner = np.floor(points - (side - 1) / 2).astype(np.int32)
    x, y = corner[:, 0], corner[:, 1]
    # With a rim as wide as a dot, so that one half in view shows its half.
    wide, high = width + 2 * side, height + 2 * side
    inside = (x > -side) & (y > -side) & (x < width) & (y < height)
    cells = (y[inside] + side) * np.int32(wide) + (x[inside] + side)
    many = np.bincount(cells, minlength=wide * high)
    counts = np.minimum(many, MOST_DOTS).astype(np.uint8).reshape(high, wide)
    total = np.zeros((height, width), dtype=np.uint8)
    for dx, dy in _disc(side):
        total += counts[side - dy : side - dy + height, side - dx : side - dx + width]
    drawn: Colours = np.take(_shades(colour), total, mode="clip")
    return drawn


def _disc(side: int) -> list[tuple[int, int]]:
    """Return the pixels of a dot."""
    middle, radius = (side - 1) / 2, side / 2
    return [
        (x, y)
        for x in range(side)
        for y in range(side)
        if (x - middle) ** 2 + (y - middle) ** 2 <= radius**2
    ]


def _shades(colour: tuple[int, int, int]) -> Colours:
    """Return the colour of 0 to MOST_DOTS dots at one place."""
    cover = 1 - (1 - COVER) ** np.arange(MOST_DOTS + 1)
    alpha = np.round(cover * 255).astype(np.uint32)
    red, green, blue = (np.round(cover * part).astype(np.uint32) for part in colour)
    shades: Colours = (alpha << 24 | red << 16 | green << 8 | blue).astype(np.uint32)
    return shades


def spots(
    points: Points,
    rows: Ids,
    room: tuple[float, float],
    first: Sequence[int] = (),
    most: int = 400,
) -> list[Spot]:
    """Return photos whose pictures have room beside each other, in the order they are offered.

    Args:
        points: (n, 2) middles of all photos, in the view.
        rows: of photos to be shown, those that matter most first.
        room: width and height that a picture takes.
        first: rows that come before these, as they show already.
        most: so many are tried.
    """
    can_show = set(rows.tolist())
    offered = dict.fromkeys([row for row in first if row in can_show])
    offered.update(dict.fromkeys(rows[:most].tolist()))
    taken = np.empty((len(offered), 2), dtype=np.float32)
    found: list[Spot] = []
    width, height = room
    for row in offered:
        x, y = points[row].tolist()
        before = taken[: len(found)]
        near = (np.abs(before[:, 0] - x) < width) & (np.abs(before[:, 1] - y) < height)
        if not near.any():
            taken[len(found)] = x, y
            found.append(Spot(row, x, y))
    return found


def within(points: Points, outline: Points) -> npt.NDArray[np.bool_]:
    """Return which of (n, 2) points lie inside a closed outline of (m, 2) corners, by parity."""
    low, high = outline.min(axis=0), outline.max(axis=0)
    inside: npt.NDArray[np.bool_] = ((points >= low) & (points <= high)).all(axis=1)
    x, y = points[inside, 0], points[inside, 1]
    odd = np.zeros(len(x), dtype=bool)
    for (x1, y1), (x2, y2) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        crosses = (y1 > y) != (y2 > y)
        with np.errstate(divide="ignore", invalid="ignore"):
            odd ^= crosses & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    inside[inside] = odd
    return inside
