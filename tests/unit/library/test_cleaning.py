"""Cleaning up beside a watcher, and where something stands in the way."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.library.cleaning_place import groups, photo, prepare
from twinlens.errors import LibraryError, UsageError
from twinlens.library import Library, trash
from twinlens.store.database import FILE_NAME

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the trash of other systems")


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """A library of two families, three files each: two of the same bytes, one of other ones."""
    prepare(tmp_path, monkeypatch)
    for family in range(2):
        for number in range(3):
            path = tmp_path / "photos" / f"{family}-{number}.png"
            path.write_bytes(photo(family, number % 2))
    with Library(tmp_path / "library", writer=True) as opened:
        opened.index_folders()
        yield opened


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


ALL = ["0-0.png", "0-1.png", "0-2.png", "1-0.png", "1-1.png", "1-2.png"]


def test_a_watcher_sees_what_goes_and_what_comes_back(library: Library, tmp_path: Path) -> None:
    worker = library.start_watching()
    assert worker.wait_idle(60)
    library.plan(groups(library))
    assert len(library.apply_plan()) == 4
    assert worker.wait_idle(60)
    assert names(tmp_path / "photos") == ["0-0.png", "1-0.png"]
    assert library.stats().files == 2
    library.undo_clean_ups(library.clean_ups())
    assert worker.wait_idle(60)
    assert names(tmp_path / "photos") == ALL
    report = library.verify()
    assert report.ok, report.problems
    assert (report.files, report.photos, report.indexed) == (6, 4, 4)
    library.stop_watching()
    assert worker.error is None


def test_a_drive_without_a_trash_is_told_and_its_file_stays(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.plan(groups(library))
    # It was there when the plan was made.
    monkeypatch.setattr(trash, "can_trash", lambda path: path.name != "0-1.png")
    problems = {o.path.name: o.problem for o in library.apply_plan() if o.path is not None}
    assert "no trash" in problems.pop("0-1.png")
    assert set(problems.values()) == {""}
    assert names(tmp_path / "photos") == ["0-0.png", "0-1.png", "1-0.png"]
    assert library.index_folders().unchanged == 3


def test_a_name_that_is_taken_can_be_asked_for_again(library: Library, tmp_path: Path) -> None:
    library.plan(groups(library))
    library.apply_plan()
    taken = tmp_path / "photos" / "0-1.png"
    taken.write_bytes(b"new")
    undone = library.undo_clean_ups(library.clean_ups())
    assert [o.path for o in undone if o.problem] == [taken]
    assert taken.read_bytes() == b"new"
    (left,) = library.clean_ups()
    assert left.paths == (taken,)
    taken.unlink()
    assert not library.undo_clean_ups([left])[0].problem
    assert taken.read_bytes() == photo(0, 1)
    assert library.clean_ups() == []


def test_an_emptied_trash_is_said_once(library: Library, tmp_path: Path) -> None:
    library.plan(groups(library))
    library.apply_plan()
    for path in (tmp_path / "data" / "Trash" / "files").iterdir():
        path.unlink()
    undone = library.undo_clean_ups(library.clean_ups())
    assert all("not in the trash any more" in outcome.problem for outcome in undone)
    assert library.clean_ups() == []


def test_files_come_back_although_the_database_is_lost(library: Library, tmp_path: Path) -> None:
    library.decide("keep", library.contents_of([tmp_path / "photos" / "1-2.png"]))
    library.plan(groups(library))
    assert len(library.apply_plan()) == 3
    library.close()
    for path in (tmp_path / "library").glob(f"{FILE_NAME}*"):
        path.unlink()
    with Library(tmp_path / "library", writer=True) as again:
        assert len(again.decided().keep) == 1
        assert not any(o.problem for o in again.undo_clean_ups(again.clean_ups()))
        assert names(tmp_path / "photos") == ALL
        again.index_folders()
        assert again.verify().ok


def test_a_keeper_that_is_gone_meanwhile_keeps_its_copies(library: Library, tmp_path: Path) -> None:
    library.plan(groups(library))
    (tmp_path / "photos" / "0-0.png").unlink()
    (tmp_path / "photos" / "1-0.png").write_bytes(photo(7, 7))
    assert all("that stays" in outcome.problem for outcome in library.apply_plan())
    assert names(tmp_path / "photos") == ALL[1:]


@pytest.mark.parametrize(("changed", "stay"), [("0-1.png", 1), ("0-0.png", 2)])
def test_other_bytes_of_the_same_size_and_time_stay(
    library: Library, tmp_path: Path, changed: str, stay: int
) -> None:
    path = tmp_path / "photos" / changed
    facts = path.stat()
    library.plan(groups(library))
    path.write_bytes(bytes(facts.st_size))
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert sum(bool(outcome.problem) for outcome in library.apply_plan()) == stay
    assert path.exists()


def test_what_is_decided_after_the_plan_counts(library: Library, tmp_path: Path) -> None:
    library.plan(groups(library))
    library.decide("keep", library.contents_of([tmp_path / "photos" / "0-1.png"]))
    kept = [o for o in library.apply_plan() if o.problem]
    assert [(o.path, o.problem) for o in kept] == [
        (tmp_path / "photos" / "0-1.png", "you decided to keep it")
    ]


@pytest.mark.parametrize("text", ["", "{}", "[", '{"format": 2, "rows": []}'])
def test_a_plan_that_cannot_be_read_moves_nothing(
    library: Library, tmp_path: Path, text: str
) -> None:
    (tmp_path / "library" / "plan.json").write_text(text)
    with pytest.raises(LibraryError, match="cannot be read"):
        library.apply_plan()
    assert library.discard_plan()
    with pytest.raises(UsageError, match="No plan waits"):
        library.apply_plan()
    assert names(tmp_path / "photos") == ALL


def test_a_name_that_is_no_text_goes_and_comes_back(library: Library, tmp_path: Path) -> None:
    odd = tmp_path / "photos" / "0-\udcff.png"
    odd.write_bytes(photo(0, 5))
    library.index_folders()
    library.plan(groups(library))
    assert not any(outcome.problem for outcome in library.apply_plan())
    assert not odd.exists()
    library.undo_clean_ups(library.clean_ups())
    assert odd.read_bytes() == photo(0, 5)
    assert library.index_folders().unchanged == 7


def test_a_review_is_planned_told_and_undone_under_one_name(
    library: Library, tmp_path: Path
) -> None:
    found = groups(library)
    best = next(m for m in found[0].members if m.path == found[0].best)
    library.decide("keep-one", [best.hash], files=2, review="r")
    reviewed = library.reviewed(found)
    assert [review.settled for review in reviewed] == [False, False]
    assert reviewed[0].fates.count("trash") == 1
    plan = library.plan(found, review="r", suggested=())
    assert len(plan.going) == 1
    told: list[Path | None] = []
    library.apply_plan(tell=lambda outcome: told.append(outcome.path))
    assert told == [plan.going[0].path]
    acts = library.clean_ups()
    assert {act.review for act in acts} == {"r"}
    # Stopped before anything, all can still be asked for.
    library.undo_clean_ups(acts, should_stop=lambda: True)
    assert library.clean_ups() == acts
    library.undo_clean_ups(acts)
    assert library.clean_ups() == []
    assert names(tmp_path / "photos") == ALL
    assert library.reviewed(found)[0].fates == ("", "", "")
