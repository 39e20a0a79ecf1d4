"""The program around the window: closing, tray, language, theme, errors, later starts."""

import logging
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QCheckBox, QRadioButton, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Expected, Messages
from tests.gui.windows import wait_for_tiles
from twinlens.gui import theme
from twinlens.gui.application import Running
from twinlens.gui.faults import Faults
from twinlens.settings import load_settings

Start = Callable[..., AbstractContextManager[Running]]


@pytest.fixture
def start(qtbot: QtBot, qapp: QApplication, indexed: Path) -> Start:
    """Return what runs the program on the shared photos, without its event loop."""

    @contextmanager
    def running(paths: list[Path] | None = None, *, in_tray: bool = False) -> Iterator[Running]:
        faults = Faults()
        made = Running(qapp, indexed, load_settings(indexed), faults)
        try:
            with qtbot.waitSignal(made.session.ready):
                made.start(paths or [], in_tray=in_tray)
            yield made
        finally:
            made.close()
            theme.apply_theme(qapp, "system")

    return running


@pytest.fixture
def quits(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note quits instead of ending the event loop of the tests."""
    noted: list[str] = []
    monkeypatch.setattr(QApplication, "quit", lambda *_: noted.append("quit"))
    return noted


@pytest.fixture
def tray(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Pretend that the desktop has a tray; return what was said there."""
    said: list[str] = []
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "show", lambda _: None)
    monkeypatch.setattr(
        QSystemTrayIcon, "showMessage", lambda _, title, *__: said.append(str(title))
    )
    return said


def test_without_a_tray_closing_ends_the_program(start: Start, quits: list[str]) -> None:
    with start() as running:
        running.window.close()
        assert quits == ["quit"]


def test_with_a_tray_closing_goes_on_watching_and_says_so_once(
    start: Start, quits: list[str], tray: list[str]
) -> None:
    with start() as running:
        for _ in range(2):
            running.window.close()
            assert running.window.isHidden()
            running.window.bring_up()
            assert running.window.isVisible()
        assert tray == ["Twinlens goes on watching"]
        assert not quits
        boxes = {box.text(): box for box in running.window.findChildren(QCheckBox)}
        boxes["Go on watching when the window is closed"].click()
        running.window.close()
        assert quits == ["quit"]


@pytest.mark.usefixtures("tray")
def test_started_in_the_tray_no_window_shows(start: Start) -> None:
    with start(in_tray=True) as running:
        assert running.window.isHidden()


def test_photos_given_at_the_start_are_searched_with(
    start: Start, qtbot: QtBot, shared_photos: Path
) -> None:
    with start([shared_photos / "circles-1.jpg"]) as running:
        model = running.window.browser.model
        qtbot.waitUntil(
            lambda: bool(model.rowCount()) and model.tile(0).path.name == "circles-1.jpg"
        )


def test_the_theme_changes_at_once_and_is_kept(start: Start, qtbot: QtBot, indexed: Path) -> None:
    with start() as running:
        buttons = {b.text(): b for b in running.window.findChildren(QRadioButton)}
        for name, dark in (("Dark", True), ("Light", False), ("Dark", True)):
            buttons[name].click()
            assert theme.tokens().dark is dark
        qtbot.waitUntil(lambda: load_settings(indexed).theme == "dark")


def test_another_language_gives_another_window_on_the_same_library(
    start: Start, qtbot: QtBot, indexed: Path
) -> None:
    with start() as running:
        before = running.window
        before.browser.show_page("settings")
        running.window.browser.settings.changed.emit(type(running.session.settings)(language="en"))
        assert running.window is not before
        assert running.window.browser.page == "settings"
        assert running.window.isVisible()
        running.window.conductor.show_view("all")
        wait_for_tiles(qtbot, running.window, 24)
        qtbot.waitUntil(lambda: load_settings(indexed).language == "en")


def test_an_unexpected_error_is_shown_once_and_the_program_goes_on(
    start: Start, qtbot: QtBot, messages: Messages, expect_warning: Expected
) -> None:
    expect_warning("work on the look lane failed")
    with start() as running:
        wait_for_tiles(qtbot, running.window, 24)

        def broken() -> None:
            raise KeyError("a bug")

        for _ in range(3):
            with qtbot.waitSignal(running.session.tasks.crashed):
                running.session.tasks.run("look", broken, lambda _: None)
        assert len([text for text in messages.sentences if "a bug" in text]) == 1
        current = running.window.browser.messages.current
        assert current is not None
        assert current.action_label == "Open log"
        running.window.browser.tray.find_similar(running.window.browser.model.tile(0).photo_id)
        qtbot.waitUntil(lambda: running.window.browser.model.tile(0).score is not None)


def test_a_crash_of_last_time_is_told(start: Start, messages: Messages) -> None:
    with start() as running:
        running.tell_crash()
    assert "ended unexpectedly" in messages.sentences[0]


@pytest.mark.skipif(os.name == "nt", reason="signals of this kind are not sent there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_the_program_cleanly(
    start: Start, qtbot: QtBot, quits: list[str], number: signal.Signals
) -> None:
    with start() as running:
        QTimer.singleShot(0, lambda: os.kill(os.getpid(), number))
        qtbot.waitUntil(lambda: quits == ["quit"])
        assert running.interrupted


def test_closing_ends_all_work_while_photos_are_being_read(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, photos: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    running = Running(qapp, tmp_path / "library", load_settings(tmp_path / "library"), Faults())
    with qtbot.waitSignal(running.session.ready):
        running.start([photos], in_tray=False)
    running.close()
    # The fixtures of every test fail on a thread or timer that is left.
    assert any("closed in" in record.getMessage() for record in caplog.records)
