"""Draws one tile of the grid and tells what lies where on it. Runs on the GUI thread."""

from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap

from twinlens.gui import theme
from twinlens.gui.icons import draw_icon
from twinlens.gui.pair_canvas import draw_outline, part_seen
from twinlens.gui.tile_geometry import fitted_rect, photo_rect
from twinlens.gui.tile_marks import MATCH_ICONS
from twinlens.gui.tile_pills import TilePills
from twinlens.gui.wording import name_text
from twinlens.records import Tile


class Part(Enum):
    """What the pointer can be on."""

    PHOTO = auto()
    CHECK = auto()
    PLUS = auto()
    MINUS = auto()


BUTTONS = (Part.CHECK, Part.PLUS, Part.MINUS)


@dataclass(frozen=True, slots=True)
class TileState:
    """How a tile is drawn.

    `hot` is the part under the pointer; `called_right` whether the photo was called right, None
    for neither right nor wrong.
    """

    hovered: bool = False
    selected: bool = False
    focused: bool = False
    hot: Part | None = None
    opacity: float = 1.0
    absent: bool = False
    called_right: bool | None = None


class ThumbnailDelegate:
    """Draws tiles with the tokens in force; keeps fonts and their measures between tiles."""

    def __init__(self) -> None:
        self._look = theme.tokens()
        self._pills = TilePills()
        self.refresh()

    def refresh(self) -> None:
        """Take up a change of theme."""
        self._look = theme.tokens()
        self._pills.refresh()
        self._font = theme.font("secondary", tabular=True)
        self._metrics = QFontMetrics(self._font)

    def paint(
        self, painter: QPainter, cell: QRect, tile: Tile, pixmap: QPixmap | None, state: TileState
    ) -> None:
        """Draw a tile.

        Args:
            painter: antialiasing is on.
            cell: its square.
            tile: what is known of the photo.
            pixmap: its thumbnail, None while it loads.
            state: how it stands.
        """
        look = self._look
        photo = photo_rect(cell, tile, pixmap, painter.device().devicePixelRatio())
        if pixmap is None or state.opacity < 1.0:
            self._paint_placeholder(painter, photo, absent=state.absent)
        if pixmap is not None:
            visible = look.offline_opacity if tile.offline else 1.0
            painter.setOpacity(visible * state.opacity)
            _draw_pixmap(painter, photo, pixmap)
            painter.setOpacity(1.0)
            if tile.comparison is not None and (part := part_seen(tile.comparison)) is not None:
                draw_outline(painter, photo, part)
        if state.selected:
            _ring(painter, photo, look.radius_tile, look.accent, look.ring, 0)
        if state.focused:
            _ring(painter, QRectF(cell), look.radius_tile, look.text, look.ring, look.ring)
        self._paint_furniture(painter, cell, photo, tile, state)

    def drag_pixmap(self, pixmap: QPixmap | None, count: int, ratio: float) -> QPixmap:
        """Return what hangs on the pointer while photos are dragged: one of them, and how many."""
        look = self._look
        cell = QRect(0, 0, look.tile_smallest, look.tile_smallest)
        result = QPixmap(cell.size() * ratio)
        result.setDevicePixelRatio(ratio)
        result.fill(Qt.GlobalColor.transparent)
        painter = QPainter(result)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        photo = fitted_rect(cell, QSizeF(pixmap.size() if pixmap else cell.size()), ratio)
        if pixmap is None:
            self._paint_placeholder(painter, photo, absent=False)
        else:
            _draw_pixmap(painter, photo, pixmap)
        if count > 1:
            self._pills.one(painter, look.tile_inset, look.tile_inset, "images", str(count))
        painter.end()
        return result

    def part_at(
        self, cell: QRect, tile: Tile, point: QPointF, called_right: bool | None = None
    ) -> Part:
        """Return what lies at a point of a hovered tile."""
        rest = self._rest_frame(photo_rect(cell, tile, None, 1.0), tile, called_right)
        frame = self._button_frame(cell, rest)
        for part in BUTTONS:
            if self._button(frame, part).contains(point):
                return part
        return Part.PHOTO

    def _paint_placeholder(self, painter: QPainter, photo: QRectF, *, absent: bool) -> None:
        look = self._look
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.placeholder)
        painter.drawRoundedRect(photo, look.radius_tile, look.radius_tile)
        if absent:
            square = QRectF(0, 0, look.icon, look.icon)
            square.moveCenter(photo.center())
            draw_icon(painter, "image-off", square, look.secondary)

    def _paint_furniture(
        self, painter: QPainter, cell: QRect, photo: QRectF, tile: Tile, state: TileState
    ) -> None:
        look = self._look
        rest = self._rest_frame(photo, tile, state.called_right)
        frame = self._button_frame(cell, rest)
        shows_more = state.hovered or state.selected
        # A strip without room for a word would only hide a part of the photo.
        room = photo.width() - self._pills.width(tile, state.called_right) - look.tile_inset
        shows_name = shows_more and room >= 2 * look.tile_button
        if shows_name:
            self._paint_band(painter, rest)
        left, right = self._pills.paint(painter, rest, tile, state.called_right)
        if shows_name:
            self._paint_name(painter, rest, tile, left, right)
        if shows_more:
            self._paint_check(painter, frame, state)
        if state.hovered:
            for part, name in ((Part.PLUS, "plus"), (Part.MINUS, "minus")):
                self._paint_button(painter, self._button(frame, part), name, state.hot is part)

    def _rest_frame(self, photo: QRectF, tile: Tile, called_right: bool | None) -> QRectF:
        """Return the photo's rectangle, or one around it where its pills have no room on it."""
        look = self._look
        height = max(photo.height(), float(look.pill + 2 * look.tile_inset))
        width = max(photo.width(), self._pills.width(tile, called_right))
        frame = QRectF(0, 0, width, height)
        frame.moveCenter(photo.center())
        return frame

    def _button_frame(self, cell: QRect, rest: QRectF) -> QRectF:
        """Return where the buttons go: on the photo, or around it where it is too small."""
        look = self._look
        frame = QRectF(rest)
        across = float(len(BUTTONS) * (look.tile_button + look.tile_inset) + look.tile_inset)
        if frame.width() < across:
            frame.setWidth(across)
            frame.moveCenter(QPointF(QRectF(cell).center().x(), frame.center().y()))
        least = look.pill + look.tile_button + 4 * look.tile_inset
        frame.setTop(min(frame.top(), frame.bottom() - least))
        return frame

    def _paint_band(self, painter: QPainter, frame: QRectF) -> None:
        """Darken the lower edge, so that a name can be read on any photo."""
        look = self._look
        height = look.pill + 2 * look.tile_inset
        band = QRectF(frame.left(), frame.bottom() - height, frame.width(), height)
        outline = QPainterPath()
        outline.addRoundedRect(frame, look.radius_tile, look.radius_tile)
        lower = QPainterPath()
        lower.addRect(band)
        painter.fillPath(outline.intersected(lower), look.veil)

    def _paint_name(
        self, painter: QPainter, frame: QRectF, tile: Tile, left: float, right: float
    ) -> None:
        look = self._look
        top = frame.bottom() - look.pill - look.tile_inset
        left += look.tile_inset / 2
        right -= look.tile_inset / 2
        if tile.match is not None and right - left > look.icon_small:
            square = QRectF(left, top, look.icon_small, look.icon_small)
            square.translate(0, (look.pill - look.icon_small) / 2)
            draw_icon(painter, MATCH_ICONS[tile.match], square, look.on_veil)
            left += look.icon_small + look.tile_inset
        if right - left < 2 * look.tile_button:
            return
        name = " ".join(name_text(tile.path).split())
        elided = self._metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, int(right - left))
        painter.setFont(self._font)
        painter.setPen(look.on_veil)
        box = QRectF(left, top, right - left, look.pill)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided)

    def _paint_check(self, painter: QPainter, frame: QRectF, state: TileState) -> None:
        look = self._look
        box = self._button(frame, Part.CHECK)
        if state.selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.accent)
            painter.drawEllipse(box)
            _draw_centred(painter, "check", box, look.icon_small, look.on_accent)
            return
        hot = state.hot is Part.CHECK
        self._paint_button(painter, box, "check" if hot else "circle", hot)

    def _paint_button(self, painter: QPainter, box: QRectF, icon: str, hot: bool) -> None:
        look = self._look
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.on_veil if hot else look.veil)
        painter.drawEllipse(box)
        ink = QColor(look.veil) if hot else look.on_veil
        ink.setAlpha(255)
        _draw_centred(painter, icon, box, look.icon_small, ink)

    def _button(self, frame: QRectF, part: Part) -> QRectF:
        look = self._look
        side = look.tile_button
        box = QRectF(0, frame.top() + look.tile_inset, side, side)
        if part is Part.CHECK:
            box.moveLeft(frame.left() + look.tile_inset)
        else:
            places = 1 if part is Part.MINUS else 2
            box.moveLeft(frame.right() - places * (side + look.tile_inset))
        return box


def _draw_pixmap(painter: QPainter, photo: QRectF, pixmap: QPixmap) -> None:
    ratio = painter.device().devicePixelRatio()
    exact = abs(photo.width() * ratio - pixmap.width()) < 1
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not exact)
    painter.drawPixmap(photo, pixmap, QRectF(pixmap.rect()))


def _draw_centred(painter: QPainter, icon: str, box: QRectF, size: int, colour: QColor) -> None:
    square = QRectF(0, 0, size, size)
    square.moveCenter(box.center())
    draw_icon(painter, icon, square, colour)


def _ring(
    painter: QPainter, rect: QRectF, radius: float, colour: QColor, width: int, gap: int
) -> None:
    """Draw a ring outside a rectangle, `gap` away from it."""
    out = gap + width / 2
    painter.setPen(QPen(colour, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(-out, -out, out, out), radius + out, radius + out)
