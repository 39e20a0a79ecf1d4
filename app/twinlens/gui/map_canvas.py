"""The map under mouse and keyboard: moved, zoomed, photos chosen on it. Runs on the GUI thread."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from twinlens.gui import theme
from twinlens.gui.map_camera import STEP, Camera, Points, camera_of
from twinlens.gui.map_drawing import within
from twinlens.gui.map_keys import act_of
from twinlens.gui.map_painter import MapPainter, paint_lasso
from twinlens.gui.map_scene import Ids, Place, Scene, empty_scene, scene_of
from twinlens.gui.thumbnail_loader import ThumbnailLoader
from twinlens.gui.tile_pictures import TilePictures

NOTCH = 120
"""What the wheel reports for one notch."""

#: A click this near to a dot means its photo, in steps of 4 pixels; and how far a key moves.
REACH_STEPS, MOVE_STEPS = 3, 24
_CONTROL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class MapCanvas(QWidget):
    """Photos as dots and pictures.

    Signals:
        chosen(): ask `selected_ids`.
        opened(), quick_look(): a double click or Enter, and Space, on the photo in hand.
        lasso_changed(bool): dragging draws an outline, or moves the map.
        context_menu(position): right click on a photo, or the menu key; in global coordinates.
    """

    chosen = Signal()
    opened = Signal()
    quick_look = Signal()
    lasso_changed = Signal(bool)
    context_menu = Signal(object)

    def __init__(self, loader: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = TilePictures(loader, self)
        self._painter = MapPainter(self._pictures)
        self._scene = empty_scene()
        self._camera = camera_of(self._scene.places, (1.0, 1.0))
        self._edition = 0
        self._press: QPointF | None = None
        self._dragged = self._by_keyboard = False
        self._lasso: list[QPointF] = []
        #: Corners of what is being chosen by keyboard, the one that stays first.
        self._reach: tuple[Place, Place] | None = None
        self.lasso = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Map of the photos"))
        self.setAccessibleDescription(self.tr("Photos that look alike lie near each other."))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._pictures.changed.connect(lambda _: self.update())
        theme.signals.theme_changed.connect(self._start_over)

    @property
    def camera(self) -> Camera:
        """Which part of the map is in view."""
        return self._camera

    @property
    def scene(self) -> Scene:
        """What is shown."""
        return self._scene

    def set_photos(self, ids: Ids, places: Points) -> None:
        """Show photos at (n, 2) places; what was in view and chosen stays where it is known."""
        before, camera = self._scene, self._camera
        self._scene = scene_of(ids, places, before.selected_ids().tolist())
        self._scene.current = self._scene.row_of(before.current_id())
        self._camera = camera_of(self._scene.places, self._size())
        if len(before.ids) and camera.zoom > 1:
            self._camera = self._camera.zoomed(camera.zoom, (0, 0)).centred(camera.middle)
        self._start_over()

    def set_landmarks(self, landmarks: Sequence[tuple[int, str, int, int]]) -> None:
        """Show titles; see `Scene.set_landmarks`."""
        self._scene.set_landmarks(landmarks)
        self._changed()

    def select(self, photo_ids: Sequence[int], *, bring: bool = False) -> None:
        """Choose photos; the first one is in hand, with `bring` in view."""
        self._reach = None
        self._scene.select(photo_ids)
        if bring and self._scene.current is not None:
            self._bring(self._scene.current)
        self._changed()
        self.chosen.emit()

    def set_lasso(self, lasso: bool) -> None:
        """Let dragging draw an outline around photos, or move the map."""
        self.lasso = lasso
        self.setCursor(Qt.CursorShape.CrossCursor if lasso else Qt.CursorShape.ArrowCursor)
        self.lasso_changed.emit(lasso)

    def fit(self) -> None:
        """Show all of the map."""
        self._move(self._camera.fitted())

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom around a point of the widget, or its middle."""
        point = at if at is not None else QRectF(self.rect()).center()
        self._move(self._camera.zoomed(factor, (point.x(), point.y())))

    # Events

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the map."""
        look = theme.tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.window)
        ratio = self.devicePixelRatioF()
        self._painter.paint(painter, self._scene, self._camera, ratio, edition=self._edition)
        if self._reach is not None:
            one, other = self._camera.on_view(np.array(self._reach, np.float32)).tolist()
            paint_lasso(painter, QPolygonF(QRectF(QPointF(*one), QPointF(*other))).toList())
        if self._lasso:
            paint_lasso(painter, self._lasso)
        if self.hasFocus() and self._by_keyboard:
            painter.setPen(QPen(look.accent, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what is in the middle there."""
        self._camera = self._camera.resized(self._size())

    def hideEvent(self, event: QHideEvent) -> None:
        """Let nothing fade that nobody sees."""
        self._start_over()
        super().hideEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer."""
        turned = event.angleDelta().y() or event.angleDelta().x()
        self.zoom_by(STEP ** (turned / NOTCH), event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Zoom by pinching on a touchpad."""
        pinch = Qt.NativeGestureType.ZoomNativeGesture
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == pinch:
            self.zoom_by(1.0 + event.value(), event.position())
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to move the map, to draw an outline, or to choose."""
        self._by_keyboard = False
        if event.button() == Qt.MouseButton.LeftButton:
            self._press, self._dragged = event.position(), False
            if self.lasso or event.modifiers() & _SHIFT:
                self._lasso = [event.position()]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the map, or draw."""
        if self._press is None:
            return
        moved = event.position() - self._press
        if not self._dragged and moved.manhattanLength() < QApplication.startDragDistance():
            return
        self._dragged = True
        if self._lasso:
            self._lasso.append(event.position())
            self.update()
        else:
            self._press = event.position()
            self._move(self._camera.panned(moved.x(), moved.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose what was drawn around, or the photo that was clicked."""
        if event.button() != Qt.MouseButton.LeftButton or self._press is None:
            return
        lasso, self._lasso, self._press = self._lasso, [], None
        if self._dragged and lasso:
            self._choose_within(lasso, add=bool(event.modifiers() & _CONTROL))
        elif not self._dragged:
            self._click(event.position(), add=bool(event.modifiers() & _CONTROL))
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open a photo."""
        on_photo = self._row_at(event.position()) is not None
        if event.button() == Qt.MouseButton.LeftButton and on_photo:
            self.opened.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of what is chosen."""
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            row = self._row_at(QPointF(event.pos()))
            if row is not None and not self._scene.selected[row]:
                self.select([int(self._scene.ids[row])])
        if self._scene.selected.any():
            self.context_menu.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, zoom, choose and open by keyboard; leave every other key to the window."""
        self._by_keyboard = True
        act = act_of(self, event)
        if act is None:
            super().keyPressEvent(event)
        else:
            act()

    def give_up(self) -> None:
        """Draw no outline, or else choose nothing."""
        if self.lasso:
            self.set_lasso(False)
        else:
            self.select([])

    def pan(self, dx: int, dy: int) -> None:
        """Move the map by a step."""
        step = theme.space(MOVE_STEPS)
        self._move(self._camera.panned(-dx * step, -dy * step))

    def take_next(self, dx: int, dy: int, *, add: bool) -> None:
        """Take the next photo in a direction in hand; with `add` those chosen stay so."""
        photo_id = self._scene.towards(dx, dy, self._camera.middle)
        if photo_id is not None:
            others = self._scene.selected_ids().tolist() if add else []
            self.select([photo_id, *others], bring=True)

    def reach(self, dx: int, dy: int) -> None:
        """Choose what lies in a rectangle that grows from the photo in hand, or the middle."""
        scene, step = self._scene, theme.space(MOVE_STEPS) / self._camera.scale
        corners = self._reach or (scene.place_in_hand(self._camera.middle),) * 2
        x, y = corners[1]
        corners = corners[0], (x + dx * step, y + dy * step)
        self.select(scene.ids_between(*corners))
        self._reach, self._camera = corners, self._camera.showing(corners[1])
        self._changed()

    # Behind

    def _click(self, point: QPointF, *, add: bool) -> None:
        row = self._row_at(point)
        if row is None:
            if not add:
                self.select([])
            return
        photo_id = int(self._scene.ids[row])
        if not add:
            self.select([photo_id])
            return
        self._scene.toggle(row)
        self._changed()
        self.chosen.emit()

    def _choose_within(self, corners: Sequence[QPointF], *, add: bool) -> None:
        outline = np.array([(corner.x(), corner.y()) for corner in corners], dtype=np.float32)
        inside = within(self._painter.points, outline)
        chosen = inside | self._scene.selected if add else inside
        if self.lasso:
            self.set_lasso(False)
        self.select(self._scene.ids[chosen].tolist())

    def _bring(self, row: int) -> None:
        """Move the map as little as shows a photo."""
        x, y = self._scene.places[row].tolist()
        self._camera = self._camera.showing((x, y))

    def _move(self, camera: Camera) -> None:
        self._camera = camera
        self.update()

    def _row_at(self, point: QPointF) -> int | None:
        return self._painter.row_at(point, theme.space(REACH_STEPS))

    def _size(self) -> tuple[float, float]:
        return float(max(1, self.width())), float(max(1, self.height()))

    def _changed(self) -> None:
        self._edition += 1
        self.update()

    def _start_over(self) -> None:
        self._painter.start_over()
        self._changed()
