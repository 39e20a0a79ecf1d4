"""A pill that names one filter, opens its choices and takes it away. Runs on the GUI thread."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from twinlens.gui import theme
from twinlens.gui.icons import draw_icon
from twinlens.gui.theme import space, tokens

WIDEST_TEXT = 160
"""A chosen value longer than this loses its middle; the tooltip has all of it."""

LEAST_TEXT = 56
"""So much of a chosen value stays where the row is full."""


class FilterPill(QAbstractButton):
    """Shows the name of a filter, or what was chosen and a cross that takes it away.

    Signals:
        clicked(): the choices are wanted.
        cleared(): the filter is to go.
    """

    cleared = Signal()

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = name
        self._title = title
        self._value = ""
        self._compact = False
        self._on_cross = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.set_value("")

    @property
    def value(self) -> str:
        """What was chosen, in words; empty for nothing."""
        return self._value

    def set_value(self, value: str, tip: str = "") -> None:
        """Show what was chosen; an empty text for nothing."""
        self._value = value
        what = f"{self._title}: {tip or value}" if value else self._title
        self.setAccessibleName(what)
        self.setToolTip(f"{what}\n{self.tr('Delete takes it away')}" if value else what)
        self.updateGeometry()
        self.update()

    def set_name(self, title: str) -> None:
        """Name another filter; `set_value` is to follow."""
        self._title = title

    def set_title(self, title: str, meaning: str) -> None:
        """Show another name, which is a value itself; its meaning goes into the tooltip."""
        self._title = title
        self.setAccessibleName(f"{meaning}: {title}")
        self.setToolTip(f"{meaning}: {title}")
        self.updateGeometry()
        self.update()

    def set_compact(self, compact: bool) -> None:
        """Show an icon only while nothing is chosen."""
        if compact != self._compact:
            self._compact = compact
            self.updateGeometry()
            self.update()

    def full_width(self) -> int:
        """Return the width with its text."""
        return self._width(compact=False)

    def sizeHint(self) -> QSize:
        """Return the size of icon, text and what stands at the end."""
        return QSize(self._width(compact=self._compact), tokens().control)

    def minimumSizeHint(self) -> QSize:
        """Return the size with hardly any text: what is chosen shrinks before it is cut."""
        return QSize(self._width(compact=self._compact, widest=LEAST_TEXT), tokens().control)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light the cross up."""
        on_cross = bool(self._value) and self._end_rect().contains(event.position())
        if on_cross != self._on_cross:
            self._on_cross = on_cross
            self.update()
        super().mouseMoveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the filter away at the cross."""
        if self._value and self._end_rect().contains(event.position()):
            self.cleared.emit()
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with Enter, Space or Down; take away with Delete."""
        key = event.key()
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._value:
            self.cleared.emit()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Put the cross out."""
        self._on_cross = False
        self.update()

    def enterEvent(self, event: QEvent) -> None:
        """Show that it can be pressed."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pill."""
        now = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.hasFocus()
        painter.setPen(QPen(now.accent, now.ring) if focused else QPen(now.line, 1))
        fill = now.selection if self._value else now.raised
        if not self._value and (self.underMouse() or self.isDown()):
            fill = now.pressed if self.isDown() else now.hover
        painter.setBrush(fill)
        inset = now.ring / 2 if focused else 0.5
        frame = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(frame, frame.height() / 2, frame.height() / 2)
        self._draw(painter, self._icon_name, space(3), now.icon_small)
        end = self._end_rect()
        if self._value:
            side = now.icon_small - space(1)
            if self._on_cross:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(now.pressed)
                painter.drawEllipse(end.center(), space(5) / 2, space(5) / 2)
            self._draw(painter, "x", end.center().x() - side / 2, side)
        else:
            side = now.icon_small - space(1)
            self._draw(painter, "chevron-down", end.center().x() - side / 2, side)
        painter.setFont(theme.font())
        painter.setPen(now.text)
        left = space(3) + now.icon_small + space(2)
        room = QRectF(left, 0, end.left() - left, self.height())
        text = painter.fontMetrics().elidedText(
            self._text(self._compact), Qt.TextElideMode.ElideMiddle, int(room.width())
        )
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), text)

    def _draw(self, painter: QPainter, name: str, x: float, side: int) -> None:
        now = tokens()
        mark = QRectF(QPointF(x, (self.height() - side) / 2), QSize(side, side).toSizeF())
        draw_icon(painter, name, mark, now.text if self._value else now.secondary)

    def _end_rect(self) -> QRectF:
        width = space(7)
        return QRectF(self.width() - width - space(1), 0, width, self.height())

    def _text(self, compact: bool) -> str:
        if compact and not self._value:
            return ""
        metrics = QFontMetrics(theme.font())
        text = self._value or self._title
        return metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, WIDEST_TEXT)

    def _width(self, *, compact: bool, widest: int = WIDEST_TEXT) -> int:
        text = self._text(compact)
        width = min(widest, QFontMetrics(theme.font()).horizontalAdvance(text)) if text else 0
        return space(3) + tokens().icon_small + (width + space(3) if text else 0) + space(8)
