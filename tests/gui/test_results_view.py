"""The grid of photos: keys, mouse, selection, places that stay, thumbnails on the right photo."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QContextMenuEvent,
    QDrag,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.grid import Shelf, colour_of, tile, tiles
from twinlens.gui import theme
from twinlens.gui.arrangement import Order
from twinlens.gui.mime import Payload, parse_mime
from twinlens.gui.results_model import ResultsModel
from twinlens.gui.results_view import ResultsView
from twinlens.gui.thumbnail_loader import ThumbnailLoader
from twinlens.gui.tile_geometry import photo_rect
from twinlens.records import Example, MatchClass

Build = Callable[..., ResultsView]
COUNT = 200


@pytest.fixture
def build(qapp: QApplication, qtbot: QtBot) -> Iterator[Build]:
    theme.apply_theme(qapp, "light")
    loaders: list[ThumbnailLoader] = []

    def make(shelf: Shelf | None = None, count: int = COUNT) -> ResultsView:
        loaders.append(ThumbnailLoader((shelf or Shelf()).fetch))
        model = ResultsModel()
        view = ResultsView(model, loaders[-1])
        model.setParent(view)
        qtbot.addWidget(view)
        view.resize(700, 500)
        with qtbot.waitExposed(view):
            view.show()
        view.setFocus()
        model.set_tiles(tiles(count))
        return view

    yield make
    for loader in loaders:
        loader.close()


@pytest.fixture
def view(build: Build) -> ResultsView:
    return build()


def results(view: ResultsView) -> ResultsModel:
    model = view.model()
    assert isinstance(model, ResultsModel)
    return model


def middle(view: ResultsView, row: int) -> QPoint:
    return view.cell_rect(row).center()


def press(qtbot: QtBot, view: ResultsView, *keys: Qt.Key, shift: bool = False) -> None:
    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    for key in keys:
        QTest.keyClick(view, key, modifier)


def click(
    qtbot: QtBot,
    view: ResultsView,
    point: QPoint,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    QTest.mouseMove(view.viewport(), point)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, modifier, point)


def selected(view: ResultsView) -> list[int]:
    return [item.photo_id for item in view.selected_tiles()]


def current(view: ResultsView) -> int | None:
    item = view.current_tile()
    return item.photo_id if item is not None else None


def test_arrows_move_by_tile_and_by_line(view: ResultsView, qtbot: QtBot) -> None:
    columns = view.grid.columns
    press(qtbot, view, Qt.Key.Key_Right)
    assert current(view) == 1
    press(qtbot, view, Qt.Key.Key_Right, Qt.Key.Key_Down)
    assert current(view) == 2 + columns
    press(qtbot, view, Qt.Key.Key_Left, Qt.Key.Key_Up)
    assert current(view) == 1
    assert selected(view) == [1]


def test_home_end_and_pages_reach_what_they_name(view: ResultsView, qtbot: QtBot) -> None:
    press(qtbot, view, Qt.Key.Key_End)
    assert current(view) == COUNT
    assert view.viewport().rect().contains(middle(view, COUNT - 1))
    press(qtbot, view, Qt.Key.Key_Home)
    assert (current(view), view.verticalOffset()) == (1, 0)
    press(qtbot, view, Qt.Key.Key_PageDown)
    below = current(view)
    assert below is not None
    assert below > view.grid.columns
    press(qtbot, view, Qt.Key.Key_PageUp)
    assert current(view) == 1


def test_shift_extends_in_reading_order(view: ResultsView, qtbot: QtBot) -> None:
    press(qtbot, view, Qt.Key.Key_Home, Qt.Key.Key_Right)
    press(qtbot, view, Qt.Key.Key_Down, shift=True)
    assert selected(view) == list(range(2, 3 + view.grid.columns))
    press(qtbot, view, Qt.Key.Key_End, shift=True)
    assert selected(view) == list(range(2, COUNT + 1))
    press(qtbot, view, Qt.Key.Key_Home, shift=True)
    assert selected(view) == [1, 2]


def test_ctrl_moves_without_selecting_and_ctrl_space_toggles(
    view: ResultsView, qtbot: QtBot
) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    press(qtbot, view, Qt.Key.Key_Home)
    QTest.keyClick(view, Qt.Key.Key_Right, control)
    QTest.keyClick(view, Qt.Key.Key_Right, control)
    assert (current(view), selected(view)) == (3, [1])
    QTest.keyClick(view, Qt.Key.Key_Space, control)
    assert selected(view) == [1, 3]
    QTest.keyClick(view, Qt.Key.Key_Space, control)
    assert selected(view) == [1]


def test_keys_that_open_and_look(view: ResultsView, qtbot: QtBot) -> None:
    press(qtbot, view, Qt.Key.Key_Home)
    with qtbot.waitSignal(view.opened, check_params_cb=lambda key: key == 1):
        press(qtbot, view, Qt.Key.Key_Return)
    with qtbot.waitSignal(view.quick_look, check_params_cb=lambda key: key == 1):
        press(qtbot, view, Qt.Key.Key_Space)
    with qtbot.waitSignal(view.similar_requested, check_params_cb=lambda key: key == 1):
        QTest.keyClick(view, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_typing_changes_nothing(view: ResultsView, qtbot: QtBot) -> None:
    press(qtbot, view, Qt.Key.Key_Home)
    QTest.keyClicks(view, "IMG_000009")
    assert (current(view), selected(view)) == (1, [1])


def test_plus_and_minus_change_the_size_within_limits(view: ResultsView, qtbot: QtBot) -> None:
    before = view.tile_size
    with qtbot.waitSignal(view.tile_size_changed):
        press(qtbot, view, Qt.Key.Key_Plus)
    assert view.tile_size > before
    press(qtbot, view, *[Qt.Key.Key_Minus] * 60)
    assert view.tile_size == theme.tokens().tile_smallest


def test_select_all_is_one_range(view: ResultsView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.selection_changed):
        QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert view.selected_rows() == [range(COUNT)]
    assert view.selected_count() == COUNT


def test_click_ctrl_click_and_shift_click(view: ResultsView, qtbot: QtBot) -> None:
    click(qtbot, view, middle(view, 1))
    assert selected(view) == [2]
    click(qtbot, view, middle(view, 4), Qt.KeyboardModifier.ControlModifier)
    assert selected(view) == [2, 5]
    click(qtbot, view, middle(view, 6), Qt.KeyboardModifier.ShiftModifier)
    assert set(selected(view)) >= {5, 6, 7}
    click(qtbot, view, QPoint(2, 2))
    assert selected(view) == []


def test_a_rubber_band_selects_what_it_touches(view: ResultsView, qtbot: QtBot) -> None:
    columns = view.grid.columns
    viewport = view.viewport()
    start, end = QPoint(2, 2), middle(view, columns + 1)
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    for point in ((start + end) / 2, end):
        QApplication.sendEvent(viewport, mouse_move(viewport.mapToGlobal(point), point))
    assert selected(view) == [1, 2, columns + 1, columns + 2]
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=end)
    assert selected(view) == [1, 2, columns + 1, columns + 2]


def mouse_move(position: QPoint, local: QPoint) -> QMouseEvent:
    return QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(local),
        QPointF(position),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )


def corner(view: ResultsView, row: int, right: int) -> QPoint:
    """The middle of the n-th button from the right; the check when negative."""
    look = theme.tokens()
    photo = photo_rect(view.cell_rect(row), results(view).tile(row), None, 1.0)
    x = (
        photo.left() + look.tile_inset + look.tile_button / 2
        if right < 0
        else photo.right() - right * (look.tile_inset + look.tile_button) - look.tile_button / 2
    )
    return QPoint(round(x), round(photo.top() + look.tile_inset + look.tile_button / 2))


def test_plus_and_minus_on_a_tile_ask_for_examples(view: ResultsView, qtbot: QtBot) -> None:
    asked: list[tuple[int, bool]] = []
    view.add_example.connect(lambda key, negative: asked.append((key, negative)))
    click(qtbot, view, corner(view, 2, right=1))
    click(qtbot, view, corner(view, 3, right=0))
    assert asked == [(3, False), (4, True)]
    assert selected(view) == []


def test_a_button_let_go_elsewhere_does_nothing(view: ResultsView, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(view.add_example):
        point = corner(view, 2, right=1)
        QTest.mouseMove(view.viewport(), point)
        QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=point)
        QTest.mouseMove(view.viewport(), middle(view, 2))
        QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=middle(view, 2))


def test_the_check_adds_to_the_selection(view: ResultsView, qtbot: QtBot) -> None:
    click(qtbot, view, middle(view, 0))
    click(qtbot, view, corner(view, 2, right=-1))
    assert selected(view) == [1, 3]
    click(qtbot, view, corner(view, 2, right=-1))
    assert selected(view) == [1]


def test_a_double_click_opens(view: ResultsView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.opened, check_params_cb=lambda key: key == 2):
        QTest.mouseMove(view.viewport(), middle(view, 1))
        QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=middle(view, 1))


def wheel(view: ResultsView, point: QPoint, notches: int) -> None:
    event = QWheelEvent(
        QPointF(point),
        QPointF(view.viewport().mapToGlobal(point)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)


@pytest.mark.parametrize("notches", [3, -3])
def test_the_tile_under_the_pointer_stays_when_the_size_changes(
    view: ResultsView, notches: int
) -> None:
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    row = view.visible_rows().start + view.grid.columns + 1
    point = middle(view, row)
    wheel(view, point, notches)
    cell = view.cell_rect(row)
    assert cell.top() <= point.y() <= cell.bottom()


def test_the_photo_at_the_top_stays_when_the_window_changes(view: ResultsView) -> None:
    row = 30 * view.grid.columns
    view.verticalScrollBar().setValue(view.cell_rect(row).top())
    view.resize(1000, 500)
    rows = view.visible_rows()
    assert rows.start <= row < rows.start + view.grid.columns


def test_new_results_begin_at_the_top(view: ResultsView) -> None:
    view.verticalScrollBar().setValue(900)
    view.selectAll()
    results(view).set_tiles(tiles(150, first=500))
    assert view.verticalOffset() == 0
    assert (selected(view), current(view)) == ([], None)


def test_whoever_shows_the_current_photo_hears_of_new_results(view: ResultsView) -> None:
    view.show_photo(5)
    heard: list[int | None] = []
    view.current_changed.connect(heard.append)
    results(view).set_tiles(tiles(COUNT), keep_place=True)
    assert heard[-1] == 5
    results(view).set_tiles(tiles(COUNT))
    assert heard[-1] is None


def test_a_refresh_keeps_the_place(view: ResultsView, qtbot: QtBot) -> None:
    view.show_photo(120)
    top = view.cell_rect(119).top()
    results(view).set_tiles(
        [*tiles(view.grid.columns * 2, first=1000), *tiles(COUNT)], keep_place=True
    )
    assert (selected(view), current(view)) == ([120], 120)
    row = results(view).row_of(120)
    assert row == 119 + 2 * view.grid.columns
    assert view.cell_rect(row).top() == top


def test_after_removing_photos_the_keyboard_goes_on_from_there(
    view: ResultsView, qtbot: QtBot
) -> None:
    view.show_photo(50)
    results(view).remove_photos([50])
    assert current(view) == 51
    press(qtbot, view, Qt.Key.Key_Right)
    assert current(view) == 52


def shows(view: ResultsView, row: int, photo_id: int) -> bool:
    return view.grab().toImage().pixelColor(middle(view, row)) == colour_of(photo_id)


def test_late_thumbnails_land_on_their_photos_after_the_order_changed(
    build: Build, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theme._state, "less_motion", True)
    shelf = Shelf(held={1, 2, 3})
    view = build(shelf, count=3)
    qtbot.waitUntil(lambda: {1, 2} <= set(shelf.fetched))
    shown = list(reversed(tiles(3)))
    results(view).set_tiles(shown)
    for photo_id in (2, 3, 1):
        shelf.release(photo_id)
    qtbot.waitUntil(lambda: all(shows(view, row, item.photo_id) for row, item in enumerate(shown)))


def test_only_what_shows_and_half_a_screen_around_it_is_loaded(build: Build, qtbot: QtBot) -> None:
    shelf = Shelf()
    view = build(shelf)
    rows = view.visible_rows()
    most = len(rows) + (len(rows) + 1) // 2
    qtbot.waitUntil(lambda: set(range(1, len(rows) + 1)) <= set(shelf.fetched))
    qtbot.waitUntil(lambda: len(shelf.fetched) >= most)
    assert set(shelf.fetched) <= set(range(1, most + 1))


def test_thumbnails_fade_in_and_the_fade_ends(build: Build, qtbot: QtBot) -> None:
    view = build(count=3)
    qtbot.waitUntil(lambda: shows(view, 0, 1))
    timers = view.findChildren(QTimer)
    assert timers
    qtbot.waitUntil(lambda: not any(timer.isActive() for timer in timers))


def test_every_tile_has_an_accessible_name_and_place(view: ResultsView) -> None:
    results(view).set_tiles(
        [tile(1, name="Beach.jpg", score=0.98, match=MatchClass.SAME_BYTES), *tiles(30, first=2)]
    )
    whole = QAccessible.queryAccessibleInterface(view)
    assert (whole.text(QAccessible.Text.Name), whole.childCount()) == ("Photos", 31)
    first = whole.child(0)
    assert first.role() == QAccessible.Role.ListItem
    name = first.text(QAccessible.Text.Name)
    assert name == "Rank 1, The same file, byte for byte, score 98, Beach.jpg"
    assert first.rect().size() == view.cell_rect(0).size()


def test_the_focused_tile_is_told_to_assistive_technology(view: ResultsView, qtbot: QtBot) -> None:
    press(qtbot, view, Qt.Key.Key_Home, Qt.Key.Key_Right)
    focused = QAccessible.queryAccessibleInterface(view).focusChild()
    assert focused.text(QAccessible.Text.Name).endswith("IMG_000002.jpg")


def menu_event(view: ResultsView, point: QPoint, reason: QContextMenuEvent.Reason) -> None:
    where = view.viewport().mapToGlobal(point)
    QApplication.sendEvent(view.viewport(), QContextMenuEvent(reason, point, where))


def test_the_menu_is_asked_for_on_tiles_only(view: ResultsView, qtbot: QtBot) -> None:
    mouse, keyboard = QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard
    with qtbot.assertNotEmitted(view.context_menu):
        menu_event(view, QPoint(2, 2), mouse)
        menu_event(view, middle(view, 0), keyboard)
    with qtbot.waitSignal(view.context_menu):
        menu_event(view, middle(view, 0), mouse)
    view.show_photo(2)
    where = view.viewport().mapToGlobal(middle(view, 1))
    with qtbot.waitSignal(view.context_menu, check_params_cb=lambda point: point == where):
        menu_event(view, QPoint(), keyboard)


def test_selected_photos_are_dragged_out_as_files_and_ids(
    view: ResultsView, monkeypatch: pytest.MonkeyPatch
) -> None:
    dragged: list[tuple[list[str], Payload]] = []

    def catch(drag: QDrag, *_actions: object) -> Qt.DropAction:
        mime = drag.mimeData()
        dragged.append(([url.toLocalFile() for url in mime.urls()], parse_mime(mime)))
        assert not drag.pixmap().isNull()
        return Qt.DropAction.CopyAction

    monkeypatch.setattr(QDrag, "exec", catch)
    view.startDrag(Qt.DropAction.CopyAction)
    view.show_photo(1)
    view.selectionModel().select(
        results(view).index(2, 0), QItemSelectionModel.SelectionFlag.Select
    )
    view.startDrag(Qt.DropAction.CopyAction)
    own = Payload((Example(photo_id=1), Example(photo_id=3)))
    assert dragged == [(["/photos/IMG_000001.jpg", "/photos/IMG_000003.jpg"], own)]


def test_months_have_headings_between_the_tiles(view: ResultsView) -> None:
    results(view).set_tiles(tiles(20), Order.DATE, sections=True)
    assert view.grid.header > 0
    first = view.cell_rect(0)
    assert first.top() == theme.tokens().grid_margin + view.grid.header
    image = view.grab().toImage()
    heading = {
        image.pixelColor(x, y).name()
        for x in range(first.left(), first.left() + 120)
        for y in range(first.top() - view.grid.header, first.top())
    }
    assert theme.tokens().text.name() in heading
    assert view.cell_rect(8).left() == first.left()


def test_right_to_left_the_first_tile_is_at_the_right(view: ResultsView, qtbot: QtBot) -> None:
    view.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    results(view).set_tiles(tiles(20))
    assert view.cell_rect(0).left() > view.cell_rect(1).left()
    press(qtbot, view, Qt.Key.Key_Home, Qt.Key.Key_Left)
    assert current(view) == 2


def test_the_background_follows_the_theme(qapp: QApplication, view: ResultsView) -> None:
    for choice in ("dark", "light"):
        theme.apply_theme(qapp, choice)
        corner_colour: QColor = view.grab().toImage().pixelColor(3, 3)
        assert corner_colour == theme.tokens().window
