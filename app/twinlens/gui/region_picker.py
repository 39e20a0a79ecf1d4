"""Asks, below a chip, which part of a query picture counts. Runs on the GUI thread."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from twinlens.gui.chip import ExampleChip
from twinlens.gui.controls import text_button
from twinlens.gui.popover import Popover
from twinlens.gui.region_canvas import RegionCanvas
from twinlens.gui.tasks import Tasks
from twinlens.gui.theme import set_kind, space
from twinlens.records import Region

PART_KEY = "Ctrl+Shift+R"
LARGEST = QSize(640, 480)
"""The picture, in logical pixels; smaller in a small window."""


class RegionPicker(QWidget):
    """An enlarged picture with a frame to draw; results may follow while it is open.

    Signals:
        changed(object): a Region, or None for the whole picture.
        closed(): it went away, by choice or by Esc, which takes the changes back.
    """

    changed = Signal(object)
    closed = Signal()

    def __init__(self, anchor: QWidget, image: QImage, region: Region | None) -> None:
        super().__init__()
        self._before = region
        self.canvas = RegionCanvas(self)
        self.canvas.set_image(image)
        self.canvas.set_region(region)
        self.canvas.changed.connect(self._tell)
        self.setFocusProxy(self.canvas)
        self._hint = hint = QLabel(self.tr("Draw a frame around what matters."), self)
        set_kind(hint, "secondary")
        hint.setWordWrap(True)
        tip = self.tr("Remove the frame (Del)")
        self.whole = text_button("maximize", self.tr("Whole picture"), tip, self, kind="quiet")
        self.whole.setEnabled(region is not None)
        self.whole.clicked.connect(self._remove_frame)
        self.done = QPushButton(self.tr("Done"), self)
        self.done.setToolTip(self.tr("Keep this part (Enter). Esc takes it back."))
        set_kind(self.done, "primary")
        row = QHBoxLayout()
        row.setSpacing(space(2))
        row.addStretch(1)
        row.addWidget(self.whole)
        row.addWidget(self.done)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space(3))
        column.addWidget(hint)
        column.addWidget(self.canvas, 1)
        column.addLayout(row)
        self.setAccessibleName(self.tr("Choose a part of the picture"))
        self._popover = Popover(anchor, self)
        self._popover.closed.connect(self.closed)
        self._popover.escaped.connect(self._take_back)
        self.canvas.chosen.connect(self._popover.close_now)
        self.done.clicked.connect(self._popover.close_now)

    def open(self) -> None:
        """Show it below the chip."""
        lines = self._hint.sizeHint().height() + self.done.sizeHint().height()
        room = (self._popover.room() - QSize(0, lines + 2 * space(3))).boundedTo(LARGEST)
        size = self.canvas.image().size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        self.canvas.setMinimumSize(size)
        self._popover.open()

    def set_image(self, image: QImage) -> None:
        """Show the same picture with more detail."""
        self.canvas.set_image(image)

    def _take_back(self) -> None:
        if self.canvas.region() != self._before:
            self.changed.emit(self._before)

    def _tell(self, region: Region | None) -> None:
        self.whole.setEnabled(region is not None)
        self.changed.emit(region)

    def _remove_frame(self) -> None:
        self.canvas.setFocus()
        self.canvas.set_region(None)
        self._tell(None)


def ask_region(
    chip: ExampleChip, tasks: Tasks, load: Callable[[], QImage], changed: Callable[[], None]
) -> None:
    """Let the part of a chip's picture be chosen.

    Args:
        chip: takes the part.
        tasks: load the picture.
        load: returns it with all the detail that is wanted; called on another thread.
        changed: called after each change of the part.
    """
    picker = RegionPicker(chip, chip.image(), chip.example().region)
    key = f"{chip.objectName()}-region"
    tasks.run("look", load, picker.set_image, lambda _error: None, key=key)

    def narrow(region: Region | None) -> None:
        chip.set_example(replace(chip.example(), region=region))
        changed()

    picker.changed.connect(narrow)
    picker.closed.connect(lambda: tasks.cancel("look", key))
    picker.open()
