"""The journeys through the window, against the real engine on a small real library."""

import shutil
import threading
from collections.abc import Generator, Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QAccessible,
    QAccessibleInterface,
    QAction,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QFileDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QPushButton,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Messages
from tests.gui.windows import families, names, opened, shown, wait_for_tiles
from twinlens.gui import searching
from twinlens.gui.main_window import INSPECTOR_WIDTH, SIDEBAR_WIDTH, MainWindow
from twinlens.gui.name_field import NameField
from twinlens.gui.session import Session
from twinlens.inference.labels import evidence, labels_kind
from twinlens.ingest.closer import Maker
from twinlens.library import Library, updating
from twinlens.records import Filters, Query, Region, Tile

#: The number of a class that is a dog.
RETRIEVER = 207


@pytest.fixture
def window(qtbot: QtBot, indexed: Path) -> Iterator[MainWindow]:
    """A window on the shared photos, ready to search."""
    with opened(qtbot, indexed) as made:
        wait_for_tiles(qtbot, made, 24)
        yield made


def drop(window: MainWindow, mime: QMimeData, *, on: QWidget | None = None) -> str:
    """Drop something on the window, or a part of it; return what was said while it hovered."""
    enter = QDragEnterEvent(
        QPoint(600, 400),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(on or window, enter)
    said = window.offer
    event = QDropEvent(
        QPointF(600, 400),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(on or window, event)
    assert not window.offer
    return said


def urls(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def act(window: MainWindow, name: str) -> QAction:
    found = window.findChild(QAction, name)
    assert isinstance(found, QAction)
    return found


def test_all_photos_come_by_date(window: MainWindow) -> None:
    dates = [tile.taken or "" for tile in shown(window)]
    assert dates == sorted(dates, reverse=True)


def test_a_dropped_file_finds_its_family(
    window: MainWindow, qtbot: QtBot, shared_photos: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "mine.jpg"
    shutil.copy(shared_photos / "sunset-2.jpg", outside)
    assert drop(window, urls(outside)) == "Find photos like this"
    qtbot.waitUntil(lambda: names(window)[0] == "sunset-2.jpg")
    assert families(window, 6) == {"sunset"}
    scores = [tile.score or 0 for tile in shown(window)]
    assert scores[0] == pytest.approx(1.0, abs=1e-3)
    assert drop(window, urls(shared_photos / "forest-1.jpg")) == "Add as another example"
    qtbot.waitUntil(lambda: families(window, 4) >= {"forest"})


def test_a_query_that_comes_before_the_photos_waits_for_them(
    qtbot: QtBot, tmp_path: Path, photos: Path
) -> None:
    outside = tmp_path / "mine.jpg"
    shutil.copy(photos / "sunset-2.jpg", outside)
    with opened(qtbot, tmp_path / "library") as window:
        empty, tray = window.browser.empty, window.browser.tray
        qtbot.waitUntil(lambda: empty.shown is not None and empty.shown.link is not None)
        assert drop(window, urls(outside)) == "Keep as a query for photos that you add"
        qtbot.waitUntil(
            lambda: (
                empty.shown is not None and empty.shown.title == "There is nothing to search yet."
            )
        )
        assert empty.isVisible()
        assert empty.shown is not None
        assert empty.shown.primary == ("add_folder", "Add a folder …")
        assert tray.isVisible()
        assert tray.examples()[0].path == outside
        window.take_paths([photos])
        qtbot.waitUntil(lambda: bool(shown(window)) and names(window)[0] == "sunset-2.jpg")
        assert tray.examples()[0].path == outside
        qtbot.waitUntil(lambda: families(window, 6) == {"sunset"})


def test_opening_offers_what_can_be_read_and_on_request_everything(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    for name in ("IMG_1.JPG", "raw.nef", "notes.txt", "drawing.svg"):
        (folder / name).touch()
    for way in ("open_picture", "compare_files"):
        window.acts.perform(way)
        dialog = window.findChild(QFileDialog)
        assert isinstance(dialog, QFileDialog)
        dialog.setDirectory(str(folder))
        listed = partial(names_in, dialog)
        qtbot.waitUntil(lambda: listed() == {"IMG_1.JPG", "raw.nef"})  # noqa: B023
        dialog.selectNameFilter(dialog.nameFilters()[1])
        dialog.filterSelected.emit(dialog.nameFilters()[1])
        qtbot.waitUntil(lambda: len(listed()) == 4)  # noqa: B023
        dialog.reject()
        qtbot.waitUntil(lambda: window.findChild(QFileDialog) is None)


def names_in(dialog: QFileDialog) -> set[str]:
    """Return the files that a dialog offers."""
    view = dialog.findChild(QAbstractItemView, "listView")
    assert isinstance(view, QAbstractItemView)
    model, root = view.model(), view.rootIndex()
    return {model.index(row, 0, root).data() for row in range(model.rowCount(root))}


def test_a_dropped_picture_from_a_browser_is_a_query(
    window: MainWindow, qtbot: QtBot, shared_photos: Path
) -> None:
    mime = QMimeData()
    mime.setImageData(QImage(str(shared_photos / "checker-3.jpg")))
    drop(window, mime)
    qtbot.waitUntil(lambda: names(window)[0] == "checker-3.jpg")
    assert families(window, 6) == {"checker"}


def test_pasting_a_bitmap_or_a_path_searches(
    window: MainWindow, qtbot: QtBot, shared_photos: Path
) -> None:
    QGuiApplication.clipboard().setImage(QImage(str(shared_photos / "circles-0.jpg")))
    act(window, "paste").trigger()
    qtbot.waitUntil(lambda: names(window)[0] == "circles-0.jpg")
    act(window, "clear_query").trigger()
    wait_for_tiles(qtbot, window, 24)
    QGuiApplication.clipboard().setText(str(shared_photos / "forest-4.jpg"))
    act(window, "paste").trigger()
    qtbot.waitUntil(lambda: names(window)[0] == "forest-4.jpg")


def test_what_is_no_picture_is_refused_in_place(
    window: MainWindow, tmp_path: Path, messages: Messages
) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("nothing to see")
    assert drop(window, urls(text)) == "notes.txt is not a photo"
    assert "notes.txt is not a photo and was left out." in messages.sentences
    assert len(shown(window)) == 24


def test_a_damaged_picture_is_refused_in_place(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, messages: Messages
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 but then nothing")
    drop(window, urls(broken))
    qtbot.waitUntil(lambda: bool(messages.sentences))
    assert "broken.jpg" in messages.sentences[0]


def test_a_negative_example_pushes_its_family_away(window: MainWindow, qtbot: QtBot) -> None:
    by_name = {tile.path.name: tile for tile in shown(window)}
    tray = window.browser.tray
    tray.add_photo(by_name["sunset-0.jpg"].photo_id)
    qtbot.waitUntil(lambda: names(window)[0] == "sunset-0.jpg")
    before = {tile.photo_id: tile.score or 0 for tile in shown(window)}
    forest = by_name["forest-0.jpg"].photo_id
    tray.add_photo(forest, negative=True)
    qtbot.waitUntil(lambda: len(tray.examples()) == 2)
    qtbot.waitUntil(
        lambda: any(
            tile.photo_id == forest and (tile.score or 0) < before[forest] - 0.1
            for tile in shown(window)
        )
    )


def test_the_inspector_follows_the_answer(window: MainWindow, qtbot: QtBot) -> None:
    tile = shown(window)[5]
    grid, inspector = window.browser.grid, window.inspector
    grid.show_photo(tile.photo_id)
    assert inspector.tile() == tile
    act(window, "find_similar").trigger()
    qtbot.waitUntil(lambda: shown(window)[0].score is not None)
    assert inspector.tile() == grid.current_tile()
    grid.show_photo(shown(window)[0].photo_id)
    window.acts.perform("clear")
    qtbot.waitUntil(lambda: shown(window)[0].score is None)
    assert inspector.tile() == grid.current_tile()


def test_what_is_said_of_a_drop_goes_with_the_next_query(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"not a picture")
    drop(window, urls(broken))
    bar = window.browser.messages
    qtbot.waitUntil(lambda: bar.current is not None)
    window.acts.perform("clear")
    assert bar.current is None


def test_a_region_of_an_example_narrows_the_query(window: MainWindow, qtbot: QtBot) -> None:
    photo = shown(window)[0].photo_id
    tray = window.browser.tray
    tray.add_photo(photo)
    qtbot.waitUntil(lambda: shown(window)[0].photo_id == photo)
    example = tray.examples()[0]
    with qtbot.waitSignal(window.conductor.searching.answered) as answered:
        tray.replace([replace(example, region=Region(0.1, 0.1, 0.4, 0.4))])
    assert answered.args[0].ask.examples[0].region == Region(0.1, 0.1, 0.4, 0.4)
    assert (shown(window)[0].score or 0) < 0.999


def test_back_and_forward_walk_through_the_queries(window: MainWindow, qtbot: QtBot) -> None:
    by_name = {tile.path.name: tile.photo_id for tile in shown(window)}
    tray = window.browser.tray
    for name in ("sunset-0.jpg", "checker-0.jpg"):
        tray.find_similar(by_name[name])
        qtbot.waitUntil(lambda name=name: names(window)[0] == name)  # type: ignore[misc]
    act(window, "back").trigger()
    qtbot.waitUntil(lambda: names(window)[0] == "sunset-0.jpg")
    assert tray.examples()[0].photo_id == by_name["sunset-0.jpg"]
    act(window, "back").trigger()
    wait_for_tiles(qtbot, window, 24)
    qtbot.waitUntil(lambda: shown(window)[0].score is None)
    assert not tray.state()
    assert not act(window, "back").isEnabled()
    act(window, "forward").trigger()
    qtbot.waitUntil(lambda: names(window)[0] == "sunset-0.jpg")


def test_a_newer_query_wins_over_a_slow_one(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_name = {tile.path.name: tile.photo_id for tile in shown(window)}
    library = window.session.door.library
    search, held, go = library.verified_tiles, threading.Event(), threading.Event()

    def slow(query: Query, k: int = 200) -> Generator[list[Tile], None, None]:
        if query.examples[0].photo_id == by_name["sunset-0.jpg"]:
            held.set()
            go.wait(60)
        yield from search(query, k)

    monkeypatch.setattr(library, "verified_tiles", slow)
    answers: list[str] = []
    window.conductor.searching.answered.connect(
        lambda answer, _: answers.append(answer.arrangement.tiles[0].path.name)
    )
    window.browser.tray.find_similar(by_name["sunset-0.jpg"])
    assert held.wait(60)
    window.browser.tray.find_similar(by_name["checker-0.jpg"])
    go.set()
    qtbot.waitUntil(lambda: answers == ["checker-0.jpg"])


def test_the_first_photos_stay_where_they_are_when_the_others_come(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    every, go = names(window), threading.Event()
    library = window.session.door.library
    browse = library.browse

    def slow(filters: Filters, order: str = "date", most: int | None = None) -> list[Tile]:
        if most is None:
            go.wait(60)
        return browse(filters, order, most)

    monkeypatch.setattr(library, "browse", slow)
    monkeypatch.setattr(searching, "FIRST_PHOTOS", 10)
    window.conductor.show_all()
    wait_for_tiles(qtbot, window, 10)
    assert names(window) == every[:10]
    grid = window.browser.grid
    grid.setCurrentIndex(window.browser.model.index(3, 0))
    go.set()
    wait_for_tiles(qtbot, window, 24)
    assert names(window) == every
    assert [index.row() for index in grid.selectionModel().selectedIndexes()] == [3]
    assert grid.currentIndex().row() == 3


def test_a_query_does_not_wait_for_the_rest_of_a_list(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo_id, go = shown(window)[0].photo_id, threading.Event()
    library, tasks = window.session.door.library, window.session.tasks
    browse = library.browse
    late: list[int] = []
    begun = threading.Event()

    def slow(filters: Filters, order: str = "date", most: int | None = None) -> list[Tile]:
        if most is not None:
            return browse(filters, order, most)
        begun.set()
        go.wait(60)
        late.append(len(browse(filters, order)))
        return browse(filters, order)

    monkeypatch.setattr(library, "browse", slow)
    monkeypatch.setattr(searching, "FIRST_PHOTOS", 10)
    window.conductor.show_all()
    wait_for_tiles(qtbot, window, 10)
    # A list that has not begun when the query comes is not made at all.
    qtbot.waitUntil(begun.is_set)
    window.browser.tray.find_similar(photo_id)
    qtbot.waitUntil(lambda: shown(window)[0].score is not None)
    go.set()
    qtbot.waitUntil(lambda: late[:1] == [24])
    # Two workers look: once both have taken up something else, the list has been delivered.
    both = threading.Barrier(2)
    after: list[int] = []
    for _ in range(2):
        tasks.run("look", lambda: both.wait(60), after.append)
    qtbot.waitUntil(lambda: len(after) == 2)
    assert shown(window)[0].score is not None


def test_filters_narrow_and_an_empty_result_offers_the_way_back(
    window: MainWindow, qtbot: QtBot
) -> None:
    filters = window.browser.filters
    filters.set_filters(Filters(name="sunset"))
    filters.changed.emit()
    wait_for_tiles(qtbot, window, 6)
    filters.set_filters(Filters(name="no such name"))
    filters.changed.emit()
    qtbot.waitUntil(lambda: window.browser.page == "empty")
    empty = window.browser.empty
    assert empty.shown is not None
    assert empty.shown.title == "No photo passes these filters."
    empty.findChildren(QPushButton)[0].click()
    wait_for_tiles(qtbot, window, 24)
    assert window.browser.page == "photos"


def test_the_viewer_opens_walks_and_closes_by_keyboard(window: MainWindow, qtbot: QtBot) -> None:
    grid = window.browser.grid
    grid.show_photo(shown(window)[3].photo_id)
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_Return)
    assert window.viewing
    QTest.keyClick(window.viewer, Qt.Key.Key_Right)
    assert window.viewer.current_tile() == shown(window)[4]
    QTest.keyClick(window.viewer, Qt.Key.Key_Escape)
    assert not window.viewing
    assert grid.current_tile() == shown(window)[4]


def test_space_gives_a_quick_look(window: MainWindow, qtbot: QtBot) -> None:
    grid = window.browser.grid
    grid.show_photo(shown(window)[0].photo_id)
    QTest.keyClick(grid, Qt.Key.Key_Space)
    assert window.quick.is_open
    QTest.keyClick(window.quick, Qt.Key.Key_Return)
    assert window.viewing
    assert not window.quick.is_open


def test_find_similar_and_add_to_query_from_the_grid(window: MainWindow, qtbot: QtBot) -> None:
    tile = next(tile for tile in shown(window) if tile.path.name == "circles-2.jpg")
    window.browser.grid.show_photo(tile.photo_id)
    act(window, "find_similar").trigger()
    qtbot.waitUntil(lambda: names(window)[0] == "circles-2.jpg")
    assert families(window, 6) == {"circles"}
    other = shown(window)[-1]
    window.browser.grid.show_photo(other.photo_id)
    act(window, "add_negative").trigger()
    qtbot.waitUntil(lambda: len(window.browser.tray.examples()) == 2)
    assert window.browser.tray.examples()[1].negative


def looked_at(kind: str) -> dict[str, bytes]:
    """Return what a closer look at a retriever gives, whatever it is."""
    scores = np.full(1000, -10, np.float32)
    scores[RETRIEVER] = 10
    return {kind: evidence(scores)}


def test_words_find_photos_while_others_are_still_to_be_looked_at(
    qtbot: QtBot, indexed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    kind = ""

    def make(_pixels: object) -> dict[str, bytes]:
        go_on.wait(60)
        return looked_at(kind)

    with Library(indexed, writer=True) as library:
        ids = library.photo_ids()
        engine = library._works.engines.current()
        kind = labels_kind(engine.spec.model_id)
        for photo_id in ids[:3]:
            engine.features.put(kind, {photo_id: looked_at(kind)[kind]})
    monkeypatch.setattr(updating, "makers_of", lambda _: (Maker(kind, make),))
    try:
        with opened(qtbot, indexed) as window:
            wait_for_tiles(qtbot, window, 24)
            filters, inspector = window.browser.filters, window.inspector
            window.browser.grid.show_photo(ids[10])
            qtbot.waitUntil(inspector.labels.note.isVisible)
            window.browser.grid.show_photo(ids[0])
            qtbot.waitUntil(lambda: bool(inspector.labels.links.rows()))
            window.activateWindow()
            filters.focus()
            qtbot.waitUntil(filters.name.hasFocus)
            QTest.keyClicks(filters.name, "dog")
            qtbot.waitUntil(lambda: filters.name.offering is not None)
            QTest.keyClick(filters.name, Qt.Key.Key_Return)
            wait_for_tiles(qtbot, window, 3)
            assert filters.label.value == "Shows: dog"
            assert filters.note.text().startswith("3 of 24 photos looked at so far")
            assert window.conductor.searching.can_go_back
            # The grid may change by itself only while nobody has chosen anything in it.
            window.browser.grid.clearSelection()
            go_on.set()
            wait_for_tiles(qtbot, window, 24)
            qtbot.waitUntil(filters.note.isHidden)
            window.browser.tray.add_photo(ids[0])
            qtbot.waitUntil(lambda: shown(window)[0].probability == 1)
            assert len(shown(window)) == 24
            window.conductor.step(-1)
            window.conductor.step(-1)
            qtbot.waitUntil(lambda: filters.filters() == Filters())
            filters.search_for("guitar")
            said = window.browser.empty
            qtbot.waitUntil(lambda: said.isVisible() and said.shown is not None)
            assert said.shown is not None
            assert said.shown.title == "No photo surely shows: guitar."
            assert filters.label.isVisible()
    finally:
        go_on.set()


def test_panels_go_where_there_is_no_room(window: MainWindow, qtbot: QtBot) -> None:
    assert window.inspector.isVisible()
    assert not window.sidebar.compact
    window.resize(1000, 700)
    assert not window.inspector.isVisible()
    window.resize(880, 600)
    assert window.sidebar.compact
    assert window.width() == 880
    # The icons stand in a column of their own width.
    assert window.browser.x() <= window.sidebar.maximumWidth() + 1
    window.resize(1280, 800)
    assert window.inspector.isVisible()
    assert not window.sidebar.compact
    assert window.sidebar.width() == SIDEBAR_WIDTH
    assert window.inspector.width() == INSPECTOR_WIDTH


def test_a_window_opens_no_larger_than_the_screen(qtbot: QtBot, indexed: Path) -> None:
    with opened(qtbot, indexed) as first:
        first.resize(3000, 2000)
        first.close()
    session = Session(indexed)
    second = MainWindow(session)
    qtbot.addWidget(second)
    assert second.screen().availableGeometry().contains(second.geometry())
    second.finish()
    session.close()


def test_shortcuts_are_listed_and_unique(window: MainWindow) -> None:
    act(window, "shortcuts").trigger()
    assert window.browser.page == "shortcuts"
    groups = {name: [keys for _, keys in rows] for name, rows in window.acts.shortcut_groups()}
    menus = ("File", "Edit", "View", "Search", "Help")
    anywhere = [keys for name in menus for keys in groups[name]]
    assert len(anywhere) == len(set(anywhere))
    assert len(anywhere) > 30
    # A place has keys of its own, which may mean something else in another one.
    assert {"In the photos", "In the galleries", "On the map", "Among duplicates"} < groups.keys()
    assert all(len(keys) == len(set(keys)) for keys in groups.values())


@pytest.mark.parametrize(("width", "columns"), [(640, 1), (900, 2), (1280, 3)])
def test_shortcuts_stand_in_as_many_columns_as_fit(
    window: MainWindow, qtbot: QtBot, width: int, columns: int
) -> None:
    act(window, "shortcuts").trigger()
    page = window.browser.shortcuts
    window.resize(width, 600)
    inside = page.widget()
    assert inside is not None
    qtbot.waitUntil(lambda: inside.width() <= page.viewport().width())
    heading = next(one for one in inside.findChildren(QLabel) if one.text() == "File")
    groups = [one for one in inside.children() if type(one) is QWidget]
    lefts = {group.x() for group in groups}
    assert len(lefts) == columns
    for left in lefts:
        below = sorted((one for one in groups if one.x() == left), key=QWidget.y)
        gaps = [two.y() - one.geometry().bottom() for one, two in pairwise(below)]
        assert all(0 < gap <= 2 * heading.height() for gap in gaps)


def test_how_the_window_lay_is_remembered(qtbot: QtBot, indexed: Path) -> None:
    with opened(qtbot, indexed) as window:
        window.browser.grid.set_tile_size(240)
        act(window, "inspector").trigger()
    with opened(qtbot, indexed) as window:
        assert window.browser.grid.tile_size == 240
        assert not window.inspector.isVisible()


def spoken(top: QAccessibleInterface) -> Iterator[tuple[str, QAccessibleInterface]]:
    """Yield everything that assistive technology finds below something, with the way to it."""
    for number in range(top.childCount()):
        child = top.child(number)
        if child is None or not child.isValid() or child.state().invisible:
            continue
        name = child.text(QAccessible.Text.Name)
        way = f"{child.role().name} “{name}”"
        yield way, child
        if child.role() is not QAccessible.Role.List:
            for below, item in spoken(child):
                yield f"{way} > {below}", item
            continue
        for row in range(min(child.childCount(), 3)):
            yield f"{way} > item {row}", child.child(row)


@pytest.mark.parametrize("place", ["photos", "query", "failures", "settings", "viewer", "date"])
def test_whatever_takes_the_focus_has_a_name_and_a_role(
    window: MainWindow, qtbot: QtBot, place: str
) -> None:
    if place == "query":
        window.browser.tray.add_photo(shown(window)[3].photo_id)
        window.browser.tray.add_photo(shown(window)[4].photo_id, negative=True)
        qtbot.waitUntil(lambda: shown(window)[0].score is not None)
    elif place == "viewer":
        window.browser.grid.show_photo(shown(window)[0].photo_id)
        act(window, "open_viewer").trigger()
    elif place == "date":
        window.browser.filters.date.click()
    elif place != "photos":
        act(window, place).trigger()
    top = QAccessible.queryAccessibleInterface(window)
    assert top is not None
    found = list(spoken(top))
    roles = {item.role() for _, item in found}
    assert {QAccessible.Role.Button, QAccessible.Role.MenuBar, QAccessible.Role.StatusBar} <= roles
    silent = [
        way
        for way, item in found
        if item.state().focusable
        and not (item.text(QAccessible.Text.Name) and item.role() is not QAccessible.Role.NoRole)
    ]
    assert not silent


def test_the_grid_starts_with_tiles_of_a_photo_program(window: MainWindow) -> None:
    assert window.size().toTuple() == (1280, 800)
    assert window.inspector.isVisible()
    assert 5 <= window.browser.grid.grid.columns <= 6


def test_a_photo_dropped_on_the_field_for_a_name_types_nothing(
    window: MainWindow, shared_photos: Path
) -> None:
    field = window.browser.filters.findChild(NameField)
    assert field is not None
    offered = drop(window, urls(shared_photos / "forest-1.jpg"), on=field)
    assert offered == "Find photos like this"
    assert window.browser.tray.examples()[0].path == shared_photos / "forest-1.jpg"
    assert not field.text()


def test_every_control_says_what_it_is(window: MainWindow) -> None:
    act(window, "failures").trigger()
    act(window, "settings").trigger()
    act(window, "about").trigger()
    act(window, "shortcuts").trigger()
    kinds = (
        QAbstractButton,
        QLineEdit,
        QComboBox,
        QAbstractItemView,
        QPlainTextEdit,
        QAbstractSlider,
    )
    silent = []
    for kind in kinds:
        for widget in window.findChildren(kind):
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            parts = (QComboBox, QMenuBar, QMenu, QLineEdit)
            if isinstance(widget, (QScrollBar, QHeaderView)) or widget.isHidden():
                continue
            if isinstance(widget.parent(), parts) or widget.objectName().startswith("qt_"):
                continue
            if not (widget.accessibleName() or text) and widget.window() is window:
                silent.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    assert not silent


def test_a_photo_dragged_from_the_grid_becomes_an_example(window: MainWindow, qtbot: QtBot) -> None:
    tile = shown(window)[7]
    window.browser.grid.show_photo(tile.photo_id)
    model = window.browser.model
    row = model.row_of(tile.photo_id)
    assert row is not None
    drop(window, model.mimeData([model.index(row, 0)]))
    qtbot.waitUntil(lambda: shown(window)[0].photo_id == tile.photo_id)
    assert window.browser.tray.examples()[0].photo_id == tile.photo_id
