"""The SQLite file: connections per thread, transactions, checks. Runs on any thread."""

import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from twinlens.errors import LibraryError, LibraryNewerError, StoreDamagedError
from twinlens.store import schema, soundness
from twinlens.store.faults import (
    TranslatingConnection,
    damaged,
    is_marked,
    translate_errors,
    unmark,
)

log = logging.getLogger(__name__)

#: What the functions of this layer take; other layers name it without knowing SQLite.
Connection = sqlite3.Connection

FILE_NAME = "library.sqlite3"
BUSY_SECONDS = 30.0
#: No version of Twinlens counts so far: a higher number in the file is damage, not the future.
HIGHEST_VERSION = 1000


class Database:
    """One open library database.

    Every thread gets a connection of its own. Writes go through `transaction`, which holds
    SQLite's write lock from its start, so that what it reads is what it changes.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open or create the file and bring its schema up to date.

        Args:
            path: the file, absolute.
            read_only: neither the file nor its folder can be written to.

        Raises:
            LibraryNewerError: written by a newer Twinlens.
            StoreDamagedError: not readable as a database.
        """
        self.path = path
        self.read_only = read_only
        self._local = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        existed = self.path.exists()
        problem = soundness.header_problem(self.path)
        if problem:
            raise damaged(self.path, problem)
        connection = self.connection()
        version = schema.version_of(connection)
        if not 0 <= version < HIGHEST_VERSION:
            raise damaged(self.path, f"its version cannot be {version}")
        if version > schema.VERSION:
            raise LibraryNewerError(
                f"The library in {self.path.parent} was written by a newer version of Twinlens "
                "and was left as it is.",
                "Install that version, or choose another library folder.",
            )
        if version == schema.VERSION:
            return
        if self.read_only:
            raise LibraryError(
                f"The library in {self.path.parent} was written by an older version of Twinlens "
                "and cannot be brought up to date where it may not be written to.",
                "Copy the library folder to a place of your own.",
            )
        if existed and version > 0:
            _copy_before_migration(connection, self.path, version)
        schema.migrate(connection)

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            self._local.connection = connection
            with self._lock:
                self._all.append(connection)
        return connection

    def _connect(self) -> TranslatingConnection:
        name = str(self.path)
        if self.read_only:
            # SQLite reads beside a log only if it may lay a file beside it; where there is no log
            # nobody writes either, and it can be told so.
            log_file = self.path.with_name(self.path.name + "-wal")
            still = not log_file.exists()
            name = f"{self.path.as_uri()}?mode=ro{'&immutable=1' if still else ''}"
        with translate_errors(self.path):
            connection = TranslatingConnection(
                name,
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
                uri=self.read_only,
            )
        connection.place = self.path
        try:
            if not self.read_only:
                # The page size takes effect only before the first table of a new file.
                connection.execute("PRAGMA page_size = 16384")
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            # A row that another one replaces counts as deleted.
            connection.execute("PRAGMA recursive_triggers = ON")
            # Each of a dozen threads has one; behind it stands the system's own cache.
            connection.execute("PRAGMA cache_size = -8192")
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write everything inside or nothing; a transaction that changed rows takes the next seq.

        Raises:
            DiskFullError: no room; nothing of the transaction was kept.
            LibraryLockedError: another process held the write lock for too long.
            StoreDamagedError: the file is damaged.
        """
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
        return self.meta_number("seq")

    @property
    def library_id(self) -> str:
        """A random name given when the database was made."""
        return self.meta("library_id") or ""

    def meta(self, key: str) -> str | None:
        """Return one fact about the library."""
        return get_meta(self.connection(), key)

    def meta_number(self, key: str) -> int:
        """Return one fact that is a number, 0 where it is not known."""
        value = self.meta(key) or "0"
        if not value.isdecimal():
            raise damaged(self.path, f"{key} cannot be {value!r}")
        return int(value)

    def data_version(self) -> int:
        """Return a number that differs once another process or thread has committed."""
        return int(self.connection().execute("PRAGMA data_version").fetchone()[0])

    def check(self, *, thorough: bool = False) -> list[str]:
        """Return what is wrong with the file; empty is healthy.

        Takes about 4 µs a photo. `thorough` also reads every descriptor, and settles what a mark
        of damage that somebody left is worth.
        """
        try:
            problems = self._problems(thorough=thorough)
        except StoreDamagedError as error:
            return [error.message]
        if problems:
            damaged(self.path, problems[0])
        elif thorough:
            unmark(self.path)
        return problems

    def require_sound(self) -> None:
        """Check the file, thoroughly where somebody met damage in it.

        Raises:
            StoreDamagedError: something is wrong with it.
        """
        thorough = is_marked(self.path)
        problems = self._problems(thorough=thorough)
        if problems:
            raise damaged(self.path, problems[0])
        if thorough:
            unmark(self.path)

    def _problems(self, *, thorough: bool) -> list[str]:
        problem = soundness.header_problem(self.path)
        # A connection of its own: others may hold pages as they were before the damage.
        with closing(self._connect()) as connection:
            found = soundness.problems(connection, descriptors=thorough)
        return [problem, *found] if problem else found

    def checkpoint(self) -> None:
        """Move the write-ahead log into the file and sync it, as far as readers allow."""
        self.connection().execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()
        self._local = threading.local()


def get_meta(connection: sqlite3.Connection, key: str) -> str | None:
    """Return one fact about the library, as a transaction sees it."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


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

    Raises:
        LibraryError: it cannot be renamed.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S")
    target = path.with_name(f"damaged-{stamp}-{path.name}")
    number = 1
    while target.exists():
        number += 1
        target = path.with_name(f"damaged-{stamp}-{number}-{path.name}")
    try:
        for suffix in ("", "-wal", "-shm"):
            source = path.with_name(path.name + suffix)
            if source.exists():
                source.replace(target.with_name(target.name + suffix))
    except OSError as error:
        raise LibraryError(
            f"The damaged database {path} cannot be moved aside ({error.strerror}).",
            "Close every other Twinlens and run the same again.",
        ) from error
    unmark(path)
    return target


def _copy_before_migration(connection: sqlite3.Connection, path: Path, version: int) -> None:
    target = path.with_name(f"{path.stem}-version-{version}{path.suffix}")
    with translate_errors(target), closing(sqlite3.connect(target)) as copy:
        connection.backup(copy)
    log.info("copied the database to %s before migrating", target)
