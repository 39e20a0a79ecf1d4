"""Add, list and forget folders. Runs on the caller's thread, in one transaction each."""

import json
import os
from pathlib import Path

from twinlens.errors import UsageError
from twinlens.ingest.volumes import Volume, volume_of
from twinlens.records import Folder, FolderState
from twinlens.store import decisions, files, folders, photos
from twinlens.store.database import Database
from twinlens.store.folders import Root, to_slashes

KIND = "folder"


def add_folder(
    database: Database, journal: Path, folder: Path, excludes: tuple[str, ...] | None = None
) -> Root:
    """Add a folder, or return the known one. A nested folder takes its files over.

    Raises:
        UsageError: it is not a folder that can be listed.
    """
    path = _checked(folder)
    volume = volume_of(path)
    with database.transaction() as connection:
        known = folders.roots(connection)
        same = next((root for root in known if root.path == path), None)
        if same is not None:
            if excludes is not None and excludes != same.excludes:
                folders.set_root_excludes(connection, same.root_id, excludes)
                _remember(database, journal, path, excludes)
            return next(root for root in folders.roots(connection) if root.path == path)
        volume_id = folders.put_volume(connection, volume.key, volume.label, volume.mount)
        inside = _inside_volume(path, volume)
        root_id = folders.put_root(connection, volume_id, inside, excludes or ())
        outer = _innermost_above(known, path)
        if outer is not None:
            relative = to_slashes(os.fsencode(path.relative_to(outer.path)))
            files.move_files(connection, outer.root_id, relative, root_id, b"")
        _remember(database, journal, path, excludes or ())
        return next(root for root in folders.roots(connection) if root.root_id == root_id)


def restore_folders(database: Database, journal: Path) -> list[Root]:
    """Add again every folder that decisions.jsonl knows and the database does not."""
    known = {root.path for root in folders.roots(database.connection())}
    added: list[Root] = []
    for decision in decisions.decisions(database.connection(), KIND):
        path = Path(decision.key)
        if path in known:
            continue
        if path.is_dir():
            excludes = tuple(json.loads(decision.body or "[]"))
            added.append(add_folder(database, journal, path, excludes))
        else:
            added.append(_add_offline(database, path))
    return added


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
        outer = _innermost_above(known, root.path)
        gone: list[bytes] = []
        if outer is not None:
            relative = to_slashes(os.fsencode(root.path.relative_to(outer.path)))
            files.move_files(connection, root.root_id, b"", outer.root_id, relative)
        else:
            rows = files.files_below(connection, root.root_id, b"")
            lost = files.remove_files(connection, (row.file_id for row in rows))
            # Forgetting is asked for: unlike a file that vanished, nothing of it is kept.
            photos.settle_orphans(connection, lost, now=0.0)
            gone = photos.drop_orphans(connection, before=1.0)
        folders.remove_root(connection, root.root_id)
        decisions.decide(connection, journal, KIND, str(root.path), None)
    return gone


def list_folders(database: Database, *, watching: bool = False) -> list[Folder]:
    """Return every folder with its state and its number of searchable files."""
    connection = database.connection()
    counts = files.file_counts(connection)
    listed: list[Folder] = []
    for root in folders.roots(connection):
        state, note = root.state, root.note
        if not root.path.is_dir():
            state = FolderState.OFFLINE
            note = note or f"{root.path} is not there now; its photos stay searchable."
        elif state is FolderState.WATCHING and not watching:
            state = FolderState.UP_TO_DATE
        listed.append(Folder(root.path, state, counts.get(root.root_id, 0), note, root.excludes))
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


def _remember(database: Database, journal: Path, path: Path, excludes: tuple[str, ...]) -> None:
    decisions.decide(database.connection(), journal, KIND, str(path), json.dumps(excludes))


def _add_offline(database: Database, path: Path) -> Root:
    """Add a folder that is not there: it is looked for under its old path until it comes back."""
    anchor = path
    while not anchor.is_dir():
        anchor = anchor.parent
    volume = volume_of(anchor)
    with database.transaction() as connection:
        volume_id = folders.put_volume(connection, volume.key, volume.label, volume.mount)
        root_id = folders.put_root(connection, volume_id, _inside_volume(path, volume))
        folders.set_root_state(connection, root_id, FolderState.OFFLINE)
        return next(root for root in folders.roots(connection) if root.root_id == root_id)
