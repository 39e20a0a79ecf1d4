"""Change sets: what each kind of change costs and is told as."""

import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support import encoded, picture
from tests.unit.ingest.shelf import Shelf, never, on_open
from twinlens.ingest.runner import RIPE
from twinlens.records import FolderState
from twinlens.reports import ChangeEvent, ChangeKind


def told(events: list[ChangeEvent]) -> list[tuple[str, str, str | None]]:
    return sorted(
        (item.event.value, item.path.name, item.source.name if item.source else None)
        for item in events
    )


def test_new_file_is_added(shelf: Shelf) -> None:
    path = shelf.put("a.png", 1)
    assert told(shelf.apply(files=[path])) == [("added", "a.png", None)]
    assert shelf.paths() == ["a.png"]
    assert shelf.agrees()


def test_same_event_twice_changes_nothing(shelf: Shelf) -> None:
    path = shelf.put("a.png", 1)
    shelf.apply(files=[path])
    seq = shelf.database.seq
    assert shelf.apply(files=[path]) == []
    assert shelf.database.seq == seq


def test_changed_and_deleted_files(shelf: Shelf) -> None:
    a, b = shelf.put("a.png", 1), shelf.put("b.png", 2)
    shelf.update()
    shelf.put("a.png", 3)
    b.unlink()
    events = shelf.apply(files=[a], gone=[b])
    assert told(events) == [("removed", "b.png", None), ("updated", "a.png", None)]
    assert shelf.index.count == 1


def test_deletion_is_believed_only_if_the_file_is_gone(shelf: Shelf) -> None:
    path = shelf.put("a.png", 1)
    shelf.update()
    assert shelf.apply(gone=[path]) == []
    assert shelf.paths() == ["a.png"]


def test_new_file_that_is_gone_already_is_no_event(shelf: Shelf) -> None:
    assert shelf.apply(files=[shelf.folder / "a.png"]) == []


def test_reported_move_is_a_rename_without_reading(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shelf.put("a.png", 1)
    shelf.update()
    photo = shelf.photo_at(path)
    target = shelf.folder / "b.png"
    path.rename(target)
    on_open(monkeypatch, shelf.folder, never)
    events = shelf.apply(gone=[path], files=[target], moves=[(path, target)])
    assert told(events) == [("renamed", "b.png", "a.png")]
    assert shelf.photo_at(target) == photo
    assert shelf.agrees()


def test_reported_move_of_a_folder_reads_nothing(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        shelf.put(f"old/deep/{number}.png", number)
    shelf.update()
    old, new = shelf.folder / "old", shelf.folder / "new"
    old.rename(new)
    on_open(monkeypatch, shelf.folder, never)
    events = shelf.apply(gone=[old], folders=[new], moves=[(old, new)])
    assert [item.event for item in events] == [ChangeKind.RENAMED] * 3
    assert events[0].source == old / "deep" / events[0].path.name
    assert shelf.paths() == [f"new/deep/{number}.png" for number in range(3)]


def test_unreported_move_is_a_rename_without_inference(shelf: Shelf) -> None:
    path = shelf.put("a.png", 1)
    shelf.update()
    runs = shelf.session.runs
    target = shelf.folder / "b.png"
    path.rename(target)
    events = shelf.apply(gone=[path], files=[target])
    assert told(events) == [("renamed", "b.png", "a.png")]
    assert shelf.session.runs == runs


def test_move_seen_in_two_parts_costs_no_inference(shelf: Shelf) -> None:
    path = shelf.put("a.png", 1)
    shelf.update()
    photo, runs = shelf.photo_at(path), shelf.session.runs
    target = shelf.folder / "b.png"
    path.rename(target)
    assert told(shelf.apply(gone=[path])) == [("removed", "a.png", None)]
    assert told(shelf.apply(files=[target])) == [("added", "b.png", None)]
    assert (shelf.photo_at(target), shelf.session.runs) == (photo, runs)
    assert shelf.agrees()


def test_move_over_another_photo_replaces_it(shelf: Shelf) -> None:
    a, b = shelf.put("a.png", 1), shelf.put("b.png", 2)
    shelf.update()
    photo = shelf.photo_at(a)
    a.replace(b)
    shelf.apply(gone=[a], files=[b], moves=[(a, b)])
    assert shelf.photo_at(b) == photo
    assert shelf.index.labels().tolist() == [photo]


def test_swap_of_two_files_alike_from_outside_is_noticed(shelf: Shelf) -> None:
    a, b = shelf.folder / "a.bmp", shelf.folder / "b.bmp"
    for path, seed in ((a, 1), (b, 2)):
        path.write_bytes(encoded(picture(seed), "BMP"))
        os.utime(path, (5, 5))
    shelf.update()
    of_a, of_b = shelf.photo_at(a), shelf.photo_at(b)
    a.rename(shelf.folder / "t")
    b.rename(a)
    (shelf.folder / "t").rename(b)
    shelf.apply(files=[a, b], moves=[(a, b), (b, a)])
    assert (shelf.photo_at(a), shelf.photo_at(b)) == (of_b, of_a)


def test_folder_that_came_is_scanned_and_one_that_went_forgotten(shelf: Shelf) -> None:
    shelf.put("in/1.png", 1)
    shelf.put("in/deep/2.png", 2)
    events = shelf.apply(folders=[shelf.folder / "in"])
    assert len(events) == 2
    (shelf.folder / "in").rename(shelf.tmp_path / "out")
    events = shelf.apply(gone=[shelf.folder / "in"])
    assert [item.event for item in events] == [ChangeKind.REMOVED] * 2
    assert shelf.index.count == 0


def test_moving_into_the_trash_removes_and_restoring_is_free(shelf: Shelf) -> None:
    path = shelf.put("a.png", 1)
    shelf.update()
    runs = shelf.session.runs
    trash = shelf.folder / ".Trash-1000" / "a.png"
    trash.parent.mkdir()
    path.rename(trash)
    events = shelf.apply(gone=[path], files=[trash], moves=[(path, trash)])
    assert told(events) == [("removed", "a.png", None)]
    trash.rename(path)
    events = shelf.apply(gone=[trash], files=[path], moves=[(trash, path)])
    assert told(events) == [("added", "a.png", None)]
    assert shelf.session.runs == runs


def test_paths_left_out_are_ignored(shelf: Shelf) -> None:
    inside = shelf.put("@eaDir/a.png", 1)
    outside = shelf.put("a.png", 2, folder=shelf.tmp_path / "other")
    hidden = shelf.put(".a.png", 3)
    assert shelf.apply(files=[inside, outside, hidden], folders=[inside.parent]) == []
    assert shelf.paths() == []


def test_lost_events_are_made_up_for(shelf: Shelf) -> None:
    keep, gone = shelf.put("a.png", 1), shelf.put("b.png", 2)
    shelf.update()
    gone.unlink()
    shelf.put("c.png", 3)
    events = shelf.apply(roots=[shelf.folder])
    assert told(events) == [("added", "c.png", None), ("removed", "b.png", None)]
    assert keep.name in shelf.paths()


def test_root_that_goes_is_offline_not_deleted(shelf: Shelf) -> None:
    path = shelf.put("a.png", 1)
    shelf.update()
    shelf.folder.rename(shelf.tmp_path / "away")
    assert shelf.apply(gone=[path, shelf.folder]) == []
    assert shelf.index.count == 1
    assert shelf.state() is FolderState.OFFLINE


def test_folder_takes_the_place_of_a_file_and_the_other_way_round(shelf: Shelf) -> None:
    for reported in ("gone", "files", "folders"):
        path = shelf.put("1.png", 1)
        report: dict[str, Any] = {reported: [path]}
        shelf.update()
        path.unlink()
        path.mkdir()
        shelf.put("1.png/inside.png", 2)
        events = shelf.apply(**report)
        assert sorted(told(events)) == [("added", "inside.png", None), ("removed", "1.png", None)]
        assert shelf.paths() == ["1.png/inside.png"]
        assert shelf.agrees()

        path.rename(shelf.tmp_path / reported)
        shelf.put("1.png", 1)
        events = shelf.apply(**report)
        assert sorted(told(events)) == [("added", "1.png", None), ("removed", "inside.png", None)]
        assert shelf.paths() == ["1.png"]
        path.unlink()
        shelf.update()


def test_seconds_run_from_the_event(shelf: Shelf) -> None:
    """Also where the event is about a folder, or about what went."""
    shelf.put("away/a.png", 1)
    shelf.put("gone.png", 2)
    shelf.put("left/b.png", 3)
    shelf.update()
    (shelf.folder / "away").rename(shelf.tmp_path / "away")
    (shelf.folder / "gone.png").unlink()
    (shelf.folder / "left").rename(shelf.folder / "right")
    new = shelf.put("new/c.png", 4).parent
    events = shelf.apply(
        gone=[shelf.folder / "away", shelf.folder / "gone.png", shelf.folder / "left"],
        folders=[new, shelf.folder / "right"],
        at=time.monotonic() - 100,
    )
    assert sorted(event for event, _, _ in told(events)) == [
        "added", "removed", "removed", "renamed"
    ]  # fmt: skip
    assert all(100 <= item.seconds < 200 for item in events)


def test_move_to_another_root_is_a_rename_although_half_of_it_is_reported(shelf: Shelf) -> None:
    other = shelf.tmp_path / "other"
    other.mkdir()
    shelf.add_root(other)
    path = shelf.put("a.png", 1)
    kept = shelf.put("b.png", 2)
    shelf.update()
    path.rename(other / "a.png")
    (event,) = shelf.apply(files=[other / "a.png"])
    assert (event.event, event.path, event.source) == ("renamed", other / "a.png", path)
    assert shelf.apply(gone=[path]) == []
    shutil.copy(kept, other / "b.png")
    assert told(shelf.apply(files=[other / "b.png"])) == [("added", "b.png", None)]


def test_photo_that_may_not_be_looked_at_is_not_taken_for_moved(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = shelf.put("hidden/a.png", 1)
    shelf.update()
    shutil.copy(hidden, shelf.folder / "copy.png")
    plain = Path.lstat

    def refuse(path: Path) -> os.stat_result:
        if path == hidden:
            raise PermissionError(path)
        return plain(path)

    monkeypatch.setattr(Path, "lstat", refuse)
    events = shelf.apply(files=[shelf.folder / "copy.png"])
    assert told(events) == [("added", "copy.png", None)]


def test_half_written_file_fails_and_is_read_once_whole(shelf: Shelf) -> None:
    path = shelf.folder / "a.png"
    data = encoded(picture(1))
    path.write_bytes(data[:1000])
    assert told(shelf.apply(files=[path])) == [("failed", "a.png", None)]
    path.write_bytes(data)
    assert told(shelf.apply(files=[path])) == [("added", "a.png", None)]


def test_file_that_may_still_arrive_is_told_of_once_it_is_older(shelf: Shelf) -> None:
    """Copies of it are no other case, and a photo stays while it is written over."""
    data = encoded(picture(1))
    good = shelf.put("good.png", 2)
    shelf.update()
    paths = [shelf.folder / "a.png", shelf.folder / "b.png", good]
    for path in paths:
        path.write_bytes(data[:1000])
    waiting: list[tuple[bytes, float, float]] = []

    def again(path: bytes, at: float, delay: float) -> None:
        assert 0 < delay <= RIPE
        waiting.append((path, at, delay))

    assert shelf.apply(files=paths, again=again, at=50.0) == []
    assert sorted(path for path, _, _ in waiting) == sorted(map(os.fsencode, paths))
    assert {at for _, at, _ in waiting} == {50.0}
    assert shelf.failures() == []
    assert shelf.paths() == ["good.png"]

    waiting.clear()
    for path in paths[1:]:
        os.utime(path, (time.time() - RIPE, time.time() - RIPE))
    paths[0].write_bytes(data)
    events = shelf.apply(files=paths, again=again)
    assert sorted(told(events)) == [
        ("added", "a.png", None), ("failed", "b.png", None), ("failed", "good.png", None)
    ]  # fmt: skip
    assert waiting == []
    paths[1].write_bytes(data[:2000])
    assert told(shelf.apply(files=paths[1:2], again=again)) == [("failed", "b.png", None)]


def test_file_of_nested_root_goes_to_it(shelf: Shelf) -> None:
    inner = shelf.folder / "inner"
    path = shelf.put("inner/a.png", 1)
    root = shelf.add_root(inner)
    events = shelf.apply(files=[path])
    assert [Path(item.path) for item in events] == [path]
    assert shelf.photo_at(path) is None
    assert shelf.update().unchanged == 1
    assert root.path == inner
