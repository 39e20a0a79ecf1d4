"""Paints the map: dots, pictures where there is room, titles of galleries. GUI thread."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPainterPath, QPen, QPolygonF

from twinlens.gui import theme
from twinlens.gui.map_camera import Camera
from twinlens.gui.map_drawing import Dots, Points, Spot, shades, spots
from twinlens.gui.map_scene import Ids, Landmark, Scene
from twinlens.gui.tile_pictures import TilePictures

#: With fewer photos than these in view their pictures show; with more, titles of galleries do.
NEAR = 400
#: Photos in view below which pictures are larger, and how large they are, in steps of 4 pixels.
SIDES = ((24, 32), (90, 24), (NEAR, 16))
COVER_STEPS, TITLE_STEPS = 14, 30
#: With fewer photos than these dots are larger by so many pixels, to be seen where few are.
SPARSE, MORE = 3000, 2
#: Sides of dots in pixels, by how much larger than fitted the map is.
DOTS = ((1.0, 3), (3.0, 4), (8.0, 5), (20.0, 7))


#: Dots, and where they lie in the view, in device pixels.
Layer = tuple[QRect, QImage]


class MapPainter:
    """Keeps what was drawn of dots until the view or the selection is another.

    Args:
        pictures: the thumbnails.
    """

    def __init__(self, pictures: TilePictures) -> None:
        self._pictures = pictures
        self._key: tuple[object, ...] = ()
        self._layers: list[Layer] = []
        self._dots, self._larger_dots = Dots(), Dots()
        self._points = np.zeros((0, 2), dtype=np.float32)
        self._asked: tuple[object, ...] = ()
        self.shown: list[Spot] = []
        self.side = 0
        self._titles: list[tuple[Landmark, Spot]] = []

    @property
    def points(self) -> Points:
        """Where the photos lie in the view, as last painted."""
        return self._points

    def start_over(self) -> None:
        """Draw everything anew; the scene is another."""
        self._key = self._asked = ()
        self.shown = []
        self._pictures.start_over()

    def paint(
        self, painter: QPainter, scene: Scene, camera: Camera, ratio: float, *, edition: int
    ) -> None:
        """Paint the map.

        Args:
            painter: on a widget as large as the camera's view.
            scene: what to show.
            camera: which part of it.
            ratio: device pixels for a logical one.
            edition: another number for another scene or selection.
        """
        look = theme.tokens()
        key = (camera, ratio, edition, look.dark)
        if key != self._key:
            self._key = key
            self._points = camera.on_view(scene.places)
            self._layers = self._made_layers(scene, camera, ratio)
            self._choose(scene, camera)
        for where, image in self._layers:
            painter.drawImage(QPointF(where.topLeft()) / ratio, image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._ask(scene, ratio)
        for spot in self.shown:
            self._paint_picture(painter, scene, spot)
        self._paint_titles(painter, scene)
        if scene.current is not None:
            self._paint_current(painter, self._points[scene.current])

    def row_at(self, point: QPointF, reach: float) -> int | None:
        """Return the photo at a point: of a picture that shows there, else of the nearest dot."""
        half = self.side / 2
        for spot in self.shown:
            if abs(spot.x - point.x()) <= half and abs(spot.y - point.y()) <= half:
                return spot.row
        if not len(self._points):
            return None
        apart = np.abs(self._points - np.array([point.x(), point.y()], np.float32)).max(axis=1)
        row = int(apart.argmin())
        return row if apart[row] <= reach else None

    def _made_layers(self, scene: Scene, camera: Camera, ratio: float) -> list[Layer]:
        look = theme.tokens()
        width, height = (max(1, round(side * ratio)) for side in camera.view)
        more = MORE if len(self._points) < SPARSE else 0
        dot = next(side for least, side in reversed(DOTS) if camera.zoom >= least) + more
        side = round(dot * ratio)
        points = self._points if ratio == 1 else self._points * np.float32(ratio)
        view = QRect(0, 0, width, height)
        layers = [_layer(self._dots, points, view, side, look.secondary)]
        if scene.selected.any():
            chosen, larger = points[scene.selected], side + round(2 * ratio)
            around = _around(chosen, larger).intersected(view)
            if not around.isEmpty():
                layers.append(_layer(self._larger_dots, chosen, around, larger, look.accent))
        for _, image in layers:
            image.setDevicePixelRatio(ratio)
        return layers

    def _choose(self, scene: Scene, camera: Camera) -> None:
        """Decide which pictures and titles have room."""
        width, height = camera.view
        x, y = self._points[:, 0], self._points[:, 1]
        inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
        rows = np.flatnonzero(inside)
        self._titles = []
        if len(rows) > NEAR and scene.landmarks:
            at = scene.landmark_rows
            self._choose_landmarks(scene, at[inside[at]])
            return
        steps = next((steps for most, steps in SIDES if len(rows) <= most), SIDES[-1][1])
        self.side = theme.space(steps)
        room = self.side + theme.space(1)
        # What shows already stays, so that nothing flickers while the map is moved.
        before = [spot.row for spot in self.shown]
        if scene.current is not None:
            before.insert(0, scene.current)
        self.shown = spots(self._points, rows, (room, room), before)

    def _choose_landmarks(self, scene: Scene, rows: Ids) -> None:
        self.side = theme.space(COVER_STEPS)
        line = QFontMetrics(theme.font("secondary")).height()
        room = (float(theme.space(TITLE_STEPS)), float(self.side + line + theme.space(2)))
        self.shown = spots(self._points, rows, room)
        self._titles = [(scene.landmarks[spot.row], spot) for spot in self.shown]

    def _ask(self, scene: Scene, ratio: float) -> None:
        wanted = tuple(int(scene.ids[spot.row]) for spot in self.shown)
        asked = (wanted, self.side, ratio)
        if asked != self._asked:
            self._asked = asked
            radius = theme.tokens().radius_tile * ratio
            self._pictures.ask_for(wanted, round(self.side * ratio), radius)

    def _paint_picture(self, painter: QPainter, scene: Scene, spot: Spot) -> None:
        look = theme.tokens()
        photo_id = int(scene.ids[spot.row])
        pixmap = self._pictures.pixmap(photo_id)
        place = self._place(scene, spot)
        opacity = self._pictures.opacity(photo_id)
        if pixmap is None or opacity < 1:
            path = QPainterPath()
            path.addRoundedRect(place, look.radius_tile, look.radius_tile)
            painter.fillPath(path, look.placeholder)
        if pixmap is not None:
            painter.setOpacity(opacity)
            painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))
            painter.setOpacity(1.0)
        if scene.selected[spot.row]:
            self._ring(painter, place, look.accent)

    def _place(self, scene: Scene, spot: Spot) -> QRectF:
        """Return where the picture of a spot lies; a square until it is known."""
        place = QRectF(0, 0, self.side, self.side)
        pixmap = self._pictures.pixmap(int(scene.ids[spot.row]))
        if pixmap is not None:
            size = QSizeF(pixmap.size()).scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place.setSize(size)
        place.moveCenter(QPointF(round(spot.x), round(spot.y)))
        return place

    def _paint_titles(self, painter: QPainter, scene: Scene) -> None:
        """Write titles on veils below the pictures: they must be read on any dots."""
        look, font = theme.tokens(), theme.font("secondary")
        metrics = QFontMetrics(font)
        most = theme.space(TITLE_STEPS) - 4 * look.tile_inset
        painter.setFont(font)
        painter.setBrush(look.veil)
        for landmark, spot in self._titles:
            text = metrics.elidedText(landmark.title, Qt.TextElideMode.ElideRight, most)
            width = metrics.horizontalAdvance(text) + 3 * look.tile_inset
            box = QRectF(0, 0, width, look.pill)
            box.moveCenter(QPointF(spot.x, self._place(scene, spot).bottom() + look.pill / 2))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(box, look.pill / 2, look.pill / 2)
            painter.setPen(look.on_veil)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_current(self, painter: QPainter, point: Points) -> None:
        look = theme.tokens()
        here = QPointF(float(point[0]), float(point[1]))
        if not any(abs(s.x - here.x()) < 1 and abs(s.y - here.y()) < 1 for s in self.shown):
            painter.setPen(QPen(look.accent, look.ring))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(here, theme.space(2), theme.space(2))

    def _ring(self, painter: QPainter, place: QRectF, colour: QColor) -> None:
        look = theme.tokens()
        out = look.ring / 2
        painter.setPen(QPen(colour, look.ring))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(
            place.adjusted(-out, -out, out, out), look.radius_tile, look.radius_tile
        )


def paint_lasso(painter: QPainter, corners: Sequence[QPointF]) -> None:
    """Draw the outline of what is being chosen."""
    look = theme.tokens()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(look.accent, 1))
    painter.setBrush(look.selection)
    painter.drawPolygon(QPolygonF(list(corners)))


def _around(points: Points, side: int) -> QRect:
    """Return the pixels in which dots can lie."""
    left, top = np.floor(points.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(points.max(axis=0)).astype(int).tolist()
    return QRect(QPoint(left, top), QPoint(right, bottom)).adjusted(-side, -side, side, side)


def _layer(dots: Dots, points: Points, where: QRect, side: int, colour: QColor) -> Layer:
    """Return dots in a part of the view, and which part, in device pixels."""
    corner = np.array(where.topLeft().toTuple(), dtype=np.float32)
    counts = dots.drawn(points - corner, where.size().toTuple(), side)
    height, width = counts.shape
    image = QImage(counts.data, width, height, width, QImage.Format.Format_Indexed8)
    image.setColorTable(shades((colour.red(), colour.green(), colour.blue())))
    return where, image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
