"""Acts on the library: folders, failures, models, pause; and the facts to show. GUI thread."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from twinlens.errors import AppError
from twinlens.gui.failures_model import failed_count
from twinlens.gui.messages import MessageBar
from twinlens.gui.session import Session
from twinlens.gui.text import files, folder_name
from twinlens.records import Folder
from twinlens.reports import Failure, ModelInfo

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Facts:
    """What sidebar, failures and settings show."""

    photos: int = 0
    folders: tuple[Folder, ...] = ()
    failures: tuple[Failure, ...] = ()
    models: tuple[ModelInfo, ...] = ()
    devices: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()


class Keeping(QObject):
    """Changes the library on the user's behalf and says what came of it.

    Signals:
        known(object): Facts, read anew.
        changed(): photos were added or taken away by an act; what is shown is out of date.
    """

    known = Signal(object)
    changed = Signal()

    def __init__(
        self, session: Session, messages: MessageBar, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._messages = messages
        self.facts = Facts()
        self._retrying = False

    def refresh(self) -> None:
        """Read the facts anew; an older reading on its way is dropped."""
        if self._session.door.is_open:
            self._session.tasks.run("look", self._read, self._on_read, self._mute, key="facts")

    def add_folders(self, folders: Sequence[Path]) -> None:
        """Add folders and have them read."""
        if self._refuse_when_read_only():
            return
        for folder in folders:
            self._act(lambda folder=folder: self._add(folder, None), lambda _: None)  # type: ignore[misc]

    def set_excludes(self, folder: Path, patterns: tuple[str, ...]) -> None:
        """Leave out of a folder what matches the patterns."""
        self._act(lambda: self._add(folder, patterns), lambda _: self.changed.emit())

    def forget(self, folder: Path) -> None:
        """Stop knowing a folder; offers to take it back."""
        known = next((item for item in self.facts.folders if item.folder == folder), None)
        excludes = known.excludes if known is not None else ()

        def done(_: None) -> None:
            self.changed.emit()
            self._messages.say(
                "good",
                self.tr("{0} is forgotten. Its files are where they were.").format(
                    folder_name(folder)
                ),
                self.tr("Add it again"),
                lambda: self._act(lambda: self._add(folder, excludes), lambda _: None),
            )

        self._act(lambda: self._session.door.library.forget_folder(folder), done)

    def rescan(self, folder: Path | None = None) -> None:
        """Look for changes in a folder, or in all."""
        self._act(lambda: self._session.door.library.rescan(folder), lambda _: None)

    def retry(self) -> None:
        """Read once more what failed."""

        def done(_: None) -> None:
            self._messages.say("info", self.tr("The files that failed are being read again."))
            self._retrying = True

        self._act(lambda: self._session.door.library.rescan(None, retry=True), done)

    def follow(self) -> None:
        """Say what came of reading the failed files again, once that is over."""
        if not self._retrying or not self._session.door.library.is_settled():
            return
        self._retrying = False

        def done(failed: int) -> None:
            if failed:
                said = self.tr("Tried again: {0} still cannot be read.").format(files(failed))
                self._messages.say("attention", said, passing=True)
            else:
                self._messages.say("good", self.tr("All files could be read now."))

        self._act(lambda: failed_count(self._session.door.library.failures()), done)

    def restart(self) -> None:
        """Watch anew after indexing has stopped, for instance because the disk was full."""

        def work() -> None:
            library = self._session.door.library
            library.stop_watching()
            library.start_watching()

        self._act(work, lambda _: None)

    def use_model(self, name: str) -> None:
        """Choose a model; what happens next is said."""

        def work() -> str:
            library = self._session.door.library
            said = library.use_model(name)
            library.rescan()
            return said

        self._act(work, lambda said: self._messages.say("info", said))

    def pause(self, paused: bool) -> None:
        """Hold indexing at the next photo, or go on."""
        library = self._session.door.library
        if paused:
            library.pause()
        else:
            library.resume()

    def _add(self, folder: Path, excludes: tuple[str, ...] | None) -> Folder:
        library = self._session.door.library
        added = library.add_folder(folder, excludes)
        library.rescan(added.folder)
        return added

    def _act(
        self,
        work: Callable[[], object],
        done: Callable[..., None],
    ) -> None:
        def finished(result: object) -> None:
            done(result)
            self.refresh()

        self._session.tasks.run("library", work, finished, self._on_failed)

    def _refuse_when_read_only(self) -> bool:
        if self._session.read_only:
            self._messages.say(
                "attention",
                self.tr(
                    "This library is in use by another Twinlens, so folders can only be added "
                    "there."
                ),
            )
        return self._session.read_only

    def _read(self) -> Facts:
        library = self._session.door.library
        try:
            models = tuple(library.models())
        except AppError as error:
            log.info("no models to offer: %s", error)
            models = ()
        return Facts(
            library.photo_count(),
            tuple(library.folders()),
            tuple(library.failures()),
            models,
            # Asking for them loads the network's runtime, which the first photos must not wait for.
            tuple(library.devices()) if self._session.is_ready else (),
            tuple(search.name for search in library.saved_searches()),
        )

    def _on_read(self, facts: Facts) -> None:
        self.facts = facts
        self.known.emit(facts)

    def _on_failed(self, error: AppError) -> None:
        self._messages.say("failed", str(error))

    def _mute(self, error: AppError) -> None:
        log.info("the facts could not be read: %s", error)
