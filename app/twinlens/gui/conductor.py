"""Keeps what the window shows in step with the library and the query. Runs on the GUI thread."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from twinlens.errors import AppError, UnreadableImageError
from twinlens.gui import empty_state
from twinlens.gui.arrangement import Order
from twinlens.gui.browser import ASKING, GALLERIES, MAP, PHOTOS, PLACES, SETTINGS
from twinlens.gui.freshness import Freshness
from twinlens.gui.keeping import Facts, Keeping
from twinlens.gui.library_notices import LibraryNotices
from twinlens.gui.power_watch import PowerWatch
from twinlens.gui.proving import Proving
from twinlens.gui.saved_searches import SavedSearches
from twinlens.gui.searching import Answer, Ask, Searching
from twinlens.gui.sidebar_model import ALL_PHOTOS, search_view
from twinlens.records import Filters, Query
from twinlens.reports import Status

if TYPE_CHECKING:
    from twinlens.gui.main_window import MainWindow

log = logging.getLogger(__name__)

#: The facts are read at most so often while the engine works, and so often without a reason.
BUSY_TICKS, IDLE_TICKS = 15, 100


class Conductor(QObject):
    """Listens to session, query, sidebar and status line of one window."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._browser = window.browser
        self.searching = Searching(self._session, self)
        self.keeping = Keeping(self._session, self._browser.messages, self)
        self._answer: Answer | None = None
        self._ticks = 0
        self._stale = False
        self._silent = False
        self._notices = LibraryNotices(window, self.keeping)
        self.saved = SavedSearches(window)
        self.freshness = Freshness(window, self.searching)
        self.power_watch = PowerWatch(self._session, window.status, self._browser.messages, self)
        self._connect()
        Proving(window, self.searching)
        self._browser.say_empty(empty_state.opening())

    def begin(self) -> None:
        """Show what is known already: the library may be open when a window is made."""
        if self._session.door.is_open:
            self._on_opened()
        if self._session.is_ready:
            self._on_ready()

    @property
    def answer(self) -> Answer | None:
        """What is shown."""
        return self._answer

    def know_more(self, answer: Answer) -> None:
        """Take as what is shown an answer that says more of the same."""
        self._answer = answer
        self._browser.filters.set_results(answer.arrangement.tiles)

    def ask(self) -> None:
        """Ask what tray and filters say."""
        if self._silent:
            return
        tray, filters = self._browser.tray, self._browser.filters
        self._browser.messages.clear_passing()
        if tray.state() and not tray.examples():
            # Each chip says why it cannot be used; there is nothing left to ask with.
            return
        filters.set_has_query(bool(tray.examples()))
        marks = tray.marks.all()
        self.searching.go(Ask(tray.examples(), filters.filters(), filters.order(), marks))

    def step(self, by: int) -> None:
        """Go back or forward among the queries."""
        ask = self.searching.step(by)
        if ask is not None:
            self._show_ask(ask)

    def show_query(self, query: Query) -> None:
        """Ask a query that was kept."""
        self._show_ask(Ask(query.examples, query.filters, marks=query.marks))
        self.ask()

    def clear_filters(self) -> None:
        """Take all filters away."""
        self._browser.filters.set_filters(Filters())
        self.ask()

    def show_all(self) -> None:
        """Show every photo."""
        self._silent = True
        self._browser.tray.clear()
        self._browser.filters.set_filters(Filters())
        self._silent = False
        self.ask()

    def show_view(self, view: str) -> None:
        """Show what an entry of the sidebar names."""
        self._window.show_browser()
        if view == ALL_PHOTOS:
            self.show_all()
        elif view in (GALLERIES, MAP):
            self._window.acts.perform(view)
        else:
            self._browser.show_page(view)

    def _show_ask(self, ask: Ask) -> None:
        """Let tray and filters say what another question was."""
        self._silent = True
        self._browser.tray.restore(ask.examples, ask.marks)
        self._browser.filters.set_has_query(bool(ask.examples))
        self._browser.filters.set_filters(ask.filters)
        # Without a query "by similarity" is shown by date, but stays what was chosen.
        chosen = ask.examples or ask.filters.label or ask.order is Order.NAME
        self._browser.filters.set_order(ask.order if chosen else Order.SIMILARITY)
        self._silent = False
        self._window.show_browser()

    def _connect(self) -> None:
        session, browser, side = self._session, self._browser, self._window.sidebar
        session.opened.connect(self._on_opened)
        session.ready.connect(self._on_ready)
        session.failed.connect(self._on_not_open)
        self.searching.answered.connect(self._on_answer)
        self.searching.failed.connect(self._on_search_failed)
        self.searching.waiting.connect(self._on_waiting)
        self.keeping.known.connect(self._on_known)
        self.keeping.changed.connect(self.searching.again)
        browser.tray.query_changed.connect(self.ask)
        browser.tray.rejected.connect(
            lambda text: browser.messages.say("attention", text, passing=True)
        )
        browser.tray.folders_offered.connect(self.keeping.add_folders)
        browser.filters.changed.connect(self.ask)
        browser.refresh_requested.connect(self.searching.again)
        browser.page_changed.connect(self._on_page)
        browser.failures.retry.connect(self.keeping.retry)
        side.view_requested.connect(self.show_view)
        side.folder_selected.connect(self._show_folder)
        self.saved.opened.connect(self.show_query)
        side.forget.connect(self.keeping.forget)
        side.rescan.connect(self.keeping.rescan)
        settings = browser.settings
        settings.forget.connect(self.keeping.forget)
        settings.rescan.connect(self.keeping.rescan)
        settings.model_chosen.connect(self.keeping.use_model)
        status = self._window.status
        status.polled.connect(self._on_polled)
        status.ticked.connect(self._on_tick)
        status.pause_requested.connect(self.keeping.pause)
        status.slow_requested.connect(session.set_slow)

    # The library

    def _on_opened(self) -> None:
        read_only = self._session.read_only
        self._window.status.watch(self._session.status, read_only=read_only)
        self._window.sidebar.set_writable(not read_only)
        self._browser.tray.tools.set_can_save(not read_only)
        if read_only:
            self._notices.tell_read_only()
        self.ask()
        self.keeping.refresh()

    def _on_ready(self) -> None:
        self.keeping.refresh()

    def _on_not_open(self, error: AppError) -> None:
        if self._session.door.is_open:
            # Browsing works without a model; only searching does not.
            self._browser.messages.say(
                "failed", str(error), self.tr("Try again"), self._session.make_ready
            )
        else:
            self._browser.say_empty(empty_state.trouble(error.message, error.hint))

    def _on_known(self, facts: Facts) -> None:
        answer = self._answer
        self._browser.set_has_photos(facts.photos > 0)
        self.saved.set_names(facts.searches)
        self._mark_place()
        if answer is None or answer.arrangement.tiles:
            return
        self._show_nothing(answer)
        if facts.photos and not answer.ask.examples and not self.searching.busy:
            self.searching.again()

    # The answer

    def _on_waiting(self) -> None:
        if not self._session.door.is_open or self._session.error is not None:
            return
        if self._answer is not None and not self._answer.photos:
            # Without photos there is nothing to get ready for.
            self._answer = replace(self._answer, ask=self.searching.ask)
            self._show_nothing(self._answer)
        else:
            self._browser.say_empty(empty_state.getting_ready())

    def _on_answer(self, answer: Answer, again: bool) -> None:
        before, self._answer = self._answer, answer
        self._browser.set_has_photos(answer.photos > 0)
        self.freshness.answered(answer)
        grid = self._browser.grid
        moved = grid.verticalScrollBar().value() > 0 or grid.currentIndex().isValid()
        # From the top, what is new may come first; elsewhere what is looked at stays.
        keep = again and moved and before is not None and before.ask == answer.ask
        taught = before is not None and not again and before.ask.differs_in_marks(answer.ask)
        if taught and before is not None:
            # Few marks leave the order as it was, and who judges goes on from there.
            keep = before.arrangement.same_order(answer.arrangement)
        self._browser.set_tiles(answer.arrangement, keep_place=keep, keep_row=taught)
        if answer.ask.examples:
            self._window.status.set_search_time(answer.seconds)
            self._browser.filters.set_results(answer.arrangement.tiles)
        if not answer.arrangement.tiles:
            self._show_nothing(answer)
        elif not again or self._browser.page in ASKING:
            self._browser.show_page(PHOTOS)
        self._mark_place()

    def _show_nothing(self, answer: Answer) -> None:
        if self._browser.page not in ASKING:
            return
        if answer.photos:
            said = self._nothing_passes(answer.ask)
        else:
            busy = self._window.status.status.activity != "idle" or not self._session.is_ready
            folders, asked = self.keeping.facts.folders, bool(answer.ask.examples)
            said = empty_state.without_photos(folders, asked=asked, busy=busy)
        self._browser.say_empty(said)

    def _nothing_passes(self, ask: Ask) -> empty_state.Emptiness:
        filters = ask.filters
        if filters.label and not ask.examples and filters == Filters(label=filters.label):
            return empty_state.nothing_shows(filters.label)
        least = filters.min_score or filters.min_probability
        filtered = filters.narrows or bool(least) or filters.match is not None
        return empty_state.nothing_matches(filtered=filtered)

    def _on_search_failed(self, error: AppError) -> None:
        if isinstance(error, UnreadableImageError):
            self._browser.say_empty(empty_state.unreadable(str(error)))
        else:
            self._browser.say_empty(empty_state.trouble(error.message, error.hint))

    # Where one is

    def _on_page(self, page: str) -> None:
        self._window.refit()
        self._mark_place()
        if page == SETTINGS:
            self.keeping.refresh()

    def _mark_place(self) -> None:
        page, ask = self._browser.page, self.searching.ask
        if page in PLACES:
            place: str | Path = PLACES[page]
        elif name := self.saved.name_of(ask):
            place = search_view(name)
        elif ask.filters.among is not None and not ask.examples:
            place = GALLERIES
        elif ask.filters.folder is not None:
            place = ask.filters.folder
        else:
            place = "" if ask.examples else ALL_PHOTOS
        self._window.sidebar.set_current(place)

    def _show_folder(self, folder: Path) -> None:
        """Narrow what is asked to a folder; the query stays."""
        self._window.show_browser()
        filters = self._browser.filters
        filters.set_filters(replace(filters.filters(), folder=folder))
        self.ask()

    # Time

    def _on_polled(self, status: Status) -> None:
        self._stale = True
        self._window.acts.show_paused(status.paused)

    def _on_tick(self) -> None:
        self._ticks += 1
        if (self._stale and self._ticks >= BUSY_TICKS) or self._ticks >= IDLE_TICKS:
            self._ticks = 0
            self._stale = False
            self.keeping.refresh()
