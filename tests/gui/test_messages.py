"""What comes unasked: messages, news and offers, each where it covers and moves nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Messages
from tests.gui.generated import picture
from tests.gui.windows import opened, shown, wait_for_tiles
from twinlens.gui.main_window import MainWindow
from twinlens.gui.wording import score_text
from twinlens.library import Library
from twinlens.reports import Notice

SENTENCE = "The card is not connected."


@pytest.fixture
def window(qtbot: QtBot, own_indexed: Path) -> Iterator[MainWindow]:
    """A window on photos that the test may change, in a grid too long for it."""
    with opened(qtbot, own_indexed) as made:
        made.resize(900, 600)
        wait_for_tiles(qtbot, made, 24)
        qtbot.waitUntil(lambda: made.browser.grid.verticalScrollBar().maximum() > 0)
        yield made


def place(widget: QWidget) -> QRect:
    """Return where a widget lies on the screen."""
    return QRect(widget.mapToGlobal(QPoint()), widget.size())


def tile_places(window: MainWindow) -> list[QPoint]:
    grid = window.browser.grid
    return [
        grid.viewport().mapToGlobal(grid.cell_rect(row).topLeft()) for row in grid.visible_rows()
    ]


def is_on_top(window: MainWindow, widget: QWidget) -> bool:
    """Return whether the middle of a widget is what the pointer would meet there."""
    met = window.childAt(widget.mapTo(window, widget.rect().center()))
    return met is not None and (met is widget or widget.isAncestorOf(met))


@pytest.mark.parametrize("at_end", [False, True])
def test_photos_stay_where_they_are_when_a_message_comes(
    window: MainWindow, qtbot: QtBot, at_end: bool
) -> None:
    bar = window.browser.messages
    scroll = window.browser.grid.verticalScrollBar()
    scroll.setValue(scroll.maximum() if at_end else 40)
    before = tile_places(window)
    grid = place(window.browser.grid)
    bar.say("attention", SENTENCE)
    qtbot.waitUntil(lambda: place(window.browser.grid).height() < grid.height())
    assert set(tile_places(window)) <= set(before)
    assert not place(bar).intersects(place(window.browser.grid))
    bar.dismiss()
    qtbot.waitUntil(lambda: place(window.browser.grid) == grid)
    assert tile_places(window) == before


def test_a_message_is_in_sight_over_viewer_and_quick_look(window: MainWindow, qtbot: QtBot) -> None:
    bar = window.browser.messages
    window.browser.grid.show_photo(shown(window)[0].photo_id)
    for viewer, name in ((window.quick, "quick_look"), (window.viewer, "open_viewer")):
        window.acts.perform(name)
        qtbot.waitUntil(lambda viewer=viewer: viewer.isVisible())  # type: ignore[misc]
        bar.say("attention", SENTENCE)
        assert is_on_top(window, bar)
        viewer.close_view()
        qtbot.waitUntil(lambda: not window.quick.isVisible() and not window.viewing)
        assert is_on_top(window, bar)
        bar.dismiss()
    # One that was there before is not covered either.
    bar.say("attention", SENTENCE)
    window.acts.perform("quick_look")
    assert is_on_top(window, bar)
    caption = next(c for c in window.quick.children() if "of 24" in str(getattr(c, "text", str)()))
    assert isinstance(caption, QWidget)
    assert not place(bar).intersects(place(caption))


def test_what_a_message_leads_to_comes_from_behind_the_viewer(
    window: MainWindow, qtbot: QtBot, photos: Path
) -> None:
    window.browser.grid.show_photo(shown(window)[0].photo_id)
    window.acts.perform("open_viewer")
    (photos / "broken.jpg").write_bytes((photos / "sunset-0.jpg").read_bytes()[:400])
    bar = window.browser.messages
    qtbot.waitUntil(lambda: bar.current is not None)
    assert is_on_top(window, bar)
    next(b for b in bar.findChildren(QPushButton) if b.text() == "See which").click()
    assert not window.viewing
    assert window.browser.page == "failures"


def test_an_offer_of_new_photos_covers_none(window: MainWindow, qtbot: QtBot, photos: Path) -> None:
    window.browser.tray.find_similar(shown(window)[0].photo_id)
    qtbot.waitUntil(lambda: shown(window)[0].score is not None)
    before = tile_places(window)
    picture("sunset", 7).save(photos / "sunset-7.jpg")
    qtbot.waitUntil(lambda: bool(window.browser.offer))
    chip = next(b for b in window.browser.findChildren(QPushButton) if "new photo" in b.text())
    qtbot.waitUntil(lambda: is_on_top(window, chip))
    assert not place(chip).intersects(place(window.browser.grid))
    assert set(tile_places(window)) <= set(before)
    chip.click()
    wait_for_tiles(qtbot, window, 25)
    assert not chip.isVisible()


def test_only_what_needs_attention_carries_its_sign(window: MainWindow, qtbot: QtBot) -> None:
    bar = window.browser.messages
    for notice, kind in (
        (Notice("The graphics card was refused."), "attention"),
        (Notice("EfficientNet-Lite2 is in use from now on.", news=True), "info"),
    ):
        window.session.noticed.emit(notice)
        assert bar.current is not None
        assert (bar.current.sentence, bar.current.kind) == (notice.sentence, kind)


def test_another_model_answers_anew_once_it_has_taken_over(
    window: MainWindow, qtbot: QtBot, messages: Messages
) -> None:
    window.browser.tray.find_similar(shown(window)[0].photo_id)
    qtbot.waitUntil(lambda: shown(window)[0].score is not None)
    before = [(tile.photo_id, score_text(tile.score or 0.0)) for tile in shown(window)]
    window.browser.settings.model_chosen.emit("efficientnet-lite2")
    news = ("info", "EfficientNet-Lite2 is in use from now on.")
    qtbot.waitUntil(lambda: news in messages.shown)
    qtbot.waitUntil(
        lambda: [(t.photo_id, score_text(t.score or 0.0)) for t in shown(window)] != before
    )
    assert window.status.status.model == "EfficientNet-Lite2"
    assert not any("efficientnet-lite" in sentence for sentence in messages.sentences)


def test_a_reader_is_ready_when_network_and_index_are_loaded(qtbot: QtBot, indexed: Path) -> None:
    with Library(indexed, writer=True), opened(qtbot, indexed) as window:
        assert window.session.read_only
        status = window.session.status()
        assert (status.model, status.photos) == ("EfficientNet-Lite0", 24)
        assert status.device
        qtbot.waitUntil(lambda: window.status.sentence == "24 photos · read only")


def test_an_empty_library_offers_no_filters(qtbot: QtBot, tmp_path: Path, photos: Path) -> None:
    with opened(qtbot, tmp_path / "library") as window:
        filters = window.browser.filters
        picture("sunset", 9).save(tmp_path / "query.jpg")
        window.take_paths([tmp_path / "query.jpg"])
        qtbot.waitUntil(lambda: window.conductor.answer is not None)
        window.acts.perform("clear")
        assert not filters.isVisible()
        window.take_paths([photos])
        wait_for_tiles(qtbot, window, 24)
        assert filters.isVisible()
