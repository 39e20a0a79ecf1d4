"""What cannot be recomputed: kept in the database and, line by line, in decisions.jsonl.

Runs on any thread, inside a transaction of the database.

Every decision is appended to the journal and synced before its transaction commits, and the
database remembers how much of the journal it holds. So a kill in between is mended at the next
start (the rest of the journal is read in), and a lost database gets everything back.
"""

import json
import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from twinlens.store.database import Database, set_meta

log = logging.getLogger(__name__)

FILE_NAME = "decisions.jsonl"


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing the user decided; a later one of the same kind and key replaces it.

    `body` None takes it back. `at` is Unix time.
    """

    kind: str
    key: str
    body: str | None
    at: float


def decide(
    connection: sqlite3.Connection, journal: Path, kind: str, key: str, body: str | None
) -> None:
    """Record a decision in both places; call it inside a transaction."""
    decision = Decision(kind, key, body, time.time())
    end = _append(journal, decision)
    _apply(connection, decision)
    set_meta(connection, "decisions_offset", str(end))


def decisions(connection: sqlite3.Connection, kind: str) -> list[Decision]:
    """Return the decisions of one kind that hold now."""
    rows = connection.execute(
        "SELECT kind, key, body, at FROM decisions WHERE kind = ? ORDER BY key", (kind,)
    )
    return [_from_row(row) for row in rows]


def catch_up(database: Database, journal: Path) -> list[Decision]:
    """Make database and journal agree; return the decisions the database did not know.

    A journal that is longer than the database knows is read in; one that is shorter was lost or
    cut, and is written anew from the database.
    """
    size = journal.stat().st_size if journal.exists() else 0
    known = int(database.meta("decisions_offset") or 0)
    if size == known:
        return []
    with database.transaction() as connection:
        # Under the write lock nobody appends, so both sizes are final now.
        known = int(database.meta("decisions_offset") or 0)
        size = journal.stat().st_size if journal.exists() else 0
        if size < known:
            log.warning("decisions.jsonl is shorter than it was; writing it from the database")
            set_meta(connection, "decisions_offset", str(_rewrite(connection, journal)))
            return []
        new = list(_read(journal, known))
        for decision in new:
            _apply(connection, decision)
        set_meta(connection, "decisions_offset", str(size))
    return new


def _apply(connection: sqlite3.Connection, decision: Decision) -> None:
    # A key may be a path, and a path need not be valid text: as bytes SQLite takes any.
    key = decision.key.encode("utf-8", "surrogateescape")
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


def _append(journal: Path, decision: Decision) -> int:
    with journal.open("ab") as stream:
        # A kill may have left half a line: it must not swallow this one.
        if stream.tell() and not _ends_with_newline(journal):
            stream.write(b"\n")
        stream.write(_line(decision))
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
            try:
                fields = json.loads(line)
                body = fields["body"]
                yield Decision(
                    str(fields["kind"]),
                    str(fields["key"]),
                    None if body is None else str(body),
                    float(fields["at"]),
                )
            except (ValueError, KeyError, TypeError):
                log.warning("a line of decisions.jsonl is not readable and was passed over")


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
