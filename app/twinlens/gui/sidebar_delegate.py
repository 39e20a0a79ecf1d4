"""Paints the rows of the sidebar. Runs on the GUI thread."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from twinlens.gui import theme
from twinlens.gui.icons import draw_icon
from twinlens.gui.sidebar_model import FAILURES, Index, Row, SidebarModel, state_words
from twinlens.gui.wording import whole
from twinlens.records import FolderState

_FILLED = "filled"


class SidebarDelegate(QStyledItemDelegate):
    """Paints a row: icon, name, count, and for a folder the dot and word of its state."""

    def __init__(self) -> None:
        super().__init__()
        self.compact = False

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height a row needs."""
        row = _row(index)
        line = theme.tokens().pixels(theme.space(8))
        if row.heading:
            return QSize(line, theme.space(3) if self.compact else line)
        if self.compact:
            return QSize(line, theme.space(9))
        return QSize(line, theme.tokens().pixels(theme.space(12)) if state_words(row) else line)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Fill the field once: counts that change meanwhile must not undo what is typed."""
        if not editor.property(_FILLED):
            editor.setProperty(_FILLED, True)
            super().setEditorData(editor, index)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """Let a name be typed over the whole row."""
        area: QRect = option.rect
        editor.setGeometry(area.adjusted(theme.space(1), 0, -theme.space(1), 0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row."""
        row, now = _row(index), theme.tokens()
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.heading:
            self._paint_heading(painter, row, area)
        else:
            body = QRectF(area).adjusted(theme.space(1), 1, -theme.space(1), -1)
            selected = bool(state & QStyle.StateFlag.State_Selected)
            if selected or state & QStyle.StateFlag.State_MouseOver:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(now.selection if selected else now.hover)
                painter.drawRoundedRect(body, now.radius_panel, now.radius_panel)
            if state & QStyle.StateFlag.State_HasFocus and selected:
                painter.setPen(now.accent)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(
                    body.adjusted(0.5, 0.5, -0.5, -0.5), now.radius_panel, now.radius_panel
                )
            self._paint_row(painter, row, body)
        painter.restore()

    def _paint_heading(self, painter: QPainter, row: Row, area: QRect) -> None:
        now = theme.tokens()
        if self.compact:
            painter.setPen(now.line)
            y = area.center().y()
            painter.drawLine(area.left() + theme.space(3), y, area.right() - theme.space(3), y)
            return
        painter.setPen(now.secondary)
        painter.setFont(theme.font("secondary"))
        inside = area.adjusted(theme.space(3), 0, 0, -theme.space(1))
        painter.drawText(
            inside, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, row.text
        )

    def _paint_row(self, painter: QPainter, row: Row, body: QRectF) -> None:
        now = theme.tokens()
        offline = row.folder is not None and row.folder.state is FolderState.OFFLINE
        ink = now.secondary if offline else now.text
        size = now.icon if self.compact else now.icon_small
        icon_area = QRectF(0, 0, size, size)
        if self.compact:
            icon_area.moveCenter(body.center())
            draw_icon(painter, row.icon, icon_area, ink)
            if row.folder is not None:
                _dot(painter, row.folder.state, icon_area.right(), icon_area.bottom())
            return
        line = QRectF(body.left(), body.top(), body.width(), now.pixels(theme.space(8)) - 2)
        icon_area.moveCenter(line.center())
        icon_area.moveLeft(body.left() + theme.space(2))
        draw_icon(painter, row.icon, icon_area, ink)
        count = whole(row.count) if row.count else ""
        painter.setFont(theme.font("secondary", tabular=True))
        count_width = painter.fontMetrics().horizontalAdvance(count)
        right = line.right() - theme.space(2)
        if row.folder is not None:
            _dot(painter, row.folder.state, right - 3, line.center().y())
            right -= theme.space(4)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(now.failed if row.view == FAILURES and row.count else now.secondary)
        painter.drawText(
            QRectF(line.left(), line.top(), right - line.left(), line.height()),
            middle | Qt.AlignmentFlag.AlignRight,
            count,
        )
        painter.setPen(ink)
        painter.setFont(theme.font("body"))
        left = icon_area.right() + theme.space(2)
        width = right - count_width - theme.space(2) - left
        name = painter.fontMetrics().elidedText(
            row.text, Qt.TextElideMode.ElideMiddle, round(width)
        )
        painter.drawText(QRectF(left, line.top(), width, line.height()), middle, name)
        words = state_words(row)
        if words:
            painter.setPen(now.secondary)
            painter.setFont(theme.font("secondary"))
            below = QRectF(left, line.bottom() - theme.space(1), body.right() - left, body.height())
            painter.drawText(below, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, words)


def _dot(painter: QPainter, state: FolderState, x: float, y: float) -> None:
    """Draw the state as a shape: full = up to date, ring = not connected, half = at work."""
    now = theme.tokens()
    colours: dict[FolderState, QColor] = {
        FolderState.UP_TO_DATE: now.good,
        FolderState.WATCHING: now.good,
        FolderState.SCANNING: now.accent,
        FolderState.PENDING: now.secondary,
        FolderState.RESCANNED: now.attention,
        FolderState.OFFLINE: now.secondary,
    }
    colour = colours[state]
    area = QRectF(x - 3.5, y - 3.5, 7, 7)
    painter.setPen(colour)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if state in (FolderState.OFFLINE, FolderState.PENDING):
        painter.drawEllipse(area)
    elif state in (FolderState.SCANNING, FolderState.RESCANNED):
        painter.drawEllipse(area)
        painter.setBrush(colour)
        painter.drawPie(area, 90 * 16, 180 * 16)
    else:
        painter.setBrush(colour)
        painter.drawEllipse(area)


def _row(index: Index) -> Row:
    found = index.data(SidebarModel.RowRole)
    assert isinstance(found, Row)
    return found
