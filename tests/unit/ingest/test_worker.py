"""The ingest thread, with the system's real observers and with a stand-in."""

import contextlib
import errno
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import encoded, picture
from tests.unit.ingest.shelf import Shelf, on_open
from twinlens.errors import DeviceError
from twinlens.ingest import indexer, snapshots
from twinlens.ingest import worker as worker_module
from twinlens.ingest.changes import QUIET, EventKind, RawEvent
from twinlens.ingest.closer import CloserLook, Maker
from twinlens.ingest.exclusions import Rules
from twinlens.ingest.rootwatch import EventSource
from twinlens.ingest.runner import RIPE
from twinlens.ingest.watcher import Watcher
from twinlens.ingest.worker import IngestWorker
from twinlens.records import FolderState
from twinlens.reports import ChangeEvent, ChangeKind
from twinlens.settings import Settings
from twinlens.store import files, folders, photos
from twinlens.store.features import FeatureStore

PATIENCE = 30.0


class FakeSource:
    """Reports what a test tells it to."""

    def __init__(self) -> None:
        self.watched: list[bytes] = []
        self.complaint = ""
        self._events: list[RawEvent] = []
        self._lock = threading.Lock()

    def report(
        self, kind: EventKind, path: Path, target: Path | None = None, *, folder: bool = False
    ) -> None:
        with self._lock:
            self._events.append(
                RawEvent(
                    kind,
                    os.fsencode(path),
                    time.monotonic(),
                    is_folder=folder,
                    target=os.fsencode(target) if target else b"",
                )
            )

    def watch(self, path: bytes, rules: Rules) -> str:
        self.watched.append(path)
        return self.complaint

    def unwatch(self, path: bytes) -> None:
        if path in self.watched:
            self.watched.remove(path)

    def take(self) -> list[RawEvent]:
        with self._lock:
            taken, self._events = self._events, []
        return taken

    def complaints(self) -> dict[bytes, str]:
        return dict.fromkeys(self.watched, self.complaint) if self.complaint else {}

    def ended(self) -> set[bytes]:
        return set()

    def close(self) -> None:
        self.watched.clear()


class Running:
    """A worker at work on a shelf."""

    def __init__(
        self,
        shelf: Shelf,
        source: EventSource | None,
        quiet: float,
        closer: Callable[[], CloserLook | None] = lambda: None,
    ) -> None:
        self.shelf = shelf
        self.saves = 0
        self.worker = IngestWorker(
            shelf.indexer,
            save_index=self._save,
            settings=Settings(rescan_minutes=60),
            source=source,
            quiet=quiet,
            closer=closer,
        )
        self.worker.start()
        assert self.worker.wait_idle(PATIENCE)
        self.told = self.fetch()

    def _save(self) -> None:
        self.saves += 1

    def fetch(self, timeout: float = 0.0) -> list[ChangeEvent]:
        """Return what was told since the last call."""
        return list(self.worker.events(timeout))

    def until(self, *wanted: tuple[ChangeKind, str]) -> list[ChangeEvent]:
        """Wait until these files were told of; return all that was told."""
        seen: list[ChangeEvent] = []
        end = time.monotonic() + PATIENCE
        while not set(wanted) <= {(item.event, item.path.name) for item in seen}:
            assert time.monotonic() < end, seen
            seen += self.fetch(timeout=0.2)
        return seen


def wait_for(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


Start = Callable[[EventSource | None], Running]


@pytest.fixture
def start(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts workers, and stops them in the end."""
    monkeypatch.setattr(worker_module, "LOOK_AROUND", 0.2)
    running: list[Running] = []

    def begin(source: EventSource | None) -> Running:
        # Only what a test reports itself may be looked at at once.
        quiet = QUIET if source is None else 0.0
        running.append(Running(shelf, source, quiet))
        return running[-1]

    yield begin
    for item in running:
        item.worker.stop()


def test_real_changes_count_soon(shelf: Shelf, start: Start) -> None:
    shelf.fill(3)
    work = start(None)
    assert shelf.state() is FolderState.WATCHING
    runs = shelf.session.runs

    path = shelf.put("deep/new.png", 10)
    (seen,) = work.until((ChangeKind.ADDED, "new.png"))
    assert 0 < seen.seconds < PATIENCE

    path.rename(path.with_name("other.png"))
    (seen,) = work.until((ChangeKind.RENAMED, "other.png"))
    assert seen.source == path

    (shelf.folder / "deep").rename(shelf.folder / "shallow")
    (seen,) = work.until((ChangeKind.RENAMED, "other.png"))
    assert seen.path == shelf.folder / "shallow" / "other.png"
    assert shelf.session.runs == runs + 1

    shelf.put("000.png", 11)
    work.until((ChangeKind.UPDATED, "000.png"))
    (shelf.folder / "001.png").unlink()
    work.until((ChangeKind.REMOVED, "001.png"))
    assert shelf.paths() == ["000.png", "002.png", "shallow/other.png"]
    work.worker.stop()
    assert shelf.agrees()
    assert work.saves == 1
    assert shelf.state() is FolderState.UP_TO_DATE


def test_file_written_slowly_is_read_once(shelf: Shelf, start: Start) -> None:
    work = start(None)
    data = encoded(picture(1, 400, 300))
    path = shelf.folder / "slow.png"
    with path.open("wb", buffering=0) as stream:
        for number in range(8):
            stream.write(data[number * len(data) // 8 : (number + 1) * len(data) // 8])
            time.sleep(0.1)
    seen = work.until((ChangeKind.ADDED, "slow.png"))
    assert [item.event for item in seen] == [ChangeKind.ADDED]


def test_download_that_pauses_is_no_failure(
    shelf: Shelf, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = FakeSource()
    work = start(source)
    opened: list[None] = []
    path, data = shelf.folder / "slow.png", encoded(picture(1))
    path.write_bytes(data[:1000])
    on_open(monkeypatch, path, lambda: opened.append(None))
    source.report(EventKind.CREATED, path)
    wait_for(lambda: bool(opened))
    path.write_bytes(data)
    source.report(EventKind.MODIFIED, path)
    seen = work.until((ChangeKind.ADDED, "slow.png"))
    assert [item.event for item in seen] == [ChangeKind.ADDED]


def test_damaged_file_is_told_of_once_it_is_old_enough(shelf: Shelf, start: Start) -> None:
    source = FakeSource()
    work = start(source)
    path = shelf.folder / "bad.png"
    path.write_bytes(encoded(picture(1))[:1000])
    source.report(EventKind.CREATED, path)
    seen = work.until((ChangeKind.FAILED, "bad.png"))
    assert [item.event for item in seen] == [ChangeKind.FAILED]
    assert seen[0].seconds >= RIPE - 0.5


def test_copied_tree_is_found_whole(shelf: Shelf, start: Start) -> None:
    work = start(None)
    names = [f"{number}.png" for number in range(6)]
    for number, name in enumerate(names):
        shelf.put(f"a/b/c{number}/{name}", number)
    work.until(*((ChangeKind.ADDED, name) for name in names))
    assert len(shelf.paths()) == 6


def test_what_happens_before_the_scan_ends_is_not_missed(shelf: Shelf, start: Start) -> None:
    """A file that arrives during a long scan is served in between."""
    shelf.fill(30)
    source = FakeSource()
    plain = shelf.session.run
    late = shelf.tmp_path / "late.png"
    late.write_bytes(encoded(picture(99)))
    # Two workers may get here at the same moment; taking the only entry is done by one.
    arriving = [late]

    def arrive(output: str, pixels: object) -> object:
        if shelf.session.runs >= 2 and arriving:
            with contextlib.suppress(IndexError):
                arriving.pop().rename(shelf.folder / "late.png")
                source.report(EventKind.CREATED, shelf.folder / "late.png")
        return plain(output, pixels)  # type: ignore[arg-type]

    shelf.session.run = arrive  # type: ignore[method-assign,assignment]
    work = start(source)
    assert len(shelf.paths()) == 31
    order = [item.path.name for item in work.told]
    assert order.index("late.png") < len(order) - 1


def test_lost_events_lead_to_a_scan(shelf: Shelf, start: Start) -> None:
    source = FakeSource()
    work = start(source)
    shelf.put("a.png", 1)
    source.report(EventKind.OVERFLOW, shelf.folder, folder=True)
    work.until((ChangeKind.ADDED, "a.png"))


def test_rescan_finds_what_nobody_reported(shelf: Shelf, start: Start) -> None:
    work = start(FakeSource())
    shelf.put("a.png", 1)
    work.worker.rescan()
    work.until((ChangeKind.ADDED, "a.png"))
    shelf.put("b.png", 2)
    work.worker.rescan(shelf.folder)
    work.until((ChangeKind.ADDED, "b.png"))
    assert work.worker.wait_idle(PATIENCE)


def test_folder_added_by_another_process_is_taken_in(shelf: Shelf, start: Start) -> None:
    source = FakeSource()
    work = start(source)
    other = shelf.tmp_path / "other"
    shelf.put("x.png", 5, folder=other)
    shelf.add_root(other)
    work.until((ChangeKind.ADDED, "x.png"))
    assert os.fsencode(other) in source.watched


def test_folder_forgotten_by_another_process_leaves_the_index(shelf: Shelf, start: Start) -> None:
    shelf.fill(3)
    source = FakeSource()
    start(source)
    rows = files.files_below(shelf.database.connection(), shelf.root.root_id, b"")
    with shelf.database.transaction() as connection:
        lost = files.remove_files(connection, [row.file_id for row in rows])
        photos.settle_orphans(connection, lost, 1.0)
        folders.remove_root(connection, shelf.root.root_id)
    wait_for(lambda: shelf.index.count == 0)
    wait_for(lambda: not source.watched)


def test_root_that_goes_and_comes_back(shelf: Shelf, start: Start) -> None:
    shelf.fill(2)
    work = start(None)
    shelf.folder.rename(shelf.tmp_path / "away")
    wait_for(lambda: shelf.state() is FolderState.OFFLINE)
    assert shelf.index.count == 2
    (shelf.tmp_path / "away" / "new.png").write_bytes(encoded(picture(9)))
    (shelf.tmp_path / "away").rename(shelf.folder)
    seen = work.until((ChangeKind.ADDED, "new.png"))
    assert ChangeKind.REMOVED not in {item.event for item in seen}
    wait_for(lambda: shelf.state() is FolderState.WATCHING)


def test_root_that_is_made_anew_is_watched_again(shelf: Shelf, start: Start) -> None:
    shelf.put("a.png", 1)
    work = start(None)
    for number in range(2):
        if number:
            shutil.rmtree(shelf.folder)
        else:
            shelf.folder.rename(shelf.tmp_path / "old")
        shelf.put("b.png", 2 + number)
        wanted = ChangeKind.UPDATED if number else ChangeKind.ADDED
        work.until((wanted, "b.png"))
        time.sleep(0.5)
        shelf.put(f"c{number}.png", 10 + number)
        work.until((ChangeKind.ADDED, f"c{number}.png"))


def test_limit_reached_falls_back_and_names_the_remedy(
    shelf: Shelf, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.put("a/1.png", 1)
    inotify = pytest.importorskip("watchdog.observers.inotify_c")
    plain = inotify.inotify_add_watch

    def full(number: int, path: bytes, mask: int) -> int:
        if path.endswith(b"/a"):
            inotify.ctypes.set_errno(errno.ENOSPC)
            return -1
        return int(plain(number, path, mask))

    monkeypatch.setattr(inotify, "inotify_add_watch", full)
    start(None)
    root = shelf.roots()[0]
    assert root.state is FolderState.RESCANNED
    assert "fs.inotify.max_user_watches" in root.note
    assert shelf.paths() == ["a/1.png"]


def test_pause_starts_nothing_until_resumed(shelf: Shelf, start: Start) -> None:
    source = FakeSource()
    work = start(source)
    work.worker.pause()
    assert shelf.progress.status.paused
    path = shelf.put("a.png", 1)
    source.report(EventKind.CREATED, path)
    wait_for(lambda: not work.worker.wait_idle(0))
    assert shelf.paths() == []
    work.worker.resume()
    work.until((ChangeKind.ADDED, "a.png"))


def test_stopping_while_paused_ends_the_thread(shelf: Shelf, start: Start) -> None:
    source = FakeSource()
    work = start(source)
    work.worker.pause()
    source.report(EventKind.CREATED, shelf.put("a.png", 1))
    work.worker.stop()
    assert not work.worker.alive
    assert work.worker.error is None


def test_failing_device_ends_the_thread_with_a_reason(
    shelf: Shelf, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = FakeSource()
    work = start(source)

    def fail(*_args: object) -> None:
        raise DeviceError("The device is gone.")

    monkeypatch.setattr(shelf.session, "run", fail)
    source.report(EventKind.CREATED, shelf.put("a.png", 1))
    wait_for(lambda: not work.worker.alive)
    assert isinstance(work.worker.error, DeviceError)
    assert shelf.progress.status.notice == "The device is gone."


def test_index_is_saved_after_many_changes(
    shelf: Shelf, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "SNAPSHOT_CHANGES", 3)
    source = FakeSource()
    work = start(source)
    assert work.saves == 0
    for number in range(3):
        source.report(EventKind.CREATED, shelf.put(f"{number}.png", number))
    wait_for(lambda: work.saves == 1)
    work.worker.stop()
    assert work.saves == 1


def test_index_is_not_saved_while_somebody_looks_at_photos(
    shelf: Shelf, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "SNAPSHOT_CHANGES", 3)
    source = FakeSource()
    work = start(source)
    shelf.thumbnails.get(bytes(32))
    for number in range(3):
        source.report(EventKind.CREATED, shelf.put(f"{number}.png", number))
    work.until(*((ChangeKind.ADDED, f"{number}.png") for number in range(3)))
    assert work.worker.wait_idle(PATIENCE)
    assert work.saves == 0
    shelf.thumbnails.read_at -= indexer.LOOKED_AT_SECONDS
    wait_for(lambda: work.saves == 1)


def test_index_is_not_saved_while_a_window_is_in_front(
    shelf: Shelf, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "SNAPSHOT_CHANGES", 1)
    source = FakeSource()
    shelf.indexer.gate.in_front = True
    work = start(source)
    source.report(EventKind.CREATED, shelf.put("a.png", 1))
    work.until((ChangeKind.ADDED, "a.png"))
    assert work.worker.wait_idle(PATIENCE)
    assert work.saves == 0
    shelf.indexer.gate.in_front = False
    wait_for(lambda: work.saves == 1)


def test_a_worker_saves_at_its_end_what_the_one_before_left_unsaved(
    shelf: Shelf, start: Start
) -> None:
    source = FakeSource()
    work = start(source)
    source.report(EventKind.CREATED, shelf.put("a.png", 1))
    work.until((ChangeKind.ADDED, "a.png"))
    unsaved = work.worker.stop(save=False)
    assert (work.saves, unsaved) == (0, 1)
    saves: list[int] = []
    after = IngestWorker(
        shelf.indexer,
        save_index=lambda: saves.append(1),
        settings=Settings(rescan_minutes=60),
        source=FakeSource(),
        unsaved=unsaved,
    )
    after.start()
    assert after.wait_idle(PATIENCE)
    assert not saves
    assert after.stop() == 0
    assert saves == [1]


def test_watcher_tells_nothing_of_reading_and_of_what_is_left_out(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.jpg").write_bytes(b"x")
    watcher = Watcher()
    assert watcher.watch(os.fsencode(tmp_path), Rules()) == ""
    (tmp_path / "a.jpg").read_bytes()
    (tmp_path / ".git" / "x.jpg").write_bytes(b"x")
    (tmp_path / "z.jpg").write_bytes(b"x")
    seen: list[RawEvent] = []

    def arrived() -> bool:
        seen.extend(watcher.take())
        return any(item.path.endswith(b"z.jpg") for item in seen)

    wait_for(arrived)
    watcher.close()
    assert {Path(os.fsdecode(item.path)).name for item in seen} == {"z.jpg"}
    watcher.close()


def test_too_many_events_become_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twinlens.ingest.watcher.MOST_PENDING", 20)
    watcher = Watcher()
    watcher.watch(os.fsencode(tmp_path), Rules())
    for number in range(60):
        (tmp_path / f"{number}.jpg").write_bytes(b"x")
    kinds: list[EventKind] = []

    def arrived() -> bool:
        time.sleep(0.5)
        kinds.extend(item.kind for item in watcher.take())
        return EventKind.OVERFLOW in kinds

    wait_for(arrived)
    watcher.close()
    assert len(kinds) <= 60


def test_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    watcher = Watcher()
    note = watcher.watch(os.fsencode(tmp_path / "absent"), Rules())
    assert "cannot be watched" in note
    assert watcher.complaints() == {os.fsencode(tmp_path / "absent"): note}
    watcher.unwatch(os.fsencode(tmp_path / "absent"))
    watcher.close()


def test_limit_on_observers_names_its_own_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inotify = pytest.importorskip("watchdog.observers.inotify_c")

    def full() -> int:
        inotify.ctypes.set_errno(errno.EMFILE)
        return -1

    monkeypatch.setattr(inotify, "inotify_init", full)
    watcher = Watcher()
    assert "max_user_instances" in watcher.watch(os.fsencode(tmp_path), Rules())
    watcher.close()


def test_photos_are_looked_at_closer_while_nothing_else_is_to_do(shelf: Shelf) -> None:
    shelf.fill(20)
    features = FeatureStore(shelf.tmp_path / "features.sqlite3", "here")
    made: list[int] = []
    slow = threading.Event()

    def make(_pixels: object) -> dict[str, bytes]:
        made.append(1)
        slow.wait(0.05)
        return {"seen/1": b"x"}

    def closer() -> CloserLook:
        return CloserLook(
            shelf.database,
            features,
            (Maker("seen/1", make),),
            shelf.model,
            shelf.settings,
            shelf.progress,
            shelf.indexer.gate,
        )

    source = FakeSource()
    work = Running(shelf, source, 0.0, closer)
    try:
        wait_for(lambda: len(made) >= 3)
        # A new photo does not wait until all others were looked at.
        source.report(EventKind.CREATED, shelf.put("new.png", 99))
        work.until((ChangeKind.ADDED, "new.png"))
        assert len(made) < 20
        slow.set()
        wait_for(lambda: len(features.ids("seen/1")) == 21)
        wait_for(lambda: shelf.progress.status.activity == "idle")
    finally:
        work.worker.stop()
        features.close()
