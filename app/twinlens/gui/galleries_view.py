"""The grid of galleries: draws cards, loads what shows, turns input into wishes. GUI thread."""

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from twinlens.gui import theme
from twinlens.gui.galleries_model import GalleriesModel
from twinlens.gui.gallery_card import CardState, GalleryCard
from twinlens.gui.gallery_cards import is_rest, on_card
from twinlens.gui.grid_view import GridView, Index
from twinlens.gui.thumbnail_loader import Target, ThumbnailLoader
from twinlens.gui.tile_pictures import TilePictures, outwards
from twinlens.gui.title_edit import TitleEdit
from twinlens.records import Gallery

CARD_STEPS = 50
#: A photo is cut to the shape of its place, so its long side is longer than that place.
SPARE = 1.5
_TAB_REASONS = {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}


class GalleriesView(GridView):
    """Galleries in a grid.

    Signals:
        opened(object): Enter or a double click on a Gallery.
        more_requested(object): Ctrl+Enter: photos like those of a Gallery.
        pin_requested(object): P: a Gallery is to come first, or no longer.
        renamed(object, str): a Gallery is to have another title.
        left(): Esc or Backspace.
        context_menu(position): right click on a card, or the menu key; in global coordinates.
    """

    opened = Signal(object)
    more_requested = Signal(object)
    pin_requested = Signal(object)
    renamed = Signal(object, str)
    left = Signal()
    context_menu = Signal(QPoint)

    def __init__(
        self, model: GalleriesModel, loader: ThumbnailLoader, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._writable = False
        self._galleries = model
        self._pictures = TilePictures(loader, self)
        self._card = GalleryCard(self._pictures)
        self._hovered: int | None = None
        self._asked: tuple[object, ...] = ()
        self._by_keyboard = False
        self.setAccessibleName(self.tr("Galleries"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._pictures.changed.connect(self._update_photos)
        theme.signals.theme_changed.connect(self._on_theme)
        self.setModel(model)
        model.modelReset.connect(self._after_reset)
        model.dataChanged.connect(lambda first, _: self._update_row(first.row()))
        self.set_tile_size(theme.space(CARD_STEPS))

    def set_writable(self, writable: bool) -> None:
        """Offer to name galleries only where that can be kept."""
        self._writable = writable

    def current(self) -> Gallery | None:
        """Return the gallery the keyboard is on."""
        row = self.currentIndex().row()
        return self._galleries.galleries[row] if row >= 0 else None

    def go_to(self, row: int) -> None:
        """Make a gallery the current one and bring it into view."""
        if 0 <= row < self.row_count():
            self.setCurrentIndex(self._galleries.index(row))

    def edit_title(self) -> None:
        """Let the title of the current gallery be typed where it stands."""
        gallery = self.current()
        if gallery is None or is_rest(gallery) or not self._writable:
            return
        self.scrollTo(self.currentIndex())
        place = self._card.title_rect(self.visualRect(self.currentIndex()))
        edit = TitleEdit(self.viewport(), place, gallery.title)
        edit.typed.connect(lambda title: self.renamed.emit(gallery, title))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what shows."""
        look = theme.tokens()
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ask()
        around = event.region().boundingRect()
        painter.fillRect(around, look.window)
        top, reach = self.verticalOffset(), 2 * look.ring
        current = self.currentIndex().row()
        for row in self.grid.rows_between(
            around.top() + top - reach, around.bottom() + top + reach
        ):
            state = CardState(
                hovered=row == self._hovered,
                selected=row == current,
                focused=row == current and self._by_keyboard and self.hasFocus(),
            )
            self._card.paint(painter, self.cell_rect(row), self._galleries.galleries[row], state)
        painter.end()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let nothing fade that nobody sees."""
        self._start_over()
        super().hideEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open, name, pin; see `GridView` for the rest."""
        self._by_keyboard = True
        gallery, key = self.current(), event.key()
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if key in (Qt.Key.Key_Escape, Qt.Key.Key_Backspace):
            self.left.emit()
        elif gallery is not None and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            (self.more_requested if control else self.opened).emit(gallery)
        elif gallery is not None and key == Qt.Key.Key_F2:
            self.edit_title()
        elif gallery is not None and key == Qt.Key.Key_P and not event.modifiers():
            self.pin_requested.emit(gallery)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is when it came by keyboard."""
        self._by_keyboard = self._by_keyboard or event.reason() in _TAB_REASONS
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.row_count():
            self.go_to(self.visible_rows().start)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide where the keyboard was."""
        super().focusOutEvent(event)
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the card under the pointer."""
        self._by_keyboard = False
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        self._hover(self.row_under(event.position().toPoint()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the gallery under the pointer."""
        row = self.row_under(event.position().toPoint())
        if row is not None and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(self._galleries.galleries[row])

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the gallery that is chosen."""
        point = event.pos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            point = self.visualRect(self.currentIndex()).center()
        elif (row := self.row_under(point)) is None:
            return
        else:
            self.go_to(row)
        if self.current() is not None:
            self.context_menu.emit(self.viewport().mapToGlobal(point))

    def viewportEvent(self, event: QEvent) -> bool:
        """Notice when the pointer leaves."""
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        return super().viewportEvent(event)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Draw both cards."""
        super().currentChanged(current, previous)
        self._update_row(current.row())
        self._update_row(previous.row())
        if current.isValid():
            self.scrollTo(current)

    def _ask(self) -> None:
        rows = self.visible_rows()
        galleries = self._galleries.galleries
        wanted = [n for row in outwards(rows, len(galleries)) for n in on_card(galleries[row])]
        asked = (tuple(wanted), self.grid.side)
        if asked != self._asked:
            self._asked = asked
            side = round(SPARE * self.grid.side * self.devicePixelRatioF())
            # Larger than it is kept, a picture would only take more memory.
            self._pictures.ask_for(wanted, min(side, Target().side))

    def _update_photos(self, photo_ids: list[int]) -> None:
        changed = set(photo_ids)
        for row in self.visible_rows():
            if not changed.isdisjoint(on_card(self._galleries.galleries[row])):
                self._update_row(row)

    def _update_row(self, row: int) -> None:
        if row in self.visible_rows():
            reach = 2 * theme.tokens().ring
            self.viewport().update(self.cell_rect(row).adjusted(-reach, -reach, reach, reach))

    def _hover(self, row: int | None) -> None:
        before, self._hovered = self._hovered, row
        for changed in {before, row} - {None}:
            self._update_row(changed)  # type: ignore[arg-type]

    def _start_over(self) -> None:
        self._asked = ()
        self._pictures.start_over()

    def _on_theme(self) -> None:
        self._card.refresh()
        self._start_over()
        self.viewport().update()

    def _after_reset(self) -> None:
        self._hovered = None
        self._start_over()
        self._relayout()
        self.verticalScrollBar().setValue(0)
        self.viewport().update()
