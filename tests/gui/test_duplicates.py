"""Reviewing duplicates, the plan, carrying it out and taking it back, on a small real library."""

import io
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Expected, Messages
from tests.gui.generated import picture, write_photos
from tests.gui.windows import opened
from twinlens.errors import LibraryError
from twinlens.gui.best_popover import BestPanel, rule_words
from twinlens.gui.browser import CLEAN_UPS, DUPLICATES, PLAN
from twinlens.gui.filter_pill import WIDEST_TEXT
from twinlens.gui.main_window import MainWindow
from twinlens.gui.plan_page import PlanPage
from twinlens.gui.review_filters import DECIDED, OPEN, SETS
from twinlens.gui.review_list import ReviewModel
from twinlens.gui.review_page import ReviewPage
from twinlens.library import Library
from twinlens.reports import Group, Plan

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the trash of other systems"),
    pytest.mark.model,
]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of photos: one lies there three times, one was saved again smaller."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    # The library of the trash reads the variable once, at import.
    trash = os.fsencode(tmp_path / "data/Trash")
    monkeypatch.setattr("send2trash.plat_other.HOMETRASH_B", trash)
    photos = write_photos(tmp_path / "photos", each=1)
    backup = photos / "backup"
    backup.mkdir()
    same = (photos / "sunset-0.jpg").read_bytes()
    for name in ("sunset copy.jpg", "sunset again.jpg"):
        (backup / name).write_bytes(same)
    with Image.open(photos / "forest-0.jpg") as image:
        small = io.BytesIO()
        image.resize((180, 120)).save(small, "JPEG", quality=70)
    (backup / "forest small.jpg").write_bytes(small.getvalue())
    with Library(tmp_path / "library", writer=True) as library:
        library.add_folder(photos)
        library.index_folders(closer=True)
    return tmp_path


@pytest.fixture
def window(qtbot: QtBot, place: Path) -> Iterator[MainWindow]:
    with opened(qtbot, place / "library") as made:
        yield made


def open_page(qtbot: QtBot, window: MainWindow) -> ReviewPage:
    """Go to the duplicates and wait for the groups."""
    window.sidebar.view_requested.emit(DUPLICATES)
    assert window.browser.page == DUPLICATES
    return waited(qtbot, window)


def waited(qtbot: QtBot, window: MainWindow) -> ReviewPage:
    qtbot.waitUntil(lambda: not window.reviewing.busy)
    return window.reviewing.page


def accepted_and_planned(qtbot: QtBot, window: MainWindow) -> PlanPage:
    """Accept what is suggested for the first group, and have the plan made."""
    page = open_page(qtbot, window)
    press(page, Qt.Key.Key_Return)
    until(qtbot, page, ["forest-0.jpg"])
    page.plan.click()
    plan = window.reviewing.cleaning.plan_page
    qtbot.waitUntil(lambda: plan.plan is not None)
    return plan


def bests(page: ReviewPage) -> list[str]:
    return [review.group.best.name for review in page.model.reviews]


def until(qtbot: QtBot, page: ReviewPage, names: list[str]) -> None:
    qtbot.waitUntil(lambda: bests(page) == names)


def press(page: ReviewPage, key: Qt.Key) -> None:
    QTest.keyClick(page.list, key)


def confirm(window: MainWindow) -> str:
    """Press the button that does it; return what was asked."""
    box = window.findChild(QMessageBox)
    assert box is not None
    said = f"{box.text()} {box.informativeText()}"
    box.defaultButton().click()
    return said


BOTH = ["sunset-0.jpg", "forest-0.jpg"]


def test_groups_come_by_gain_with_reasons_and_a_count(window: MainWindow, qtbot: QtBot) -> None:
    page = open_page(qtbot, window)
    assert bests(page) == BOTH
    assert page.summary.text().startswith("2 groups, ")
    row = window.sidebar._model.row_of(DUPLICATES)
    assert window.sidebar._model.row(window.sidebar._model.index(row)).count == 2
    assert page.list.current_row() == 0
    spoken = page.model.data(page.model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert "3 files" in str(spoken)
    press(page, Qt.Key.Key_Down)
    assert page.group.review is not None
    assert page.group.review.group.best.name == "forest-0.jpg"
    # The one that may go is held against the best at once, with what is different.
    chosen = page.group.current()
    assert chosen is not None
    assert chosen.path.name == "forest small.jpg"
    model = page.group.model
    qtbot.waitUntil(lambda: len(model.photos) == 2)
    differing = {
        fact.text for fact in model.facts(page.group.members.current_row()) if fact.differs
    }
    assert "180 × 120" in differing
    assert "JPEG" not in differing
    spoken = model.data(page.group.members.currentIndex(), Qt.ItemDataRole.AccessibleTextRole)
    assert "fewer pixels: 180 × 120, not 360 × 240" in str(spoken)


def test_by_key_a_review_becomes_a_plan_is_done_and_undone(
    window: MainWindow, qtbot: QtBot, place: Path, messages: Messages
) -> None:
    page = open_page(qtbot, window)
    press(page, Qt.Key.Key_Return)
    until(qtbot, page, ["forest-0.jpg"])
    assert page.list.current_row() == 0
    press(page, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not page.showing_groups)
    assert page.message.shown is not None
    assert page.message.shown.title == "Every group is decided."
    QTest.keyClick(page.message, Qt.Key.Key_Return)
    plan = window.reviewing.cleaning.plan_page
    qtbot.waitUntil(lambda: plan.plan is not None)
    assert window.browser.page == PLAN
    assert "3 files would go to the trash" in plan.summary.text()
    assert [section.title for section in plan.model.sections] == ["Go to the trash", "Stay"]
    heading = plan.model.index(0, 0)
    why = [plan.model.data(plan.model.index(row, 1, heading)) for row in range(3)]
    assert sorted(map(str, why)) == [
        "The same bytes as sunset-0.jpg; you decided that one copy is enough",
        "The same bytes as sunset-0.jpg; you decided that one copy is enough",
        "The same picture as forest-0.jpg, saved again; you decided that it goes",
    ]
    plan.apply.click()
    said = confirm(window)
    assert "Move 3 files to trash?" in said
    assert "can be taken back" in said
    backup = place / "photos" / "backup"
    qtbot.waitUntil(lambda: "Moved 3 files to the trash." in messages.sentences)
    assert list(backup.iterdir()) == []
    assert (place / "photos" / "sunset-0.jpg").exists()
    assert window.browser.page == DUPLICATES
    message = window.browser.messages.current
    assert message is not None
    assert message.action_label == "Undo"
    assert message.action is not None
    message.action()
    qtbot.waitUntil(lambda: "3 files are back where they were." in messages.sentences)
    assert len(list(backup.iterdir())) == 3


def test_decisions_are_taken_back_one_by_one(window: MainWindow, qtbot: QtBot) -> None:
    page = open_page(qtbot, window)
    press(page, Qt.Key.Key_Return)
    press(page, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: not page.showing_groups)
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_Z)
    until(qtbot, page, ["forest-0.jpg"])
    QTest.keyClick(page.list, Qt.Key.Key_Backspace)
    until(qtbot, page, BOTH)
    assert page.model.reviews[0].fates == ("", "", "")
    assert window.session.door.library.decided().sets == ()
    acts = window.session.door.library.clean_ups()
    assert acts == []
    # While there is a decision to take back, the usual keys are about that and not the trash.
    press(page, Qt.Key.Key_A)
    until(qtbot, page, ["forest-0.jpg"])
    QTest.keyClick(page.list, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    until(qtbot, page, BOTH)


def test_a_file_has_a_menu_of_its_own(
    window: MainWindow, qtbot: QtBot, expect_warning: Expected
) -> None:
    # Said by the offscreen platform of its menus.
    expect_warning("does not support grabbing")
    page = open_page(qtbot, window)
    page.group.members.go_to(1)
    page.group.menu_wanted.emit(QPoint(10, 10))
    menu = page.findChild(QMenu)
    assert menu is not None
    acts = {act.text(): act for act in menu.actions()}
    acts["Copy path"].trigger()
    assert QGuiApplication.clipboard().text().endswith("sunset copy.jpg")
    # Copies of one content cannot be different photos.
    assert not acts["This file is no duplicate"].isEnabled()
    acts["Keep this file"].trigger()
    qtbot.waitUntil(lambda: page.model.reviews[0].fates == ("", "keep", ""))
    menu.close()


def test_single_files_are_decided_and_one_always_stays(
    window: MainWindow, qtbot: QtBot, messages: Messages
) -> None:
    page = open_page(qtbot, window)
    assert page.group.review is not None
    best = page.group.review.group.best
    page.group.members.go_to(0)
    press(page, Qt.Key.Key_T)
    qtbot.waitUntil(lambda: page.model.reviews[0].fates == ("trash", "keep", "keep"))
    press(page, Qt.Key.Key_Right)
    press(page, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: page.model.reviews[0].fates == ("trash", "trash", "keep"))
    press(page, Qt.Key.Key_Right)
    press(page, Qt.Key.Key_T)
    assert messages.sentences[-1] == "One file of a group stays. Keep another one first."
    stays = page.model.reviews[0].group.members[2].path
    # Once decided file by file it stays in view until one goes on.
    press(page, Qt.Key.Key_Down)
    until(qtbot, page, ["forest-0.jpg"])
    page.plan.click()
    plan = window.reviewing.cleaning.plan_page
    qtbot.waitUntil(lambda: plan.plan is not None)
    assert plan.plan is not None
    going = {row.path for row in plan.plan.going}
    assert best in going
    assert stays not in going
    assert len(going) == 2
    # It is a decision like the others: kept, carried to other places, and taken back.
    library = window.session.door.library
    assert library.decided().staying == {stays}
    assert any(str(stays) in line for line in library.export_decisions())
    window.browser.show_page(DUPLICATES)
    for _ in range(2):
        press(page, Qt.Key.Key_Z)
    qtbot.waitUntil(lambda: library.decided().staying == frozenset())


def test_what_is_left_as_it_is_leaves_and_is_found_among_no_others(
    window: MainWindow, qtbot: QtBot
) -> None:
    page = open_page(qtbot, window)
    # Copies of one content cannot be different photos.
    assert not page.group.buttons["not-duplicates"].isEnabled()
    press(page, Qt.Key.Key_N)
    assert bests(page) == BOTH
    press(page, Qt.Key.Key_A)
    until(qtbot, page, ["forest-0.jpg"])
    page.group.buttons["not-duplicates"].click()
    qtbot.waitUntil(lambda: not page.showing_groups)
    page.message.chosen.emit("again")
    waited(qtbot, window)
    assert page.message.shown is not None
    assert page.message.shown.title == "No duplicates."


def shot_by(camera: str, second: int) -> Image.Exif:
    """Return what a camera notes of a shot, so many seconds after ten o'clock."""
    exif = Image.Exif()
    exif[0x0110] = camera
    exif.get_ifd(0x8769)[0x9003] = f"2024:05:01 10:00:0{second}"
    return exif


def test_bursts_are_shown_where_they_are_asked_for(
    window: MainWindow, qtbot: QtBot, place: Path
) -> None:
    shots = place / "photos" / "shots"
    shots.mkdir()
    for number in range(3):
        exif = shot_by("Test camera", number)
        with Image.open(place / "photos" / "forest-0.jpg") as image:
            image.save(shots / f"{number}.jpg", quality=95 - number, exif=exif)
    library = window.session.door.library
    known = library.photo_count()
    library.rescan()
    qtbot.waitUntil(lambda: library.photo_count() == known + 3)
    qtbot.waitUntil(lambda: library.unseen_count() == 0)
    page, filters = open_page(qtbot, window), window.reviewing.filters
    filters._set(bursts=True)
    waited(qtbot, window)
    (review,) = page.model.reviews
    assert {member.path.parent for member in review.group.members} == {shots}
    assert "Bursts" in page.match.accessibleName()
    filters._set(within=place / "photos" / "backup")
    qtbot.waitUntil(lambda: not page.showing_groups and not window.reviewing.busy)
    filters.clear()
    waited(qtbot, window)
    filters.leave_bursts()
    waited(qtbot, window)
    assert "Edited versions" in page.match.accessibleName()


def test_without_bursts_copies_are_a_step_away(window: MainWindow, qtbot: QtBot) -> None:
    page = open_page(qtbot, window)
    window.reviewing.filters._set(bursts=True)
    qtbot.waitUntil(lambda: not page.showing_groups and not window.reviewing.busy)
    said = page.message.shown
    assert said is not None
    assert said.title == "No bursts were found."
    QTest.keyClick(page.message, Qt.Key.Key_Return)
    assert bests(waited(qtbot, window)) == BOTH


def test_tab_goes_through_the_pages_as_they_are_read(window: MainWindow, qtbot: QtBot) -> None:
    page = open_page(qtbot, window)
    press(page, Qt.Key.Key_Return)
    until(qtbot, page, ["forest-0.jpg"])
    page.list.setFocus()
    named = stops(window)
    assert named[:2] == ["Groups of duplicates", "The pictures as they are"]
    files = named.index("Files of the group")
    assert named[files + 1 : files + 3] == ["Accept", "Keep"]
    shown = named.index("Show: To decide")
    assert named[shown - 2 : shown] == ["Clean-ups", "Plan the clean-up …"]
    assert named[-1] == "The best file"
    page.plan.click()
    plan = window.reviewing.cleaning.plan_page
    qtbot.waitUntil(lambda: plan.plan is not None)
    assert stops(window)[:3] == [
        "Files of the plan",
        "Move 2 files to trash …",
        "Throw the plan away",
    ]
    # Enter presses what has the focus.
    plan.discard.setFocus()
    QTest.keyClick(plan.discard, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.browser.page == DUPLICATES)


def stops(window: MainWindow) -> list[str]:
    """Return the names of what Tab leads to, round the window from where the keyboard is."""
    first = QApplication.focusWidget()
    assert first is not None
    found: list[str] = []
    while len(found) < 50:
        focus = QApplication.focusWidget()
        assert focus is not None
        if found and focus is first:
            return found
        found.append(focus.accessibleName() or getattr(focus, "text", str)())
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    raise AssertionError(found)


def test_a_plan_that_may_do_nothing_says_why(window: MainWindow, qtbot: QtBot, place: Path) -> None:
    page = open_page(qtbot, window)
    window.session.door.library.protect(place / "photos")
    press(page, Qt.Key.Key_Return)
    until(qtbot, page, ["forest-0.jpg"])
    page.plan.click()
    plan = window.reviewing.cleaning.plan_page
    qtbot.waitUntil(lambda: plan.plan is not None)
    assert plan.summary.text().startswith("2 files must stay although they were to go")
    assert plan.tree.isVisible()
    assert not plan.apply.isVisible()
    assert plan.model.sections[0].rows
    assert plan.tree.isExpanded(plan.model.index(0, 0))


def test_what_filters_say_is_not_cut(window: MainWindow) -> None:
    page, filters = window.reviewing.page, window.reviewing.filters
    window.sidebar.view_requested.emit(DUPLICATES)
    metrics = page.match.fontMetrics()
    texts = [*filters._matches().values(), *filters._states().values()]
    texts += window.reviewing.cleaning._suggestions()
    assert max(map(metrics.horizontalAdvance, texts)) <= WIDEST_TEXT


def test_filters_narrow_and_are_kept(window: MainWindow, qtbot: QtBot, place: Path) -> None:
    page, filters = open_page(qtbot, window), window.reviewing.filters
    filters._set(across=place / "photos" / "backup")
    waited(qtbot, window)
    assert bests(page) == BOTH
    filters._set(across=None, within=place / "photos" / "backup")
    waited(qtbot, window)
    assert [len(review.group.members) for review in page.model.reviews] == [2]
    filters.clear()
    waited(qtbot, window)
    assert bests(page) == BOTH
    press(page, Qt.Key.Key_Return)
    until(qtbot, page, ["forest-0.jpg"])
    filters.choose_state(DECIDED)
    until(qtbot, page, ["sunset-0.jpg"])
    filters.choose_state(SETS)
    waited(qtbot, window)
    assert page.message.shown is not None
    assert page.message.shown.title == "No sets were found."
    filters.choose_state(OPEN)
    waited(qtbot, window)
    assert bests(page) == ["forest-0.jpg"]


def test_the_rules_for_the_best_are_the_users(
    window: MainWindow, qtbot: QtBot, place: Path
) -> None:
    page = open_page(qtbot, window)
    page.rules.click()
    panel = window.findChild(BestPanel)
    assert panel is not None
    assert panel.rules() == ()
    panel.prefer(place / "photos" / "backup")
    panel.order.setCurrentRow(panel.order.count() - 1)
    for _ in range(panel.order.count()):
        panel.shift(panel.order, -1)
    assert panel.rules()[0] == "folder"
    QTest.keyClick(panel.window().focusWidget() or panel, Qt.Key.Key_Escape)
    waited(qtbot, window)
    assert all(review.group.best.parent.name == "backup" for review in page.model.reviews)
    assert "folder" in str(window.kept.value("review"))


def test_the_rules_have_words() -> None:
    from twinlens.curate.best import RULES

    assert tuple(rule_words()) == tuple(RULES)


def test_a_waiting_plan_is_offered_after_a_restart_and_can_be_thrown_away(
    qtbot: QtBot, place: Path, messages: Messages
) -> None:
    with opened(qtbot, place / "library") as window:
        accepted_and_planned(qtbot, window)
    with opened(qtbot, place / "library") as window:
        said = "A clean-up of 2 files was planned and waits; nothing was moved."
        qtbot.waitUntil(lambda: said in messages.sentences)
        message = window.browser.messages.current
        assert message is not None
        assert message.action is not None
        message.action()
        plan = window.reviewing.cleaning.plan_page
        assert window.browser.page == PLAN
        assert plan.summary.text().startswith("Made on ")
        plan.discard.click()
        qtbot.waitUntil(
            lambda: "The plan was thrown away. Nothing was moved." in messages.sentences
        )
        assert window.session.door.library.saved_plan() is None
        # What was decided is still decided.
        page = waited(qtbot, window)
        assert bests(page) == ["forest-0.jpg"]


def test_a_whole_review_is_taken_back_after_a_restart(
    qtbot: QtBot, place: Path, messages: Messages, expect_warning: Expected
) -> None:
    with opened(qtbot, place / "library") as window:
        plan = accepted_and_planned(qtbot, window)
        plan.apply.click()
        confirm(window)
        qtbot.waitUntil(lambda: "Moved 2 files to the trash." in messages.sentences)
        qtbot.waitUntil(window.session.door.library.is_settled)
    with opened(qtbot, place / "library") as window:
        page = open_page(qtbot, window)
        assert bests(page) == ["forest-0.jpg"]
        page.clean_ups.click()
        acts = window.reviewing.cleaning.acts_page
        qtbot.waitUntil(lambda: acts.chosen() is not None)
        assert window.browser.page == CLEAN_UPS
        top = acts.tree.topLevelItem(0)
        assert top is not None
        assert top.text(0) == "2 files moved to the trash, 1 decision"
        parts = [top.child(n) for n in range(top.childCount())]
        assert [part.text(0) for part in parts if part is not None] == [
            "2 files moved to the trash",
            "1 decision",
        ]
        acts.undo.click()
        said = "2 files are back where they were. What was decided is taken back."
        qtbot.waitUntil(lambda: said in messages.sentences)
        assert len(list((place / "photos" / "backup").iterdir())) == 3
        QTest.keyClick(acts, Qt.Key.Key_Escape)
        until(qtbot, page, BOTH)


def test_stopped_on_the_way_the_rest_waits(
    window: MainWindow,
    qtbot: QtBot,
    place: Path,
    messages: Messages,
    expect_warning: Expected,
) -> None:
    page = open_page(qtbot, window)
    press(page, Qt.Key.Key_Return)
    until(qtbot, page, ["forest-0.jpg"])
    page.plan.click()
    cleaning = window.reviewing.cleaning
    plan = cleaning.plan_page
    qtbot.waitUntil(lambda: plan.plan is not None)
    assert plan.plan is not None
    plan.apply.click()
    confirm(window)
    assert not plan.stop.isHidden()
    plan.stop.click()
    said = "Moved 0 files to the trash. Stopped; the rest of the plan waits."
    both = [said, said.replace("0 files", "1 file"), "Moved 2 files to the trash."]
    qtbot.waitUntil(lambda: bool(set(both) & set(messages.sentences)))
    left = len(list((place / "photos" / "backup").iterdir()))
    if messages.sentences[-1] != both[2]:
        assert window.session.door.library.saved_plan() is not None
        assert plan.apply.isVisible()
        assert left > 1


def test_only_the_plan_that_is_shown_is_carried_out(
    window: MainWindow, qtbot: QtBot, place: Path, messages: Messages
) -> None:
    plan = accepted_and_planned(qtbot, window)
    # Meanwhile another one is made, in a terminal for instance.
    library = window.session.door.library
    library.plan(library.duplicates())
    plan.apply.click()
    confirm(window)
    qtbot.waitUntil(lambda: any("Another plan" in said for said in messages.sentences))
    assert len(list((place / "photos" / "backup").iterdir())) == 3
    assert plan.apply.isVisible()


def test_suggestions_go_only_when_asked_for(window: MainWindow, qtbot: QtBot) -> None:
    page = open_page(qtbot, window)
    cleaning = window.reviewing.cleaning
    page.plan.click()
    plan = cleaning.plan_page
    qtbot.waitUntil(lambda: plan.plan is not None)
    assert plan.message.shown is not None
    assert plan.message.shown.title == "Nothing would go to the trash."
    assert plan.apply.isHidden()
    cleaning.suggest(1)
    qtbot.waitUntil(lambda: plan.plan is not None and bool(plan.plan.going))
    assert not plan.apply.isHidden()
    QTest.keyClick(plan, Qt.Key.Key_Escape)
    assert window.browser.page == DUPLICATES


def test_beside_another_process_nothing_is_decided(
    qtbot: QtBot, place: Path, messages: Messages
) -> None:
    with (
        Library(place / "library", writer=True),
        opened(qtbot, place / "library") as window,
    ):
        page = open_page(qtbot, window)
        assert bests(page) == BOTH
        assert not page.group.buttons["accept"].isEnabled()
        press(page, Qt.Key.Key_Return)
        assert bests(page) == BOTH
        assert "Another Twinlens uses this library" in page.notice.text()
        window.reviewing.decisions.decide("accept")
        assert "decisions can only be made there" in messages.sentences[-1]
        page.plan.click()
        plan = window.reviewing.cleaning.plan_page
        qtbot.waitUntil(lambda: plan.plan is not None)
        assert plan.apply.isHidden() or not plan.apply.isEnabled()


def test_new_photos_are_offered_and_move_nothing(
    window: MainWindow, qtbot: QtBot, place: Path
) -> None:
    page = open_page(qtbot, window)
    same = (place / "photos" / "circles-0.jpg").read_bytes()
    (place / "photos" / "circles copy.jpg").write_bytes(same)
    qtbot.waitUntil(page.again.isVisible)
    assert "Photos have come or gone." in page.notice.text()
    assert bests(page) == BOTH
    page.again.click()
    waited(qtbot, window)
    assert len(bests(page)) == 3


def test_without_photos_the_way_to_them_is_shown_and_groups_come_by_themselves(
    qtbot: QtBot, place: Path, tmp_path: Path
) -> None:
    with opened(qtbot, tmp_path / "new library") as window:
        window.sidebar.view_requested.emit(DUPLICATES)
        page = window.reviewing.page
        said = "Duplicates are found among your photos."
        qtbot.waitUntil(lambda: page.message.shown is not None and page.message.shown.title == said)
        assert page.message.shown is not None
        assert page.message.shown.primary == ("add_folder", "Add a folder …")
        window.conductor.keeping.add_folders([place / "photos"])
        qtbot.waitUntil(lambda: page.showing_groups and len(page.model.reviews) == len(BOTH))


def test_photos_not_looked_at_closely_are_told(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Library, "unseen_count", lambda _: 12)
    page = open_page(qtbot, window)
    assert "12 photos still wait for a closer look" in page.notice.text()
    assert not page.again.isHidden()


def test_what_cannot_be_compared_says_why_and_how_to_go_on(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise LibraryError("The disk is gone.", "Plug it in.")

    with monkeypatch.context() as patched:
        patched.setattr(Library, "duplicates", refuse)
        page = open_page(qtbot, window)
        assert page.message.shown is not None
        assert page.message.shown.title == "The disk is gone."
    QTest.keyClick(page.message, Qt.Key.Key_Return)
    until(qtbot, page, BOTH)


def test_a_decision_that_cannot_be_written_is_told_and_the_group_is_back(
    window: MainWindow, qtbot: QtBot, messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(qtbot, window)

    def refuse(*_: object, **__: object) -> None:
        raise LibraryError("The disk is full.", "Make some room.")

    monkeypatch.setattr(Library, "decide", refuse)
    press(page, Qt.Key.Key_Return)
    assert bests(page) == ["forest-0.jpg"]
    qtbot.waitUntil(lambda: any("disk is full" in said for said in messages.sentences))
    until(qtbot, page, BOTH)


def test_one_file_can_be_called_no_duplicate(
    window: MainWindow, qtbot: QtBot, messages: Messages
) -> None:
    page = open_page(qtbot, window)
    press(page, Qt.Key.Key_Down)
    page.group.members.go_to(0)
    reference = page.group.review.group.reference if page.group.review is not None else 0
    row = next(n for n in range(2) if page.group.model.photo_ids(n) == [reference])
    page.group.members.go_to(row)
    QTest.keyClick(page.list, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    assert "All others were compared with this file" in messages.sentences[-1]
    page.group.members.go_to(1 - row)
    QTest.keyClick(page.list, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    until(qtbot, page, ["sunset-0.jpg"])


def test_sets_are_shown_and_cannot_be_decided_about(qtbot: QtBot, place: Path) -> None:
    folder = place / "photos" / "shots"
    folder.mkdir()
    for number in range(3):
        exif = shot_by("Camera One", number)
        picture("circles", number).save(folder / f"IMG_010{number}.jpg", exif=exif)
    with Library(place / "library", writer=True) as library:
        library.index_folders()
    with opened(qtbot, place / "library") as window:
        page = open_page(qtbot, window)
        window.reviewing.filters.choose_state(SETS)
        waited(qtbot, window)
        assert [len(review.group.members) for review in page.model.reviews] == [3]
        assert not page.group.buttons["accept"].isVisible()
        press(page, Qt.Key.Key_Return)
        assert page.model.rowCount() == 1
        assert window.session.door.library.clean_ups() == []
        assert page.summary.text() == "1 group"
        assert not page.plan.isEnabled()


def test_looking_again_can_be_stopped(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(qtbot, window)
    found = Library.duplicates

    def slow(library: Library, **asked: Any) -> list[Group]:
        qtbot_limit = threading.Event()
        while not asked["should_stop"]():
            qtbot_limit.wait(0.01)
        return found(library, **asked)

    monkeypatch.setattr(Library, "duplicates", slow)
    QTest.keyClick(page.list, Qt.Key.Key_F5)
    assert page.stop.isVisible()
    # What is known can be decided about meanwhile.
    assert bests(page) == BOTH
    page.stop.click()
    waited(qtbot, window)
    assert "Stopped" in page.notice.text()
    assert page.stop.isHidden()
    assert not page.again.isHidden()


def test_the_first_look_tells_how_far_it_is_and_ends_with_escape(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Library.duplicates

    def slow(library: Library, **asked: Any) -> list[Group]:
        asked["told"](0.4)
        while not asked["should_stop"]():
            threading.Event().wait(0.01)
        return found(library, **asked)

    monkeypatch.setattr(Library, "duplicates", slow)
    window.sidebar.view_requested.emit(DUPLICATES)
    page = window.reviewing.page
    qtbot.waitUntil(lambda: "40" in page.message.accessibleName())
    QTest.keyClick(page, Qt.Key.Key_Escape)
    waited(qtbot, window)
    assert "Stopped" in page.notice.text()
    assert not page.is_busy
    monkeypatch.undo()
    page.again.click()
    waited(qtbot, window)
    assert bests(page) == BOTH


def test_making_a_plan_tells_how_far_it_is_and_can_be_stopped(
    window: MainWindow, qtbot: QtBot, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(qtbot, window)
    made = Library.plan

    def slow(library: Library, groups: list[Group], **asked: Any) -> Plan:
        asked["told"](0.4)
        while asked["told"](0.4) is None:
            threading.Event().wait(0.01)
        return made(library, groups, **asked)

    monkeypatch.setattr(Library, "plan", slow)
    page.plan.click()
    plan = window.reviewing.cleaning.plan_page
    qtbot.waitUntil(lambda: "40" in plan.message.accessibleName())
    QTest.keyClick(plan, Qt.Key.Key_Escape)
    assert window.browser.page == DUPLICATES
    monkeypatch.undo()
    page.plan.click()
    qtbot.waitUntil(lambda: plan.plan is not None)
    assert window.browser.page == PLAN


def test_thousands_of_groups_ask_only_for_what_is_in_view(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(qtbot, window)
    many = list(page.model.reviews) * 4000
    asked: list[int] = []
    loader = window.browser.loader
    monkeypatch.setattr(loader, "request", lambda ids: asked.append(len(ids)))
    page.model.set_reviews(many)
    page.list.go_to(7999)
    qtbot.waitUntil(lambda: bool(asked))
    assert max(asked) < 200
    assert page.model.data(page.model.index(7999), ReviewModel.ReviewRole) is many[-1]
