"""Decisions survive the loss of the database, of the journal, and a kill between the two."""

import sqlite3
from pathlib import Path

import pytest

from tests.unit.store.conftest import Shelf
from twinlens.errors import LibraryError
from twinlens.store import decisions
from twinlens.store.database import FILE_NAME, Database


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / decisions.FILE_NAME


def decide(database: Database, journal: Path, key: str, body: str | None) -> None:
    with database.transaction() as connection:
        decisions.decide(connection, journal, "kind", key, body)


def held(database: Database) -> dict[str, str | None]:
    return {d.key: d.body for d in decisions.decisions(database.connection(), "kind")}


def test_a_new_database_gets_everything_back(shelf: Shelf, journal: Path, tmp_path: Path) -> None:
    decide(shelf.database, journal, "a", "1")
    decide(shelf.database, journal, "b\udcff", "2")
    decide(shelf.database, journal, "a", "3")
    decide(shelf.database, journal, "gone", "4")
    decide(shelf.database, journal, "gone", None)
    new = Database(tmp_path / f"new-{FILE_NAME}")
    assert len(decisions.catch_up(new, journal)) == 5
    assert held(new) == {"a": "3", "b\udcff": "2"} == held(shelf.database)
    assert decisions.catch_up(new, journal) == []
    new.close()


def test_a_line_whose_transaction_was_lost_is_read_in(shelf: Shelf, journal: Path) -> None:
    decide(shelf.database, journal, "a", "1")

    def die_before_commit() -> None:
        with shelf.database.transaction() as connection:
            decisions.decide(connection, journal, "kind", "b", "2")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        die_before_commit()
    assert held(shelf.database) == {"a": "1"}
    assert [d.key for d in decisions.catch_up(shelf.database, journal)] == ["b"]
    assert held(shelf.database) == {"a": "1", "b": "2"}


def test_a_torn_line_is_passed_over_and_swallows_nothing(
    shelf: Shelf, journal: Path, tmp_path: Path
) -> None:
    decide(shelf.database, journal, "a", "1")
    with journal.open("ab") as stream:
        stream.write(b'{"kind": "kind", "key": "to')
    assert decisions.catch_up(shelf.database, journal) == []
    decide(shelf.database, journal, "b", "2")
    new = Database(tmp_path / f"new-{FILE_NAME}")
    decisions.catch_up(new, journal)
    assert held(new) == {"a": "1", "b": "2"}
    new.close()


@pytest.mark.parametrize("keep", [0, 10])
def test_a_lost_or_cut_journal_is_written_anew(shelf: Shelf, journal: Path, keep: int) -> None:
    decide(shelf.database, journal, "a", "1")
    decide(shelf.database, journal, "b", "2")
    journal.write_bytes(journal.read_bytes()[:keep])
    decisions.catch_up(shelf.database, journal)
    new = Database(journal.with_name("other.sqlite3"))
    decisions.catch_up(new, journal)
    assert held(new) == {"a": "1", "b": "2"}
    new.close()


@pytest.mark.parametrize(
    "line",
    [
        b'{"kind": "kind", "key": "/a\\ud800", "body": "[]", "at": 1}',
        b'{"kind": "kind", "key": "x", "body": "\\ud800", "at": 1}',
        b'{"kind": "kind", "key": "x", "body": "[]", "at": NaN}',
        b'{"kind": "kind", "key": "x", "body": "[]", "at": 1e999}',
        b'{"kind": "kind", "key": "x", "body": "[]", "at": 1' + b"0" * 400 + b"}",
        b'{"kind": "kind", "key": "x", "body": [], "at": 1}',
        b'{"kind": "kind", "key": 7, "body": "[]", "at": 1}',
        b'{"kind": null, "key": "x", "body": "[]", "at": 1}',
        b'["kind", "key", "body", 1]',
        b"[" * 100_000,
        b"\xff\xfe\x00",
        b"null",
    ],
)
def test_an_odd_line_is_passed_over(
    shelf: Shelf, journal: Path, tmp_path: Path, line: bytes
) -> None:
    decide(shelf.database, journal, "a", "1")
    with journal.open("ab") as stream:
        stream.write(line + b"\n")
    decide(shelf.database, journal, "b", "2")
    new = Database(tmp_path / f"new-{FILE_NAME}")
    assert [d.key for d in decisions.catch_up(new, journal)] == ["a", "b"]
    assert held(new) == {"a": "1", "b": "2"}
    new.close()


def test_what_is_read_back_is_acted_on_or_read_back_again(
    shelf: Shelf, journal: Path, tmp_path: Path
) -> None:
    decide(shelf.database, journal, "a", "1")
    new = Database(tmp_path / f"new-{FILE_NAME}")

    def die(_connection: sqlite3.Connection, _read_back: list[decisions.Decision]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        decisions.catch_up(new, journal, die)
    seen: list[str] = []
    decisions.catch_up(new, journal, lambda _, read_back: seen.extend(d.key for d in read_back))
    assert seen == ["a"]
    new.close()


def test_a_journal_that_is_no_file_is_a_sentence(shelf: Shelf, journal: Path) -> None:
    journal.mkdir()
    with pytest.raises(LibraryError, match=r"decisions\.jsonl cannot be read or written"):
        decisions.catch_up(shelf.database, journal)
    with pytest.raises(LibraryError, match="cannot be read or written"):
        decide(shelf.database, journal, "a", "1")
    assert held(shelf.database) == {}
