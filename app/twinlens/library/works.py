"""What stands on one database, put together again when it is started afresh. On any thread."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from twinlens.errors import LibraryError
from twinlens.imaging.thumbnails import ThumbnailCache
from twinlens.library import opening
from twinlens.library.engine import Engines
from twinlens.library.updating import Updater
from twinlens.reports import Notify
from twinlens.settings import Settings
from twinlens.store import features
from twinlens.store.database import Database
from twinlens.store.features import FeatureStore

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
        self._notify = notify
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
        self.engines = Engines(
            self.database, self.folder / "index", self.settings, self._notify, self.features
        )
        self.updater = Updater(
            self.database, self.folder, self.engines, self.thumbnails, self.settings, self._notify
        )

    def close(self) -> None:
        """Stop what runs at a batch edge, save the index, and let the library go."""
        self.updater.stop()
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
        self.settings = settings
        self.updater.use(settings)

    def mending(self, act: Callable[[], T]) -> T:
        """Act; the writer that meets damage starts the database afresh and acts once more.

        While a worker runs nothing is mended: it ends with the error, and the next start mends.
        """
        try:
            return act()
        except Exception as error:
            if self.updater.worker is not None or not opening.may_mend(self._store, error):
                raise
            self.features.close()
            self._store = opening.mend(self._store, error, self._notify)
            self._put_together()
            return act()
