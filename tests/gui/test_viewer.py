"""The viewer and the quick look: the right photo, sharp enough, and every key."""

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPixmap, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.looking import MemoryPictures, three_photos, tiles_of
from twinlens.gui.tasks import Tasks
from twinlens.gui.viewer import Viewer
from twinlens.gui.zoom import Zoom
from twinlens.records import Tile

RED, GREEN, BLUE = (QColor(*rgb) for rgb in ((255, 0, 0), (0, 255, 0), (0, 0, 255)))


@pytest.fixture
def tasks() -> Iterator[Tasks]:
    made = Tasks()
    yield made
    made.close()


@pytest.fixture
def pictures() -> MemoryPictures:
    return three_photos()


@pytest.fixture
def tiles(pictures: MemoryPictures) -> list[Tile]:
    return tiles_of(pictures)


@pytest.fixture
def viewer(pictures: MemoryPictures, tasks: Tasks, qtbot: QtBot) -> Viewer:
    made = Viewer(pictures, tasks)
    made.resize(800, 600)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def colour(viewer: Viewer) -> QColor:
    """Return what is seen in the middle."""
    return viewer.canvas.grab().toImage().pixelColor(viewer.canvas.rect().center())


def percent(viewer: Viewer) -> int:
    zoom = viewer.canvas.zoom
    assert zoom is not None
    return zoom.percent


def test_a_photo_is_shown_whole_with_its_name_and_position(
    viewer: Viewer, tiles: list[Tile], qtbot: QtBot
) -> None:
    with qtbot.waitSignal(viewer.current_changed) as current:
        viewer.open(tiles, 1)
    assert current.args == [2]
    assert viewer.bar.position.text() == "2 of 3"
    assert viewer.accessibleName() == "2.jpg, 2 of 3"
    qtbot.waitUntil(lambda: colour(viewer) == GREEN)
    rect = viewer.canvas.photo_rect()
    assert rect.height() == pytest.approx(viewer.canvas.height())
    assert rect.width() / rect.height() == pytest.approx(1600 / 2400)


def test_arrows_walk_and_stop_at_the_ends(viewer: Viewer, tiles: list[Tile], qtbot: QtBot) -> None:
    viewer.open(tiles, 0)
    assert not viewer.previous_button.isVisible()
    QTest.keyClick(viewer, Qt.Key.Key_Left)
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    QTest.mouseClick(viewer.next_button, Qt.MouseButton.LeftButton)
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    assert viewer.current_tile() == tiles[2]
    assert not viewer.next_button.isVisible()
    qtbot.waitUntil(lambda: colour(viewer) == BLUE)
    QTest.keyClick(viewer, Qt.Key.Key_Home)
    assert viewer.current_tile() == tiles[0]
    qtbot.waitUntil(lambda: colour(viewer) == RED)


def test_a_late_photo_never_shows_in_the_place_of_another(
    viewer: Viewer, pictures: MemoryPictures, tiles: list[Tile], qtbot: QtBot
) -> None:
    pictures.held = {1: threading.Event()}
    viewer.open(tiles, 0)
    qtbot.waitUntil(lambda: any(example.photo_id == 1 for example, _ in pictures.asked))
    viewer.next()
    viewer.next()
    qtbot.waitUntil(lambda: colour(viewer) == BLUE)
    with qtbot.assertNotEmitted(viewer.current_changed):
        pictures.held[1].set()
        qtbot.waitUntil(lambda: viewer.canvas.image().width() > 0)
    assert colour(viewer) == BLUE


def test_neighbours_are_there_before_they_are_asked_for(
    viewer: Viewer, tiles: list[Tile], qtbot: QtBot
) -> None:
    viewer.open(tiles, 1)
    loaded = viewer._pictures
    qtbot.waitUntil(lambda: all(loaded.image(key) is not None for key in (1, 2, 3)))
    viewer.next()
    assert colour(viewer) == BLUE


def test_full_resolution_comes_only_when_zoomed_in(
    viewer: Viewer, pictures: MemoryPictures, tiles: list[Tile], qtbot: QtBot
) -> None:
    viewer.open(tiles, 0)
    qtbot.waitUntil(lambda: colour(viewer) == RED)
    assert not viewer.canvas.has_detail()
    assert max(side for _, side in pictures.asked) < 2400
    QTest.keyClick(viewer, Qt.Key.Key_1)
    assert percent(viewer) == 100
    qtbot.waitUntil(viewer.canvas.has_detail)
    assert viewer.canvas.image().size() == QSize(2400, 1600)
    QTest.keyClick(viewer, Qt.Key.Key_0)
    assert viewer.canvas.zoom is not None
    assert viewer.canvas.zoom.fits


def test_wheel_zooms_at_the_pointer_and_drag_pans(
    viewer: Viewer, tiles: list[Tile], qtbot: QtBot
) -> None:
    viewer.open(tiles, 0)
    qtbot.waitUntil(lambda: colour(viewer) == RED)
    canvas = viewer.canvas
    rect = canvas.photo_rect()
    point = QPointF(rect.x() + rect.width() * 0.25, rect.y() + rect.height() * 0.5)
    for _ in range(8):
        wheel = QWheelEvent(
            point,
            QPointF(canvas.mapToGlobal(point.toPoint())),
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(canvas, wheel)
    now = canvas.photo_rect()
    assert now.width() > rect.width()
    assert (point.x() - now.x()) / now.width() == pytest.approx(0.25, abs=0.02)
    none = Qt.KeyboardModifier.NoModifier
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, none, QPoint(400, 300))
    QTest.mouseMove(canvas, QPoint(370, 300))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, none, QPoint(370, 300))
    assert canvas.photo_rect().x() == pytest.approx(now.x() - 30)
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, none, QPoint(400, 300))
    assert canvas.photo_rect() == rect


def test_what_cannot_be_shown_says_why_and_the_next_one_shows(
    viewer: Viewer, pictures: MemoryPictures, tiles: list[Tile], qtbot: QtBot
) -> None:
    pictures.broken = {1}
    viewer.open(tiles, 0)
    qtbot.waitUntil(lambda: "is damaged" in viewer.canvas.sentence())
    viewer.next()
    qtbot.waitUntil(lambda: colour(viewer) == GREEN)
    assert not viewer.canvas.sentence()


def test_a_thumbnail_stands_in_until_the_photo_is_there(
    pictures: MemoryPictures, tasks: Tasks, tiles: list[Tile], qtbot: QtBot
) -> None:
    pictures.held = {1: threading.Event()}
    thumbnail = QPixmap(30, 20)
    thumbnail.fill(BLUE)
    made = Viewer(pictures, tasks, thumbnail=lambda _photo_id: thumbnail)
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.open(tiles, 0)
    assert colour(made) == BLUE
    pictures.held[1].set()
    qtbot.waitUntil(lambda: colour(made) == RED)


def test_acts_and_closing(viewer: Viewer, tiles: list[Tile], qtbot: QtBot) -> None:
    viewer.open(tiles, 1)
    with qtbot.waitSignal(viewer.similar_requested) as similar:
        QTest.mouseClick(viewer.bar.similar, Qt.MouseButton.LeftButton)
    assert similar.args == [2]
    viewer.remove_current()
    assert viewer.current_tile() == tiles[2]
    with qtbot.waitSignal(viewer.closed):
        QTest.keyClick(viewer, Qt.Key.Key_Escape)
    assert not viewer.is_open
    assert viewer.canvas.image().isNull()


@pytest.fixture
def below(qtbot: QtBot) -> QWidget:
    window = QWidget()
    window.resize(700, 500)
    QPushButton("below", window)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitActive(window)
    return window


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Escape])
def test_a_quick_look_lies_over_the_window_and_goes_at_a_key(
    below: QWidget,
    pictures: MemoryPictures,
    tasks: Tasks,
    tiles: list[Tile],
    key: Qt.Key,
    qtbot: QtBot,
) -> None:
    button = below.findChild(QPushButton)
    assert isinstance(button, QPushButton)
    button.setFocus()
    quick = Viewer(pictures, tasks, below, quick=True)
    quick.open(tiles, 0)
    assert quick.hasFocus()
    assert quick.geometry() == below.rect()
    below.resize(800, 600)
    qtbot.waitUntil(lambda: quick.geometry() == below.rect())
    QTest.keyClick(quick, Qt.Key.Key_Right)
    assert quick.current_tile() == tiles[1]
    QTest.keyClick(quick, key)
    assert not quick.isVisible()
    assert button.hasFocus()


def test_a_quick_look_leads_to_the_page_and_closes_beside_the_photo(
    below: QWidget, pictures: MemoryPictures, tasks: Tasks, tiles: list[Tile], qtbot: QtBot
) -> None:
    quick = Viewer(pictures, tasks, below, quick=True)
    quick.open(tiles, 2)
    with qtbot.waitSignal(quick.entered) as entered:
        QTest.keyClick(quick, Qt.Key.Key_Return)
    assert entered.args == [3]
    quick.open(tiles, 2)
    none = Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(quick.canvas, Qt.MouseButton.LeftButton, none, QPoint(5, 250))
    assert not quick.isVisible()


def test_keys_of_a_quick_look_do_not_reach_the_window(
    below: QWidget, pictures: MemoryPictures, tasks: Tasks, tiles: list[Tile]
) -> None:
    reached: list[int] = []

    class Catcher(QWidget):
        def keyPressEvent(self, event: QEvent) -> None:
            reached.append(1)

    catcher = Catcher(below)
    catcher.setGeometry(below.rect())
    catcher.show()
    quick = Viewer(pictures, tasks, catcher, quick=True)
    quick.open(tiles, 0)
    QTest.keyClick(quick, Qt.Key.Key_Delete)
    assert not reached


sides = st.floats(20, 20_000)


@given(
    st.tuples(sides, sides),
    st.tuples(sides, sides),
    st.sampled_from([1.0, 1.25, 2.0]),
    st.lists(st.tuples(st.floats(0.2, 5), st.floats(0, 1), st.floats(0, 1)), max_size=6),
)
def test_a_photo_is_always_in_its_view(
    photo: tuple[float, float],
    view: tuple[float, float],
    ratio: float,
    acts: list[tuple[float, float, float]],
) -> None:
    zoom = Zoom(photo, view, ratio).fitted()
    assert zoom.percent <= 100
    for factor, x, y in acts:
        zoom = zoom.zoomed(factor, (x * view[0], y * view[1])).panned(500 * x - 250, 500 * y - 250)
        for start, length, room in zip((zoom.left, zoom.top), zoom.shown, view, strict=True):
            if length <= room:
                assert start == pytest.approx((room - length) / 2)
            else:
                assert start <= 1e-6
                assert start + length >= room - 1e-6
        assert zoom.scale <= max(8 / ratio, zoom.fit_scale) * 1.0001


def test_zooming_stops_at_all_and_at_100_percent() -> None:
    zoom = Zoom((4000, 3000), (800, 600)).fitted()
    seen = []
    for _ in range(12):
        zoom = zoom.zoomed(1.25, (400, 300))
        seen.append(zoom.percent)
    assert 100 in seen
    for _ in range(30):
        zoom = zoom.zoomed(0.8, (400, 300))
    assert zoom.fits
    assert zoom.percent == 20


def test_what_is_in_the_middle_stays_there_when_the_view_changes() -> None:
    zoom = Zoom((4000, 3000), (800, 600)).fitted().scaled_to(1.0, (400, 300))
    wider = zoom.resized((1000, 700), 1.0)
    before = (400 - zoom.left) / zoom.shown[0]
    assert (500 - wider.left) / wider.shown[0] == pytest.approx(before)
