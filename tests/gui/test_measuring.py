"""Judging pairs and the recall meter, against the real engine on a small real library."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.gui.windows import opened, shown, wait_for_tiles
from twinlens.gui.browser import JUDGE, SETTINGS
from twinlens.gui.judge_page import JudgePage
from twinlens.gui.main_window import MainWindow
from twinlens.gui.measure_panels import RecallPanel
from twinlens.library import Library
from twinlens.search.searcher import Searcher


@pytest.fixture
def window(qtbot: QtBot, indexed: Path) -> Iterator[MainWindow]:
    with opened(qtbot, indexed) as made:
        wait_for_tiles(qtbot, made, 24)
        yield made


def chances(window: MainWindow) -> dict[int, float | None]:
    return {tile.photo_id: tile.probability for tile in shown(window)}


def pair(qtbot: QtBot, page: JudgePage, number: int) -> None:
    """Wait until a pair is shown, with its photos."""
    qtbot.waitUntil(
        lambda: (
            page.asking
            and page.count.text().startswith(f"Pair {number} of")
            and all(photo.image is not None for photo in page.photos)
        )
    )


def test_judged_pairs_count_at_once_and_can_be_taken_back(
    window: MainWindow, qtbot: QtBot, indexed: Path
) -> None:
    browser = window.browser
    with qtbot.waitSignal(window.conductor.searching.answered):
        browser.tray.add_photo(shown(window)[0].photo_id)
    before = chances(window)
    window.acts.perform("settings")
    panel, page = browser.settings.judged, browser.judge
    panel.start.click()
    pair(qtbot, page, 1)
    assert browser.page == JUDGE
    assert all(photo.accessibleName().endswith(".jpg") for photo in page.photos)
    assert not page.back.isEnabled()
    for number, key in ((2, Qt.Key.Key_S), (3, Qt.Key.Key_Space), (2, Qt.Key.Key_Backspace)):
        QTest.keyClick(page, key)
        pair(qtbot, page, number)
    QTest.keyClick(page, Qt.Key.Key_Backspace)
    pair(qtbot, page, 1)
    total = page.progress.maximum()
    for number in range(2, total + 1):
        page.different.click()
        pair(qtbot, page, number)
    QTest.keyClick(page, Qt.Key.Key_D)
    assert page.message.shown is not None
    assert page.message.shown.title == f"{total} pairs are judged."
    with qtbot.waitSignal(window.conductor.searching.answered):
        QTest.keyClick(page.message, Qt.Key.Key_Escape)
    assert browser.page == SETTINGS
    after = chances(window)
    assert all((after[n] or 0) <= (before[n] or 0) for n in before)
    assert after != before
    qtbot.waitUntil(lambda: panel.state.text() == f"{total} pairs are judged.")
    with qtbot.waitSignal(window.conductor.searching.answered):
        panel.undo.click()
    assert chances(window) == before
    qtbot.waitUntil(panel.undo.isHidden)


def test_without_pairs_the_page_says_so(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Library, "pairs_to_judge", lambda *_: [])
    window.browser.settings.judged.start.click()
    said = window.browser.judge.message
    qtbot.waitUntil(lambda: said.shown is not None and said.shown.title.startswith("There are no"))
    QTest.keyClick(window.browser.judge, Qt.Key.Key_S)
    window.browser.judge.message.chosen.emit("back")
    assert window.browser.page == SETTINGS


def test_the_settings_say_how_much_a_search_finds(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    recall = window.browser.settings.recall
    window.acts.perform("settings")
    qtbot.waitUntil(
        lambda: (
            recall.state.text()
            == "A search finds 100 % of the most similar photos, measured on 24 of yours."
        )
    )
    measured = [0.9, 0.9994]
    monkeypatch.setattr(Searcher, "recall_at", lambda *_: measured.pop(0))
    recall.again.click()
    assert not recall.again.isEnabled()
    # Where it falls short the search looks further, and that is what is said.
    qtbot.waitUntil(lambda: "99.9 %" in recall.state.text())
    assert recall.again.isEnabled()


def test_a_search_that_cannot_do_better_is_not_praised(qtbot: QtBot) -> None:
    panel = RecallPanel()
    qtbot.addWidget(panel)
    panel.set_recall(0.9578, 50)
    assert "95.7 %" in panel.state.text()
    assert "less than it should be" in panel.state.text()
    panel.set_recall(None, 0)
    assert panel.state.text() == "There are no photos to measure with yet."
