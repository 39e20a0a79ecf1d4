"""Acts on the chosen photos and their files, for the menus of one window. GUI thread."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from twinlens.gui.file_actions import FileActions
from twinlens.gui.trashing import Trashing
from twinlens.records import Tile

if TYPE_CHECKING:
    from twinlens.gui.main_window import MainWindow


class PhotoActs(QObject):
    """Carries the acts out and says in the window what came of them.

    Signals:
        undo_changed(): `undo_text` or `redo_text` is another.
    """

    undo_changed = Signal()

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        session, messages = window.session, window.browser.messages
        self._files = FileActions(session.door, session.door.copy_to, session.tasks, window)
        self._files.said.connect(messages.say)
        self._trashing = Trashing(session, messages, window)
        self._trashing.undo_changed.connect(self.undo_changed)
        self._trashing.gone.connect(self._on_gone)
        self._trashing.moved.connect(window.conductor.freshness.expect_change)
        self._trashing.back.connect(window.conductor.searching.again)
        window.conductor.searching.answered.connect(self._on_answered)
        self.undo = self._trashing.undo
        self.redo = self._trashing.redo
        self.trash = self._trashing.ask
        self.refresh_undo = self._trashing.refresh
        self.show_paths = self._files.show_in_folder

    @property
    def undo_text(self) -> str | None:
        """What would be undone; None for nothing."""
        return self._trashing.undo_text

    @property
    def redo_text(self) -> str | None:
        """What would be done again; None for nothing."""
        return self._trashing.redo_text

    def show_in_folder(self, tiles: Sequence[Tile]) -> None:
        """Show photos in the file manager."""
        self._files.show_in_folder(_paths(tiles))

    def open_with(self, tiles: Sequence[Tile]) -> None:
        """Open the first photo in another program."""
        if tiles:
            self._files.open_with(tiles[0].path)

    def copy_to(self, tiles: Sequence[Tile]) -> None:
        """Copy photos to a folder that is asked for."""
        self._files.copy_to_folder(_paths(tiles))

    def copy_image(self, tiles: Sequence[Tile]) -> None:
        """Put the first photo into the clipboard."""
        if tiles:
            self._files.copy_image(tiles[0])

    def copy_path(self, tiles: Sequence[Tile]) -> None:
        """Put the paths of photos into the clipboard."""
        self._files.copy_paths(_paths(tiles))

    def copy_one_path(self, path: Path) -> None:
        """Put a path into the clipboard."""
        self._files.copy_paths([path])

    def open_folder(self, folder: Path) -> None:
        """Open a folder in the file manager."""
        self._files.open_with(folder)

    def save_list(self) -> None:
        """Save what the grid shows as CSV."""
        self._files.save_list(self._window.browser.model.arrangement.tiles)

    def _on_answered(self) -> None:
        """Let the viewer walk through what is shown now, photos that came back included."""
        model, viewer = self._window.browser.model, self._window.viewer
        tile = viewer.current_tile() if self._window.viewing else None
        row = model.row_of(tile.photo_id) if tile is not None else None
        if row is not None:
            viewer.set_tiles(model.arrangement.tiles, row)

    def _on_gone(self, photo_ids: list[int]) -> None:
        self._window.browser.model.remove_photos(photo_ids)
        if self._window.viewing:
            self._window.viewer.remove_current()


def _paths(tiles: Sequence[Tile]) -> list[Path]:
    return [tile.path for tile in tiles]
