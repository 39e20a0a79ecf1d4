"""A screen without a monitor, and a hand on its mouse and keyboard: Xvfb and xdotool."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from PIL import Image, ImageGrab

PATIENCE = 60.0
#: Between two looks, and between two small moves of the mouse while dragging.
PAUSE = 0.05
MISSING = [name for name in ("Xvfb", "xdotool") if shutil.which(name) is None]

#: A program that lets one file be dragged out of its window.
DRAG_SOURCE = """
import sys
from PySide6.QtCore import QMimeData, QUrl, Qt
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QApplication, QLabel


class Source(QLabel):
    def mousePressEvent(self, event):
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(sys.argv[1])])
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.exec(Qt.DropAction.CopyAction)


app = QApplication(sys.argv[:1])
source = Source("drag me")
source.setWindowTitle("drag source")
source.setGeometry(*map(int, sys.argv[2:6]))
source.show()
app.exec()
"""


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait until something holds.

    Raises:
        TimeoutError: it did not within the patience of a test.
    """
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited in vain until {what}")
        time.sleep(PAUSE)


class Screen:
    """An X server of one's own."""

    def __init__(self, width: int, height: int) -> None:
        reading, writing = os.pipe()
        size = f"{width}x{height}x24"
        # Without -noreset the server starts afresh whenever its last client leaves: in the middle
        # of another one's connecting, if it so happens.
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-noreset", "-screen", "0", size],
            pass_fds=[writing],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as told:
            self.display = f":{told.readline().strip()}"
        self._children: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for child in self._children:
            if child.poll() is None:
                child.kill()
            child.wait()
        self._server.terminate()
        self._server.wait()

    def environment(self, base: dict[str, str]) -> dict[str, str]:
        """Return the environment of a program that shows itself here."""
        kept = {key: value for key, value in base.items() if key != "WAYLAND_DISPLAY"}
        return {**kept, "DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}

    def start(self, command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        """Start a program; it is ended with the screen at the latest."""
        child = subprocess.Popen(command, env=self.environment(environment))
        self._children.append(child)
        return child

    def drag_source(
        self, path: Path, area: tuple[int, int, int, int], environment: dict[str, str]
    ) -> None:
        """Show a window at (x, y, width, height) from which a file can be dragged."""
        command = [sys.executable, "-c", DRAG_SOURCE, str(path), *map(str, area)]
        self.start(command, environment)
        self.window("drag source")

    def do(self, *arguments: str | int) -> str:
        """Run xdotool; return what it printed."""
        command = ["xdotool", *map(str, arguments)]
        environment = {**os.environ, "DISPLAY": self.display}
        ended = subprocess.run(
            command, env=environment, check=False, capture_output=True, text=True, timeout=PATIENCE
        )
        return ended.stdout.strip()

    def window(self, title: str) -> str:
        """Wait for a window with this title; return its number."""
        found: list[str] = []

        def look() -> bool:
            found[:] = self.do("search", "--onlyvisible", "--name", f"^{title}$").split()
            return bool(found)

        wait_until(look, f"a window called {title} shows")
        return found[-1]

    def click(self, x: int, y: int) -> None:
        """Press and release the left button at a place."""
        self.do("mousemove", x, y, "click", 1)

    def drag(self, start: tuple[int, int], end: tuple[int, int], taken: Callable[[], bool]) -> None:
        """Drag from one place to another and let go once the target has taken notice."""
        self.do("mousemove", *start, "mousedown", 1)
        for step in range(1, 11):
            x = start[0] + (end[0] - start[0]) * step // 10
            y = start[1] + (end[1] - start[1]) * step // 10
            self.do("mousemove", x, y)
            time.sleep(PAUSE)
        wiggle = 0

        def noticed() -> bool:
            nonlocal wiggle
            wiggle = 3 - wiggle
            self.do("mousemove", end[0] + wiggle, end[1])
            return taken()

        wait_until(noticed, "the drag is noticed")
        # The target has entered; a few more moves let the source hear that it accepts.
        for _ in range(6):
            noticed()
            time.sleep(PAUSE)
        self.do("mouseup", 1)

    def picture(self) -> Image.Image:
        """Return what the screen shows."""
        return ImageGrab.grab(xdisplay=self.display)
