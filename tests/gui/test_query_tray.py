"""The query tray: chips come, change, break and go, and the query follows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.generated import write_photos
from tests.gui.looking import MemoryPictures
from twinlens.gui.chip import ExampleChip
from twinlens.gui.mime import file_url, photo_mime
from twinlens.gui.query_tray import QueryTray
from twinlens.gui.region_picker import RegionPicker
from twinlens.gui.tasks import Tasks
from twinlens.records import Example, Region, Tile

NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def tasks() -> Iterator[Tasks]:
    made = Tasks()
    yield made
    made.close()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return sorted(write_photos(tmp_path / "photos", each=2).iterdir())


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    made.setLayout(QVBoxLayout())
    made.resize(900, 600)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def tray(window: QWidget, tasks: Tasks, qtbot: QtBot) -> QueryTray:
    pictures = MemoryPictures({7: Image.new("RGB", (300, 200), "red")})
    made = QueryTray(pictures, tasks, window)
    column = window.layout()
    assert isinstance(column, QVBoxLayout)
    column.addWidget(made)
    column.addStretch(1)
    window.show()
    qtbot.waitExposed(window)
    return made


def chips(tray: QueryTray) -> list[ExampleChip]:
    return tray.row.chips()


def region_picker(tray: QueryTray) -> RegionPicker:
    found = tray.window().findChild(RegionPicker)
    assert isinstance(found, RegionPicker)
    return found


def wait_for_pictures(tray: QueryTray, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: all(c.fault or not c.image().isNull() for c in chips(tray)))


def drop(tray: QueryTray, mime: QMimeData) -> None:
    inside = QPoint(20, 20)
    actions, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    tray.dragEnterEvent(QDragEnterEvent(inside, actions, mime, buttons, NONE))
    tray.dropEvent(QDropEvent(QPointF(inside), actions, mime, buttons, NONE))


def test_dropped_files_become_examples_at_once(
    tray: QueryTray, files: list[Path], qtbot: QtBot
) -> None:
    mime = QMimeData()
    mime.setUrls([file_url(path) for path in files[:2]])
    with qtbot.waitSignal(tray.query_changed):
        drop(tray, mime)
    assert tray.examples() == (Example(path=files[0]), Example(path=files[1]))
    wait_for_pictures(tray, qtbot)
    assert chips(tray)[0].accessibleName() == f"More like this, {files[0].name}"


def test_a_tile_of_the_own_grid_and_a_pasted_bitmap(tray: QueryTray, qtbot: QtBot) -> None:
    drop(tray, photo_mime([Tile(7, Path("/x.jpg"), 1, 3, 2, None)]))
    wait_for_pictures(tray, qtbot)
    QGuiApplication.clipboard().setImage(chips(tray)[0].image())
    tray.paste()
    first, second = tray.examples()
    assert [chip.name() for chip in chips(tray)] == ["7.jpg", "Picture"]
    assert first == Example(photo_id=7)
    assert second.data is not None
    assert second.data.startswith(b"\x89PNG")


def test_what_cannot_be_used_gets_a_sentence(tray: QueryTray, qtbot: QtBot) -> None:
    mime = QMimeData()
    mime.setText("https://example.org/cat.jpg")
    with qtbot.waitSignal(tray.rejected) as said, qtbot.assertNotEmitted(tray.query_changed):
        drop(tray, mime)
    assert "does not download" in said.args[0]


def test_a_dropped_folder_is_offered_to_the_library(
    tray: QueryTray, tmp_path: Path, qtbot: QtBot
) -> None:
    mime = QMimeData()
    mime.setUrls([file_url(tmp_path)])
    with qtbot.waitSignal(tray.folders_offered) as offered:
        drop(tray, mime)
    assert offered.args[0] == [tmp_path]
    assert not tray.examples()


def test_an_unreadable_picture_breaks_its_own_chip_only(
    tray: QueryTray, files: list[Path], tmp_path: Path, qtbot: QtBot
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8 nothing")
    with qtbot.waitSignal(tray.rejected) as said:
        tray.add_paths([files[0], broken])
    wait_for_pictures(tray, qtbot)
    assert "is damaged. Try another copy of it." in said.args[0]
    assert tray.examples() == (Example(path=files[0]),)
    assert chips(tray)[1].toolTip().endswith(said.args[0])
    assert not chips(tray)[1].sign.isVisible()


def test_sign_weight_and_removal(tray: QueryTray, files: list[Path], qtbot: QtBot) -> None:
    tray.add_paths(files[:2])
    wait_for_pictures(tray, qtbot)
    first, second = chips(tray)
    with qtbot.waitSignal(tray.query_changed):
        QTest.mouseClick(first.sign, Qt.MouseButton.LeftButton)
    assert tray.examples()[0].negative
    with qtbot.waitSignal(tray.query_changed):
        second.weight.setValue(150)
    assert tray.examples()[1].weight == 1.5
    with qtbot.waitSignal(tray.query_changed):
        QTest.mouseClick(first.remove, Qt.MouseButton.LeftButton)
    assert tray.examples() == (Example(path=files[1], weight=1.5),)
    with qtbot.waitSignal(tray.query_changed):
        tray.clear()
    assert tray.examples() == ()


def test_clearing_keeps_the_focus_in_the_tray(
    tray: QueryTray, window: QWidget, files: list[Path], qtbot: QtBot
) -> None:
    after = QPushButton(window)
    column = window.layout()
    assert column is not None
    column.addWidget(after)
    window.activateWindow()
    tray.add_paths(files[:2])
    wait_for_pictures(tray, qtbot)
    tray.tools.clear.setFocus()
    QTest.keyClick(tray.tools.clear, Qt.Key.Key_Space)
    assert not tray.examples()
    assert tray.tools.open.hasFocus()


def test_moves_of_the_slider_are_gathered(tray: QueryTray, files: list[Path], qtbot: QtBot) -> None:
    tray.add_paths(files[:1])
    told: list[int] = []
    tray.query_changed.connect(lambda: told.append(1))
    for percent in range(110, 170, 10):
        chips(tray)[0].weight.setValue(percent)
    qtbot.waitUntil(lambda: bool(told))
    assert told == [1]
    assert tray.examples()[0].weight == 1.6


def test_the_weight_shows_where_the_keyboard_is(
    tray: QueryTray, files: list[Path], qtbot: QtBot
) -> None:
    tray.add_paths(files[:2])
    wait_for_pictures(tray, qtbot)
    first, second = chips(tray)
    tray.window().activateWindow()
    qtbot.waitActive(tray.window())
    first.setFocus()
    qtbot.waitUntil(first.weight.isVisible)
    assert not second.weight.isVisible()
    QTest.keyClick(first, Qt.Key.Key_Up)
    QTest.keyClick(first, Qt.Key.Key_Minus)
    assert tray.examples()[0] == Example(path=files[0], weight=1.1, negative=True)
    QTest.keyClick(first, Qt.Key.Key_Right)
    assert second.hasFocus()
    QTest.keyClick(second, Qt.Key.Key_Delete)
    assert len(tray.examples()) == 1
    assert first.hasFocus()


def test_a_part_is_chosen_with_the_mouse_while_results_follow(
    tray: QueryTray, files: list[Path], qtbot: QtBot
) -> None:
    tray.add_paths(files[:1])
    wait_for_pictures(tray, qtbot)
    QTest.mouseClick(chips(tray)[0].part, Qt.MouseButton.LeftButton)
    picker = region_picker(tray)
    rect = picker.canvas.picture_rect().toRect()
    start = rect.topLeft() + QPoint(rect.width() // 4, rect.height() // 4)
    with qtbot.waitSignal(tray.query_changed):
        QTest.mousePress(picker.canvas, Qt.MouseButton.LeftButton, NONE, start)
        QTest.mouseMove(picker.canvas, rect.center())
        QTest.mouseRelease(picker.canvas, Qt.MouseButton.LeftButton, NONE, rect.center())
    region = tray.examples()[0].region
    assert region is not None
    assert (region.x, region.y) == pytest.approx((0.25, 0.25), abs=0.01)
    assert (region.width, region.height) == pytest.approx((0.25, 0.25), abs=0.01)
    with qtbot.waitSignal(picker.closed):
        QTest.mouseClick(picker.done, Qt.MouseButton.LeftButton)
    assert tray.examples()[0].region == region


def test_esc_takes_the_part_back(tray: QueryTray, files: list[Path], qtbot: QtBot) -> None:
    tray.add([Example(path=files[0], region=Region(0.1, 0.1, 0.5, 0.5))])
    wait_for_pictures(tray, qtbot)
    chips(tray)[0].region_wanted.emit()
    picker = region_picker(tray)
    QTest.keyClick(picker.canvas, Qt.Key.Key_Delete)
    assert tray.examples()[0].region is None
    with qtbot.waitSignal(tray.query_changed):
        QTest.keyClick(picker.canvas, Qt.Key.Key_Escape)
    assert tray.examples()[0].region == Region(0.1, 0.1, 0.5, 0.5)


def test_going_back_closes_the_choice_of_a_part(
    tray: QueryTray, files: list[Path], qtbot: QtBot
) -> None:
    tray.add_paths(files[:1])
    wait_for_pictures(tray, qtbot)
    chips(tray)[0].region_wanted.emit()
    picker = region_picker(tray)
    with qtbot.waitSignal(picker.closed):
        tray.restore((Example(path=files[1]),))
    qtbot.waitUntil(lambda: tray.window().findChild(RegionPicker) is None)
    assert tray.examples() == (Example(path=files[1]),)


def test_the_same_picture_twice_only_changes_its_sign(tray: QueryTray, files: list[Path]) -> None:
    tray.add_paths(files[:1])
    tray.add_paths(files[:1])
    assert len(tray.examples()) == 1
    tray.add_paths(files[:1], negative=True)
    assert tray.examples() == (Example(path=files[0], negative=True),)


def test_going_back_restores_every_choice_in_silence(
    tray: QueryTray, files: list[Path], qtbot: QtBot
) -> None:
    region = Region(0.2, 0.2, 0.4, 0.4)
    tray.add([Example(path=files[0], weight=0.5, region=region), Example(path=files[1])])
    wait_for_pictures(tray, qtbot)
    state = tray.state()
    tray.find_similar(7)
    assert tray.examples() == (Example(photo_id=7),)
    with qtbot.assertNotEmitted(tray.query_changed, wait=200):
        tray.restore(state)
    assert tray.state() == state
    wait_for_pictures(tray, qtbot)
    assert not any(chip.fault for chip in chips(tray))


def test_a_late_picture_of_a_removed_chip_harms_nothing(
    tray: QueryTray, files: list[Path], qtbot: QtBot
) -> None:
    tray.add_paths(files)
    tray.clear()
    tray.add_paths(files[:1])
    wait_for_pictures(tray, qtbot)
    assert len(chips(tray)) == 1


def test_many_chips_scroll_to_the_one_with_the_focus(
    tray: QueryTray, files: list[Path], qtbot: QtBot
) -> None:
    tray.add_paths(files)
    wait_for_pictures(tray, qtbot)
    qtbot.waitUntil(lambda: tray.row.horizontalScrollBar().maximum() > 0)
    chips(tray)[-1].setFocus()
    last = chips(tray)[-1]
    qtbot.waitUntil(
        lambda: (
            tray.row.viewport()
            .rect()
            .contains(last.mapTo(tray.row.viewport(), last.rect().center()))
        )
    )
    assert tray.row.horizontalScrollBar().value() > 0
