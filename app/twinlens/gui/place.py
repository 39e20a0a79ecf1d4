"""Where one is in the grid, kept over a change of its photos. Runs on the GUI thread."""

from dataclasses import dataclass

from PySide6.QtCore import QItemSelectionModel

from twinlens.gui.grid_view import GridView
from twinlens.gui.results_model import ResultsModel

MOST_SELECTED = 5_000
"""More selected photos than these are not selected again: finding them would take a while."""


@dataclass(frozen=True, slots=True)
class Place:
    """Photos by id; `top` is the photo at the upper edge, scrolled `cut` pixels out of view."""

    top: int | None = None
    cut: int = 0
    current: int | None = None
    current_row: int = -1
    selected: tuple[int, ...] = ()


def remember(view: GridView, model: ResultsModel) -> Place:
    """Return the place of now."""
    tiles = model.arrangement.tiles
    offset = view.verticalOffset()
    row = view.grid.nearest(0, offset)
    current = view.currentIndex()
    ranges = view.selected_rows()
    if sum(len(rows) for rows in ranges) > MOST_SELECTED:
        ranges = []
    return Place(
        top=tiles[row].photo_id if row is not None and offset else None,
        cut=offset - view.grid.cell(row)[1] if row is not None else 0,
        current=tiles[current.row()].photo_id if current.isValid() else None,
        current_row=current.row(),
        selected=tuple(tile.photo_id for rows in ranges for tile in tiles[rows.start : rows.stop]),
    )


def restore(view: GridView, model: ResultsModel, place: Place) -> None:
    """Go back to a place; where the current photo has gone, the one that took its row is it."""
    flags = QItemSelectionModel.SelectionFlag
    selection = view.selectionModel()
    for photo_id in place.selected:
        row = model.row_of(photo_id)
        if row is not None:
            selection.select(model.index(row, 0), flags.Select)
    if place.current is not None and model.rowCount():
        row = model.row_of(place.current)
        if row is None:
            row = min(place.current_row, model.rowCount() - 1)
        selection.setCurrentIndex(model.index(row, 0), flags.NoUpdate)
    top = model.row_of(place.top) if place.top is not None else None
    if top is not None:
        view.verticalScrollBar().setValue(view.grid.cell(top)[1] + place.cut)
