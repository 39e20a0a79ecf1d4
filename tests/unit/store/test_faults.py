"""Damage is told from other faults at every statement, and noted for the next writer."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.unit.store.conftest import DIM, Shelf
from twinlens.errors import LibraryError, LibraryNewerError, StoreDamagedError
from twinlens.store import embeddings, files, folders, photos, schema
from twinlens.store.database import FILE_NAME, Database
from twinlens.store.faults import is_marked

PAGE = 16384


def spoil(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as stream:
        stream.seek(offset)
        stream.write(data)


def meddle(path: Path, statement: str, *values: object) -> None:
    """Change a closed database behind the back of Twinlens, without its checks."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = 1")
        connection.execute(statement, values)
        connection.commit()


def filled(shelf: Shelf) -> Path:
    """Put some photos on the shelf and close it."""
    for number in range(60):
        shelf.put(f"{number}.jpg", f"content {number}")
    shelf.database.close()
    return shelf.database.path


def read_everything(database: Database, model: int) -> None:
    connection = database.connection()
    folders.roots(connection)
    list(files.failures(connection))
    ids = embeddings.live_ids(connection, model)
    embeddings.fetch(connection, model, ids.tolist())
    photos.paths_of(connection, ids.tolist())
    photos.hashes(connection, ids.tolist())


def test_every_page_with_garbage_is_damage_in_words_or_harmless(shelf: Shelf) -> None:
    path = filled(shelf)
    whole = path.read_bytes()
    chance = random.Random(7)
    found = 0
    for offset in [*range(0, len(whole), PAGE), *range(PAGE - 900, len(whole), PAGE)]:
        path.write_bytes(whole)
        spoil(path, offset, chance.randbytes(800))
        try:
            database = Database(path)
            with closing(database):
                if not database.check(thorough=True):
                    read_everything(database, shelf.model)
                    continue
        except StoreDamagedError:
            pass
        found += 1
        assert is_marked(path)
        path.with_name("damaged").unlink()
    assert found > len(whole) // PAGE // 2


def test_damage_is_met_while_rows_are_read(shelf: Shelf) -> None:
    path = filled(shelf)
    database = Database(path)
    rows = database.connection().execute("SELECT vector FROM embeddings")
    next(iter(rows))
    pages = database.connection().execute("PRAGMA page_count").fetchone()[0]
    database.close()
    for page in range(5, pages):
        spoil(path, page * PAGE, b"\xa5" * 800)
    damaged = Database(path)
    with closing(damaged), pytest.raises(StoreDamagedError, match="is damaged"):
        read_everything(damaged, shelf.model)
    assert is_marked(path)


@pytest.mark.parametrize("offset", [0, 16, 18, 19, 21, 44, 47, 52, 56, 59, 60, 64])
def test_a_damaged_header_is_damage(shelf: Shelf, offset: int) -> None:
    path = filled(shelf)
    spoil(path, offset, b"\x5a")
    with pytest.raises(StoreDamagedError, match=r"library\.sqlite3 is damaged"):
        Database(path)


def test_a_version_that_will_come_is_not_damage(shelf: Shelf) -> None:
    path = filled(shelf)
    meddle(path, f"PRAGMA user_version = {schema.VERSION + 30}")
    with pytest.raises(LibraryNewerError):
        Database(path)
    assert not is_marked(path)


def test_a_version_that_was_lost_is_damage(shelf: Shelf) -> None:
    path = filled(shelf)
    meddle(path, "PRAGMA user_version = 0")
    with pytest.raises(StoreDamagedError):
        Database(path)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE roots SET state = 'dreaming'",
        "UPDATE roots SET excludes = '[\"unfinished'",
        "UPDATE volumes SET label = CAST(x'ff00fe' AS TEXT)",
        "UPDATE photos SET hash = x'0102' WHERE photo_id = 3",
        "UPDATE embeddings SET vector = x'010203' WHERE photo_id = 3",
        "UPDATE files SET photo_id = 4711 WHERE file_id = 3",
        "UPDATE photos SET camera = CAST(x'ff00fe' AS TEXT) WHERE photo_id = 3",
        "DROP TABLE models",
    ],
)
def test_values_that_cannot_be_are_found(shelf: Shelf, statement: str) -> None:
    path = filled(shelf)
    meddle(path, statement)
    with closing(Database(path)) as database:
        assert database.check(thorough=True)
        assert is_marked(path)
        with pytest.raises(StoreDamagedError):
            database.require_sound()


def test_a_descriptor_of_another_length_is_damage(shelf: Shelf) -> None:
    path = filled(shelf)
    odd = np.full(DIM, 300, dtype="<f2").tobytes()
    meddle(path, "UPDATE embeddings SET vector = ? WHERE photo_id = 3", odd)
    with closing(Database(path)) as database:
        with pytest.raises(StoreDamagedError):
            embeddings.fetch(database.connection(), shelf.model, [1, 3])
        assert len(embeddings.fetch(database.connection(), shelf.model, [1, 2])[0]) == 2


def test_a_mark_on_a_sound_database_is_taken_away(shelf: Shelf) -> None:
    shelf.put("a.jpg", "a")
    mark = shelf.database.path.with_name("damaged")
    mark.touch()
    assert shelf.database.check() == []
    assert mark.exists()
    shelf.database.require_sound()
    assert not mark.exists()


def test_our_own_mistakes_stay_mistakes(shelf: Shelf) -> None:
    with pytest.raises(sqlite3.OperationalError, match="syntax error"):
        shelf.database.connection().execute("SELEKT 1")
    with pytest.raises(sqlite3.IntegrityError):
        shelf.database.connection().execute("INSERT INTO meta VALUES ('seq', '1')")
    assert not is_marked(shelf.database.path)


def test_a_folder_in_place_of_the_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(LibraryError, match="cannot be used"):
        Database(tmp_path / FILE_NAME)
    assert not is_marked(tmp_path / FILE_NAME)


def test_reading_only_reads_and_writes_nothing(shelf: Shelf) -> None:
    path = filled(shelf)
    before = {item.name: item.read_bytes() for item in path.parent.iterdir()}
    with closing(Database(path, read_only=True)) as database:
        read_everything(database, shelf.model)
        with pytest.raises(LibraryError, match="cannot be used"), database.transaction() as writing:
            writing.execute("DELETE FROM files")
    assert {item.name: item.read_bytes() for item in path.parent.iterdir()} == before
