"""Opens a window of the program on a library, for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytestqt.qtbot import QtBot

from twinlens.gui.main_window import MainWindow
from twinlens.gui.session import Session
from twinlens.records import Tile


@contextmanager
def opened(qtbot: QtBot, folder: Path, *, ready: bool = True) -> Iterator[MainWindow]:
    """Yield a window on a library; everything behind it is closed afterwards."""
    session = Session(folder)
    window = MainWindow(session)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    try:
        if ready:
            with qtbot.waitSignal(session.ready):
                session.start()
        else:
            session.start()
        yield window
    finally:
        window.finish()
        session.close()


def shown(window: MainWindow) -> tuple[Tile, ...]:
    """Return the tiles in the grid."""
    return window.browser.model.arrangement.tiles


def names(window: MainWindow) -> list[str]:
    """Return the file names in the grid."""
    return [tile.path.name for tile in shown(window)]


def families(window: MainWindow, first: int) -> set[str]:
    """Return the families of the first tiles."""
    return {name.split("-")[0] for name in names(window)[:first]}


def wait_for_tiles(qtbot: QtBot, window: MainWindow, count: int) -> None:
    """Wait until the grid holds so many tiles."""
    qtbot.waitUntil(lambda: len(shown(window)) == count)
