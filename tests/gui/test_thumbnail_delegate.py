"""How one tile looks in each of its states."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from tests.gui.grid import tile
from twinlens.gui import theme
from twinlens.gui.thumbnail_delegate import Part, ThumbnailDelegate, TileState
from twinlens.gui.tile_geometry import photo_rect
from twinlens.gui.tokens import LIGHT
from twinlens.records import MatchClass, Tile

CELL = QRect(10, 10, 160, 160)
PHOTO = QColor("#808000")
LANDSCAPE = tile(1, size=(400, 300))


@pytest.fixture
def delegate(qapp: QApplication) -> ThumbnailDelegate:
    theme.apply_theme(qapp, "light")
    return ThumbnailDelegate()


def pixmap(width: int = 160, height: int = 120) -> QPixmap:
    result = QPixmap(width, height)
    result.fill(PHOTO)
    return result


def drawn(
    delegate: ThumbnailDelegate, item: Tile, picture: QPixmap | None, state: TileState
) -> QImage:
    image = QImage(180, 180, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(LIGHT.window)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    delegate.paint(painter, CELL, item, picture, state)
    painter.end()
    return image


def changed(first: QImage, second: QImage) -> QRect:
    """The rectangle that holds every difference."""
    points = [
        (x, y)
        for x in range(first.width())
        for y in range(first.height())
        if first.pixel(x, y) != second.pixel(x, y)
    ]
    if not points:
        return QRect()
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return QRect(min(xs), min(ys), max(xs) - min(xs) + 1, max(ys) - min(ys) + 1)


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ((400, 300), (10, 30, 160, 120)),
        ((300, 400), (30, 10, 120, 160)),
        ((5000, 100), (10, 88, 160, 3)),
        ((0, 0), (10, 10, 160, 160)),
    ],
)
def test_a_photo_is_shown_whole_in_the_middle(
    size: tuple[int, int], wanted: tuple[int, int, int, int]
) -> None:
    rect = photo_rect(CELL, tile(1, size=size), None, 1.0)
    assert rect.size().toSize().toTuple() == wanted[2:]
    assert abs(rect.left() - wanted[0]) <= 1
    assert abs(rect.top() - wanted[1]) <= 1


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_a_photo_lies_on_whole_device_pixels(ratio: float) -> None:
    rect = photo_rect(CELL, tile(1, size=(331, 257)), None, ratio)
    for value in (rect.width(), rect.height(), rect.left(), rect.top()):
        assert value * ratio == pytest.approx(round(value * ratio))


def test_a_placeholder_has_the_shape_of_the_photo(delegate: ThumbnailDelegate) -> None:
    image = drawn(delegate, LANDSCAPE, None, TileState())
    assert image.pixelColor(90, 32) == LIGHT.placeholder
    assert image.pixelColor(90, 28) == LIGHT.window


def test_at_rest_there_is_only_the_photo(delegate: ThumbnailDelegate) -> None:
    image = drawn(delegate, LANDSCAPE, pixmap(), TileState())
    inside = {image.pixelColor(x, y).name() for x in range(15, 165) for y in range(35, 145)}
    assert inside == {PHOTO.name()}


def test_a_score_is_a_pill_at_the_lower_left(delegate: ThumbnailDelegate) -> None:
    plain = drawn(delegate, LANDSCAPE, pixmap(), TileState())
    scored = drawn(delegate, replace(LANDSCAPE, score=0.98), pixmap(), TileState())
    pill = changed(plain, scored)
    assert pill.left() < 20
    assert pill.right() < 60
    assert pill.top() > 110
    assert pill.bottom() < 150


def test_copies_are_counted_at_the_lower_right(delegate: ThumbnailDelegate) -> None:
    plain = drawn(delegate, LANDSCAPE, pixmap(), TileState())
    copies = drawn(delegate, replace(LANDSCAPE, copies=3), pixmap(), TileState())
    badge = changed(plain, copies)
    assert badge.left() > 110
    assert badge.top() > 110


def test_an_offline_photo_is_paler_and_marked(delegate: ThumbnailDelegate) -> None:
    image = drawn(delegate, replace(LANDSCAPE, offline=True), pixmap(), TileState())
    wanted = [
        round(0.6 * photo + 0.4 * window)
        for photo, window in zip(
            (PHOTO.red(), PHOTO.green(), PHOTO.blue()),
            (LIGHT.window.red(), LIGHT.window.green(), LIGHT.window.blue()),
            strict=True,
        )
    ]
    seen = image.pixelColor(90, 60)
    assert [seen.red(), seen.green(), seen.blue()] == pytest.approx(wanted, abs=2)
    assert image.pixelColor(18, 136).lightness() < seen.lightness()


def test_selection_is_a_ring_outside_the_photo(delegate: ThumbnailDelegate) -> None:
    image = drawn(delegate, LANDSCAPE, pixmap(), TileState(selected=True))
    assert image.pixelColor(9, 90) == LIGHT.accent
    assert image.pixelColor(8, 90) == LIGHT.accent
    assert image.pixelColor(10, 90) == PHOTO


def test_focus_looks_different_from_selection(delegate: ThumbnailDelegate) -> None:
    image = drawn(delegate, LANDSCAPE, pixmap(), TileState(focused=True))
    assert image.pixelColor(90, 7) == LIGHT.text
    assert image.pixelColor(9, 90) == LIGHT.window
    both = drawn(delegate, LANDSCAPE, pixmap(), TileState(focused=True, selected=True))
    assert both.pixelColor(9, 90) == LIGHT.accent
    assert both.pixelColor(7, 90) == LIGHT.text


def test_hovering_moves_nothing(delegate: ThumbnailDelegate) -> None:
    item = replace(LANDSCAPE, score=0.98, copies=2, match=MatchClass.ALIKE)
    rest = drawn(delegate, item, pixmap(), TileState())
    hovered = drawn(delegate, item, pixmap(), TileState(hovered=True))
    photo = photo_rect(CELL, item, None, 1.0).toRect()
    assert photo.contains(changed(rest, hovered))
    assert rest.copy(20, 60, 140, 50) == hovered.copy(20, 60, 140, 50)


def test_a_long_and_a_right_to_left_name_stay_inside(delegate: ThumbnailDelegate) -> None:
    photo = photo_rect(CELL, LANDSCAPE, None, 1.0).toRect()
    rest = drawn(delegate, LANDSCAPE, pixmap(), TileState())
    for name in ("x" * 236 + ".jpg", "صورة العائلة في الصيف 2019.jpg", "two\nlines.jpg"):
        item = tile(1, name=name)
        assert photo.contains(
            changed(rest, drawn(delegate, item, pixmap(), TileState(hovered=True)))
        )


@pytest.mark.parametrize("width", [106, 92, 60, 20])
@pytest.mark.parametrize("score", [None, 0.98])
def test_the_strip_of_the_name_is_no_wider_than_the_photo(
    delegate: ThumbnailDelegate, width: int, score: float | None
) -> None:
    item = replace(tile(1, size=(width, 160)), score=score)
    rest = drawn(delegate, item, pixmap(width, 160), TileState())
    selected = drawn(delegate, item, pixmap(width, 160), TileState(selected=True))
    # The strip lies below the button that tells of the selection.
    strip = changed(rest.copy(0, 100, 180, 65), selected.copy(0, 100, 180, 65))
    ring = LIGHT.ring + 1
    photo = photo_rect(CELL, item, None, 1.0).toRect().adjusted(-ring, 0, ring, 0)
    assert photo.left() <= strip.left()
    assert strip.right() <= photo.right()


@pytest.mark.parametrize("size", [(400, 300), (300, 400), (5000, 100), (100, 5000)])
@pytest.mark.parametrize("side", [LIGHT.tile_smallest, LIGHT.tile_side, LIGHT.tile_largest])
def test_every_part_has_a_place_of_its_own(
    delegate: ThumbnailDelegate, size: tuple[int, int], side: int
) -> None:
    cell = QRect(0, 0, side, side)
    item = tile(1, size=size)
    found: dict[Part, set[tuple[int, int]]] = {part: set() for part in Part}
    for x in range(0, side, 4):
        for y in range(0, side, 4):
            found[delegate.part_at(cell, item, QPointF(x, y))].add((x, y))
    assert all(len(found[part]) >= 20 for part in Part)
    assert max(x for x, _ in found[Part.CHECK]) < min(x for x, _ in found[Part.PLUS])
    assert max(x for x, _ in found[Part.PLUS]) < min(x for x, _ in found[Part.MINUS])


def test_a_photo_without_a_thumbnail_says_so(delegate: ThumbnailDelegate) -> None:
    waiting = drawn(delegate, LANDSCAPE, None, TileState())
    absent = drawn(delegate, LANDSCAPE, None, TileState(absent=True))
    mark = changed(waiting, absent)
    assert abs(mark.center().x() - CELL.center().x()) <= 2
    assert abs(mark.center().y() - CELL.center().y()) <= 2


def test_a_fading_photo_lies_over_its_placeholder(delegate: ThumbnailDelegate) -> None:
    image = drawn(delegate, LANDSCAPE, pixmap(), TileState(opacity=0.5))
    between = image.pixelColor(90, 90)
    assert LIGHT.placeholder.lightness() > between.lightness() > PHOTO.lightness()


def test_what_is_dragged_shows_the_photo_and_the_count(delegate: ThumbnailDelegate) -> None:
    one = delegate.drag_pixmap(pixmap(), 1, 2.0)
    many = delegate.drag_pixmap(pixmap(), 12, 2.0)
    assert one.deviceIndependentSize().toSize().width() == LIGHT.tile_smallest
    assert one.toImage() != many.toImage()
    assert not delegate.drag_pixmap(None, 1, 1.0).isNull()
