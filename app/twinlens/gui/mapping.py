"""Leads to the map, and from photos chosen on it to what is done with them. On the GUI thread."""

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from twinlens.errors import AppError
from twinlens.gui import gallery_states, map_states
from twinlens.gui.browser import MAP
from twinlens.gui.galleries import LOOK_TICKS, chosen_on_map
from twinlens.gui.gallery_cards import is_rest
from twinlens.gui.gallery_levels import Level, in_steps
from twinlens.gui.map_camera import Points
from twinlens.gui.map_scene import Ids
from twinlens.gui.text import refresh_text
from twinlens.records import Filters, Tile

if TYPE_CHECKING:
    from twinlens.gui.main_window import MainWindow

log = logging.getLogger(__name__)

#: Photos that the viewer walks through from one that was opened: those around it.
AROUND = 200
#: Levels whose galleries have their titles on the map, the coarsest first.
TITLED = (3, 2, 1)


class Mapping(QObject):
    """Shows the map of one window.

    Signals:
        chosen(): ask `tiles`.
    """

    chosen = Signal()
    _progress = Signal(float)

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._browser = window.browser
        self._page = window.browser.map
        self._canvas = window.browser.map.canvas
        self._tiles: list[Tile] = []
        self._indexed = -1
        self._busy = self._wanted = False
        self._ended = threading.Event()
        self._ticks = 0
        self._levels = window.galleries.levels
        self._levels.is_held = lambda: self._busy
        self._connect()

    def show(self) -> None:
        """Show the map, with what is new."""
        self._window.show_browser()
        self._browser.show_page(MAP)
        self._page.setFocus()
        status = self._window.status.status
        if self._indexed < 0 or (status.model and status.photos != self._indexed):
            self.refresh()

    def refresh(self) -> None:
        """Bring the map in step with the library."""
        self._page.offer_refresh("")
        if not self._session.is_ready or self._busy or self._levels.busy:
            self._wanted = True
            return
        self._wanted, self._busy = False, True
        library = self._session.door.library
        told = in_steps(self._progress.emit, self._ended)

        def work() -> tuple[int, Ids, Points]:
            # Asked for before the map: what comes between is offered rather than lost.
            indexed = library.status().photos
            return indexed, *library.photo_map(told=told)

        self._session.tasks.run("look", work, self._on_map, self._on_failed)

    def stop(self) -> None:
        """End what is under way, as the window closes."""
        self._ended.set()

    def tiles(self) -> list[Tile]:
        """Return the chosen photos, as far as they are known by now."""
        return self._tiles

    def open(self, *, quick: bool = False) -> None:
        """Look at the photo in hand, and at those around it."""
        ids = self._canvas.scene.nearest_ids(AROUND)
        viewer = self._window.quick if quick else self._window.viewer

        def done(tiles: list[Tile]) -> None:
            if tiles and self._browser.page == MAP:
                if not quick:
                    self._window.show_page(self._window.viewer)
                viewer.open(tiles, 0)
                self.chosen.emit()

        self._look_up(ids, done, "opened on the map")

    # The map

    def _on_map(self, found: tuple[int, Ids, Points]) -> None:
        self._busy = False
        self._indexed, ids, places = found
        self._levels.go_on()
        if len(ids) < map_states.FEWEST:
            self._page.say(map_states.too_few())
            return
        self._canvas.set_photos(ids, places)
        self._page.show_map()
        log.info("map: %d photos", len(ids))
        for level in TITLED:
            self._levels.want(level, self._show_titles)

    def _show_titles(self, _: Level) -> None:
        """Show the titles of galleries, of the levels that are known by now."""
        known = [found for level in TITLED if (found := self._levels.get(level)) is not None]
        every = [one for found in known for one in found.galleries if not is_rest(one)]
        titles = {one.gallery: one.title for one in every}
        self._canvas.set_landmarks(
            [
                (one.cover, one.title, len(one.photos), one.level)
                for one in every
                # What the gallery around it is called already tells nothing more.
                if titles.get(one.parent or "") != one.title
            ]
        )

    def _on_progress(self, share: float) -> None:
        if not self._page.has_map:
            self._page.say(map_states.drawing(share))

    def _on_failed(self, error: AppError) -> None:
        self._busy = False
        self._levels.go_on()
        if not self._ended.is_set():
            log.warning("no map: %s", error)
            self._page.say(gallery_states.trouble(error.message, error.hint))

    def _on_tick(self) -> None:
        self._ticks += 1
        if self._wanted and not self._levels.busy:
            self.refresh()
        if self._ticks % LOOK_TICKS or self._browser.page != MAP or self._busy:
            return
        status = self._window.status.status
        new = status.photos - self._indexed if status.model and self._indexed >= 0 else 0
        if new and not self._page.has_map:
            self.refresh()
        else:
            self._page.offer_refresh(refresh_text(new))

    # Photos

    def _on_chosen(self) -> None:
        ids = self._canvas.scene.selected_ids().tolist()
        current = self._canvas.scene.current_id()
        # The one in hand is the one that an act on a single photo means.
        ids.sort(key=lambda number: number != current)
        self._page.show_chosen(len(ids))
        self._tiles = []

        def done(tiles: list[Tile]) -> None:
            self._tiles = tiles
            self.chosen.emit()

        self._look_up(ids, done, "chosen on the map")

    def _look_up(self, ids: list[int], done: Callable[[list[Tile]], None], key: str) -> None:
        """Read tiles, in the order of the ids."""
        door = self._session.door

        def work() -> list[Tile]:
            found = {tile.photo_id: tile for tile in door.library.browse(Filters(among=tuple(ids)))}
            return [found[number] for number in ids if number in found]

        self._session.tasks.run("look", work, done, self._refuse, key=key)

    def _refuse(self, error: AppError) -> None:
        self._browser.messages.say("failed", str(error))

    def _show_them(self) -> None:
        ids = self._canvas.scene.selected_ids().tolist()
        if ids:
            self._window.galleries.open((chosen_on_map(ids),))

    def _more(self) -> None:
        ids = self._canvas.scene.selected_ids().tolist()
        if ids:
            self._window.galleries.acts.more(chosen_on_map(ids))

    def _on_viewed(self, photo_id: int) -> None:
        if self._browser.page == MAP:
            self._canvas.select([photo_id], bring=True)

    def _on_closed(self) -> None:
        if self._browser.page == MAP:
            self._canvas.setFocus()

    def _on_said(self, act: str) -> None:
        if act == "again":
            self.refresh()
        else:
            self._window.acts.perform(act)

    def _connect(self) -> None:
        page, canvas, window = self._page, self._canvas, self._window
        page.refresh_requested.connect(self.refresh)
        page.show_requested.connect(self._show_them)
        page.more_requested.connect(self._more)
        page.said.connect(self._on_said)
        canvas.chosen.connect(self._on_chosen)
        canvas.opened.connect(self.open)
        canvas.quick_look.connect(lambda: self.open(quick=True))
        canvas.context_menu.connect(lambda where: window.acts.show_menu(where))
        for viewer in (window.viewer, window.quick):
            viewer.current_changed.connect(self._on_viewed)
        window.viewer.closed.connect(self._on_closed)
        window.status.ticked.connect(self._on_tick)
        self._progress.connect(self._on_progress)
        self._session.ready.connect(lambda: self.refresh() if self._wanted else None)
