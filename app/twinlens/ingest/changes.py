"""Turns a flood of file events into what has to be looked at. Pure; runs on the ingest thread.

An event is a hint where to look, never the truth: what is done is decided by the disk. So events
may be merged, repeated and reordered, but none may be lost.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

#: A path rests this long, in seconds, before it is looked at; a busy one waits so long at most.
QUIET = 0.5
LONGEST = 5.0

#: What a file looks like from outside: (size, modification time in ns), None when absent.
Look = tuple[int, int] | None


class EventKind(StrEnum):
    """What an observer saw."""

    CREATED = "created"
    MODIFIED = "modified"
    MOVED = "moved"
    DELETED = "deleted"
    OVERFLOW = "overflow"


@dataclass(frozen=True, slots=True)
class RawEvent:
    """One observation. Paths are absolute; `target` is set for MOVED; `path` is a root's for
    OVERFLOW (events below it were lost). `at` is monotonic time in seconds."""

    kind: EventKind
    path: bytes
    at: float
    is_folder: bool = False
    target: bytes = b""


class Duty(StrEnum):
    """What has to be done about a path."""

    FILE = "file"
    GONE = "gone"
    FOLDER = "folder"
    ROOT = "root"


@dataclass(frozen=True, slots=True)
class Pending:
    """A path that waits for its quiet time. `source` is where it was moved from, if known.

    `not_before` holds back one that was looked at too early, until an event says more.
    """

    path: bytes
    duty: Duty
    first: float
    last: float
    look: Look = None
    source: bytes = b""
    not_before: float = 0.0


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What to look at, without overlaps: nothing in `files`, `gone` or `folders` lies below a
    folder or root that is looked at as a whole.

    `moves` are (from, to) pairs as the system reported them, in no order that matters; their
    ends are in the other sets too. `last_events` tells when each path was last seen changing.
    """

    files: frozenset[bytes] = frozenset()
    gone: frozenset[bytes] = frozenset()
    folders: frozenset[bytes] = frozenset()
    roots: frozenset[bytes] = frozenset()
    moves: tuple[tuple[bytes, bytes], ...] = ()
    last_events: tuple[tuple[bytes, float], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.files or self.gone or self.folders or self.roots)


def fold(pending: dict[bytes, Pending], event: RawEvent) -> None:
    """Merge one event into what is pending, by path."""
    if event.kind is EventKind.OVERFLOW:
        _note(pending, event.path, Duty.ROOT, event.at)
    elif event.kind is EventKind.DELETED:
        _note(pending, event.path, Duty.GONE, event.at)
    elif event.kind is EventKind.MOVED:
        origin = pending[event.path].source if event.path in pending else b""
        _note(pending, event.path, Duty.GONE, event.at)
        duty = Duty.FOLDER if event.is_folder else Duty.FILE
        _note(pending, event.target, duty, event.at, source=origin or event.path)
    elif not event.is_folder:
        _note(pending, event.path, Duty.FILE, event.at)
    elif event.kind is EventKind.CREATED:
        _note(pending, event.path, Duty.FOLDER, event.at)


def _note(
    pending: dict[bytes, Pending], path: bytes, duty: Duty, at: float, source: bytes = b""
) -> None:
    before = pending.pop(path, None)
    if before is None:
        pending[path] = Pending(path, duty, at, at, source=source)
        return
    if before.duty is Duty.ROOT:
        duty = Duty.ROOT
    if duty is Duty.FILE and not source:
        source = before.source
    pending[path] = Pending(
        path, duty, min(before.first, at), max(before.last, at), before.look, source
    )


def coalesce(due: Iterable[Pending]) -> ChangeSet:
    """Return one set of work for paths whose time has come."""
    items = list(due)
    roots = {item.path for item in items if item.duty is Duty.ROOT}
    folders = {item.path for item in items if item.duty is Duty.FOLDER}
    folders = {path for path in folders if not _covered(path, roots | folders - {path})}
    whole = roots | folders
    rest = [item for item in items if item.path not in whole and not _covered(item.path, whole)]
    return ChangeSet(
        files=frozenset(item.path for item in rest if item.duty is Duty.FILE),
        gone=frozenset(item.path for item in rest if item.duty is Duty.GONE),
        folders=frozenset(folders - roots),
        roots=frozenset(roots),
        moves=tuple((item.source, item.path) for item in items if item.source),
        last_events=tuple((item.path, item.last) for item in items),
    )


def _covered(path: bytes, whole: set[bytes]) -> bool:
    """Return whether some folder above the path is in the set. Costs its depth."""
    if not whole:
        return False
    end = len(path)
    while (end := max(path.rfind(b"/", 0, end), path.rfind(b"\\", 0, end))) > 0:
        if path[:end] in whole:
            return True
    return False


class QuietWindow:
    """Holds paths back until they rest, so that half-written files are not read.

    Args:
        clock: monotonic seconds.
        look: what a file looks like now.
        quiet: seconds without events after which a path is due.
        longest: seconds after which a path with steady events is looked at all the same.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        look: Callable[[bytes], Look],
        *,
        quiet: float = QUIET,
        longest: float = LONGEST,
    ) -> None:
        self._clock = clock
        self._look = look
        self._quiet = quiet
        self._longest = longest
        self._pending: dict[bytes, Pending] = {}

    @property
    def waiting(self) -> frozenset[bytes]:
        """The paths that are not due yet."""
        return frozenset(self._pending)

    @property
    def is_due(self) -> bool:
        """Whether `take` would look at something now."""
        now = self._clock()
        return any(self._is_due(item, now) for item in self._pending.values())

    def add(self, events: Iterable[RawEvent]) -> None:
        """Take in events; files are looked at once now, to be compared when they are due."""
        touched = set()
        for event in events:
            fold(self._pending, event)
            touched.add(event.target or event.path)
        for path in touched:
            item = self._pending.get(path)
            if item is not None and item.duty is Duty.FILE:
                self._pending[path] = replace(item, look=self._look(path))

    def again(self, path: bytes, at: float, delay: float) -> None:
        """Look at a file once more after so many seconds; sooner if there is an event.

        Args:
            at: the time of the last event that it had.
        """
        if path not in self._pending:
            now = self._clock()
            look = self._look(path)
            self._pending[path] = Pending(path, Duty.FILE, now, at, look, not_before=now + delay)

    def take(self) -> ChangeSet:
        """Return what is due now and forget it; a file that still changes stays."""
        if not self.is_due:
            return ChangeSet()
        now = self._clock()
        # A rename across watches arrives as two events a moment apart: take both together.
        nearly = now - self._quiet / 2
        due: list[Pending] = []
        for item in list(self._pending.values()):
            nearly_due = item.last <= nearly and item.not_before <= now
            if not nearly_due and not self._is_due(item, now):
                continue
            ready = self._settled(item, now)
            if ready is not None:
                del self._pending[item.path]
                due.append(ready)
        return coalesce(due)

    def _is_due(self, item: Pending, now: float) -> bool:
        rested = now - item.last >= self._quiet or now - item.first >= self._longest
        return rested and item.not_before <= now

    def _settled(self, item: Pending, now: float) -> Pending | None:
        """Return the item to work on, or None when its file changed since the last look."""
        if item.duty is not Duty.FILE:
            return item
        look = self._look(item.path)
        if look is None:
            return replace(item, duty=Duty.GONE)
        if look != item.look:
            self._pending[item.path] = replace(item, first=now, last=now, look=look)
            return None
        return item
