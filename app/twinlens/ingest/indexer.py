"""Brings roots up to date: scan, work, remove. Runs on the ingest thread (or the caller's).

What is gone is removed at the end of a run only, when everything has been seen: a file that was
moved is then recognised by its content and costs no inference.
"""

import logging
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from twinlens.imaging.thumbnails import ThumbnailCache
from twinlens.index.compact import CompactIndex
from twinlens.index.projection import Projection
from twinlens.inference.extractor import Extractor
from twinlens.ingest.changes import ChangeSet
from twinlens.ingest.changing import Places, carry_moves, change_jobs, note_departures
from twinlens.ingest.comparing import Comparison
from twinlens.ingest.counter import Counter
from twinlens.ingest.exclusions import Rules, rules_for
from twinlens.ingest.pipeline import Pipeline
from twinlens.ingest.progress import Gate, Progress
from twinlens.ingest.reading import Job, Reader
from twinlens.ingest.roots import attend, set_state
from twinlens.ingest.runner import Interlude, Runner, ShouldStop, ripe_in
from twinlens.ingest.scanner import look_at
from twinlens.ingest.tally import OnEvent, Tally
from twinlens.ingest.writer import Writer
from twinlens.records import FolderState
from twinlens.reports import ChangeEvent, IndexCounts
from twinlens.settings import Settings
from twinlens.store import embeddings, files, folders, photos
from twinlens.store.database import Database
from twinlens.store.folders import Root

log = logging.getLogger(__name__)

#: A photo without a file is kept for so many seconds: whatever comes back costs no inference.
KEEP_ORPHANS = 30 * 24 * 3600.0
#: Somebody who saw a thumbnail appear is taken to look at photos for so many seconds.
LOOKED_AT_SECONDS = 10.0


#: Takes an absolute path, the monotonic time of its last event, and a number of seconds.
Again = Callable[[bytes, float, float], None]


def _never() -> bool:
    return False


class Indexer:
    """Indexes with one model. Its methods are for one thread at a time.

    Args:
        model: the store's key of the model.
        library_folder: never indexed, wherever it lies.
        gate: where indexing waits while somebody else needs the machine.
        answering: whether queries are answered with this model, so that its photos are the
            gallery; false while it is still on its way.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        database: Database,
        index: CompactIndex,
        projection: Projection,
        extractor: Extractor,
        model: int,
        thumbnails: ThumbnailCache,
        settings: Settings,
        progress: Progress,
        *,
        library_folder: Path | None = None,
        gate: Gate | None = None,
        answering: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.database = database
        self.index = index
        self.projection = projection
        self.model = model
        self.progress = progress
        self.gate = gate or Gate()
        #: The state of a root once it is up to date, by its id, where it is not UP_TO_DATE.
        self.resting: dict[int, tuple[FolderState, str]] = {}
        self._clock = clock
        self._library_folder = library_folder
        self._thumbnails = thumbnails
        reader = Reader(database, extractor, model, thumbnails, settings)
        self._pipeline = Pipeline(reader, extractor, self.gate, settings.workers)
        self._writer = Writer(database, index, projection, model, reader.claims)
        self._runner = Runner(self._pipeline, self._writer, index, progress, answering)
        if answering:
            progress.describe(extractor.device, extractor.spec.title, index.count)

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
        """End the workers' threads."""
        self._pipeline.close()

    @property
    def changes(self) -> int:
        """How many entries of the index were added or removed by this indexer so far."""
        return self._writer.changes

    def update(
        self,
        roots: Iterable[Root],
        *,
        should_stop: ShouldStop = _never,
        retry: bool = False,
        on_event: OnEvent | None = None,
        interlude: Interlude | None = None,
        busy: Callable[[], Collection[bytes]] = frozenset,
    ) -> IndexCounts:
        """Bring roots up to date with the disk.

        Args:
            roots: those to scan; nested ones must be named themselves.
            should_stop: asked at every result; the run then ends at a batch edge, with everything
                kept and nothing removed.
            retry: try again the files that failed before.
            on_event: receives one event for each file that changed.
            interlude: let in at batch edges.
            busy: absolute paths to leave alone at the moment.

        Raises:
            DeviceError, ModelError, LibraryError: the run ended; what was committed is safe.
        """
        tally = Tally(self._clock, on_event)
        present = attend(self.database, roots)
        rules = self._rules(present)
        comparison = Comparison(self.database, tally, self.progress, retry=retry, busy=busy)
        counter = Counter([(root, rules[root.root_id]) for root in present], self.progress)
        self.progress.begin("indexing")
        finished = False

        def jobs() -> Iterator[Job | None]:
            for root in present:
                set_state(self.database, root, FolderState.SCANNING)
                for job in comparison.scan(root, rules[root.root_id]):
                    if job is not None:
                        counter.start()
                    yield job

        try:
            finished = self._runner.work(jobs(), tally, should_stop, interlude)
            if finished:
                self._remove_gone(tally)
                tally.finish()
                self._drop_old_orphans()
                self._runner.tidy_index(should_stop)
        finally:
            counter.stop()
            self.progress.end()
            self._rest(present, finished=finished)
        if not finished:
            tally.finish()
        for reason, number in tally.left_out.items():
            log.info("left out %d: %s", number, reason)
        return tally.counts()

    def apply(
        self,
        changes: ChangeSet,
        *,
        should_stop: ShouldStop = _never,
        busy: Callable[[], Collection[bytes]] = frozenset,
        again: Again | None = None,
    ) -> list[ChangeEvent]:
        """Do what a change set asks for; return one event for each file that changed.

        Args:
            again: told which files look as if they still arrive, and in how many seconds to look
                once more. Without it each is settled as it is now.
        """
        events: list[ChangeEvent] = []
        tally = Tally(self._clock, events.append)
        tally.unripe = None if again is None else []
        every = folders.roots(self.database.connection())
        present = self._present(every, changes)
        places = Places(present, every, self._rules(present))
        comparison = Comparison(self.database, tally, self.progress, busy=busy)
        unclear = carry_moves(changes, places, self.database, self._writer, tally)
        jobs = change_jobs(changes, places, comparison, self.database, tally, unclear)
        if self._runner.work(jobs, tally, should_stop):
            note_departures(self.database, tally)
            self._remove_gone(tally)
        if again is not None:
            for job in tally.unripe or ():
                again(os.fsencode(job.path), job.at or self._clock(), max(0.0, ripe_in(job)))
        tally.finish()
        return events

    def embed_missing(self, *, should_stop: ShouldStop = _never) -> int:
        """Embed the photos that have no descriptor of this model; return how many are left.

        Those left have no file that can be read at the moment.
        """
        connection = self.database.connection()
        missing = embeddings.missing_ids(connection, self.model)
        if not missing:
            return 0
        every = folders.roots(connection)
        present = {root.root_id: root for root in attend(self.database, every)}
        self.progress.begin("embedding", total=len(missing))

        def jobs() -> Iterator[Job | None]:
            done: set[int | None] = set()
            for root_id, row in list(files.places_of(connection, missing)):
                root = present.get(root_id)
                if root is None or row.photo_id in done:
                    continue
                path = files.path_of(root, row.folder, row.name)
                entry = look_at(os.fsencode(path))
                if entry is None or entry.online_only:
                    continue
                done.add(row.photo_id)
                yield Job(
                    root_id, row.folder, row.name, path, entry.size, entry.mtime_ns, known=row
                )

        try:
            self._runner.work(jobs(), Tally(self._clock), should_stop)
            self._runner.tidy_index(should_stop)
        finally:
            self.progress.end()
        return len(embeddings.missing_ids(connection, self.model))

    def is_looked_at(self) -> bool:
        """Return whether a window is in front, or photos were looked at in the last seconds."""
        return self.gate.in_front or time.monotonic() - self._thumbnails.read_at < LOOKED_AT_SECONDS

    def tidy_index(self, should_stop: ShouldStop = _never) -> None:
        """Bring the graph of the index up to date, in slices."""
        self._runner.tidy_index(should_stop)

    def rules_of(self, root: Root) -> Rules:
        """Return what is left out below a root."""
        return rules_for(root, folders.roots(self.database.connection()), self._library_folder)

    def _remove_gone(self, tally: Tally) -> None:
        roots = {root.root_id: root for root in folders.roots(self.database.connection())}
        self._runner.remove_gone(tally, roots, self._rules(roots.values()))

    def _rules(self, roots: Iterable[Root]) -> dict[int, Rules]:
        """Return the rules of these roots, also of one that was forgotten meanwhile."""
        every = folders.roots(self.database.connection())
        return {root.root_id: rules_for(root, every, self._library_folder) for root in roots}

    def _present(self, every: list[Root], changes: ChangeSet) -> list[Root]:
        """Return the roots that a change set touches and that are there."""
        touched = changes.files | changes.gone | changes.folders | changes.roots
        paths = {path for path in touched} | {source for source, _ in changes.moves}
        affected = [
            root for root in every if any(path.startswith(os.fsencode(root.path)) for path in paths)
        ]
        return attend(self.database, affected)

    def _rest(self, roots: list[Root], *, finished: bool) -> None:
        for root in roots:
            state, note = FolderState.PENDING, ""
            if finished:
                state, note = self.resting.get(root.root_id, (FolderState.UP_TO_DATE, ""))
            set_state(self.database, root, state, note)

    def _drop_old_orphans(self) -> None:
        with self.database.transaction() as connection:
            dropped = photos.drop_orphans(connection, time.time() - KEEP_ORPHANS)
        for digest in dropped:
            self._thumbnails.remove(digest)
