"""Galleries: found, opened, gone back from, named and pinned, with keys and mouse."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QProgressBar
from pytestqt.qtbot import QtBot

from tests.gui.generated import EACH, FAMILIES, picture
from tests.gui.windows import families, opened, shown, wait_for_tiles
from twinlens.errors import AppError
from twinlens.gui.browser import GALLERIES, PHOTOS
from twinlens.gui.galleries_model import GalleriesModel
from twinlens.gui.gallery_cards import Sort, arranged, facts, is_rest, on_card, rest_of
from twinlens.gui.main_window import MainWindow
from twinlens.gui.title_edit import TitleEdit
from twinlens.library import Library
from twinlens.records import Gallery


@pytest.fixture
def window(qtbot: QtBot, indexed: Path) -> Iterator[MainWindow]:
    with opened(qtbot, indexed) as made:
        wait_for_tiles(qtbot, made, 24)
        yield made


def cards(window: MainWindow) -> list[Gallery]:
    return list(window.browser.galleries.model.galleries)


def enter(window: MainWindow, qtbot: QtBot, level: int | None = None) -> list[Gallery]:
    """Go to the galleries, at a level; return those that show."""
    window.acts.perform("galleries")
    if level is not None:
        window.browser.galleries.level.setValue(level)
    wanted = window.browser.galleries.level.value()
    qtbot.waitUntil(lambda: bool(cards(window)) and cards(window)[0].level == wanted)
    return cards(window)


def key(window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    QTest.keyClick(window.browser.galleries.view, key, modifier or Qt.KeyboardModifier.NoModifier)


def in_photos(window: MainWindow, count: int) -> Callable[[], bool]:
    return lambda: window.browser.page == PHOTOS and len(shown(window)) == count


def test_the_sidebar_leads_to_the_galleries(window: MainWindow, qtbot: QtBot) -> None:
    window.sidebar.view_requested.emit("galleries")
    qtbot.waitUntil(lambda: len(cards(window)) >= 1)
    assert window.browser.page == GALLERIES
    together = [number for one in cards(window) for number in one.photos]
    assert sorted(together) == sorted(tile.photo_id for tile in shown(window))
    assert window.inspector.isHidden()


def test_a_gallery_is_opened_and_left_with_the_keyboard(window: MainWindow, qtbot: QtBot) -> None:
    found = enter(window, qtbot, level=1)
    qtbot.waitUntil(lambda: window.browser.galleries.view.hasFocus())
    key(window, Qt.Key.Key_Right)
    second = found[1]
    key(window, Qt.Key.Key_Return)
    qtbot.waitUntil(in_photos(window, len(second.photos)))
    assert {tile.photo_id for tile in shown(window)} == set(second.photos)
    trail, grid = window.browser.trail, window.browser.grid
    assert trail.isVisible()
    assert [step.text() for step in trail.crumbs.steps] == ["Galleries"]
    assert trail.crumbs.here.accessibleName() == second.title
    qtbot.waitUntil(grid.hasFocus)
    assert grid.currentIndex().row() == 0
    QTest.keyClick(grid, Qt.Key.Key_Escape)
    assert window.browser.page == GALLERIES
    assert window.browser.galleries.view.current() == second
    key(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(in_photos(window, 24))
    assert not trail.isVisible()


def test_back_leads_from_a_query_to_the_gallery_and_to_all(
    window: MainWindow, qtbot: QtBot
) -> None:
    first = enter(window, qtbot, level=1)[0]
    key(window, Qt.Key.Key_Return)
    qtbot.waitUntil(in_photos(window, len(first.photos)))
    window.acts.perform("find_similar")
    # What is like a photo may lie anywhere, not in its gallery alone.
    qtbot.waitUntil(in_photos(window, 24))
    assert not window.browser.trail.isVisible()
    window.acts.perform("back")
    qtbot.waitUntil(in_photos(window, len(first.photos)))
    assert window.browser.trail.isVisible()
    window.acts.perform("back")
    assert window.browser.page == GALLERIES
    window.acts.perform("back")
    qtbot.waitUntil(in_photos(window, 24))


def test_finer_galleries_lie_inside(window: MainWindow, qtbot: QtBot) -> None:
    levels = {level: enter(window, qtbot, level) for level in (0, 1, 2, 3, 4)}
    outer = next(
        one
        for level in (4, 3, 2, 1)
        for one in levels[level]
        if sum(inner.parent == one.gallery for inner in levels[level - 1]) > 1
    )
    inside = [one for one in levels[outer.level - 1] if one.parent == outer.gallery]
    enter(window, qtbot, outer.level)
    window.browser.galleries.view.opened.emit(outer)
    trail = window.browser.trail
    qtbot.waitUntil(lambda: trail.inside.isVisible())
    assert str(len(inside)) in trail.inside.text()
    trail.inside.click()
    qtbot.waitUntil(
        lambda: {one.gallery for one in cards(window)} == {one.gallery for one in inside}
    )
    page = window.browser.galleries
    assert page.crumbs.here.accessibleName() == outer.title
    page.view.opened.emit(cards(window)[0])
    qtbot.waitUntil(in_photos(window, len(cards(window)[0].photos)))
    assert [step.text() for step in trail.crumbs.steps] == ["Galleries", outer.title]
    trail.crumbs.steps[1].click()
    qtbot.waitUntil(in_photos(window, len(outer.photos)))
    trail.crumbs.steps[0].click()
    assert window.browser.page == GALLERIES


def test_more_like_a_gallery_asks_with_its_typical_photos(window: MainWindow, qtbot: QtBot) -> None:
    first = enter(window, qtbot, level=1)[0]
    key(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    tray = window.browser.tray
    qtbot.waitUntil(lambda: len(tray.examples()) >= 1)
    assert {example.photo_id for example in tray.examples()} <= set(first.photos)
    qtbot.waitUntil(lambda: window.browser.page == PHOTOS and shown(window)[0].score is not None)
    own = {tile.path.name.split("-")[0] for tile in shown(window) if tile.photo_id in first.photos}
    assert families(window, 3) <= own


def test_a_name_and_a_pin_outlive_clustering_and_the_window(indexed: Path, qtbot: QtBot) -> None:
    with opened(qtbot, indexed) as window:
        found = enter(window, qtbot, level=1)
        view = window.browser.galleries.view
        view.go_to(1)
        chosen = found[1]
        key(window, Qt.Key.Key_F2)
        edit = view.findChild(TitleEdit)
        assert isinstance(edit, TitleEdit)
        assert edit.text() == chosen.title
        QTest.keyClicks(edit, "Mine")
        QTest.keyClick(edit, Qt.Key.Key_Return)
        assert view.hasFocus()
        # Both at once: neither takes the other back.
        key(window, Qt.Key.Key_P)
        qtbot.waitUntil(lambda: cards(window)[1].pinned)
        assert cards(window)[1].title == "Mine"
        # It stays where it is looked at, and comes first from the next time on.
        window.acts.perform("refresh")
        qtbot.waitUntil(lambda: cards(window)[0].title == "Mine")
        assert set(cards(window)[0].photos) == set(chosen.photos)
    with Library(indexed) as library:
        first = library.galleries(1, anew=True)[0]
    assert (first.title, first.pinned, set(first.photos)) == ("Mine", True, set(chosen.photos))
    with opened(qtbot, indexed) as window:
        enter(window, qtbot, level=1)
        view = window.browser.galleries.view
        view.go_to(0)
        key(window, Qt.Key.Key_P)
        qtbot.waitUntil(lambda: not cards(window)[0].pinned)
        view.renamed.emit(cards(window)[0], "")
        qtbot.waitUntil(lambda: cards(window)[0].title == chosen.title)


def test_a_name_can_be_given_where_the_photos_are(window: MainWindow, qtbot: QtBot) -> None:
    first = enter(window, qtbot, level=1)[0]
    key(window, Qt.Key.Key_Return)
    qtbot.waitUntil(in_photos(window, len(first.photos)))
    trail = window.browser.trail
    QTest.keyClick(window.browser.grid, Qt.Key.Key_F2)
    edit = trail.findChild(TitleEdit)
    assert isinstance(edit, TitleEdit)
    QTest.keyClicks(edit, "Not this")
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    QTest.keyClick(window.browser.grid, Qt.Key.Key_F2)
    edit = next(one for one in trail.findChildren(TitleEdit) if one.isVisible())
    assert edit.text() == first.title
    QTest.keyClicks(edit, "Holidays")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: trail.crumbs.here.accessibleName() == "Holidays")
    trail.pin.click()
    qtbot.waitUntil(lambda: trail.pin.accessibleName() == "Unpin")
    trail.back.click()
    assert cards(window)[0].title == "Holidays"
    assert cards(window)[0].pinned


def test_the_level_the_order_and_the_title_decide_what_shows(
    window: MainWindow, qtbot: QtBot
) -> None:
    page = window.browser.galleries
    fine, coarse = enter(window, qtbot, level=0), enter(window, qtbot, level=4)
    real = [sum(not is_rest(one) for one in found) for found in (fine, coarse)]
    assert real[0] >= real[1] >= 1
    view = page.view
    view.renamed.emit(coarse[0], "Zebra")
    qtbot.waitUntil(lambda: cards(window)[0].title == "Zebra")
    page.field.setText("ZEB")
    assert [one.title for one in cards(window)] == ["Zebra"]
    page.field.setText("nothing is called so")
    assert cards(window) == []
    assert page.empty.isVisible()
    QTest.keyClick(page.empty, Qt.Key.Key_Return)
    assert len(cards(window)) == len(coarse)


def test_the_menu_of_a_gallery_offers_what_the_keys_do(
    window: MainWindow, qtbot: QtBot, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("grabbing the keyboard")
    enter(window, qtbot, level=1)
    view = window.browser.galleries.view
    view.go_to(0)
    view.context_menu.emit(view.mapToGlobal(view.rect().center()))
    menu = next(one for one in window.findChildren(QMenu) if one.isVisible())
    said = [action.text() for action in menu.actions()]
    assert said == ["Open", "More like this", "Rename", "Pin"]
    menu.close()


def test_new_photos_are_offered_and_nothing_moves(
    own_indexed: Path, photos: Path, qtbot: QtBot
) -> None:
    with opened(qtbot, own_indexed) as window:
        wait_for_tiles(qtbot, window, 24)
        before = enter(window, qtbot, level=1)
        for number in range(EACH, EACH + 2):
            picture("sunset", number).save(photos / f"sunset-{number}.jpg", quality=90)
        page = window.browser.galleries
        qtbot.waitUntil(lambda: "2 new photos" in page.offer)
        assert cards(window) == before
        page.chip.click()
        qtbot.waitUntil(lambda: sum(len(one.photos) for one in cards(window)) == 26)
        qtbot.waitUntil(lambda: page.offer == "")


def test_without_photos_a_folder_can_be_added(tmp_path: Path, qtbot: QtBot) -> None:
    with opened(qtbot, tmp_path / "library") as window:
        window.acts.perform("galleries")
        page = window.browser.galleries
        qtbot.waitUntil(
            lambda: page.empty.shown is not None and page.empty.shown.primary is not None
        )
        assert page.empty.shown is not None
        assert page.empty.shown.primary is not None
        assert page.empty.shown.primary[0] == "add_folder"


def test_too_few_alike_leads_to_coarser_ones(tmp_path: Path, qtbot: QtBot) -> None:
    few = tmp_path / "few"
    few.mkdir()
    for family in FAMILIES[:2]:
        picture(family, 0).save(few / f"{family}.jpg")
    with Library(tmp_path / "library", writer=True) as library:
        library.add_folder(few)
        library.index_folders()
    with opened(qtbot, tmp_path / "library") as window:
        window.acts.perform("galleries")
        page = window.browser.galleries
        qtbot.waitUntil(
            lambda: page.empty.shown is not None and "No galleries" in page.empty.shown.title
        )
        assert page.level.value() == 2
        QTest.keyClick(page.empty, Qt.Key.Key_Return)
        assert page.level.value() == 3


def test_making_galleries_can_be_left_and_ends_with_the_window(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, ended = threading.Event(), threading.Event()
    real = Library.galleries

    def slow(self: Library, coarse: int = 2, **rest: object) -> list[Gallery]:
        told: Callable[[float], None] = rest["told"]  # type: ignore[assignment]
        told(0.43)
        goes_on.wait(30)
        try:
            told(0.5)
        except AppError:
            ended.set()
            raise
        return real(self, coarse)

    monkeypatch.setattr(Library, "galleries", slow)
    window.acts.perform("galleries")
    page = window.browser.galleries
    qtbot.waitUntil(lambda: "43" in page.empty.accessibleName())
    line = page.empty.findChild(QProgressBar)
    assert isinstance(line, QProgressBar)
    assert line.value() == 43
    page.empty.chosen.emit("all_photos")
    qtbot.waitUntil(in_photos(window, 24))
    # Other things are looked up meanwhile.
    window.browser.tray.find_similar(shown(window)[0].photo_id)
    qtbot.waitUntil(lambda: shown(window)[0].score is not None)
    assert not ended.is_set()
    window.galleries.levels.stop()
    goes_on.set()
    qtbot.waitUntil(ended.is_set)


def test_what_fails_is_said_and_can_be_tried_again(
    window: MainWindow,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    expect_warning: Callable[[str], None],
) -> None:
    expect_warning("no galleries")

    def broken(self: Library, coarse: int = 2, **rest: object) -> list[Gallery]:
        raise AppError("The index is away.", "Look for it.")

    with monkeypatch.context() as patch:
        patch.setattr(Library, "galleries", broken)
        window.acts.perform("galleries")
        page = window.browser.galleries
        qtbot.waitUntil(
            lambda: page.empty.shown is not None and page.empty.shown.title == "The index is away."
        )
    QTest.keyClick(page.empty, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(cards(window)) >= 1)


def test_no_key_means_two_things(window: MainWindow) -> None:
    keys = [
        action.shortcut().toString()
        for action in window.findChildren(QAction)
        if not action.shortcut().isEmpty() and action.objectName()
    ]
    assert len(keys) == len(set(keys))


# Without a window


def gallery(name: str, title: str, count: int, last: str | None = None, **more: bool) -> Gallery:
    first = int(name) * 100
    photos = tuple(range(first, first + count))
    return Gallery(name, 2, title, None, last, last, photos, photos[0], None, **more)


def test_galleries_are_put_in_order() -> None:
    small = gallery("1", "beach", 3, "2024-05-01", pinned=True)
    large, middle = gallery("2", "Zoo", 9, "2023-01-01"), gallery("3", "Alps", 5)
    rest = rest_of([*range(100, 110)], [small], 2)
    assert rest is not None
    assert rest.photos == tuple(range(103, 110))
    every = [rest, middle, large, small]
    assert arranged(every, Sort.SIZE) == [small, large, middle, rest]
    assert arranged(every, Sort.DATE) == [small, large, middle, rest]
    assert arranged(every, Sort.TITLE) == [small, middle, large, rest]
    assert arranged(every, Sort.SIZE, " LP ") == [middle]
    assert rest_of(list(small.photos), [small], 2) is None


def test_a_card_shows_the_cover_and_photos_from_all_over() -> None:
    many = gallery("4", "Many", 90)
    shown_photos = on_card(many)
    assert shown_photos[0] == many.cover
    assert len(set(shown_photos)) == 3
    assert shown_photos[1] < 445 <= shown_photos[2]
    assert on_card(gallery("5", "Two", 2)) == [500, 501]
    assert on_card(gallery("6", "One", 1)) == [600]
    assert facts(gallery("7", "Day", 3, "2024-05-01T10:00:00")).startswith("3 photos · ")


def test_the_model_of_galleries_is_sound(qtmodeltester: object) -> None:
    model = GalleriesModel()
    model.set_galleries([gallery("1", "beach", 3, pinned=True), gallery("2", "Zoo", 9)])
    qtmodeltester.check(model)  # type: ignore[attr-defined]
    spoken = model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "beach, 3 photos, pinned"
    model.change(gallery("2", "Zoo of mine", 9))
    assert model.index(1).data() == "Zoo of mine"
