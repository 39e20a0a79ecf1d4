"""Loads the photo in the viewer and its neighbours, ahead of being asked. GUI thread."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from twinlens.errors import AppError
from twinlens.gui.pictures import Pictures, load_image
from twinlens.gui.tasks import Tasks, Ticket
from twinlens.records import Example, Tile

MOST_PIXELS = 60_000_000
"""A photo beyond this is shown a little smaller than it is: 240 MB are enough for one."""


class ViewerPictures(QObject):
    """Keeps the wanted photos in screen resolution, and one in full.

    Signals:
        loaded(object, QImage): photo_id and its pixels for the screen.
        loaded_full(object, QImage): photo_id and all its pixels.
        failed(object, str): photo_id and why it cannot be shown.
    """

    loaded = Signal(object, QImage)
    loaded_full = Signal(object, QImage)
    failed = Signal(object, str)

    def __init__(self, pictures: Pictures, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._tasks = tasks
        self._kept: dict[int, QImage] = {}
        self._underway: dict[int, Ticket] = {}
        self._full: Ticket | None = None

    def image(self, photo_id: int) -> QImage | None:
        """Return a photo for the screen when it is there."""
        return self._kept.get(photo_id)

    def want(self, photo_ids: Sequence[int], long_side: int) -> None:
        """Load these photos, the most urgent first, and let all others go."""
        self._drop_full()
        for photo_id in list(self._underway):
            if photo_id not in photo_ids:
                self._underway.pop(photo_id).cancel()
        for photo_id in list(self._kept):
            if photo_id not in photo_ids:
                del self._kept[photo_id]
        for photo_id in photo_ids:
            if photo_id not in self._kept and photo_id not in self._underway:
                self._load(photo_id, long_side)

    def want_full(self, tile: Tile) -> None:
        """Load all pixels of a photo."""
        if self._full is not None:
            return
        shrink = min(1.0, math.sqrt(MOST_PIXELS / max(1, tile.width * tile.height)))
        side = max(1, int(max(tile.width, tile.height) * shrink))
        example = Example(photo_id=tile.photo_id)
        self._full = self._tasks.run(
            "look",
            lambda: load_image(self._pictures, example, side),
            lambda image: self.loaded_full.emit(tile.photo_id, image),
            # The photo stays as sharp as the screen's; its failure was told with that.
            lambda _error: None,
        )

    def clear(self) -> None:
        """Let everything go."""
        self.want((), 0)

    def _load(self, photo_id: int, long_side: int) -> None:
        def done(image: QImage) -> None:
            self._underway.pop(photo_id, None)
            self._kept[photo_id] = image
            self.loaded.emit(photo_id, image)

        def failed(error: AppError) -> None:
            self._underway.pop(photo_id, None)
            self.failed.emit(photo_id, str(error))

        example = Example(photo_id=photo_id)
        self._underway[photo_id] = self._tasks.run(
            "look", lambda: load_image(self._pictures, example, long_side), done, failed
        )

    def _drop_full(self) -> None:
        if self._full is not None:
            self._full.cancel()
            self._full = None
