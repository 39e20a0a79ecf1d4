"""Starts Twinlens with the system: the entry each platform wants. Runs on the GUI thread."""

import logging
import os
import plistlib
import shutil
import sys
from pathlib import Path

from PySide6.QtCore import QSettings

log = logging.getLogger(__name__)

NAME = "twinlens"
RUN_KEY = "HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run"


def start_command(library: Path) -> list[str]:
    """Return the command that starts this Twinlens in the tray."""
    program = shutil.which(sys.argv[0]) if Path(sys.argv[0]).stem == NAME else None
    if getattr(sys, "frozen", False):
        command = [sys.executable]
    elif program is not None:
        command = [str(Path(program).absolute())]
    else:
        command = [sys.executable, "-m", NAME]
    return [*command, "--in-tray", "--library", str(library)]


def starts_with_system() -> bool:
    """Return whether the entry is there."""
    if sys.platform == "win32":
        return QSettings(RUN_KEY, QSettings.Format.NativeFormat).contains(NAME)
    return _entry().exists()


def set_start_with_system(on: bool, library: Path) -> None:
    """Make or remove the entry.

    Raises:
        OSError: it cannot be written.
    """
    command = start_command(library)
    if sys.platform == "win32":
        settings = QSettings(RUN_KEY, QSettings.Format.NativeFormat)
        if on:
            settings.setValue(NAME, " ".join(f'"{part}"' for part in command))
        else:
            settings.remove(NAME)
        return
    entry = _entry()
    if not on:
        entry.unlink(missing_ok=True)
        return
    entry.parent.mkdir(parents=True, exist_ok=True)
    if sys.platform == "darwin":
        facts = {"Label": NAME, "ProgramArguments": command, "RunAtLoad": True}
        entry.write_bytes(plistlib.dumps(facts))
    else:
        entry.write_text(desktop_entry(command), encoding="utf-8")


def desktop_entry(command: list[str]) -> str:
    """Return the autostart entry as the freedesktop specification wants it."""
    return (
        "[Desktop Entry]\n"
        "Type=Application\n"
        "Name=Twinlens\n"
        "Comment=Keeps your photos searchable\n"
        f"Exec={' '.join(_quoted(part) for part in command)}\n"
        "Icon=twinlens\n"
        "Terminal=false\n"
        "X-GNOME-Autostart-enabled=true\n"
    )


def _quoted(part: str) -> str:
    # Two layers of escaping: that of Exec's quoted arguments, then that of string values.
    inner = "".join(f"\\{c}" if c in '"`$\\' else c for c in part)
    return '"' + inner.replace("\\", "\\\\").replace("%", "%%") + '"'


def _entry() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "LaunchAgents" / f"{NAME}.plist"
    config = os.environ.get("XDG_CONFIG_HOME", "")
    base = Path(config) if config else Path.home() / ".config"
    return base / "autostart" / f"{NAME}.desktop"
