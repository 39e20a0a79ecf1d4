"""Results called right or wrong: what is marked, how it shows, and what it does to the order."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, QPointF, QRect, Qt
from PySide6.QtGui import QAction, QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.grid import tile
from tests.gui.windows import families, names, opened, shown, wait_for_tiles
from twinlens.gui import theme
from twinlens.gui.main_window import MainWindow
from twinlens.gui.marks import ENOUGH, Marks
from twinlens.gui.results_model import ResultsModel
from twinlens.gui.teach_chip import TeachChip
from twinlens.gui.thumbnail_delegate import Part, ThumbnailDelegate, TileState
from twinlens.gui.tokens import LIGHT
from twinlens.records import Example
from twinlens.search.teach import FEWEST


@pytest.fixture
def window(qtbot: QtBot, indexed: Path) -> Iterator[MainWindow]:
    """A window on the shared photos, with one of them asked."""
    with opened(qtbot, indexed) as made:
        wait_for_tiles(qtbot, made, 24)
        first = next(t for t in shown(made) if t.path.name == "sunset-0.jpg")
        with qtbot.waitSignal(made.conductor.searching.answered):
            made.browser.tray.find_similar(first.photo_id)
        yield made


def judge(window: MainWindow, qtbot: QtBot, key: Qt.Key, *wanted: str) -> None:
    """Select photos by name, press a key in the grid, and wait for the answer."""
    grid = window.browser.grid
    rows = [names(window).index(name) for name in wanted]
    flags = QItemSelectionModel.SelectionFlag
    grid.selectionModel().clearSelection()
    for row in rows:
        grid.selectionModel().setCurrentIndex(grid.model().index(row, 0), flags.Select)
    grid.setFocus()
    with qtbot.waitSignal(window.conductor.searching.answered):
        QTest.keyClick(grid, key)


def spoken(window: MainWindow, name: str) -> str:
    model = window.browser.model
    index = model.index(names(window).index(name))
    return str(index.data(Qt.ItemDataRole.AccessibleTextRole))


def test_the_window_asks_for_as_many_marks_as_are_learnt_from() -> None:
    assert ENOUGH == FEWEST


def test_a_mark_is_made_changed_and_taken_back(qtbot: QtBot) -> None:
    marks = Marks()
    marks.judge([1, 2], right=True)
    marks.judge([2, 3], right=False)
    assert marks.all() == (
        Example(photo_id=1),
        Example(photo_id=2, negative=True),
        Example(photo_id=3, negative=True),
    )
    marks.judge([3, 2], right=False)
    assert marks.all() == (Example(photo_id=1),)
    # Only some of them are called so yet: the others follow.
    marks.judge([1, 4], right=True)
    assert (marks.right, marks.wrong) == (2, 0)
    with qtbot.assertNotEmitted(marks.judged), qtbot.waitSignal(marks.changed):
        marks.restore(())
    with qtbot.assertNotEmitted(marks.judged):
        marks.judge([], right=True)
        marks.forget()


def test_the_chip_says_how_many_more_are_needed(qtbot: QtBot) -> None:
    marks = Marks()
    chip = TeachChip(marks)
    qtbot.addWidget(chip)
    assert chip.forget.isHidden()
    marks.judge([1], right=True)
    assert chip.text() == "2 more to teach"
    assert "1 right so far" in chip.toolTip()
    marks.judge([2, 3, 4], right=True)
    marks.judge([5, 6], right=False)
    assert chip.text() == "Taught by 4 right, 2 wrong"
    assert chip.accessibleName() == chip.text()
    chip.forget.click()
    assert marks.all() == ()
    assert chip.forget.isHidden()


def test_in_a_narrow_tray_the_chip_leaves_room_to_the_examples(qtbot: QtBot) -> None:
    tray = QWidget()
    qtbot.addWidget(tray)
    tray.resize(900, 80)
    marks = Marks()
    chip = TeachChip(marks, tray)
    marks.judge([1], right=True)
    tray.show()
    tray.resize(901, 80)
    wide = chip.sizeHint().width()
    tray.resize(560, 80)
    qtbot.waitUntil(lambda: chip.sizeHint().width() < 0.6 * wide)
    assert chip.right.toolTip() == "Mark as right (Y)"


def test_a_mark_is_a_check_or_a_cross_beside_what_else_is_there(qapp: QApplication) -> None:
    theme.apply_theme(qapp, "light")
    delegate = ThumbnailDelegate()
    cell, item = QRect(0, 0, 128, 128), tile(1, size=(300, 300), score=0.9, copies=3)

    def colours(called_right: bool | None) -> set[int]:
        image = QImage(128, 128, QImage.Format.Format_RGB32)
        image.fill(QColor("white"))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        delegate.paint(painter, cell, item, None, TileState(called_right=called_right))
        painter.end()
        return {image.pixel(x, y) for x in range(96, 128) for y in range(96, 128)}

    good, bad = LIGHT.good.rgb(), LIGHT.failed.rgb()
    assert not {good, bad} & colours(None)
    assert good in colours(True)
    assert bad not in colours(True)
    assert bad in colours(False)
    # What can be pressed is where it was.
    for x, y in ((116, 12), (88, 12), (12, 12), (116, 116)):
        point = QPointF(x, y)
        assert delegate.part_at(cell, item, point, True) is delegate.part_at(cell, item, point)
    assert delegate.part_at(cell, item, QPointF(116, 12), True) is Part.MINUS


def test_a_marked_tile_says_so(qtbot: QtBot) -> None:
    model = ResultsModel()
    model.set_tiles([tile(1, score=0.9), tile(2, score=0.8), tile(3, score=0.7)])
    with qtbot.waitSignals([model.dataChanged, model.dataChanged]):
        model.set_marks([Example(photo_id=1), Example(photo_id=3, negative=True)])
    said = [str(model.index(n).data(Qt.ItemDataRole.AccessibleTextRole)) for n in range(3)]
    assert said[0].startswith("Marked as right, Rank 1")
    assert said[2].startswith("Marked as wrong, Rank 3")
    assert "Marked" not in said[1]
    model.set_tiles([tile(3)])
    assert "Marked as wrong" in str(model.index(0).data(Qt.ItemDataRole.ToolTipRole))


def test_three_marks_put_what_was_meant_first(window: MainWindow, qtbot: QtBot) -> None:
    before = names(window)
    forests = [name for name in before if name.startswith("forest")]
    judge(window, qtbot, Qt.Key.Key_Y, forests[0], forests[1])
    assert names(window) == before
    assert window.browser.grid.selected_count() == 2
    assert spoken(window, forests[1]).startswith("Marked as right")
    judge(window, qtbot, Qt.Key.Key_Y, forests[2])
    assert families(window, 6) == {"forest"}
    taught = names(window)
    judge(window, qtbot, Qt.Key.Key_N, taught[-1])
    assert window.browser.tray.teach.text() == "Taught by 3 right, 1 wrong"
    # Pressed again, a mark goes; and each step can be gone back to.
    judge(window, qtbot, Qt.Key.Key_N, next(n for n in names(window) if n == taught[-1]))
    assert names(window) == taught
    with qtbot.waitSignal(window.conductor.searching.answered):
        window.acts.perform("forget_marks")
    assert names(window) == before
    with qtbot.waitSignal(window.conductor.searching.answered):
        window.acts.perform("back")
    assert names(window) == taught
    assert window.browser.tray.marks.right == 3


def test_who_judges_stays_at_the_place_in_the_list(window: MainWindow, qtbot: QtBot) -> None:
    grid = window.browser.grid
    window.resize(900, 500)
    forests = [name for name in names(window) if name.startswith("forest")]
    judge(window, qtbot, Qt.Key.Key_Y, *forests[:3])
    row = 8
    name = names(window)[row]
    judge(window, qtbot, Qt.Key.Key_N, name)
    scrolled = grid.verticalScrollBar().value()
    assert grid.currentIndex().row() == row
    assert names(window)[row] != name
    assert scrolled == grid.verticalScrollBar().value()


def test_a_new_query_knows_no_marks(window: MainWindow, qtbot: QtBot) -> None:
    tray = window.browser.tray
    judge(window, qtbot, Qt.Key.Key_Y, names(window)[1])
    with qtbot.waitSignal(window.conductor.searching.answered):
        tray.add_photo(shown(window)[5].photo_id)
    assert tray.marks.right == 1
    with qtbot.waitSignal(window.conductor.searching.answered):
        tray.find_similar(shown(window)[3].photo_id)
    assert tray.marks.all() == ()
    judge(window, qtbot, Qt.Key.Key_N, names(window)[4])
    chip = tray.row.chips()[0]
    with qtbot.waitSignal(window.conductor.searching.answered):
        chip.remove.click()
    assert tray.marks.all() == ()
    assert tray.teach.isHidden()


def test_only_results_can_be_judged(window: MainWindow, qtbot: QtBot) -> None:
    act = window.findChild(QAction, "mark_right")
    assert isinstance(act, QAction)
    judge(window, qtbot, Qt.Key.Key_Y, names(window)[1])
    assert act.isEnabled()
    window.browser.tray.teach.right.click()
    assert window.browser.tray.marks.all() == ()
    with qtbot.waitSignal(window.conductor.searching.answered):
        window.conductor.show_all()
    window.browser.grid.selectAll()
    assert not act.isEnabled()
    field = window.browser.filters.name
    field.setFocus()
    with qtbot.waitSignal(window.conductor.searching.answered):
        QTest.keyClicks(field, "yn")
    assert field.text() == "yn"
