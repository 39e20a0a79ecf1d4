"""Brings folders up to date, once or for as long as they are watched. On any one thread."""

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from twinlens.errors import DeviceError, LibraryError, ModelError, StoreDamagedError
from twinlens.imaging.thumbnails import ThumbnailCache
from twinlens.ingest.closer import CloserLook
from twinlens.ingest.indexer import LOOKED_AT_SECONDS, Indexer
from twinlens.ingest.progress import Gate, Progress
from twinlens.ingest.worker import IngestWorker
from twinlens.library import folders, models
from twinlens.library.details import makers_of
from twinlens.library.engine import Engine, Engines
from twinlens.reports import IndexCounts, Notice, Notify
from twinlens.settings import Settings
from twinlens.store import embeddings, photos
from twinlens.store.database import Database

log = logging.getLogger(__name__)

ShouldStop = Callable[[], bool]

#: Changes after which the recall is measured once more.
LARGE_CHANGE = 2000


class Updater:
    """Indexes one library; at most one run or worker at a time."""

    def __init__(
        self,
        database: Database,
        library_folder: Path,
        engines: Engines,
        thumbnails: ThumbnailCache,
        settings: Settings,
        notify: Notify,
        *,
        progress: Progress,
        gate: Gate,
    ) -> None:
        self.progress = progress
        self.gate = gate
        self.worker: IngestWorker | None = None
        self._database = database
        self._folder = library_folder
        self._engines = engines
        self._thumbnails = thumbnails
        self._settings = settings
        self._notify = notify
        self._tried: tuple[str, int] | None = None
        self._told = ""
        self._measured_at = 0
        self._watching_with = ""
        self._unsaved = 0

    def run(
        self, wanted: Iterable[Path], should_stop: ShouldStop, *, retry: bool, closer: bool
    ) -> IndexCounts:
        """Bring folders (none named: all) up to date, then save the index.

        With `closer` a closer look at the photos follows.
        """
        engine = self._engines.ready()
        roots = folders.select_roots(self._database, list(wanted))
        indexer = self.indexer(engine)
        try:
            with indexer:
                counts = indexer.update(roots, should_stop=should_stop, retry=retry)
                indexer.embed_missing(should_stop=should_stop)
                indexer.tidy_index(should_stop)
            if indexer.changes and engine.index.graph_count and not should_stop():
                engine.searcher.mend_recall()
            self.follow_wanted_model(should_stop)
        finally:
            # An unchanged library of 100,000 would spend a second on nothing.
            if indexer.changes or engine.is_unsaved or self._engines.current() is not engine:
                self._save_index()
        return self._look_closer(counts, should_stop) if closer else counts

    def _look_closer(self, counts: IndexCounts, should_stop: ShouldStop) -> IndexCounts:
        started = time.monotonic()
        with closing(self.closer_look()) as look:
            look.run(should_stop)
            looked = look.looked
        return replace(counts, looked_closer=looked, closer_seconds=time.monotonic() - started)

    def closer_look(self) -> CloserLook:
        """Return a closer look at the photos with the model in use."""
        engine = self._engines.current()
        engine.features.keep_only(photos.ids(self._database.connection()))
        return CloserLook(
            self._database,
            engine.features,
            makers_of(engine),
            engine.model,
            self._settings,
            self.progress,
            self.gate,
        )

    def get_ready(self) -> None:
        """Load network and index of the model in use, so that the first query waits for neither."""
        engine = self._engines.current()
        self.progress.describe(engine.extractor.device, engine.spec.title, engine.index.count)

    def watch(self) -> IngestWorker:
        """Keep all folders up to date on a thread of its own; the same one when it runs already."""
        if self.worker is None:
            engine = self._engines.ready()
            self._watching_with = engine.spec.model_id
            self._measured_at = self._database.seq
            self.worker = IngestWorker(
                self.indexer(engine),
                save_index=self._save_index,
                settings=self._settings,
                succeed=self._successor,
                closer=self.closer_look,
                unsaved=self._unsaved,
            )
            self.worker.start()
        return self.worker

    def stop(self) -> None:
        """Stop the worker at a batch edge; safe to call when none runs."""
        if self.worker is not None:
            self._unsaved = 0
            self.worker.stop()
            self.worker = None

    def use(self, settings: Settings) -> None:
        """Take other choices; a worker that runs is replaced by one that obeys them."""
        changed = (settings.device, settings.workers, settings.rescan_minutes) != (
            self._settings.device,
            self._settings.workers,
            self._settings.rescan_minutes,
        )
        self._settings = settings
        if self.worker is None or not changed:
            self._engines.use(settings)
            return
        # Saving would make the window stand still, and nothing ends here.
        self._unsaved, self.worker = self.worker.stop(save=False), None
        self._engines.use(settings)
        self.watch()

    def indexer(self, engine: Engine, *, answering: bool = True) -> Indexer:
        """Return what indexes with one model."""
        return Indexer(
            self._database,
            engine.index,
            engine.projection,
            engine.extractor,
            engine.model,
            self._thumbnails,
            self._settings,
            self.progress,
            library_folder=self._folder,
            gate=self.gate,
            answering=answering,
        )

    def follow_wanted_model(self, should_stop: ShouldStop) -> bool:
        """Embed everything with the model the user chose; it takes over once that is complete.

        Where that model cannot be used, the one in use stays, and the user is told.

        Returns: whether it took over.
        """
        try:
            return self._follow(should_stop)
        except (ModelError, DeviceError) as error:
            log.warning("the chosen model does not take over: %s", error)
            in_use = self._engines.current().spec.title
            self._tell_once(
                f"{error.message} So the model you chose does not take over, and {in_use} goes on "
                f"answering. {error.hint}".rstrip()
            )
            return False

    def _follow(self, should_stop: ShouldStop) -> bool:
        wanted = models.model_wanted(self._database)
        if wanted is None:
            return False
        started = time.monotonic()
        engine = self._engines.of(wanted)
        with self.indexer(engine, answering=False) as indexer:
            indexer.embed_missing(should_stop=should_stop)
            indexer.tidy_index(should_stop)
        left = embeddings.missing_ids(self._database.connection(), engine.model)
        if left and not should_stop():
            self._tell_once(
                f"{len(left)} photos cannot be read at the moment, so {wanted.title} does not take "
                "over yet; it does once their folder is back and indexed."
            )
        if left:
            return False
        models.switch_model(self._database, wanted)
        self._engines.adopt(engine)
        log.info("%s took over after %.0f s", wanted.name, time.monotonic() - started)
        self._notify(Notice(models.in_use_now(wanted), news=True))
        return True

    def _successor(self, should_stop: ShouldStop) -> Indexer | None:
        """Return an indexer for another model, if one has just taken over.

        This is asked several times a second; what did not work is tried again once something in
        the library has changed.
        """
        self._mend_recall()
        wanted = self._database.meta(models.WANTED)
        if wanted is not None and self._tried != (wanted, self._database.seq):
            self.follow_wanted_model(should_stop)
            self._tried = (wanted, self._database.seq)
        # One that was complete already took over in the moment it was chosen.
        if self._database.meta(models.IN_USE_ID) == self._watching_with:
            return None
        engine = self._engines.current()
        self._watching_with = engine.spec.model_id
        return self.indexer(engine)

    def _mend_recall(self) -> None:
        """Search wider where large changes have left the graph finding less than it should."""
        engine, seq = self._engines.current(), self._database.seq
        if seq - self._measured_at < LARGE_CHANGE or not engine.index.graph_count:
            return
        if time.monotonic() - self._thumbnails.read_at < LOOKED_AT_SECONDS:
            # Measuring and saving would make the window stand still now and then.
            return
        self._measured_at, before = seq, engine.index.ef
        engine.searcher.mend_recall()
        if engine.index.ef != before:
            self._save_index()

    def _tell_once(self, sentence: str) -> None:
        """Notify, unless that is what was said last about the chosen model."""
        if sentence != self._told:
            self._told = sentence
            self._notify(Notice(sentence))

    def _save_index(self) -> None:
        """Save the index; where that fails, only the next start takes longer."""
        try:
            self._engines.current().save_index()
        except StoreDamagedError:
            raise
        except LibraryError as error:
            log.warning("the index was not saved: %s", error)
            self._notify(Notice(str(error)))
