"""Compares folders on disk with the store: what needs work, what is gone. On the ingest thread."""

import logging
import os
from collections.abc import Callable, Collection, Iterator
from importlib.util import find_spec
from pathlib import Path

from twinlens.ingest.exclusions import Rules, join, split
from twinlens.ingest.progress import Progress
from twinlens.ingest.reading import Job
from twinlens.ingest.scanner import Entry, FolderListing, walk
from twinlens.ingest.tally import Tally
from twinlens.records import SKIPPED_CODES, FailureCode
from twinlens.store import files
from twinlens.store.database import Database
from twinlens.store.files import FileRow
from twinlens.store.folders import Root

log = logging.getLogger(__name__)

#: Trying these again costs an attempt to open, and what was wrong leaves no trace in the file.
_ALWAYS_AGAIN = frozenset({FailureCode.CHANGING.value, FailureCode.PERMISSION.value})

_VANISHED = (FileNotFoundError, NotADirectoryError)


class Comparison:
    """One run's view of disk against store.

    Args:
        tally: told what did not change and what is missing.
        progress: told where the scan is.
        retry: work again on files that failed before.
        busy: absolute paths to leave alone, because they are being written to.
    """

    def __init__(
        self,
        database: Database,
        tally: Tally,
        progress: Progress,
        *,
        retry: bool = False,
        busy: Callable[[], Collection[bytes]] = frozenset,
    ) -> None:
        self._database = database
        self._tally = tally
        self._progress = progress
        self._retry = retry
        self._busy = busy
        self._extras = {extra for extra in ("rawpy", "pillow_jxl") if find_spec(extra) is not None}

    def scan(
        self, root: Root, rules: Rules, start: bytes = b"", at: float | None = None
    ) -> Iterator[Job | None]:
        """Yield a job for each file that needs work, and None after each folder.

        Args:
            start: relative path of the folder to begin at, b"" for the whole root.
            at: the monotonic time of the event that led here, if one did.
        """
        connection = self._database.connection()
        visited: set[bytes] = set()
        unlisted: set[bytes] = set()
        folder_rows: dict[bytes, FileRow] = {}
        # A folder may stand where a file was, or where one could not be listed before.
        row = files.file_at(connection, root.root_id, *split(start)) if start else None
        if row is not None:
            folder_rows[start] = row
        self._progress.folder(root.path)
        for listing in walk(os.fsencode(root.path), rules, self._tally.left_out, start):
            if listing.error is not None:
                # A folder that vanished since its parent was listed is simply not visited.
                if not isinstance(listing.error, _VANISHED) or not listing.folder:
                    unlisted.add(listing.folder)
                    row = folder_rows.pop(listing.folder, None)
                    if listing.folder:
                        yield _folder_job(root, listing.folder, listing.error, row)
                continue
            visited.add(listing.folder)
            known = files.files_in_folder(connection, root.root_id, listing.folder)
            yield from self._compare(root, listing, known, at)
            for name in listing.subfolders:
                row = known.pop(name, None)
                if row is not None:
                    folder_rows[join(listing.folder, name)] = row
            for row in known.values():
                self._tally.missing(root.root_id, row, at)
            yield None
        for row in folder_rows.values():
            self._tally.missing(root.root_id, row, at)
        for row in self._unvisited(root, start, visited, unlisted):
            self._tally.missing(root.root_id, row, at)

    def one(
        self, root: Root, folder: bytes, entry: Entry, at: float, *, surely: bool = False
    ) -> Job | None:
        """Return a job for one file that an event named, None when it needs no work.

        Args:
            surely: work on it even if size and time are those of the file that was there.
        """
        row = files.file_at(self._database.connection(), root.root_id, folder, entry.name)
        if row is not None and not surely and self._is_same(row, entry):
            self._tally.same(row)
            return None
        return _job(root, folder, entry, row, at)

    def _compare(
        self,
        root: Root,
        listing: FolderListing,
        known: dict[bytes, FileRow],
        at: float | None,
    ) -> Iterator[Job]:
        """Take what is on disk out of `known`, and yield what needs work."""
        busy = self._busy()
        same = self._tally.same
        passed = 0
        for entry in listing.entries:
            row = known.pop(entry.name, None)
            if row is not None and self._is_same(row, entry):
                same(row)
                passed += 1
                continue
            job = _job(root, listing.folder, entry, row, at)
            if busy and os.fsencode(job.path) in busy:
                continue
            yield job
        self._progress.passed(passed)

    def _is_same(self, row: FileRow, entry: Entry) -> bool:
        if row.size != entry.size:
            return False
        if row.mtime_ns != entry.mtime_ns:
            # A cloud program that takes a file off the disk may stamp it anew.
            return entry.online_only and row.photo_id is not None
        return row.code is None or not self._again(row, row.code, entry)

    def _again(self, row: FileRow, code: str, entry: Entry) -> bool:
        """Return whether a file that did not change is worth another try."""
        if code == FailureCode.ONLINE_ONLY:
            return not entry.online_only
        if code == FailureCode.MISSING_EXTRA:
            wanted = "pillow_jxl" if row.name.lower().endswith(b".jxl") else "rawpy"
            return wanted in self._extras
        return code in _ALWAYS_AGAIN or (self._retry and code not in SKIPPED_CODES)

    def _unvisited(
        self, root: Root, start: bytes, visited: set[bytes], unlisted: set[bytes]
    ) -> Iterator[FileRow]:
        """Yield the known files in folders that are not there any more."""
        connection = self._database.connection()
        if start:
            folders = {row.folder for row in files.files_below(connection, root.root_id, start)}
        else:
            folders = set(files.known_folders(connection, root.root_id))
        for folder in folders - visited:
            if any(_is_below(folder, top) for top in unlisted):
                continue
            yield from files.files_in_folder(connection, root.root_id, folder).values()


def _job(root: Root, folder: bytes, entry: Entry, row: FileRow | None, at: float | None) -> Job:
    return Job(
        root_id=root.root_id,
        folder=folder,
        name=entry.name,
        path=files.path_of(root, folder, entry.name),
        size=entry.size,
        mtime_ns=entry.mtime_ns,
        known=row,
        online_only=entry.online_only,
        at=at,
    )


def _folder_job(root: Root, folder: bytes, error: OSError, row: FileRow | None) -> Job:
    parent, name = split(folder)
    path: Path = files.path_of(root, parent, name)
    return Job(root.root_id, parent, name, path, 0, 0, known=row, listing_error=error)


def _is_below(folder: bytes, top: bytes) -> bool:
    return not top or folder == top or folder.startswith(top + b"/")
