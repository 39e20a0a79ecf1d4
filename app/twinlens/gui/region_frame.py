"""The geometry of a rectangle on a picture, in fractions of it. Pure; runs on the GUI thread."""

from enum import Enum

from twinlens.records import Region

SMALLEST = 0.02
"""A side shorter than this was a click, not a choice."""

Point = tuple[float, float]


class Grip(Enum):
    """Where a frame is held: a side or corner as (-1, 0, 1) to the left and top, or inside."""

    TOP_LEFT = (-1, -1)
    TOP = (0, -1)
    TOP_RIGHT = (1, -1)
    RIGHT = (1, 0)
    BOTTOM_RIGHT = (1, 1)
    BOTTOM = (0, 1)
    BOTTOM_LEFT = (-1, 1)
    LEFT = (-1, 0)
    INSIDE = (0, 0)


def spanned(first: Point, second: Point) -> Region | None:
    """Return the part of the picture between two points; None where it is too small to be one."""
    (x0, x1), (y0, y1) = (sorted((_within(first[axis]), _within(second[axis]))) for axis in (0, 1))
    if x1 - x0 < SMALLEST or y1 - y0 < SMALLEST:
        return None
    return Region(x0, y0, x1 - x0, y1 - y0)


def moved(region: Region, dx: float, dy: float) -> Region:
    """Return a region moved as far as the picture reaches."""
    x = min(max(region.x + dx, 0.0), 1.0 - region.width)
    y = min(max(region.y + dy, 0.0), 1.0 - region.height)
    return Region(x, y, region.width, region.height)


def stretched(region: Region, grip: Grip, dx: float, dy: float) -> Region:
    """Return a region with the sides of a grip moved; `INSIDE` moves it whole."""
    if grip is Grip.INSIDE:
        return moved(region, dx, dy)
    across, down = grip.value
    x0, x1 = _sides(region.x, region.x + region.width, across, dx)
    y0, y1 = _sides(region.y, region.y + region.height, down, dy)
    return Region(x0, y0, x1 - x0, y1 - y0)


def grip_at(region: Region, point: Point, reach: Point) -> Grip | None:
    """Return where a point holds a region.

    Args:
        region: the frame.
        point: in fractions of the picture.
        reach: how near to a side counts, in fractions across and down.
    """
    across = _side_at(point[0], region.x, region.width, reach[0])
    down = _side_at(point[1], region.y, region.height, reach[1])
    return None if across is None or down is None else Grip((across, down))


def middle() -> Region:
    """Return the region that the keyboard starts from."""
    return Region(0.25, 0.25, 0.5, 0.5)


def _within(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _sides(low: float, high: float, which: int, by: float) -> tuple[float, float]:
    if which < 0:
        return min(_within(low + by), high - SMALLEST), high
    if which > 0:
        return low, max(_within(high + by), low + SMALLEST)
    return low, high


def _side_at(value: float, start: float, length: float, reach: float) -> int | None:
    # In a small frame both sides reach: the nearer one is meant, and its middle moves it.
    reach_inside = min(reach, length / 3)
    if start - reach <= value <= start + reach_inside:
        return -1
    if start + length - reach_inside <= value <= start + length + reach:
        return 1
    return 0 if start < value < start + length else None
