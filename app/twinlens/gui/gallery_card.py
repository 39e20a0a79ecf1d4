"""Draws a gallery as a card: some of its photos, its title, facts. Runs on the GUI thread."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap

from twinlens.gui import theme
from twinlens.gui.gallery_cards import facts, on_card
from twinlens.gui.icons import draw_icon
from twinlens.gui.tile_pictures import TilePictures
from twinlens.gui.tile_pills import TilePills
from twinlens.records import Gallery

#: Lines above the photos that say: there are more below. Their distance and how much each is in.
EDGES, EDGE_STEP, EDGE_INSET = 2, 3, 8


@dataclass(frozen=True, slots=True)
class CardState:
    """How a card is drawn."""

    hovered: bool = False
    selected: bool = False
    focused: bool = False


class GalleryCard:
    """Draws cards with the tokens in force; keeps fonts and their measures between cards."""

    def __init__(self, pictures: TilePictures) -> None:
        self._pictures = pictures
        self._pills = TilePills()
        self.refresh()

    def refresh(self) -> None:
        """Take up a change of theme."""
        self._look = theme.tokens()
        self._pills.refresh()
        self._font, self._small = theme.font("body"), theme.font("secondary", tabular=True)
        self._metrics, self._small_metrics = QFontMetrics(self._font), QFontMetrics(self._small)

    def photos_rect(self, cell: QRect) -> QRectF:
        """Return where the photos of a card lie in its cell."""
        below = self._metrics.height() + self._small_metrics.height() + theme.space(2)
        return QRectF(cell).adjusted(0, EDGES * EDGE_STEP, 0, -below)

    def title_rect(self, cell: QRect) -> QRect:
        """Return where the title stands in a cell."""
        top = round(self.photos_rect(cell).bottom()) + theme.space(1)
        return QRect(cell.left(), top, cell.width(), self._metrics.height())

    def paint(self, painter: QPainter, cell: QRect, gallery: Gallery, state: CardState) -> None:
        """Draw a card into its cell; antialiasing is on."""
        look = self._look
        area = self.photos_rect(cell)
        self._paint_edges(painter, area, len(gallery.photos))
        path = QPainterPath()
        path.addRoundedRect(area, look.radius_panel, look.radius_panel)
        painter.save()
        painter.setClipPath(path)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        shown = on_card(gallery)
        for photo_id, place in zip(shown, places(area, len(shown), look.ring), strict=True):
            self._paint_photo(painter, place, photo_id)
        painter.restore()
        if gallery.pinned:
            right = area.right() - look.pill - look.tile_inset
            self._pills.one(painter, right, area.top() + look.tile_inset, "pin", "")
        if state.selected:
            self._ring(painter, area, look.accent)
        if state.focused:
            self._ring(painter, QRectF(cell).adjusted(-1, -1, 1, 1), look.text)
        self._paint_words(painter, cell, gallery, hovered=state.hovered)

    def _paint_edges(self, painter: QPainter, area: QRectF, count: int) -> None:
        painter.setPen(QPen(self._look.groove, 1))
        for number in range(1, min(EDGES, count - 1) + 1):
            y = area.top() - number * EDGE_STEP + 0.5
            inset = number * EDGE_INSET
            painter.drawLine(QPointF(area.left() + inset, y), QPointF(area.right() - inset, y))

    def _paint_photo(self, painter: QPainter, place: QRectF, photo_id: int) -> None:
        pixmap = self._pictures.pixmap(photo_id)
        opacity = self._pictures.opacity(photo_id)
        if pixmap is None or opacity < 1:
            painter.fillRect(place, self._look.placeholder)
        if pixmap is not None:
            painter.setOpacity(opacity)
            painter.drawPixmap(place, pixmap, _middle(pixmap, place.size()))
            painter.setOpacity(1.0)
        elif self._pictures.is_absent(photo_id):
            square = QRectF(0, 0, self._look.icon, self._look.icon)
            square.moveCenter(place.center())
            draw_icon(painter, "image-off", square, self._look.secondary)

    def _paint_words(
        self, painter: QPainter, cell: QRect, gallery: Gallery, *, hovered: bool
    ) -> None:
        room = self.title_rect(cell)
        right = Qt.TextElideMode.ElideRight
        painter.setFont(self._font)
        painter.setPen(self._look.link if hovered else self._look.text)
        title = self._metrics.elidedText(gallery.title, right, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeading, title)
        room.translate(0, room.height())
        room.setHeight(self._small_metrics.height())
        painter.setFont(self._small)
        painter.setPen(self._look.secondary)
        said = self._small_metrics.elidedText(facts(gallery), right, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeading, said)

    def _ring(self, painter: QPainter, area: QRectF, colour: QColor) -> None:
        look = self._look
        painter.setPen(QPen(colour, look.ring))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        out = look.ring / 2
        radius = look.radius_panel + out
        painter.drawRoundedRect(area.adjusted(-out, -out, out, out), radius, radius)


def places(area: QRectF, count: int, gap: float) -> list[QRectF]:
    """Return where so many photos of a card lie: a large one, the others in a column beside it."""
    if count < 2:
        return [area] * count
    width = (area.width() - gap) / (2 if count == 2 else 1.5)
    first = QRectF(area.left(), area.top(), width, area.height())
    left = first.right() + gap
    height = (area.height() - gap * (count - 2)) / (count - 1)
    return [
        first,
        *(
            QRectF(left, area.top() + n * (height + gap), area.right() - left, height)
            for n in range(count - 1)
        ),
    ]


def _middle(pixmap: QPixmap, size: QSizeF) -> QRectF:
    """Return the largest part of a picture that has the shape of its place, from the middle."""
    part = size.scaled(QSizeF(pixmap.size()), Qt.AspectRatioMode.KeepAspectRatio)
    found = QRectF(QPointF(), part)
    found.moveCenter(QRectF(pixmap.rect()).center())
    return found
