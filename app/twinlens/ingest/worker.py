"""Keeps all roots up to date: the one ingest thread of `twinlens watch` and of the window.

Everything that writes photos, files and index runs here, one thing after another: what observers
report, scans, and what other processes changed in the store.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from twinlens.errors import AppError
from twinlens.ingest.changes import QUIET, Look, QuietWindow
from twinlens.ingest.closer import CloserLook
from twinlens.ingest.indexer import Indexer
from twinlens.ingest.reconcile import reconcile_index
from twinlens.ingest.rootwatch import EventSource, RootWatch
from twinlens.ingest.runner import Interlude
from twinlens.ingest.scanner import look_at
from twinlens.ingest.snapshots import Snapshots
from twinlens.ingest.watcher import Watcher
from twinlens.reports import ChangeEvent
from twinlens.settings import Settings

log = logging.getLogger(__name__)

#: Seconds between looks at what was reported; between looks at roots and at other processes.
TICK = 0.1
LOOK_AROUND = 3.0
#: Events that nobody fetched beyond these are dropped, the oldest first.
MOST_EVENTS = 10_000

ShouldStop = Callable[[], bool]


def _nobody(_should_stop: ShouldStop) -> None:
    """Let no other indexer take over."""


class IngestWorker:
    """One thread that watches and indexes until stopped.

    Args:
        indexer: does the work; belongs to this worker from now on and is closed by `stop`.
        save_index: writes a snapshot of the index.
        settings: how often to scan without being told.
        succeed: asked when nothing else is to do; returns the indexer to go on with where another
            model has just taken over, else None.
        closer: returns the closer look to go on with while nothing else is to do; asked at the
            start, and when another model has taken over. It belongs to this worker.
        source: reports changes.
        clock: monotonic seconds.
        quiet: how long, in seconds, a path rests before it is looked at.
        unsaved: changes of the index that the worker before left unsaved.
    """

    def __init__(
        self,
        indexer: Indexer,
        *,
        save_index: Callable[[], None],
        settings: Settings,
        succeed: Callable[[ShouldStop], Indexer | None] = _nobody,
        closer: Callable[[], CloserLook | None] = lambda: None,
        source: EventSource | None = None,
        clock: Callable[[], float] = time.monotonic,
        quiet: float = QUIET,
        unsaved: int = 0,
    ) -> None:
        #: Why the thread ended by itself.
        self.error: Exception | None = None
        self._indexer = indexer
        self._snapshots = Snapshots(save_index, indexer.changes - unsaved, clock)
        self._succeed = succeed
        self._new_closer = closer
        self._closer: CloserLook | None = None
        self._rescan_seconds = settings.rescan_minutes * 60
        self._source = source or Watcher(clock)
        self._roots = RootWatch(indexer, self._source, settings.rescan_minutes)
        self._window = QuietWindow(clock, _look, quiet=quiet)
        self._clock = clock
        self._events: queue.SimpleQueue[ChangeEvent] = queue.SimpleQueue()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._idle = threading.Event()
        self._inbox: set[Path | None] = set()
        self._retry = False
        self._lock = threading.Lock()
        self._paused = False
        self._thread = threading.Thread(target=self._run, name="ingest")
        self._next_scan = 0.0
        self._next_look = 0.0
        self._data_version: int | None = None

    # For other threads

    def start(self) -> None:
        """Start the thread: it watches first and then scans, so that nothing falls between."""
        self._thread.start()

    def stop(self, *, save: bool = True) -> int:
        """Stop at a batch edge, wait, and return how many changes of the index are unsaved."""
        self._snapshots.saves_at_the_end = save
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()
        return self._snapshots.unsaved(self._indexer.changes)

    @property
    def alive(self) -> bool:
        """Whether the thread runs; it ends by itself only with `error` set."""
        return self._thread.is_alive()

    def pause(self) -> None:
        """Start no more photos until `resume`; what was begun is finished."""
        with self._lock:
            if not self._paused:
                self._paused = True
                self._indexer.gate.close()
                self._indexer.progress.pause(True)

    def resume(self) -> None:
        """Go on after `pause`."""
        with self._lock:
            if self._paused:
                self._paused = False
                self._indexer.gate.open()
                self._indexer.progress.pause(False)

    def rescan(self, folder: Path | None = None, *, retry: bool = False) -> None:
        """Soon scan the root of a folder, or all, new ones too; `retry` also tries failed files."""
        with self._lock:
            self._inbox.add(folder)
            self._retry = self._retry or retry
            self._idle.clear()
        self._wake.set()

    def events(self, timeout: float = 0.0) -> Iterator[ChangeEvent]:
        """Yield what changed since the last call, waiting up to `timeout` seconds for the first."""
        try:
            yield self._events.get(timeout=timeout) if timeout > 0 else self._events.get_nowait()
            while True:
                yield self._events.get_nowait()
        except queue.Empty:
            return

    def wait_idle(self, timeout: float | None = None) -> bool:
        """Wait until all scans are over and nothing reported is left; False on timeout."""
        return self._idle.wait(timeout)

    # On the ingest thread

    def _run(self) -> None:
        try:
            self._next_scan = self._clock() + self._rescan_seconds
            self._closer = self._new_closer()
            while not self._stopping.is_set():
                self._turn()
                if self._look_closer():
                    self._wake.wait(TICK)
                self._wake.clear()
        except AppError as error:
            log.warning("indexing stopped: %s", error)
            self._give_up(error, str(error))
        except Exception as error:
            log.exception("indexing stopped by an unexpected error")
            self._give_up(error, "Indexing stopped because of an error; the log has the details.")
        finally:
            self._finish()

    def _give_up(self, error: Exception, notice: str) -> None:
        self.error = error
        self._indexer.progress.end(notice=notice)

    def _turn(self) -> None:
        """Do what is due now."""
        with self._lock:
            wanted, self._inbox = self._inbox, set()
        if wanted or self._clock() >= self._next_look:
            self._next_look = self._clock() + LOOK_AROUND
            self._follow_other_processes()
            self._roots.look_around()
        for folder in wanted:
            if folder is None:
                self._roots.everything_is_due()
            else:
                self._roots.is_due(folder)
        if self._clock() >= self._next_scan:
            self._next_scan = self._clock() + self._rescan_seconds
            self._roots.everything_is_due()
        self._serve()
        if self._roots.due:
            self._scan()
        self._rest()

    def _look_closer(self) -> bool:
        """Spend a tick on the closer look; True where nothing is left of it for now."""
        if self._closer is None or not self._idle.is_set():
            return True
        end = time.monotonic() + TICK
        return self._closer.run(
            self._stopping.is_set, lambda: self._wake.is_set() or time.monotonic() >= end
        )

    def _follow_other_processes(self) -> None:
        """Bring the index in step after somebody else wrote to the store."""
        indexer = self._indexer
        version = indexer.database.data_version()
        if self._data_version not in (None, version):
            reconcile_index(indexer.database, indexer.index, indexer.projection, indexer.model)
            indexer.progress.gallery(indexer.index.count)
        self._data_version = version

    def _serve(self) -> None:
        """Carry out what was reported and has come to rest."""
        changes = self._window.take() if self._is_something_due() else None
        if changes:
            events = self._indexer.apply(
                changes,
                should_stop=self._stopping.is_set,
                busy=lambda: self._window.waiting,
                again=self._window.again,
            )
            for event in events:
                self._tell(event)

    def _is_something_due(self) -> bool:
        self._window.add(self._source.take())
        if self._window.waiting:
            self._idle.clear()
        return self._window.is_due

    def _scan(self) -> None:
        self._idle.clear()
        with self._lock:
            retry, self._retry = self._retry, False
        self._indexer.update(
            self._roots.take_due(),
            should_stop=self._stopping.is_set,
            retry=retry,
            on_event=self._tell,
            interlude=Interlude(self._is_something_due, self._serve),
            busy=lambda: self._window.waiting,
        )
        self._indexer.embed_missing(should_stop=self._stopping.is_set)

    def _tell(self, event: ChangeEvent) -> None:
        if self._events.qsize() >= MOST_EVENTS:
            self._events.get_nowait()
        self._events.put(event)

    def _rest(self) -> None:
        """Save the index if that is due, and say so when nothing is left to do."""
        if self._roots.due or self._window.waiting or self._stopping.is_set():
            return
        # hnswlib stops all Python threads while it writes, and with them the window.
        if self._snapshots.is_due(self._indexer.changes) and not self._indexer.is_looked_at():
            self._indexer.tidy_index(self._stopping.is_set)
            self._snapshots.save(self._indexer.changes)
        successor = self._succeed(self._stopping.is_set)
        if successor is not None:
            self._hand_over(successor)
        with self._lock:
            if not self._inbox:
                self._idle.set()

    def _hand_over(self, successor: Indexer) -> None:
        """Go on with another indexer; the roots are as they were."""
        successor.resting = self._indexer.resting
        self._indexer.close()
        self._indexer = self._roots.indexer = successor
        if self._closer is not None:
            self._closer.close()
        self._closer = self._new_closer()
        self._snapshots.save(self._indexer.changes)

    def _finish(self) -> None:
        """Let everything go, in the order in which it depends on each other."""
        try:
            self._roots.close()
            self._indexer.close()
            if self._closer is not None:
                self._closer.close()
            changes = self._indexer.changes
            if self.error is None and self._snapshots.is_worth_it_at_the_end(changes):
                self._snapshots.save(changes)
        except AppError as error:
            log.warning("the end of indexing failed: %s", error)
            self.error = self.error or error
        finally:
            self._idle.set()


def _look(path: bytes) -> Look:
    entry = look_at(path)
    return None if entry is None else (entry.size, entry.mtime_ns)
