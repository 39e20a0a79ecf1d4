"""The life of the library behind the window: opened, made ready, watched, closed. GUI thread.

What takes time runs on the "library" lane of the tasks; the engine is imported there too, so that
the window is on the screen before ONNX Runtime is loaded.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from twinlens.errors import AppError, LibraryLockedError
from twinlens.gui.door import Door
from twinlens.gui.tasks import Tasks
from twinlens.reports import Status
from twinlens.settings import Settings, save_settings

if TYPE_CHECKING:
    from twinlens.library import Library

log = logging.getLogger(__name__)

#: Loading network and index computes for a second: the photos are shown first, unless that takes
#: longer than so many seconds.
FIRST_LOOK = 1.5


class Session(QObject):
    """One library folder while Twinlens runs.

    Args:
        folder: the library folder.
        settings: the user's choices.

    Signals:
        opened(): the library can be browsed.
        ready(): it can be searched, and is watched where this process is the writer.
        failed(object): an AppError keeps it from opening or from getting ready.
        noticed(object): a Notice for the user, from any thread.
    """

    opened = Signal()
    ready = Signal()
    failed = Signal(object)
    noticed = Signal(object)

    def __init__(
        self, folder: Path, settings: Settings | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.folder = folder
        self.settings = settings or Settings()
        self.tasks = Tasks(self)
        self.door = Door()
        self.read_only = False
        self.is_ready = False
        self.slow = False
        self.error: AppError | None = None
        #: Set once the first list of photos is there.
        self.looked = threading.Event()
        self._photos = 0
        self._started = time.perf_counter()

    def start(self) -> None:
        """Open the library and make it ready; `opened`, then `ready`, or `failed` follow."""
        self.error = None
        self.tasks.run("library", self._open, self._on_opened, self._on_failed)

    def make_ready(self) -> None:
        """Load the network and start watching, again where it failed before."""
        self.error = None
        self.tasks.run("library", self._prepare, self._on_ready, self._on_failed)

    def become_writer(self, refused: Callable[[AppError], None]) -> None:
        """Try once more to be the process that may change the library."""

        def done(opened: tuple["Library", bool, int]) -> None:
            self._on_opened(opened)

        self.tasks.run("library", self._open_as_writer, done, refused)

    def status(self) -> Status:
        """Return what the engine is doing; quick."""
        if not self.door.is_open:
            return Status(activity="opening")
        status = self.door.library.status()
        # Until the engine has counted, what was counted while opening holds.
        return status if status.model else replace(status, photos=self._photos)

    def apply(self, settings: Settings) -> None:
        """Keep other choices; indexing takes them up at once."""
        self.settings = settings
        self._change(save=True)

    def set_slow(self, slow: bool) -> None:
        """Index with one core, or as the settings say; not remembered."""
        if slow != self.slow:
            self.slow = slow
            self._change(save=False)

    def close(self) -> None:
        """Drop what waits, stop at a batch edge, and let the library go."""
        started = time.perf_counter()
        self.looked.set()
        self.tasks.close()
        self.door.close()
        log.info("closed in %.2f s", time.perf_counter() - started)

    # On the library lane

    def _open(self) -> tuple["Library", bool, int]:
        from twinlens.library import Library

        try:
            return self._open_as_writer()
        except LibraryLockedError:
            library = Library(self.folder, writer=False, notify=self.noticed.emit)
            return library, True, library.photo_count()

    def _open_as_writer(self) -> tuple["Library", bool, int]:
        from twinlens.library import Library

        library = Library(self.folder, writer=True, notify=self.noticed.emit)
        return library, False, library.photo_count()

    def _prepare(self) -> None:
        self.looked.wait(FIRST_LOOK)
        library = self.door.library
        library.set_settings(self._effective(), keep=False)
        if self.read_only:
            library.get_ready()
        else:
            library.start_watching()

    def _effective(self) -> Settings:
        """Return the settings with the processor share as a number of workers."""
        cores = os.cpu_count() or 1
        share = 0.0 if self.slow else self.settings.cpu_share
        # One core stays free for the window itself.
        workers = max(1, min(round(cores * share), cores - 1))
        return replace(self.settings, workers=workers)

    def _change(self, *, save: bool) -> None:
        settings, effective = self.settings, self._effective()

        def work() -> None:
            if save:
                save_settings(self.folder, settings)
            self.door.library.set_settings(effective, keep=False)

        self.tasks.run("library", work, lambda _: None)

    # Back on the GUI thread

    def _on_opened(self, opened: tuple["Library", bool, int]) -> None:
        library, self.read_only, self._photos = opened
        self.door.put(library)
        self.settings = library.settings
        log.info("library open after %.2f s", time.perf_counter() - self._started)
        self.opened.emit()
        self.make_ready()

    def _on_ready(self, _: None) -> None:
        self.is_ready = True
        log.info("search ready after %.2f s", time.perf_counter() - self._started)
        self.ready.emit()

    def _on_failed(self, error: AppError) -> None:
        log.warning("the library is not ready: %s", error)
        self.error = error
        self.failed.emit(error)
