"""Offers what is new instead of reshuffling what is looked at. Runs on the GUI thread."""

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from twinlens.gui.searching import Answer, Searching
from twinlens.gui.text import refresh_text
from twinlens.gui.wording import whole

if TYPE_CHECKING:
    from twinlens.gui.main_window import MainWindow

#: How often, in ticks of the status line, it is looked at whether there are new photos.
LOOK_TICKS = 5
#: A grid that follows indexing is listed anew for at most this share of the time.
LISTING_SHARE = 0.1
#: So many ticks the library may take to notice what the user did.
OWN_ACT_TICKS = 100


class Freshness(QObject):
    """Compares size and model of the library with those of the answer on the screen."""

    def __init__(self, window: "MainWindow", searching: Searching) -> None:
        super().__init__(window)
        self._browser = window.browser
        self._status = window.status
        self._searching = searching
        self._answer: Answer | None = None
        self._ticks = 0
        self._expected = 0
        self._labelled = 0
        self._rests_until = 0.0
        window.status.ticked.connect(self._on_tick)

    def answered(self, answer: Answer) -> None:
        """Take an answer as what is on the screen now."""
        self._answer = answer
        self._labelled = 0
        self._rests_until = time.monotonic() + answer.seconds / LISTING_SHARE
        self._browser.offer_refresh("")

    def expect_change(self) -> None:
        """Show changes of the next moments without being asked: they are the user's own act."""
        self._expected = OWN_ACT_TICKS

    def offer_labelled(self, photos: int) -> None:
        """Show what so many more photos add that were looked at since the answer, or offer it."""
        self._labelled = photos
        self._look()

    def _on_tick(self) -> None:
        self._ticks += 1
        self._expected = max(0, self._expected - 1)
        if self._ticks % LOOK_TICKS == 0:
            self._look()

    def _look(self) -> None:
        answer, status = self._answer, self._status.status
        if answer is None or not status.model or self._searching.busy:
            return
        new = status.photos - answer.indexed
        if answer.ask.examples and answer.model not in ("", status.model):
            # Another model ranks the photos anew: what is shown is the answer of the one before.
            self._searching.again()
        elif new == 0 and not self._labelled:
            self._browser.offer_refresh("")
        elif self._expected or not answer.arrangement.tiles:
            self._searching.again()
        elif self._may_change(answer):
            if time.monotonic() >= self._rests_until:
                self._searching.again()
        elif new == 0:
            said = self.tr("{0} more photos looked at · Refresh")
            self._browser.offer_refresh(said.format(whole(self._labelled)))
        else:
            self._browser.offer_refresh(refresh_text(new))

    def _may_change(self, answer: Answer) -> bool:
        """Return whether the grid may change by itself: nothing moves under the pointer.

        Until the first screen is full it may, or a new library would stay empty for long.
        """
        grid = self._browser.grid
        if answer.ask.examples or grid.selected_count():
            return False
        bar = grid.verticalScrollBar()
        return bar.maximum() == 0 or (bar.value() == 0 and not grid.underMouse())
