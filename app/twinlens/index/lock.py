"""A fair lock for many readers or one writer; any thread."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class ReadWriteLock:
    """Readers share, a writer is alone, and everyone is served in the order of arrival.

    Fairness matters on both sides: a thread that adds slice after slice must not starve a search,
    nor a run of searches starve the adding thread. It is not reentrant.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: deque[object] = deque()
        self._readers = 0
        self._writing = False

    @property
    def waiting(self) -> int:
        """How many threads stand in the queue."""
        return len(self._queue)

    @contextmanager
    def read(self) -> Iterator[None]:
        """Hold the lock beside other readers."""
        self._enter(alone=False)
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    @contextmanager
    def write(self) -> Iterator[None]:
        """Hold the lock alone."""
        self._enter(alone=True)
        try:
            yield
        finally:
            with self._changed:
                self._writing = False
                self._changed.notify_all()

    def _enter(self, *, alone: bool) -> None:
        turn = object()
        with self._changed:
            self._queue.append(turn)
            try:
                while self._queue[0] is not turn or self._writing or (alone and self._readers):
                    self._changed.wait()
                if alone:
                    self._writing = True
                else:
                    self._readers += 1
            finally:
                # Also when Ctrl+C ends the wait: a turn left behind would block everyone.
                self._queue.remove(turn)
                self._changed.notify_all()
