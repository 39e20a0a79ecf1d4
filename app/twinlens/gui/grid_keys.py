"""Which tile a key leads to. Pure; runs on the GUI thread."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView

from twinlens.gui.grid_layout import GridLayout

MOVES = {
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down),
    *(Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown),
}
_Action = QAbstractItemView.CursorAction


def target(
    grid: GridLayout, row: int, action: QAbstractItemView.CursorAction, page: int, mirrored: bool
) -> int:
    """Return the row that a cursor action leads to.

    Args:
        grid: where the tiles lie.
        row: where the cursor is.
        action: of the key.
        page: lines on a screen.
        mirrored: the first column is at the right.
    """
    forward = -1 if mirrored else 1
    rows = {
        _Action.MoveLeft: row - forward,
        _Action.MoveRight: row + forward,
        _Action.MovePrevious: row - 1,
        _Action.MoveNext: row + 1,
        _Action.MoveUp: grid.step(row, -1),
        _Action.MoveDown: grid.step(row, 1),
        _Action.MovePageUp: grid.step(row, -page),
        _Action.MovePageDown: grid.step(row, page),
        _Action.MoveHome: 0,
        _Action.MoveEnd: grid.count - 1,
    }
    return min(max(rows[action], 0), grid.count - 1)
