"""Add, list and forget folders. Runs on the caller's thread, in one transaction each."""

import errno
import json
import logging
import os
import stat
from pathlib import Path

from twinlens.errors import UsageError
from twinlens.ingest.exclusions import rules_for
from twinlens.ingest.volumes import Volume, volume_of
from twinlens.records import Folder, FolderState
from twinlens.store import decisions, files, folders, photos
from twinlens.store.database import Connection, Database
from twinlens.store.folders import Root, to_slashes

log = logging.getLogger(__name__)

KIND = "folder"


def add_folder(
    database: Database, journal: Path, folder: Path, excludes: tuple[str, ...] | None = None
) -> Root:
    """Add a folder, or return the known one. A nested folder takes its files over.

    Raises:
        UsageError: it is not a folder that can be listed.
    """
    path = _checked(folder)
    with database.transaction() as connection:
        same = _root_at(connection, path)
        if same is None:
            _add_root(connection, path, volume_of(path), excludes or ())
            _remember(connection, journal, path, excludes or ())
        elif excludes is not None and excludes != same.excludes:
            folders.set_root_excludes(connection, same.root_id, excludes)
            _remember(connection, journal, path, excludes)
        return next(root for root in folders.roots(connection) if root.path == path)


def restore_folders(connection: Connection, read_back: list[decisions.Decision]) -> None:
    """Add, change and forget folders as decisions say that the database did not know.

    Call it in the transaction that takes the decisions up. A folder that is not there is known
    under its old path until it comes back.
    """
    wanted: dict[str, tuple[str, ...] | None] = {}
    for decision in read_back:
        if decision.kind == KIND and decision.body is None:
            wanted[decision.key] = None
        elif decision.kind == KIND:
            excludes = _patterns(decision.body or "")
            if excludes is not None:
                wanted[decision.key] = excludes
            else:
                log.warning("what is left out of a folder is not readable in decisions.jsonl")
                wanted.setdefault(decision.key, ())
    for key, excludes in wanted.items():
        path = _folder_named(key)
        if path is None:
            log.warning("decisions.jsonl names %r, which is no folder; passed over", key)
            continue
        root = _root_at(connection, path)
        if excludes is None:
            if root is not None:
                _drop_root(connection, root, None)
        elif root is not None:
            folders.set_root_excludes(connection, root.root_id, excludes)
        else:
            _restore(connection, path, excludes)


def forget_folder(database: Database, journal: Path, folder: Path) -> list[bytes]:
    """Stop knowing a folder; its files are handed to a folder above it, else forgotten.

    Returns: the content hashes of the photos that are gone from the library.

    Raises:
        UsageError: it is not one of the folders.
    """
    path = Path(os.path.realpath(folder))
    with database.transaction() as connection:
        known = folders.roots(connection)
        root = next((r for r in known if r.path in (path, Path(os.path.abspath(folder)))), None)  # noqa: PTH100
        if root is None:
            names = ", ".join(str(r.path) for r in known) or "none"
            raise UsageError(
                f"{folder} is not a folder of this library; nothing was changed.",
                f"The folders are: {names}.",
            )
        gone = _drop_root(connection, root, database.path.parent)
        decisions.decide(connection, journal, KIND, str(root.path), None)
    return gone


def list_folders(database: Database, *, watching: bool = False) -> list[Folder]:
    """Return every folder with its state and what can be searched of it.

    `watching` says whether a writer lives; without one nothing is being watched or scanned.
    """
    connection = database.connection()
    counts = files.file_counts(connection)
    listed: list[Folder] = []
    for root in folders.roots(connection):
        state, note = root.state, root.note
        if not _is_folder(root.path):
            state = FolderState.OFFLINE
            note = note or f"{root.path} is not there now; its photos stay searchable."
        elif state is FolderState.WATCHING and not watching:
            state = FolderState.UP_TO_DATE
        elif state is FolderState.SCANNING and not watching:
            # The writer that was at it was killed.
            state = FolderState.PENDING
        in_files, of_photos = counts.get(root.root_id, (0, 0))
        listed.append(Folder(root.path, state, in_files, of_photos, note, root.excludes))
    return listed


def select_roots(database: Database, wanted: list[Path]) -> list[Root]:
    """Return the folders named, with those nested in them; all of them when none is named."""
    known = folders.roots(database.connection())
    if not wanted:
        return known
    return [root for root in known if any(root.path.is_relative_to(path) for path in wanted)]


def _checked(folder: Path) -> Path:
    path = Path(os.path.realpath(folder))
    if not path.exists():
        raise UsageError(f"There is no folder {folder}; nothing was added.", "Check the name.")
    if not path.is_dir():
        raise UsageError(f"{folder} is a file, not a folder; nothing was added.", "Name a folder.")
    try:
        with os.scandir(path) as listing:
            next(listing, None)
    except OSError as error:
        raise UsageError(
            f"The folder {folder} cannot be read ({error.strerror}); it was not added.",
            "Check its permissions.",
        ) from error
    return path


def _inside_volume(path: Path, volume: Volume) -> bytes:
    if path == volume.mount:
        return b""
    return to_slashes(os.fsencode(path.relative_to(volume.mount)))


def _innermost_above(known: list[Root], path: Path) -> Root | None:
    above = [root for root in known if path != root.path and path.is_relative_to(root.path)]
    return max(above, key=lambda root: len(root.path.parts), default=None)


def _root_at(connection: Connection, path: Path) -> Root | None:
    return next((root for root in folders.roots(connection) if root.path == path), None)


def _add_root(connection: Connection, path: Path, volume: Volume, excludes: tuple[str, ...]) -> int:
    """Know a folder; one above it hands over the files that lie in it. Return its id."""
    outer = _innermost_above(folders.roots(connection), path)
    volume_id = folders.put_volume(connection, volume.key, volume.label, volume.mount)
    root_id = folders.put_root(connection, volume_id, _inside_volume(path, volume), excludes)
    if outer is not None:
        relative = to_slashes(os.fsencode(path.relative_to(outer.path)))
        files.move_files(connection, outer.root_id, relative, root_id, b"")
    return root_id


def _drop_root(connection: Connection, root: Root, library_folder: Path | None) -> list[bytes]:
    """Forget a folder; one above it takes the files that it does not leave out itself.

    Returns: the content hashes of the photos that are gone.
    """
    known = [other for other in folders.roots(connection) if other.root_id != root.root_id]
    outer = _innermost_above(known, root.path)
    rows = files.files_below(connection, root.root_id, b"")
    if outer is not None:
        relative = to_slashes(os.fsencode(root.path.relative_to(outer.path)))
        rules = rules_for(outer, known, library_folder)
        # Those that stay with the one above are not forgotten.
        rows = [
            row
            for row in rows
            if not rules.admits(b"/".join(filter(None, (relative, row.folder, row.name))))
        ]
    lost = files.remove_files(connection, (row.file_id for row in rows))
    if outer is not None:
        files.move_files(connection, root.root_id, b"", outer.root_id, relative)
    # Forgetting is asked for: unlike a file that vanished, nothing of it is kept.
    photos.settle_orphans(connection, lost, now=0.0)
    gone = photos.drop_orphans(connection, before=1.0)
    folders.remove_root(connection, root.root_id)
    return gone


def _remember(connection: Connection, journal: Path, path: Path, excludes: tuple[str, ...]) -> None:
    decisions.decide(connection, journal, KIND, str(path), json.dumps(excludes))


def _restore(connection: Connection, path: Path, excludes: tuple[str, ...]) -> None:
    anchor = path
    while not _is_folder(anchor) and anchor != anchor.parent:
        anchor = anchor.parent
    root_id = _add_root(connection, path, volume_of(anchor), excludes)
    if anchor != path:
        folders.set_root_state(connection, root_id, FolderState.OFFLINE)


def _folder_named(key: str) -> Path | None:
    """Return the folder a decision is about, there or not; None where it can be none."""
    path = Path(key)
    if not path.is_absolute() or ".." in path.parts:
        return None
    try:
        return path if stat.S_ISDIR(path.stat().st_mode) else None
    except ValueError:
        return None
    except OSError as error:
        return None if error.errno == errno.ENAMETOOLONG else path


def _patterns(body: str) -> tuple[str, ...] | None:
    """Return what a decision leaves out of its folder; None where that is not readable."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        return None
    return tuple(found)


def _is_folder(path: Path) -> bool:
    """Return whether a folder is there; one behind a closed door is not."""
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises there
