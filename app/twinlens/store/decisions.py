"""What cannot be recomputed: kept in the database and, line by line, in decisions.jsonl.

Runs on any thread, inside a transaction of the database.

Every decision is appended to the journal and synced before its transaction commits, and the
database remembers how much of the journal it holds. So a kill in between is mended at the next
start (the rest of the journal is read in), and a lost database gets everything back.
"""

import errno
import json
import logging
import math
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from twinlens.errors import DiskFullError, LibraryError
from twinlens.store.database import Database, set_meta

log = logging.getLogger(__name__)

FILE_NAME = "decisions.jsonl"
#: How many bytes of the journal the database holds, among the facts about the library.
OFFSET = "decisions_offset"


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing the user decided; a later one of the same kind and key replaces it.

    `body` None takes it back. `at` is Unix time.
    """

    kind: str
    key: str
    body: str | None
    at: float


#: Acts on decisions that were read back, in the transaction that takes them up.
TakeUp = Callable[[sqlite3.Connection, list[Decision]], None]


def _leave(_connection: sqlite3.Connection, _read_back: list[Decision]) -> None:
    """Do nothing more with what was read back."""


def decide(
    connection: sqlite3.Connection, journal: Path, kind: str, key: str, body: str | None
) -> None:
    """Record a decision in both places; call it inside a transaction.

    Raises:
        LibraryError: the journal cannot be written.
    """
    decide_all(connection, journal, [(kind, key, body)])


def decide_all(
    connection: sqlite3.Connection, journal: Path, made: Iterable[tuple[str, str, str | None]]
) -> None:
    """Record decisions, each (kind, key, body), with one sync of the journal; see `decide`."""
    at = time.time()
    new = [Decision(kind, key, body, at) for kind, key, body in made]
    if not new:
        return
    with _faults_of(journal):
        end = _append(journal, new)
    for decision in new:
        _apply(connection, decision)
    set_meta(connection, OFFSET, str(end))


def decisions(connection: sqlite3.Connection, kind: str) -> list[Decision]:
    """Return the decisions of one kind that hold now."""
    rows = connection.execute(
        "SELECT kind, key, body, at FROM decisions WHERE kind = ? ORDER BY key", (kind,)
    )
    return [_from_row(row) for row in rows]


def decision(connection: sqlite3.Connection, kind: str, key: str) -> Decision | None:
    """Return the decision of one kind and key, if one holds now."""
    row = connection.execute(
        "SELECT kind, key, body, at FROM decisions WHERE kind = ? AND key = ?", (kind, _stored(key))
    ).fetchone()
    return None if row is None else _from_row(row)


def catch_up(database: Database, journal: Path, take_up: TakeUp = _leave) -> list[Decision]:
    """Make database and journal agree; return the decisions the database did not know.

    A journal that is longer than the database knows is read in; one that is shorter was lost or
    cut, and is written anew from the database. `take_up` is committed together with the offset,
    so that a kill loses neither.

    Raises:
        LibraryError: the journal cannot be read or written.
    """
    with _faults_of(journal):
        if _size(journal) == database.meta_number(OFFSET):
            return []
        with database.transaction() as connection:
            # Under the write lock nobody appends, so both sizes are final now.
            known, size = database.meta_number(OFFSET), _size(journal)
            if size < known:
                log.warning("decisions.jsonl is shorter than it was; writing it from the database")
                set_meta(connection, OFFSET, str(_rewrite(connection, journal)))
                return []
            new = list(_read(journal, known))
            for decision in new:
                _apply(connection, decision)
            take_up(connection, new)
            set_meta(connection, OFFSET, str(size))
    return new


@contextmanager
def _faults_of(journal: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFullError(
                f"The disk with {journal} is full; nothing was changed.",
                "Free some space and run the same again.",
            ) from error
        raise LibraryError(
            f"The decisions in {journal} cannot be read or written ({error.strerror}).",
            "Check that it is a file of yours and that you may write to it.",
        ) from error


def _size(journal: Path) -> int:
    try:
        return journal.stat().st_size
    except FileNotFoundError:
        return 0


def _apply(connection: sqlite3.Connection, decision: Decision) -> None:
    key = _stored(decision.key)
    if decision.body is None:
        connection.execute("DELETE FROM decisions WHERE kind = ? AND key = ?", (decision.kind, key))
        return
    connection.execute(
        "INSERT OR REPLACE INTO decisions (kind, key, body, at) VALUES (?, ?, ?, ?)",
        (decision.kind, key, decision.body, decision.at),
    )


def _from_row(row: tuple[str, bytes, str, float]) -> Decision:
    kind, key, body, at = row
    return Decision(kind, key.decode("utf-8", "surrogateescape"), body, at)


def _line(decision: Decision) -> bytes:
    fields = {
        "kind": decision.kind,
        "key": decision.key,
        "body": decision.body,
        "at": decision.at,
    }
    return json.dumps(fields).encode("ascii") + b"\n"


def _append(journal: Path, made: Iterable[Decision]) -> int:
    with journal.open("ab") as stream:
        # A kill may have left half a line: it must not swallow this one.
        if stream.tell() and not _ends_with_newline(journal):
            stream.write(b"\n")
        stream.writelines(_line(decision) for decision in made)
        stream.flush()
        os.fsync(stream.fileno())
        return stream.tell()


def _ends_with_newline(journal: Path) -> bool:
    with journal.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"


def _read(journal: Path, offset: int) -> Iterator[Decision]:
    with journal.open("rb") as stream:
        stream.seek(offset)
        for line in stream:
            if not line.strip():
                continue
            decision = _parsed(line)
            if decision is None:
                log.warning("a line of decisions.jsonl is not usable and was passed over")
            else:
                yield decision


def _parsed(line: bytes) -> Decision | None:
    """Return the decision of a line; None where it is none that the database can hold."""
    try:
        fields = json.loads(line)
        kind, key, body, at = (fields[name] for name in ("kind", "key", "body", "at"))
        at = float(at)
        # Both raise for halves of characters that stand for no byte.
        _stored(key)
        (kind + (body or "")).encode("utf-8")
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    if not math.isfinite(at) or not isinstance(body, str | None):
        return None
    return Decision(kind, key, body, at)


def _stored(key: str) -> bytes:
    # A key may be a path, and a path need not be valid text: as bytes SQLite takes any.
    return key.encode("utf-8", "surrogateescape")


def _rewrite(connection: sqlite3.Connection, journal: Path) -> int:
    temporary = journal.with_suffix(".tmp")
    rows = connection.execute("SELECT kind, key, body, at FROM decisions ORDER BY at")
    with temporary.open("wb") as stream:
        for row in rows:
            stream.write(_line(_from_row(row)))
        stream.flush()
        os.fsync(stream.fileno())
        size = stream.tell()
    temporary.replace(journal)
    return size
