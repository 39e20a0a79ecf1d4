"""Open a library folder: the writer's lock, the database, and recovery. Runs at start."""

import errno
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from twinlens.errors import DiskFullError, LibraryError, LibraryLockedError, StoreDamagedError
from twinlens.store import decisions
from twinlens.store.database import FILE_NAME, Database, move_aside, set_meta

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenStore:
    """An open database. `lock` is held by the writer; `restored` are decisions read back."""

    database: Database
    lock: FileLock | None
    restored: list[decisions.Decision]
    rebuilt: bool


def open_store(folder: Path, *, writer: bool, notify: Callable[[str], None]) -> OpenStore:
    """Open the database of a library folder, making it where there is none.

    Raises:
        LibraryLockedError: `writer` is wanted and another process is it.
        LibraryNewerError: written by a newer Twinlens.
        StoreDamagedError: the database is damaged and this process may not mend it.
    """
    _make_folder(folder)
    lock = _take_lock(folder) if writer else None
    try:
        database, rebuilt = _open_database(folder, writer=writer, notify=notify)
        restored = decisions.catch_up(database, folder / decisions.FILE_NAME)
        if writer:
            with database.transaction() as connection:
                set_meta(connection, "writer_open", "1")
    except BaseException:
        if lock is not None:
            lock.release()
        raise
    return OpenStore(database, lock, restored, rebuilt)


def close_store(store: OpenStore) -> None:
    """Close the database; the writer notes that it ended well and lets its lock go."""
    try:
        if store.lock is not None:
            try:
                with store.database.transaction() as connection:
                    set_meta(connection, "writer_open", None)
            except LibraryError as error:
                # The note only saves a check at the next start.
                log.warning("could not note the orderly end: %s", error)
        store.database.close()
    finally:
        if store.lock is not None:
            store.lock.release()


def is_locked(folder: Path) -> bool:
    """Return whether some process holds the writer's lock."""
    try:
        with FileLock(folder / "lock", timeout=0):
            return False
    except Timeout:
        return True


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFullError(f"The disk for the library {folder} is full.") from error
        raise LibraryError(
            f"The library folder {folder} cannot be made ({error.strerror}).",
            "Choose another one with --library.",
        ) from error
    if not os.access(folder, os.W_OK):
        raise LibraryError(
            f"The library folder {folder} may not be written to.",
            "Choose another one with --library.",
        )


def _take_lock(folder: Path) -> FileLock:
    lock = FileLock(folder / "lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise LibraryLockedError(
            f"Another Twinlens is writing the library {folder}; nothing was changed.",
            "Close it, or wait until it has finished; searching works meanwhile.",
        ) from error
    return lock


def _open_database(
    folder: Path, *, writer: bool, notify: Callable[[str], None]
) -> tuple[Database, bool]:
    path = folder / FILE_NAME
    try:
        database = Database(path)
        # Only an unclean end makes the check worth its time.
        if writer and database.meta("writer_open") is not None:
            problems = database.check()
            if problems:
                database.close()
                raise StoreDamagedError(f"The database {path} is damaged ({problems[0]}).")
    except StoreDamagedError as error:
        if not writer:
            raise
        kept = move_aside(path)
        log.error("%s", error)
        notify(
            f"The database was damaged and was moved to {kept.name}; "
            "it is being rebuilt from your photos and decisions."
        )
        return Database(path), True
    return database, False
