"""The grid of photos: draws tiles, loads what shows, turns input into wishes. GUI thread."""

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QPoint,
    QPointF,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QDrag,
    QFocusEvent,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QToolTip, QWidget

from twinlens.gui import theme
from twinlens.gui.grid_painter import GridPainter
from twinlens.gui.grid_view import GridView, Index
from twinlens.gui.mime import photo_mime
from twinlens.gui.place import Place, remember, restore
from twinlens.gui.results_model import ResultsModel
from twinlens.gui.rubber_band import RubberBand
from twinlens.gui.thumbnail_delegate import Part, ThumbnailDelegate
from twinlens.gui.thumbnail_loader import ThumbnailLoader
from twinlens.gui.tile_pictures import TilePictures
from twinlens.gui.tile_pointer import TilePointer
from twinlens.gui.tile_tips import tip
from twinlens.records import Tile

_TAB_REASONS = {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}


class ResultsView(GridView):
    """Photos in a grid.

    Signals:
        opened(photo_id): Enter or a double click.
        quick_look(photo_id): Space.
        similar_requested(photo_id): Ctrl+Enter.
        add_example(photo_id, negative): ＋ or － on a tile.
        context_menu(global position): right click on a tile, or the menu key.
        selection_changed(): ask `selected_tiles`.
        current_changed(photo_id): None when there is no current tile.
    """

    opened = Signal(object)
    quick_look = Signal(object)
    similar_requested = Signal(object)
    add_example = Signal(object, bool)
    context_menu = Signal(QPoint)
    selection_changed = Signal()
    current_changed = Signal(object)

    def __init__(
        self, model: ResultsModel, loader: ThumbnailLoader, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._results = model
        self._delegate = ThumbnailDelegate()
        self._pictures = TilePictures(loader, self)
        self._pointer = TilePointer(self._part_at, self)
        self._painter = GridPainter(self, model, self._delegate, self._pictures, self._pointer)
        self._band = RubberBand()
        self._by_keyboard = False
        self._place = Place()
        self.setAccessibleName(self.tr("Photos"))
        self.setDragEnabled(True)
        self.viewport().setMouseTracking(True)
        # Only what is opaque is moved by scrolling rather than painted again.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._pictures.changed.connect(self._update_photos)
        self._pointer.moved.connect(self._update_row)
        theme.signals.theme_changed.connect(self._on_theme)
        model.modelAboutToBeReset.connect(self._before_reset)
        self.setModel(model)
        # Comes after the slots of Qt, which forget everything.
        model.modelReset.connect(self._after_reset)

    def selected_tiles(self) -> list[Tile]:
        """Return the selected tiles in the order of the grid."""
        tiles = self._results.arrangement.tiles
        return [tile for rows in self.selected_rows() for tile in tiles[rows.start : rows.stop]]

    def current_tile(self) -> Tile | None:
        """Return the tile the keyboard is on."""
        row = self.currentIndex().row()
        return self._results.tile(row) if row >= 0 else None

    def show_photo(self, photo_id: int) -> None:
        """Make a photo the current and only selected one and bring it into view."""
        if (row := self._results.row_of(photo_id)) is not None:
            self.setCurrentIndex(self._results.index(row, 0))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what shows."""
        painter = QPainter(self.viewport())
        self._painter.paint(painter, event.region(), shows_focus=self._by_keyboard)
        self._band.paint(painter)
        painter.end()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let nothing fade that nobody sees."""
        self._pictures.start_over()
        super().hideEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move the content; what is under a resting pointer changes."""
        super().scrollContentsBy(dx, dy)
        if self.viewport().underMouse():
            self._hover(self.viewport().mapFromGlobal(QCursor.pos()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open, look, select; see `GridView` for the rest."""
        self._by_keyboard = True
        tile = self.current_tile()
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if tile is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            (self.similar_requested if control else self.opened).emit(tile.photo_id)
        elif tile is not None and event.key() == Qt.Key.Key_Space:
            if control:
                self._toggle(self.currentIndex().row())
            else:
                self.quick_look.emit(tile.photo_id)
        else:
            super().keyPressEvent(event)
            self._update_row(self.currentIndex().row())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is when it came by keyboard."""
        self._by_keyboard = event.reason() in _TAB_REASONS
        super().focusInEvent(event)
        if self._by_keyboard and not self.currentIndex().isValid() and self.row_count():
            self._go_to(self.visible_rows().start)
        self._update_row(self.currentIndex().row())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide where the keyboard was."""
        super().focusOutEvent(event)
        self._update_row(self.currentIndex().row())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Press a button of a tile, or begin to select or drag."""
        self._by_keyboard = False
        point = event.position().toPoint()
        self._hover(point)
        if event.button() == Qt.MouseButton.LeftButton and self._pointer.on_button:
            self._pointer.press()
            if self._pointer.part is Part.CHECK and self._pointer.row is not None:
                self._toggle(self._pointer.row)
            return
        if self._pointer.row is None:
            self._band.begin(point, self.verticalOffset())
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer: buttons, rubber band, drag."""
        point = event.position().toPoint()
        self._hover(point)
        if self._pointer.holds_button:
            return
        super().mouseMoveEvent(event)
        if self.state() == QAbstractItemView.State.DragSelectingState:
            self._band.move(point, self.verticalOffset())
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End what the press began."""
        if self._pointer.holds_button:
            row, part = self._pointer.release()
            if part in (Part.PLUS, Part.MINUS):
                self.add_example.emit(self._results.tile(row).photo_id, part is Part.MINUS)
            return
        if self._band.end():
            self.viewport().update()
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open a photo; on a button, a second press."""
        row = self.row_under(event.position().toPoint())
        if row is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if not self._pointer.on_button:
            self.opened.emit(self._results.tile(row).photo_id)
        else:
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the tiles that are selected."""
        point = event.pos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            if not self.currentIndex().isValid():
                return
            point = self.visualRect(self.currentIndex()).center()
        elif self.row_under(point) is None:
            return
        self.context_menu.emit(self.viewport().mapToGlobal(point))

    def viewportEvent(self, event: QEvent) -> bool:
        """Say what is under the pointer, and notice when it leaves."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_tip(event)
            return True
        if event.type() == QEvent.Type.Leave:
            self._pointer.leave()
        return super().viewportEvent(event)

    def startDrag(self, supportedActions: Qt.DropAction) -> None:  # noqa: N803 - Qt's name
        """Drag the selected photos out, as files and as photos of the library."""
        tiles = self.selected_tiles()
        if not tiles:
            return
        drag = QDrag(self)
        drag.setMimeData(photo_mime(tiles))
        pixmap = self._pictures.pixmap((self.current_tile() or tiles[0]).photo_id)
        drag.setPixmap(self._delegate.drag_pixmap(pixmap, len(tiles), self.devicePixelRatioF()))
        drag.exec(Qt.DropAction.CopyAction)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Tell that other tiles are selected."""
        super().selectionChanged(selected, deselected)
        self.selection_changed.emit()

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell that another tile is the current one."""
        super().currentChanged(current, previous)
        self._update_row(current.row())
        self._update_row(previous.row())
        tile = self.current_tile()
        self.current_changed.emit(tile.photo_id if tile else None)

    def _update_photos(self, photo_ids: list[int]) -> None:
        for photo_id in photo_ids:
            if (row := self._results.row_of(photo_id)) is not None:
                self._update_row(row)

    def _update_row(self, row: int) -> None:
        if row in self.visible_rows():
            reach = 2 * theme.tokens().ring
            self.viewport().update(self.cell_rect(row).adjusted(-reach, -reach, reach, reach))

    def _on_theme(self) -> None:
        self._delegate.refresh()
        self._pictures.start_over()
        self._relayout()
        self.viewport().update()

    def _before_reset(self) -> None:
        self._place = remember(self, self._results)
        self.set_sections(())

    def _after_reset(self) -> None:
        """Take up other tiles; the selection has already been emptied."""
        self.set_sections([item.first for item in self._results.arrangement.sections])
        self._pointer.start_over()
        self._pictures.start_over()
        self._relayout()
        if self._results.keeps_place:
            restore(self, self._results, self._place)
        else:
            self.verticalScrollBar().setValue(0)
        self.viewport().update()
        # Qt empties the selection of a model that is reset without a word.
        self.current_changed.emit(tile.photo_id if (tile := self.current_tile()) else None)

    def _toggle(self, row: int) -> None:
        self._go_to(row)
        toggle = QItemSelectionModel.SelectionFlag.Toggle
        self.selectionModel().select(self._results.index(row, 0), toggle)

    def _go_to(self, row: int) -> None:
        """Make a tile the current one without selecting it."""
        keep = QItemSelectionModel.SelectionFlag.NoUpdate
        self.selectionModel().setCurrentIndex(self._results.index(row, 0), keep)

    def _hover(self, point: QPoint) -> None:
        self._pointer.move(self.row_under(point), point.x(), point.y())

    def _part_at(self, row: int, x: int, y: int) -> Part:
        called, tile = self._results.called_right(row), self._results.tile(row)
        return self._delegate.part_at(self.cell_rect(row), tile, QPointF(x, y), called)

    def _show_tip(self, event: QHelpEvent) -> None:
        row = self.row_under(event.pos())
        if row is None:
            QToolTip.hideText()
            return
        self._hover(event.pos())
        text = tip(self._results.index(row, 0), self._pointer.part)
        QToolTip.showText(event.globalPos(), text, self.viewport(), self.cell_rect(row))
