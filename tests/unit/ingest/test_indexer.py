"""Scans: what costs an inference, what is counted as what, what is never removed."""

import os
import shutil
import time
from pathlib import Path
from types import ModuleType

import pytest

from tests.support import encoded, picture
from tests.unit.ingest.shelf import Shelf, never, on_open
from twinlens.errors import DeviceError
from twinlens.imaging.decode import sniff
from twinlens.ingest import comparing, indexer, scanner
from twinlens.records import FailureCode, FolderState
from twinlens.reports import ChangeEvent, ChangeKind
from twinlens.store import embeddings, files, folders, photos


def test_first_scan_makes_every_photo_searchable(shelf: Shelf) -> None:
    shelf.fill(5)
    shelf.put("deep/er/x.png", 9)
    counts = shelf.update()
    assert (counts.added, counts.found) == (6, 6)
    assert shelf.paths()[-1] == "deep/er/x.png"
    assert shelf.agrees()
    assert shelf.state() is FolderState.UP_TO_DATE
    digests = photos.hashes(shelf.database.connection(), shelf.index.labels().tolist())
    assert all(shelf.thumbnails.get(digest) for digest in digests.values())


def test_unchanged_files_cost_no_inference_and_no_read(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.fill(4)
    shelf.update()
    runs = shelf.session.runs
    on_open(monkeypatch, shelf.folder, never)
    counts = shelf.update()
    assert (counts.unchanged, counts.found, counts.removed) == (4, 4, 0)
    assert shelf.session.runs == runs


def test_touched_file_is_unchanged_and_not_embedded_again(shelf: Shelf) -> None:
    path = shelf.put("a.png", 1)
    shelf.update()
    runs = shelf.session.runs
    os.utime(path, (1, 1))
    assert shelf.update().unchanged == 1
    assert shelf.update().unchanged == 1
    assert shelf.session.runs == runs


def test_renamed_file_keeps_its_photo_and_costs_no_inference(shelf: Shelf) -> None:
    path = shelf.put("z/a.png", 1)
    shelf.update()
    photo, runs = shelf.photo_at(path), shelf.session.runs
    target = shelf.folder / "a" / "b.png"
    target.parent.mkdir()
    path.rename(target)
    counts = shelf.update()
    assert (counts.renamed, counts.added, counts.removed, counts.found) == (1, 0, 0, 1)
    assert shelf.photo_at(target) == photo
    assert shelf.session.runs == runs
    assert shelf.agrees()


def test_renamed_folder_is_all_renames(shelf: Shelf) -> None:
    for number in range(5):
        shelf.put(f"old/{number}.png", number)
    shelf.update()
    runs = shelf.session.runs
    (shelf.folder / "old").rename(shelf.folder / "new")
    counts = shelf.update()
    assert (counts.renamed, counts.found, counts.removed) == (5, 5, 0)
    assert shelf.session.runs == runs


def test_copy_is_one_more_file_of_the_same_photo(shelf: Shelf) -> None:
    path = shelf.put("a.png", 1)
    shelf.update()
    runs = shelf.session.runs
    shutil.copy(path, shelf.folder / "b.png")
    counts = shelf.update()
    assert (counts.added, counts.unchanged, counts.renamed) == (1, 1, 0)
    assert shelf.session.runs == runs
    assert shelf.index.count == 1
    assert shelf.paths() == ["a.png", "b.png"]


def test_copies_in_flight_are_embedded_once(shelf: Shelf) -> None:
    for number in range(20):
        shelf.put(f"{number:02d}.png", 7)
    counts = shelf.update()
    assert counts.added == 20
    assert shelf.session.runs == 1
    assert shelf.index.count == 1


def test_copies_of_a_damaged_file_all_fail_for_the_same_reason(shelf: Shelf) -> None:
    data = encoded(picture(1))[:500]
    for number in range(6):
        (shelf.folder / f"{number}.png").write_bytes(data)
    counts = shelf.update()
    assert (counts.failed, counts.found) == (6, 6)
    assert len({(item.code, item.reason) for item in shelf.failures()}) == 1


def test_changed_file_replaces_its_photo(shelf: Shelf) -> None:
    path = shelf.put("a.png", 1)
    shelf.update()
    before = shelf.photo_at(path)
    shelf.put("a.png", 2)
    counts = shelf.update()
    assert (counts.updated, counts.found) == (1, 1)
    assert shelf.photo_at(path) != before
    assert shelf.index.labels().tolist() == [shelf.photo_at(path)]


def test_swapped_names_swap_photos(shelf: Shelf) -> None:
    a, b = shelf.put("a.png", 1), shelf.put("b.png", 2)
    shelf.update()
    of_a, of_b, runs = shelf.photo_at(a), shelf.photo_at(b), shelf.session.runs
    a.rename(shelf.folder / "t.png")
    b.rename(a)
    (shelf.folder / "t.png").rename(b)
    os.utime(a, (5, 5))
    os.utime(b, (6, 6))
    shelf.update()
    assert (shelf.photo_at(a), shelf.photo_at(b)) == (of_b, of_a)
    assert shelf.session.runs == runs
    assert shelf.agrees()


def test_removed_file_disappears_and_its_return_is_free(shelf: Shelf) -> None:
    paths = shelf.fill(3)
    shelf.update()
    photo, runs, data = shelf.photo_at(paths[0]), shelf.session.runs, paths[0].read_bytes()
    paths[0].unlink()
    counts = shelf.update()
    assert (counts.removed, counts.unchanged, counts.found) == (1, 2, 2)
    assert shelf.index.count == 2
    paths[0].write_bytes(data)
    assert shelf.update().added == 1
    assert shelf.photo_at(paths[0]) == photo
    assert shelf.session.runs == runs
    assert shelf.agrees()


def test_photo_without_a_file_is_dropped_after_a_month(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shelf.put("a.png", 1)
    shelf.update()
    digest = photos.hashes(shelf.database.connection(), [1])[1]
    path.unlink()
    shelf.update()
    assert shelf.thumbnails.get(digest)
    later = time.time() + 31 * 86400
    monkeypatch.setattr(time, "time", lambda: later)
    shelf.update()
    assert shelf.thumbnails.get(digest) is None
    assert photos.photo_by_hash(shelf.database.connection(), digest) is None


def test_removed_folder_disappears(shelf: Shelf) -> None:
    shelf.put("keep.png", 1)
    shelf.put("trip/a.png", 2)
    shelf.put("trip/deep/b.png", 3)
    shelf.update()
    shutil.rmtree(shelf.folder / "trip")
    assert shelf.update().removed == 2
    assert shelf.paths() == ["keep.png"]


def test_vanished_root_is_offline_and_stays_searchable(shelf: Shelf) -> None:
    shelf.fill(3)
    shelf.update()
    hidden = shelf.tmp_path / "elsewhere"
    shelf.folder.rename(hidden)
    counts = shelf.update()
    assert (counts.found, counts.removed) == (0, 0)
    assert shelf.state() is FolderState.OFFLINE
    assert shelf.index.count == 3
    hidden.rename(shelf.folder)
    assert shelf.update().unchanged == 3
    assert shelf.state() is FolderState.UP_TO_DATE


def test_root_that_goes_during_the_scan_loses_nothing(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.put("a/1.png", 1)
    shelf.put("b/2.png", 2)
    shelf.update()
    plain = scanner._list

    def pull_the_plug(*args: object) -> object:
        listing = plain(*args)  # type: ignore[arg-type]
        if shelf.folder.exists():
            shelf.folder.rename(shelf.tmp_path / "gone")
        return listing

    monkeypatch.setattr(scanner, "_list", pull_the_plug)
    assert shelf.update().removed == 0
    assert shelf.paths() == ["a/1.png", "b/2.png"]


@pytest.mark.parametrize(
    ("module", "name"), [(indexer, "attend"), (scanner, "_list")], ids=["before", "during"]
)
def test_root_that_is_forgotten_as_it_is_scanned_is_left_alone(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str
) -> None:
    shelf.fill(3)
    plain = getattr(module, name)

    def forget(*args: object) -> object:
        found = plain(*args)
        with shelf.database.transaction() as connection:
            folders.remove_root(connection, shelf.root.root_id)
        return found

    monkeypatch.setattr(module, name, forget)
    assert shelf.update().added == 0
    assert shelf.index.count == 0
    assert not shelf.roots()


def test_nothing_is_removed_by_an_interrupted_scan(shelf: Shelf) -> None:
    paths = shelf.fill(8)
    shelf.update()
    paths[0].unlink()
    shelf.put("new.png", 99)
    counts = shelf.indexer.update(shelf.roots(), should_stop=lambda: True)
    assert counts.removed == 0
    assert "000.png" in shelf.paths()
    assert shelf.state() is FolderState.PENDING
    assert shelf.update().removed == 1


def test_interrupting_keeps_what_was_done(shelf: Shelf) -> None:
    shelf.fill(40)
    done = 0

    def should_stop() -> bool:
        return shelf.session.runs >= 10

    counts = shelf.indexer.update(shelf.roots(), should_stop=should_stop)
    done = counts.added
    assert 10 <= done < 40
    assert len(shelf.paths()) == done == shelf.index.count
    runs = shelf.session.runs
    counts = shelf.update()
    assert (counts.added, counts.unchanged) == (40 - done, done)
    assert shelf.session.runs == runs + 40 - done


def test_two_roots_one_inside_the_other_count_a_file_once(shelf: Shelf) -> None:
    shelf.put("a.png", 1)
    shelf.put("inner/b.png", 2)
    shelf.add_root(shelf.folder / "inner")
    counts = shelf.update()
    assert counts.added == 2
    assert shelf.paths() == ["a.png", "inner/b.png"]
    assert shelf.update().unchanged == 2


def test_failed_file_is_recorded_and_left_alone_until_it_changes(shelf: Shelf) -> None:
    path = shelf.folder / "a.png"
    path.write_bytes(encoded(picture(1))[:300])
    assert shelf.update().failed == 1
    failure = shelf.failures()[0]
    assert (failure.path, failure.code) == (path, FailureCode.DAMAGED)
    assert failure.reason
    seq = shelf.database.seq
    assert shelf.update().failed == 1
    assert shelf.update(retry=True).failed == 1
    shelf.put("a.png", 1)
    counts = shelf.update()
    assert (counts.added, counts.failed) == (1, 0)
    assert shelf.failures() == []
    assert shelf.database.seq > seq


def test_good_file_that_breaks_is_no_longer_found(shelf: Shelf) -> None:
    path = shelf.put("a.png", 1)
    shelf.update()
    path.write_bytes(path.read_bytes()[:400])
    assert shelf.update().failed == 1
    assert shelf.index.count == 0


def test_files_left_out_are_named_or_counted(shelf: Shelf) -> None:
    shelf.put("ok.png", 1)
    (shelf.folder / "notes.txt").write_text("hello")
    (shelf.folder / "icon.png").write_bytes(encoded(picture(1, 16, 16)))
    (shelf.folder / "clip.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(3000))
    shelf.put(".hidden.png", 2)
    shelf.put("@eaDir/thumb.png", 3)
    (shelf.folder / "link.png").symlink_to(shelf.folder / "ok.png")
    first = shelf.update()
    assert (first.found, first.skipped) == (1, 6)
    codes = {item.path.name: item.code for item in shelf.failures()}
    assert codes == {
        "notes.txt": FailureCode.NOT_AN_IMAGE,
        "icon.png": FailureCode.TOO_SMALL,
        "clip.mp4": FailureCode.VIDEO,
    }
    assert shelf.update().skipped == 6


def test_online_only_file_is_never_opened(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.put("a.png", 1)
    monkeypatch.setattr(scanner, "is_online_only", lambda _facts: True)
    on_open(monkeypatch, shelf.folder, never)
    assert shelf.update().skipped == 1
    assert shelf.failures()[0].code == FailureCode.ONLINE_ONLY
    assert shelf.update().skipped == 1
    monkeypatch.undo()
    assert shelf.update().added == 1


def test_evicted_photo_stays_searchable(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shelf.put("a.png", 1)
    shelf.update()
    os.utime(path, (1, 1))
    monkeypatch.setattr(scanner, "is_online_only", lambda _facts: True)
    assert shelf.update().unchanged == 1
    assert shelf.index.count == 1


def test_odd_names(shelf: Shelf) -> None:
    names = [b"\xff\xfe.png", b"a" * 251 + b".png", b"new\nline.png", b"  .png", "ü.png".encode()]
    for number, name in enumerate(names):
        path = Path(os.fsdecode(os.fsencode(shelf.folder) + b"/" + name))
        path.write_bytes(encoded(picture(number)))
    assert shelf.update().added == len(names)
    assert shelf.update().unchanged == len(names)
    assert sorted(os.fsencode(path) for path in shelf.paths()) == sorted(names)


def test_file_without_permission_fails_and_is_tried_again_by_itself(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.put("a.png", 1)

    def refuse() -> None:
        raise PermissionError(13, "Permission denied")

    on_open(monkeypatch, shelf.folder, refuse)
    assert shelf.update().failed == 1
    assert shelf.failures()[0].code == FailureCode.PERMISSION
    monkeypatch.undo()
    assert shelf.update().added == 1


def test_folder_without_permission_is_named_and_keeps_its_photos(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.put("a.png", 1)
    shelf.put("locked/b.png", 2)
    shelf.put("locked/deep/c.png", 3)
    shelf.update()
    scandir = os.scandir

    def refuse(path: bytes) -> object:
        if os.fsencode(path).endswith(b"locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    for _ in range(2):
        counts = shelf.update()
        assert (counts.unchanged, counts.failed, counts.removed) == (1, 1, 0)
        assert shelf.index.count == 3
        assert [item.path for item in shelf.failures()] == [shelf.folder / "locked"]
    monkeypatch.undo()
    counts = shelf.update()
    assert (counts.unchanged, counts.failed) == (3, 0)
    assert shelf.failures() == []


def test_missing_extra_is_tried_again_once_it_is_there(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shelf.put("a.jxl", 1)
    facts = path.stat()
    with shelf.database.transaction() as connection:
        files.put_failure(
            connection,
            shelf.root.root_id,
            b"",
            b"a.jxl",
            facts.st_size,
            facts.st_mtime_ns,
            FailureCode.MISSING_EXTRA,
            "",
            "",
        )
    monkeypatch.setattr(comparing, "find_spec", lambda _name: None)
    assert shelf.update().failed == 1
    monkeypatch.undo()
    assert shelf.update().added == 1


def test_device_failure_stops_the_run_and_keeps_the_rest(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.fill(30)
    plain = shelf.session.run

    def fail_later(output: str, pixels: object) -> object:
        if shelf.session.runs >= 12:
            raise DeviceError("The device is gone.")
        return plain(output, pixels)  # type: ignore[arg-type]

    monkeypatch.setattr(shelf.session, "run", fail_later)
    with pytest.raises(DeviceError):
        shelf.update()
    kept = len(shelf.paths())
    assert 0 < kept <= 12
    assert shelf.failures() == []
    monkeypatch.undo()
    assert shelf.update().added == 30 - kept


def test_surprise_in_a_decoder_is_logged_and_costs_one_file(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shelf.fill(3)

    def surprise(*_args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(shelf.thumbnails, "put", surprise)
    counts = shelf.update()
    assert counts.failed == 3
    assert shelf.failures()[0].code == FailureCode.UNREADABLE
    assert "ZeroDivisionError" in caplog.text


def test_growing_file_is_tried_again_and_then_recorded(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shelf.put("a.png", 1)

    def write_on(head: bytes, name: str) -> FailureCode | None:
        """Another program appends while the file is being read."""
        with path.open("ab") as stream:
            stream.write(b"x")
        return sniff(head, name)

    with monkeypatch.context() as patch:
        patch.setattr("twinlens.ingest.reading.sniff", write_on)
        assert shelf.update().failed == 1
    assert [item.code for item in shelf.failures()] == [FailureCode.CHANGING]
    assert shelf.update().added == 1
    assert shelf.photo_at(path)


def test_exclude_pattern_removes_what_it_covers(shelf: Shelf) -> None:
    shelf.put("a.png", 1)
    shelf.put("raw/b.png", 2)
    shelf.put("x.tmp.png", 3)
    assert shelf.update().added == 3
    with shelf.database.transaction() as connection:
        folders.set_root_excludes(connection, shelf.root.root_id, ("raw", "*.tmp.*"))
    counts = shelf.update()
    assert (counts.unchanged, counts.removed, counts.skipped) == (1, 2, 2)


def test_library_inside_a_root_is_left_out(shelf: Shelf) -> None:
    shelf.put("a.png", 1)
    outer = shelf.add_root(shelf.tmp_path)
    shelf.update()
    shelf.update()
    assert outer
    assert shelf.paths() == ["a.png"]


def test_events_of_a_scan_tell_renames_as_one(shelf: Shelf) -> None:
    shelf.put("a.png", 1)
    gone = shelf.put("b.png", 2)
    shelf.update()
    (shelf.folder / "a.png").rename(shelf.folder / "c.png")
    gone.unlink()
    shelf.put("d.png", 4)
    events: list[ChangeEvent] = []
    shelf.indexer.update(shelf.roots(), on_event=events.append)
    told = {(e.event, e.path.name, e.source and e.source.name) for e in events}
    assert told == {
        (ChangeKind.ADDED, "d.png", None),
        (ChangeKind.RENAMED, "c.png", "a.png"),
        (ChangeKind.REMOVED, "b.png", None),
    }


def test_another_model_embeds_what_it_lacks(shelf: Shelf) -> None:
    shelf.fill(4)
    shelf.update()
    with shelf.database.transaction() as connection:
        other = embeddings.put_model(connection, "grid-1", "other", 48)
    hidden = shelf.folder / "000.png"
    hidden.rename(shelf.tmp_path / "away.png")
    with shelf.new_indexer(model=other) as indexer:
        assert indexer.embed_missing() == 1
        assert embeddings.live_ids(shelf.database.connection(), other).size == 3
        (shelf.tmp_path / "away.png").rename(hidden)
        assert indexer.embed_missing() == 0
        assert indexer.embed_missing() == 0


def test_progress_ends_at_the_total(shelf: Shelf) -> None:
    shelf.fill(10)
    shelf.update()
    status = shelf.progress.status
    assert (status.activity, status.done, status.photos) == ("idle", 10, 10)
    revision = status.revision
    shelf.update()
    assert shelf.progress.status.revision > revision


def test_graph_keeps_up_with_indexing(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, graph_from=50)
    try:
        shelf.fill(120)
        shelf.update()
        assert shelf.index.graph_count == 120
    finally:
        shelf.close()


def test_graph_is_built_afresh_when_much_was_deleted(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, graph_from=50)
    try:
        paths = shelf.fill(120)
        shelf.update()
        for path in paths[:60]:
            path.unlink()
        assert shelf.update().removed == 60
        assert not shelf.index.needs_rebuild
        assert (shelf.index.graph_count, shelf.index.count) == (60, 60)
        assert shelf.agrees()
    finally:
        shelf.close()
