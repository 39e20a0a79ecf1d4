"""When the index is saved while a library is kept up to date. Runs on the ingest thread."""

import time
from collections.abc import Callable

#: The index is saved after so many changes (once nothing else is to do), and so often in seconds.
SNAPSHOT_CHANGES = 2000
SNAPSHOT_SECONDS = 3600.0
#: At the end it is saved only if that is quick; the store brings it up to date otherwise.
QUICK_SNAPSHOT = 1.0


class Snapshots:
    """Saves the index and remembers when, and at which number of changes.

    Args:
        save: writes a snapshot.
        changes: how many changes there were before.
        clock: monotonic seconds.
    """

    def __init__(self, save: Callable[[], None], changes: int, clock: Callable[[], float]) -> None:
        #: Whether the index is saved when indexing ends, and not only when that is due.
        self.saves_at_the_end = True
        self._write = save
        self._changes = changes
        self._clock = clock
        self._at = clock()
        self._seconds = 0.0

    def is_due(self, changes: int) -> bool:
        """Return whether to save after so many changes, with nothing else to do."""
        changed = self.unsaved(changes)
        old = self._clock() - self._at >= SNAPSHOT_SECONDS
        return changed >= SNAPSHOT_CHANGES or (changed > 0 and old)

    def unsaved(self, changes: int) -> int:
        """Return how many changes of so many have not been saved."""
        return changes - self._changes

    def is_worth_it_at_the_end(self, changes: int) -> bool:
        """Return whether to save before everything ends."""
        quick = self._seconds < QUICK_SNAPSHOT
        return self.saves_at_the_end and changes != self._changes and quick

    def save(self, changes: int) -> None:
        """Save after so many changes."""
        started = time.monotonic()
        self._write()
        self._seconds = time.monotonic() - started
        self._changes = changes
        self._at = self._clock()
