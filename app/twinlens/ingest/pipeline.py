"""Many files at once through identical workers, results in order. Runs on the ingest thread.

The look-ahead is one bounded deque: it keeps the workers busy, memory flat and the order.
"""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import replace

import numpy as np

from twinlens.inference.extractor import Extractor
from twinlens.ingest.progress import Gate
from twinlens.ingest.reading import Job, Reader, Reading

#: Files in flight for each worker.
LOOK_AHEAD = 3
#: Pictures embedded at once where a device has a memory of its own.
STAGED = 32
#: How long, in seconds, the next result is waited for before the caller gets a turn.
_TURN = 0.05


class Pipeline:
    """The workers of one indexer; they live until `close`.

    Args:
        reader: does the work on one file.
        extractor: embeds what the reader left to a staged batch.
        gate: passed before each file.
        workers: number of threads; 0 means one a core.
    """

    def __init__(self, reader: Reader, extractor: Extractor, gate: Gate, workers: int = 0) -> None:
        self.workers = workers or usable_cores()
        self._reader = reader
        self._extractor = extractor
        self._gate = gate
        self._pool = ThreadPoolExecutor(self.workers, thread_name_prefix="ingest-worker")

    def run(
        self, jobs: Iterator[Job | None], should_stop: Callable[[], bool]
    ) -> Generator[Reading | None]:
        """Yield a reading for each job, in order; None whenever there is none at the moment.

        A None among the jobs only gives the caller a turn. When asked to stop, what is under way
        is finished and yielded, the rest is left.

        Raises:
            DeviceError, ModelError, LibraryError: the run cannot go on.
        """
        return self._staged(self._in_order(jobs, should_stop))

    def close(self) -> None:
        """End the workers' threads."""
        self._pool.shutdown()

    def _in_order(
        self, jobs: Iterator[Job | None], should_stop: Callable[[], bool]
    ) -> Generator[Reading | None]:
        ahead = LOOK_AHEAD * self.workers + (0 if self._extractor.device == "CPU" else STAGED)
        window: deque[Future[Reading]] = deque()
        more = True
        try:
            while not should_stop():
                more = more and self._fill(window, jobs, ahead, should_stop)
                if not window and not more:
                    return
                # While the window has room, jobs are worth more than waiting for a result.
                patience = _TURN if len(window) == ahead or not more else 0
                if window and wait([window[0]], timeout=patience).done:
                    yield window.popleft().result()
                else:
                    yield None
            for future in window:
                future.cancel()
            while window:
                future = window.popleft()
                if not future.cancelled():
                    yield future.result()
        finally:
            for future in window:
                future.cancel()
            wait(window)

    def _fill(
        self,
        window: deque[Future[Reading]],
        jobs: Iterator[Job | None],
        ahead: int,
        should_stop: Callable[[], bool],
    ) -> bool:
        """Submit jobs while there is room; False when there are no more."""
        while len(window) < ahead:
            try:
                job = next(jobs)
            except StopIteration:
                return False
            if job is None:
                break
            window.append(
                self._pool.submit(self._reader.read, job, lambda: self._gate.wait(should_stop))
            )
        return True

    def _staged(self, readings: Generator[Reading | None]) -> Generator[Reading | None]:
        """Embed in batches what the workers only decoded, keeping the order."""
        held: list[Reading] = []
        with closing(readings):
            for reading in readings:
                if reading is not None:
                    held.append(reading)
                    waiting = sum(item.pixels is not None for item in held)
                    if 0 < waiting < STAGED:
                        continue
                yield from self._embed(held)
                held.clear()
                if reading is None:
                    yield None
            yield from self._embed(held)

    def _embed(self, held: list[Reading]) -> Iterator[Reading]:
        staged = [item.pixels for item in held if item.pixels is not None]
        vectors = iter(self._extractor.embed(np.stack(staged)) if staged else ())
        for item in held:
            if item.pixels is None:
                yield item
            else:
                yield replace(item, vector=next(vectors), pixels=None)


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
