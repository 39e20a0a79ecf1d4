"""The only door to the engine: opens a library folder and wires everything behind it.

Methods may be called from any thread; `index_folders` and what watches run on one at a time.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from twinlens.imaging.formats import READABLE_EXTENSIONS as READABLE_EXTENSIONS
from twinlens.library import browsing, folders, models, opening, trash, trash_places
from twinlens.library.cleaning import Cleaning
from twinlens.library.curating import Curating
from twinlens.library.mapping import Mapping
from twinlens.library.works import Works
from twinlens.records import Folder
from twinlens.reports import (
    Failure,
    IndexCounts,
    LibraryStats,
    ModelInfo,
    Notify,
    Status,
    TrashReport,
    VerifyReport,
)
from twinlens.settings import Settings, load_settings, save_settings
from twinlens.store import decisions, files

if TYPE_CHECKING:
    from twinlens.ingest.worker import IngestWorker


class Library(Cleaning, Curating, Mapping):
    """One library folder, open.

    Args:
        folder: the library folder; made where it does not exist.
        writer: take the writer's lock, which `index_folders` and watching need.
        notify: receives what the user should know (a fallback, a repair).

    Raises:
        LibraryLockedError, LibraryNewerError, StoreDamagedError, LibraryError: see `errors`.
    """

    def __init__(
        self, folder: Path, *, writer: bool = False, notify: Notify = lambda _: None
    ) -> None:
        self.folder = folder.absolute()
        super().__init__(
            Works(self.folder, load_settings(self.folder), writer=writer, notify=notify)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop what runs at a batch edge, save the index, and let the library go."""
        self._works.close()

    # Folders

    def add_folder(self, folder: Path, excludes: tuple[str, ...] | None = None) -> Folder:
        """Know a folder from now on; its photos are read by the next run or the watcher."""

        def add() -> Path:
            return folders.add_folder(self.database, self._journal, folder, excludes).path

        path = self._works.mending(add)
        return next(item for item in self.folders() if item.folder == path)

    def forget_folder(self, folder: Path) -> None:
        """Stop knowing a folder and drop all that was derived from it; its files stay."""
        for digest in folders.forget_folder(self.database, self._journal, folder):
            self._works.thumbnails.remove(digest)

    def folders(self) -> list[Folder]:
        """Return the folders with what they are doing."""
        alive = self.writer_alive()
        return self._works.mending(lambda: folders.list_folders(self.database, watching=alive))

    def failures(self) -> list[Failure]:
        """Return the files that are not searchable: those that failed, then those left out."""
        return list(files.failures(self.database.connection()))

    def index_folders(
        self,
        wanted: Iterable[Path] = (),
        *,
        should_stop: Callable[[], bool] = lambda: False,
        retry: bool = False,
        closer: bool = False,
    ) -> IndexCounts:
        """Bring folders (none named: all) up to date, then save the index.

        Stops at a batch edge when `should_stop` says so, keeping everything. `retry` also tries
        again the files that failed before; `closer` looks closer at the photos afterwards.
        """
        self._works.need_writer()
        named = list(wanted)

        def run() -> IndexCounts:
            self.database.require_sound()
            return self._works.updater.run(named, should_stop, retry=retry, closer=closer)

        return self._works.mending(run)

    def start_watching(self) -> "IngestWorker":
        """Keep all folders up to date on a thread of its own until `stop_watching`."""
        self._works.need_writer()
        return self._works.updater.watch()

    def stop_watching(self) -> None:
        """Stop the watcher at a batch edge; safe to call when none runs."""
        if self._works.worker is not None:
            self._works.updater.stop()

    def rescan(self, folder: Path | None = None, *, retry: bool = False) -> None:
        """Ask the watcher to look at a folder (None: all) again; `retry` tries failed files too."""
        worker = self._works.worker
        if worker is not None:
            worker.rescan(folder, retry=retry)

    def is_settled(self) -> bool:
        """Return whether the watcher has done all that it was asked for; quick."""
        return (worker := self._works.worker) is None or worker.wait_idle(0)

    def pause(self) -> None:
        """Hold indexing at the next photo until `resume`."""
        if self._works.worker is not None:
            self._works.worker.pause()

    def resume(self) -> None:
        """Go on with indexing."""
        if self._works.worker is not None:
            self._works.worker.resume()

    # Look after it

    def stats(self) -> LibraryStats:
        """Return the library at a glance, measuring the recall on a sample."""
        from twinlens.library import checks

        return checks.stats(
            self.database, self._works.engines.current(), self.folder, self.recall(20)
        )

    def verify(self) -> VerifyReport:
        """Compare store, index and disk; changes nothing."""
        from twinlens.library import checks

        return checks.verify(self.database, self._works.engines.current, self.folder)

    def rebuild(self) -> tuple[int, float]:
        """Build the index afresh from the stored descriptors: (photos indexed, seconds)."""
        return self._works.engines.current().rebuild_index()

    def models(self) -> list[ModelInfo]:
        """Return the models that can be used."""
        return models.list_models(self.database)

    def use_model(self, name: str) -> str:
        """Choose the model; return a sentence on what happens next."""
        return models.want_model(self.database, self._journal, name)

    def drop_model(self, name: str) -> int:
        """Delete the descriptors of a model that is not in use; return how many."""
        return models.drop_model(self.database, name)

    def status(self) -> Status:
        """Return what the engine is doing; made for polling."""
        return self._works.progress.status

    def writer_alive(self) -> bool:
        """Return whether some process, this one included, is the writer now."""
        return self._works.is_writer or opening.is_locked(self.folder)

    def set_settings(self, settings: Settings, *, keep: bool = True) -> None:
        """Take other choices up at once; they are kept for later starts unless `keep` is false."""
        if keep:
            save_settings(self.folder, settings)
        self._works.use(settings)

    def set_in_front(self, in_front: bool) -> None:
        """Say whether a window on this library is the one in use: the index is not saved then."""
        self._works.gate.in_front = in_front

    def devices(self) -> list[str]:
        """Return the names of the devices that can run the network here, the CPU last."""
        from twinlens.inference.session import usable_devices

        return usable_devices()

    # Act on the user's files, only ever when asked

    def can_trash(self, path: Path) -> bool:
        """Return whether a file can go to a trash."""
        return trash_places.can_trash(path)

    def trash(self, paths: list[Path]) -> TrashReport:
        """Move files to the trash as one act that can be undone."""
        report = trash.move_to_trash(self.database, self._journal, paths)
        self.rescan()
        return report

    def undo_trash(self) -> list[Path]:
        """Put the files of the newest act back; return them."""
        try:
            return trash.undo(self.database, self._journal)
        finally:
            self.rescan()

    def undo_count(self) -> int:
        """Return how many files `undo_trash` would put back."""
        return len(trash.last_act(self.database))

    def copy_to(self, paths: list[Path], folder: Path) -> list[Path]:
        """Copy files into a folder without overwriting any; return the copies."""
        return browsing.copy_to(paths, folder)

    # Behind the door

    @property
    def _journal(self) -> Path:
        return self.folder / decisions.FILE_NAME
