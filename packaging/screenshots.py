"""Makes the pictures of the window that the README shows: `python packaging/screenshots.py PHOTOS`.

PHOTOS is a folder of freely usable photos in folders named by what they show. The real program
runs on copies of some of them; nothing is drawn by hand. Run it again when the window changes.
"""

import argparse
import logging
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1] / "app"))

from PIL import Image
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from twinlens.gui import theme
from twinlens.gui.application import Running
from twinlens.gui.faults import Faults
from twinlens.gui.main_window import MainWindow
from twinlens.records import Example, Filters, MatchClass, Query, Region
from twinlens.settings import Settings

log = logging.getLogger(__name__)

TARGET = Path(__file__).parents[1] / "resources" / "screenshots"
WIDTH, HEIGHT = 1280, 800
#: Photos of each kind, and colours of the finished pictures: enough to look at, small to fetch.
OF_EACH = 24
COLOURS = 250
MOST_BYTES = 400_000
PATIENCE = 120.0
DAY = 86400
COPIES = (
    MatchClass.SAME_BYTES,
    MatchClass.SAME_PIXELS,
    MatchClass.RE_ENCODED,
    MatchClass.EDITED,
)


def copied(photos: Path, target: Path) -> Path:
    """Copy some photos of each kind, with names and days that a person might have given them."""
    chosen = random.Random(7)
    kinds = sorted({path.parent.name for path in photos.rglob("*.jpg")})
    newest = 1_750_000_000
    for kind in kinds:
        found = sorted(path for path in photos.rglob("*.jpg") if path.parent.name == kind)
        for number, path in enumerate(chosen.sample(found, min(OF_EACH, len(found))), start=1):
            place = target / kind.capitalize() / f"{kind} {number:02}.jpg"
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
            day = newest - chosen.randrange(200) * DAY
            os.utime(place, (day, day))
    return target


def broken(photos: Path) -> None:
    """Add files that cannot be read, for the page of failures."""
    whole = next(photos.rglob("*.jpg")).read_bytes()
    folder = photos / "From an old card"
    folder.mkdir()
    for number in range(1, 5):
        (folder / f"DSC_01{number:02}.jpg").write_bytes(whole[: 2000 * number])
    (folder / "DSC_0106.jpg").write_bytes(b"")
    (folder / "scan.pdf.png").write_bytes(b"%PDF-1.4 not a picture")


def edited(photos: Path) -> None:
    """Add copies of one photo, as they come back from friends and programs."""
    folder = photos / "Sent to me"
    folder.mkdir()
    with Image.open(photos / "Dress" / "dress 03.jpg") as opened:
        dress = opened.convert("RGB")
    width, height = dress.size
    part = (width // 6, height // 8, width * 5 // 6, height * 2 // 3)
    dress.crop(part).save(folder / "IMG-20250614-WA0003.jpg", quality=60)
    dress.rotate(90, expand=True).save(folder / "turned.jpg", quality=85)
    dress.convert("L").save(folder / "print grey.jpg", quality=90)
    dress.resize((width // 2, height // 2)).save(folder / "thumb.jpg", quality=40)


class Photographer:
    """Brings one running program into the states worth showing, and keeps what they look like."""

    def __init__(self, running: Running, target: Path, name: str) -> None:
        self.window: MainWindow = running.window
        self._target = target
        self._name = name

    def until(self, condition: Callable[[], bool]) -> None:
        """Let the program run until something holds."""
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError("the window did not get there")
            QCoreApplication.processEvents()
            time.sleep(0.01)

    def settle(self, seconds: float = 1.0) -> None:
        """Let late pictures arrive and movements end."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() > end)

    def keep(self, what: str) -> None:
        """Write what the window looks like now."""
        self.settle()
        target = self._target / f"{what}-{self._name}.png"
        raw = self.window.grab().toImage()
        raw.save(str(target))
        with Image.open(target) as picture:
            small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.FLOYDSTEINBERG)
        small.save(target, optimize=True)
        size = target.stat().st_size
        if size > MOST_BYTES:
            raise ValueError(f"{target} has {size} bytes")
        log.info("%s: %d kB", target.name, size // 1000)

    def photo(self, name: str) -> int:
        """Return the id of a photo in the grid by its file name."""
        tiles = self.window.browser.model.arrangement.tiles
        return next(tile.photo_id for tile in tiles if tile.path.name == name)

    def answer(self, act: Callable[[], object]) -> None:
        """Do something and wait for the answer to the question it asks."""
        answers: list[object] = []
        answered = self.window.conductor.searching.answered
        connection = answered.connect(lambda answer, _: answers.append(answer))
        act()
        self.until(lambda: bool(answers))
        answered.disconnect(connection)


def take(running: Running, photos: Path, target: Path, name: str) -> None:
    """Take all pictures of one theme."""
    shots = Photographer(running, target, name)
    window, browser = running.window, running.window.browser
    shots.until(lambda: browser.empty.shown is not None and running.session.is_ready)
    shots.keep("welcome")
    window.take_paths([photos])
    shots.until(lambda: window.status.status.activity == "closer")
    shots.until(lambda: window.status.status.activity == "idle")
    shots.answer(lambda: window.acts.perform("refresh"))
    # What is said of the broken files belongs to their own page.
    shots.until(lambda: browser.messages.current is not None)
    browser.messages.dismiss()
    shots.answer(lambda: browser.tray.add_photo(shots.photo("dress 03.jpg")))
    browser.grid.show_photo(browser.model.tile(1).photo_id)
    shots.keep("results")
    copies(shots)
    shots.keep("copies")
    window.acts.perform("compare")
    shots.keep("compare")
    window.show_browser()
    taught(shots)
    shots.keep("taught")
    shots.answer(lambda: window.conductor.show_query(Query((), Filters(label="shoe"))))
    browser.grid.show_photo(browser.model.tile(1).photo_id)
    shots.keep("labels")
    shots.answer(window.conductor.show_all)
    shirt = Example(photo_id=shots.photo("t-shirt 05.jpg"), region=Region(0.25, 0.25, 0.5, 0.45))
    shoes = Example(photo_id=shots.photo("shoes 04.jpg"), negative=True)
    dress = Example(photo_id=shots.photo("dress 03.jpg"), weight=0.6)
    shots.answer(lambda: browser.tray.replace([dress, shirt, shoes]))
    browser.grid.show_photo(browser.model.tile(2).photo_id)
    shots.keep("examples")
    window.acts.perform("open_viewer")
    shots.keep("viewer")
    window.viewer.close_view()
    window.acts.perform("failures")
    shots.keep("failures")
    window.acts.perform("settings")
    shots.keep("settings")


def copies(shots: Photographer) -> None:
    """Wait until the copies of the query are proven, and select the cropped one."""
    browser = shots.window.browser
    tiles = browser.model.arrangement.tiles

    def are_proven() -> bool:
        nonlocal tiles
        tiles = browser.model.arrangement.tiles
        return sum(tile.match in COPIES for tile in tiles[:8]) >= 5

    shots.until(are_proven)
    browser.grid.show_photo(shots.photo("IMG-20250614-WA0003.jpg"))


def taught(shots: Photographer) -> None:
    """Mark some results."""
    browser = shots.window.browser
    tiles = browser.model.arrangement.tiles[8:40]
    for right in (True, False):
        some = [tile for tile in tiles if (tile.path.parent.name == "Dress") == right][:2]
        ids = [tile.photo_id for tile in some]
        shots.answer(partial(browser.tray.marks.judge, ids, right=right))
    browser.grid.show_photo(browser.model.tile(3).photo_id)


def main() -> None:
    """Take the pictures in both themes."""
    parser = argparse.ArgumentParser(description="Make the pictures of the window for the README.")
    parser.add_argument("photos", type=Path, help="freely usable photos, in folders by kind")
    parser.add_argument("--target", type=Path, default=TARGET)
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("twinlens").setLevel(logging.WARNING)
    chosen.target.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv[:1])
    # The pictures show where the photos lie, so the place has a name.
    place = Path(tempfile.gettempdir()) / "twinlens-screenshots"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    try:
        photos = copied(chosen.photos, place / "Pictures")
        edited(photos)
        broken(photos)
        for name in ("light", "dark"):
            settings = Settings(theme=name, language="en")
            running = Running(app, place / name, settings, Faults())
            running.window.resize(WIDTH, HEIGHT)
            running.start([], in_tray=False)
            theme.apply_theme(app, name)
            take(running, photos, chosen.target, name)
            running.close()
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    main()
