"""Keeps an eye on the roots: which are there, which are watched, which must be scanned.

Runs on the ingest thread.
"""

import logging
import os
from pathlib import Path
from typing import Protocol

from twinlens.ingest.changes import RawEvent
from twinlens.ingest.exclusions import Rules
from twinlens.ingest.indexer import Indexer
from twinlens.ingest.roots import attend, set_state
from twinlens.ingest.volumes import volume_of
from twinlens.records import FolderState
from twinlens.store import folders
from twinlens.store.folders import Root

log = logging.getLogger(__name__)

_NETWORK = (
    "{path} lies on a network drive, where changes made by other computers are not reported; "
    "it is scanned every {minutes:g} minutes as well."
)


class EventSource(Protocol):
    """What reports changes; the system's observers, or a stand-in for tests."""

    def watch(self, path: bytes, rules: Rules) -> str: ...
    def unwatch(self, path: bytes) -> None: ...
    def take(self) -> list[RawEvent]: ...
    def complaints(self) -> dict[bytes, str]: ...
    def ended(self) -> set[bytes]: ...
    def close(self) -> None: ...


class RootWatch:
    """The roots that are there now, each watched as far as possible.

    Args:
        rescan_minutes: how often roots are scanned unasked, for the notes.

    `due` holds the ids of roots to scan; whoever scans takes them out.
    """

    def __init__(self, indexer: Indexer, source: EventSource, rescan_minutes: float) -> None:
        self.due: set[int] = set()
        self.indexer = indexer
        self._database = indexer.database
        self._source = source
        self._minutes = rescan_minutes
        self._watched: dict[int, Root] = {}
        self._inodes: dict[int, tuple[int, int]] = {}

    def look_around(self) -> None:
        """Notice roots that were added or forgotten, that came, went or moved."""
        every = folders.roots(self._database.connection())
        present = {root.root_id: root for root in attend(self._database, every)}
        ended = self._source.ended()
        for root_id, root in list(self._watched.items()):
            now = present.get(root_id)
            if (
                now is None
                or (now.path, now.excludes) != (root.path, root.excludes)
                or os.fsencode(root.path) in ended
                or _inode(root) != self._inodes[root_id]
            ):
                log.info("no longer watching %s", root.path)
                self._source.unwatch(os.fsencode(root.path))
                del self._watched[root_id]
                self.due.discard(root_id)
        for root_id, root in present.items():
            if root_id not in self._watched:
                self._watch(root)
        self._note_complaints()

    def everything_is_due(self) -> None:
        """Have every root scanned."""
        self.due.update(self._watched)

    def is_due(self, folder: Path) -> None:
        """Have the roots scanned that hold a folder or lie in it."""
        self.due.update(
            root_id
            for root_id, root in self._watched.items()
            if folder.is_relative_to(root.path) or root.path.is_relative_to(folder)
        )

    def take_due(self) -> list[Root]:
        """Return the roots to scan now; they are not due any more."""
        due, self.due = self.due, set()
        return [root for root_id, root in self._watched.items() if root_id in due]

    def close(self) -> None:
        """Stop watching; a state that says that somebody watches would be wrong from here on."""
        self._source.close()
        for root in folders.roots(self._database.connection()):
            if root.root_id in self._watched and root.state is FolderState.WATCHING:
                set_state(self._database, root, FolderState.UP_TO_DATE)

    def _watch(self, root: Root) -> None:
        """Watch a root, and only then have it scanned."""
        # Another folder that takes its place is not what was watched.
        self._inodes[root.root_id] = _inode(root)
        complaint = self._source.watch(os.fsencode(root.path), self.indexer.rules_of(root))
        state, note = FolderState.WATCHING, ""
        if complaint:
            state, note = FolderState.RESCANNED, complaint
        elif volume_of(root.path).network:
            note = _NETWORK.format(path=root.path, minutes=self._minutes)
            state = FolderState.RESCANNED
        self.indexer.resting[root.root_id] = (state, note)
        self._watched[root.root_id] = root
        self.due.add(root.root_id)

    def _note_complaints(self) -> None:
        """A limit may also be reached later, when a folder is made."""
        complaints = self._source.complaints()
        for root_id, root in self._watched.items():
            note = complaints.get(os.fsencode(root.path))
            resting = (FolderState.RESCANNED, note or "")
            if note and self.indexer.resting.get(root_id) != resting:
                self.indexer.resting[root_id] = resting
                self.due.add(root_id)
                set_state(self._database, root, *resting)


def _inode(root: Root) -> tuple[int, int]:
    try:
        facts = root.path.stat()
    except OSError:
        return (0, 0)
    return facts.st_dev, facts.st_ino
