"""Leads to the galleries, into one, and back. Runs on the GUI thread."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from twinlens.errors import AppError
from twinlens.gui import gallery_states
from twinlens.gui.browser import GALLERIES, MAP, PHOTOS
from twinlens.gui.gallery_acts import GalleryActs
from twinlens.gui.gallery_cards import is_rest
from twinlens.gui.gallery_levels import GalleryLevels, Level, changed
from twinlens.gui.searching import Answer
from twinlens.gui.text import refresh_text
from twinlens.gui.wording import photo_count
from twinlens.records import Filters, Gallery, Query

if TYPE_CHECKING:
    from twinlens.gui.main_window import MainWindow

#: The level that is shown first, between fine and coarse.
LEVEL = 2
#: How often, in ticks of the status line, it is looked at whether there are other photos.
LOOK_TICKS = 5

#: The level of what is no gallery but was chosen on the map.
ON_MAP = -1

Trail = tuple[Gallery, ...]


def chosen_on_map(photo_ids: Sequence[int]) -> Gallery:
    """Return photos that were chosen together as if they were a gallery."""
    photos = tuple(photo_ids)
    return Gallery("", ON_MAP, photo_count(len(photos)), None, None, None, photos, photos[0], None)


class Galleries(QObject):
    """Shows the galleries of one window, and the photos of the one that is opened.

    A trail is the way into galleries, the outermost first. The photos of one are asked of the
    library like any others, by their ids; a question with examples is asked of the whole library.
    """

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._browser = window.browser
        self._page = window.browser.galleries
        self._bar = window.browser.trail
        self._level = LEVEL
        self.levels = GalleryLevels(window.session, self)
        self.acts = GalleryActs(window)
        self._inside: Trail = ()
        self._trails: dict[tuple[int, ...], Trail] = {}
        self._arriving = False
        self._ticks = 0
        self._connect()

    def show(self) -> None:
        """Show all galleries, with what is new."""
        if self.levels.is_stale(self._window.status.status.photos):
            self.levels.forget()
        self._show_inside(())

    def step_back(self) -> bool:
        """Go one step back among the galleries; tell whether there was one."""
        if self._browser.page == GALLERIES and self._inside:
            self.open(self._inside)
        elif self._browser.page == PHOTOS and (trail := self._trail()):
            self._go_to_step(trail, len(trail) - 1, inside=True)
        else:
            return False
        return True

    def go_back(self) -> None:
        """Go one step back, among the galleries or else to the earlier query."""
        if not self.step_back():
            self._window.conductor.step(-1)

    def refresh(self) -> None:
        """Read anew what is looked at: the galleries, the map, or else the results."""
        if self._browser.page == MAP:
            self._window.mapping.refresh()
        elif self._browser.page == GALLERIES:
            self.levels.forget()
            self._page.offer_refresh("")
            self._show_inside(())
        else:
            self._window.conductor.searching.again()

    def open(self, trail: Trail) -> None:
        """Show the photos of the last gallery of a trail."""
        photos = trail[-1].photos
        self._trails[photos] = trail
        self._arriving = True
        self._window.conductor.show_query(Query((), Filters(among=photos)))

    # Cards

    def _show_inside(self, trail: Trail) -> None:
        """Show the galleries inside of the last one of a trail; all of a level without one."""
        came_from = self._trail() if self._browser.page == PHOTOS else ()
        self._inside = trail
        self._page.show_way([self.tr("Galleries"), *(one.title for one in trail)])
        self._page.set_level(self._level)
        self._window.show_browser()
        self._browser.show_page(GALLERIES)
        self._page.setFocus()
        level = trail[-1].level - 1 if trail else self._level

        def then(found: Level) -> None:
            if self._inside == trail:
                self._show_level(found, trail, came_from)

        if not self.levels.want(level, then) and not self._page.model.rowCount():
            ready = self._window.session.is_ready
            wait = gallery_states.sorting() if ready else gallery_states.getting_ready()
            self._page.say(wait)

    def _show_level(self, found: Level, trail: Trail, came_from: Trail) -> None:
        galleries = found.inside(trail[-1]) if trail else found.galleries
        if not found.photos:
            self._page.say(gallery_states.no_photos())
        elif all(is_rest(one) for one in galleries):
            self._page.say(gallery_states.no_gallery(self._level))
        else:
            self._page.show_galleries(galleries, keep_place=True)
            if len(came_from) > len(trail):
                row = self._page.model.row_of(came_from[len(trail)].gallery)
                self._page.view.go_to(-1 if row is None else row)

    def _choose_level(self, level: int) -> None:
        self._level = level
        self._show_inside(())

    def _open(self, gallery: Gallery) -> None:
        self.open((*self._inside, gallery))

    def _on_progress(self, share: float) -> None:
        if not self._page.model.rowCount():
            self._page.say(gallery_states.sorting(share))

    def _on_failed(self, error: AppError) -> None:
        self._page.say(gallery_states.trouble(error.message, error.hint))

    def _on_tick(self) -> None:
        self._ticks += 1
        if self._ticks % LOOK_TICKS or self._browser.page != GALLERIES or self.levels.busy:
            return
        found, status = self.levels.get(self._level), self._window.status.status
        new = status.photos - found.indexed if found is not None and status.model else 0
        if new and found is not None and not found.photos:
            self.refresh()
        else:
            self._page.offer_refresh(refresh_text(new))

    # The photos of one

    def _trail(self) -> Trail:
        """Return the way to the gallery whose photos are asked for now; empty for another ask."""
        ask = self._window.conductor.searching.ask
        return self._trails.get(ask.filters.among or (), ()) if not ask.examples else ()

    def _on_moved(self) -> None:
        trail = self._trail()
        self._bar.setVisible(bool(trail))
        if not trail:
            return
        gallery = trail[-1]
        root = self.tr("Map") if gallery.level == ON_MAP else self.tr("Galleries")
        self._bar.show_way([root, *(one.title for one in trail)], len(gallery.photos))
        self._bar.set_decisions(possible=self.acts.may_decide(gallery), pinned=gallery.pinned)
        self._bar.set_inside(0)
        if gallery.level > 0 and not is_rest(gallery):
            self.levels.want(gallery.level - 1, lambda found: self._offer_inside(gallery, found))

    def _offer_inside(self, gallery: Gallery, found: Level) -> None:
        trail = self._trail()
        if trail and trail[-1].gallery == gallery.gallery:
            self._bar.set_inside(len(found.inside(gallery)))

    def _on_answered(self, answer: Answer) -> None:
        if self._arriving and answer.ask.filters.among in self._trails:
            self._arriving = False
            grid = self._browser.grid
            grid.setFocus()
            if answer.arrangement.tiles:
                grid.show_photo(answer.arrangement.tiles[0].photo_id)

    # Decisions

    def _on_changed(self, name: str, fields: dict[str, Any]) -> None:
        gallery = self.levels.find(name)
        if gallery is not None:
            self._change(replace(gallery, **fields))

    def _change(self, gallery: Gallery) -> None:
        """Show what was decided about a gallery; it stays where it is until others are shown."""
        self.levels.change(gallery)
        self._trails = {key: tuple(changed(way, gallery)) for key, way in self._trails.items()}
        self._inside = tuple(changed(self._inside, gallery))
        self._page.change(gallery)
        self._on_moved()

    def _on_unnamed(self, gallery: Gallery) -> None:
        """Ask what a gallery is called without a name of its own, which only the engine knows."""

        def then(found: Level) -> None:
            for one in found.galleries:
                if one.gallery == gallery.gallery:
                    self._change(one)

        self.levels.forget(gallery.level)
        self.levels.want(gallery.level, then)

    # Input

    def _connect(self) -> None:
        page, view, bar, acts = self._page, self._page.view, self._bar, self.acts
        page.level_chosen.connect(self._choose_level)
        page.refresh_requested.connect(self.refresh)
        page.step_chosen.connect(lambda step: self._go_to_step(self._inside, step))
        page.chosen.connect(self._on_empty)
        view.opened.connect(self._open)
        view.left.connect(self._on_left)
        bar.left.connect(self.step_back)
        bar.chosen.connect(lambda step: self._go_to_step(self._trail(), step))
        bar.inside_requested.connect(lambda: self._show_inside(self._trail()))
        bar.more_requested.connect(lambda: acts.more(self._trail()[-1]))
        bar.pin_requested.connect(lambda: acts.pin(self._trail()[-1]))
        bar.renamed.connect(lambda title: acts.rename(self._trail()[-1], title))
        acts.changed.connect(self._on_changed)
        acts.unnamed.connect(self._on_unnamed)
        acts.opened.connect(self._open)
        self._browser.grid.addActions(bar.keys)
        searching, session = self._window.conductor.searching, self._window.session
        searching.moved.connect(self._on_moved)
        searching.answered.connect(self._on_answered)
        session.opened.connect(lambda: view.set_writable(not session.read_only))
        self.levels.progressed.connect(self._on_progress)
        self.levels.failed.connect(self._on_failed)
        self._window.status.ticked.connect(self._on_tick)

    def _on_left(self) -> None:
        if not self.step_back():
            self._window.conductor.show_view("all")

    def _go_to_step(self, trail: Trail, step: int, *, inside: bool = False) -> None:
        """Go back to the photos of a step of the way, or to the galleries `inside` of it."""
        if trail[0].level == ON_MAP:
            self._window.mapping.show()
        elif step == 0 or inside:
            self._show_inside(trail[:step])
        else:
            self.open(trail[:step])

    def _on_empty(self, act: str) -> None:
        if act == "again":
            self.refresh()
        else:
            self._window.acts.perform(act)
