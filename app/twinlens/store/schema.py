"""The tables of the database and the steps from each version to the next. Runs at open."""

import sqlite3
import uuid
from collections.abc import Callable

#: Stored in `user_version`. A library of a higher version is refused.
VERSION = 2

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- A drive or share. `key` survives a new mount point or drive letter; `mount` is the last one seen.
CREATE TABLE volumes (
    volume_id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    mount BLOB NOT NULL
);

-- A folder the user added; `inside` is its path below the mount point of its volume.
CREATE TABLE roots (
    root_id INTEGER PRIMARY KEY AUTOINCREMENT,
    volume_id INTEGER NOT NULL REFERENCES volumes,
    inside BLOB NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    excludes TEXT NOT NULL DEFAULT '[]',
    UNIQUE (volume_id, inside)
);

-- One row a content. AUTOINCREMENT: an id is an index label and is never used twice.
CREATE TABLE photos (
    photo_id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    format TEXT NOT NULL,
    size INTEGER NOT NULL,
    taken TEXT,
    camera TEXT,
    lens TEXT,
    latitude REAL,
    longitude REAL,
    orphaned_at REAL
);
CREATE INDEX photos_orphaned ON photos (orphaned_at) WHERE orphaned_at IS NOT NULL;
CREATE INDEX photos_taken ON photos (taken);

-- The places where a content lies, and the files that could not be used (photo_id NULL, code set).
CREATE TABLE files (
    file_id INTEGER PRIMARY KEY,
    root_id INTEGER NOT NULL REFERENCES roots,
    folder BLOB NOT NULL,
    name BLOB NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    photo_id INTEGER REFERENCES photos,
    code TEXT,
    reason TEXT,
    hint TEXT,
    UNIQUE (root_id, folder, name),
    CHECK ((photo_id IS NULL) <> (code IS NULL))
);
CREATE INDEX files_photo ON files (photo_id) WHERE photo_id IS NOT NULL;
CREATE INDEX files_code ON files (code) WHERE code IS NOT NULL;

CREATE TABLE models (
    model INTEGER PRIMARY KEY,
    model_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    dim INTEGER NOT NULL
);

-- A rowid table on purpose: the key's own tree then lists ids without touching the vectors.
CREATE TABLE embeddings (
    model INTEGER NOT NULL REFERENCES models,
    photo_id INTEGER NOT NULL REFERENCES photos,
    vector BLOB NOT NULL,
    PRIMARY KEY (model, photo_id)
);

-- The latest state of everything that cannot be recomputed; decisions.jsonl holds its history.
CREATE TABLE decisions (
    kind TEXT NOT NULL,
    key BLOB NOT NULL,
    body TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;
"""

#: Written by triggers, so that nothing that writes can forget it.
_NOTE = (
    "INSERT INTO changes SELECT id, CAST(value AS INTEGER) FROM meta, ({}) WHERE key = 'seq'"
    " AND id IS NOT NULL ON CONFLICT (photo_id) DO UPDATE SET seq = excluded.seq; END;\n"
)
_CHANGES = f"""
-- Photos that came, went, or lie elsewhere; `seq` is the number before that of the transaction.
CREATE TABLE changes (photo_id INTEGER PRIMARY KEY, seq INTEGER NOT NULL);
CREATE INDEX changes_seq ON changes (seq);
CREATE TRIGGER file_came AFTER INSERT ON files BEGIN {_NOTE.format("SELECT NEW.photo_id AS id")}
CREATE TRIGGER file_went AFTER DELETE ON files BEGIN {_NOTE.format("SELECT OLD.photo_id AS id")}
CREATE TRIGGER file_changed AFTER UPDATE ON files BEGIN {
    _NOTE.format("SELECT OLD.photo_id AS id UNION SELECT NEW.photo_id")
}
CREATE TRIGGER descriptor_came AFTER INSERT ON embeddings BEGIN {
    _NOTE.format("SELECT NEW.photo_id AS id")
}
CREATE TRIGGER descriptor_went AFTER DELETE ON embeddings BEGIN {
    _NOTE.format("SELECT OLD.photo_id AS id")
}
CREATE TRIGGER photo_orphaned AFTER UPDATE OF orphaned_at ON photos
WHEN OLD.orphaned_at IS NOT NEW.orphaned_at BEGIN {_NOTE.format("SELECT NEW.photo_id AS id")}
"""


def _make(connection: sqlite3.Connection, statements: str) -> None:
    for statement in statements.split(";\n"):
        if statement.strip():
            connection.execute(statement)


def _create(connection: sqlite3.Connection) -> None:
    _make(connection, _TABLES)
    connection.executemany(
        "INSERT INTO meta VALUES (?, ?)",
        [("library_id", uuid.uuid4().hex), ("seq", "0"), ("decisions_offset", "0")],
    )


def _note_changes(connection: sqlite3.Connection) -> None:
    _make(connection, _CHANGES)


#: Step n takes a database of version n to n + 1.
_STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (_create, _note_changes)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to `VERSION`, each step in one transaction with the number it reaches."""
    for number, step in enumerate(_STEPS):
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have migrated while this one waited for the lock.
            if version_of(connection) == number:
                step(connection)
                connection.execute(f"PRAGMA user_version = {number + 1}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def version_of(connection: sqlite3.Connection) -> int:
    """Return the schema version of the open database; 0 for a new file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
