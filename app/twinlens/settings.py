"""The user's choices for one library, kept as JSON beside it. Runs on every thread."""

import json
import logging
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from platformdirs import user_data_path

from twinlens.errors import LibraryError

log = logging.getLogger(__name__)

FILE_NAME = "settings.json"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every choice with its default.

    `device` is "auto" or the name of an execution provider ("cpu", "cuda", …); `workers` 0 means
    one a core; `thumbnail_budget` is in bytes; `max_pixels` caps width x height before decoding;
    `rescan_minutes` is the period of the safety rescan while watching; `graph_from` is the number
    of photos from which an HNSW graph pays. `cpu_share` is the part of the cores that the window
    lets indexing use; `theme` is "system", "light" or "dark"; `language` is "system" or a code
    such as "de"; `stay_in_tray` lets a closed window go on watching.
    """

    device: str = "auto"
    workers: int = 0
    thumbnail_budget: int = 2_000_000_000
    max_pixels: int = 300_000_000
    min_side: int = 32
    rescan_minutes: float = 30.0
    graph_from: int = 5000
    cpu_share: float = 1.0
    theme: str = "system"
    language: str = "system"
    stay_in_tray: bool = True


#: The least and the most of every number, both allowed.
_RANGES: dict[str, tuple[float, float]] = {
    "workers": (0, 1024),
    "thumbnail_budget": (0, 1e18),
    "max_pixels": (1, 1e12),
    "min_side": (1, 1e6),
    "rescan_minutes": (0.1, 1e6),
    "graph_from": (1, 1e12),
    "cpu_share": (0.01, 1),
}


def default_library_folder() -> Path:
    """Return the library folder used when the user names none."""
    named = os.environ.get("TWINLENS_LIBRARY")
    return Path(named) if named else user_data_path("twinlens", appauthor=False) / "library"


def load_settings(library: Path) -> Settings:
    """Read the settings of a library; absent means defaults, TWINLENS_DEVICE wins over both.

    Raises:
        LibraryError: the file is not valid.
    """
    path = library / FILE_NAME
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(values, dict):
            raise TypeError("not an object")
        settings = _from_values(values)
    except (FileNotFoundError, NotADirectoryError):
        settings = Settings()
    except (OSError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise LibraryError(
            f"The settings in {path} cannot be read ({reason}).",
            "Mend the file, or delete it to start from the defaults.",
        ) from error
    device = os.environ.get("TWINLENS_DEVICE")
    return replace_device(settings, device) if device else settings


def replace_device(settings: Settings, device: str) -> Settings:
    """Return the same settings on another device."""
    return Settings(**{**asdict(settings), "device": device})


def save_settings(library: Path, settings: Settings) -> None:
    """Write the settings so that a kill leaves either the old file or the new one.

    Raises:
        LibraryError: they cannot be written; the old ones are as they were.
    """
    path = library / FILE_NAME
    temporary = path.with_suffix(".tmp")
    try:
        temporary.write_text(json.dumps(asdict(settings), indent=2), encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise LibraryError(
            f"The settings in {path} could not be written ({error.strerror}).",
            "Check that there is room and that you may write to that folder.",
        ) from error


def _from_values(values: dict[str, object]) -> Settings:
    defaults = Settings()
    known: dict[str, object] = {}
    for item in fields(Settings):
        if item.name not in values:
            continue
        value = values[item.name]
        wanted = type(getattr(defaults, item.name))
        if wanted is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not wanted:
            raise TypeError(f"{item.name} must be a {wanted.__name__}")
        if isinstance(value, int | float) and item.name in _RANGES:
            low, high = _RANGES[item.name]
            # Written so that "not a number" is refused too.
            if not low <= value <= high:
                raise ValueError(f"{item.name} must be from {low:g} to {high:g}")
        known[item.name] = value
    for name in values.keys() - known.keys():
        log.warning("unknown setting %s ignored", name)
    return Settings(**known)  # type: ignore[arg-type]
