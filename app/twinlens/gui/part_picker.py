"""Asks which part of a photo of the library to look for. Runs on the GUI thread."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from twinlens.errors import AppError
from twinlens.gui.pictures import load_image
from twinlens.gui.region_picker import LARGEST, RegionPicker
from twinlens.records import Example, Region, Tile

if TYPE_CHECKING:
    from twinlens.gui.main_window import MainWindow


class Parts(QObject):
    """Lets a frame be drawn on the photo in hand, and searches for what is in it."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self.picker: RegionPicker | None = None
        window.inspector.part_requested.connect(self._ask_here)
        window.viewer.bar.part.clicked.connect(self._ask_here)

    def ask(self, tiles: Sequence[Tile]) -> None:
        """Ask for a part of the first photo."""
        if not tiles:
            return
        photo_id = tiles[0].photo_id
        thumbnail = self._window.browser.loader.pixmap(photo_id)
        image = QImage() if thumbnail is None else thumbnail.toImage()
        if image.isNull():
            self._load(photo_id, partial(self._open_late, photo_id))
        else:
            self._load(photo_id, self._open(photo_id, image).set_image)

    def _ask_here(self) -> None:
        self.ask(self._window.acts.tiles())

    def _open_late(self, photo_id: int, image: QImage) -> None:
        self._open(photo_id, image)

    def _open(self, photo_id: int, image: QImage) -> RegionPicker:
        picker = self.picker = RegionPicker(self._anchor(), image, None)
        picker.done.setText(self.tr("Find this part"))
        picker.done.setToolTip(self.tr("Find the photos in which this can be seen (Enter)"))
        picker.done.setEnabled(False)
        picker.whole.hide()
        chosen: list[Region] = []

        def remember(region: Region | None) -> None:
            chosen[:] = [] if region is None else [region]
            picker.done.setEnabled(bool(chosen))

        def find() -> None:
            if chosen:
                self._window.show_browser()
                self._window.browser.tray.replace([Example(photo_id=photo_id, region=chosen[0])])

        picker.changed.connect(remember)
        picker.canvas.chosen.connect(find)
        picker.done.clicked.connect(find)
        picker.closed.connect(self._forget)
        picker.open()
        return picker

    def _anchor(self) -> QWidget:
        # Below the grid there is no room, so that the picture gets all of the window.
        return self._window.viewer.bar.part if self._window.viewing else self._window.browser.grid

    def _forget(self) -> None:
        self.picker = None
        self._session.tasks.cancel("look", "part")

    def _load(self, photo_id: int, done: Callable[[QImage], None]) -> None:
        door, ratio = self._session.door, self._window.devicePixelRatioF()
        side = round(max(LARGEST.width(), LARGEST.height()) * ratio)

        def failed(error: AppError) -> None:
            self._window.browser.messages.say("attention", str(error), passing=True)

        self._session.tasks.run(
            "look",
            lambda: load_image(door, Example(photo_id=photo_id), side),
            done,
            failed,
            key="part",
        )
