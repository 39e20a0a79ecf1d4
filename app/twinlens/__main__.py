"""The entry point of `twinlens` and `python -m twinlens`: the command line, and the window."""

import importlib.util
import sys
from pathlib import Path

from twinlens.cli import run
from twinlens.cli.common import tell


def open_window(library_folder: Path, add: tuple[Path, ...], in_tray: bool) -> int | None:
    """Open the window; None where there is no display or no Qt, after saying so."""
    from twinlens.gui.display import display_available

    if not display_available():
        tell("There is no display to open a window on, so the same is done without one.")
        return None
    if importlib.util.find_spec("PySide6") is None:
        tell("PySide6 is not installed, so there is no window; the same is done without one.")
        return None
    # Qt takes a moment to load, and no verb needs it.
    from twinlens.gui.application import run_window

    return run_window(library_folder, add, in_tray=in_tray)


def main() -> None:
    """Run Twinlens."""
    sys.exit(run(open_window))


if __name__ == "__main__":
    main()
