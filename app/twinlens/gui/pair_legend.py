"""What the colours of heat maps mean. Runs on the GUI thread."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from twinlens.gui import theme
from twinlens.gui.pictures import image_of
from twinlens.gui.theme import space, tokens


class Legend(QWidget):
    """Says what the colours of heat maps mean."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = QImage()
        self.setFixedHeight(tokens().pixels(tokens().secondary_px) + space(3))
        self.setAccessibleName(
            self.tr("Dark adds nothing to the similarity, yellow adds the most.")
        )
        self.setToolTip(self.accessibleName())

    def set_scale(self, colours: bytes) -> None:
        """Take the colours, as RGB bytes from nothing to most."""
        self._scale = image_of((colours, len(colours) // 3, 1))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the colours between the words for their ends."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setFont(theme.font("secondary"))
        painter.setPen(tokens().secondary)
        room = QRectF(self.rect())
        words = (self.tr("adds nothing"), self.tr("adds most"))
        left, right = (painter.fontMetrics().horizontalAdvance(word) for word in words)
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(room, middle, words[0])
        painter.drawText(room, middle | int(Qt.AlignmentFlag.AlignRight), words[1])
        if not self._scale.isNull():
            bar = QRectF(left + space(2), 0, room.width() - left - right - space(4), space(2))
            bar.moveCenter(QRectF(bar.x(), 0, bar.width(), room.height()).center())
            painter.drawImage(bar, self._scale)
