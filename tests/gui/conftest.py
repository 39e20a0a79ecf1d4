"""What every test of the window shares: photos, a small real library, and checks for leaks."""

import gc
import logging
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QObject, QSettings, QThread, QThreadPool, QTimer, QtMsgType
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.gui.generated import write_photos

if TYPE_CHECKING:
    from twinlens.library import Library

LONG_MS = 60_000
QT_FAULTS = (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
#: What the offscreen platform says of itself.
PLATFORM_NOISE = {
    "This plugin does not support propagateSizeHints()",
    "This plugin does not support raise()",
}
#: Fixtures that run the real network: what uses them is marked so.
REAL_NETWORK = {"indexed_once", "own_indexed", "proved", "looked_at"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that run the real network."""
    for item in items:
        if REAL_NETWORK.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("model")


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """Return what waits as long as a busy machine may take, where a test does not say how long."""
    for name in ("waitUntil", "waitSignal", "waitSignals", "waitExposed", "waitActive"):
        setattr(qtbot, name, partial(getattr(qtbot, name), timeout=LONG_MS))
    return qtbot


@dataclass
class Expected:
    """Texts of log records and Qt messages that a test provokes on purpose."""

    texts: list[str] = field(default_factory=list)

    def __call__(self, text: str) -> None:
        """Allow log records and Qt messages that contain a text."""
        self.texts.append(text)

    def covers(self, message: str) -> bool:
        """Return whether a message was announced."""
        return any(text in message for text in self.texts)


@pytest.fixture
def expect_warning() -> Expected:
    """Return a function that announces a warning the test provokes."""
    return Expected()


@pytest.fixture(autouse=True)
def settings_in_tmp(tmp_path: Path) -> None:
    """Keep what Qt remembers out of the user's own folders."""
    for scope in (QSettings.Scope.UserScope, QSettings.Scope.SystemScope):
        QSettings.setPath(QSettings.Format.IniFormat, scope, str(tmp_path / "qt-settings"))


@pytest.fixture(autouse=True)
def clean(
    qapp: QApplication,
    caplog: pytest.LogCaptureFixture,
    qtlog: object,
    expect_warning: Expected,
) -> Iterator[None]:
    """Fail a test that leaves a thread or a timer running, or that warns unannounced."""
    threads_before = set(threading.enumerate())
    timers_before = {id(item) for item in _running(QTimer)}
    yield
    # Deleted widgets go with the next turn of the event loop, which the test no longer runs.
    qapp.sendPostedEvents()
    _fail_on_threads(threads_before)
    left = [item for item in _running(QTimer) if id(item) not in timers_before]
    if left:
        pytest.fail(f"timers left running: {[_describe(item) for item in left]}")
    if _running(QThread):
        pytest.fail(f"QThreads left running: {[_describe(item) for item in _running(QThread)]}")
    if not QThreadPool.globalInstance().waitForDone(5000):
        pytest.fail("the global thread pool is still at work")
    _fail_on_warnings(caplog, qtlog, expect_warning)


def _fail_on_threads(before: set[threading.Thread]) -> None:
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        # A pool that was shut down without waiting may be on its last instruction.
        thread.join(5)
    alive = [thread.name for thread in left if thread.is_alive()]
    if alive:
        pytest.fail(f"threads left running: {alive}")


def _fail_on_warnings(caplog: pytest.LogCaptureFixture, qtlog: object, expected: Expected) -> None:
    said = [
        record.getMessage()
        for phase in ("setup", "call")
        for record in caplog.get_records(phase)
        if record.levelno >= logging.WARNING
    ]
    said += [str(item.message) for item in qtlog.records if item.type in QT_FAULTS]  # type: ignore[attr-defined]
    said = [text for text in said if text not in PLATFORM_NOISE]
    unannounced = [text for text in said if not expected.covers(text)]
    if unannounced:
        pytest.fail(f"unexpected warnings: {unannounced}")


def _running(kind: type[QTimer] | type[QThread]) -> list[QTimer | QThread]:
    found: list[QTimer | QThread] = []
    for item in gc.get_objects():
        if isinstance(item, kind) and isValid(item):
            # A timer that acts once ends by itself, or with its widget.
            active = (
                item.isActive() and not item.isSingleShot()
                if isinstance(item, QTimer)
                else item.isRunning()
            )
            if active and item is not QThread.currentThread():
                found.append(item)
    return found


def _describe(item: QObject) -> str:
    names = [type(item).__name__, item.objectName()]
    parent = item.parent()
    if parent is not None:
        names.append(f"of {type(parent).__name__}")
    return " ".join(filter(None, names))


@dataclass
class Messages:
    """Every sentence that message bars showed: (kind, sentence)."""

    shown: list[tuple[str, str]] = field(default_factory=list)

    @property
    def sentences(self) -> list[str]:
        """The sentences alone."""
        return [sentence for _kind, sentence in self.shown]


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> Messages:
    """Record what is said to the user in place."""
    from twinlens.gui.messages import MessageBar

    recorder = Messages()
    say = MessageBar.say

    def recording(
        bar: MessageBar, kind: str, sentence: str, *rest: object, passing: bool = False
    ) -> None:
        recorder.shown.append((str(kind), sentence))
        say(bar, kind, sentence, *rest, passing=passing)  # type: ignore[arg-type]

    monkeypatch.setattr(MessageBar, "say", recording)
    return recorder


@pytest.fixture(scope="session")
def shared_photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of 24 generated photos in four families; it is never changed."""
    return write_photos(tmp_path_factory.mktemp("shared") / "photos")


@pytest.fixture(scope="session")
def indexed_once(shared_photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a closed library folder over `shared_photos`, indexed with the real network."""
    return _indexed(tmp_path_factory.mktemp("indexed") / "library", shared_photos)


@pytest.fixture
def indexed(indexed_once: Path, tmp_path: Path) -> Path:
    """Return a closed library folder of this test's own over `shared_photos`."""
    return shutil.copytree(indexed_once, tmp_path / "library")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Return a folder of 24 generated photos that this test may change."""
    return write_photos(tmp_path / "photos")


@pytest.fixture
def own_indexed(tmp_path: Path, photos: Path) -> Path:
    """Return a closed library folder over `photos`."""
    return _indexed(tmp_path / "library", photos)


@pytest.fixture
def library(own_indexed: Path) -> Iterator["Library"]:
    """Return a real library over `photos`, open for writing."""
    from twinlens.library import Library

    with Library(own_indexed, writer=True) as opened:
        yield opened


def _indexed(folder: Path, photos: Path) -> Path:
    from twinlens.library import Library

    with Library(folder, writer=True) as library:
        library.add_folder(photos)
        library.index_folders()
    return folder
