"""One picture of a pair, with what it has in common with the other drawn on it. GUI thread."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from twinlens.gui.theme import space, tokens
from twinlens.gui.zoom_canvas import ZoomCanvas
from twinlens.records import Comparison, Outline, Region

#: As large as a picture is taken to be, in pixels of its long side: a small copy is held against
#: a large original at the same size.
LONG_SIDE = 4096
#: A part of at most this share of a photo is worth pointing out on a thumbnail.
SMALL_PART = 0.7


class PairCanvas(ZoomCanvas):
    """Shows a picture as large as there is room, whatever number of pixels it has."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._outline: Outline | None = None

    def begin(self, width: int, height: int) -> None:
        """Begin with another picture of this shape, whose pixels come later."""
        shape = QSize(max(1, width), max(1, height))
        self.set_photo(shape.scaled(LONG_SIDE, LONG_SIDE, Qt.AspectRatioMode.KeepAspectRatio))

    def put(self, image: QImage) -> None:
        """Show pixels of the picture; it may turn out to be of another shape."""
        zoom = self.zoom
        shape = QSize(LONG_SIDE, LONG_SIDE)
        shape = image.size().scaled(shape, Qt.AspectRatioMode.KeepAspectRatio)
        near = LONG_SIDE / 100
        if (
            zoom is None
            or abs(zoom.photo[0] - shape.width()) > near
            or abs(zoom.photo[1] - shape.height()) > near
        ):
            self.set_photo(shape)
        self.set_image(image)

    def set_outline(self, outline: Outline | None) -> None:
        """Draw around a part of the picture."""
        if outline != self._outline:
            self._outline = outline
            self.update()

    @property
    def outline(self) -> Outline | None:
        """What is drawn around."""
        return self._outline

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw picture and outline."""
        super().paintEvent(event)
        if self._outline is None or self.image().isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inside = self.photo_rect()
        draw_outline(painter, inside, self._outline)


def draw_outline(painter: QPainter, photo: QRectF, outline: Outline) -> None:
    """Draw around a part of a photo, so that it can be seen on any."""
    now = tokens()
    corners = QPolygonF(
        [
            QPointF(photo.x() + x * photo.width(), photo.y() + y * photo.height())
            for x, y in outline.corners
        ]
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setClipRect(photo)
    for pen in (QPen(now.veil, now.ring + space(1) / 2), QPen(now.on_veil, now.ring)):
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPolygon(corners)
    painter.setClipping(False)


def part_seen(comparison: Comparison) -> Outline | None:
    """Return the part of a photo that is like the query; None where that is most of the photo."""
    region = comparison.region
    if region is None or region.width * region.height > SMALL_PART:
        return None
    return comparison.outline or outline_of(region)


def outline_of(region: Region) -> Outline:
    """Return what lies around a rectangle."""
    right, lower = region.x + region.width, region.y + region.height
    return Outline(((region.x, region.y), (right, region.y), (right, lower), (region.x, lower)))


def outline_in_second(common: Comparison | None) -> Outline | None:
    """Return what lies in the second of two pictures of what they have in common."""
    if common is None or common.outline is not None or common.region is None:
        return common.outline if common is not None else None
    return outline_of(common.region)
