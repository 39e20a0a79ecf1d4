"""Tells whether the computer runs on its battery. Quick; runs on any thread."""

import ctypes
import sys
from pathlib import Path

SUPPLIES = Path("/sys/class/power_supply")


def on_battery(supplies: Path = SUPPLIES) -> bool:
    """Return whether mains power is known to be away; false where nothing is known."""
    if sys.platform == "win32":
        return _windows_on_battery()
    mains = [path for path in _entries(supplies) if _word(path / "type") in ("Mains", "USB")]
    online = [_word(path / "online") for path in mains]
    battery = any(_word(path / "status") == "Discharging" for path in _entries(supplies))
    return battery and "1" not in online


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _word(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _windows_on_battery() -> bool:
    # SYSTEM_POWER_STATUS: the first byte is ACLineStatus, 0 for offline.
    status = (ctypes.c_ubyte * 12)()
    loaded = getattr(ctypes, "windll", None)
    if loaded is None or not loaded.kernel32.GetSystemPowerStatus(status):
        return False
    return status[0] == 0
