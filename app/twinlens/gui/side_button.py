"""A button that looks like a row of the sidebar. Runs on the GUI thread."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from twinlens.gui import theme
from twinlens.gui.icons import draw_icon


class SideButton(QAbstractButton):
    """An icon and a text, or in compact form the icon alone."""

    def __init__(self, icon: str, text: str, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._compact = False
        self.setText(text)
        self.setAccessibleName(text)
        self.setToolTip(f"{text} ({keys})")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_compact(self, compact: bool) -> None:
        """Show the icon alone."""
        self._compact = compact
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of a row."""
        height = theme.tokens().pixels(theme.space(8))
        if self._compact:
            return QSize(height, theme.space(9))
        width = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(width + theme.space(12), height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as the sidebar draws its rows."""
        now = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(self.rect()).adjusted(theme.space(1), 1, -theme.space(1), -1)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked():
            painter.setBrush(now.selection)
        elif self.isDown():
            painter.setBrush(now.pressed)
        elif self.underMouse():
            painter.setBrush(now.hover)
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(body, now.radius_panel, now.radius_panel)
        if self.hasFocus():
            painter.setPen(now.accent)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = body.adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(ring, now.radius_panel, now.radius_panel)
        size = now.icon if self._compact else now.icon_small
        mark = QRectF(0, 0, size, size)
        mark.moveCenter(body.center())
        if not self._compact:
            mark.moveLeft(body.left() + theme.space(2))
        draw_icon(painter, self._icon, mark, now.text)
        if not self._compact:
            painter.setPen(now.text)
            painter.setFont(theme.font("body"))
            words = QRectF(body)
            words.setLeft(mark.right() + theme.space(2))
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
