"""The small pieces of the window: messages, empty states, status line, sidebar, words."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QListView, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from twinlens.gui import empty_state, text
from twinlens.gui.empty_state import EmptyState
from twinlens.gui.messages import MessageBar
from twinlens.gui.sidebar import Sidebar
from twinlens.gui.sidebar_model import SidebarModel
from twinlens.gui.status_bar import StatusBar, what_goes_on
from twinlens.records import Folder, FolderState
from twinlens.reports import Status

FOLDERS = [
    Folder(Path("/photos/Pictures"), FolderState.WATCHING, 1250, 1200),
    Folder(Path("/media/stick"), FolderState.OFFLINE, 30, 30, note="The drive is not there now."),
]


@pytest.fixture(autouse=True)
def british() -> None:
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))


@pytest.fixture
def bar(qtbot: QtBot) -> MessageBar:
    made = MessageBar()
    qtbot.addWidget(made)
    return made


def test_the_newest_lasting_message_comes_before_those_that_wait(bar: MessageBar) -> None:
    bar.say("failed", "The disk is full.")
    bar.say("attention", "The graphics card was refused.")
    assert bar.current is not None
    assert bar.current.sentence == "The graphics card was refused."
    bar.dismiss()
    assert bar.current.sentence == "The disk is full."
    bar.dismiss()
    assert bar.current is None
    assert bar.isHidden()


def test_a_report_gives_way_and_hides_nothing_that_lasts(bar: MessageBar) -> None:
    bar.say("info", "Copied 3 photos.")
    bar.say("good", "Moved 1 photo to the trash.")
    assert bar.current is not None
    assert bar.current.kind == "good"
    bar.say("failed", "The disk is full.")
    bar.say("info", "Copied 4 photos.")
    assert bar.current.sentence == "Copied 4 photos."
    bar.clear_passing()
    assert bar.current.sentence == "The disk is full."


def test_what_is_about_one_act_goes_with_the_next(bar: MessageBar) -> None:
    bar.say("attention", "The card is not connected.")
    bar.say("attention", "This file is not a picture.", passing=True)
    assert bar.current is not None
    assert bar.current.sentence == "This file is not a picture."
    bar.clear_passing()
    assert bar.current.sentence == "The card is not connected."
    bar.clear_passing()
    assert bar.current.sentence == "The card is not connected."


def test_the_same_sentence_is_shown_once(bar: MessageBar) -> None:
    bar.say("failed", "The disk is full.")
    bar.say("attention", "Twice.")
    bar.say("attention", "Twice.")
    bar.dismiss()
    bar.dismiss()
    assert bar.current is None
    bar.say_once("attention", "Only once.")
    bar.dismiss()
    bar.say_once("attention", "Only once.")
    assert bar.current is None


def test_the_action_closes_the_message_and_acts(bar: MessageBar, qtbot: QtBot) -> None:
    acted: list[str] = []
    bar.say("good", "Moved.", "Undo", lambda: acted.append("undo"))
    bar.show()
    button = bar.findChild(QPushButton)
    assert isinstance(button, QPushButton)
    assert button.text() == "Undo"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert acted == ["undo"]
    assert bar.current is None


def test_an_empty_state_names_its_acts(qtbot: QtBot) -> None:
    state = EmptyState()
    qtbot.addWidget(state)
    state.say(empty_state.welcome())
    primary, link = state.findChildren(QPushButton)
    with qtbot.waitSignal(state.chosen) as chosen:
        primary.click()
    assert chosen.args == ["add_folder"]
    with qtbot.waitSignal(state.chosen) as chosen:
        link.click()
    assert chosen.args == ["shortcuts"]
    state.show()
    state.activateWindow()
    qtbot.waitUntil(state.isActiveWindow)
    for focus, act in ((state, "add_folder"), (primary, "add_folder"), (link, "shortcuts")):
        focus.setFocus()
        with qtbot.waitSignal(state.chosen) as chosen:
            QTest.keyClick(focus, Qt.Key.Key_Return)
        assert chosen.args == [act]
    state.say(empty_state.opening())
    assert primary.isHidden()
    assert "Opening" in state.accessibleName()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status(photos=12480), "12,480 photos · up to date"),
        (Status(photos=1), "1 photo · up to date"),
        (
            Status(activity="indexing", done=3214, total=12480, rate=96.4, seconds_left=99),
            "Indexing 3,214 of 12,480 · 96 photos/s · about 1 min 40 s left",
        ),
        (Status(activity="indexing", done=3, total=9, paused=True), "Paused · 3 of 9"),
        (Status(photos=9, paused=True), "9 photos · indexing is paused"),
        (
            Status(activity="indexing", folder=Path("/photos/Pictures")),
            "Looking for photos · Pictures",
        ),
    ],
)
def test_the_status_line_says_what_goes_on(status: Status, said: str) -> None:
    assert what_goes_on(status) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "about 1 s left"),
        (43, "about 45 s left"),
        (120, "about 2 min left"),
        (1530, "about 26 min left"),
        (7500, "about 2 h 5 min left"),
    ],
)
def test_time_left_is_as_coarse_as_the_guess(seconds: float, said: str) -> None:
    assert text.time_left(seconds) == said


def test_the_status_line_polls_and_offers_a_pause_only_while_at_work(qtbot: QtBot) -> None:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.show()
    status = [Status(revision=1, photos=5, device="CPU", model="EfficientNet-Lite0")]
    bar.watch(lambda: status[0], read_only=False)
    assert bar.sentence == "5 photos · up to date"
    assert any("CPU · EfficientNet-Lite0" in label.text() for label in bar.findChildren(QLabel))
    pause = next(b for b in bar.findChildren(QToolButton) if "Pause" in b.accessibleName())
    assert pause.isHidden()
    status[0] = Status(revision=2, activity="indexing", done=1, total=10)
    with qtbot.waitSignal(bar.polled):
        pass
    assert not pause.isHidden()
    with qtbot.waitSignal(bar.pause_requested) as asked:
        pause.click()
    assert asked.args == [True]
    status[0] = Status(revision=3, activity="indexing", done=1, total=10, paused=True)
    qtbot.waitUntil(lambda: bar.sentence == "Paused · 1 of 10")
    with qtbot.waitSignal(bar.pause_requested) as asked:
        pause.click()
    assert asked.args == [False]
    status[0] = Status(revision=4, activity="closer", done=300, total=1342)
    qtbot.waitUntil(lambda: bar.sentence == "Looking closer at 300 of 1,342")
    assert not pause.isHidden()
    doing = next(label for label in bar.findChildren(QLabel) if label.text() == bar.sentence)
    assert "can be searched already" in doing.toolTip()
    bar.stop()


def test_the_model_of_the_sidebar_is_sound(qtmodeltester: Any) -> None:
    model = SidebarModel()
    model.set_facts(1230, 3, FOLDERS)
    qtmodeltester.check(model)
    spoken = [
        model.index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(model.rowCount())
    ]
    why = "copies of the same bytes are one photo"
    assert f"Pictures, Up to date, watching, 1,200 photos in 1,250 files: {why}" in spoken
    assert f"All photos, 1,230 photos in 1,280 files: {why}" in spoken
    assert "stick, Not connected, 30 photos" in spoken
    assert "Failures, 3 files" in spoken


def test_the_sidebar_leads_to_views_and_folders(qtbot: QtBot) -> None:
    side = Sidebar()
    qtbot.addWidget(side)
    side.resize(220, 400)
    side.set_facts(1230, 3, FOLDERS)
    side.show()
    view = side.findChild(QListView)
    assert isinstance(view, QListView)
    model = view.model()
    assert isinstance(model, SidebarModel)
    for name in ("galleries", "duplicates", "failures"):
        with qtbot.waitSignal(side.view_requested) as asked:
            view.setCurrentIndex(model.index(model.row_of(name), 0))
        assert asked.args == [name]
    with qtbot.waitSignal(side.folder_selected) as chosen:
        view.setCurrentIndex(model.index(model.row_of(Path("/photos/Pictures")), 0))
    assert chosen.args == [Path("/photos/Pictures")]
    assert side.folder == Path("/photos/Pictures")
    side.set_facts(1231, 3, FOLDERS[:1])
    assert side.folder == Path("/photos/Pictures")
    with qtbot.assertNotEmitted(side.folder_selected):
        side.set_current("all")


def test_duplicates_have_a_row_where_there_are_photos(qtbot: QtBot) -> None:
    model = SidebarModel()
    assert model.row_of("duplicates") == -1
    model.set_facts(12, 0, [])
    model.set_duplicates(3)
    index = model.index(model.row_of("duplicates"))
    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Duplicates, 3 groups to decide"


def test_a_sidebar_that_may_only_read_offers_no_changes(qtbot: QtBot) -> None:
    side = Sidebar()
    qtbot.addWidget(side)
    names = [act.text() for act in side.folder_menu(FOLDERS[0], side).actions()]
    assert names == ["Search in this folder", "Show in the file manager"]
    side.set_writable(True)
    names = [act.text() for act in side.folder_menu(FOLDERS[1], side).actions()]
    assert "Show in the file manager" not in names
    assert "Forget this folder (its files stay)" in names
