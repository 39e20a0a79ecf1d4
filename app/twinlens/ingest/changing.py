"""Turns a set of changed paths into jobs, moved rows and missing files. On the ingest thread."""

import logging
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from twinlens.ingest.changes import ChangeSet
from twinlens.ingest.comparing import Comparison
from twinlens.ingest.exclusions import Rules, join, split
from twinlens.ingest.reading import Job
from twinlens.ingest.scanner import look_at
from twinlens.ingest.tally import Tally
from twinlens.ingest.writer import Writer
from twinlens.store import files, folders
from twinlens.store.database import Database
from twinlens.store.files import FileRow, path_of
from twinlens.store.folders import Root, to_slashes

log = logging.getLogger(__name__)


class Places:
    """Finds the root that a path belongs to.

    Args:
        roots: the roots that are there now.
        every: all roots; a path inside one that is not there belongs to nobody.
        rules: the rules of each root, by its id.
    """

    def __init__(
        self, roots: Iterable[Root], every: Iterable[Root], rules: dict[int, Rules]
    ) -> None:
        self.rules = rules
        self._present = {root.root_id: root for root in roots}
        innermost = sorted(every, key=lambda root: -len(root.path.parts))
        self._prefixes = [(_prefix(root.path), root.root_id) for root in innermost]

    def find(self, path: bytes) -> tuple[Root, bytes] | None:
        """Return (root, relative path with '/') of a path that is not left out, or None."""
        for prefix, root_id in self._prefixes:
            if path + os.fsencode(os.sep) == prefix or path.startswith(prefix):
                root = self._present.get(root_id)
                relative = to_slashes(path[len(prefix) :])
                if root is None or not self._admits(root_id, relative):
                    return None
                return root, relative
        return None

    def _admits(self, root_id: int, relative: bytes) -> bool:
        rules = self.rules[root_id]
        # As a folder too: what it holds is named by the path alone.
        return rules.admits(relative) and (
            not relative or rules.folder(*split(relative)) is None or relative in rules.nested
        )


def carry_moves(
    changes: ChangeSet, places: Places, database: Database, writer: Writer, tally: Tally
) -> set[bytes]:
    """Move the rows of files and folders that the system says were moved.

    No file is read. The new places are compared with the disk afterwards like all others.

    Returns: the targets whose rows could not be moved, so that their content must be read.
    """
    at = dict(changes.last_events)
    unclear: set[bytes] = set()
    for source, target in changes.moves:
        old, new = places.find(source), places.find(target)
        if old is None or new is None or os.path.lexists(source) or not os.path.lexists(target):
            unclear.add(target)
            continue
        moved = _move_rows(database, writer, old, new, is_folder=os.path.isdir(target))  # noqa: PTH112
        if not moved:
            unclear.add(target)
        for row in moved:
            folder, name = row.folder, row.name
            now = _moved_place(old[1], new[1], join(folder, name))
            if row.photo_id is not None:
                path = path_of(new[0], *split(now))
                tally.moved(path, path_of(old[0], folder, name), at.get(target))
    return unclear


def _move_rows(
    database: Database,
    writer: Writer,
    old: tuple[Root, bytes],
    new: tuple[Root, bytes],
    *,
    is_folder: bool,
) -> list[FileRow]:
    """Return the rows that were moved, as they were before."""
    (old_root, old_path), (new_root, new_path) = old, new
    if not old_path or not new_path:
        return []
    connection = database.connection()
    if is_folder:
        rows = files.files_below(connection, old_root.root_id, old_path)
        displaced = files.files_below(connection, new_root.root_id, new_path)
    else:
        rows = _row_at(database, old_root, old_path)
        displaced = _row_at(database, new_root, new_path)
    if rows:
        with database.transaction() as writing:
            if is_folder:
                files.move_files(writing, old_root.root_id, old_path, new_root.root_id, new_path)
            else:
                files.move_file(writing, rows[0].file_id, new_root.root_id, *split(new_path))
        writer.settle({row.photo_id for row in displaced if row.photo_id is not None})
    return rows


def _row_at(database: Database, root: Root, relative: bytes) -> list[FileRow]:
    row = files.file_at(database.connection(), root.root_id, *split(relative))
    return [] if row is None else [row]


def _moved_place(old: bytes, new: bytes, path: bytes) -> bytes:
    return new + path[len(old) :]


def change_jobs(
    changes: ChangeSet,
    places: Places,
    comparison: Comparison,
    database: Database,
    tally: Tally,
    unclear: set[bytes],
) -> Iterator[Job | None]:
    """Yield a job for each file of a change set that needs work; note what is missing."""
    at = dict(changes.last_events)
    # Whatever was reported, the disk decides: folder and file may have taken each other's place.
    for path in [*sorted(changes.gone | changes.files), *sorted(changes.folders | changes.roots)]:
        place = places.find(path)
        if place is None:
            continue
        root, relative = place
        if _is_folder(path):
            yield from comparison.scan(root, places.rules[root.root_id], relative, at[path])
        elif relative:
            missing = files.files_below(database.connection(), root.root_id, relative)
            entry = look_at(path)
            if entry is None:
                missing += _row_at(database, root, relative)
            for row in missing:
                tally.missing(root.root_id, row, at[path])
            if entry is not None:
                folder, _ = split(relative)
                yield comparison.one(root, folder, entry, at[path], surely=path in unclear)


def note_departures(database: Database, tally: Tally) -> None:
    """Note as missing the old places of photos that arrived at new ones.

    A move from one root to another is reported in two halves, the departure half a second late.
    """
    arrivals = tally.arrivals()
    if not arrivals:
        return
    connection = database.connection()
    roots = {root.root_id: root for root in folders.roots(connection)}
    for root_id, row in list(files.places_of(connection, arrivals)):
        path = path_of(roots[root_id], row.folder, row.name)
        if row.photo_id is not None and _is_absent(path):
            tally.missing(root_id, row, arrivals[row.photo_id])


def _is_absent(path: Path) -> bool:
    """Return whether there is surely nothing; what may not be looked at may be there."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _is_folder(path: bytes) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _prefix(path: Path) -> bytes:
    text = os.fsencode(path)
    separator = os.fsencode(os.sep)
    return text if text.endswith(separator) else text + separator
