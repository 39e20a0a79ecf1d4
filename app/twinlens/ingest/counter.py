"""Counts the files of a run beside it, for the progress bar. On a thread of its own."""

import os
import threading

from twinlens.ingest.exclusions import Rules
from twinlens.ingest.progress import Progress
from twinlens.ingest.scanner import count_files
from twinlens.store.folders import Root


class Counter:
    """Counts the files of a run beside it, from the first one that needs work on."""

    def __init__(self, scopes: list[tuple[Root, Rules]], progress: Progress) -> None:
        self._scopes = scopes
        self._progress = progress
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start counting; again is fine."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._count, name="ingest-counter")
            self._thread.start()

    def stop(self) -> None:
        """Stop counting and wait for the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _count(self) -> None:
        total = sum(
            count_files(os.fsencode(root.path), rules, self._stop.is_set)
            for root, rules in self._scopes
        )
        if not self._stop.is_set():
            self._progress.count(total)
