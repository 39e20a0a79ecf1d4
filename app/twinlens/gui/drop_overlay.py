"""The dashed target that says what a drop would do. Runs on the GUI thread."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from twinlens.gui import theme
from twinlens.gui.icons import draw_icon
from twinlens.gui.mime import Payload
from twinlens.gui.theme import space, tokens


class DropOverlay(QWidget):
    """Covers its parent while something is dragged over the window; takes no events itself."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._payload = Payload()
        self._text = ""
        self.hide()

    def offer(self, payload: Payload, text: str) -> None:
        """Say what dropping this would do; grey with the reason where it would do nothing."""
        self._payload = payload
        self._text = text
        self.setAccessibleName(self._text)
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.raise_()
        self.show()
        self.update()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the target."""
        now = tokens()
        usable = self._payload.usable
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), now.panel)
        pen = QPen(now.accent if usable else now.handle, now.ring)
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(now.selection if usable else now.window)
        inset = space(2)
        frame = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(frame, now.radius_panel, now.radius_panel)
        self._paint_words(painter, frame)

    def _paint_words(self, painter: QPainter, frame: QRectF) -> None:
        now = tokens()
        usable = self._payload.usable
        painter.setFont(theme.font("heading" if usable else "body"))
        side, gap = now.icon, space(2)
        room = frame.adjusted(space(3), 0, -space(3), 0)
        widest = int(room.width()) - side - gap
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap)
        wanted = QRect(0, 0, widest, int(room.height()))
        needed = painter.fontMetrics().boundingRect(wanted, flags, self._text)
        left = room.center().x() - (needed.width() + side + gap) / 2
        mark = QRectF(left, room.center().y() - side / 2, side, side)
        draw_icon(painter, self._icon(), mark, now.accent if usable else now.secondary)
        painter.setPen(now.text if usable else now.secondary)
        words = QRectF(left + side + gap, room.top(), needed.width() + 1, room.height())
        painter.drawText(words, flags, self._text)

    def _icon(self) -> str:
        if self._payload.examples:
            return "image-plus"
        return "folder-plus" if self._payload.folders else "info"
