"""What stands on one database, put together again when it is started afresh. On any thread.

Photos can be listed and looked at without the engine, which is imported when it is first needed.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from twinlens.errors import LibraryError
from twinlens.imaging.thumbnails import ThumbnailCache
from twinlens.ingest.progress import Gate, Progress
from twinlens.library import opening
from twinlens.reports import Notify
from twinlens.settings import Settings
from twinlens.store import features
from twinlens.store.database import Database
from twinlens.store.features import FeatureStore

if TYPE_CHECKING:
    from twinlens.ingest.worker import IngestWorker
    from twinlens.library.engine import Engines
    from twinlens.library.updating import Updater

T = TypeVar("T")


class Works:
    """The open database of a library folder, with its engines and what updates it.

    Args:
        folder: the library folder, absolute.
        settings: the user's choices.
        writer: take the writer's lock.
        notify: receives sentences meant for the user.

    Raises:
        LibraryLockedError, LibraryNewerError, StoreDamagedError, LibraryError: see `errors`.
    """

    def __init__(self, folder: Path, settings: Settings, *, writer: bool, notify: Notify) -> None:
        self.folder = folder
        self.settings = settings
        self.thumbnails = ThumbnailCache(folder / "thumbnails", settings.thumbnail_budget)
        self.progress = Progress()
        self.gate = Gate()
        self._notify = notify
        self._lock = threading.RLock()
        self._store = opening.open_store(folder, writer=writer, notify=notify)
        try:
            self._put_together()
        except BaseException:
            opening.close_store(self._store)
            raise

    def _put_together(self) -> None:
        self.database: Database = self._store.database
        self.features = FeatureStore(
            self.folder / features.FILE_NAME,
            self.database.library_id,
            read_only=self.database.read_only,
        )
        self._engines: Engines | None = None
        self._updater: Updater | None = None

    @property
    def engines(self) -> "Engines":
        """The models at work on this library."""
        with self._lock:
            if self._engines is None:
                from twinlens.library.engine import Engines

                self._engines = Engines(
                    self.database, self.folder / "index", self.settings, self._notify, self.features
                )
            return self._engines

    @property
    def updater(self) -> "Updater":
        """What brings folders up to date."""
        with self._lock:
            if self._updater is None:
                from twinlens.library.updating import Updater

                self._updater = Updater(
                    self.database,
                    self.folder,
                    self.engines,
                    self.thumbnails,
                    self.settings,
                    self._notify,
                    progress=self.progress,
                    gate=self.gate,
                )
            return self._updater

    @property
    def worker(self) -> "IngestWorker | None":
        """The worker that watches now, if one does."""
        return None if self._updater is None else self._updater.worker

    def keep_in_step(self) -> None:
        """Let the index know of rows that came or went while nothing watches."""
        if self._engines is not None:
            self._engines.current().keep_in_step()

    def close(self) -> None:
        """Stop what runs at a batch edge, save the index, and let the library go."""
        if self._updater is not None:
            self._updater.stop()
        self.features.close()
        opening.close_store(self._store)

    @property
    def is_writer(self) -> bool:
        """Whether this process holds the writer's lock."""
        return self._store.lock is not None

    def need_writer(self) -> None:
        """Refuse what only the writer may do.

        Raises:
            LibraryError: this process is not it.
        """
        if not self.is_writer:
            raise LibraryError("This library was opened for reading only.")

    def use(self, settings: Settings) -> None:
        """Take other choices up at once."""
        with self._lock:
            self.settings = settings
            updater = self._updater
            if self._engines is not None and updater is None:
                self._engines.use(settings)
        if updater is not None:
            updater.use(settings)

    def mending(self, act: Callable[[], T]) -> T:
        """Act; the writer that meets damage starts the database afresh and acts once more.

        While a worker runs nothing is mended: it ends with the error, and the next start mends.
        """
        try:
            return act()
        except Exception as error:
            if self.worker is not None or not opening.may_mend(self._store, error):
                raise
            self.features.close()
            self._store = opening.mend(self._store, error, self._notify)
            self._put_together()
            return act()
