"""Makes the pictures of the window that the README shows: `python packaging/screenshots.py PHOTOS`.

PHOTOS is a folder of freely usable photos: `clothing` and `grocery` in folders named by what they
show, and `copies` of the same pictures, edited. The real program runs on copies of some of them;
nothing is drawn by hand. Run it again when the window changes; `--only review-light` makes one
picture, `--only review` one in both themes.
"""

import argparse
import logging
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Collection
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
from twinlens.gui.pair_switch import Mode
from twinlens.records import Example, Filters, MatchClass, Query, Region
from twinlens.settings import Settings

log = logging.getLogger(__name__)

TARGET = Path(__file__).parents[1] / "resources" / "screenshots"
WIDTH, HEIGHT = 1280, 800
#: Photos of each kind, and colours of the finished pictures: enough to look at, small to fetch.
#: Where more colours make it too large a file, fewer do.
OF_EACH = 24
COLOURS = (250, 128)
MOST_BYTES = 400_000
PATIENCE = 120.0
#: Groups of duplicates that are decided before the plan is made.
DECIDED = 6
DAY = 86400
NEWEST = 1_750_000_000
COPIES = (
    MatchClass.SAME_BYTES,
    MatchClass.SAME_PIXELS,
    MatchClass.RE_ENCODED,
    MatchClass.EDITED,
)
#: What each of the two libraries shows, in this order.
SEARCHING = (
    *("welcome", "results", "copies", "compare", "taught", "labels", "examples", "viewer"),
    *("failures", "settings"),
)
TIDYING = ("galleries", "map", "swipe", "review", "plan", "shortcuts")


def bought(photos: Path, target: Path) -> None:
    """Make a folder of clothes, with copies of one of them and files that cannot be read."""
    copied(photos / "clothing", target)
    edited(target)
    broken(target)


def copied(photos: Path, target: Path) -> None:
    """Copy some photos of each kind, with names and days that a person might have given them."""
    chosen = random.Random(7)
    kinds = sorted({path.parent.name for path in photos.rglob("*.jpg")})
    for kind in kinds:
        found = sorted(path for path in photos.rglob("*.jpg") if path.parent.name == kind)
        for number, path in enumerate(chosen.sample(found, min(OF_EACH, len(found))), start=1):
            place = target / kind.capitalize() / f"{kind} {number:02}.jpg"
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
            day = NEWEST - chosen.randrange(200) * DAY
            os.utime(place, (day, day))


def collected(photos: Path, target: Path) -> None:
    """Copy what a person might have after some years: clothes, food, and several copies of some."""
    chosen = random.Random(11)
    for kinds, most, place in (
        ("clothing/test", 14, "Wardrobe"),
        ("grocery/val", 5, "Kitchen"),
        ("grocery/iconic", 1, "Kitchen"),
    ):
        for folder in sorted({path.parent for path in (photos / kinds).rglob("*.jpg")}):
            found = sorted(folder.glob("*.jpg"))
            kind = folder.name.replace("-", " ")
            for path in chosen.sample(found, min(most, len(found))):
                whole = target / place / kind / f"{kind} {path.stem[-6:]}.jpg"
                whole.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, whole)
    for parts, place in (("pdq-bridge-mods", "Bridge"), ("imagededup/mixed_images", "Old phone")):
        leave = shutil.ignore_patterns("*corrupt*")
        shutil.copytree(photos / "copies" / parts, target / place, ignore=leave)
    again = target / "Backup 2024"
    again.mkdir()
    wardrobe = sorted((target / "Wardrobe").rglob("*.jpg"))
    for number, path in enumerate(chosen.sample(wardrobe, 12)):
        if number % 2:
            shutil.copyfile(path, again / path.name)
        else:
            with Image.open(path) as opened:
                small = opened.convert("RGB")
            small.thumbnail((240, 240))
            small.save(again / f"IMG-20240614-WA00{number:02}.jpg", quality=70)
    for path in sorted(target.rglob("*.*")):
        day = NEWEST - chosen.randrange(600) * DAY
        os.utime(path, (day, day))


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

    def __init__(self, running: Running, target: Path, name: str, wanted: Collection[str]) -> None:
        self.window: MainWindow = running.window
        self.session = running.session
        self._target = target
        self._name = name
        self._wanted = wanted

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
        """Write what the window looks like now, if that is wanted."""
        if what not in self._wanted:
            return
        self.settle()
        target = self._target / f"{what}-{self._name}.png"
        raw = self.window.grab().toImage()
        raw.save(str(target))
        with Image.open(target) as picture:
            whole = picture.convert("RGB")
        size = MOST_BYTES + 1
        for colours in COLOURS:
            if size > MOST_BYTES:
                small = whole.quantize(colours, dither=Image.Dither.FLOYDSTEINBERG)
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


def read(shots: Photographer, photos: Path) -> None:
    """Add a folder and wait until all of it is known."""
    window = shots.window
    window.take_paths([photos])
    shots.until(lambda: window.status.status.activity == "closer")
    shots.until(lambda: window.status.status.activity == "idle")
    shots.answer(lambda: window.acts.perform("refresh"))


def take_searches(shots: Photographer, photos: Path) -> None:
    """Take the pictures of searching, in one theme."""
    window, browser = shots.window, shots.window.browser
    shots.until(lambda: browser.empty.shown is not None and shots.session.is_ready)
    shots.keep("welcome")
    read(shots, photos)
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


def accept(shots: Photographer) -> None:
    """Let happen what is suggested for the group in hand."""
    page = shots.window.reviewing.page
    count = page.model.rowCount()
    shots.until(lambda: page.group.review is not None)
    page.group.buttons["accept"].click()
    shots.until(lambda: page.model.rowCount() < count)


def take_tidying(shots: Photographer, photos: Path) -> None:
    """Take the pictures of galleries, map and duplicates, in one theme."""
    window, browser = shots.window, shots.window.browser
    shots.until(lambda: browser.empty.shown is not None and shots.session.is_ready)
    read(shots, photos)
    window.acts.perform("galleries")
    shots.until(lambda: browser.galleries.model.rowCount() > 0)
    shots.keep("galleries")
    window.acts.perform("map")
    shots.until(lambda: browser.map.has_map and not window.galleries.levels.busy)
    canvas = browser.map.canvas
    marks = canvas.scene.landmarks.values()
    ids = [canvas.scene.ids[mark.row] for mark in marks if mark.title == "Shoe"]
    canvas.select([int(number) for number in ids[:1]])
    shots.keep("map")
    window.acts.perform("all_photos")
    shots.until(lambda: browser.model.rowCount() > 0)
    shots.answer(lambda: browser.tray.add_photo(shots.photo("aaa-orig.jpg")))
    shots.until(lambda: sum(t.match in COPIES for t in browser.model.arrangement.tiles) > 9)
    browser.grid.show_photo(shots.photo("high-contrast.jpg"))
    window.acts.perform("compare")
    window.comparing.page.pair.switch.buttons[Mode.SWIPE].click()
    shots.keep("swipe")
    window.acts.perform("duplicates")
    page = window.reviewing.page
    shots.until(lambda: page.showing_groups and not window.reviewing.busy)
    shots.keep("review")
    for _ in range(DECIDED):
        accept(shots)
    page.plan.click()
    shots.until(lambda: window.reviewing.cleaning.plan_page.plan is not None)
    shots.keep("plan")
    window.acts.perform("shortcuts")
    shots.keep("shortcuts")


def main() -> None:
    """Take the pictures in both themes."""
    parser = argparse.ArgumentParser(description="Make the pictures of the window for the README.")
    parser.add_argument("photos", type=Path, help="freely usable photos, in folders by kind")
    parser.add_argument("--target", type=Path, default=TARGET)
    parser.add_argument("--only", action="append", help="a picture to make, or one in one theme")
    parser.add_argument("--size", default=f"{WIDTH}x{HEIGHT}", help="of the window, in pixels")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("twinlens").setLevel(logging.WARNING)
    chosen.target.mkdir(parents=True, exist_ok=True)
    width, height = map(int, chosen.size.split("x"))
    app = QApplication(sys.argv[:1])
    # The pictures show where the photos lie, so the place has a name.
    place = Path(tempfile.gettempdir()) / "twinlens-screenshots"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    only = chosen.only
    try:
        for folder, names, prepare, take in (
            ("Pictures", SEARCHING, bought, take_searches),
            ("Photos", TIDYING, collected, take_tidying),
        ):
            for name in ("light", "dark"):
                wanted = {one for one in names if not only or {one, f"{one}-{name}"} & {*only}}
                if not wanted:
                    continue
                photos = place / folder
                if not photos.exists():
                    prepare(chosen.photos, photos)
                settings = Settings(theme=name, language="en")
                running = Running(app, place / f"{folder} {name}", settings, Faults())
                running.window.resize(width, height)
                running.start([], in_tray=False)
                theme.apply_theme(app, name)
                take(Photographer(running, chosen.target, name, wanted), photos)
                running.close()
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    main()
