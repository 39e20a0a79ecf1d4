"""A picture on which a rectangle is drawn, moved and stretched. Runs on the GUI thread."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from twinlens.gui import region_frame
from twinlens.gui.region_frame import Grip
from twinlens.gui.theme import space, tokens
from twinlens.records import Region

STEP = 0.02
"""How far a key moves a frame, in fractions of the picture."""

_ARROWS = {
    Qt.Key.Key_Left: (-STEP, 0.0),
    Qt.Key.Key_Right: (STEP, 0.0),
    Qt.Key.Key_Up: (0.0, -STEP),
    Qt.Key.Key_Down: (0.0, STEP),
}
_CURSORS = {
    Grip.TOP_LEFT: Qt.CursorShape.SizeFDiagCursor,
    Grip.BOTTOM_RIGHT: Qt.CursorShape.SizeFDiagCursor,
    Grip.TOP_RIGHT: Qt.CursorShape.SizeBDiagCursor,
    Grip.BOTTOM_LEFT: Qt.CursorShape.SizeBDiagCursor,
    Grip.TOP: Qt.CursorShape.SizeVerCursor,
    Grip.BOTTOM: Qt.CursorShape.SizeVerCursor,
    Grip.LEFT: Qt.CursorShape.SizeHorCursor,
    Grip.RIGHT: Qt.CursorShape.SizeHorCursor,
    Grip.INSIDE: Qt.CursorShape.SizeAllCursor,
}


class RegionCanvas(QWidget):
    """A picture with at most one frame on it.

    Signals:
        changed(object): the frame is another one and the hand rests: a Region, or None.
        chosen(): the user is content (Enter or double click).
    """

    changed = Signal(object)
    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self._region: Region | None = None
        self._grip: Grip | None = None
        self._start: region_frame.Point | None = None
        self._before: Region | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._describe()

    def set_image(self, image: QImage) -> None:
        """Show a picture."""
        self._image = image
        self.update()

    def image(self) -> QImage:
        """Return the picture."""
        return self._image

    def region(self) -> Region | None:
        """Return the frame; None means the whole picture."""
        return self._region

    def set_region(self, region: Region | None) -> None:
        """Show a frame without telling that it changed."""
        self._region = region
        self._describe()
        self.update()

    def picture_rect(self) -> QRectF:
        """Return where the picture is drawn, in the widget's own coordinates."""
        size = QSize(self._image.size())
        if size.isEmpty():
            return QRectF(self.rect())
        size.scale(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        rect = QRectF(0, 0, size.width(), size.height())
        rect.moveCenter(QRectF(self.rect()).center())
        return rect

    def frame_rect(self) -> QRectF:
        """Return where the frame is drawn; empty where there is none."""
        if self._region is None:
            return QRectF()
        rect, region = self.picture_rect(), self._region
        return QRectF(
            rect.x() + region.x * rect.width(),
            rect.y() + region.y * rect.height(),
            region.width * rect.width(),
            region.height * rect.height(),
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        now = tokens()
        painter = QPainter(self)
        if self._image.isNull():
            painter.fillRect(self.rect(), now.placeholder)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        rect, frame = self.picture_rect(), self.frame_rect()
        painter.drawImage(rect, self._image)
        if not frame.isEmpty():
            self._dim_around(painter, rect, frame)
            self._draw_frame(painter, frame, now.accent if self.hasFocus() else now.on_veil)
        elif self.hasFocus():
            painter.setPen(QPen(now.accent, now.ring))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))

    def _dim_around(self, painter: QPainter, rect: QRectF, frame: QRectF) -> None:
        veil = tokens().veil
        painter.fillRect(QRectF(rect.topLeft(), QPointF(rect.right(), frame.top())), veil)
        painter.fillRect(QRectF(QPointF(rect.left(), frame.bottom()), rect.bottomRight()), veil)
        left = QRectF(QPointF(rect.left(), frame.top()), QPointF(frame.left(), frame.bottom()))
        right = QRectF(QPointF(frame.right(), frame.top()), QPointF(rect.right(), frame.bottom()))
        painter.fillRect(left, veil)
        painter.fillRect(right, veil)

    def _draw_frame(self, painter: QPainter, frame: QRectF, colour: QColor) -> None:
        now = tokens()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(now.veil, now.ring + 2), QPen(colour, now.ring)):
            painter.setPen(pen)
            painter.drawRect(frame)
        painter.setPen(QPen(now.veil, 1))
        painter.setBrush(colour)
        side = space(2)
        for x in (frame.left(), frame.center().x(), frame.right()):
            for y in (frame.top(), frame.center().y(), frame.bottom()):
                if QPointF(x, y) != frame.center():
                    painter.drawEllipse(QPointF(x, y), side / 2, side / 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._image.isNull():
            return
        self._start = self._fractions(event.position())
        self._before = self._region
        self._grip = self._grip_under(event.position())
        if self._grip is None:
            self._show(None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._start is None:
            grip = self._grip_under(event.position())
            self.setCursor(_CURSORS[grip] if grip else Qt.CursorShape.CrossCursor)
            return
        here = self._fractions(event.position())
        if self._grip is not None and self._before is not None:
            dx, dy = here[0] - self._start[0], here[1] - self._start[1]
            self._show(region_frame.stretched(self._before, self._grip, dx, dy))
        else:
            self._show(region_frame.spanned(self._start, here))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._start is None:
            return
        self._start = None
        if self._region != self._before:
            self.changed.emit(self._region)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._start = None
        if self.frame_rect().contains(event.position()):
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _ARROWS and not self._image.isNull():
            self._step(
                *_ARROWS[key], stretch=event.modifiers() == Qt.KeyboardModifier.ShiftModifier
            )
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._region is not None:
            self._show(None)
            self.changed.emit(None)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)

    def _step(self, dx: float, dy: float, *, stretch: bool) -> None:
        if self._region is None:
            region = region_frame.middle()
        else:
            grip = Grip.BOTTOM_RIGHT if stretch else Grip.INSIDE
            region = region_frame.stretched(self._region, grip, dx, dy)
        if region != self._region:
            self._show(region)
            self.changed.emit(region)

    def _show(self, region: Region | None) -> None:
        self._region = region
        self._describe()
        self.update()

    def _describe(self) -> None:
        self.setAccessibleName(self.tr("Part of the picture"))
        if self._region is None:
            text = self.tr("The whole picture. An arrow key starts a frame in the middle.")
        else:
            numbers = (self._region.x, self._region.y, self._region.width, self._region.height)
            left, top, width, height = (round(100 * number) for number in numbers)
            text = self.tr(
                "{width} % wide and {height} % high, {left} % from the left and {top} % from the "
                "top. Arrows move the frame, Shift with arrows stretches it, Delete removes it."
            ).format(left=left, top=top, width=width, height=height)
        self.setAccessibleDescription(text)

    def _fractions(self, point: QPointF) -> region_frame.Point:
        rect = self.picture_rect()
        return (point.x() - rect.x()) / rect.width(), (point.y() - rect.y()) / rect.height()

    def _grip_under(self, point: QPointF) -> Grip | None:
        if self._region is None:
            return None
        rect = self.picture_rect()
        reach = space(2) / rect.width(), space(2) / rect.height()
        return region_frame.grip_at(self._region, self._fractions(point), reach)
