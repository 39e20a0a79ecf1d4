"""Acts that put the chosen photos into the query, or judge them. GUI thread."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from twinlens.records import Tile

if TYPE_CHECKING:
    from twinlens.gui.main_window import MainWindow


class QueryActs(QObject):
    """Changes the query of one window.

    Args:
        window: the window.
        tiles: returns the photos that an act is about.
    """

    def __init__(self, window: "MainWindow", tiles: Callable[[], Sequence[Tile]]) -> None:
        super().__init__(window)
        self._window = window
        self._tray = window.browser.tray
        self._tiles = tiles
        window.browser.grid.add_example.connect(self._add_one)
        self._tray.teach.right.clicked.connect(lambda: self.judge(right=True))
        self._tray.teach.wrong.clicked.connect(lambda: self.judge(right=False))

    def find_similar(self) -> None:
        """Start a new query with the first photo."""
        tiles = self._tiles()
        if tiles:
            self._window.show_browser()
            self._tray.find_similar(tiles[0].photo_id)

    def add(self, *, negative: bool) -> None:
        """Add the photos as examples."""
        for tile in self._tiles():
            self._tray.add_photo(tile.photo_id, negative=negative)

    def judge(self, *, right: bool) -> None:
        """Call the photos right or wrong; once more takes that back."""
        self._tray.marks.judge((tile.photo_id for tile in self._tiles()), right=right)

    def _add_one(self, photo_id: int, negative: bool) -> None:
        self._tray.add_photo(photo_id, negative=negative)
