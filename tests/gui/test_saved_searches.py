"""Searches kept under a name: saved in place, opened from the sidebar, renamed and forgotten."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListView
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Messages
from tests.gui.windows import names, opened, shown, wait_for_tiles
from twinlens.gui.main_window import MainWindow
from twinlens.gui.save_popover import SavePopover
from twinlens.gui.sidebar import Sidebar
from twinlens.gui.sidebar_model import SidebarModel, search_view
from twinlens.records import Example


@pytest.fixture
def window(qtbot: QtBot, indexed: Path) -> Iterator[MainWindow]:
    """A window on the shared photos, ready to search."""
    with opened(qtbot, indexed) as made:
        wait_for_tiles(qtbot, made, 24)
        yield made


def side(window: MainWindow) -> QListView:
    found = window.sidebar.findChild(QListView)
    assert isinstance(found, QListView)
    return found


def kept(window: MainWindow) -> list[str]:
    """Return the names of the searches in the sidebar."""
    model = side(window).model()
    rows = [model.index(n, 0).data(SidebarModel.RowRole) for n in range(model.rowCount())]
    return [row.search for row in rows if row.search]


def choose(window: MainWindow, name: str) -> None:
    """Make the row of a search the current one, as the arrow keys do."""
    view = side(window)
    model = view.model()
    assert isinstance(model, SidebarModel)
    view.setFocus()
    view.setCurrentIndex(model.index(model.row_of(search_view(name))))


def save(window: MainWindow, qtbot: QtBot, name: str) -> str:
    """Save the search under a name; return the name that was offered."""
    window.acts.perform("save_search")
    popover = window.findChild(SavePopover)
    assert isinstance(popover, SavePopover)
    offered = popover.field.text()
    assert popover.field.hasFocus()
    popover.field.setText(name)
    QTest.keyClick(popover.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: name in kept(window))
    qtbot.waitUntil(lambda: window.findChild(SavePopover) is None)
    return offered


def ask(window: MainWindow, qtbot: QtBot, path: Path) -> None:
    with qtbot.waitSignal(window.conductor.searching.answered):
        window.browser.tray.add_paths([path])


def place(window: MainWindow) -> str:
    index = side(window).currentIndex()
    return str(index.data(SidebarModel.RowRole).search) if index.isValid() else ""


def test_a_search_comes_back_as_it_was(
    window: MainWindow, qtbot: QtBot, shared_photos: Path, tmp_path: Path, messages: Messages
) -> None:
    assert not window.browser.tray.tools.save.isVisible()
    outside = tmp_path / "mine.jpg"
    outside.write_bytes((shared_photos / "sunset-2.jpg").read_bytes() + b"\0")
    ask(window, qtbot, outside)
    tray, filters, searching = (
        window.browser.tray,
        window.browser.filters,
        window.conductor.searching,
    )
    filters.set_filters(replace(filters.filters(), name="0"))
    with qtbot.waitSignal(searching.answered):
        tray.marks.judge([tile.photo_id for tile in shown(window)[:3]], right=True)
    before = names(window)
    assert tray.tools.save.isVisible()
    assert save(window, qtbot, "Summer") == ""
    assert "“Summer” is kept." in messages.sentences
    qtbot.waitUntil(lambda: place(window) == "Summer")
    outside.unlink()
    with qtbot.waitSignal(searching.answered):
        window.conductor.show_all()
    assert place(window) == ""
    with qtbot.waitSignal(searching.answered):
        choose(window, "Summer")
    assert names(window) == before
    assert filters.filters().name == "0"
    assert (tray.marks.right, len(tray.examples())) == (3, 1)
    assert place(window) == "Summer"
    # Taught further it is another search, which is offered to take the place of this one.
    with qtbot.waitSignal(searching.answered):
        tray.marks.forget()
    assert place(window) == ""
    assert save(window, qtbot, "Summer") == "Summer"
    assert kept(window) == ["Summer"]
    library = window.session.door.library
    qtbot.waitUntil(lambda: not library.saved_search("Summer").query.marks)


def test_a_search_is_renamed_in_place(
    window: MainWindow, qtbot: QtBot, shared_photos: Path, messages: Messages
) -> None:
    ask(window, qtbot, shared_photos / "forest-1.jpg")
    save(window, qtbot, "Woods")
    save(window, qtbot, "Trees")

    def rename(name: str, to: str) -> None:
        choose(window, name)
        QTest.keyClick(side(window), Qt.Key.Key_F2)
        field = side(window).findChild(QLineEdit)
        assert isinstance(field, QLineEdit)
        assert field.text() == name
        field.setText(to)
        QTest.keyClick(field, Qt.Key.Key_Return)

    rename("Woods", "Forest")
    qtbot.waitUntil(lambda: kept(window) == ["Forest", "Trees"])
    rename("Trees", "Forest")
    qtbot.waitUntil(lambda: any("already" in text for text in messages.sentences))
    assert kept(window) == ["Forest", "Trees"]


def test_counts_that_change_leave_a_half_typed_name_alone(qtbot: QtBot) -> None:
    side = Sidebar()
    qtbot.addWidget(side)
    side.set_writable(True)
    side.show()
    side.set_facts(100, 0, [], ["Woods"])
    view = side.findChild(QListView)
    assert isinstance(view, QListView)
    side.set_current(search_view("Woods"))
    view.edit(view.currentIndex())
    field = view.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setText("For")
    side.set_facts(101, 2, [], ["Woods"])
    assert field.text() == "For"
    field.setText("Forest")
    with qtbot.waitSignal(side.search_renamed) as renamed:
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert renamed.args == ["Woods", "Forest"]


def test_nothing_is_renamed_or_forgotten_where_another_process_writes(qtbot: QtBot) -> None:
    side = Sidebar()
    qtbot.addWidget(side)
    side.set_facts(100, 0, [], ["Woods"])
    side.set_current(search_view("Woods"))
    view = side.findChild(QListView)
    assert isinstance(view, QListView)
    assert [act.text() for act in side.search_menu(view.currentIndex(), side).actions()] == [
        "Search again"
    ]
    with qtbot.assertNotEmitted(side.search_forgotten):
        QTest.keyClick(view, Qt.Key.Key_Delete)
    assert not view.model().flags(view.currentIndex()) & Qt.ItemFlag.ItemIsEditable


def test_a_forgotten_search_can_be_taken_back(
    window: MainWindow, qtbot: QtBot, shared_photos: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "mine.jpg"
    outside.write_bytes((shared_photos / "circles-2.jpg").read_bytes() + b"\0")
    ask(window, qtbot, outside)
    save(window, qtbot, "Rings")
    outside.unlink()
    found = names(window)
    choose(window, "Rings")
    QTest.keyClick(side(window), Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: kept(window) == [])
    said = window.browser.messages.current
    assert said is not None
    assert said.action_label == "Take it back"
    assert said.action is not None
    said.action()
    qtbot.waitUntil(lambda: kept(window) == ["Rings"])
    with qtbot.waitSignal(window.conductor.searching.answered):
        window.conductor.show_all()
    with qtbot.waitSignal(window.conductor.searching.answered):
        choose(window, "Rings")
    assert names(window) == found


def test_pictures_that_cannot_be_had_are_said(
    window: MainWindow, qtbot: QtBot, shared_photos: Path, messages: Messages
) -> None:
    ask(window, qtbot, shared_photos / "checker-0.jpg")
    with qtbot.waitSignal(window.conductor.searching.answered):
        window.browser.tray.add([Example(data=_other(shared_photos))])
    save(window, qtbot, "Squares")
    with qtbot.waitSignal(window.conductor.searching.answered):
        window.conductor.show_all()
    library = window.session.door.library
    [outside] = [e.path for e in library.saved_search("Squares").query.examples if e.path]
    outside.unlink()
    choose(window, "Squares")
    said = "1 picture of “Squares” cannot be had any more; the others are asked."
    qtbot.waitUntil(lambda: said in messages.sentences)
    assert len(window.browser.tray.examples()) == 1
    qtbot.waitUntil(lambda: names(window)[0] == "checker-0.jpg")


def _other(shared_photos: Path) -> bytes:
    return (shared_photos / "checker-1.jpg").read_bytes() + b"\0"


def test_a_search_without_any_picture_left_is_said_and_not_asked(
    window: MainWindow, qtbot: QtBot, shared_photos: Path, messages: Messages
) -> None:
    with qtbot.waitSignal(window.conductor.searching.answered):
        window.browser.tray.add([Example(data=_other(shared_photos))])
    save(window, qtbot, "Squares")
    with qtbot.waitSignal(window.conductor.searching.answered):
        window.conductor.show_all()
    [example] = window.session.door.library.saved_search("Squares").query.examples
    assert example.path is not None
    example.path.unlink()
    before = names(window)
    choose(window, "Squares")
    said = "The pictures of “Squares” cannot be had any more."
    qtbot.waitUntil(lambda: said in messages.sentences)
    assert names(window) == before
    assert not window.browser.tray.examples()


def test_what_is_open_is_told_of_new_photos(qtbot: QtBot, own_indexed: Path, photos: Path) -> None:
    with opened(qtbot, own_indexed) as window:
        wait_for_tiles(qtbot, window, 24)
        ask(window, qtbot, photos / "forest-0.jpg")
        save(window, qtbot, "Woods")
        (photos / "forest-9.jpg").write_bytes((photos / "forest-0.jpg").read_bytes() + b"\0")
        qtbot.waitUntil(lambda: "1 new photo" in window.browser.offer)
        window.acts.perform("refresh")
        qtbot.waitUntil(lambda: "forest-9.jpg" in names(window)[:2])
        assert place(window) == "Woods"


def test_a_name_is_needed_and_a_taken_one_is_said(qtbot: QtBot, window: MainWindow) -> None:
    popover = SavePopover(window.browser.tray.tools.open, "", ["Woods"])
    popover.open()
    assert not popover.save.isEnabled()
    with qtbot.assertNotEmitted(popover.chosen):
        QTest.keyClick(popover.field, Qt.Key.Key_Return)
    popover.field.setText("Woods ")
    assert popover.save.text() == "Replace"
    popover.field.setText("Trees")
    assert popover.save.text() == "Save"
    with qtbot.waitSignal(popover.chosen) as chosen:
        popover.save.click()
    assert chosen.args == ["Trees"]
