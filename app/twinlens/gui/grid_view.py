"""An item view of square cells laid out by arithmetic: geometry, selection, keys. GUI thread."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QKeyEvent,
    QKeySequence,
    QRegion,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from twinlens.gui import theme
from twinlens.gui.grid_keys import MOVES, target
from twinlens.gui.grid_layout import GridLayout
from twinlens.gui.row_ranges import rows_of, selection_of

Index = QModelIndex | QPersistentModelIndex
_Action = QAbstractItemView.CursorAction
WHEEL_NOTCH = 120
LINES_A_NOTCH = 3


class GridView(QListView):
    """Cells in rows, perhaps in sections; no step costs more than what is visible.

    It is a list view only for assistive technology, which is told of the items of Qt's own views
    and not of others. Nothing of its layout is used, as that visits every item: where it would,
    the methods of QAbstractItemView are called instead.

    Signals:
        tile_size_changed(int): the smallest side of a cell, after keys or the wheel changed it.
    """

    tile_size_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        look = theme.tokens()
        self._side = look.tile_side
        self._firsts: tuple[int, ...] = ()
        self._wheel = 0
        self._grid = GridLayout(width=0, side=self._side, gap=look.gap, margin=look.grid_margin)
        self._made_for: tuple[object, ...] = ()
        theme.set_kind(self, "grid")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def grid(self) -> GridLayout:
        """Where everything lies, in coordinates of the whole content."""
        return self._grid

    @property
    def tile_size(self) -> int:
        """The smallest side of a cell."""
        return self._side

    def set_tile_size(self, side: int, at: QPoint | None = None) -> None:
        """Change the size of the cells; the tile at a point of the viewport stays in place.

        Args:
            side: smallest side of a cell, in logical pixels; kept within its limits.
            at: that point; without one, the current tile stays, or else what is in the middle.
        """
        look = theme.tokens()
        side = min(max(side, look.tile_smallest), look.tile_largest)
        if side == self._side:
            return
        row, part, y = self._held(at if at is not None else self._place_to_hold())
        self._side = side
        self._relayout()
        if row is not None:
            top = self._grid.cell(row)[1] + part * self._grid.side
            self.verticalScrollBar().setValue(round(top - y))
        self.tile_size_changed.emit(side)

    def set_sections(self, firsts: Sequence[int]) -> None:
        """Cut the rows into sections with headers; takes effect with the next layout."""
        self._firsts = tuple(firsts)

    def row_count(self) -> int:
        """Return the number of tiles."""
        model = self.model()
        return model.rowCount() if model is not None else 0

    def visible_rows(self) -> range:
        """Return the rows that show now."""
        top = self.verticalOffset()
        return self._grid.rows_between(top, top + self.viewport().height())

    def cell_rect(self, row: int) -> QRect:
        """Return the cell of a row in coordinates of the viewport."""
        left, top = self._grid.cell(row)
        return QRect(left, top - self.verticalOffset(), self._grid.side, self._grid.side)

    def row_under(self, point: QPoint) -> int | None:
        """Return the row at a point of the viewport."""
        return self._grid.row_at(point.x(), point.y() + self.verticalOffset())

    def selected_rows(self) -> list[range]:
        """Return the selected rows as ranges, ascending."""
        selection = self.selectionModel()
        return rows_of(selection.selection()) if selection is not None else []

    def selected_count(self) -> int:
        """Return how many tiles are selected."""
        return sum(len(rows) for rows in self.selected_rows())

    def visualRect(self, index: Index) -> QRect:
        """Return the cell of a tile."""
        return self.cell_rect(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        """Return the tile at a point of the viewport."""
        row = self.row_under(point)
        return self.model().index(row, 0) if row is not None else QModelIndex()

    def scrollTo(
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Bring a tile into view."""
        if not index.isValid():
            return
        bar = self.verticalScrollBar()
        rect = self.cell_rect(index.row())
        margin = theme.tokens().grid_margin
        height = self.viewport().height()
        above = rect.top() - margin
        below = rect.bottom() + 1 + margin - height
        if hint == QAbstractItemView.ScrollHint.PositionAtCenter:
            bar.setValue(bar.value() + rect.center().y() - height // 2)
        elif hint == QAbstractItemView.ScrollHint.PositionAtTop or above < 0:
            bar.setValue(bar.value() + above)
        elif hint == QAbstractItemView.ScrollHint.PositionAtBottom or below > 0:
            bar.setValue(bar.value() + min(below, above))

    def verticalOffset(self) -> int:
        """Return how far the content is scrolled."""
        return self.verticalScrollBar().value()

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Return the tile that a key leads to."""
        if not self._grid.count:
            return QModelIndex()
        start = self.currentIndex().row()
        if start < 0 and action not in (_Action.MoveHome, _Action.MoveEnd):
            return self.model().index(self.visible_rows().start, 0)
        page = max(1, self.viewport().height() // (self._grid.side + theme.tokens().gap))
        row = target(self._grid, max(start, 0), action, page, self.isRightToLeft())
        return self.model().index(row, 0)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Select what a rubber band touches, or all from one tile to another."""
        top = self.verticalOffset()
        if self.state() == QAbstractItemView.State.DragSelectingState:
            box = rect.normalized()
            ranges = self._grid.rows_within(
                box.left(), box.top() + top, box.right() + 1, box.bottom() + 1 + top
            )
        else:
            under = (self.row_under(rect.topLeft()), self.row_under(rect.bottomRight()))
            ends = [row for row in under if row is not None]
            ranges = [range(min(ends), max(ends) + 1)] if ends else []
        self.selectionModel().select(selection_of(self.model(), ranges), command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """Return where selected tiles show."""
        visible = self.visible_rows()
        region = QRegion()
        reach = 2 * theme.tokens().ring
        for rows in rows_of(selection):
            for row in range(max(rows.start, visible.start), min(rows.stop, visible.stop)):
                region += self.cell_rect(row).adjusted(-reach, -reach, reach, reach)
        return region

    def updateGeometries(self) -> None:
        """Lay out again; what is at the top stays there."""
        row, part, y = self._held(QPoint(0, 0)) if self.verticalOffset() else (None, 0.0, 0)
        if self._relayout() and row is not None and row < self._grid.count:
            top = self._grid.cell(row)[1] + part * self._grid.side
            self.verticalScrollBar().setValue(round(top - y))
        QAbstractItemView.updateGeometries(self)

    def selectAll(self) -> None:
        """Select every tile as one range."""
        everything = selection_of(self.model(), [range(self._grid.count)])
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(everything, flags.ClearAndSelect)

    def doItemsLayout(self) -> None:
        """Lay out without visiting the items."""
        QAbstractItemView.doItemsLayout(self)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Draw what shows of the selection."""
        QAbstractItemView.selectionChanged(self, selected, deselected)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Bring the current tile into view and tell assistive technology of it."""
        QAbstractItemView.currentChanged(self, current, previous)
        if current.isValid() and self.hasFocus():
            event = QAccessibleEvent(self, QAccessible.Event.Focus)
            event.setChild(current.row())
            QAccessible.updateAccessibility(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is painted and paint what comes into view."""
        if self.devicePixelRatioF().is_integer():
            self.viewport().scroll(dx, dy)
        else:
            self.viewport().update()

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: letters belong to the window."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, or with Ctrl change the size of the tiles."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        notches, self._wheel = divmod(self._wheel + event.angleDelta().y(), WHEEL_NOTCH)
        side = self._side + notches * theme.tokens().tile_step
        self.set_tile_size(side, event.position().toPoint())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move and select; leave every other key to the window."""
        step = theme.tokens().tile_step
        if event.key() in MOVES or event.matches(QKeySequence.StandardKey.SelectAll):
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.set_tile_size(self._side + step)
        elif event.key() == Qt.Key.Key_Minus:
            self.set_tile_size(self._side - step)
        else:
            event.ignore()

    def _place_to_hold(self) -> QPoint:
        current = self.currentIndex()
        if current.isValid() and self.viewport().rect().intersects(self.visualRect(current)):
            return self.visualRect(current).center()
        return self.viewport().rect().center()

    def _held(self, point: QPoint) -> tuple[int | None, float, int]:
        """Return the row near a point, how far down its cell the point is, and the point's y."""
        y = point.y() + self.verticalOffset()
        row = self._grid.nearest(point.x(), y)
        if row is None:
            return None, 0.0, 0
        return row, (y - self._grid.cell(row)[1]) / self._grid.side, point.y()

    def _relayout(self) -> bool:
        """Make the layout for the size and the tiles of now; tell whether it changed."""
        look = theme.tokens()
        # Room for the scroll bar is kept when there is none: its coming must not move the tiles.
        width = self.width() - self.verticalScrollBar().sizeHint().width()
        count = self.row_count()
        header = look.pixels(look.section_header) if self._firsts else 0
        made_for = (width, self._side, count, self._firsts, header, self.isRightToLeft())
        changed = made_for != self._made_for
        if changed:
            self._made_for = made_for
            self._grid = GridLayout(
                width=width,
                side=self._side,
                gap=look.gap,
                margin=look.grid_margin,
                header=header,
                firsts=self._firsts,
                count=count,
                mirrored=self.isRightToLeft(),
            )
            self.viewport().update()
        bar = self.verticalScrollBar()
        height = self.viewport().height()
        bar.setRange(0, max(0, self._grid.height - height))
        bar.setPageStep(height)
        bar.setSingleStep((self._grid.side + look.gap) // LINES_A_NOTCH)
        return changed
