"""SQLite's errors in our words, at every statement, and the note that damage was met.

Runs on any thread.
"""

import contextlib
import logging
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from twinlens.errors import (
    DiskFullError,
    LibraryError,
    LibraryLockedError,
    StoreDamagedError,
)

log = logging.getLogger(__name__)

#: A file of this name beside the database says that somebody met damage in it.
MARK = "damaged"

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_TOOBIG)
#: Our statements fit our schema, so where SQLite says one of these the schema is not as we made it.
_SCHEMA_FAULTS = (
    "unsupported file format",
    "no such table",
    "no such column",
    "no such index",
    "already exists",
    "has no column named",
    "malformed",
)
#: Raised by Python's own wrapper, without a code of SQLite.
_NOT_TEXT = "Could not decode to UTF-8"


class TranslatingCursor(sqlite3.Cursor):
    """A cursor that raises the environment's faults as errors with a sentence."""

    connection: "TranslatingConnection"

    def execute(self, sql: str, parameters: Any = ()) -> Self:
        """Run one statement."""
        with translate_errors(self.connection.place):
            return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any]) -> Self:
        """Run one statement with many parameters."""
        with translate_errors(self.connection.place):
            return super().executemany(sql, parameters)

    def fetchone(self) -> Any:
        """Return the next row, or None."""
        with translate_errors(self.connection.place):
            return super().fetchone()

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        with translate_errors(self.connection.place):
            return super().fetchall()

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        """Yield the rows that are left; one translation serves all of them."""
        with translate_errors(self.connection.place):
            yield from iter(super().__next__, None)


class TranslatingConnection(sqlite3.Connection):
    """A connection whose every statement raises our errors. `place` is the database file."""

    place: Path

    def execute(self, sql: str, parameters: Any = ()) -> TranslatingCursor:
        """Run one statement."""
        return self.cursor(TranslatingCursor).execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any]) -> TranslatingCursor:
        """Run one statement with many parameters."""
        return self.cursor(TranslatingCursor).executemany(sql, parameters)


@contextmanager
def translate_errors(path: Path) -> Iterator[None]:
    """Raise the environment's faults as errors with a sentence; leave our own bugs alone."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        fault = _translated(error, path)
        if fault is None:
            raise
        raise fault from error


def damaged(path: Path, reason: str) -> StoreDamagedError:
    """Return the error that says so, after leaving the mark that has the next writer look."""
    with contextlib.suppress(OSError):
        path.with_name(MARK).touch()
    return StoreDamagedError(
        f"The database {path} is damaged ({reason}).",
        "Run 'twinlens index': it is moved aside and rebuilt from the photos.",
    )


def odd_value(connection: sqlite3.Connection, reason: str) -> StoreDamagedError:
    """Return the error for a stored value that no version of Twinlens has written."""
    assert isinstance(connection, TranslatingConnection)
    return damaged(connection.place, reason)


def is_marked(path: Path) -> bool:
    """Return whether somebody met damage in a database since it was last found sound."""
    return path.with_name(MARK).exists()


def unmark(path: Path) -> None:
    """Take the mark away."""
    try:
        path.with_name(MARK).unlink(missing_ok=True)
    except OSError as error:
        # It costs a check at each start, nothing else.
        log.warning("the note of damage could not be removed: %s", error)


def _translated(error: sqlite3.DatabaseError, path: Path) -> LibraryError | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    folder, text = path.parent, str(error)
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _is_full(folder)):
        return DiskFullError(
            f"The disk with the library {folder} is full; the last batch was not saved, "
            "everything before it is safe.",
            "Free some space and run the same again.",
        )
    odd_schema = code == sqlite3.SQLITE_ERROR and any(part in text for part in _SCHEMA_FAULTS)
    if code in _DAMAGED or odd_schema or text.startswith(_NOT_TEXT):
        return damaged(path, text)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LibraryLockedError(
            f"The library {folder} is being written by another program.",
            "Try again in a moment.",
        )
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR):
        return LibraryError(
            f"The library in {folder} cannot be used ({error}).",
            "Check that the folder exists and that you may write to it.",
        )
    return None


def _is_full(folder: Path) -> bool:
    """Return whether a failed write means a full disk: SQLite calls some of these I/O errors."""
    try:
        return shutil.disk_usage(folder).free < 1_000_000
    except OSError:
        return False
