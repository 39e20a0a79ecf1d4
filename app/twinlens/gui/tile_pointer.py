"""Where the pointer is on the grid: which tile, which part of it. Runs on the GUI thread."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from twinlens.gui.thumbnail_delegate import Part


class TilePointer(QObject):
    """Follows the pointer over the tiles.

    Args:
        part_at: returns the part of a row's tile that lies at a point of the viewport (x, y).

    Signals:
        moved(row): a tile looks different, as the pointer came to it, left it or moved on it.
    """

    moved = Signal(int)

    def __init__(
        self, part_at: Callable[[int, int, int], Part], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._part_at = part_at
        self.row: int | None = None
        self.part: Part | None = None
        self._pressed: tuple[int, Part] | None = None

    @property
    def on_button(self) -> bool:
        """Whether it is on a button of a tile."""
        return self.part not in (None, Part.PHOTO)

    @property
    def holds_button(self) -> bool:
        """Whether a button of a tile is held down."""
        return self._pressed is not None

    def move(self, row: int | None, x: int, y: int) -> None:
        """Go to a point of the viewport that lies on a row, or on none."""
        before = self.row, self.part
        self.row = row
        self.part = self._part_at(row, x, y) if row is not None else None
        if (self.row, self.part) == before:
            return
        for changed in dict.fromkeys((before[0], row)):
            if changed is not None:
                self.moved.emit(changed)

    def leave(self) -> None:
        """Be nowhere."""
        self.move(None, 0, 0)

    def press(self) -> None:
        """Hold down the button it is on."""
        if self.row is not None and self.part is not None:
            self._pressed = self.row, self.part

    def release(self) -> tuple[int, Part | None]:
        """Let go; return the row and its button that was pressed, None when it has left that."""
        pressed, self._pressed = self._pressed, None
        if pressed is None or pressed != (self.row, self.part):
            return -1, None
        return pressed

    def start_over(self) -> None:
        """Forget everything, as the tiles are others now."""
        self.row = self.part = self._pressed = None
