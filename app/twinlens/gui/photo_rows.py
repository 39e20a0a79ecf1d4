"""Rows with photos in a list of any length, and the keys that walk through it. GUI thread."""

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPixmap, QShowEvent
from PySide6.QtWidgets import QListView, QStyle, QWidget

from twinlens.gui.theme import set_kind, space, tokens
from twinlens.gui.thumbnail_loader import ThumbnailLoader

Index = QModelIndex | QPersistentModelIndex
#: Keys that walk through the list; all others belong to the page.
WALKING = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
}


class Wishes:
    """Asks one loader for the photos that several lists show together."""

    def __init__(self, loader: ThumbnailLoader) -> None:
        self.loader = loader
        self._by_list: dict[int, tuple[int, ...]] = {}

    def want(self, asking: QWidget, photo_ids: tuple[int, ...]) -> None:
        """Note what a list shows now."""
        self._by_list[id(asking)] = photo_ids
        self.loader.request([n for wanted in self._by_list.values() for n in wanted])


class PhotoRows(QListView):
    """A list that leaves every key to its page but those that walk through it.

    Args:
        wishes: serves the thumbnails.
        photo_ids: returns the photos of a row.

    Signals:
        walked(int): another row is the current one; -1 for none.
    """

    walked = Signal(int)

    def __init__(
        self,
        wishes: Wishes,
        photo_ids: Callable[[int], list[int]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._wishes = wishes
        self._photo_ids = photo_ids
        self._seen: tuple[int, ...] = ()
        set_kind(self, "grid")
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        wishes.loader.loaded.connect(self._on_loaded)

    def current_row(self) -> int:
        """Return the row with the keyboard; -1 for none."""
        return self.currentIndex().row()

    def go_to(self, row: int) -> None:
        """Make a row the current one, as far as there is one."""
        if 0 <= row < self.model().rowCount():
            self.setCurrentIndex(self.model().index(row, 0))

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell where the user is."""
        super().currentChanged(current, previous)
        self.walked.emit(current.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk; a letter is not searched for, it is an act of the page."""
        if event.key() in WALKING and not event.modifiers():
            super().keyPressEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ask for the photos that came into view, then draw."""
        first = self.indexAt(QPoint(1, 1))
        if first.isValid():
            height = max(1, self.visualRect(first).height())
            last = first.row() + self.viewport().height() // height + 2
            rows = range(first.row(), min(last, self.model().rowCount()))
            seen = tuple(dict.fromkeys(n for row in rows for n in self._photo_ids(row)))
            if seen != self._seen:
                self._seen = seen
                self._wishes.want(self, seen)
        super().paintEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask anew: another page used the loader meanwhile."""
        self._seen = ()
        super().showEvent(event)

    def _on_loaded(self, photo_id: int) -> None:
        if photo_id in self._seen and self.isVisible():
            self.viewport().update()


def paint_row(painter: QPainter, area: QRectF, state: QStyle.StateFlag) -> None:
    """Draw what lies behind a row: chosen, under the pointer, with the keyboard."""
    now = tokens()
    body = area.adjusted(space(1), 1, -space(1), -1)
    selected = bool(state & QStyle.StateFlag.State_Selected)
    if selected or state & QStyle.StateFlag.State_MouseOver:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.selection if selected else now.hover)
        painter.drawRoundedRect(body, now.radius_panel, now.radius_panel)
    if selected and state & QStyle.StateFlag.State_HasFocus:
        painter.setPen(now.accent)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        frame = body.adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, now.radius_panel, now.radius_panel)


def paint_thumbnail(painter: QPainter, place: QRectF, pixmap: QPixmap | None) -> None:
    """Draw a photo whole inside a square; the square alone where it is not there yet."""
    now = tokens()
    if pixmap is None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.placeholder)
        painter.drawRoundedRect(place, now.radius_tile, now.radius_tile)
        return
    size = pixmap.size().scaled(place.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
    photo = QRectF(0, 0, size.width(), size.height())
    photo.moveCenter(place.center())
    painter.drawPixmap(photo, pixmap, QRectF(pixmap.rect()))
