"""The tiles of the grid as an item model: order, roles and what a tile says. GUI thread."""

from collections.abc import Collection, Iterable, Sequence
from enum import IntEnum

from PySide6.QtCore import (
    QAbstractListModel,
    QDate,
    QLocale,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from twinlens.gui.arrangement import Arrangement, Order, arrange
from twinlens.gui.controls import single_shot
from twinlens.gui.mime import PHOTO_FORMAT, photo_mime
from twinlens.gui.wording import (
    match_text,
    moment,
    name_text,
    score_text,
    score_tip,
    verdict_text,
)
from twinlens.records import Example, Tile

Index = QModelIndex | QPersistentModelIndex

#: Milliseconds for which tiles that are shown no more are kept: to give 100,000 of them back takes
#: as long as to paint the new ones, which come first.
KEEPING = 400


class Role(IntEnum):
    """What can be asked of a tile besides Qt's own roles."""

    TILE = Qt.ItemDataRole.UserRole
    PHOTO_ID = Qt.ItemDataRole.UserRole + 1
    PATH = Qt.ItemDataRole.UserRole + 2
    SCORE = Qt.ItemDataRole.UserRole + 3
    MATCH = Qt.ItemDataRole.UserRole + 4
    COPIES = Qt.ItemDataRole.UserRole + 5
    OFFLINE = Qt.ItemDataRole.UserRole + 6
    RANK = Qt.ItemDataRole.UserRole + 7


class ResultsModel(QAbstractListModel):
    """Tiles in one order, cut into months where asked.

    Arranging 100,000 tiles takes longer than a frame: do it off the GUI thread with
    `arrangement.arrange` and hand over the result with `set_arrangement`, which takes no time.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._now = self._former = arrange(())
        self._forget = single_shot(self, KEEPING, self._forget_former)
        self._keeps_place = False
        self._called: dict[int, bool] = {}

    @property
    def arrangement(self) -> Arrangement:
        """What is shown."""
        return self._now

    @property
    def keeps_place(self) -> bool:
        """Whether the last change was of the same list, so that the view stays where it is."""
        return self._keeps_place

    def set_tiles(
        self,
        tiles: Sequence[Tile],
        order: Order = Order.SIMILARITY,
        *,
        sections: bool = False,
        keep_place: bool = False,
    ) -> None:
        """Show other tiles; see `arrange`."""
        self.set_arrangement(arrange(tiles, order, sections=sections), keep_place=keep_place)

    def set_arrangement(self, arrangement: Arrangement, *, keep_place: bool = False) -> None:
        """Show tiles that are already in order.

        Args:
            arrangement: what to show.
            keep_place: it is the list of before with changes: keep scroll position, current tile
                and selection where their photos are still there.
        """
        self.beginResetModel()
        # One list of everything after the other is in no hurry, and memory has room for two.
        self._former = self._now if len(arrangement.tiles) < len(self._now.tiles) else arrangement
        self._now = arrangement
        self._forget.start()
        self._keeps_place = keep_place
        self.endResetModel()

    def _forget_former(self) -> None:
        self._former = self._now

    def update_tiles(self, arrangement: Arrangement) -> None:
        """Take up what is known of the photos shown by now; each stays where it is."""
        before, self._now = self._now.tiles, self._now.updated(arrangement)
        changed = [row for row, tile in enumerate(self._now.tiles) if tile != before[row]]
        for row in changed:
            self.dataChanged.emit(self.index(row), self.index(row))

    def remove_photos(self, photo_ids: Collection[int]) -> None:
        """Take photos out of the list, for instance after they went to the trash."""
        gone = set(photo_ids)
        left = [tile for tile in self._now.tiles if tile.photo_id not in gone]
        self.set_tiles(left, sections=bool(self._now.sections), keep_place=True)

    def set_marks(self, marks: Iterable[Example]) -> None:
        """Show which photos were called right and which wrong."""
        before, self._called = self._called, {}
        for mark in marks:
            if mark.photo_id is not None:
                self._called[mark.photo_id] = not mark.negative
        for photo_id in before.keys() | self._called.keys():
            row = self.row_of(photo_id)
            if row is not None and before.get(photo_id) != self._called.get(photo_id):
                self.dataChanged.emit(self.index(row), self.index(row))

    def called_right(self, row: int) -> bool | None:
        """Return whether a photo was called right, None for neither right nor wrong."""
        return self._called.get(self._now.tiles[row].photo_id)

    def tile(self, row: int) -> Tile:
        """Return the tile of a row."""
        return self._now.tiles[row]

    def rank(self, row: int) -> int:
        """Return the place of a row in the order the tiles were given, from 1."""
        return int(self._now.ranks[row])

    def row_of(self, photo_id: int) -> int | None:
        """Return the row of a photo, None when it is not shown."""
        return self._now.row_of(photo_id)

    def section_title(self, section: int) -> str:
        """Return the heading of a section: "May 2024"."""
        month = self._now.sections[section].month
        date = QDate.fromString(f"{month}-01", Qt.DateFormat.ISODate)
        if not date.isValid():
            return self.tr("No date")
        name = QLocale().standaloneMonthName(date.month())
        return self.tr("{month} {year}").format(month=name, year=date.year())

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return the number of tiles."""
        return 0 if parent.isValid() else len(self._now.tiles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a role says of a tile."""
        if not index.isValid() or index.row() >= len(self._now.tiles):
            return None
        row = index.row()
        tile = self._now.tiles[row]
        if role == Qt.ItemDataRole.DisplayRole:
            return name_text(tile.path)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(row)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return self._tip(row)
        return self._own(row, role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every tile can be chosen and dragged out; nothing is ever edited."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsDragEnabled
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    def mimeTypes(self) -> list[str]:
        """Return what a drag carries."""
        return ["text/uri-list", PHOTO_FORMAT]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the files and photo ids of tiles."""
        return photo_mime(self._now.tiles[index.row()] for index in indexes)

    def supportedDragActions(self) -> Qt.DropAction:
        """Photos are copied out, never moved."""
        return Qt.DropAction.CopyAction

    def _own(self, row: int, role: int) -> object:
        tile = self._now.tiles[row]
        values: dict[int, object] = {
            Role.TILE: tile,
            Role.PHOTO_ID: tile.photo_id,
            Role.PATH: tile.path,
            Role.SCORE: tile.score,
            Role.MATCH: tile.match,
            Role.COPIES: tile.copies,
            Role.OFFLINE: tile.offline,
            Role.RANK: self.rank(row),
        }
        return values.get(role)

    def _spoken(self, row: int) -> str:
        """Return what a screen reader says: verdict, rank, class, score, file name, state."""
        tile = self._now.tiles[row]
        called_right = self.called_right(row)
        parts = [] if called_right is None else [verdict_text(called_right)]
        if tile.score is not None:
            parts.append(self.tr("Rank {rank}").format(rank=self.rank(row)))
            if tile.match is not None:
                parts.append(match_text(tile.match))
            parts.append(self.tr("score {score}").format(score=score_text(tile.score)))
        parts.append(name_text(tile.path))
        if tile.score is None and tile.taken:
            parts.append(moment(tile.taken))
        if tile.copies > 1:
            parts.append(self.tr("{count} copies").format(count=tile.copies))
        if tile.offline:
            parts.append(self.tr("offline"))
        return ", ".join(parts)

    def _tip(self, row: int) -> str:
        tile = self._now.tiles[row]
        lines = [name_text(tile.path)]
        if tile.taken:
            lines.append(moment(tile.taken))
        if tile.score is not None:
            lines.append(score_tip(tile.score, tile.match, tile.probability))
        if tile.copies > 1:
            lines.append(self.tr("{count} copies of the same file").format(count=tile.copies))
        called_right = self.called_right(row)
        if called_right is not None:
            lines.append(verdict_text(called_right))
        if tile.offline:
            lines.append(self.tr("Its drive or folder is offline; this is the kept preview."))
        return "\n".join(lines)
