"""The map: looked at, moved, photos chosen and opened on it, with keys and mouse."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.generated import EACH, picture
from tests.gui.windows import families, opened, shown, wait_for_tiles
from twinlens.errors import AppError
from twinlens.gui.browser import MAP, PHOTOS
from twinlens.gui.main_window import MainWindow
from twinlens.gui.map_camera import Camera, camera_of
from twinlens.gui.map_canvas import MapCanvas
from twinlens.gui.map_drawing import Dots, shades, spots, within
from twinlens.gui.map_scene import scene_of
from twinlens.library import Library

LEFT = Qt.MouseButton.LeftButton
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(qtbot: QtBot, indexed: Path) -> Iterator[MainWindow]:
    with opened(qtbot, indexed) as made:
        wait_for_tiles(qtbot, made, 24)
        yield made


@pytest.fixture
def canvas(window: MainWindow, qtbot: QtBot) -> MapCanvas:
    """The map of all photos, painted."""
    window.acts.perform("map")
    qtbot.waitUntil(lambda: window.browser.map.has_map)
    made = window.browser.map.canvas
    qtbot.waitUntil(lambda: len(made._painter.points) == 24)
    return made


def point(canvas: MapCanvas, photo_id: int) -> QPoint:
    """Return where a photo lies on the screen."""
    row = canvas.scene.row_of(photo_id)
    assert row is not None
    x, y = canvas.camera.on_view(canvas.scene.places[row : row + 1])[0].tolist()
    return QPoint(round(x), round(y))


def family_of(window: MainWindow) -> dict[int, str]:
    return {tile.photo_id: tile.path.name.split("-")[0] for tile in shown(window)}


def chosen(window: MainWindow) -> list[int]:
    return [tile.photo_id for tile in window.acts.tiles()]


def drag(canvas: MapCanvas, corners: list[QPoint], held: Qt.KeyboardModifier) -> None:
    """Press at the first point, move over the others and let go."""
    QTest.mousePress(canvas, LEFT, held, corners[0])
    for corner in corners[1:]:
        for part in range(1, 6):
            # Small moves, as of a hand.
            before = corners[corners.index(corner) - 1]
            at = QPointF(before + (corner - before) * part / 5)
            kind = QMouseEvent.Type.MouseMove
            place = QPointF(canvas.mapToGlobal(at.toPoint()))
            QApplication.sendEvent(
                canvas, QMouseEvent(kind, at, place, Qt.MouseButton.NoButton, LEFT, held)
            )
    QTest.mouseRelease(canvas, LEFT, held, corners[-1])


def test_the_sidebar_leads_to_the_map(window: MainWindow, qtbot: QtBot) -> None:
    window.sidebar.view_requested.emit("map")
    qtbot.waitUntil(lambda: window.browser.map.has_map)
    assert window.browser.page == MAP
    scene = window.browser.map.canvas.scene
    assert set(scene.ids.tolist()) == {tile.photo_id for tile in shown(window)}
    assert not window.inspector.isHidden()


def test_what_looks_alike_lies_near(window: MainWindow, canvas: MapCanvas) -> None:
    family = family_of(window)
    scene = canvas.scene
    for row, photo_id in enumerate(scene.ids.tolist()):
        apart = ((scene.places - scene.places[row]) ** 2).sum(axis=1)
        nearest = int(scene.ids[np.argsort(apart)[1]])
        assert family[nearest] == family[photo_id]


def test_a_click_shows_a_photo_and_a_double_click_opens_it(
    window: MainWindow, canvas: MapCanvas, qtbot: QtBot
) -> None:
    tile = shown(window)[5]
    QTest.mouseClick(canvas, LEFT, Qt.KeyboardModifier.NoModifier, point(canvas, tile.photo_id))
    qtbot.waitUntil(lambda: len(chosen(window)) == 1)
    picked = window.acts.tiles()[0]
    assert window.inspector.tile() == picked
    QTest.mouseDClick(canvas, LEFT, Qt.KeyboardModifier.NoModifier, point(canvas, picked.photo_id))
    qtbot.waitUntil(lambda: window.viewing)
    current = window.viewer.current_tile()
    assert current is not None
    assert current.photo_id == picked.photo_id
    # The next ones are those around it.
    QTest.keyClick(window.viewer, Qt.Key.Key_Right)
    after = window.viewer.current_tile()
    assert after is not None
    assert family_of(window)[after.photo_id] == family_of(window)[picked.photo_id]
    QTest.keyClick(window.viewer, Qt.Key.Key_Escape)
    assert window.browser.page == MAP
    assert canvas.scene.current_id() == after.photo_id
    qtbot.waitUntil(canvas.hasFocus)


def test_photos_are_chosen_by_drawing_around_them_and_shown(
    window: MainWindow, canvas: MapCanvas, qtbot: QtBot
) -> None:
    corner = canvas.rect().adjusted(2, 2, -2, -2)
    middle = canvas.rect().center()
    outline = [
        corner.topLeft(),
        QPoint(middle.x(), corner.top()),
        QPoint(middle.x(), corner.bottom()),
        corner.bottomLeft(),
    ]
    places = canvas.camera.on_view(canvas.scene.places)
    wanted = set(canvas.scene.ids[places[:, 0] < middle.x()].tolist())
    assert 2 <= len(wanted) < 24
    drag(canvas, outline, SHIFT)
    qtbot.waitUntil(lambda: set(chosen(window)) == wanted)
    page = window.browser.map
    assert str(len(wanted)) in page.count.text()
    page.show_them.click()
    qtbot.waitUntil(lambda: window.browser.page == PHOTOS and len(shown(window)) == len(wanted))
    assert {tile.photo_id for tile in shown(window)} == wanted
    trail = window.browser.trail
    assert [step.text() for step in trail.crumbs.steps] == ["Map"]
    assert not trail.pin.isVisible()
    window.acts.perform("back")
    assert window.browser.page == MAP
    assert set(canvas.scene.selected_ids().tolist()) == wanted
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not len(canvas.scene.selected_ids())
    assert not page.show_them.isVisible()


def test_the_tool_draws_without_a_key_held(canvas: MapCanvas) -> None:
    QTest.keyClick(canvas, Qt.Key.Key_L)
    assert canvas.lasso
    corner = canvas.rect().adjusted(2, 2, -2, -2)
    drag(
        canvas,
        [corner.topLeft(), corner.topRight(), corner.bottomRight(), corner.bottomLeft()],
        Qt.KeyboardModifier.NoModifier,
    )
    assert len(canvas.scene.selected_ids()) == 24
    assert not canvas.lasso
    QTest.keyClick(canvas, Qt.Key.Key_L)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not canvas.lasso
    assert len(canvas.scene.selected_ids()) == 24


def test_one_more_is_chosen_with_control(
    window: MainWindow, canvas: MapCanvas, qtbot: QtBot
) -> None:
    first, second = (int(canvas.scene.ids[spot.row]) for spot in canvas._painter.shown[:2])
    QTest.mouseClick(canvas, LEFT, Qt.KeyboardModifier.NoModifier, point(canvas, first))
    QTest.mouseClick(canvas, LEFT, CONTROL, point(canvas, second))
    # The one in hand comes first.
    qtbot.waitUntil(lambda: chosen(window) == [second, first])
    QTest.mouseClick(canvas, LEFT, CONTROL, point(canvas, second))
    qtbot.waitUntil(lambda: chosen(window) == [first])


def test_find_similar_starts_from_the_map(
    window: MainWindow, canvas: MapCanvas, qtbot: QtBot
) -> None:
    tile = shown(window)[3]
    canvas.select([tile.photo_id])
    qtbot.waitUntil(lambda: chosen(window) == [tile.photo_id])
    window.acts.perform("find_similar")
    qtbot.waitUntil(lambda: window.browser.page == PHOTOS and shown(window)[0].score is not None)
    assert families(window, 3) == {tile.path.name.split("-")[0]}


def test_more_like_the_chosen_ones(window: MainWindow, canvas: MapCanvas, qtbot: QtBot) -> None:
    canvas.select([tile.photo_id for tile in shown(window)[:4]])
    window.browser.map.more.click()
    tray = window.browser.tray
    qtbot.waitUntil(lambda: len(tray.examples()) >= 1)
    assert {one.photo_id for one in tray.examples()} <= {t.photo_id for t in shown(window)[:4]}


def test_the_keyboard_does_it_all(window: MainWindow, canvas: MapCanvas, qtbot: QtBot) -> None:
    fitted = canvas.camera
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.camera.zoom > fitted.zoom
    before = canvas.camera.middle
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.camera.middle[0] > before[0]
    QTest.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.camera == fitted
    QTest.keyClick(canvas, Qt.Key.Key_Right, CONTROL)
    first = canvas.scene.current_id()
    assert first is not None
    QTest.keyClick(canvas, Qt.Key.Key_Left, CONTROL)
    second = canvas.scene.current_id()
    assert second is not None
    assert second != first
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.quick.is_open)
    window.quick.close_view()
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.viewing)
    viewed = window.viewer.current_tile()
    assert viewed is not None
    assert viewed.photo_id == second


def test_a_rectangle_grows_from_the_photo_in_hand_by_keyboard(
    window: MainWindow, canvas: MapCanvas, qtbot: QtBot
) -> None:
    left = int(canvas.scene.ids[canvas.scene.places[:, 0].argmin()])
    canvas.select([left])
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Right, SHIFT)
    before = canvas.scene.selected_ids().tolist()
    assert left in before
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Up):
        for _ in range(40):
            QTest.keyClick(canvas, key, SHIFT)
    # From the leftmost photo to the right, and upwards: all that lie above it.
    places = canvas.scene.places
    row = canvas.scene.row_of(left)
    above = canvas.scene.ids[places[:, 1] <= places[row, 1] + 1e-5].tolist()
    assert canvas.scene.selected_ids().tolist() == sorted(above)
    assert canvas.scene.current_id() == left
    qtbot.waitUntil(lambda: sorted(chosen(window)) == sorted(above))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not canvas.scene.selected.any()


def test_photos_are_gathered_one_by_one_by_keyboard(canvas: MapCanvas) -> None:
    left = int(canvas.scene.ids[canvas.scene.places[:, 0].argmin()])
    canvas.select([left])
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Right, CONTROL | SHIFT)
    assert canvas.scene.selected.sum() == 2
    assert canvas.scene.current_id() != left
    QTest.keyClick(canvas, Qt.Key.Key_Right, CONTROL)
    assert canvas.scene.selected.sum() == 1


def test_the_wheel_zooms_at_the_pointer_and_dragging_moves(canvas: MapCanvas) -> None:
    at = QPointF(canvas.width() / 4, canvas.height() / 3)
    under = canvas.camera.on_map((at.x(), at.y()))
    turn = QWheelEvent(
        at,
        canvas.mapToGlobal(at),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, turn)
    assert canvas.camera.zoom > 1.5
    assert canvas.camera.on_map((at.x(), at.y())) == pytest.approx(under)
    start, end = canvas.rect().center(), canvas.rect().center() + QPoint(60, 30)
    held = canvas.camera.on_map((start.x(), start.y()))
    drag(canvas, [start, end], Qt.KeyboardModifier.NoModifier)
    assert canvas.camera.on_map((end.x(), end.y())) == pytest.approx(held, abs=0.2)
    assert not len(canvas.scene.selected_ids())


def test_pictures_show_where_there_is_room(
    window: MainWindow, canvas: MapCanvas, qtbot: QtBot
) -> None:
    painter = canvas._painter
    assert 1 <= len(painter.shown) <= 24
    loader = window.browser.loader
    qtbot.waitUntil(
        lambda: all(
            loader.pixmap(int(canvas.scene.ids[spot.row])) is not None for spot in painter.shown
        )
    )
    for one in painter.shown:
        for other in painter.shown:
            apart = max(abs(one.x - other.x), abs(one.y - other.y))
            assert one is other or apart >= painter.side


def test_new_photos_are_offered_and_no_other_moves(
    own_indexed: Path, photos: Path, qtbot: QtBot
) -> None:
    with opened(qtbot, own_indexed) as window:
        wait_for_tiles(qtbot, window, 24)
        window.acts.perform("map")
        page = window.browser.map
        qtbot.waitUntil(lambda: page.has_map)
        before = page.canvas.scene
        picture("sunset", EACH).save(photos / f"sunset-{EACH}.jpg", quality=90)
        qtbot.waitUntil(lambda: "1 new photo" in page.offer)
        assert page.canvas.scene is before
        window.acts.perform("refresh")
        qtbot.waitUntil(lambda: len(page.canvas.scene.ids) == 25)
        after = page.canvas.scene
        assert np.array_equal(after.places[np.isin(after.ids, before.ids)], before.places)


def test_without_photos_a_folder_can_be_added(tmp_path: Path, qtbot: QtBot) -> None:
    with opened(qtbot, tmp_path / "library") as window:
        window.acts.perform("map")
        said = window.browser.map.empty
        qtbot.waitUntil(lambda: said.shown is not None and said.shown.primary is not None)
        assert said.shown is not None
        assert said.shown.primary is not None
        assert said.shown.primary[0] == "add_folder"


def test_drawing_the_map_can_be_left_and_ends_with_the_window(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, ended = threading.Event(), threading.Event()

    def slow(self: Library, *, told: Callable[[float], None]) -> None:
        told(0.43)
        goes_on.wait(30)
        try:
            told(0.5)
        except AppError:
            ended.set()
            raise

    monkeypatch.setattr(Library, "photo_map", slow)
    window.acts.perform("map")
    said = window.browser.map.empty
    qtbot.waitUntil(lambda: "43" in said.accessibleName())
    said.chosen.emit("all_photos")
    qtbot.waitUntil(lambda: window.browser.page == PHOTOS)
    window.mapping.stop()
    goes_on.set()
    qtbot.waitUntil(ended.is_set)


def test_what_fails_is_said_and_can_be_tried_again(
    window: MainWindow,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    expect_warning: Callable[[str], None],
) -> None:
    expect_warning("no map")

    def broken(self: Library, *, told: object) -> None:
        raise AppError("The index is away.", "Look for it.")

    page = window.browser.map
    with monkeypatch.context() as patch:
        patch.setattr(Library, "photo_map", broken)
        window.acts.perform("map")
        qtbot.waitUntil(
            lambda: page.empty.shown is not None and page.empty.shown.title == "The index is away."
        )
    QTest.keyClick(page.empty, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.has_map)


# Without a window


def test_a_camera_stays_on_the_map() -> None:
    places = np.array([[0, 0], [10, 5]], dtype=np.float32)
    camera = camera_of(places, (400, 300))
    seen = camera.on_view(places)
    assert (seen > 0).all()
    assert (seen < [400, 300]).all()
    assert camera.zoomed(0.1, (0, 0)) == camera
    near = camera.zoomed(4, (100, 100))
    far = near.panned(100_000, 0)
    assert far.middle[0] == pytest.approx(0)
    assert near.showing((10, 5)).middle == (10, 5)
    assert isinstance(near.resized((100, 100)), Camera)


def test_dots_lie_where_the_photos_do() -> None:
    points = np.array([[5, 5], [5, 5], [12, 3], [-50, 3], [19.5, 9.5]], dtype=np.float32)
    canvas = Dots()
    drawn = canvas.drawn(points, (20, 10), 3)
    assert drawn.shape == (10, 20)
    assert drawn[5, 5] == 2
    assert drawn[3, 12] == drawn[2, 11] == drawn[9, 19] == 1
    assert drawn.sum() == 2 * 9 + 9 + 4
    # What was drawn before is gone.
    assert canvas.drawn(points[2:3], (20, 10), 3).sum() == 9
    even = canvas.drawn(points[2:3], (20, 10), 4)
    assert even.sum() == 12
    assert even[3, 12] == even[2, 11] == 1


def test_very_many_dots_at_one_place_are_no_hole() -> None:
    crowd = np.repeat(np.array([[x, y] for x in range(9) for y in range(9)], np.float32), 300, 0)
    for side in (3, 5, 7, 9, 13):
        drawn = Dots().drawn(crowd, (9, 9), side)
        assert len({shades((200, 100, 50))[many] for many in drawn[2:7, 2:7].ravel()}) == 1


def test_more_dots_cover_more_of_the_background() -> None:
    alphas = [shade >> 24 for shade in shades((200, 100, 50))]
    assert alphas[0] == 0
    assert alphas == sorted(alphas)
    assert len(alphas) == 256
    assert 255 > alphas[3] > alphas[1] > 100


def test_pictures_leave_each_other_room_and_stay() -> None:
    points = np.array([[0, 0], [10, 0], [100, 0], [105, 5]], dtype=np.float32)
    rows = np.arange(4)
    assert [spot.row for spot in spots(points, rows, (50, 50))] == [0, 2]
    assert [spot.row for spot in spots(points, rows, (50, 50), first=[3])] == [3, 0]
    assert [spot.row for spot in spots(points, rows[:1], (50, 50), first=[3])] == [0]


def test_an_outline_may_be_hollow() -> None:
    arch = np.array([[0, 0], [9, 0], [9, 9], [6, 9], [6, 3], [3, 3], [3, 9], [0, 9]], np.float32)
    points = np.array([[1, 8], [5, 6], [8, 8], [5, 1], [20, 1]], np.float32)
    assert within(points, arch).tolist() == [True, False, True, True, False]


def test_the_next_photo_lies_in_the_direction() -> None:
    places = np.array([[0, 0], [5, 1], [2, 9], [-4, 0]], dtype=np.float32)
    scene = scene_of(np.array([10, 20, 30, 40]), places)
    scene.select([10])
    assert scene.towards(1, 0, (0, 0)) == 20
    assert scene.towards(-1, 0, (0, 0)) == 40
    assert scene.towards(0, -1, (0, 0)) == 30
    assert scene.towards(0, 1, (0, 0)) is None
    assert scene.nearest_ids(2) == [10, 40]
