"""Shows one photo: fitted, zoomed at the pointer, panned. Runs on the GUI thread."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from twinlens.gui import theme
from twinlens.gui.icons import draw_icon
from twinlens.gui.theme import space, tokens
from twinlens.gui.zoom import STEP, Zoom

NOTCH = 120
"""What the wheel reports for one notch."""

PIXELS_FROM = 3.0
"""From this many device pixels for one of the photo, pixels are shown as squares."""


class ZoomCanvas(QWidget):
    """One photo in up to two resolutions; the sharper one is used where it shows.

    Signals:
        zoom_changed(int): in percent.
        moved(): another part is in view, by the user's hand.
        detail_wanted(): more pixels would show than there are.
        clicked_beside(): the left button was let go beside the photo.
    """

    zoom_changed = Signal(int)
    moved = Signal()
    detail_wanted = Signal()
    clicked_beside = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zoom: Zoom | None = None
        self._small = QImage()
        self._full = QImage()
        self._sentence = ""
        self._drag: QPointF | None = None
        self._dragged = False
        self.margin = 0
        self.setMouseTracking(True)
        self.grabGesture(Qt.GestureType.PinchGesture)

    @property
    def zoom(self) -> Zoom | None:
        """Where the photo lies; None without one."""
        return self._zoom

    def set_photo(self, size: QSize) -> None:
        """Begin with another photo, of this full size, whose pixels come later."""
        self._small, self._full = QImage(), QImage()
        self._sentence = ""
        self._zoom = None
        if not size.isEmpty():
            whole = (float(size.width()), float(size.height()))
            self._set_zoom(Zoom(whole, self._room(), self.devicePixelRatioF()).fitted())
        self.update()

    def set_image(self, image: QImage) -> None:
        """Show pixels of the photo in a resolution for the screen."""
        self._small = image
        self._sentence = ""
        if self._zoom is None:
            self._start_with(image.size())
        self.update()

    def set_full_image(self, image: QImage) -> None:
        """Show the pixels of the photo at full resolution where they show."""
        self._full = image
        self.update()

    def set_sentence(self, sentence: str) -> None:
        """Say why there are no pixels."""
        self._sentence = sentence
        self.update()

    def sentence(self) -> str:
        """Return why there are no pixels; empty where there are."""
        return self._sentence

    def has_detail(self) -> bool:
        """Return whether the full resolution is there."""
        return not self._full.isNull()

    def image(self) -> QImage:
        """Return the sharpest pixels there are."""
        return self._small if self._full.isNull() else self._full

    def fit(self) -> None:
        """Show all of the photo."""
        if self._zoom is not None:
            self._set_zoom(self._zoom.fitted(), by_hand=True)

    def real_size(self, at: QPointF | None = None) -> None:
        """Show one pixel of the photo as one of the screen."""
        if self._zoom is not None:
            real = self._zoom.scaled_to(self._zoom.real_scale, self._point(at))
            self._set_zoom(real, by_hand=True)

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom around a point of the widget, or its middle."""
        if self._zoom is not None:
            self._set_zoom(self._zoom.zoomed(factor, self._point(at)), by_hand=True)

    def pan(self, dx: float, dy: float) -> None:
        """Move the photo."""
        if self._zoom is not None:
            self._set_zoom(self._zoom.panned(dx, dy), by_hand=True)

    def follow(self, other: "ZoomCanvas") -> None:
        """Show the part of this photo that another canvas shows of its own."""
        if self._zoom is not None and other.zoom is not None:
            self._set_zoom(self._zoom.of_part(other.zoom.part))

    def photo_rect(self) -> QRectF:
        """Return where the photo lies in the widget."""
        if self._zoom is None:
            return QRectF()
        corner = QPointF(self._zoom.left + self.margin, self._zoom.top + self.margin)
        width, height = self._zoom.shown
        return QRectF(corner.x(), corner.y(), width, height)

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what is in the middle there."""
        if self._zoom is not None:
            self._set_zoom(self._zoom.resized(self._room(), self.devicePixelRatioF()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer."""
        turned = event.angleDelta().y() or event.angleDelta().x()
        if turned:
            self.zoom_by(STEP ** (turned / NOTCH), event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Zoom by pinching on a touchpad or a touch screen."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_by(1.0 + event.value(), event.position())
                return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                middle = self.mapFromGlobal(pinch.centerPoint())
                self.zoom_by(pinch.scaleFactor(), middle)
                return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to pan."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag = event.position()
            self._dragged = False
            self._show_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan."""
        if self._drag is None:
            return
        moved = event.position() - self._drag
        self._drag = event.position()
        self._dragged = self._dragged or not moved.isNull()
        self.pan(moved.x(), moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End to pan, or tell of a click beside the photo."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        beside = not self._dragged and not self.photo_rect().contains(event.position())
        self._drag = None
        self._show_cursor()
        if beside:
            self.clicked_beside.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Change between all of the photo and its real size at the pointer."""
        if self._zoom is not None and self.photo_rect().contains(event.position()):
            if self._zoom.fits and self._zoom.fit_scale < self._zoom.real_scale:
                self.real_size(event.position())
            else:
                self.fit()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the photo."""
        painter = QPainter(self)
        image = self._image_for_scale()
        if image.isNull():
            self._paint_sentence(painter)
        else:
            self.paint_pixels(painter, image)

    def paint_pixels(self, painter: QPainter, image: QImage) -> None:
        """Draw an image where the photo lies, as much of it as is in view."""
        if self._zoom is None:
            return
        target = self.photo_rect()
        device = self._zoom.scale * self._zoom.ratio
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, device < PIXELS_FROM)
        # Only what is in view: at 800 % the rest would cost the most.
        seen = target.intersected(QRectF(self.rect()))
        factor = image.width() / target.width()
        source = QRectF(
            (seen.x() - target.x()) * factor,
            (seen.y() - target.y()) * image.height() / target.height(),
            seen.width() * factor,
            seen.height() * image.height() / target.height(),
        )
        painter.drawImage(seen, image, source)

    def _paint_sentence(self, painter: QPainter) -> None:
        now = tokens()
        if not self._sentence:
            if self._zoom is not None:
                painter.fillRect(self.photo_rect(), now.placeholder)
            return
        middle = QRectF(self.rect()).center()
        mark = QRectF(0, 0, 2 * now.icon, 2 * now.icon)
        mark.moveCenter(QPointF(middle.x(), middle.y() - space(8)))
        draw_icon(painter, "image-off", mark, now.secondary)
        painter.setFont(theme.font())
        painter.setPen(now.text)
        room = QRectF(0, middle.y(), min(self.width() - space(12), space(120)), space(30))
        room.moveLeft(middle.x() - room.width() / 2)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(room, int(flags | Qt.TextFlag.TextWordWrap), self._sentence)

    # Behind

    def _start_with(self, size: QSize) -> None:
        whole = (float(size.width()), float(size.height()))
        self._set_zoom(Zoom(whole, self._room(), self.devicePixelRatioF()).fitted())

    def _room(self) -> tuple[float, float]:
        both = 2 * self.margin
        return max(1.0, self.width() - both), max(1.0, self.height() - both)

    def _point(self, at: QPointF | None) -> tuple[float, float]:
        point = QRectF(self.rect()).center() if at is None else at
        return point.x() - self.margin, point.y() - self.margin

    def _set_zoom(self, zoom: Zoom, *, by_hand: bool = False) -> None:
        before, self._zoom = self._zoom, zoom
        if before is None or before.percent != zoom.percent:
            self.zoom_changed.emit(zoom.percent)
        self._show_cursor()
        self.ask_for_detail()
        self.update()
        if by_hand:
            self.moved.emit()

    def ask_for_detail(self) -> None:
        """Ask for the full resolution if it would show."""
        if self._zoom is None or self._small.isNull() or not self._full.isNull():
            return
        wanted = self._zoom.shown[0] * self._zoom.ratio
        if wanted > 1.02 * self._small.width() and self._small.width() < self._zoom.photo[0]:
            self.detail_wanted.emit()

    def _image_for_scale(self) -> QImage:
        if self._zoom is None or self._full.isNull():
            return self._small
        enough = self._zoom.shown[0] * self._zoom.ratio <= 1.02 * self._small.width()
        return self._small if enough else self._full

    def _show_cursor(self) -> None:
        if self._zoom is None or not self._zoom.larger_than_view:
            self.unsetCursor()
        elif self._drag is None:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
