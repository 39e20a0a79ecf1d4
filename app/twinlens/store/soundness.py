"""What a healthy database looks like, down to the values. Runs at open and where damage is feared.

SQLite checks the structure of its file; random bytes inside a value pass. So the values are looked
at too: their types, their lengths, the references, the length of the descriptors.
"""

import sqlite3
from pathlib import Path

import numpy as np

from twinlens.store import embeddings
from twinlens.store.folders import roots

#: SQLite's report is cut after so many lines.
MOST = 20

#: Where our files have always the same bytes (https://www.sqlite.org/fileformat2.html, 1.3): the
#: name, versions of the format and of the schema's, no auto-vacuum, UTF-8.
_FIXED = (
    (0, (b"SQLite format 3\0",)),
    (18, (b"\1\1", b"\2\2")),
    (44, (b"\0\0\0\0", b"\0\0\0\4")),
    (52, (b"\0\0\0\0",)),
    (56, (b"\0\0\0\0", b"\0\0\0\1")),
    (64, (b"\0\0\0\0\0\0\0\0",)),
)
_HEADER = 100

#: Statements that count rows no version of Twinlens has written.
_ODD_ROWS = {
    "files": "typeof(folder) <> 'blob' OR typeof(name) <> 'blob' OR length(name) = 0"
    " OR typeof(size) <> 'integer' OR typeof(mtime_ns) <> 'integer'",
    "photos": "typeof(hash) <> 'blob' OR length(hash) <> 32 OR typeof(width) <> 'integer'"
    " OR typeof(height) <> 'integer' OR typeof(size) <> 'integer' OR typeof(format) <> 'text'",
    "embeddings JOIN models USING (model)": "typeof(vector) <> 'blob' OR length(vector) <> 2 * dim",
    "changes": "typeof(seq) <> 'integer'",
    "decisions": "typeof(key) <> 'blob' OR typeof(body) <> 'text' OR typeof(at) <> 'real'",
}
_TEXTS = (
    "SELECT value FROM meta",
    "SELECT key, label FROM volumes",
    "SELECT model_id, name FROM models",
    "SELECT kind, body FROM decisions",
    "SELECT format, taken, camera, lens FROM photos",
    "SELECT code, reason, hint FROM files WHERE code IS NOT NULL",
)


def header_problem(path: Path) -> str:
    """Return what is wrong with the first bytes of a database file; "" where it is new or fine."""
    try:
        with path.open("rb") as stream:
            header = stream.read(_HEADER)
    except OSError:
        # Absent is new; what cannot be read SQLite says better.
        return ""
    if len(header) < _HEADER:
        return "" if not header else "its first page is cut off"
    for offset, allowed in _FIXED:
        if not any(header.startswith(value, offset) for value in allowed):
            return f"byte {offset} of its header is none that Twinlens writes"
    return ""


def problems(connection: sqlite3.Connection, *, descriptors: bool) -> list[str]:
    """Return what is wrong with a database; empty is healthy.

    Args:
        descriptors: also read every text and every descriptor, the bulk of the file.

    Raises:
        StoreDamagedError: it is so damaged that it cannot be looked at.
    """
    rows = connection.execute(f"PRAGMA integrity_check({MOST})").fetchall()
    # One row may hold several findings below a heading.
    lines = [line for row in rows for line in str(row[0]).splitlines()]
    found = [line for line in lines if line != "ok" and not line.startswith("***")]
    if found:
        return found
    dangling = connection.execute("PRAGMA foreign_key_check").fetchone()
    if dangling is not None:
        found.append(f"a row of {dangling[0]} refers to one of {dangling[2]} that is not there")
    for table, odd in _ODD_ROWS.items():
        count = connection.execute(f"SELECT COUNT(*) FROM {table} WHERE {odd}").fetchone()[0]
        if count:
            found.append(f"{count} rows of {table.partition(' ')[0]} hold values of a wrong kind")
    roots(connection)
    if descriptors and not found:
        _read_all(connection)
    return found


def _read_all(connection: sqlite3.Connection) -> None:
    """Read every text and every descriptor; what is none raises by itself."""
    for statement in _TEXTS:
        for _ in connection.execute(statement):
            pass
    models = connection.execute("SELECT model FROM models").fetchall()
    for (model,) in models:
        ids = connection.execute("SELECT photo_id FROM embeddings WHERE model = ?", (model,))
        every = np.fromiter((row[0] for row in ids), dtype=np.int64)
        for _ in embeddings.stream(connection, model, every):
            pass
