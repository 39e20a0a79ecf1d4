"""What a closer look at the photos found: a cache of its own that can always be made again.

It lies beside the database, in a file that may be deleted at any time. Whatever goes wrong with it
is logged and costs time, never an answer. Runs on any thread.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from twinlens.store.cache_file import CacheFile
from twinlens.store.files import id_array, slices

Ids = npt.NDArray[np.int64]

FILE_NAME = "features.sqlite3"
#: A kind with a bound is cut back to this share of it, so that this is not done at every write.
_KEPT = 0.9
#: A body counts as used once in so many seconds; noting every use would be a write for a read.
_FRESH = 3600.0
_CHUNK = 512

_KINDS = """CREATE TABLE kinds (
    kind INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, bytes INTEGER NOT NULL DEFAULT 0)"""
# A table a kind: reading one from end to end then passes over nothing else.
_TABLE = """
CREATE TABLE {table} (photo_id INTEGER PRIMARY KEY, body BLOB NOT NULL, used REAL NOT NULL);
CREATE INDEX {table}_used ON {table} (used);
"""


class State(NamedTuple):
    """How many bodies of a kind there are, and when (Unix time) one was last put or used.

    It differs once any came or went.
    """

    bodies: int
    latest: float


class FeatureStore:
    """Bodies of bytes by photo, sorted into kinds.

    A kind is a short name that carries the version of its format and, where it depends on the
    network, the model. An empty body says that a content gives nothing of that kind.

    Args:
        path: the file; made where it does not exist.
        library_id: the library whose photo ids these are; a file of another one is started anew.
        read_only: nothing can be written where the file lies.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        path: Path,
        library_id: str,
        *,
        read_only: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._file = CacheFile(path, (_KINDS,), library_id, read_only=read_only)

    @property
    def revision(self) -> int:
        """A number that grows with every change made here: what was read holds until then."""
        return self._file.revision

    def get(self, kind: str, ids: Iterable[int]) -> dict[int, bytes]:
        """Return the bodies that are there, by photo."""

        stale: list[int] = []

        def read(connection: sqlite3.Connection) -> dict[int, bytes]:
            table = _table(connection, kind)
            found: dict[int, bytes] = {}
            old = self._clock() - _FRESH
            for part in slices(sorted(int(number) for number in ids)) if table else ():
                for photo_id, body, used in connection.execute(
                    f"SELECT photo_id, body, used FROM {table} WHERE photo_id IN ({part})"
                ):
                    found[photo_id] = body
                    if used < old:
                        stale.append(photo_id)
            return found

        def use(connection: sqlite3.Connection) -> None:
            connection.executemany(
                f"UPDATE {_table(connection, kind)} SET used = ? WHERE photo_id = ?",
                [(self._clock(), photo_id) for photo_id in stale],
            )

        nothing: dict[int, bytes] = {}
        found = self._file.attempt(read, nothing)
        if stale:
            self._file.write(use)
        return found

    def heads(self, kind: str, ids: Iterable[int], length: int) -> dict[int, bytes]:
        """Return the first bytes of the bodies that are there; what follows is not read."""

        def read(connection: sqlite3.Connection) -> dict[int, bytes]:
            table = _table(connection, kind)
            found: dict[int, bytes] = {}
            for part in slices(sorted(int(number) for number in ids)) if table else ():
                found.update(
                    connection.execute(
                        f"SELECT photo_id, substr(body, 1, {length}) FROM {table}"
                        f" WHERE photo_id IN ({part})"
                    )
                )
            return found

        return self._file.attempt(read, {})

    def put(self, kind: str, bodies: Mapping[int, bytes], *, bound: int | None = None) -> bool:
        """Keep bodies, replacing those of the same photos.

        Args:
            bound: the most bytes that this kind may hold; those not used for longest go first.

        Returns: whether they are kept; a full disk, for one, keeps nothing.
        """
        if self._file.read_only or not bodies:
            return not bodies

        def write(connection: sqlite3.Connection) -> None:
            table = _made_table(connection, kind)
            grown = sum(map(len, bodies.values()))
            for part in slices(sorted(bodies)):
                (old,) = connection.execute(
                    f"SELECT coalesce(sum(length(body)), 0) FROM {table} WHERE photo_id IN ({part})"
                ).fetchone()
                grown -= old
            now = self._clock()
            connection.executemany(
                f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)",
                ((photo_id, body, now) for photo_id, body in bodies.items()),
            )
            _grow(connection, kind, grown)
            if bound is not None and _size(connection, kind) > bound:
                _cut_back(connection, kind, table, int(bound * _KEPT))

        return self._file.write(write)

    def missing(self, kind: str, ids: Ids) -> Ids:
        """Return those of the ids, sorted, that have no body of this kind."""
        there = self.ids(kind)
        return np.sort(ids[~np.isin(ids, there)])

    def ids(self, kind: str, *, since: float | None = None) -> Ids:
        """Return the photos that have a body of this kind (put or used after then), sorted."""

        def read(connection: sqlite3.Connection) -> Ids:
            table = _table(connection, kind)
            if table is None:
                return np.empty(0, dtype=np.int64)
            # By the other index: the bodies stay unread.
            select = f"SELECT photo_id FROM {table} INDEXED BY {table}_used"
            if since is not None:
                return np.sort(id_array(connection, f"{select} WHERE used > ?", (since,)))
            return np.sort(id_array(connection, select))

        return self._file.attempt(read, np.empty(0, dtype=np.int64))

    def state(self, kind: str) -> State:
        """Return what a kind has come to, also by other processes; takes no time to speak of."""

        def read(connection: sqlite3.Connection) -> State:
            table = _table(connection, kind)
            if table is None:
                return State(0, 0.0)
            row = connection.execute(
                f"SELECT (SELECT COUNT(*) FROM {table}), (SELECT MAX(used) FROM {table})"
            ).fetchone()
            return State(row[0], row[1] or 0.0)

        return self._file.attempt(read, State(0, 0.0))

    def stream(self, kind: str, chunk: int = _CHUNK) -> Iterator[list[tuple[int, bytes]]]:
        """Yield (photo id, body) of a whole kind in the order of ids, `chunk` at a time."""
        after = -1
        while True:

            def read(connection: sqlite3.Connection, after: int = after) -> list[tuple[int, bytes]]:
                table = _table(connection, kind)
                if table is None:
                    return []
                return connection.execute(
                    f"SELECT photo_id, body FROM {table} WHERE photo_id > ?"
                    " ORDER BY photo_id LIMIT ?",
                    (after, chunk),
                ).fetchall()

            rows: list[tuple[int, bytes]] = self._file.attempt(read, [])
            if not rows:
                return
            yield rows
            after = rows[-1][0]

    def size(self, kind: str) -> int:
        """Return how many bytes the bodies of a kind have together."""
        return self._file.attempt(lambda connection: _size(connection, kind), 0)

    def keep_only(self, ids: Ids) -> None:
        """Drop what belongs to other photos."""

        def write(connection: sqlite3.Connection) -> None:
            for number, name in connection.execute("SELECT kind, name FROM kinds").fetchall():
                table = f"features_{number}"
                for part in slices(np.setdiff1d(self.ids(name), ids).tolist()):
                    where = f"FROM {table} WHERE photo_id IN ({part})"
                    (freed,) = connection.execute(
                        f"SELECT coalesce(sum(length(body)), 0) {where}"
                    ).fetchone()
                    connection.execute(f"DELETE {where}")
                    _grow(connection, name, -freed)

        self._file.write(write)

    def drop(self, ending: str) -> None:
        """Drop every kind whose name ends so, as those of one model do."""

        def write(connection: sqlite3.Connection) -> None:
            for number, name in connection.execute("SELECT kind, name FROM kinds").fetchall():
                if name.endswith(ending):
                    connection.execute(f"DROP TABLE features_{number}")
                    connection.execute("DELETE FROM kinds WHERE kind = ?", (number,))

        self._file.write(write)

    def close(self) -> None:
        """Close every thread's connection."""
        self._file.close()


def _table(connection: sqlite3.Connection, kind: str) -> str | None:
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'kinds'").fetchone() is None:
        return None
    row = connection.execute("SELECT kind FROM kinds WHERE name = ?", (kind,)).fetchone()
    return None if row is None else f"features_{int(row[0])}"


def _made_table(connection: sqlite3.Connection, kind: str) -> str:
    table = _table(connection, kind)
    if table is None:
        number = connection.execute("INSERT INTO kinds (name) VALUES (?)", (kind,)).lastrowid
        table = f"features_{number}"
        for statement in _TABLE.format(table=table).split(";\n"):
            connection.execute(statement)
    return table


def _grow(connection: sqlite3.Connection, kind: str, by: int) -> None:
    connection.execute("UPDATE kinds SET bytes = bytes + ? WHERE name = ?", (by, kind))


def _size(connection: sqlite3.Connection, kind: str) -> int:
    if _table(connection, kind) is None:
        return 0
    row = connection.execute("SELECT bytes FROM kinds WHERE name = ?", (kind,)).fetchone()
    return int(row[0])


def _cut_back(connection: sqlite3.Connection, kind: str, table: str, target: int) -> None:
    """Drop what was not used for longest until the kind fits."""
    surplus = _size(connection, kind) - target
    dropped: list[tuple[int]] = []
    freed = 0
    for photo_id, size in connection.execute(
        f"SELECT photo_id, length(body) FROM {table} ORDER BY used, photo_id"
    ):
        if freed >= surplus:
            break
        freed += size
        dropped.append((photo_id,))
    connection.executemany(f"DELETE FROM {table} WHERE photo_id = ?", dropped)
    _grow(connection, kind, -freed)
