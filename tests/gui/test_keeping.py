"""The library in the window: folders, failures, pause, trash, and what goes wrong."""

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QListView, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Expected, Messages
from tests.gui.generated import picture, write_photos
from tests.gui.windows import names, opened, shown, wait_for_tiles
from twinlens.gui.main_window import MainWindow
from twinlens.gui.messages import MessageBar
from twinlens.gui.sidebar_model import state_now
from twinlens.library import Library
from twinlens.records import Folder, FolderState
from twinlens.reports import Failure, Notice, Status
from twinlens.store.database import set_meta


@pytest.fixture
def window(qtbot: QtBot, own_indexed: Path) -> Iterator[MainWindow]:
    """A window on photos that the test may change, ready to search."""
    with opened(qtbot, own_indexed) as made:
        wait_for_tiles(qtbot, made, 24)
        yield made


def act(window: MainWindow, name: str) -> QAction:
    found = window.findChild(QAction, name)
    assert isinstance(found, QAction)
    return found


def folders(window: MainWindow) -> tuple[Folder, ...]:
    return window.conductor.keeping.facts.folders


def failures(window: MainWindow) -> tuple[Failure, ...]:
    return window.conductor.keeping.facts.failures


def test_a_new_user_is_welcomed_and_led_to_the_first_photos(
    qtbot: QtBot, tmp_path: Path, photos: Path
) -> None:
    with opened(qtbot, tmp_path / "library") as window:
        empty = window.browser.empty
        qtbot.waitUntil(
            lambda: empty.shown is not None and empty.shown.title.startswith("Find any photo")
        )
        window.take_paths([photos])
        wait_for_tiles(qtbot, window, 24)
        assert window.browser.page == "photos"
        qtbot.waitUntil(lambda: window.status.sentence == "24 photos · up to date")
        qtbot.waitUntil(lambda: [item.state for item in folders(window)] == [FolderState.WATCHING])


def test_new_photos_are_offered_instead_of_reshuffling(
    window: MainWindow, qtbot: QtBot, photos: Path
) -> None:
    tile = shown(window)[0]
    window.browser.tray.find_similar(tile.photo_id)
    qtbot.waitUntil(lambda: shown(window)[0].score is not None)
    before = names(window)
    for number in (6, 7):
        picture("sunset", number).save(photos / f"sunset-{number}.jpg")
    qtbot.waitUntil(lambda: window.browser.offer == "2 new photos · Refresh")
    assert names(window) == before
    act(window, "refresh").trigger()
    wait_for_tiles(qtbot, window, 26)
    assert not window.browser.offer


def test_a_forgotten_folder_can_be_taken_back(
    window: MainWindow, qtbot: QtBot, photos: Path, messages: Messages
) -> None:
    window.sidebar.forget.emit(photos.resolve())
    qtbot.waitUntil(lambda: window.browser.page == "empty")
    assert messages.sentences == ["photos is forgotten. Its files are where they were."]
    assert len(list(photos.iterdir())) == 24
    button = next(b for b in window.browser.messages.findChildren(QPushButton) if b.text())
    assert button.text() == "Add it again"
    button.click()
    wait_for_tiles(qtbot, window, 24)


def test_leaving_out_a_pattern_takes_its_photos_away(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(folders(window)))
    window.conductor.keeping.set_excludes(folders(window)[0].folder, ("forest-*",))
    qtbot.waitUntil(lambda: window.session.status().photos == 18)
    act(window, "refresh").trigger()
    wait_for_tiles(qtbot, window, 18)
    qtbot.waitUntil(lambda: folders(window)[0].excludes == ("forest-*",))


def test_broken_files_are_told_once_listed_and_tried_again(
    window: MainWindow, qtbot: QtBot, photos: Path, messages: Messages
) -> None:
    qtbot.waitUntil(lambda: bool(folders(window)))
    whole = (photos / "sunset-0.jpg").read_bytes()
    card = photos.with_name("card")
    card.mkdir()
    for number in range(3):
        (card / f"broken-{number}.jpg").write_bytes(whole[:400])
    card.rename(photos / "card")
    broken = sorted((photos / "card").iterdir())
    qtbot.waitUntil(lambda: len(failures(window)) == 3)
    qtbot.waitUntil(lambda: bool(messages.sentences))
    assert sum("could not be read" in sentence for sentence in messages.sentences) == 1
    act(window, "failures").trigger()
    assert window.browser.page == "failures"
    picture("circles", 9).save(broken[0])
    window.browser.failures.retry.emit()
    qtbot.waitUntil(lambda: len(failures(window)) == 2)
    outcome = "Tried again: 2 files still cannot be read."
    qtbot.waitUntil(lambda: outcome in messages.sentences)
    for path in broken[1:]:
        path.unlink()
    window.browser.failures.retry.emit()
    outcome = "All files could be read now."
    qtbot.waitUntil(lambda: outcome in messages.sentences)


def test_pause_holds_indexing_until_resumed(window: MainWindow, qtbot: QtBot, photos: Path) -> None:
    act(window, "pause").trigger()
    qtbot.waitUntil(lambda: window.status.status.paused)
    assert act(window, "pause").isChecked()
    for number in range(6, 9):
        picture("forest", number).save(photos / f"forest-{number}.jpg")
    act(window, "rescan").trigger()
    qtbot.waitUntil(lambda: "paused" in window.status.sentence)
    assert window.session.door.library.photo_count() == 24
    # Searching goes on meanwhile.
    window.browser.tray.find_similar(shown(window)[0].photo_id)
    qtbot.waitUntil(lambda: shown(window)[0].score is not None)
    act(window, "pause").trigger()
    qtbot.waitUntil(lambda: window.session.door.library.photo_count() == 27)


def test_slowing_down_and_full_speed_leave_everything_working(
    window: MainWindow, qtbot: QtBot, photos: Path
) -> None:
    for slow in (True, False):
        window.session.set_slow(slow)
    picture("forest", 8).save(photos / "forest-8.jpg")
    qtbot.waitUntil(lambda: window.session.door.library.photo_count() == 25)


@pytest.fixture
def own_trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give this test a trash of its own."""
    place = tmp_path / "data" / "Trash"
    monkeypatch.setenv("XDG_DATA_HOME", str(place.parent))
    monkeypatch.setattr("send2trash.plat_other.HOMETRASH", str(place))
    monkeypatch.setattr("send2trash.plat_other.HOMETRASH_B", os.fsencode(place))


@pytest.mark.usefixtures("own_trash")
def test_a_photo_goes_to_the_trash_and_comes_back(
    window: MainWindow, qtbot: QtBot, photos: Path, messages: Messages
) -> None:
    tile = next(tile for tile in shown(window) if tile.path.name == "sunset-3.jpg")
    window.browser.grid.show_photo(tile.photo_id)
    act(window, "trash").trigger()
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is not None)
    box = window.findChild(QMessageBox)
    assert isinstance(box, QMessageBox)
    button = box.defaultButton()
    assert "Move 1 photo to trash" in button.text()
    # None of the platform's own pictures, which belong to another family.
    assert box.icon() is QMessageBox.Icon.NoIcon
    assert not box.iconPixmap().isNull()
    assert all(other.icon().isNull() for other in box.buttons())
    act(window, "open_viewer").trigger()
    button.click()
    qtbot.waitUntil(lambda: not (photos / "sunset-3.jpg").exists())
    qtbot.waitUntil(lambda: "sunset-3.jpg" not in names(window))
    # What came of it is said where one looks, and the photo comes back there too.
    assert window.viewing
    bar = window.browser.messages
    assert bar.isVisible()
    assert bar.current is not None
    assert bar.current.action_label == "Undo"
    qtbot.waitUntil(lambda: act(window, "undo").text() == "&Undo: move 1 photo to trash")
    act(window, "undo").trigger()
    qtbot.waitUntil((photos / "sunset-3.jpg").exists)
    qtbot.waitUntil(lambda: "sunset-3.jpg" in names(window))
    qtbot.waitUntil(lambda: "of 24" in window.viewer.accessibleName())
    window.viewer.close_view()
    assert bar.isVisible()
    qtbot.waitUntil(lambda: act(window, "redo").isEnabled())
    act(window, "redo").trigger()
    qtbot.waitUntil(lambda: not (photos / "sunset-3.jpg").exists())


def test_a_folder_that_goes_offline_is_told_once(
    window: MainWindow,
    qtbot: QtBot,
    photos: Path,
    messages: Messages,
    expect_warning: Expected,
) -> None:
    expect_warning("cannot be watched")
    # The scan at the start is over, or it would complain too.
    qtbot.waitUntil(window.session.door.library.is_settled)
    away = photos.with_name("away")
    photos.rename(away)
    window.conductor.keeping.refresh()
    qtbot.waitUntil(lambda: [item.state for item in folders(window)] == [FolderState.OFFLINE])
    window.conductor.keeping.refresh()
    qtbot.wait(0)
    assert sum("not connected" in sentence for sentence in messages.sentences) == 1
    # What is cached stays searchable.
    window.browser.tray.find_similar(shown(window)[0].photo_id)
    qtbot.waitUntil(lambda: shown(window)[0].score is not None)
    away.rename(photos)
    window.conductor.keeping.rescan()
    # What is no longer true is no longer said.
    qtbot.waitUntil(lambda: window.browser.messages.current is None)


def test_a_library_in_use_elsewhere_is_read_only_until_it_is_free(
    qtbot: QtBot, indexed: Path, messages: Messages
) -> None:
    other = Library(indexed, writer=True)
    try:
        with opened(qtbot, indexed) as window:
            wait_for_tiles(qtbot, window, 24)
            assert window.session.read_only
            assert messages.sentences[0].startswith("Another Twinlens is using this library.")
            assert not act(window, "add_folder").isEnabled()
            window.browser.tray.find_similar(shown(window)[0].photo_id)
            qtbot.waitUntil(lambda: shown(window)[0].score is not None)
            other.close()
            button = next(b for b in window.browser.messages.findChildren(QPushButton) if b.text())
            with qtbot.waitSignal(window.session.ready):
                button.click()
            assert not window.session.read_only
            assert act(window, "add_folder").isEnabled()
    finally:
        other.close()


def test_without_its_model_a_library_can_be_browsed_and_says_what_to_do(
    qtbot: QtBot, indexed: Path, messages: Messages, expect_warning: Expected
) -> None:
    expect_warning("the library is not ready")
    with Library(indexed, writer=True) as library, library.database.transaction() as writing:
        set_meta(writing, "model_name", "gone")
    with opened(qtbot, indexed, ready=False) as window:
        wait_for_tiles(qtbot, window, 24)
        qtbot.waitUntil(lambda: bool(messages.sentences))
        assert "gone" in messages.sentences[0]
        assert not window.session.is_ready


def test_a_library_that_cannot_be_opened_says_why(
    qtbot: QtBot, tmp_path: Path, expect_warning: Expected
) -> None:
    expect_warning("the library is not ready")
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with opened(qtbot, blocked / "library", ready=False) as window:
        empty = window.browser.empty
        qtbot.waitUntil(lambda: empty.shown is not None and "cannot be" in empty.shown.title)
        assert empty.shown is not None
        assert empty.shown.primary is not None
        assert empty.shown.primary[0] == "try_again"
        blocked.unlink()
        with qtbot.waitSignal(window.session.ready):
            window.acts.perform("try_again")


def test_trouble_of_the_engine_is_told_once_and_can_be_tried_again(
    window: MainWindow, qtbot: QtBot, photos: Path, messages: Messages
) -> None:
    sentence = "The disk is full: indexing has stopped. Make room."
    for revision in range(5):
        window.status.polled.emit(Status(revision=revision, notice=sentence))
    assert messages.sentences.count(sentence) == 1
    current = window.browser.messages.current
    assert current is not None
    assert current.action_label == "Try again"
    assert current.action is not None
    current.action()
    picture("forest", 8).save(photos / "forest-8.jpg")
    qtbot.waitUntil(lambda: window.session.door.library.photo_count() == 25)


def test_what_the_engine_notices_on_its_threads_is_said_on_this_one(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    said_on: list[threading.Thread] = []
    monkeypatch.setattr(MessageBar, "say", lambda *_: said_on.append(threading.current_thread()))
    thread = threading.Thread(
        target=window.session.noticed.emit, args=(Notice("The graphics card was refused."),)
    )
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(said_on))
    assert said_on == [threading.main_thread()]


def test_a_copy_of_the_photos_is_stacked(window: MainWindow, qtbot: QtBot, photos: Path) -> None:
    (photos / "again").mkdir()
    shutil.copy(photos / "checker-1.jpg", photos / "again" / "same.jpg")
    library = window.session.door.library
    photo_id = next(t.photo_id for t in shown(window) if t.path.name == "checker-1.jpg")
    qtbot.waitUntil(lambda: len(library.paths(photo_id)) == 2)
    act(window, "refresh").trigger()
    qtbot.waitUntil(
        lambda: any(tile.photo_id == photo_id and tile.copies == 2 for tile in shown(window))
    )


def told_of_folders(window: MainWindow) -> list[str]:
    """Return what the sidebar says aloud of each folder."""
    model = window.sidebar.findChildren(QListView)[0].model()
    spoken = [
        str(model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole))
        for row in range(model.rowCount())
    ]
    return spoken[spoken.index("Folders") + 1 :]


def test_sidebar_and_status_line_say_the_same_of_a_new_folder(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    qtbot.waitUntil(window.session.door.library.is_settled)
    more = write_photos(tmp_path / "more")
    for number, path in enumerate(sorted(more.iterdir())):
        path.write_bytes(path.read_bytes() + bytes([number]))
    told: list[tuple[str, bool, bool]] = []

    def listen(status: Status) -> None:
        lines = [line for line in told_of_folders(window) if line.startswith("more,")]
        scanned = status.activity == "indexing" and status.folder == more
        told.extend((line, scanned, status.activity == "idle") for line in lines)

    window.status.polled.connect(listen)
    window.take_paths([more])
    qtbot.waitUntil(lambda: window.status.sentence == "48 photos · up to date")
    wanted = "more, Up to date, watching, 24 photos"
    qtbot.waitUntil(lambda: wanted in told_of_folders(window))
    assert told
    assert not [line for line, scanned, _ in told if scanned and "Up to date" in line]
    assert not [line for line, _, idle in told if idle and "Looking for changes" in line]


def test_the_sidebar_follows_the_status_line_at_once(
    window: MainWindow, qtbot: QtBot, photos: Path
) -> None:
    resting = ["photos, Up to date, watching, 24 photos"]
    qtbot.waitUntil(lambda: told_of_folders(window) == resting)
    working = replace(window.status.status, activity="indexing", folder=photos)
    window.status.polled.emit(working)
    assert told_of_folders(window) == ["photos, Looking for changes, 24 photos"]
    window.status.polled.emit(replace(working, activity="idle", folder=None))
    assert told_of_folders(window) == resting


@pytest.mark.parametrize(
    ("read", "status", "told"),
    [
        ("watching", Status(activity="indexing", folder=Path("/photos")), "scanning"),
        ("pending", Status(activity="indexing", folder=Path("/photos")), "scanning"),
        ("watching", Status(activity="indexing", folder=Path("/photos"), paused=True), "pending"),
        ("watching", Status(activity="indexing", folder=Path("/others")), "watching"),
        ("scanning", Status(), "up-to-date"),
        ("offline", Status(activity="indexing", folder=Path("/photos")), "offline"),
    ],
)
def test_a_folder_is_told_of_as_the_engine_has_it_now(read: str, status: Status, told: str) -> None:
    folder = Folder(Path("/photos"), FolderState(read), 3, 3)
    assert state_now(folder, status) == told


def test_copies_explain_why_there_are_more_files_than_photos(
    window: MainWindow, qtbot: QtBot, photos: Path
) -> None:
    shutil.copy(photos / "checker-1.jpg", photos / "same.jpg")
    why = "24 photos in 25 files: copies of the same bytes are one photo"
    qtbot.waitUntil(lambda: told_of_folders(window) == [f"photos, Up to date, watching, {why}"])
    model = window.sidebar.findChildren(QListView)[0].model()
    assert model.index(1, 0).data(Qt.ItemDataRole.ToolTipRole) == f"All photos, {why}"
    qtbot.waitUntil(lambda: window.status.sentence == "24 photos · up to date")
