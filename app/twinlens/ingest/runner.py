"""Drives jobs through the pipeline into the store, and forgets what is gone. On one thread.

Everything that is written by indexing passes here, batch by batch.
"""

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from twinlens.errors import DeviceError, ModelError
from twinlens.index.compact import CompactIndex
from twinlens.ingest.exclusions import Rules, join
from twinlens.ingest.pipeline import Pipeline
from twinlens.ingest.progress import Progress
from twinlens.ingest.reading import Job, Outcome, Reading, failed
from twinlens.ingest.scanner import look_at
from twinlens.ingest.tally import Tally
from twinlens.ingest.volumes import is_where_it_was
from twinlens.ingest.writer import Writer
from twinlens.records import FailureCode
from twinlens.store.files import FileRow, path_of
from twinlens.store.folders import Root

log = logging.getLogger(__name__)

#: A batch is committed when it has so many results, or is so old in seconds.
BATCH = 64
BATCH_SECONDS = 0.2
#: Graph insertions after each batch; twice what a batch adds, so that the graph catches up.
CONSOLIDATE = 2 * BATCH
_REMOVALS = 1000
#: A file that was written to less than so many seconds ago may be one that still arrives,
RIPE = 3.0
#: if this is what is wrong with it.
_INCOMPLETE = frozenset(
    {
        FailureCode.EMPTY,
        FailureCode.DAMAGED,
        FailureCode.NOT_AN_IMAGE,
        FailureCode.UNSUPPORTED,
    }
)

ShouldStop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Interlude:
    """Other work that a long run lets in at a batch edge, when nothing is in flight."""

    waiting: Callable[[], bool]
    serve: Callable[[], None]


class Runner:
    """Runs jobs to the end or to a batch edge."""

    def __init__(
        self,
        pipeline: Pipeline,
        writer: Writer,
        index: CompactIndex,
        progress: Progress,
        answering: bool,
    ) -> None:
        self._pipeline = pipeline
        self._writer = writer
        self._index = index
        self._progress = progress
        self._answering = answering

    def work(
        self,
        jobs: Iterable[Job | None],
        tally: Tally,
        should_stop: ShouldStop,
        interlude: Interlude | None = None,
    ) -> bool:
        """Work through the jobs; False when it was stopped before the end, with all kept.

        Raises:
            DeviceError, ModelError: the network failed; what was done before is kept.
            LibraryError: the store failed; every batch but the last is kept.
        """
        source = iter(jobs)
        ended = False

        def segment() -> Iterator[Job | None]:
            nonlocal ended
            for job in source:
                yield job
                if interlude is not None and interlude.waiting():
                    return
            ended = True

        while not ended and not should_stop():
            self._drain(segment(), tally, should_stop)
            if interlude is not None and interlude.waiting():
                interlude.serve()
        if should_stop():
            return False
        again = [_looked_at_again(job) for job in tally.changing]
        tally.changing.clear()
        self._drain(iter(again), tally, should_stop, last=True)
        return not should_stop()

    def remove_gone(self, tally: Tally, roots: dict[int, Root], rules: dict[int, Rules]) -> None:
        """Forget the files that are missing, unless their root is or they are back.

        Args:
            roots, rules: every root and its rules, by its id.
        """
        concerned = {gone.root_id for gone in tally.gone.values()}
        there = {key for key in concerned & roots.keys() if is_where_it_was(roots[key])}
        gone = {
            file_id: item
            for file_id, item in tally.gone.items()
            if item.root_id in there
            and not _is_back(roots[item.root_id], item.row, rules[item.root_id])
        }
        tally.gone.clear()
        waiting = iter(gone.values())
        while part := list(islice(waiting, _REMOVALS)):
            for root_id, row in self._writer.remove((item.root_id, item.row) for item in part):
                tally.removed(roots[root_id], row, gone[row.file_id].at)
            self._progress.gallery(self._index.count)

    def tidy_index(self, should_stop: ShouldStop) -> None:
        """Bring the graph up to date in slices; start a fresh one where too much was deleted."""
        if self._index.needs_rebuild:
            log.info("the index has too many deleted entries; building it afresh")
            self._index.rebuild()
        while not should_stop() and self._index.consolidate():
            pass

    def _drain(
        self, jobs: Iterator[Job | None], tally: Tally, should_stop: ShouldStop, last: bool = False
    ) -> None:
        self._writer.reset()
        batch: list[Reading] = []
        started = time.monotonic()
        with closing(self._pipeline.run(jobs, should_stop)) as readings:
            try:
                for reading in readings:
                    if not batch:
                        started = time.monotonic()
                    if reading is not None:
                        self._take(reading, batch, tally, last=last)
                    old = time.monotonic() - started >= BATCH_SECONDS
                    if len(batch) >= BATCH or (batch and old):
                        self._flush(batch, tally)
            except (DeviceError, ModelError):
                self._flush(batch, tally)
                raise
        self._flush(batch, tally)
        if tally.unripe is not None:
            tally.unripe += self._writer.left()

    def _take(self, reading: Reading, batch: list[Reading], tally: Tally, *, last: bool) -> None:
        """Put a reading into the batch, or aside when it says nothing final about its file."""
        if reading.outcome is Outcome.CHANGING and not last:
            tally.changing.append(reading.job)
        elif reading.outcome is Outcome.CHANGING:
            message = "The file was being written to while Twinlens read it."
            batch.append(failed(reading.job, FailureCode.CHANGING, message, "It is tried again."))
        elif reading.outcome is Outcome.VANISHED:
            log.info("%r vanished before it was read", os.fsencode(reading.job.path))
            self._progress.passed(1)
            if reading.job.known is not None:
                tally.missing(reading.job.root_id, reading.job.known, reading.job.at)
        elif tally.unripe is not None and _is_unripe(reading):
            tally.unripe.append(reading.job)
        elif reading.outcome is not Outcome.STOPPED:
            batch.append(reading)

    def _flush(self, batch: list[Reading], tally: Tally) -> None:
        if not batch:
            return
        for item in self._writer.write(batch):
            tally.written(item)
        self._progress.worked(len(batch), self._index.count if self._answering else None)
        batch.clear()
        self._index.consolidate(CONSOLIDATE)


def ripe_in(job: Job) -> float:
    """Return the seconds until a file is old enough to be believed; 0 or less when it is."""
    age = time.time() - job.mtime_ns / 1e9
    return RIPE - age if age >= 0 else 0.0


def _is_unripe(reading: Reading) -> bool:
    """Return whether a file that cannot be read may only not be complete yet."""
    known = reading.job.known
    return (
        reading.outcome is Outcome.FAILED
        and reading.code in _INCOMPLETE
        and (known is None or known.code is None)
        and ripe_in(reading.job) > 0
    )


def _looked_at_again(job: Job) -> Job:
    now = look_at(os.fsencode(job.path))
    return job if now is None else replace(job, size=now.size, mtime_ns=now.mtime_ns)


def _is_back(root: Root, row: FileRow, rules: Rules) -> bool:
    """Return whether a missing file is there after all, and still belongs to its root."""
    path: Path = path_of(root, row.folder, row.name)
    return look_at(os.fsencode(path)) is not None and rules.admits(join(row.folder, row.name))
