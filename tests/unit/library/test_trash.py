"""Files go to the trash and come back; what cannot go stays and is named."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from send2trash import send2trash

from twinlens.errors import AppError
from twinlens.library import trash
from twinlens.store import decisions
from twinlens.store.database import FILE_NAME, Database

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the trash of other systems")


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    # The library reads the variable once, at import.
    monkeypatch.setattr("send2trash.plat_other.HOMETRASH_B", os.fsencode(tmp_path / "data/Trash"))
    (tmp_path / "library").mkdir()
    opened = Database(tmp_path / "library" / FILE_NAME)
    yield opened
    opened.close()


def journal(tmp_path: Path) -> Path:
    return tmp_path / "library" / "decisions.jsonl"


def photo(tmp_path: Path, name: str, content: str = "x") -> Path:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    return path


def test_an_act_is_undone_as_a_whole_also_after_a_restart(
    database: Database, tmp_path: Path
) -> None:
    first = photo(tmp_path, "first.jpg", "first")
    files = [photo(tmp_path, f"photos/{name}.jpg", name) for name in ("a", "b")]
    trash.move_to_trash(database, journal(tmp_path), [first])
    report = trash.move_to_trash(database, journal(tmp_path), files)
    assert report.moved == tuple(files)
    assert not report.refused
    assert not any(path.exists() for path in files)
    again = Database(database.path)
    assert sorted(trash.undo(again, journal(tmp_path))) == files
    assert [path.read_text() for path in files] == ["a", "b"]
    assert not first.exists()
    assert trash.undo(again, journal(tmp_path)) == [first]
    assert trash.last_act(again) == []
    again.close()


def test_two_files_of_one_name_come_back_each_to_its_place(
    database: Database, tmp_path: Path
) -> None:
    one = photo(tmp_path, "one/a [x].jpg", "one")
    two = photo(tmp_path, "two/a [x].jpg", "two")
    trash.move_to_trash(database, journal(tmp_path), [one])
    trash.move_to_trash(database, journal(tmp_path), [two])
    trash.undo(database, journal(tmp_path))
    trash.undo(database, journal(tmp_path))
    assert (one.read_text(), two.read_text()) == ("one", "two")


def test_a_name_taken_meanwhile_is_not_overwritten(database: Database, tmp_path: Path) -> None:
    path = photo(tmp_path, "a.jpg", "old")
    trash.move_to_trash(database, journal(tmp_path), [path])
    path.write_text("new")
    with pytest.raises(AppError, match="another file has its name"):
        trash.undo(database, journal(tmp_path))
    assert path.read_text() == "new"


def test_an_emptied_trash_is_said(database: Database, tmp_path: Path) -> None:
    path = photo(tmp_path, "a.jpg")
    trash.move_to_trash(database, journal(tmp_path), [path])
    Path(trash.last_act(database)[0].place).unlink()
    with pytest.raises(AppError, match="not in the trash any more"):
        trash.undo(database, journal(tmp_path))


def test_without_a_trash_the_file_stays(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = photo(tmp_path, "a.jpg")
    monkeypatch.setattr(trash, "can_trash", lambda _path: False)
    report = trash.move_to_trash(database, journal(tmp_path), [path])
    assert path.exists()
    assert report.moved == ()
    assert report.refused[0][0] == path
    assert "no trash" in report.refused[0][1]


@pytest.mark.parametrize("body", ["null", "[", '{"act": 1}', '{"act": 1, "path": 2, "place": 3}'])
def test_an_entry_that_is_none_is_passed_over(
    database: Database, tmp_path: Path, body: str
) -> None:
    path = photo(tmp_path, "a.jpg")
    trash.move_to_trash(database, journal(tmp_path), [path])
    with database.transaction() as connection:
        decisions.decide(connection, journal(tmp_path), trash.KIND, "odd", body)
    assert [item.path for item in trash.last_act(database)] == [str(path)]


class Killed(BaseException):
    """Stands for the end of the process."""


def test_a_kill_before_the_move_leaves_nothing_to_undo(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = photo(tmp_path, "a.jpg", "a")

    def killed(_path: str) -> None:
        raise Killed

    monkeypatch.setattr(trash, "send2trash", killed)
    with pytest.raises(Killed):
        trash.move_to_trash(database, journal(tmp_path), [path])
    assert trash.undo(database, journal(tmp_path)) == []
    assert path.read_text() == "a"
    assert trash.last_act(database) == []


def test_a_kill_after_the_move_is_undone(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The trash holds a namesake of the same path and size, which is none of this act's.
    path = photo(tmp_path, "a.jpg", "1")
    trash.move_to_trash(database, journal(tmp_path), [path])
    photo(tmp_path, "a.jpg", "2")

    def killed(name: str) -> None:
        send2trash(name)
        raise Killed

    monkeypatch.setattr(trash, "send2trash", killed)
    with pytest.raises(Killed):
        trash.move_to_trash(database, journal(tmp_path), [path])
    again = Database(database.path)
    assert trash.undo(again, journal(tmp_path)) == [path]
    assert path.read_text() == "2"
    path.unlink()
    assert trash.undo(again, journal(tmp_path)) == [path]
    assert path.read_text() == "1"
    again.close()
