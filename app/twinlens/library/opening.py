"""Open a library folder: the writer's lock, the database, and recovery. Runs at start."""

import errno
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from twinlens.errors import (
    AppError,
    DiskFullError,
    LibraryError,
    LibraryLockedError,
    StoreDamagedError,
)
from twinlens.library.folders import restore_folders
from twinlens.library.models import restore_choice
from twinlens.reports import Notice, Notify
from twinlens.store import decisions
from twinlens.store.database import FILE_NAME, Connection, Database, move_aside, set_meta
from twinlens.store.faults import is_marked

log = logging.getLogger(__name__)

LOCK_NAME = "lock"
#: Present while a writer is at work, so that an unclean end is noticed.
WRITER_OPEN = "writer_open"


@dataclass(frozen=True, slots=True)
class OpenStore:
    """An open database. `lock` is held by the writer."""

    database: Database
    lock: FileLock | None


def open_store(folder: Path, *, writer: bool, notify: Notify) -> OpenStore:
    """Open the database of a library folder, making it where there is none.

    Raises:
        LibraryLockedError: `writer` is wanted and another process is it.
        LibraryNewerError: written by a newer Twinlens.
        StoreDamagedError: the database is damaged and this process may not mend it.
    """
    _make_folder(folder, writer=writer)
    lock = _take_lock(folder) if writer else None
    try:
        try:
            database = _open_database(folder, writer=writer)
        except StoreDamagedError as error:
            if not writer:
                raise
            database = _start_afresh(folder, error, notify)
    except BaseException:
        if lock is not None:
            lock.release()
        raise
    return OpenStore(database, lock)


def may_mend(store: OpenStore, error: Exception) -> bool:
    """Return whether damage is behind an error, and this process may start the database afresh."""
    if store.lock is None or isinstance(error, AppError):
        return store.lock is not None and isinstance(error, StoreDamagedError)
    # Values that make no sense look like a bug of ours; the check tells the two apart.
    return bool(store.database.check(thorough=True))


def mend(store: OpenStore, error: Exception, notify: Notify) -> OpenStore:
    """Move a damaged database aside and start afresh from the decisions, keeping the lock."""
    store.database.close()
    return OpenStore(_start_afresh(store.database.path.parent, error, notify), store.lock)


def close_store(store: OpenStore) -> None:
    """Close the database; the writer notes that it ended well and lets its lock go."""
    try:
        if store.lock is not None:
            try:
                with store.database.transaction() as connection:
                    set_meta(connection, WRITER_OPEN, None)
            except LibraryError as error:
                # The note only saves a check at the next start.
                log.warning("could not note the orderly end: %s", error)
        store.database.close()
    finally:
        if store.lock is not None:
            store.lock.release()


def is_locked(folder: Path) -> bool:
    """Return whether some process holds the writer's lock; where nobody may write, none does.

    Raises:
        LibraryError: the lock cannot be looked at.
    """
    if not os.access(folder, os.W_OK):
        return False
    try:
        with _lock_faults(folder), FileLock(folder / LOCK_NAME, timeout=0):
            return False
    except Timeout:
        return True


def _make_folder(folder: Path, *, writer: bool) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFullError(f"The disk for the library {folder} is full.") from error
        raise LibraryError(
            f"The library folder {folder} cannot be made ({error.strerror}).",
            "Choose another one with --library.",
        ) from error
    readable = not writer and os.access(folder / FILE_NAME, os.R_OK)
    if not readable and not os.access(folder, os.W_OK):
        raise LibraryError(
            f"The library folder {folder} may not be written to.",
            "Choose another one with --library.",
        )


def _take_lock(folder: Path) -> FileLock:
    lock = FileLock(folder / LOCK_NAME, timeout=0)
    try:
        with _lock_faults(folder):
            lock.acquire()
    except Timeout as error:
        raise LibraryLockedError(
            f"Another Twinlens is writing the library {folder}; nothing was changed.",
            "Close it, or wait until it has finished; searching works meanwhile.",
        ) from error
    return lock


@contextmanager
def _lock_faults(folder: Path) -> Iterator[None]:
    try:
        yield
    except Timeout:
        raise
    except OSError as error:
        raise LibraryError(
            f"The lock {folder / LOCK_NAME} cannot be used ({error.strerror}).",
            "Check that it is a file of yours, or delete it while no Twinlens runs.",
        ) from error


def _open_database(folder: Path, *, writer: bool) -> Database:
    read_only = not writer and not os.access(folder, os.W_OK)
    database = Database(folder / FILE_NAME, read_only=read_only)
    if read_only:
        return database
    try:
        # Only an unclean end, or damage that somebody met, makes the check worth its time.
        unclean = writer and database.meta(WRITER_OPEN) is not None
        if unclean or (writer and is_marked(database.path)):
            database.require_sound()
        decisions.catch_up(database, folder / decisions.FILE_NAME, _take_up)
        if writer:
            with database.transaction() as connection:
                set_meta(connection, WRITER_OPEN, "1")
    except BaseException:
        database.close()
        raise
    return database


def _take_up(connection: Connection, read_back: list[decisions.Decision]) -> None:
    restore_folders(connection, read_back)
    restore_choice(connection, read_back)


def _start_afresh(folder: Path, error: Exception, notify: Notify) -> Database:
    kept = move_aside(folder / FILE_NAME)
    # It was made from the database that is gone.
    shutil.rmtree(folder / "index", ignore_errors=True)
    log.error("%s is what is left of a damaged database: %s", kept.name, error)
    notify(
        Notice(
            f"The database was damaged and was moved to {kept.name}; "
            "it is being rebuilt from your photos and decisions."
        )
    )
    return _open_database(folder, writer=True)
