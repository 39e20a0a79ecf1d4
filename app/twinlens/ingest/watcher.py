"""Collects what the operating system reports about the roots. Runs on the observer's threads.

Observers only put events into a dict; everything else happens on the ingest thread.
"""

import errno
import logging
import os
import sys
import threading
import time
from collections.abc import Callable

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileAttribEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, EventQueue, ObservedWatch

from twinlens.ingest.changes import EventKind, RawEvent
from twinlens.ingest.exclusions import Rules
from twinlens.store.folders import to_slashes

log = logging.getLogger(__name__)

#: With more events than this between two looks the root is scanned as a whole instead.
MOST_PENDING = 20_000

#: Opening and reading report too; these are the events that say that something changed.
_WANTED: list[type[FileSystemEvent]] = [
    FileAttribEvent,
    FileCreatedEvent,
    FileModifiedEvent,
    FileClosedEvent,
    FileDeletedEvent,
    FileMovedEvent,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
]
_KINDS = {
    "attrib": EventKind.MODIFIED,
    "created": EventKind.CREATED,
    "modified": EventKind.MODIFIED,
    "closed": EventKind.MODIFIED,
    "deleted": EventKind.DELETED,
    "moved": EventKind.MOVED,
}


class Watcher:
    """Watches roots until closed; all methods are for one thread.

    Args:
        clock: monotonic seconds, for the time of each event.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._observer: BaseObserver | None = None
        self._handlers: dict[str, _Handler] = {}
        self._watches: dict[str, ObservedWatch] = {}

    def watch(self, path: bytes, rules: Rules) -> str:
        """Watch a root and all below it; return "" or why it is not (wholly) watched."""
        self.unwatch(path)
        name = os.fsdecode(path)
        handler = _Handler(path, rules, self._clock)
        self._handlers[name] = handler
        try:
            if self._observer is None:
                observer = _new_observer(self._handlers)
                observer.start()
                self._observer = observer
            self._watches[name] = self._observer.schedule(
                handler, name, recursive=True, event_filter=_WANTED
            )
        except OSError as error:
            log.warning("%s cannot be watched: %s", name, error)
            handler.complain(error)
        return handler.complaint

    def unwatch(self, path: bytes) -> None:
        """Stop watching a root; fine when it is not watched."""
        name = os.fsdecode(path)
        self._handlers.pop(name, None)
        watch = self._watches.pop(name, None)
        if watch is not None and self._observer is not None:
            self._observer.unschedule(watch)

    def take(self) -> list[RawEvent]:
        """Return the events since the last call, oldest first for each root."""
        return [event for handler in self._handlers.values() for event in handler.take()]

    def complaints(self) -> dict[bytes, str]:
        """Return which roots are not (wholly) watched, and why, with the remedy."""
        return {item.root: item.complaint for item in self._handlers.values() if item.complaint}

    def ended(self) -> set[bytes]:
        """Return the roots whose watch is over, because the folder itself was deleted."""
        emitters = set() if self._observer is None else self._observer.emitters
        over = {str(item.watch.path) for item in emitters if not item.is_alive()}
        return {os.fsencode(name) for name in over & self._watches.keys()}

    def close(self) -> None:
        """Stop all observers and wait for their threads."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None
        self._watches.clear()


class _Handler(FileSystemEventHandler):
    """The events of one root that were not taken yet."""

    def __init__(self, root: bytes, rules: Rules, clock: Callable[[], float]) -> None:
        self.root = root
        self.complaint = ""
        self._rules = rules
        self._clock = clock
        self._pending: dict[tuple[EventKind, bytes, bytes], RawEvent] = {}
        self._lock = threading.Lock()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Put one event of the observer into the dict."""
        kind = _KINDS.get(event.event_type)
        # What is derived from the event of a folder is covered by that event.
        if kind is None or event.is_synthetic:
            return
        self._put(
            RawEvent(
                kind,
                os.fsencode(event.src_path),
                self._clock(),
                is_folder=event.is_directory,
                target=os.fsencode(event.dest_path) if kind is EventKind.MOVED else b"",
            )
        )

    def overflow(self) -> None:
        """Note that events were lost, so that the whole root is looked at."""
        log.warning("events below %r were lost; it is scanned again", self.root)
        self._put(RawEvent(EventKind.OVERFLOW, self.root, self._clock(), is_folder=True))

    def complain(self, error: OSError) -> None:
        """Note why the root is not wholly watched."""
        self.complaint = remedy(os.fsdecode(self.root), error)

    def skips(self, path: bytes) -> bool:
        """Return whether a folder below the root need not be watched."""
        relative = to_slashes(os.path.relpath(path, self.root))
        return not self._rules.admits(relative) or relative in self._rules.nested

    def take(self) -> list[RawEvent]:
        with self._lock:
            pending, self._pending = self._pending, {}
        return list(pending.values())

    def _put(self, event: RawEvent) -> None:
        key = (event.kind, event.path, event.target)
        with self._lock:
            self._pending.pop(key, None)
            if len(self._pending) >= MOST_PENDING:
                self._pending.clear()
                event = RawEvent(EventKind.OVERFLOW, self.root, event.at, is_folder=True)
                key = (event.kind, event.path, event.target)
            self._pending[key] = event


def remedy(root: str, error: OSError) -> str:
    """Return a sentence on why a root cannot be watched, what happens, and what helps."""
    if error.errno in (errno.ENOSPC, errno.EMFILE):
        setting = "max_user_watches=1048576"
        if error.errno == errno.EMFILE:
            setting = "max_user_instances=1024"
        return (
            f"The system's limit for watching folders is reached, so changes in {root} are found "
            "by scanning it from time to time. To have them at once, raise the limit: "
            f"sudo sysctl fs.inotify.{setting}"
        )
    reason = error.strerror or str(error)
    return (
        f"Changes in {root} cannot be watched ({reason}); it is scanned from time to time instead."
    )


def _inode(path: bytes) -> tuple[int, int]:
    try:
        facts = os.stat(path)  # noqa: PTH116 - bytes
    except OSError:
        return (0, 0)
    return facts.st_dev, facts.st_ino


if sys.platform == "linux":
    from watchdog.observers.inotify import InotifyEmitter, InotifyWatchGroup
    from watchdog.observers.inotify_c import InotifyFD, Mask

    class _WatchGroup(InotifyWatchGroup):
        """Tells what watchdog keeps to itself: lost events, and folders it could not watch."""

        def __init__(self, inotify: InotifyFD, path: bytes, mask: Mask, handler: _Handler) -> None:
            self._handler = handler
            self._inodes: dict[int, tuple[int, int]] = {}
            super().__init__(inotify, path, event_mask=mask, is_recursive=True)

        def on_queue_overflow(self) -> None:
            super().on_queue_overflow()
            self._handler.overflow()

        def _add_all_callbacks(self, path: bytes) -> None:
            self._add_callback(path)
            for parent, names, _ in os.walk(path):
                folders = [os.path.join(parent, name) for name in names]  # noqa: PTH118 - bytes
                wanted = [folder for folder in folders if not self._handler.skips(folder)]
                names[:] = [os.path.basename(folder) for folder in wanted]  # noqa: PTH119 - bytes
                for folder in wanted:
                    self._add_callback(folder)

        def _add_callback(self, path: bytes) -> None:
            skipped = os.path.islink(path) or not os.access(path, os.R_OK)  # noqa: PTH114 - bytes
            if skipped and path != self.path:
                return
            inode = _inode(path)
            watch = self._active_callbacks_by_path.get(path)
            # Folders that are made one in another are met twice; watchdog warns of that.
            if watch is not None and self._inodes.get(watch) == inode:
                return
            super()._add_callback(path)
            watch = self._active_callbacks_by_path.get(path)
            if watch is not None:
                self._inodes[watch] = inode
            elif os.path.isdir(path):  # noqa: PTH112 - bytes
                self._handler.complain(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    class _Emitter(InotifyEmitter):
        def __init__(
            self,
            event_queue: EventQueue,
            watch: ObservedWatch,
            *,
            timeout: float,
            event_filter: list[type[FileSystemEvent]] | None,
            inotify_fd: InotifyFD,
            handlers: dict[str, _Handler],
        ) -> None:
            super().__init__(
                event_queue,
                watch,
                timeout=timeout,
                event_filter=event_filter,
                inotify_fd=inotify_fd,
            )
            self._handler = handlers[str(watch.path)]

        def on_thread_start(self) -> None:
            self._inotify = _WatchGroup(
                self._inotify_fd,
                os.fsencode(self.watch.path),
                self.get_event_mask_from_filter(),
                self._handler,
            )

        def queue_events(self, timeout: float, *, full_events: bool = False) -> None:
            # Watchdog calls it an error when it is stopped with an event in hand.
            inotify = self._inotify
            event = inotify.read_event() if inotify is not None else None
            if event is not None and self.should_keep_running():
                self.build_and_queue_event(event, full_events=full_events)

    class _LinuxObserver(BaseObserver):
        def __init__(self, handlers: dict[str, _Handler]) -> None:
            self._inotify_fd = InotifyFD()
            self._inotify_fd.start()
            super().__init__(_Emitter, inotify_fd=self._inotify_fd, handlers=handlers)

        def on_thread_stop(self) -> None:
            super().on_thread_stop()
            self._inotify_fd.stop()
            self._inotify_fd.join()

    def _new_observer(handlers: dict[str, _Handler]) -> BaseObserver:
        return _LinuxObserver(handlers)

else:

    def _new_observer(handlers: dict[str, _Handler]) -> BaseObserver:
        return Observer()
