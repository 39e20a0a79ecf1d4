"""Tells whether a window can be shown, without importing Qt. Runs on the main thread at start."""

import os
import socket
import sys
from pathlib import Path

#: Qt platforms that draw for nobody; asking for one of them is no display.
UNSEEN = {"", "offscreen", "minimal", "minimalegl"}
X11_FIRST_PORT = 6000


def display_available() -> bool:
    """Return whether there is a screen to open a window on.

    On Linux and the BSDs that takes a Wayland compositor or an X server that answers: a variable
    left over from a closed session is not enough, since Qt would abort the process.
    """
    if sys.platform in ("win32", "darwin"):
        return True
    asked = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if asked not in UNSEEN | {"xcb", "wayland"}:
        return True
    return _wayland_answers() or _x11_answers()


def _wayland_answers() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY", "")
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    return bool(name) and _connects(str(Path(folder) / name))


def _x11_answers() -> bool:
    display = os.environ.get("DISPLAY", "")
    host, colon, rest = display.rpartition(":")
    screen = rest.split(".")[0]
    if not colon or not screen.isdigit():
        return False
    if host in ("", "unix"):
        local = f"/tmp/.X11-unix/X{screen}"
        return _connects(local) or _connects("\0" + local)
    try:
        with socket.create_connection((host, X11_FIRST_PORT + int(screen)), timeout=1):
            return True
    except OSError:
        return False


def _connects(address: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(address)
        except OSError:
            return False
        return True
