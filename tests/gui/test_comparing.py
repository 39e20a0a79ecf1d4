"""Why a result matched: pair of pictures with one zoom, heat, outlines; finding a part of one."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QColor, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.gui.looking import MemoryPictures, three_photos, tiles_of
from tests.gui.windows import opened, shown, wait_for_tiles
from twinlens.gui.blend_canvas import difference, laid_on
from twinlens.gui.compare_page import ComparePage
from twinlens.gui.main_window import MainWindow
from twinlens.gui.pair_canvas import part_seen
from twinlens.gui.pair_switch import Mode
from twinlens.gui.tasks import Tasks
from twinlens.gui.why_panel import WhyPanel
from twinlens.gui.zoom import Zoom
from twinlens.library import Library
from twinlens.records import Comparison, Example, MatchClass, Outline, Region, Tile

PART = Outline(((0.2, 0.2), (0.7, 0.2), (0.7, 0.8), (0.2, 0.8)))
WHOLE = Outline(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))


@pytest.fixture
def pictures() -> MemoryPictures:
    return three_photos()


@pytest.fixture
def tasks() -> Iterator[Tasks]:
    made = Tasks()
    yield made
    made.close()


@pytest.fixture
def why(pictures: MemoryPictures, tasks: Tasks, qtbot: QtBot) -> WhyPanel:
    made = WhyPanel(pictures, tasks)
    made.resize(300, 260)
    qtbot.addWidget(made)
    made.set_query([Example(photo_id=3, negative=True), Example(photo_id=1)])
    return made


def proven(tile: Tile) -> Tile:
    found = Comparison(0.9, MatchClass.EDITED, 40, None, PART.region, PART, WHOLE)
    return replace(tile, match=MatchClass.EDITED, comparison=found)


def test_without_a_query_there_is_nothing_to_explain(
    why: WhyPanel, pictures: MemoryPictures
) -> None:
    tile = tiles_of(pictures)[1]
    why.show_tile(replace(tile, score=None))
    assert why.isHidden()
    why.show_tile(tile)
    assert not why.isHidden()
    why.set_query([])
    assert why.isHidden()


def test_what_is_proven_is_drawn_on_both(
    why: WhyPanel, pictures: MemoryPictures, qtbot: QtBot
) -> None:
    pair = why.pair
    why.show_tile(proven(tiles_of(pictures)[1]))
    assert (pair.first.outline, pair.second.outline) == (WHOLE, PART)
    assert pair.caption.text() == "An edited version: 40 points in common"
    qtbot.waitUntil(lambda: not pair.second.image().isNull())
    assert pair.first.image().pixelColor(9, 9) == QColor("red")
    assert pair.second.image().pixelColor(9, 9) == QColor("lime")
    pair.set_mode(Mode.PLAIN)
    assert pair.first.outline is None
    assert pair.second.outline is None
    pair.set_mode(Mode.HEAT)
    qtbot.waitUntil(lambda: pair.second.image().width() == 8)
    assert not pair.legend.isHidden()
    assert pair.first.image().pixelColor(1, 1) == QColor("grey")


def test_of_several_examples_the_one_that_matched_is_shown(
    why: WhyPanel, pictures: MemoryPictures, qtbot: QtBot
) -> None:
    why.set_query([Example(photo_id=1), Example(photo_id=3, negative=True), Example(photo_id=2)])
    _, second, third = tiles_of(pictures)
    why.show_tile(replace(proven(third), example=1))
    qtbot.waitUntil(lambda: not why.pair.first.image().isNull())
    assert why.pair.first.image().pixelColor(9, 9) == QColor("lime")
    why.show_tile(proven(second))
    qtbot.waitUntil(lambda: not why.pair.first.image().isNull())
    assert why.pair.first.image().pixelColor(9, 9) == QColor("red")


def test_a_result_that_was_not_verified_is_looked_at_when_it_is_chosen(
    why: WhyPanel, pictures: MemoryPictures, qtbot: QtBot
) -> None:
    pictures.comparisons = {2: Comparison(0.9, MatchClass.SAME_SCENE, 17, None, None, PART, PART)}
    second, third = tiles_of(pictures)[1:]
    why.show_tile(second)
    qtbot.waitUntil(lambda: why.pair.second.outline == PART)
    assert why.pair.caption.text() == "The same scene: 17 points in common"
    seen = Region(0.1, 0.1, 0.3, 0.3)
    why.show_tile(replace(third, comparison=Comparison(0.5, region=seen)))
    qtbot.waitUntil(lambda: "most like" in why.pair.caption.text())
    assert why.pair.second.outline is not None
    assert why.pair.second.outline.region.width == pytest.approx(0.3)
    assert why.pair.first.outline is None


def test_only_a_small_part_is_pointed_out_on_a_thumbnail() -> None:
    assert part_seen(Comparison(0.5)) is None
    assert part_seen(Comparison(0.5, region=Region(0, 0, 0.9, 0.9))) is None
    small = part_seen(Comparison(0.5, region=Region(0.5, 0.25, 0.25, 0.5)))
    assert small == Outline(((0.5, 0.25), (0.75, 0.25), (0.75, 0.75), (0.5, 0.75)))
    assert part_seen(Comparison(0.5, region=PART.region, outline=PART)) == PART


def test_pictures_of_other_shapes_show_the_same_part() -> None:
    wide = Zoom((4000, 1000), (300, 300)).fitted().zoomed(6, (150, 150)).panned(-80, 0)
    high = Zoom((1000, 2000), (300, 300)).fitted().of_part(wide.part)
    assert high.scale / high.fit_scale == pytest.approx(wide.scale / wide.fit_scale)
    assert high.part[1][0] == pytest.approx(wide.part[1][0])
    assert high.of_part(wide.fitted().part) == high.fitted()


# In the window


@pytest.fixture(scope="module")
def looked_at(indexed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a closed library of which every photo was looked at closely."""
    folder = tmp_path_factory.mktemp("looked") / "library"
    shutil.copytree(indexed_once, folder)
    with Library(folder, writer=True) as library:
        library.index_folders(closer=True)
    return folder


@pytest.fixture
def window(looked_at: Path, tmp_path: Path, qtbot: QtBot) -> Iterator[MainWindow]:
    with opened(qtbot, shutil.copytree(looked_at, tmp_path / "library")) as made:
        wait_for_tiles(qtbot, made, 24)
        yield made


def act(window: MainWindow, name: str) -> QAction:
    found = window.findChild(QAction, name)
    assert found is not None
    return found


def ask(window: MainWindow, qtbot: QtBot, name: str) -> None:
    photo_id = next(tile.photo_id for tile in shown(window) if tile.path.name == name)
    window.browser.tray.find_similar(photo_id)
    settle(window, qtbot)


def settle(window: MainWindow, qtbot: QtBot) -> None:
    searching = window.conductor.searching
    qtbot.waitUntil(
        lambda: (
            not searching.busy and not searching.verifying and shown(window)[0].score is not None
        )
    )


def test_compare_opens_large_and_walks_through_the_results(
    window: MainWindow, qtbot: QtBot
) -> None:
    assert not act(window, "compare").isEnabled()
    ask(window, qtbot, "checker-0.jpg")
    window.browser.grid.show_photo(shown(window)[1].photo_id)
    act(window, "compare").trigger()
    page = window.comparing.page
    pair = page.pair
    assert page.isVisible()
    qtbot.waitUntil(lambda: not pair.second.image().isNull())
    assert page.query_name.accessibleName() == "Query: checker-0.jpg"
    assert page.name.accessibleName() == shown(window)[1].path.name
    pair.second.zoom_by(3.0, QPointF(10, 10))
    assert pair.first.zoom is not None
    assert pair.second.zoom is not None
    assert pair.first.zoom.part[0] == pytest.approx(pair.second.zoom.part[0])
    assert pair.first.zoom.part[1] == pytest.approx(pair.second.zoom.part[1], abs=0.01)
    QTest.keyClick(page, Qt.Key.Key_Right)
    assert page.name.accessibleName() == shown(window)[2].path.name
    assert window.browser.grid.currentIndex().row() == 2
    pair.set_mode(Mode.HEAT)
    qtbot.waitUntil(lambda: not pair.first.image().isNull())
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert not page.isVisible()
    assert window.browser.grid.isVisible()


def test_any_two_chosen_photos_are_compared(window: MainWindow, qtbot: QtBot) -> None:
    tiles = [tile for tile in shown(window) if tile.path.name.startswith("checker")][:2]
    grid, page = window.browser.grid, window.comparing.page
    grid.show_photo(tiles[0].photo_id)
    assert not act(window, "compare").isEnabled()
    for tile in tiles:
        row = window.browser.model.row_of(tile.photo_id)
        index = window.browser.model.index(row or 0)
        grid.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Select)
    qtbot.waitUntil(lambda: grid.selected_count() == 2)
    assert act(window, "compare").isEnabled()
    act(window, "compare").trigger()
    assert page.isVisible()
    names = {page.query_name.accessibleName(), page.name.accessibleName()}
    assert names == {tile.path.name for tile in tiles}
    qtbot.waitUntil(lambda: not page.score.isHidden())
    assert page.before.isHidden()
    before = page.name.accessibleName()
    QTest.keyClick(page, Qt.Key.Key_Right)
    assert page.name.accessibleName() == before
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert window.browser.grid.isVisible()


def test_files_that_are_in_no_library_are_compared(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    one, other, third = (tmp_path / f"{name}.jpg" for name in ("one", "other", "third"))
    source = shown(window)[0].path
    for path in (one, other, third):
        shutil.copyfile(source, path)
    page = window.comparing.page
    window.comparing.put([Example(path=one), Example(path=other)], left=False)
    assert page.isVisible()
    qtbot.waitUntil(lambda: not page.pair.second.image().isNull())
    qtbot.waitUntil(lambda: not page.score.isHidden())
    assert "100" in page.score.accessibleName()
    page.pair.set_mode(Mode.DIFFERENCE)
    assert "Nothing differs" in page.pair.caption.text()
    drop(page, [third], QPointF(5, 50))
    assert page.query_name.accessibleName() == "third.jpg"
    assert page.name.accessibleName() == "other.jpg"
    drop(page, [one, third], QPointF(5, 50))
    assert page.query_name.accessibleName() == "one.jpg"
    assert page.name.accessibleName() == "third.jpg"


def drop(page: ComparePage, paths: list[Path], at: QPointF) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    how = Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    page.dragEnterEvent(QDragEnterEvent(at.toPoint(), *how))
    page.dropEvent(QDropEvent(at, *how))


def test_a_part_of_a_photo_is_found(window: MainWindow, qtbot: QtBot) -> None:
    photo_id = next(tile.photo_id for tile in shown(window) if tile.path.name == "checker-0.jpg")
    window.browser.grid.show_photo(photo_id)
    act(window, "find_part").trigger()
    qtbot.waitUntil(lambda: window.parts.picker is not None)
    picker = window.parts.picker
    assert picker is not None
    assert not picker.done.isEnabled()
    rect = picker.canvas.picture_rect()
    start = QPoint(round(rect.x() + rect.width() * 0.2), round(rect.y() + rect.height() * 0.2))
    end = QPoint(round(rect.x() + rect.width() * 0.7), round(rect.y() + rect.height() * 0.8))
    QTest.mousePress(picker.canvas, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(picker.canvas, end)
    QTest.mouseRelease(picker.canvas, Qt.MouseButton.LeftButton, pos=end)
    assert picker.done.isEnabled()
    picker.done.click()
    (example,) = window.browser.tray.examples()
    assert example.photo_id == photo_id
    assert example.region is not None
    assert example.region.width == pytest.approx(0.5, abs=0.03)
    settle(window, qtbot)
    assert "checker-0.jpg" in [tile.path.name for tile in shown(window)[:6]]
    first = shown(window)[0]
    assert first.comparison is not None
    assert first.comparison.region is not None


# One laid on the other


def square(colour: str, *spots: tuple[int, int, str]) -> QImage:
    """Return a picture of one colour with single pixels of another."""
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    for x, y, other in spots:
        image.setPixelColor(x, y, QColor(other))
    return image


def test_what_differs_is_bright_and_the_rest_black() -> None:
    first, second = square("#404040", (5, 5, "#202020")), square("#404040", (30, 30, "#505050"))
    made = difference(first, laid_on(first, second, None))
    assert made.pixelColor(20, 20) == QColor("black")
    assert made.pixelColor(5, 5) == QColor("#808080")
    assert made.pixelColor(30, 30) == QColor("#404040")


def test_a_cropped_copy_comes_to_lie_where_it_was_cut() -> None:
    first = square("grey")
    for x in range(20, 40):
        for y in range(20, 40):
            first.setPixelColor(x, y, QColor("red"))
    quarter = first.copy(20, 20, 20, 20)
    ours = Outline(((0.5, 0.5), (1.0, 0.5), (1.0, 1.0), (0.5, 1.0)))
    laid = laid_on(first, quarter, Comparison(0.9, MatchClass.EDITED, 40, None, None, WHOLE, ours))
    assert laid.size() == first.size()
    assert laid.pixelColor(5, 5).alpha() == 0
    assert laid.pixelColor(30, 30) == QColor("red")
    made = difference(first, laid)
    assert made.pixelColor(5, 5) == QColor("black")
    assert made.pixelColor(30, 30) == QColor("black")


@pytest.fixture
def page(pictures: MemoryPictures, tasks: Tasks, qtbot: QtBot) -> ComparePage:
    made = ComparePage(pictures, tasks)
    made.resize(900, 600)
    qtbot.addWidget(made)
    made.show()
    made.show_pair(Example(photo_id=1), "Query", proven(tiles_of(pictures)[1]))
    return made


def test_the_line_uncovers_the_other_picture(page: ComparePage, qtbot: QtBot) -> None:
    QTest.keyClick(page, Qt.Key.Key_4)
    blend = page.pair.blend
    assert page.pair.mode is Mode.SWIPE
    assert blend.isVisible()
    assert page.pair.first.isHidden()
    middle, red, lime = blend.rect().center(), QColor("red"), QColor("lime")
    left, right = middle - QPoint(60, 0), middle + QPoint(60, 0)

    def at(where: QPoint) -> QColor:
        return blend.grab().toImage().pixelColor(where)

    qtbot.waitUntil(lambda: at(left) == red and at(right) == lime)
    QTest.mousePress(blend, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(blend, middle + QPoint(120, 0))
    QTest.mouseRelease(blend, Qt.MouseButton.LeftButton, pos=middle + QPoint(120, 0))
    assert at(right) == red
    for _ in range(20):
        QTest.keyClick(page, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert blend.split == 0
    assert at(left) == lime


def test_the_two_take_turns_until_somebody_flips_them(page: ComparePage, qtbot: QtBot) -> None:
    QTest.keyClick(page, Qt.Key.Key_5)
    blend = page.pair.blend
    qtbot.waitUntil(lambda: blend.second_shown)
    assert blend.running
    shown = blend.second_shown
    QTest.keyClick(page, Qt.Key.Key_Space)
    assert not blend.running
    assert blend.second_shown is not shown
    QTest.keyClick(page, Qt.Key.Key_6)
    assert page.pair.mode is Mode.DIFFERENCE
    QTest.keyClick(page, Qt.Key.Key_1)
    assert page.pair.first.isVisible()


def test_zoom_is_the_same_in_every_mode(page: ComparePage, qtbot: QtBot) -> None:
    QTest.keyClick(page, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: not page.pair.first.image().isNull())
    QTest.keyClick(page, Qt.Key.Key_Plus)
    QTest.keyClick(page, Qt.Key.Key_6)
    blend = page.pair.blend
    qtbot.waitUntil(lambda: blend.zoom is not None and not blend.image().isNull())
    assert blend.zoom is not None
    assert blend.zoom.part[0] == pytest.approx(1.25)
    QTest.keyClick(page, Qt.Key.Key_0)
    QTest.keyClick(page, Qt.Key.Key_1)
    assert page.pair.first.zoom is not None
    assert page.pair.first.zoom.fits
