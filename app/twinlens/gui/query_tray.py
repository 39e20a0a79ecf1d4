"""The band of examples above the results, and every way to put one there. GUI thread."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from twinlens.errors import AppError
from twinlens.gui.chip import HEIGHT, PREVIEW_SIDE, ExampleChip
from twinlens.gui.chip_row import ChipRow
from twinlens.gui.controls import single_shot
from twinlens.gui.drop_overlay import DropOverlay
from twinlens.gui.marks import Marks
from twinlens.gui.mime import Payload, parse_mime
from twinlens.gui.offers import left_out_text, offer_text
from twinlens.gui.picture_dialog import ask_pictures
from twinlens.gui.pictures import Pictures, load_found, load_image
from twinlens.gui.region_picker import ask_region
from twinlens.gui.screen_picker import ScreenPicker
from twinlens.gui.tasks import Tasks
from twinlens.gui.teach_chip import TeachChip
from twinlens.gui.theme import space, tokens
from twinlens.gui.tray_tools import TrayHint, TrayTools
from twinlens.records import Example

DEBOUNCE_MS = 120
REGION_SIDE = 1280
"""Long side of the picture on which a region is drawn, enough for the popover at 200 %."""

_numbers = count(1)


class QueryTray(QWidget):
    """The examples of the query as chips, and what of its results was called right or wrong.

    Signals:
        query_changed(): `examples()` or `marks` are others; moves of a slider are gathered first.
        rejected(str): something could not be taken, and why.
        folders_offered(object): a list of dropped folders, which are not the tray's business.
    """

    query_changed = Signal()
    rejected = Signal(str)
    folders_offered = Signal(object)

    def __init__(
        self,
        pictures: Pictures,
        tasks: Tasks,
        parent: QWidget | None = None,
        *,
        debounce_ms: int = DEBOUNCE_MS,
    ) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._tasks = tasks
        self._screen: ScreenPicker | None = None
        self._settle = single_shot(self, debounce_ms, self.query_changed.emit)
        self.row = ChipRow(self)
        self.row.hide()
        # On one line with the chips, which leave room for their scroll bar below.
        self._hint = TrayHint(self, below=space(3))
        self.marks = Marks(self)
        self.marks.judged.connect(self._tell)
        self.teach = TeachChip(self.marks, self)
        self.tools = TrayTools(self, below=space(3))
        self.tools.open.clicked.connect(self.choose_files)
        self.tools.paste.clicked.connect(self.paste)
        self.tools.screen_area.clicked.connect(self.pick_from_screen)
        self.tools.clear.clicked.connect(self.clear)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(space(3), space(2), space(2), 0)
        layout.setSpacing(space(2))
        layout.addWidget(self._hint, 1)
        layout.addWidget(self.row, 1)
        layout.addWidget(self.teach, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.tools)
        self.setFixedHeight(HEIGHT + space(2) + space(3))
        self._overlay = DropOverlay(self)
        self.setAcceptDrops(True)
        self.setAccessibleName(self.tr("Query"))

    # The query

    def examples(self) -> tuple[Example, ...]:
        """Return the examples that can be used, from left to right."""
        return tuple(chip.example() for chip in self.row.chips() if not chip.fault)

    def state(self) -> tuple[Example, ...]:
        """Return all examples, for `restore`; equal states are the same query."""
        return tuple(chip.example() for chip in self.row.chips())

    def restore(self, state: tuple[Example, ...], marks: tuple[Example, ...] = ()) -> None:
        """Show an earlier query. Emits nothing: whoever goes back knows and searches."""
        self._settle.stop()
        known = {_picture(chip.example()): (chip.image(), chip.file) for chip in self.row.chips()}
        for chip in self.row.chips():
            self._drop(chip)
        for example in state:
            chip = self._append(example)
            image, file = known.get(_picture(example), (QImage(), None))
            if image.isNull():
                self._load(chip)
            else:
                chip.set_image(image, file)
        self.marks.restore(marks)
        self._show_state()

    def add(self, examples: Iterable[Example]) -> None:
        """Add examples; one that is there already only takes the sign over."""
        changed = False
        new: list[ExampleChip] = []
        for example in examples:
            twins = (c for c in self.row.chips() if _picture(c.example()) == _picture(example))
            twin = next(twins, None)
            if twin is None:
                new.append(self._append(example))
                changed = True
            elif twin.example().negative != example.negative:
                twin.set_example(replace(twin.example(), negative=example.negative))
                changed = True
        self._show_state()
        if changed:
            self._tell()
        # After the answer has been asked for: it comes first.
        for chip in new:
            self._load(chip)

    def add_paths(self, paths: Iterable[Path], *, negative: bool = False) -> None:
        """Add picture files, in the library or not."""
        self.add(Example(path=path, negative=negative) for path in paths)

    def add_bytes(self, data: bytes, *, negative: bool = False) -> None:
        """Add a picture that is no file."""
        self.add([Example(data=data, negative=negative)])

    def add_photo(self, photo_id: int, *, negative: bool = False) -> None:
        """Add a photo of the library."""
        self.add([Example(photo_id=photo_id, negative=negative)])

    def find_similar(self, photo_id: int) -> None:
        """Start a new query with one photo of the library."""
        self.replace([Example(photo_id=photo_id)])

    def replace(self, examples: Iterable[Example]) -> None:
        """Start a new query, of which no result was judged yet."""
        before = self.state(), self.marks.all()
        self.restore(tuple(examples))
        if (self.state(), self.marks.all()) != before:
            self._tell()

    def clear(self) -> None:
        """Remove all examples; the focus stays here, where Qt would let it wander on."""
        focus = QApplication.focusWidget()
        if focus is not None and self.isAncestorOf(focus):
            self.tools.open.setFocus()
        self.replace([])

    # Ways to put something there

    def take(self, payload: Payload) -> None:
        """Add what was dropped or pasted, and say what of it could not be used."""
        self.add(payload.examples)
        if payload.folders:
            self.folders_offered.emit(list(payload.folders))
        if left_out := left_out_text(payload):
            self.rejected.emit(left_out)

    def paste(self) -> None:
        """Add what lies in the clipboard."""
        self.take(parse_mime(QGuiApplication.clipboard().mimeData()))

    def choose_files(self) -> None:
        """Ask for picture files."""
        ask_pictures(self, self.tr("Find photos like these"), self.add_paths)

    def pick_from_screen(self) -> None:
        """Let the user draw a rectangle on the screen."""
        if self._screen is None:
            self._screen = ScreenPicker(self.window())
            self._screen.picked.connect(self.add_bytes)
        self._screen.start()

    def offer(self, payload: Payload | None) -> None:
        """Show what a drop would do; None when nothing hovers over the window any more."""
        if payload is None:
            self._overlay.hide()
        else:
            self._overlay.offer(payload, offer_text(payload, occupied=bool(self.state())))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say what a drop would do."""
        payload = parse_mime(event.mimeData(), hovering=True)
        self.offer(payload)
        # Accepted even when of no use: only so the leaving is told, and the reason can stay.
        event.setAccepted(True)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Keep the offer."""
        event.setAccepted(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Withdraw the offer."""
        self.offer(None)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        self.offer(None)
        self.take(parse_mime(event.mimeData()))
        event.acceptProposedAction()

    # Chips

    def _append(self, example: Example) -> ExampleChip:
        chip = ExampleChip(example, self.row)
        chip.setObjectName(f"chip-{next(_numbers)}")
        chip.changed.connect(self._tell)
        chip.sliding.connect(self._settle.start)
        chip.removed.connect(lambda: self._remove(chip))
        chip.region_wanted.connect(lambda: self._ask_region(chip))
        self.row.add(chip)
        return chip

    def _load(self, chip: ExampleChip) -> None:
        example = replace(chip.example(), region=None)

        def failed(error: AppError) -> None:
            chip.set_fault(str(error))
            # The others go on without it. Said after that: what was said before goes then.
            self._tell()
            self.rejected.emit(str(error))

        self._tasks.run(
            "look",
            lambda: load_found(self._pictures, example, PREVIEW_SIDE),
            lambda found: chip.set_image(*found),
            failed,
            key=chip.objectName(),
        )

    def _drop(self, chip: ExampleChip) -> None:
        # A picture that is still on its way must not reach a chip that is gone.
        self._tasks.cancel("look", chip.objectName())
        self.row.remove(chip)

    def _remove(self, chip: ExampleChip) -> None:
        self._drop(chip)
        if not self.row.chips():
            self.marks.restore(())
        self._show_state()
        self._tell()

    def _ask_region(self, chip: ExampleChip) -> None:
        example = replace(chip.example(), region=None)

        def load() -> QImage:
            return load_image(self._pictures, example, REGION_SIDE)

        ask_region(chip, self._tasks, load, self._settle.start)

    def _tell(self) -> None:
        self._settle.stop()
        self.query_changed.emit()

    # Looks

    def _show_state(self) -> None:
        filled = bool(self.row.chips())
        self._hint.setVisible(not filled)
        self.row.setVisible(filled)
        self.teach.setVisible(filled)
        self.tools.set_filled(filled)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the band and the line below it."""
        now = tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), now.panel)
        painter.fillRect(0, self.height() - 1, self.width(), 1, now.line)


def _picture(example: Example) -> tuple[Path | None, bytes | None, int | None]:
    """Return what makes two examples the same picture."""
    return example.path, example.data, example.photo_id
