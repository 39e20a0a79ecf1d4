"""The database opens, migrates, refuses, and keeps transactions whole."""

import sqlite3
import threading
from pathlib import Path

import pytest

from tests.unit.store.conftest import Shelf
from twinlens.errors import LibraryError, LibraryNewerError, StoreDamagedError
from twinlens.store import schema
from twinlens.store.database import FILE_NAME, Database, move_aside, set_meta


def test_a_new_library_has_an_identity_that_stays(tmp_path: Path) -> None:
    first = Database(tmp_path / FILE_NAME)
    identity = first.library_id
    first.close()
    second = Database(tmp_path / FILE_NAME)
    assert len(identity) == 32
    assert second.library_id == identity
    second.close()


def test_two_libraries_differ_in_identity(tmp_path: Path) -> None:
    a, b = Database(tmp_path / "a.sqlite3"), Database(tmp_path / "b.sqlite3")
    assert a.library_id != b.library_id
    a.close()
    b.close()


def test_a_newer_library_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    Database(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LibraryNewerError, match="newer version"):
        Database(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database at all" * 500, b"\0" * 70_000])
def test_garbage_is_called_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(content)
    with pytest.raises(StoreDamagedError, match=r"library\.sqlite3 is damaged"):
        Database(path)


def test_overwritten_pages_are_found_by_the_check(shelf: Shelf) -> None:
    for number in range(200):
        shelf.put(f"{number}.jpg", f"content {number}")
    shelf.database.checkpoint()
    path = shelf.database.path
    shelf.database.close()
    data = bytearray(path.read_bytes())
    data[3 * 16384 : 6 * 16384] = b"\x5a" * (3 * 16384)
    path.write_bytes(data)
    try:
        damaged = Database(path)
        assert damaged.check()
        damaged.close()
    except StoreDamagedError:
        pass


def test_moving_aside_keeps_the_damaged_file_and_its_log(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(b"damaged")
    path.with_name(FILE_NAME + "-wal").write_bytes(b"log")
    kept = move_aside(path)
    assert not path.exists()
    assert kept.read_bytes() == b"damaged"
    assert kept.with_name(kept.name + "-wal").read_bytes() == b"log"
    path.write_bytes(b"again")
    assert move_aside(path) != kept


def test_a_failed_transaction_leaves_nothing_and_takes_no_seq(shelf: Shelf) -> None:
    before = shelf.database.seq

    def fail_half_way() -> None:
        with shelf.database.transaction() as connection:
            set_meta(connection, "half", "done")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert shelf.database.meta("half") is None
    assert shelf.database.seq == before


def test_seq_grows_with_changes_only(shelf: Shelf) -> None:
    before = shelf.database.seq
    with shelf.database.transaction():
        pass
    assert shelf.database.seq == before
    with shelf.database.transaction() as connection:
        set_meta(connection, "a", "b")
    assert shelf.database.seq == before + 1


def test_threads_see_each_others_commits(shelf: Shelf) -> None:
    seen: list[str | None] = []

    def read() -> None:
        seen.append(shelf.database.meta("word"))

    version = shelf.database.data_version()
    other = Database(shelf.database.path)
    with other.transaction() as connection:
        set_meta(connection, "word", "hello")
    other.close()
    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert seen == ["hello"]
    assert shelf.database.data_version() != version


def test_a_library_in_a_missing_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="cannot be used"):
        Database(tmp_path / "no" / "such" / FILE_NAME)


def test_vectors_lie_in_large_pages_and_the_log_is_write_ahead(shelf: Shelf) -> None:
    connection = shelf.database.connection()
    assert connection.execute("PRAGMA page_size").fetchone()[0] == 16384
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
