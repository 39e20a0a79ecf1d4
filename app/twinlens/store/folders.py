"""Volumes and the folders the user added. Functions over an open connection, on any thread."""

import json
import os
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from twinlens.records import FolderState
from twinlens.store.faults import odd_value


@dataclass(frozen=True, slots=True)
class Root:
    """A folder the user added, where it lies now; `mount` and `path` are absolute."""

    root_id: int
    path: Path
    volume_key: str
    volume_label: str
    mount: Path
    state: FolderState
    note: str
    excludes: tuple[str, ...]


def put_volume(connection: sqlite3.Connection, key: str, label: str, mount: Path) -> int:
    """Record a volume, or where a known one is mounted now; return its id."""
    row = connection.execute(
        "INSERT INTO volumes (key, label, mount) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE"
        " SET label = excluded.label, mount = excluded.mount RETURNING volume_id",
        (storable(key), storable(label), os.fsencode(mount)),
    ).fetchone()
    return int(row[0])


def put_root(
    connection: sqlite3.Connection, volume_id: int, inside: bytes, excludes: tuple[str, ...] = ()
) -> int:
    """Add a folder of a volume; a known one keeps its id. `inside` uses '/' on every system."""
    connection.execute(
        "INSERT INTO roots (volume_id, inside, state, excludes) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (volume_id, inside) DO NOTHING",
        (volume_id, inside, FolderState.PENDING, json.dumps(excludes)),
    )
    row = connection.execute(
        "SELECT root_id FROM roots WHERE volume_id = ? AND inside = ?", (volume_id, inside)
    ).fetchone()
    return int(row[0])


def roots(connection: sqlite3.Connection) -> list[Root]:
    """Return every folder the user added, sorted by path."""
    rows = connection.execute(
        "SELECT root_id, mount, inside, key, label, state, note, excludes"
        " FROM roots JOIN volumes USING (volume_id)"
    )
    try:
        found = [_root(*row) for row in rows]
    except (ValueError, TypeError) as error:
        raise odd_value(connection, f"a folder of it cannot be read: {error}") from error
    return sorted(found, key=lambda root: os.fsencode(root.path))


def roots_by_id(connection: sqlite3.Connection) -> Mapping[int, Root]:
    """Return every folder by its id; asking for one that files refer to in vain is damage."""
    return _Roots(connection, roots(connection))


class _Roots(dict[int, Root]):
    """Folders by their id."""

    def __init__(self, connection: sqlite3.Connection, known: list[Root]) -> None:
        super().__init__((root.root_id, root) for root in known)
        self._connection = connection

    def __missing__(self, root_id: int) -> Root:
        raise odd_value(self._connection, f"there is no folder {root_id}")


def set_root_state(
    connection: sqlite3.Connection, root_id: int, state: FolderState, note: str = ""
) -> None:
    """Record what a folder is doing; a row that says so already is not written again."""
    note = storable(note)
    connection.execute(
        "UPDATE roots SET state = ?, note = ? WHERE root_id = ? AND (state <> ? OR note <> ?)",
        (state, note, root_id, state, note),
    )


def set_root_excludes(
    connection: sqlite3.Connection, root_id: int, excludes: tuple[str, ...]
) -> None:
    """Record the patterns the user leaves out of a folder."""
    connection.execute(
        "UPDATE roots SET excludes = ? WHERE root_id = ?", (json.dumps(excludes), root_id)
    )


def remove_root(connection: sqlite3.Connection, root_id: int) -> None:
    """Forget a folder whose files are gone from the table already."""
    connection.execute("DELETE FROM roots WHERE root_id = ?", (root_id,))


def _root(
    root_id: int,
    mount: bytes,
    inside: bytes,
    key: str,
    label: str,
    state: str,
    note: str,
    excludes: str,
) -> Root:
    path = os.path.join(mount, from_slashes(inside)) if inside else mount  # noqa: PTH118 - bytes
    return Root(
        root_id=root_id,
        path=Path(os.fsdecode(path)),
        volume_key=key,
        volume_label=label,
        mount=Path(os.fsdecode(mount)),
        state=FolderState(state),
        note=note,
        excludes=tuple(json.loads(excludes)),
    )


def storable(text: str) -> str:
    """Return text that SQLite takes: what stands for bytes that are no text becomes "?"."""
    return text.encode("utf-8", "replace").decode("utf-8")


def to_slashes(relative: bytes) -> bytes:
    """Return a relative path as stored: '/' between parts on every system."""
    return relative if os.sep == "/" else relative.replace(os.fsencode(os.sep), b"/")


def from_slashes(relative: bytes) -> bytes:
    """Return a stored relative path with this system's separator."""
    return relative if os.sep == "/" else relative.replace(b"/", os.fsencode(os.sep))
