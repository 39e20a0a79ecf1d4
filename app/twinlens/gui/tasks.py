"""Runs work off the GUI thread and delivers its result on it; a newer ticket supersedes an older.

Called on the GUI thread only; the work itself runs on the threads of its lane.
"""

import logging
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from threading import Event
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from twinlens.errors import AppError

log = logging.getLogger(__name__)

T = TypeVar("T")

#: Threads of each lane. "search" answers queries, "library" changes things one at a time,
#: "look" prepares what is only looked at.
WORKERS = {"search": 1, "library": 1, "look": 2}
#: Milliseconds that the window gets for itself to show the first of several results, and seconds
#: after which whatever waits for that goes on in any case.
SHOWING, PATIENCE = 80, 0.5


@dataclass(slots=True, eq=False)
class Ticket:
    """One piece of work that was asked for; `cancel` drops its result."""

    lane: str
    key: str
    done: Callable[[Any], None]
    failed: Callable[[AppError], None] | None
    future: Future[Any] | None = None
    cancelled: bool = False
    came: Callable[[Any], None] | None = None
    shown: Event = field(default_factory=Event)

    @property
    def running(self) -> bool:
        """Whether a result is still to come."""
        return not self.cancelled and self.future is not None

    def cancel(self) -> None:
        """Forget the work: unstarted it never runs, started its result is dropped."""
        self.cancelled = True
        self.shown.set()
        if self.future is not None:
            self.future.cancel()


class Tasks(QObject):
    """The lanes of the window.

    Signals:
        crashed(str): a bug, with the last line of its traceback; already logged.
        refused(object): an AppError that nobody asked to hear of.
    """

    crashed = Signal(str)
    refused = Signal(object)
    _finished = Signal(object, object)
    _came = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes = {
            lane: ThreadPoolExecutor(workers, thread_name_prefix=lane)
            for lane, workers in WORKERS.items()
        }
        self._tickets: dict[tuple[str, str], Ticket] = {}
        self._closed = False
        # Emitted on the worker, delivered here.
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._came.connect(self._hand_on, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        lane: str,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[AppError], None] | None = None,
        *,
        key: str = "",
    ) -> Ticket:
        """Run `work` on a lane; `done` or `failed` is called later on the GUI thread.

        On "search" every newer ticket supersedes the older ones, on "look" a newer one with the
        same non-empty `key` does; work on "library" always runs, in order. What is only looked at
        waits for an answer that was asked for before it.
        """
        return self._start(Ticket(lane, key, done, failed), work)

    def follow(
        self,
        lane: str,
        work: Callable[[], Generator[T, None, None]],
        came: Callable[[T], None],
        done: Callable[[None], None],
        failed: Callable[[AppError], None] | None = None,
        *,
        key: str = "",
    ) -> Ticket:
        """Run work that gives one result after another; `came` is called with each.

        For the rest see `run`. The work waits until its first result can be seen: two cores do not
        bear both at once. Superseded work is closed at its next result.
        """
        ticket = Ticket(lane, key, done, failed, came=came)

        def consume() -> None:
            with closing(work()) as results:
                for result in results:
                    if ticket.cancelled:
                        return
                    self._came.emit(ticket, result)
                    ticket.shown.wait(PATIENCE)

        return self._start(ticket, consume)

    def _start(self, ticket: Ticket, work: Callable[[], object]) -> Ticket:
        lane, key = ticket.lane, ticket.key
        if self._closed:
            ticket.cancelled = True
            return ticket
        if lane == "search" or (lane == "look" and key):
            older = self._tickets.get((lane, key))
            if older is not None:
                older.cancel()
            self._tickets[lane, key] = ticket
        ahead = self._tickets.get(("search", "")) if lane == "look" else None
        future = self._lanes[lane].submit(work if ahead is None else _after(ahead, work))
        ticket.future = future
        future.add_done_callback(lambda _: ticket.shown.set())
        future.add_done_callback(lambda finished: self._finished.emit(ticket, finished))
        return ticket

    def cancel(self, lane: str, key: str = "") -> None:
        """Drop the current ticket of a lane and key, if there is one."""
        ticket = self._tickets.pop((lane, key), None)
        if ticket is not None:
            ticket.cancel()

    @property
    def closing(self) -> bool:
        """Whether the window is being closed; read by work that can be stopped."""
        return self._closed

    def close(self) -> None:
        """Drop all results, start nothing more, and wait for what is running."""
        self._closed = True
        for ticket in self._tickets.values():
            ticket.cancel()
        self._tickets.clear()
        for lane in self._lanes.values():
            lane.shutdown(wait=False, cancel_futures=True)
        for lane in self._lanes.values():
            lane.shutdown(wait=True)

    @Slot(object, object)
    def _hand_on(self, ticket: Ticket, result: object) -> None:
        if ticket.came is not None and not self._closed and not ticket.cancelled:
            ticket.came(result)
            QTimer.singleShot(SHOWING, ticket.shown.set)

    @Slot(object, object)
    def _deliver(self, ticket: Ticket, future: Future[Any]) -> None:
        if self._tickets.get((ticket.lane, ticket.key)) is ticket:
            del self._tickets[ticket.lane, ticket.key]
        ticket.future = None
        if future.cancelled():
            return
        error = future.exception()
        if error is not None and not isinstance(error, AppError):
            # A bug is never dropped, even when nobody waits for the result any more.
            log.error("work on the %s lane failed", ticket.lane, exc_info=error)
            self.crashed.emit(f"{type(error).__name__}: {error}")
            return
        if self._closed or ticket.cancelled:
            return
        if error is None:
            ticket.done(future.result())
        elif ticket.failed is not None:
            ticket.failed(error)
        else:
            self.refused.emit(error)


def _after(ahead: Ticket, work: Callable[[], T]) -> Callable[[], T]:
    def wait_and_work() -> T:
        ahead.shown.wait(PATIENCE)
        return work()

    return wait_and_work
