"""A person's first ten minutes, in a real window with a real mouse."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.gui.generated import write_photos
from tests.journeys.commands import environment
from tests.journeys.screen import MISSING, Screen, wait_until

pytestmark = [
    pytest.mark.model,
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"needs {' and '.join(MISSING)}"),
]

WIDTH, HEIGHT = 1280, 1000
#: Somewhere in the middle of the photos, and where the first of them lies.
GRID = (600, 500)


@pytest.fixture
def screen() -> Iterator[Screen]:
    with Screen(WIDTH, HEIGHT) as made:
        yield made


class Log:
    """What the program noted so far."""

    def __init__(self, library: Path) -> None:
        self._path = library / "logs" / "twinlens.log"

    def lines(self) -> list[str]:
        return self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []

    def has(self, *texts: str) -> bool:
        return any(all(text in line for text in texts) for line in self.lines())

    def wait(self, *texts: str) -> str:
        wait_until(lambda: self.has(*texts), f"the log tells of {texts}")
        return next(line for line in reversed(self.lines()) if all(t in line for t in texts))


def show_all(screen: Screen, window: str, log: Log, tiles: int) -> None:
    """Press F5, as the window offers while photos arrive, until all of them are shown."""
    asked = 0.0

    def shown() -> bool:
        nonlocal asked
        if log.has(f"browse: {tiles} tiles"):
            return True
        if time.monotonic() > asked + 1.0:
            asked = time.monotonic()
            screen.do("windowfocus", "--sync", window, "key", "F5")
        return False

    wait_until(shown, f"the window shows {tiles} tiles")


def sunset_share(picture: Image.Image) -> float:
    """Return the part of the upper grid that has the colours of the generated sunsets' sky."""
    grid = np.asarray(picture.crop((240, 150, 960, 420)).convert("RGB")).astype(int)
    red, green, blue = grid[..., 0], grid[..., 1], grid[..., 2]
    warm = (red > 180) & (green > 80) & (green < 190) & (blue < 130) & (red - blue > 80)
    return float(warm.mean())


def test_from_the_first_start_to_the_viewer(screen: Screen, tmp_path: Path) -> None:
    photos = write_photos(tmp_path / "photos")
    outside = tmp_path / "elsewhere" / "sunset.jpg"
    outside.parent.mkdir()
    (photos / "sunset-2.jpg").rename(outside)
    library = tmp_path / "library"
    log = Log(library)
    surroundings = {
        **environment(),
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }
    command = [sys.executable, "-m", "twinlens", "--library", str(library)]
    program = screen.start(command, surroundings)

    window = screen.window("Twinlens")
    log.wait("search ready")
    screen.do("windowmove", window, 0, 0, "windowsize", window, WIDTH, 800)
    screen.click(GRID[0], 700)

    screen.do("key", "ctrl+shift+o")
    dialog = screen.window("Add a folder of photos")
    screen.do("windowfocus", "--sync", dialog, "key", "ctrl+a", "type", str(photos))
    screen.do("key", "Return")
    show_all(screen, window, log, 23)

    screen.drag_source(outside, (20, 850, 200, 100), surroundings)
    before = sunset_share(screen.picture())
    screen.drag((100, 900), GRID, lambda: log.has("drag: Find photos like this"))
    found = log.wait("search: 1 examples")
    assert "23 tiles" in found
    assert Path(found.rsplit("first ", 1)[1]).name.startswith("sunset-")
    # The five sunsets left in the library stand at the top now.
    wait_until(lambda: sunset_share(screen.picture()) > before + 0.05, "the sunsets are on screen")

    screen.do("windowfocus", "--sync", window)
    screen.click(350, 320)
    screen.do("key", "Return")
    assert "sunset-" in log.wait("viewer:")
    screen.do("key", "Escape")

    screen.do("key", "ctrl+q")
    wait_until(lambda: program.poll() is not None, "the program has ended")
    assert program.returncode == 0
    log.wait("closed in")
    assert not [line for line in log.lines() if " WARNING " in line or " ERROR " in line]


def test_a_second_start_brings_its_folder_to_the_first_window(
    screen: Screen, tmp_path: Path
) -> None:
    photos = write_photos(tmp_path / "photos", each=2)
    library = tmp_path / "library"
    log = Log(library)
    surroundings = {**environment(), "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "twinlens", "--library", str(library)]
    first = screen.start(command, surroundings)
    log.wait("search ready")
    second = screen.start([*command, "--add", str(photos)], surroundings)
    wait_until(lambda: second.poll() is not None, "the second start has ended")
    assert second.returncode == 0
    show_all(screen, screen.window("Twinlens"), log, 8)
    first.terminate()
    wait_until(lambda: first.poll() is not None, "the first has ended")
    log.wait("closed in")
