"""Controls that lie on a photo and look the same in both themes. Runs on the GUI thread."""

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolButton, QWidget

from twinlens.gui import theme
from twinlens.gui.controls import relabel
from twinlens.gui.icons import draw_icon
from twinlens.gui.theme import space, tokens


class VeilButton(QToolButton):
    """A round button over a photo."""

    def __init__(self, name: str, text: str, shortcut: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._name = name
        relabel(self, name, text, shortcut)
        side = tokens().control + space(2)
        self.resize(side, side)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        """Return the diameter."""
        return self.size()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the circle and the icon."""
        now = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strong = self.underMouse() or self.hasFocus() or self.isDown()
        painter.setOpacity(1.0 if strong else now.offline_opacity)
        painter.setPen(QPen(now.accent, now.ring) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(now.veil)
        inset = now.ring / 2
        painter.drawEllipse(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset))
        mark = QRectF(0, 0, now.icon, now.icon)
        mark.moveCenter(QRectF(self.rect()).center())
        draw_icon(painter, self._name, mark, now.on_veil)


class Caption(QWidget):
    """One line in a pill over a photo; the mouse goes through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_text(self, text: str) -> None:
        """Show a text."""
        self._text = text
        self.setAccessibleName(text)
        self.update()

    def text(self) -> str:
        """Return the text."""
        return self._text

    def place(self, room: QRect) -> None:
        """Lie at the lower edge of a rectangle, in its middle."""
        self.setFont(theme.font())
        wanted = self.fontMetrics().horizontalAdvance(self._text) + space(8)
        width = min(wanted, room.width() - space(8))
        height = tokens().control
        x = room.x() + (room.width() - width) // 2
        self.setGeometry(x, room.bottom() - height - space(2), width, height)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pill."""
        now = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.veil)
        radius = self.height() / 2
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        painter.setPen(now.on_veil)
        painter.setFont(theme.font())
        room = self.rect().adjusted(space(4), 0, -space(4), 0)
        text = painter.fontMetrics().elidedText(
            self._text, Qt.TextElideMode.ElideMiddle, room.width()
        )
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter), text)
