"""Asks the system whether the user wants less motion. Runs on the GUI thread, at start."""

import configparser
import ctypes
import os
import plistlib
import sys
from pathlib import Path

from PySide6.QtDBus import QDBus, QDBusConnection, QDBusMessage

SPI_GETCLIENTAREAANIMATION = 0x1042
PORTAL_PATIENCE_MS = 200


def system_wants_less_motion() -> bool:
    """Return the system's choice; False where it cannot be learnt."""
    if sys.platform == "win32":
        return _windows()
    if sys.platform == "darwin":
        return _macos()
    return _kde() or _gtk() or _portal()


def _windows() -> bool:
    if sys.platform != "win32":
        return False
    enabled = ctypes.c_int(1)
    asked = ctypes.windll.user32.SystemParametersInfoW(
        SPI_GETCLIENTAREAANIMATION, 0, ctypes.byref(enabled), 0
    )
    return bool(asked) and not enabled.value


def _macos() -> bool:
    path = Path.home() / "Library" / "Preferences" / "com.apple.universalaccess.plist"
    try:
        with path.open("rb") as file:
            return bool(plistlib.load(file).get("reduceMotion"))
    except (OSError, plistlib.InvalidFileException):
        return False


def _kde() -> bool:
    factor = _ini_value("kdeglobals", "KDE", "AnimationDurationFactor")
    try:
        return factor is not None and float(factor) == 0
    except ValueError:
        return False


def _gtk() -> bool:
    enabled = _ini_value("gtk-3.0/settings.ini", "Settings", "gtk-enable-animations")
    return enabled is not None and enabled.strip().lower() in {"0", "false"}


def _ini_value(file: str, section: str, key: str) -> str | None:
    folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read(Path(folder) / file, encoding="utf-8")
        return parser.get(section, key)
    except (OSError, UnicodeDecodeError, configparser.Error):
        return None


def _portal() -> bool:
    if not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return False  # asking without a bus may start one
    question = QDBusMessage.createMethodCall(
        "org.freedesktop.portal.Desktop",
        "/org/freedesktop/portal/desktop",
        "org.freedesktop.portal.Settings",
        "ReadOne",
    )
    question.setArguments(["org.gnome.desktop.interface", "enable-animations"])
    answer = QDBusConnection.sessionBus().call(question, QDBus.CallMode.Block, PORTAL_PATIENCE_MS)
    return answer.arguments() == [False]
