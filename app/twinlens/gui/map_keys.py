"""What the keys do on the map. Runs on the GUI thread."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from twinlens.gui.map_camera import STEP

if TYPE_CHECKING:
    from twinlens.gui.map_canvas import MapCanvas

_DIRECTIONS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


def act_of(canvas: "MapCanvas", event: QKeyEvent) -> Callable[[], object] | None:
    """Return what a key does; None for one that means nothing here."""
    key, held = Qt.Key(event.key()), event.modifiers()
    control = bool(held & Qt.KeyboardModifier.ControlModifier)
    shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
    if key in _DIRECTIONS:
        dx, dy = _DIRECTIONS[key]
        if control:
            return lambda: canvas.take_next(dx, dy, add=shift)
        return lambda: canvas.reach(dx, dy) if shift else canvas.pan(dx, dy)
    if event.matches(QKeySequence.StandardKey.SelectAll):
        return lambda: canvas.select(canvas.scene.ids.tolist())
    acts: dict[Qt.Key, Callable[[], object]] = {
        Qt.Key.Key_Plus: lambda: canvas.zoom_by(STEP),
        Qt.Key.Key_Equal: lambda: canvas.zoom_by(STEP),
        Qt.Key.Key_Minus: lambda: canvas.zoom_by(1 / STEP),
        Qt.Key.Key_0: canvas.fit,
        Qt.Key.Key_L: lambda: canvas.set_lasso(not canvas.lasso),
    }
    if canvas.scene.selected.any() or canvas.lasso:
        acts[Qt.Key.Key_Escape] = canvas.give_up
    if canvas.scene.current is not None:
        acts[Qt.Key.Key_Return] = acts[Qt.Key.Key_Enter] = canvas.opened.emit
        acts[Qt.Key.Key_Space] = canvas.quick_look.emit
    return None if control else acts.get(key)
