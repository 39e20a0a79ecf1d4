"""The picture on a chip, with the part that counts and the sign drawn on it. GUI thread."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from twinlens.gui.icons import draw_icon
from twinlens.gui.theme import reduced_motion, space, tokens
from twinlens.records import Example

NARROWEST, WIDEST = 44, 112
"""The width of the picture; beyond that it is shown whole with less height."""


class ChipFace(QWidget):
    """Shows the picture of an example, a placeholder until it is there, or that it is broken.

    Signals:
        clicked(): the left button was let go on it.
    """

    clicked = Signal()

    def __init__(self, height: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._height = height
        self._image = QImage()
        self._example = Example()
        self._broken = False
        self._fade = QVariantAnimation(self)
        self._fade.setStartValue(0.0)
        self._fade.setEndValue(1.0)
        self._fade.valueChanged.connect(self.update)

    def image(self) -> QImage:
        """Return the picture; null until it is there."""
        return self._image

    def set_image(self, image: QImage) -> None:
        """Show the picture."""
        entering = self._image.isNull()
        self._image = image
        if entering and self.isVisible() and not reduced_motion():
            self._fade.setDuration(tokens().fade_ms)
            self._fade.start()
        self.update()

    def set_example(self, example: Example, *, broken: bool) -> None:
        """Draw the sign and the part of an example."""
        self._example = example
        self._broken = broken
        self.update()

    def wanted_width(self) -> int:
        """Return the width that shows the picture best."""
        if self._image.isNull():
            return self._height
        width = self._image.width() * self._height // max(1, self._image.height())
        return min(max(width, NARROWEST), WIDEST)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell of a click."""
        inside = self.rect().contains(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and inside:
            self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture and what is on it."""
        now = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._image.isNull():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.placeholder)
            painter.drawRoundedRect(QRectF(self.rect()), now.radius_tile, now.radius_tile)
        if self._broken:
            mark = QRectF(0, 0, now.icon, now.icon)
            mark.moveCenter(QRectF(self.rect()).center())
            draw_icon(painter, "image-off", mark, now.failed)
        elif not self._image.isNull():
            self._paint_picture(painter)

    def _paint_picture(self, painter: QPainter) -> None:
        now = tokens()
        size = QSize(self._image.size())
        size.scale(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        rect = QRectF(0, 0, size.width(), size.height())
        rect.moveCenter(QRectF(self.rect()).center())
        rect.moveTopLeft(QPointF(rect.topLeft().toPoint()))
        if self._fade.state() == QVariantAnimation.State.Running:
            painter.setOpacity(float(self._fade.currentValue()))
        painter.drawImage(rect, self._image)
        painter.setOpacity(1.0)
        if (region := self._example.region) is not None:
            inner = QRectF(
                rect.x() + region.x * rect.width(),
                rect.y() + region.y * rect.height(),
                region.width * rect.width(),
                region.height * rect.height(),
            )
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for colour, width in ((now.veil, now.ring + 1.5), (now.on_veil, 1.5)):
                painter.setPen(QPen(colour, width))
                painter.drawRect(inner)
        if self._example.negative:
            self._paint_minus(painter, rect)

    def _paint_minus(self, painter: QPainter, rect: QRectF) -> None:
        now = tokens()
        side, inset = now.icon_small + space(1), space(1) / 2
        pill = QRectF(rect.left() + space(1), rect.bottom() - side - space(1), side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.veil)
        painter.drawEllipse(pill)
        draw_icon(painter, "minus", pill.adjusted(inset, inset, -inset, -inset), now.on_veil)
