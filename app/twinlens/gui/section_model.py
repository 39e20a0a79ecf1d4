"""A model of two levels, sections and the rows of each, for tree views. GUI thread."""

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex

Index = QModelIndex | QPersistentModelIndex
RowT_co = TypeVar("RowT_co", covariant=True)


class Section(Protocol[RowT_co]):
    """What stands below one heading."""

    @property
    def rows(self) -> Sequence[RowT_co]:
        """What is listed."""


SectionT = TypeVar("SectionT", bound=Section[object])


class SectionModel(QAbstractItemModel, Generic[SectionT]):
    """Sections and their rows; what they say is left to those who know it.

    Args:
        columns: how many there are.
    """

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.sections: list[SectionT] = []
        self._columns = columns

    def set_sections(self, sections: list[SectionT]) -> None:
        """Show other sections."""
        self.beginResetModel()
        self.sections = sections
        self.endResetModel()

    def place(self, index: Index) -> tuple[int, int] | None:
        """Return the numbers of section and row; None for a heading."""
        if not index.isValid() or index.internalId() == 0:
            return None
        return index.internalId() - 1, index.row()

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """Return the index of a heading or a row."""
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        # 0 marks a heading; a row carries the number of its section, from 1.
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        """Return the heading of a row."""
        place = self.place(index)
        return QModelIndex() if place is None else self.createIndex(place[0], 0, 0)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of headings, or of the rows below one."""
        if not parent.isValid():
            return len(self.sections)
        if parent.internalId() or parent.column():
            return 0
        return len(self.sections[parent.row()].rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of columns."""
        return self._columns
