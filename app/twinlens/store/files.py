"""The places where photos lie, and the files that failed. Functions over an open connection."""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from twinlens.records import SKIPPED_CODES
from twinlens.reports import Failure
from twinlens.store.folders import (
    Root,
    from_slashes,
    roots,
    roots_by_id,
    storable,
    to_slashes,
)

#: SQLite takes at most 32,766 parameters; ids are numbers, so they go in as text in slices.
IDS_A_QUERY = 5000


@dataclass(frozen=True, slots=True)
class FileRow:
    """What is known of one file. Either `photo_id` or `code` is set."""

    file_id: int
    folder: bytes
    name: bytes
    size: int
    mtime_ns: int
    photo_id: int | None
    code: str | None


def path_of(root: Root, folder: bytes, name: bytes) -> Path:
    """Return the absolute path of a stored file as the file system gives it."""
    relative = from_slashes(folder + b"/" + name if folder else name)
    return Path(os.fsdecode(os.path.join(os.fsencode(root.path), relative)))  # noqa: PTH118 - bytes


def place_of(connection: sqlite3.Connection, path: Path) -> tuple[int, bytes, bytes] | None:
    """Return (root id, folder, name) of an absolute path; None outside the folders."""
    inside = [root for root in roots(connection) if path.is_relative_to(root.path)]
    if not inside:
        return None
    root = max(inside, key=lambda found: len(found.path.parts))
    folder, _, name = to_slashes(os.fsencode(path.relative_to(root.path))).rpartition(b"/")
    return root.root_id, folder, name


def files_in_folder(
    connection: sqlite3.Connection, root_id: int, folder: bytes
) -> dict[bytes, FileRow]:
    """Return the known files of one folder (not of those below it) by name."""
    rows = connection.execute(
        "SELECT file_id, folder, name, size, mtime_ns, photo_id, code FROM files"
        " WHERE root_id = ? AND folder = ?",
        (root_id, folder),
    )
    return {row[2]: FileRow(*row) for row in rows}


def file_at(
    connection: sqlite3.Connection, root_id: int, folder: bytes, name: bytes
) -> FileRow | None:
    """Return what is known of one file."""
    row = connection.execute(
        "SELECT file_id, folder, name, size, mtime_ns, photo_id, code FROM files"
        " WHERE root_id = ? AND folder = ? AND name = ?",
        (root_id, folder, name),
    ).fetchone()
    return None if row is None else FileRow(*row)


def row_of(connection: sqlite3.Connection, path: Path) -> FileRow | None:
    """Return what is known of the file at an absolute path."""
    place = place_of(connection, path)
    return None if place is None else file_at(connection, *place)


def known_folders(connection: sqlite3.Connection, root_id: int) -> list[bytes]:
    """Return the folders below a root that hold known files."""
    rows = connection.execute("SELECT DISTINCT folder FROM files WHERE root_id = ?", (root_id,))
    return [row[0] for row in rows]


def files_below(connection: sqlite3.Connection, root_id: int, folder: bytes) -> list[FileRow]:
    """Return every known file in a folder and below it; b"" is the whole root."""
    where, values = below("", folder)
    rows = connection.execute(
        "SELECT file_id, folder, name, size, mtime_ns, photo_id, code FROM files"
        f" WHERE root_id = ? AND {where}",
        (root_id, *values),
    )
    return [FileRow(*row) for row in rows]


def below(prefix: str, folder: bytes) -> tuple[str, tuple[bytes, ...]]:
    """Return an SQL condition (and its values) for files in a folder and below it."""
    if not folder:
        return "1", ()
    # "0" is the character after "/": everything that starts with folder + "/" lies between.
    return (
        f"({prefix}folder = ? OR ({prefix}folder >= ? AND {prefix}folder < ?))",
        (folder, folder + b"/", folder + b"0"),
    )


def put_file(
    connection: sqlite3.Connection,
    root_id: int,
    folder: bytes,
    name: bytes,
    size: int,
    mtime_ns: int,
    photo_id: int,
) -> int | None:
    """Record that a photo lies there; return the photo that lay there before, if another one."""
    before = file_at(connection, root_id, folder, name)
    connection.execute(
        "INSERT INTO files (root_id, folder, name, size, mtime_ns, photo_id)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (root_id, folder, name) DO UPDATE SET"
        " size = excluded.size, mtime_ns = excluded.mtime_ns, photo_id = excluded.photo_id,"
        " code = NULL, reason = NULL, hint = NULL",
        (root_id, folder, name, size, mtime_ns, photo_id),
    )
    if before is None or before.photo_id == photo_id:
        return None
    return before.photo_id


def put_failure(
    connection: sqlite3.Connection,
    root_id: int,
    folder: bytes,
    name: bytes,
    size: int,
    mtime_ns: int,
    code: str,
    reason: str,
    hint: str,
) -> int | None:
    """Record why a file is not searchable; return the photo that lay there before."""
    before = file_at(connection, root_id, folder, name)
    connection.execute(
        "INSERT INTO files (root_id, folder, name, size, mtime_ns, code, reason, hint)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (root_id, folder, name) DO UPDATE SET"
        " size = excluded.size, mtime_ns = excluded.mtime_ns, photo_id = NULL,"
        " code = excluded.code, reason = excluded.reason, hint = excluded.hint",
        (root_id, folder, name, size, mtime_ns, code, storable(reason), storable(hint)),
    )
    return None if before is None else before.photo_id


def touch_file(connection: sqlite3.Connection, file_id: int, size: int, mtime_ns: int) -> None:
    """Record a new size and time of a file whose content is what it was."""
    connection.execute(
        "UPDATE files SET size = ?, mtime_ns = ? WHERE file_id = ?", (size, mtime_ns, file_id)
    )


def remove_files(connection: sqlite3.Connection, file_ids: Iterable[int]) -> set[int]:
    """Forget files; return the photos that lay there."""
    photos: set[int] = set()
    for part in slices(file_ids):
        rows = connection.execute(
            f"DELETE FROM files WHERE file_id IN ({part}) RETURNING photo_id"
        ).fetchall()
        photos.update(row[0] for row in rows if row[0] is not None)
    return photos


def move_files(
    connection: sqlite3.Connection, from_root: int, folder: bytes, to_root: int, to_folder: bytes
) -> None:
    """Hand the files in a folder and below it to another root, as that root sees them."""
    for row in files_below(connection, from_root, folder):
        rest = row.folder[len(folder) :].lstrip(b"/")
        target = b"/".join(part for part in (to_folder, rest) if part)
        connection.execute(
            "UPDATE OR REPLACE files SET root_id = ?, folder = ? WHERE file_id = ?",
            (to_root, target, row.file_id),
        )


def move_file(
    connection: sqlite3.Connection, file_id: int, to_root: int, to_folder: bytes, name: bytes
) -> None:
    """Record that one file lies elsewhere now; what was known of that place is forgotten."""
    connection.execute(
        "UPDATE OR REPLACE files SET root_id = ?, folder = ?, name = ? WHERE file_id = ?",
        (to_root, to_folder, name, file_id),
    )


def places_of(
    connection: sqlite3.Connection, photo_ids: Iterable[int]
) -> Iterator[tuple[int, FileRow]]:
    """Yield (root id, row) of every file where one of these photos lies."""
    for part in slices(photo_ids):
        for root_id, *row in connection.execute(
            "SELECT root_id, file_id, folder, name, size, mtime_ns, photo_id, code FROM files"
            f" WHERE photo_id IN ({part})"
        ):
            yield root_id, FileRow(*row)


def repeated(
    connection: sqlite3.Connection, among: Iterable[int] | None = None
) -> npt.NDArray[np.int64]:
    """Return the photos (of `among` only) that lie in several places, sorted."""
    return id_array(
        connection,
        f"SELECT photo_id FROM files WHERE photo_id IS NOT NULL AND {one_of(among)}"
        " GROUP BY photo_id HAVING COUNT(*) > 1 ORDER BY photo_id",
    )


def file_counts(connection: sqlite3.Connection) -> dict[int, tuple[int, int]]:
    """Return the number of searchable files of each root, and of the photos in them."""
    rows = connection.execute(
        "SELECT root_id, COUNT(*), COUNT(DISTINCT photo_id) FROM files"
        " WHERE photo_id IS NOT NULL GROUP BY root_id"
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def failed_count(connection: sqlite3.Connection) -> int:
    """Return the number of files that failed, without those left out on purpose."""
    skipped = [str(code) for code in SKIPPED_CODES]
    row = connection.execute(
        "SELECT COUNT(*) FROM files WHERE code IS NOT NULL"
        f" AND code NOT IN ({','.join('?' * len(skipped))})",
        skipped,
    ).fetchone()
    return int(row[0])


def failures(connection: sqlite3.Connection) -> Iterator[Failure]:
    """Yield every file that is not searchable, failed ones first, then those left out."""
    by_id = roots_by_id(connection)
    rows = connection.execute(
        "SELECT root_id, folder, name, code, reason, hint FROM files WHERE code IS NOT NULL"
    ).fetchall()
    rows.sort(key=lambda row: (row[3] in SKIPPED_CODES, row[0], row[1], row[2]))
    for root_id, folder, name, code, reason, hint in rows:
        yield Failure(path_of(by_id[root_id], folder, name), code, reason, hint)


def id_array(
    connection: sqlite3.Connection, select: str, values: Sequence[object] = ()
) -> npt.NDArray[np.int64]:
    """Return the photo ids that a SELECT gives, in its order.

    They come as one value: SQLite lets other threads go first at every row, which beside one that
    computes takes longer than all else.
    """
    sql = f"SELECT json_group_array(photo_id) FROM ({select})"
    (text,) = connection.execute(sql, values).fetchone()
    return np.array(json.loads(text), dtype=np.int64)


def one_of(ids: Iterable[int] | None) -> str:
    """Return the condition that a photo is one of these; None stands for any."""
    return "1" if ids is None else f"photo_id IN ({','.join(str(int(number)) for number in ids)})"


def slices(ids: Iterable[int]) -> Iterator[str]:
    """Yield ids as comma-separated text for `IN (…)`, a bounded number at a time."""
    part: list[str] = []
    for number in ids:
        part.append(str(int(number)))
        if len(part) == IDS_A_QUERY:
            yield ",".join(part)
            part = []
    if part:
        yield ",".join(part)
