"""Puts tiles in order and into sections by month. Pure: large sets are arranged on any thread."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby

import numpy as np
import numpy.typing as npt

from twinlens.records import Tile

MONTH = len("2024-05")


class Order(StrEnum):
    """What decides the order of the grid."""

    SIMILARITY = "similarity"
    DATE = "date"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Section:
    """Consecutive tiles of one month; `month` is "2024-05", empty for photos without a date."""

    first: int
    count: int
    month: str


@dataclass(frozen=True, slots=True, eq=False)
class Arrangement:
    """Tiles in the order of the grid.

    `ranks` (n,) int64 is the place of each in the order they were given, from 1; `by_id` (n,)
    int64 are the rows sorted by photo id and `ids` (n,) int64 the photo ids in that order.
    """

    tiles: tuple[Tile, ...]
    ranks: npt.NDArray[np.int64]
    ids: npt.NDArray[np.int64]
    by_id: npt.NDArray[np.int64]
    sections: tuple[Section, ...]

    def row_of(self, photo_id: int) -> int | None:
        """Return the row of a photo, None when it is not shown."""
        place = int(np.searchsorted(self.ids, photo_id))
        if place < len(self.ids) and self.ids[place] == photo_id:
            return int(self.by_id[place])
        return None

    def same_order(self, other: "Arrangement") -> bool:
        """Tell whether another one shows the same photos at the same places."""
        return np.array_equal(self.ids, other.ids) and np.array_equal(self.by_id, other.by_id)

    def updated(self, other: "Arrangement") -> "Arrangement":
        """Return this one with what another says of its photos."""
        rows = (other.row_of(tile.photo_id) for tile in self.tiles)
        tiles = tuple(
            tile if row is None else other.tiles[row]
            for tile, row in zip(self.tiles, rows, strict=True)
        )
        return replace(self, tiles=tiles)


def arrange(
    tiles: Sequence[Tile], order: Order = Order.SIMILARITY, *, sections: bool = False
) -> Arrangement:
    """Return the tiles in an order.

    Args:
        tiles: one a photo, best first; this is the order that SIMILARITY keeps.
        order: DATE is newest first with undated photos last, NAME ignores case.
        sections: cut the result by month; makes sense where the order is by date.
    """
    rows = _rows_in_order(tiles, order)
    arranged = tuple(tiles[row] for row in rows)
    ids = np.fromiter((tile.photo_id for tile in arranged), np.int64, len(arranged))
    by_id = np.argsort(ids, kind="stable")
    return Arrangement(
        tiles=arranged,
        ranks=np.fromiter(rows, np.int64, len(arranged)) + 1,
        ids=ids[by_id],
        by_id=by_id,
        sections=_sections(arranged) if sections else (),
    )


def _rows_in_order(tiles: Sequence[Tile], order: Order) -> Sequence[int]:
    if order == Order.DATE:
        return sorted(range(len(tiles)), key=lambda row: tiles[row].taken or "", reverse=True)
    if order == Order.NAME:
        return sorted(range(len(tiles)), key=lambda row: tiles[row].path.name.casefold())
    return range(len(tiles))


def _sections(tiles: Sequence[Tile]) -> tuple[Section, ...]:
    result = []
    first = 0
    for month, group in groupby((tile.taken or "")[:MONTH] for tile in tiles):
        count = sum(1 for _ in group)
        result.append(Section(first, count, month))
        first += count
    return tuple(result)
