"""Running on the battery, and what the window makes of it."""

import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Messages
from tests.gui.windows import opened
from twinlens.gui import power

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="read from the kernel there")


def supply(folder: Path, name: str, **facts: str) -> None:
    (folder / name).mkdir(parents=True)
    for key, value in facts.items():
        (folder / name / key).write_text(value + "\n")


@pytest.mark.parametrize(
    ("online", "status", "expected"),
    [("0", "Discharging", True), ("1", "Charging", False), ("1", "Discharging", False)],
)
def test_the_kernel_is_asked(tmp_path: Path, online: str, status: str, expected: bool) -> None:
    supply(tmp_path, "AC", type="Mains", online=online)
    supply(tmp_path, "BAT0", type="Battery", status=status)
    assert power.on_battery(tmp_path) is expected


def test_a_computer_without_a_battery_is_not_on_it(tmp_path: Path) -> None:
    assert not power.on_battery(tmp_path / "nothing")
    supply(tmp_path, "AC", type="Mains", online="0")
    assert not power.on_battery(tmp_path)


def test_on_battery_indexing_slows_down_and_says_so_once(
    qtbot: QtBot, indexed: Path, messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(qtbot, indexed) as window:
        watch = window.conductor.power_watch
        monkeypatch.setattr(power, "on_battery", lambda: True)
        watch.look()
        watch.look()
        assert window.session.slow
        assert sum("battery" in sentence for sentence in messages.sentences) == 1
        monkeypatch.setattr(power, "on_battery", lambda: False)
        watch.look()
        assert not window.session.slow
