"""What is drawn where on the map: dots, and pictures where there is room. Pure; GUI thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]
Counts = npt.NDArray[np.uint8]

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


class Dots:
    """Counts the dots of one frame after the other, in memory that is kept from one to the next.

    Memory that comes anew from the system takes longer than the counting.
    """

    def __init__(self) -> None:
        self._shape = (0, 0, 0)
        self._many = np.zeros(0, dtype=np.uint16)
        self._few = self._total = np.zeros((0, 0), dtype=np.uint8)
        self._across: list[Counts] = []

    def drawn(self, points: Points, size: tuple[int, int], side: int) -> Counts:
        """Return (height, width) of how many dots cover each pixel, as far as that is seen.

        One count over all pixels and a few shifts of the whole picture: the time depends on its
        size more than on how many dots there are. The next call draws in the same memory.

        Args:
            points: (n, 2) middles, in pixels.
            size: (width, height) of the picture.
            side: of a dot.
        """
        self._fit(*size, side)
        high, wide = self._few.shape
        rim = np.float32(side - (side - 1) / 2)
        x, y = points[:, 0] + rim, points[:, 1] + rim
        inside = (x >= 1) & (y >= 1) & (x < wide - side) & (y < high - side)
        cells = y[inside].astype(np.int32) * np.int32(wide) + x[inside].astype(np.int32)
        self._many.fill(0)
        np.add.at(self._many, cells, np.uint16(1))
        starts = _disc(side)
        # What covers a pixel is a sum over the disc, and must fit into a byte.
        most = min(MOST_DOTS, 255 // sum(side - 2 * start for start in starts))
        np.minimum(self._many, np.uint16(most), out=self._many)
        self._few[...] = self._many.reshape(high, wide)
        self._add_across(side)
        self._total.fill(0)
        for line, start in enumerate(starts):
            self._total += self._across[start][side - line : high - side - line]
        return self._total

    def _add_across(self, side: int) -> None:
        """Count, by where a line of a dot starts, how many such lines cover each pixel."""
        wide = self._few.shape[1]

        def shifted(x: int) -> Counts:
            return self._few[:, side - x : wide - side - x]

        last = len(self._across) - 1
        self._across[last][...] = shifted(last)
        if side % 2 == 0:
            self._across[last] += shifted(side - 1 - last)
        for start in reversed(range(last)):
            np.add(self._across[start + 1], shifted(start), out=self._across[start])
            self._across[start] += shifted(side - 1 - start)

    def _fit(self, width: int, height: int, side: int) -> None:
        if self._shape == (width, height, side):
            return
        self._shape = width, height, side
        # With a rim as wide as a dot, so that one half in view shows its half.
        wide, high = width + 2 * side, height + 2 * side
        self._many = np.zeros(wide * high, dtype=np.uint16)
        self._few = np.zeros((high, wide), dtype=np.uint8)
        self._total = np.zeros((height, width), dtype=np.uint8)
        self._across = [np.zeros((high, width), dtype=np.uint8) for _ in range((side + 1) // 2)]


def _disc(side: int) -> list[int]:
    """Return where each line of a dot starts; it ends as far from the other edge."""
    middle, radius = (side - 1) / 2, side / 2
    return [
        next(x for x in range(side) if (x - middle) ** 2 + (y - middle) ** 2 <= radius**2)
        for y in range(side)
    ]


@cache
def shades(colour: tuple[int, int, int]) -> list[int]:
    """Return the colours, as ARGB, of pixels that so many dots cover."""
    red, green, blue = colour
    covers = (round(255 * (1 - (1 - COVER) ** min(many, MOST_DOTS))) for many in range(256))
    return [cover << 24 | red << 16 | green << 8 | blue for cover in covers]


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
    before = np.array(first, dtype=np.int64)
    offered = dict.fromkeys(before[np.isin(before, rows)].tolist())
    offered.update(dict.fromkeys(rows[:most].tolist()))
    tried = np.fromiter(offered, dtype=np.int64, count=len(offered))
    at = points[tried]
    x, y = at[:, 0], at[:, 1]
    free = np.ones(len(tried), dtype=bool)
    found: list[Spot] = []
    while free.any():
        best = int(free.argmax())
        spot = Spot(int(tried[best]), float(x[best]), float(y[best]))
        found.append(spot)
        free &= (np.abs(x - spot.x) >= room[0]) | (np.abs(y - spot.y) >= room[1])
        free[best] = False
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
