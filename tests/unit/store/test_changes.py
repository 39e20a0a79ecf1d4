"""What changed is noted by the database itself, whoever writes."""

import sqlite3
from pathlib import Path

import pytest

from tests.unit.store.conftest import Shelf
from twinlens.store import changes, embeddings, files, photos, schema
from twinlens.store.database import FILE_NAME, Database


def test_each_change_of_a_photo_is_told_once_it_is_written(shelf: Shelf) -> None:
    one, other = shelf.put("one.jpg", "one"), shelf.put("other.jpg", "other")
    seq, found = changes.since(shelf.database.connection(), 0)
    assert (seq, found.tolist()) == (shelf.database.seq, [one, other])

    def told() -> list[int]:
        nonlocal seq
        seq, found = changes.since(shelf.database.connection(), seq)
        assert changes.since(shelf.database.connection(), seq)[1].tolist() == []
        ids: list[int] = found.tolist()
        return ids

    assert told() == []
    row = files.file_at(shelf.database.connection(), shelf.root_id, b"", b"one.jpg")
    assert row is not None
    with shelf.database.transaction() as connection:
        files.touch_file(connection, row.file_id, 100, 2)
    assert told() == [one]
    with shelf.database.transaction() as connection:
        files.put_file(connection, shelf.root_id, b"", b"other.jpg", 100, 1, one)
    assert told() == [one, other]
    with shelf.database.transaction() as connection:
        files.put_failure(connection, shelf.root_id, b"", b"other.jpg", 1, 1, "odd", "", "")
    assert told() == [one]
    with shelf.database.transaction() as connection:
        photos.settle_orphans(connection, [one, other], now=1.0)
    assert told() == [other]
    with shelf.database.transaction() as connection:
        photos.drop_orphans(connection, before=2.0)
    assert told() == [other]
    with shelf.database.transaction() as connection:
        files.remove_files(connection, [row.file_id])
    assert told() == [one]
    with shelf.database.transaction() as connection:
        embeddings.drop_model(connection, shelf.model)
    assert told() == [one]


def test_a_file_that_takes_the_place_of_another_changes_both_photos(shelf: Shelf) -> None:
    one, other = shelf.put("one.jpg", "one"), shelf.put("other.jpg", "other")
    seq = shelf.database.seq
    row = files.file_at(shelf.database.connection(), shelf.root_id, b"", b"one.jpg")
    assert row is not None
    with shelf.database.transaction() as connection:
        files.move_file(connection, row.file_id, shelf.root_id, b"", b"other.jpg")
    assert changes.since(shelf.database.connection(), seq)[1].tolist() == [one, other]


def test_what_another_process_writes_is_told(shelf: Shelf) -> None:
    photo_id = shelf.put("one.jpg", "one")
    seq = shelf.database.seq
    beside = Database(shelf.database.path)
    with beside.transaction() as connection:
        connection.execute("DELETE FROM files")
    beside.close()
    assert changes.since(shelf.database.connection(), seq)[1].tolist() == [photo_id]


def test_what_is_taken_back_is_not_told(shelf: Shelf) -> None:
    shelf.put("one.jpg", "one")
    seq = shelf.database.seq

    def fail_half_way() -> None:
        with shelf.database.transaction() as connection:
            connection.execute("DELETE FROM files")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    now, found = changes.since(shelf.database.connection(), seq)
    assert (now, found.tolist()) == (seq, [])


def test_a_library_that_noted_no_changes_does_so_from_now_on(shelf: Shelf, tmp_path: Path) -> None:
    photo_id = shelf.put("one.jpg", "one")
    shelf.database.close()
    with sqlite3.connect(shelf.database.path) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in names.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DROP TABLE changes")
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    again = Database(shelf.database.path)
    assert schema.version_of(again.connection()) == schema.VERSION
    assert (tmp_path / f"{Path(FILE_NAME).stem}-version-1.sqlite3").exists()
    assert again.check() == []
    seq, found = changes.since(again.connection(), 0)
    assert found.tolist() == []
    with again.transaction() as connection:
        connection.execute("DELETE FROM files")
    assert changes.since(again.connection(), seq)[1].tolist() == [photo_id]
    again.close()


def test_live_and_repeated_photos_can_be_asked_about_some(shelf: Shelf) -> None:
    one, other = shelf.put("one.jpg", "one"), shelf.put("other.jpg", "other")
    shelf.put("again.jpg", "other")
    connection = shelf.database.connection()
    assert embeddings.live_ids(connection, shelf.model, [one, 99]).tolist() == [one]
    assert embeddings.live_ids(connection, shelf.model).tolist() == [one, other]
    assert files.repeated(connection, [one]).tolist() == []
    assert files.repeated(connection, [one, other]).tolist() == [other]
    assert files.repeated(connection).tolist() == [other]
