"""A database file that may be deleted at any time. Whatever goes wrong with it costs no answer.

Runs on any thread; each has a connection of its own.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")

VERSION = 1
_BUSY_SECONDS = 5.0
_STALE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

_META = "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"


class CacheFile:
    """One such file.

    Args:
        path: the file; made where it does not exist.
        tables: the statements that make its tables.
        library_id: the library that it belongs to; a file of another one is started anew.
        read_only: nothing can be written where the file lies.
    """

    def __init__(
        self, path: Path, tables: tuple[str, ...], library_id: str, *, read_only: bool
    ) -> None:
        self.path = path
        self.read_only = read_only
        #: Grows with every change made here, so that what was read can be kept until then.
        self.revision = 0
        self._tables = (_META, *tables)
        self._library_id = library_id
        self._local = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.RLock()
        self._generation = 0

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()
            self._generation += 1

    def write(self, act: Callable[[sqlite3.Connection], None]) -> bool:
        """Do everything of one act or nothing; return whether it is done."""
        if self.read_only:
            return False

        def acted(connection: sqlite3.Connection) -> bool:
            self._transact(connection, act)
            return True

        return self.attempt(acted, False)

    def attempt(self, act: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Act on this thread's connection; a damaged file is started anew, all else is logged."""
        before = self._generation
        try:
            return act(self._connection())
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            # Another thread that starts the file anew closes this one's connection.
            if isinstance(error, sqlite3.ProgrammingError) and before == self._generation:
                raise
            log.warning("%s: %s", self.path, error)
            if code in _STALE or "no such" in str(error):
                self._start_anew()
            return otherwise

    def _transact(
        self, connection: sqlite3.Connection, act: Callable[[sqlite3.Connection], None]
    ) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            act(connection)
            connection.execute("COMMIT")
        except BaseException:
            # A full disk makes SQLite roll back by itself.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        self.revision += 1

    def _start_anew(self) -> None:
        if self.read_only:
            return
        with self._lock:
            self.close()
            try:
                for suffix in ("", "-wal", "-shm"):
                    self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
            except OSError as error:
                # Another process has it open, and that one starts it anew.
                log.warning("%s stays: %s", self.path, error)
            self.revision += 1

    def _connection(self) -> sqlite3.Connection:
        kept: tuple[int, sqlite3.Connection] | None = getattr(self._local, "kept", None)
        if kept is not None and kept[0] == self._generation:
            return kept[1]
        with self._lock:
            connection = self._open()
            self._all.append(connection)
            self._local.kept = (self._generation, connection)
            return connection

    def _open(self) -> sqlite3.Connection:
        if self.read_only:
            # What cannot be written to may still hold what a writer left; if not, it is empty.
            there = self.path.exists()
            return sqlite3.connect(
                f"{self.path.as_uri()}?mode=ro&immutable=1" if there else ":memory:",
                uri=there,
                isolation_level=None,
                check_same_thread=False,
            )
        connection = self._connect()
        try:
            known = connection.execute("PRAGMA user_version").fetchone()[0]
            if known == VERSION and _library(connection) == self._library_id:
                return connection
            if known != 0:
                connection.close()
                self._start_anew()
                connection = self._connect()
            self._transact(connection, self._create)
        except sqlite3.DatabaseError as error:
            connection.close()
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _STALE:
                raise
            log.warning("%s is damaged and made anew: %s", self.path, error)
            self._start_anew()
            connection = self._connect()
            self._transact(connection, self._create)
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        # Bodies of some thousand bytes fill small pages; of large ones they waste a third.
        connection.execute("PRAGMA page_size = 4096")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def _create(self, connection: sqlite3.Connection) -> None:
        if connection.execute("PRAGMA user_version").fetchone()[0]:
            return
        for statement in self._tables:
            connection.execute(statement)
        connection.execute("INSERT INTO meta VALUES ('library_id', ?)", (self._library_id,))
        connection.execute(f"PRAGMA user_version = {VERSION}")


def _library(connection: sqlite3.Connection) -> str:
    row = connection.execute("SELECT value FROM meta WHERE key = 'library_id'").fetchone()
    return "" if row is None else str(row[0])
