"""What the engine is doing, for polling, and the gate at which indexing waits. Any thread."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from twinlens.reports import Status

#: The rate is measured over so many seconds.
RATE_WINDOW = 10.0
#: A rate over less than this says nothing yet.
_MEASURABLE = 0.5


class Progress:
    """A frozen `Status` that may be read at any moment; its revision grows with every change."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._status = Status()
        self._worked: deque[tuple[float, int]] = deque()
        self._started = 0.0
        self._running = False

    @property
    def status(self) -> Status:
        """What is going on now."""
        return self._status

    def begin(self, activity: str, total: int = 0, done: int = 0) -> None:
        """A run starts or goes on; `total` 0 means that its files are still being counted."""
        with self._lock:
            self._worked.clear()
            self._running = True
            self._started = self._clock()
            self._set(activity=activity, done=done, total=total, rate=0.0, seconds_left=None)

    def count(self, total: int) -> None:
        """The number of files of the run is known."""
        with self._lock:
            self._set(total=max(total, self._status.done))

    def folder(self, folder: Path) -> None:
        """The run has come to this folder."""
        with self._lock:
            self._set(folder=folder)

    def passed(self, files: int) -> None:
        """Files needed no work."""
        with self._lock:
            if self._running:
                self._set(done=self._status.done + files)

    def worked(self, files: int, photos: int | None) -> None:
        """Files were worked on; `photos` is the size of the gallery now, None where it stays."""
        with self._lock:
            photos = self._status.photos if photos is None else photos
            if not self._running:
                # Live changes are done before a bar could be drawn for them.
                self._set(photos=photos)
                return
            now = self._clock()
            self._worked.append((now, files))
            while self._worked and self._worked[0][0] < now - RATE_WINDOW:
                self._worked.popleft()
            spell = min(now - self._started, RATE_WINDOW)
            rate = 0.0
            if spell >= _MEASURABLE:
                rate = sum(number for _, number in self._worked) / spell
            done = self._status.done + files
            total = max(self._status.total, done) if self._status.total else 0
            left = (total - done) / rate if rate > 0 and total else None
            self._set(done=done, total=total, rate=rate, seconds_left=left, photos=photos)

    def end(self, notice: str = "") -> None:
        """The run is over; `notice` is what the user should know."""
        with self._lock:
            self._running = False
            self._set(activity="idle", folder=None, rate=0.0, seconds_left=None, notice=notice)

    def gallery(self, photos: int) -> None:
        """The gallery has another size, for instance because files went away."""
        with self._lock:
            if photos != self._status.photos:
                self._set(photos=photos)

    def pause(self, paused: bool) -> None:
        """Indexing was paused or resumed."""
        with self._lock:
            self._set(paused=paused)

    def describe(self, device: str, model: str, photos: int) -> None:
        """What the engine runs on."""
        with self._lock:
            self._set(device=device, model=model, photos=photos)

    def _set(self, **facts: object) -> None:
        # The one place where a status is made, so that the revision never stands still.
        self._status = replace(self._status, revision=self._status.revision + 1, **facts)  # type: ignore[arg-type]


class Gate:
    """Where indexing waits before each new photo while somebody else needs the machine.

    `in_front` says that a window on the library is the one in use: what would make it stand still
    waits until it is not.
    """

    def __init__(self) -> None:
        self.in_front = False
        self._open = threading.Event()
        self._open.set()
        self._lock = threading.Lock()
        self._holders = 0

    def close(self) -> None:
        """Let nobody pass; each call needs its `open`."""
        with self._lock:
            self._holders += 1
            self._open.clear()

    def open(self) -> None:
        """Take one `close` back."""
        with self._lock:
            self._holders = max(0, self._holders - 1)
            if not self._holders:
                self._open.set()

    @property
    def is_closed(self) -> bool:
        """Whether somebody holds the gate."""
        return not self._open.is_set()

    def wait(self, should_stop: Callable[[], bool]) -> bool:
        """Wait until the gate is open; False when the run is to stop instead."""
        while not self._open.wait(0.05):
            if should_stop():
                return False
        return not should_stop()
