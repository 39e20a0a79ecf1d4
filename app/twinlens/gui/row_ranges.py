"""Rows as Python ranges, to and from Qt's selections. Runs on the GUI thread."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QItemSelection


def rows_of(selection: QItemSelection) -> list[range]:
    """Return the rows of a selection as ranges, ascending."""
    items = (selection.at(number) for number in range(selection.count()))
    return sorted((range(item.top(), item.bottom() + 1) for item in items), key=lambda r: r.start)


def selection_of(model: QAbstractItemModel, ranges: Sequence[range]) -> QItemSelection:
    """Return ranges of rows as a selection; empty ranges are left out."""
    selection = QItemSelection()
    for rows in filter(None, ranges):
        selection.select(model.index(rows.start, 0), model.index(rows.stop - 1, 0))
    return selection
