"""The SQLite file: connections per thread, transactions, and SQLite's errors in our words."""

import logging
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twinlens.errors import (
    DiskFullError,
    LibraryError,
    LibraryLockedError,
    LibraryNewerError,
    StoreDamagedError,
)
from twinlens.store import schema

log = logging.getLogger(__name__)

#: What the functions of this layer take; other layers name it without knowing SQLite.
Connection = sqlite3.Connection

FILE_NAME = "library.sqlite3"
BUSY_SECONDS = 30.0


class Database:
    """One open library database.

    Every thread gets a connection of its own. Writes go through `transaction`, which holds
    SQLite's write lock from its start, so that what it reads is what it changes.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file and bring its schema up to date.

        Raises:
            LibraryNewerError: written by a newer Twinlens.
            StoreDamagedError: not readable as a database.
        """
        self.path = path
        self._local = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        with translate_errors(path):
            self._prepare()

    def _prepare(self) -> None:
        existed = self.path.exists()
        connection = self.connection()
        version = schema.version_of(connection)
        if version > schema.VERSION:
            self.close()
            raise LibraryNewerError(
                f"The library in {self.path.parent} was written by a newer version of Twinlens "
                "and was left as it is.",
                "Install that version, or choose another library folder.",
            )
        if version == schema.VERSION:
            return
        if existed and version > 0:
            _copy_before_migration(connection, self.path, version)
        schema.migrate(connection)

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            # The page size takes effect only before the first table of a new file.
            connection.execute("PRAGMA page_size = 16384")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA cache_size = -32768")
            self._local.connection = connection
            with self._lock:
                self._all.append(connection)
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write everything inside or nothing; a transaction that changed rows takes the next seq.

        Raises:
            DiskFullError: no room; nothing of the transaction was kept.
            LibraryLockedError: another process held the write lock for too long.
            StoreDamagedError: the file is damaged.
        """
        with translate_errors(self.path):
            connection = self.connection()
            connection.execute("BEGIN IMMEDIATE")
            before = connection.total_changes
            try:
                yield connection
                if connection.total_changes != before:
                    connection.execute(
                        "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'seq'"
                    )
                connection.execute("COMMIT")
            except BaseException:
                # A full disk makes SQLite roll back by itself.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @property
    def seq(self) -> int:
        """The number of the last committed change."""
        return int(self.meta("seq") or 0)

    @property
    def library_id(self) -> str:
        """A random name given when the database was made."""
        return self.meta("library_id") or ""

    def meta(self, key: str) -> str | None:
        """Return one fact about the library."""
        with translate_errors(self.path):
            row = (
                self.connection().execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
            )
        return None if row is None else str(row[0])

    def data_version(self) -> int:
        """Return a number that differs once another process or thread has committed."""
        return int(self.connection().execute("PRAGMA data_version").fetchone()[0])

    def check(self) -> list[str]:
        """Return what SQLite's own quick check finds wrong; empty is healthy."""
        with translate_errors(self.path):
            rows = self.connection().execute("PRAGMA quick_check(20)").fetchall()
        return [str(row[0]) for row in rows if row[0] != "ok"]

    def checkpoint(self) -> None:
        """Move the write-ahead log into the file and sync it, as far as readers allow."""
        with translate_errors(self.path):
            self.connection().execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()
        self._local = threading.local()


def set_meta(connection: sqlite3.Connection, key: str, value: str | None) -> None:
    """Set or (None) remove one fact about the library."""
    if value is None:
        connection.execute("DELETE FROM meta WHERE key = ?", (key,))
    else:
        connection.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, value),
        )


def move_aside(path: Path) -> Path:
    """Rename a damaged database, with its log, so that nothing of it is lost.

    Returns: the new name of the main file.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S")
    target = path.with_name(f"damaged-{stamp}-{path.name}")
    number = 1
    while target.exists():
        number += 1
        target = path.with_name(f"damaged-{stamp}-{number}-{path.name}")
    for suffix in ("", "-wal", "-shm"):
        source = path.with_name(path.name + suffix)
        if source.exists():
            source.replace(target.with_name(target.name + suffix))
    return target


@contextmanager
def translate_errors(path: Path) -> Iterator[None]:
    """Raise the environment's faults as errors with a sentence; leave our own bugs alone."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        folder = path.parent
        if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _is_full(folder)):
            raise DiskFullError(
                f"The disk with the library {folder} is full; the last batch was not saved, "
                "everything before it is safe.",
                "Free some space and run the same again.",
            ) from error
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise StoreDamagedError(
                f"The database {path} is damaged ({error}).",
                "Run 'twinlens index': it is moved aside and rebuilt from the photos.",
            ) from error
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise LibraryLockedError(
                f"The library {folder} is being written by another program.",
                "Try again in a moment.",
            ) from error
        if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR):
            raise LibraryError(
                f"The library in {folder} cannot be used ({error}).",
                "Check that the folder exists and that you may write to it.",
            ) from error
        raise


def _is_full(folder: Path) -> bool:
    """Return whether a failed write means a full disk: SQLite calls some of these I/O errors."""
    try:
        return shutil.disk_usage(folder).free < 1_000_000
    except OSError:
        return False


def _copy_before_migration(connection: sqlite3.Connection, path: Path, version: int) -> None:
    target = path.with_name(f"{path.stem}-version-{version}{path.suffix}")
    copy = sqlite3.connect(target)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    log.info("copied the database to %s before migrating", target)
