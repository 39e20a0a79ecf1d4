"""The large picture in the inspector: click it to open it, drag it out. GUI thread."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDrag,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from twinlens.gui import theme
from twinlens.gui.icons import draw_icon
from twinlens.gui.mime import photo_mime
from twinlens.gui.theme import space, tokens
from twinlens.records import Tile

HIGHEST = 320
"""Logical pixels; a portrait is shown narrower rather than higher."""

DRAG_SIDE = 96


class PreviewPane(QWidget):
    """Shows one photo whole, as wide as there is room.

    Signals:
        opened(): the user wants to see it large.
    """

    opened = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tile: Tile | None = None
        self._image = QImage()
        self._sentence = ""
        self._press: QPointF | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(self.tr("Open the photo (Enter). Drag it into other programs."))

    def set_tile(self, tile: Tile, image: QImage | None) -> None:
        """Show a photo, with these pixels until better ones come."""
        self._tile = tile
        self._image = image or QImage()
        self._sentence = ""
        self.setAccessibleName(self.tr("Preview of {name}").format(name=tile.path.name))
        self.updateGeometry()
        self.update()

    def set_image(self, image: QImage) -> None:
        """Show better pixels of the same photo."""
        self._image = image
        self.update()

    def image(self) -> QImage:
        """Return the pixels shown."""
        return self._image

    def set_sentence(self, sentence: str) -> None:
        """Say why there are no pixels."""
        self._sentence = sentence
        self.setAccessibleDescription(sentence)
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Return that its height follows the shape of the photo."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that the photo needs."""
        if self._tile is None or not self._tile.width:
            return HIGHEST // 2
        return max(space(20), min(HIGHEST, width * self._tile.height // self._tile.width))

    def sizeHint(self) -> QSize:
        """Return the size at the width it has."""
        return QSize(self.width(), self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        """Return the least that still shows something."""
        return QSize(space(20), space(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the photo, a placeholder of its shape, or why there is none."""
        now = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = self._photo_rect()
        if self._image.isNull():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.placeholder)
            painter.drawRoundedRect(rect, now.radius_tile, now.radius_tile)
            self._paint_sentence(painter)
        else:
            painter.drawImage(rect, self._image)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(now.accent, now.ring))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), now.radius_tile, now.radius_tile)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._press = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the photo out."""
        if self._press is None or self._tile is None:
            return
        moved = (event.position() - self._press).manhattanLength()
        if moved >= QApplication.startDragDistance():
            self._press = None
            self._drag_out(self._tile)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the photo."""
        if self._press is not None and event.button() == Qt.MouseButton.LeftButton:
            self._press = None
            self.opened.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the photo."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def _photo_rect(self) -> QRectF:
        whole = QRectF(self.rect())
        shape = self._image.size()
        if shape.isEmpty() and self._tile is not None:
            shape = QSize(self._tile.width, self._tile.height)
        if shape.isEmpty():
            return whole
        size = shape.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        rect = QRectF(0, 0, size.width(), size.height())
        rect.moveCenter(whole.center())
        rect.moveTopLeft(QPointF(rect.topLeft().toPoint()))
        return rect

    def _paint_sentence(self, painter: QPainter) -> None:
        if not self._sentence:
            return
        now = tokens()
        mark = QRectF(0, 0, now.icon, now.icon)
        mark.moveCenter(QPointF(self.width() / 2, self.height() / 2 - space(6)))
        draw_icon(painter, "image-off", mark, now.secondary)
        painter.setPen(now.secondary)
        painter.setFont(theme.font("secondary"))
        room = QRectF(self.rect()).adjusted(space(3), self.height() / 2 - space(2), -space(3), 0)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(room, int(flags | Qt.TextFlag.TextWordWrap), self._sentence)

    def _drag_out(self, tile: Tile) -> None:
        drag = QDrag(self)
        drag.setMimeData(photo_mime([tile]))
        if not self._image.isNull():
            small = self._image.scaled(
                DRAG_SIDE,
                DRAG_SIDE,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            drag.setPixmap(QPixmap.fromImage(small))
        drag.exec(Qt.DropAction.CopyAction)
