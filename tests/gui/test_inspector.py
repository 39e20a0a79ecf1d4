"""The inspector: facts of the photo in hand, where its copies lie, and acts."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.gui.looking import MemoryPictures, three_photos, tiles_of
from twinlens.gui.inspector import Inspector
from twinlens.gui.tasks import Tasks
from twinlens.records import MatchClass, Tile


@pytest.fixture
def tasks() -> Iterator[Tasks]:
    made = Tasks()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
    yield
    QLocale.setDefault(before)


@pytest.fixture
def pictures() -> MemoryPictures:
    return three_photos()


@pytest.fixture
def inspector(pictures: MemoryPictures, tasks: Tasks, qtbot: QtBot) -> Inspector:
    made = Inspector(pictures, tasks)
    made.resize(300, 700)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_facts_in_the_language_of_the_user(
    inspector: Inspector, pictures: MemoryPictures, qtbot: QtBot
) -> None:
    tile = replace(tiles_of(pictures)[0], score=0.982, match=MatchClass.SAME_BYTES)
    inspector.show_tile(tile)
    assert inspector.name.text() == "1.jpg"
    qtbot.waitUntil(lambda: not inspector.preview.image().isNull())
    assert inspector.size_fact.text() == "2,400 × 1,600 (3.8 megapixels)"
    assert inspector.file_fact.text() == "3.7 MB  ·  JPEG"
    assert inspector.date_fact.text() == "Saturday, 1 June 2024, 10:20"
    assert inspector.camera_fact.text() == "Camera One"
    assert inspector.lens_fact.text() == "Lens 50 mm"
    assert inspector.place_fact.text() == "59.9139° N, 10.7522° E"
    assert inspector.score.accessibleName() == "Score 98"
    assert "0.9820" in inspector.score.toolTip()
    assert "byte for byte" in inspector.score.toolTip()
    inspector.show_tile(replace(tile, match=None, probability=0.879))
    assert "87 % likely the same thing" in inspector.score.toolTip()
    assert "byte for byte" not in inspector.score.toolTip()
    assert [row.text() for row in inspector.folder_links.rows()] == ["/photos"]
    assert not inspector.copy_links.isVisible()


def test_what_is_not_known_takes_no_room(
    inspector: Inspector, pictures: MemoryPictures, qtbot: QtBot
) -> None:
    unknown = Tile(9, Path("/photos/9.jpg"), 1, 40, 30, None)
    inspector.show_tile(unknown)
    for row in (inspector.date_fact, inspector.camera_fact, inspector.place_fact):
        assert not row.isVisible()
    assert not inspector.score.isVisible()
    assert not inspector.offline.isVisible()


def test_what_a_photo_shows_leads_to_others(
    inspector: Inspector, pictures: MemoryPictures, qtbot: QtBot
) -> None:
    pictures.shown = {1: [("dog", 0.978), ("animal", 0.71)], 2: []}
    first, second, third = tiles_of(pictures)
    inspector.show_tile(first)
    rows = inspector.labels.links.rows
    qtbot.waitUntil(
        lambda: [row.text() for row in rows()] == ["dog · 97 % sure", "animal · 71 % sure"]
    )
    assert rows()[0].label.accessibleName() == "Show all photos that show this: dog · 97 % sure"
    with qtbot.waitSignal(inspector.labels.chosen) as chosen:
        QTest.keyClick(rows()[1].label, Qt.Key.Key_Return)
    assert chosen.args == ["animal"]
    inspector.show_tile(second)
    qtbot.waitUntil(lambda: not inspector.preview.image().isNull())
    assert not inspector.labels.isVisible()
    inspector.show_tile(third)
    qtbot.waitUntil(inspector.labels.isVisible)
    assert inspector.labels.note.text() == "Not looked at yet"
    pictures.shown[3] = [("cat", 0.9)]
    inspector.labels.look_again()
    qtbot.waitUntil(lambda: [row.text() for row in rows()] == ["cat · 90 % sure"])
    assert not inspector.labels.note.isVisible()
    inspector.show_tile(None)
    assert rows() == []


def test_a_late_answer_never_lands_on_the_next_photo(
    inspector: Inspector, pictures: MemoryPictures, qtbot: QtBot
) -> None:
    first, second, _third = tiles_of(pictures)
    pictures.held = {1: threading.Event()}
    inspector.show_tile(first)
    qtbot.waitUntil(lambda: bool(pictures.asked))
    inspector.show_tile(second)
    qtbot.waitUntil(lambda: not inspector.preview.image().isNull())
    pictures.held[1].set()
    qtbot.waitUntil(lambda: len(pictures.asked) == 2)
    assert inspector.preview.image().pixelColor(5, 5) == QColor(0, 255, 0)
    assert inspector.name.text() == "2.jpg"


def test_every_copy_leads_to_its_folder(
    inspector: Inspector, pictures: MemoryPictures, qtbot: QtBot
) -> None:
    places = [Path("/photos/1.jpg"), Path("/backup/a.jpg"), Path("/backup/b.jpg")]
    pictures.places = {1: places}
    inspector.show_tile(tiles_of(pictures)[0])
    qtbot.waitUntil(lambda: len(inspector.copy_links.rows()) == 2)
    assert inspector.copies_title.text() == "The same file is also in 2 places:"
    label = inspector.copy_links.rows()[1].label
    with qtbot.waitSignal(inspector.reveal_requested) as revealed:
        QTest.mouseClick(label, Qt.MouseButton.LeftButton)
    assert revealed.args == [places[2]]
    with qtbot.waitSignal(inspector.reveal_requested) as revealed:
        QTest.keyClick(inspector.folder_links.rows()[0].label, Qt.Key.Key_Return)
    assert revealed.args == [places[0]]


def test_acts(inspector: Inspector, pictures: MemoryPictures, qtbot: QtBot) -> None:
    inspector.show_tile(tiles_of(pictures)[1])
    with qtbot.waitSignal(inspector.similar_requested) as similar:
        QTest.mouseClick(inspector.similar, Qt.MouseButton.LeftButton)
    assert similar.args == [2]
    with qtbot.waitSignal(inspector.copy_path_requested) as copied:
        QTest.mouseClick(inspector.copy_path, Qt.MouseButton.LeftButton)
    assert copied.args == [Path("/photos/2.jpg")]
    with qtbot.waitSignal(inspector.opened) as opened:
        QTest.mouseClick(inspector.preview, Qt.MouseButton.LeftButton)
    assert opened.args == [2]


def test_a_photo_out_of_reach_says_so(
    inspector: Inspector, pictures: MemoryPictures, qtbot: QtBot
) -> None:
    pictures.broken = {1}
    inspector.show_tile(replace(tiles_of(pictures)[0], offline=True))
    assert inspector.offline.isVisible()
    qtbot.waitUntil(lambda: "is damaged" in inspector.preview.accessibleDescription())
    assert inspector.camera_fact.text() == "Camera One"


def test_none_and_several(inspector: Inspector, pictures: MemoryPictures) -> None:
    inspector.show_tile(tiles_of(pictures)[0])
    inspector.show_count(12)
    assert inspector.tile() is None
    assert inspector.empty_text() == "12 photos selected"
    inspector.show_tile(None)
    assert inspector.empty_text() == "Select a photo to see more of it."


def test_a_long_name_without_a_space_is_not_cut(
    inspector: Inspector, pictures: MemoryPictures, qtbot: QtBot
) -> None:
    long = "x" * 236 + ".jpg"
    inspector.show_tile(replace(tiles_of(pictures)[0], file=Path("/photos") / long))
    name = inspector.name
    assert name.text() == long
    qtbot.waitUntil(lambda: name.height() >= name.heightForWidth(name.width()))
    assert name.heightForWidth(name.width()) > 5 * name.fontMetrics().height()
    assert name.width() <= inspector.width()
