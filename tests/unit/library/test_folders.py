"""Folders are added, forgotten, and come back from the decisions."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from twinlens.library import folders
from twinlens.records import FolderState, Metadata
from twinlens.store import decisions, files, photos
from twinlens.store import folders as stored
from twinlens.store.database import FILE_NAME, Database


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    folder.mkdir()
    return folder


@pytest.fixture
def database(library: Path) -> Iterator[Database]:
    opened = Database(library / FILE_NAME)
    yield opened
    opened.close()


def journal(library: Path) -> Path:
    return library / decisions.FILE_NAME


def restored(library: Path) -> dict[Path, tuple[str, ...]]:
    """Return the folders, and what they leave out, that a new database learns of."""
    new = Database(library / f"new-{FILE_NAME}")
    decisions.catch_up(new, journal(library), folders.restore_folders)
    found = {root.path: root.excludes for root in stored.roots(new.connection())}
    new.close()
    new.path.unlink()
    return found


def say(library: Path, key: str, body: str | None) -> None:
    line = json.dumps({"kind": "folder", "key": key, "body": body, "at": 1.0})
    with journal(library).open("a") as stream:
        stream.write(line + "\n")


def put(database: Database, root: stored.Root, relative: str) -> None:
    """Record a photo at a place below a root."""
    folder, _, name = relative.rpartition("/")
    with database.transaction() as connection:
        photo_id = photos.put_photo(
            connection, relative.encode().ljust(32), 40, 30, "JPEG", 1, Metadata()
        )
        files.put_file(connection, root.root_id, folder.encode(), name.encode(), 1, 1, photo_id)


def places(database: Database) -> list[tuple[int, bytes, bytes]]:
    roots = stored.roots(database.connection())
    return sorted(
        (root.root_id, row.folder, row.name)
        for root in roots
        for row in files.files_below(database.connection(), root.root_id, b"")
    )


def test_folders_come_back_with_what_they_leave_out_there_or_not(
    database: Database, library: Path, tmp_path: Path
) -> None:
    here, gone = tmp_path / "here", tmp_path / "gone"
    for folder in (here, gone):
        folder.mkdir()
        folders.add_folder(database, journal(library), folder, ("raw", "*.tif"))
    gone.rename(tmp_path / "unplugged")
    assert restored(library) == {here: ("raw", "*.tif"), gone: ("raw", "*.tif")}


def test_a_folder_that_is_not_there_is_offline(library: Path, tmp_path: Path) -> None:
    say(library, str(tmp_path / "gone" / "deep"), "[]")
    new = Database(library / FILE_NAME)
    decisions.catch_up(new, journal(library), folders.restore_folders)
    assert [item.state for item in folders.list_folders(new)] == [FolderState.OFFLINE]
    new.close()


@pytest.mark.parametrize("key", ["not/absolute", "/nul\0byte", "/a/../b", "", "/" + "x" * 9999])
def test_what_names_no_folder_is_passed_over(library: Path, tmp_path: Path, key: str) -> None:
    say(library, key, "[]")
    say(library, str(tmp_path), "[]")
    assert restored(library) == {tmp_path: ()}


def test_a_file_is_no_folder(library: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    say(library, str(tmp_path / "a.jpg"), "[]")
    assert restored(library) == {}


@pytest.mark.parametrize("body", ["null", "{}", "[1]", "[", "", "[" * 100_000])
def test_patterns_that_are_none_leave_the_earlier_ones(
    library: Path, tmp_path: Path, body: str
) -> None:
    say(library, str(tmp_path), body)
    assert restored(library) == {tmp_path: ()}
    say(library, str(tmp_path), '["raw"]')
    say(library, str(tmp_path), body)
    assert restored(library) == {tmp_path: ("raw",)}


def test_a_decision_whose_transaction_was_lost_is_carried_out(
    database: Database, library: Path, tmp_path: Path
) -> None:
    for name in ("kept", "dropped"):
        (tmp_path / name).mkdir()
        folders.add_folder(database, journal(library), tmp_path / name)
    say(library, str(tmp_path / "kept"), '["raw"]')
    say(library, str(tmp_path / "dropped"), None)
    decisions.catch_up(database, journal(library), folders.restore_folders)
    found = {root.path: root.excludes for root in stored.roots(database.connection())}
    assert found == {tmp_path / "kept": ("raw",)}
    assert restored(library) == found


def test_a_folder_nobody_scans_any_more_is_pending(
    database: Database, library: Path, tmp_path: Path
) -> None:
    root = folders.add_folder(database, journal(library), tmp_path)
    with database.transaction() as connection:
        stored.set_root_state(connection, root.root_id, FolderState.SCANNING)
    listed = [folders.list_folders(database, watching=alive)[0].state for alive in (True, False)]
    assert listed == [FolderState.SCANNING, FolderState.PENDING]


def test_the_folder_above_takes_the_files_of_a_forgotten_one(
    database: Database, library: Path, tmp_path: Path
) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    outer = folders.add_folder(database, journal(library), tmp_path / "a", ("raw", "*.tif"))
    inner = folders.add_folder(database, journal(library), tmp_path / "a" / "b")
    for name in ("1.jpg", "2.tif", "raw/3.jpg", "sub/4.jpg"):
        put(database, inner, name)
    gone = folders.forget_folder(database, journal(library), tmp_path / "a" / "b")
    assert places(database) == [
        (outer.root_id, b"b", b"1.jpg"),
        (outer.root_id, b"b/sub", b"4.jpg"),
    ]
    assert sorted(gone) == [name.ljust(32) for name in (b"2.tif", b"raw/3.jpg")]


def test_the_folder_above_takes_nothing_that_it_leaves_out(
    database: Database, library: Path, tmp_path: Path
) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    outer = folders.add_folder(database, journal(library), tmp_path / "a", ("b",))
    inner = folders.add_folder(database, journal(library), tmp_path / "a" / "b")
    put(database, outer, "1.jpg")
    put(database, inner, "2.jpg")
    assert folders.forget_folder(database, journal(library), inner.path) == [b"2.jpg".ljust(32)]
    assert places(database) == [(outer.root_id, b"", b"1.jpg")]
    assert photos.live_count(database.connection()) == 1
