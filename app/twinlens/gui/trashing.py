"""Photos to the trash and back, each act named in the Edit menu. Runs on the GUI thread."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from twinlens.errors import AppError
from twinlens.gui import theme
from twinlens.gui.icons import icon
from twinlens.gui.messages import MessageBar
from twinlens.gui.session import Session
from twinlens.gui.text import tr
from twinlens.gui.wording import name_text, photo_count
from twinlens.records import Tile
from twinlens.reports import TrashReport

log = logging.getLogger(__name__)

ICON_STEPS = 8


class Trashing(QObject):
    """Asks, moves, and offers the way back.

    Signals:
        gone(object): photo ids whose files are all in the trash now.
        moved(): files went or came back; the library notices in a moment.
        back(): files came back, maybe before the library noticed that they had gone.
        undo_changed(): `undo_text` or `redo_text` is another.
    """

    gone = Signal(object)
    moved = Signal()
    back = Signal()
    undo_changed = Signal()

    def __init__(self, session: Session, messages: MessageBar, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._messages = messages
        self._window = window
        self._undoable = 0
        self._redo: tuple[Path, ...] = ()

    @property
    def undo_text(self) -> str | None:
        """What would be undone; None for nothing."""
        if not self._undoable:
            return None
        return self.tr("move {0} to trash").format(photo_count(self._undoable))

    @property
    def redo_text(self) -> str | None:
        """What would be done again; None for nothing."""
        if not self._redo:
            return None
        return self.tr("move {0} to trash").format(photo_count(len(self._redo)))

    def refresh(self) -> None:
        """Read what can be undone, also from earlier runs."""

        def done(count: int) -> None:
            self._undoable = count
            self.undo_changed.emit()

        if not self._session.read_only:
            self._run(lambda: self._session.door.library.undo_count(), done)

    def ask(self, tiles: Sequence[Tile]) -> None:
        """Ask whether the photos are to go, naming how many files and where they go."""
        if not tiles:
            return
        door = self._session.door
        ids = [tile.photo_id for tile in tiles]

        def look() -> tuple[list[Path], list[Path]]:
            library = door.library
            paths = [path for photo_id in ids for path in library.paths(photo_id)]
            able = [path for path in paths if library.can_trash(path)]
            return able, [path for path in paths if path not in set(able)]

        self._run(look, lambda found: self._confirm(ids, *found))

    def undo(self) -> None:
        """Put the newest act back."""

        def done(paths: list[Path]) -> None:
            self._redo = tuple(paths)
            self._messages.say(
                "good",
                self.tr("{0} back where they were.").format(photo_count(len(paths)))
                if len(paths) != 1
                else self.tr("{0} is back where it was.").format(name_text(paths[0])),
            )
            self.refresh()
            self.moved.emit()
            self.back.emit()

        self._run(lambda: self._session.door.library.undo_trash(), done)

    def redo(self) -> None:
        """Do again what was undone last."""
        paths, self._redo = list(self._redo), ()
        if paths:
            self._move([], paths)

    def _confirm(self, ids: list[int], able: list[Path], unable: list[Path]) -> None:
        if not able:
            self._messages.say(
                "attention",
                self.tr(
                    "There is no trash where these photos lie, so they were left alone. "
                    "Delete them in the file manager if you are sure."
                ),
            )
            return
        count = photo_count(len(able))
        act = self.tr("Move {0} to trash").format(count)
        said = [self.tr("They go to the trash of the system and can be put back with Ctrl+Z.")]
        if len(able) == 1:
            said = [
                self.tr("{0} goes to the trash of the system; Ctrl+Z puts it back.").format(
                    name_text(able[0])
                )
            ]
        if unable:
            said.append(
                self.tr("{0} cannot be moved, because there is no trash where they lie.").format(
                    photo_count(len(unable))
                )
            )
        ask_to_trash(self._window, act, " ".join(said), lambda: self._move(ids, able))

    def _move(self, ids: list[int], paths: list[Path]) -> None:
        def done(report: TrashReport) -> None:
            log.info("moved %d files to the trash", len(report.moved))
            if report.moved:
                self._messages.say(
                    "good",
                    self.tr("Moved {0} to the trash.").format(photo_count(len(report.moved))),
                    self.tr("Undo"),
                    self.undo,
                )
            for path, why in report.refused[:1]:
                self._messages.say(
                    "failed",
                    self.tr("{0} was not moved: {1}").format(name_text(path), why),
                )
            refused = {path for path, _ in report.refused}
            if not refused:
                self.gone.emit(ids)
            self.refresh()
            self.moved.emit()

        self._run(lambda: self._session.door.library.trash(paths), done)

    def _run(self, work: Callable[[], object], done: Callable[..., None]) -> None:
        def failed(error: AppError) -> None:
            self._messages.say("failed", str(error))

        self._session.tasks.run("library", work, done, failed)


def ask_to_trash(window: QWidget, act: str, sentences: str, move: Callable[[], None]) -> None:
    """Ask whether to do an act, named like its button; `move` does it."""
    box = QMessageBox(window)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    side = theme.space(ICON_STEPS)
    box.setIconPixmap(icon("trash-2").pixmap(QSize(side, side), box.devicePixelRatioF()))
    box.setWindowTitle(act)
    box.setText(tr("{0}?").format(act))
    box.setInformativeText(sentences)
    button = box.addButton(act, QMessageBox.ButtonRole.AcceptRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(button)
    box.setEscapeButton(cancel)
    button.clicked.connect(move)
    box.setContentsMargins(*(theme.space(2),) * 4)
    box.open()
