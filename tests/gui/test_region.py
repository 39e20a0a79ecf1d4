"""Frames on pictures: their geometry, the mouse, the keyboard, and cutting from a screen."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Expected
from twinlens.gui.region_canvas import STEP, RegionCanvas
from twinlens.gui.region_frame import SMALLEST, Grip, grip_at, moved, spanned, stretched
from twinlens.gui.screen_picker import ScreenOverlay, can_pick_from_screen, cut
from twinlens.records import Region

NONE = Qt.KeyboardModifier.NoModifier
anywhere = st.tuples(st.floats(-2, 3), st.floats(-2, 3))


@given(anywhere, anywhere, anywhere, st.sampled_from(list(Grip)))
def test_a_frame_never_leaves_the_picture(
    first: tuple[float, float], second: tuple[float, float], by: tuple[float, float], grip: Grip
) -> None:
    region = spanned(first, second)
    if region is None:
        return
    for result in (region, moved(region, *by), stretched(region, grip, *by)):
        assert result.x >= 0
        assert result.y >= 0
        assert result.width >= SMALLEST * 0.999
        assert result.height >= SMALLEST * 0.999
        assert result.x + result.width <= 1 + 1e-9
        assert result.y + result.height <= 1 + 1e-9


def test_a_click_is_no_frame() -> None:
    assert spanned((0.5, 0.5), (0.505, 0.9)) is None


def test_grips() -> None:
    region = Region(0.2, 0.2, 0.4, 0.4)
    reach = (0.02, 0.02)
    assert grip_at(region, (0.2, 0.2), reach) is Grip.TOP_LEFT
    assert grip_at(region, (0.61, 0.4), reach) is Grip.RIGHT
    assert grip_at(region, (0.4, 0.4), reach) is Grip.INSIDE
    assert grip_at(region, (0.7, 0.4), reach) is None
    tiny = Region(0.2, 0.2, 0.02, 0.02)
    assert grip_at(tiny, (0.21, 0.21), (0.5, 0.5)) is Grip.INSIDE


@pytest.fixture
def canvas(qtbot: QtBot) -> RegionCanvas:
    made = RegionCanvas()
    image = QImage(400, 200, QImage.Format.Format_RGB32)
    image.fill(QColor(10, 20, 30))
    made.set_image(image)
    made.resize(400, 300)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_by_mouse_draw_move_stretch_and_click_away(canvas: RegionCanvas, qtbot: QtBot) -> None:
    told: list[Region | None] = []
    canvas.changed.connect(told.append)

    def drag(start: tuple[int, int], end: tuple[int, int]) -> None:
        left = Qt.MouseButton.LeftButton
        QTest.mousePress(canvas, left, NONE, QPointF(*start).toPoint())
        QTest.mouseMove(canvas, QPointF(*end).toPoint())
        QTest.mouseRelease(canvas, left, NONE, QPointF(*end).toPoint())

    # The picture lies at y 50..250.
    drag((100, 100), (200, 150))
    assert told == [Region(0.25, 0.25, 0.25, 0.25)]
    assert canvas.frame_rect().getRect() == pytest.approx((100, 100, 100, 50))
    drag((150, 125), (190, 145))
    assert canvas.frame_rect().getRect() == pytest.approx((140, 120, 100, 50))
    drag((240, 170), (300, 200))
    assert canvas.frame_rect().getRect() == pytest.approx((140, 120, 160, 80))
    drag((20, 60), (21, 60))
    assert told[-1] is None
    assert canvas.region() is None


def test_by_keyboard(canvas: RegionCanvas, qtbot: QtBot) -> None:
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.region() == Region(0.25, 0.25, 0.5, 0.5)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    region = canvas.region()
    assert region is not None
    assert (region.x, region.height) == pytest.approx((0.25 + STEP, 0.5 + STEP))
    assert "27 % from the left" in canvas.accessibleDescription()
    with qtbot.waitSignal(canvas.chosen):
        QTest.keyClick(canvas, Qt.Key.Key_Return)
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert canvas.region() is None
    assert "whole picture" in canvas.accessibleDescription()


def test_a_rectangle_of_the_screen_becomes_a_picture(
    qtbot: QtBot, expect_warning: Expected
) -> None:
    expect_warning("This plugin does not support raise()")
    image = QImage(800, 600, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    for x in range(400, 800):
        for y in range(300):
            image.setPixelColor(x, y, QColor("red"))
    overlay = ScreenOverlay(QGuiApplication.primaryScreen(), image)
    qtbot.addWidget(overlay)
    overlay.resize(800, 600)
    overlay.show()
    qtbot.waitExposed(overlay)
    with qtbot.waitSignal(overlay.picked) as picked:
        QTest.mousePress(overlay, Qt.MouseButton.LeftButton, NONE, QPointF(400, 0).toPoint())
        QTest.mouseMove(overlay, QPointF(600, 150).toPoint())
        QTest.mouseRelease(overlay, Qt.MouseButton.LeftButton, NONE, QPointF(600, 150).toPoint())
    with Image.open(io.BytesIO(picked.args[0])) as opened:
        assert opened.size == (200, 150)
        assert opened.convert("RGB").getextrema() == ((255, 255), (0, 0), (0, 0))
    with qtbot.waitSignal(overlay.cancelled):
        QTest.keyClick(overlay, Qt.Key.Key_Escape)


def test_cutting_keeps_device_pixels() -> None:
    assert cut(QImage(1000, 500, QImage.Format.Format_RGB32), Region(0.5, 0, 0.5, 1)).width() == 500


def test_the_screen_is_offered_only_where_it_can_be_read(qapp: object) -> None:
    assert can_pick_from_screen() == (QGuiApplication.platformName() in {"xcb", "windows", "cocoa"})
