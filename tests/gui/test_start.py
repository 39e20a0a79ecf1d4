"""What happens around the window: one instance, start with the system, crashes, displays."""

import configparser
import logging
import plistlib
import shlex
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Expected
from tests.journeys.commands import environment
from twinlens.gui import autostart, display
from twinlens.gui.faults import Faults, set_crash_aside
from twinlens.gui.single_instance import SingleInstance, hand_over, server_name

HAND_OVER = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from twinlens.gui.single_instance import hand_over
app = QCoreApplication([])
sys.exit(0 if hand_over(Path(sys.argv[1]), [Path(p) for p in sys.argv[2:]]) else 3)
"""


def test_a_second_start_hands_its_paths_to_the_first(tmp_path: Path, qtbot: QtBot) -> None:
    first = SingleInstance(tmp_path)
    command = [sys.executable, "-c", HAND_OVER, str(tmp_path), "/photos/a b.jpg", "/photos/ü"]
    with qtbot.waitSignal(first.called, timeout=30_000) as called:
        child = subprocess.Popen(command, env=environment())
    qtbot.waitUntil(lambda: child.poll() is not None, timeout=30_000)
    assert child.returncode == 0
    assert called.args == [[Path("/photos/a b.jpg"), Path("/photos/ü")]]
    first.close()


def test_who_calls_may_hang_up_at_any_time(tmp_path: Path, qtbot: QtBot) -> None:
    called: list[list[Path]] = []
    for turn in range(40):
        first = SingleInstance(tmp_path)
        first.called.connect(called.append)
        later = QLocalSocket()
        later.connectToServer(server_name(tmp_path))
        later.write(b'["/a.jpg"]\n')
        qtbot.waitUntil(lambda turn=turn: len(called) > turn, timeout=30_000)  # type: ignore[misc]
        if turn % 2:
            later.abort()
        if turn % 4 > 1:
            QCoreApplication.processEvents()
        first.close()
        del first
        later.abort()
        QCoreApplication.processEvents()
    assert called == [[Path("/a.jpg")]] * 40


def test_without_a_first_there_is_nobody_to_hand_over_to(tmp_path: Path, qtbot: QtBot) -> None:
    assert not hand_over(tmp_path, [])


def test_two_libraries_have_a_window_each(tmp_path: Path, qtbot: QtBot) -> None:
    first = SingleInstance(tmp_path / "a")
    assert not hand_over(tmp_path / "b", [])
    first.close()


def test_start_with_the_system_is_made_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert not autostart.starts_with_system()
    autostart.set_start_with_system(True, Path("/home/me/my 100% $library"))
    assert autostart.starts_with_system()
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(tmp_path / "autostart" / "twinlens.desktop", encoding="utf-8")
    command = entry["Desktop Entry"]["Exec"].replace("\\\\", "\\").replace("%%", "%")
    command = command.replace("\\$", "$")
    assert shlex.split(command)[-3:] == ["--in-tray", "--library", "/home/me/my 100% $library"]
    autostart.set_start_with_system(False, tmp_path)
    assert not autostart.starts_with_system()


def test_start_with_the_system_on_a_mac(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setenv("HOME", str(tmp_path))
    autostart.set_start_with_system(True, tmp_path / "library")
    written = tmp_path / "Library" / "LaunchAgents" / "twinlens.plist"
    assert plistlib.loads(written.read_bytes())["RunAtLoad"] is True
    autostart.set_start_with_system(False, tmp_path / "library")
    assert not written.exists()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"DISPLAY": ""},
        {"DISPLAY": ":4242"},
        {"DISPLAY": "nonsense"},
        {"WAYLAND_DISPLAY": "wayland-77", "XDG_RUNTIME_DIR": "/nowhere"},
        {"QT_QPA_PLATFORM": "offscreen"},
    ],
)
@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a display there")
def test_no_display(settings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert not display.display_available()


def test_asking_for_a_display_imports_no_qt() -> None:
    code = (
        "import sys; from twinlens.gui.display import display_available; display_available();"
        "sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", code], env=environment(), check=False)
    assert ended.returncode == 0


def test_the_traces_of_a_crash_are_found_once(tmp_path: Path) -> None:
    assert set_crash_aside(tmp_path) is None
    written = tmp_path / "logs" / "native-crash.log"
    written.parent.mkdir()
    written.write_text("")
    assert set_crash_aside(tmp_path) is None
    written.write_text("Fatal Python error: Segmentation fault")
    kept = set_crash_aside(tmp_path)
    assert kept is not None
    assert "Segmentation" in kept.read_text()
    assert set_crash_aside(tmp_path) is None


def test_an_uncaught_error_of_a_thread_is_logged_and_reported(
    qtbot: QtBot,
    expect_warning: Expected,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expect_warning("unexpected error")
    faults = Faults()
    before = sys.excepthook, threading.excepthook
    faults.install()
    try:
        with qtbot.waitSignal(faults.happened) as happened:
            thread = threading.Thread(target=[].pop)
            thread.start()
            thread.join()
    finally:
        faults.remove()
        sys.excepthook, threading.excepthook = before
    assert happened.args == ["IndexError: pop from empty list"]
    assert any(record.exc_info for record in caplog.records if record.levelno == logging.CRITICAL)
