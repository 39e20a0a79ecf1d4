"""Photos by content, and which of them a query may see. Functions over an open connection."""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from twinlens.records import Filters, Metadata, Photo
from twinlens.store.files import below, id_array, one_of, path_of, slices
from twinlens.store.folders import Root, roots, roots_by_id, to_slashes

Ids = npt.NDArray[np.int64]

#: The local time of a photo's oldest file, for photos whose camera wrote none.
_OLDEST_FILE = "strftime('%Y-%m-%dT%H:%M:%S', MIN(mtime_ns) / 1000000000, 'unixepoch', 'localtime')"


#: Photos of the overview that are read at a time.
_PART = 2000
_OVERVIEW = (
    "SELECT json_group_array(json_array(photo_id, root_id, hex(folder), hex(name), copies, width,"
    " height, time)) FROM (SELECT photo_id, root_id, folder, f.name AS name, COUNT(*) AS copies,"
    f" width, height, COALESCE(taken, {_OLDEST_FILE}) AS time"
    " FROM files f JOIN photos USING (photo_id) WHERE photo_id > ? AND {}"
    f" GROUP BY photo_id ORDER BY photo_id LIMIT {_PART})"
)
#: Those with a time of their own are found by its index; the others have to be looked through.
_NEWEST = (
    "SELECT photo_id FROM (SELECT * FROM (SELECT photo_id, taken AS time FROM photos"
    " WHERE taken IS NOT NULL AND orphaned_at IS NULL"
    " ORDER BY taken DESC, photo_id DESC LIMIT :most)"
    f" UNION ALL SELECT * FROM (SELECT photo_id, {_OLDEST_FILE} AS time"
    " FROM photos JOIN files USING (photo_id) WHERE taken IS NULL GROUP BY photo_id"
    " ORDER BY MIN(mtime_ns) / 1000000000 DESC, photo_id DESC LIMIT :most))"
    " ORDER BY time DESC, photo_id DESC LIMIT :most"
)


def photo_by_hash(connection: sqlite3.Connection, digest: bytes) -> int | None:
    """Return the id of a content, also of one that lies nowhere at the moment."""
    row = connection.execute("SELECT photo_id FROM photos WHERE hash = ?", (digest,)).fetchone()
    return None if row is None else int(row[0])


def put_photo(
    connection: sqlite3.Connection,
    digest: bytes,
    width: int,
    height: int,
    image_format: str,
    size: int,
    metadata: Metadata,
) -> int:
    """Record a content; a known one keeps its id."""
    connection.execute(
        "INSERT INTO photos (hash, width, height, format, size, taken, camera, lens, latitude,"
        " longitude) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
        (
            digest,
            width,
            height,
            image_format,
            size,
            metadata.taken,
            metadata.camera,
            metadata.lens,
            metadata.latitude,
            metadata.longitude,
        ),
    )
    found = photo_by_hash(connection, digest)
    assert found is not None
    return found


def photo(connection: sqlite3.Connection, photo_id: int) -> Photo | None:
    """Return what is known of one photo."""
    return several(connection, [photo_id]).get(photo_id)


def several(connection: sqlite3.Connection, photo_ids: Iterable[int]) -> dict[int, Photo]:
    """Return what is known of photos."""
    found: dict[int, Photo] = {}
    for part in slices(photo_ids):
        for photo_id, digest, width, height, image_format, size, *facts in connection.execute(
            "SELECT photo_id, hash, width, height, format, size, taken, camera, lens, latitude,"
            f" longitude FROM photos WHERE photo_id IN ({part})"
        ):
            metadata = Metadata(*facts)
            found[photo_id] = Photo(photo_id, digest, width, height, image_format, size, metadata)
    return found


def ids(connection: sqlite3.Connection) -> Ids:
    """Return every photo, also those without a file at the moment, sorted."""
    return id_array(connection, "SELECT photo_id FROM photos ORDER BY photo_id")


def hashes(connection: sqlite3.Connection, photo_ids: Iterable[int]) -> dict[int, bytes]:
    """Return the content hashes of photos."""
    found: dict[int, bytes] = {}
    for part in slices(photo_ids):
        found.update(
            connection.execute(f"SELECT photo_id, hash FROM photos WHERE photo_id IN ({part})")
        )
    return found


def facts(
    connection: sqlite3.Connection, photo_ids: Iterable[int]
) -> dict[int, tuple[int, int, str | None]]:
    """Return width, height and time (the camera's, else that of the oldest file) of photos."""
    found: dict[int, tuple[int, int, str | None]] = {}
    for part in slices(photo_ids):
        for photo_id, width, height, taken in connection.execute(
            f"SELECT photo_id, width, height, COALESCE(taken, {_OLDEST_FILE})"
            f" FROM photos LEFT JOIN files USING (photo_id) WHERE photo_id IN ({part})"
            " GROUP BY photo_id"
        ):
            found[photo_id] = (width, height, taken)
    return found


def times_taken(connection: sqlite3.Connection) -> dict[int, str]:
    """Return when photos were taken, ISO 8601, as far as their camera wrote it."""
    return dict(
        connection.execute("SELECT photo_id, taken FROM photos WHERE taken IS NOT NULL").fetchall()
    )


def newest_ids(connection: sqlite3.Connection, most: int) -> list[int]:
    """Return the photos that were taken last, at most so many, newest first."""
    return [row[0] for row in connection.execute(_NEWEST, {"most": most}).fetchall()]


def overview(
    connection: sqlite3.Connection, filters: Filters, only: Iterable[int] | None = None
) -> Iterator[tuple[int, int, str, int, int, int, str]]:
    """Yield (photo id, root id, one file, number of files, width, height, time) of every match.

    With `only`, photos by id, no other is looked at.

    The file is an absolute path as text; the time is the camera's, else that of the file.

    A row that SQLite hands over lets other threads go first. Beside one that computes, 100,000 of
    them take minutes; so they come some thousand at a time, as one value.
    """
    by_id = roots_by_id(connection)
    wanted = set(matching_ids(connection, filters).tolist()) if filters.narrows else None
    folders: dict[tuple[int, str], str] = {}
    sql = _OVERVIEW.format(one_of(only))
    last = -1
    while True:
        (text,) = connection.execute(sql, (last,)).fetchone()
        part = json.loads(text)
        if not part:
            return
        last = part[-1][0]
        for photo_id, root_id, folder, name, *facts in part:
            if wanted is None or photo_id in wanted:
                place = folders.get((root_id, folder))
                if place is None:
                    at = path_of(by_id[root_id], bytes.fromhex(folder), b"")
                    place = folders[root_id, folder] = str(at).rstrip(os.sep) + os.sep
                yield (photo_id, root_id, place + os.fsdecode(bytes.fromhex(name)), *facts)


def settle_orphans(
    connection: sqlite3.Connection, photo_ids: Iterable[int], now: float
) -> tuple[set[int], set[int]]:
    """Mark photos whose last file went (since `now`, Unix time), unmark those that have one.

    Returns: (photos that just lost their last file, photos that just got a file back).
    """
    lost: set[int] = set()
    back: set[int] = set()
    has_file = "EXISTS (SELECT 1 FROM files WHERE files.photo_id = photos.photo_id)"
    for part in slices(photo_ids):
        lost.update(
            row[0]
            for row in connection.execute(
                f"UPDATE photos SET orphaned_at = ? WHERE photo_id IN ({part})"
                f" AND orphaned_at IS NULL AND NOT {has_file} RETURNING photo_id",
                (now,),
            ).fetchall()
        )
        back.update(
            row[0]
            for row in connection.execute(
                f"UPDATE photos SET orphaned_at = NULL WHERE photo_id IN ({part})"
                f" AND orphaned_at IS NOT NULL AND {has_file} RETURNING photo_id"
            ).fetchall()
        )
    return lost, back


def drop_orphans(connection: sqlite3.Connection, before: float) -> list[bytes]:
    """Delete photos that have had no file since `before` (Unix time); return their hashes."""
    rows = connection.execute(
        "SELECT photo_id, hash FROM photos WHERE orphaned_at < ?", (before,)
    ).fetchall()
    for part in slices(row[0] for row in rows):
        connection.execute(f"DELETE FROM embeddings WHERE photo_id IN ({part})")
        connection.execute(f"DELETE FROM photos WHERE photo_id IN ({part})")
    return [row[1] for row in rows]


def live_count(connection: sqlite3.Connection) -> int:
    """Return how many photos have a file."""
    return int(
        connection.execute("SELECT COUNT(*) FROM photos WHERE orphaned_at IS NULL").fetchone()[0]
    )


def matching_ids(connection: sqlite3.Connection, filters: Filters) -> Ids:
    """Return the ids of live photos that satisfy every filter but the minimum score, sorted."""
    conditions = ["photos.orphaned_at IS NULL"]
    values: list[object] = []
    if filters.taken_from is not None:
        conditions.append("photos.taken >= ?")
        values.append(filters.taken_from)
    if filters.taken_to is not None:
        # Inclusive: everything that starts with the prefix, and all before it.
        conditions.append("(photos.taken <= ? OR photos.taken LIKE ? || '%')")
        values += [filters.taken_to, filters.taken_to]
    if filters.orientation is not None:
        sign = {"landscape": ">", "portrait": "<", "square": "="}[filters.orientation]
        conditions.append(f"photos.width {sign} photos.height")
    file_conditions: list[str] = []
    if filters.folder is not None:
        where, folder_values = _inside(roots(connection), filters.folder)
        file_conditions.append(where)
        values += folder_values
    if filters.name is not None:
        file_conditions.append("instr(lower(CAST(f.name AS TEXT)), lower(?)) > 0")
        values.append(filters.name)
    if file_conditions:
        conditions.append(
            "EXISTS (SELECT 1 FROM files f WHERE f.photo_id = photos.photo_id AND "
            + " AND ".join(file_conditions)
            + ")"
        )
    where = " AND ".join(conditions)
    select = f"SELECT photo_id FROM photos WHERE {where} ORDER BY photo_id"
    found = id_array(connection, select, values)
    return found if filters.among is None else np.intersect1d(found, filters.among)


def paths_of(
    connection: sqlite3.Connection, photo_ids: Iterable[int], filters: Filters | None = None
) -> dict[int, list[Path]]:
    """Return where each photo lies, paths sorted; with filters only the files that satisfy them."""
    by_id = roots_by_id(connection)
    where = "1"
    values: list[object] = []
    if filters is not None and filters.folder is not None:
        where, values = _inside(list(by_id.values()), filters.folder)
    if filters is not None and filters.name is not None:
        where += " AND instr(lower(CAST(f.name AS TEXT)), lower(?)) > 0"
        values = [*values, filters.name]
    found: dict[int, list[Path]] = {}
    for part in slices(photo_ids):
        rows = connection.execute(
            "SELECT photo_id, root_id, folder, name FROM files f"
            f" WHERE photo_id IN ({part}) AND {where}",
            values,
        )
        for photo_id, root_id, folder, name in rows:
            found.setdefault(photo_id, []).append(path_of(by_id[root_id], folder, name))
    for paths in found.values():
        paths.sort(key=os.fsencode)
    return found


def _inside(known: list[Root], folder: Path) -> tuple[str, list[object]]:
    """Return the SQL condition for files (alias f) in a folder, whichever root holds it."""
    conditions: list[str] = []
    values: list[object] = []
    for root in known:
        if root.path.is_relative_to(folder):
            conditions.append("f.root_id = ?")
            values.append(root.root_id)
        elif folder.is_relative_to(root.path):
            relative = to_slashes(os.fsencode(folder.relative_to(root.path)))
            where, below_values = below("f.", relative)
            conditions.append(f"(f.root_id = ? AND {where})")
            values += [root.root_id, *below_values]
    return f"({' OR '.join(conditions)})" if conditions else "0", values
