"""Brings what verification finds into the grid without moving what is touched. GUI thread."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QCursor

from twinlens.gui.arrangement import Arrangement
from twinlens.gui.browser import EMPTY, PHOTOS
from twinlens.gui.proofs import PROVEN
from twinlens.gui.searching import Answer, Searching
from twinlens.gui.wording import whole
from twinlens.records import MatchClass, Tile

if TYPE_CHECKING:
    from twinlens.gui.main_window import MainWindow

#: Only what takes so many ticks of the status line is said: nothing blinks.
PATIENCE = 4


@dataclass(frozen=True, slots=True)
class Hand:
    """Where the user's hand was when photos came into view."""

    pointer: QPoint
    current: int


def further_down(found: Arrangement, shown: Arrangement) -> list[Tile]:
    """Return those proven photos that belong among the first ones and do not stand there.

    Args:
        found: what was found.
        shown: the photos on the screen.
    """
    proven = [tile for tile in found.tiles if tile.match in PROVEN and not tile.surroundings]
    rows = [shown.row_of(tile.photo_id) for tile in proven]
    return [
        tile for tile, row in zip(proven, rows, strict=True) if row is None or row >= len(proven)
    ]


class Proving(QObject):
    """Shows proven photos first as soon as they are known, or offers to.

    Who has not touched the photos since they came sees them change at once; who has keeps them
    as they are, learns at each what was found of it, and may have the proven ones put first.
    """

    def __init__(self, window: "MainWindow", searching: Searching) -> None:
        super().__init__(window)
        self._window = window
        self._browser = window.browser
        self._searching = searching
        self._hand = Hand(QPoint(), -1)
        self._offered: Answer | None = None
        self._ticks = 0
        window.status.ticked.connect(self._on_tick)
        searching.answered.connect(self._on_answered)
        searching.verified.connect(self._on_verified)
        self._browser.copies_requested.connect(self._put_first)

    def _on_answered(self, _answer: Answer, _again: bool) -> None:
        self._withdraw()
        self._note_hand()

    def _on_verified(self, answer: Answer) -> None:
        shown = self._browser.model.arrangement
        if shown.same_order(answer.arrangement):
            self._browser.model.update_tiles(answer.arrangement)
            self._withdraw()
            self._tell(answer)
        elif self._is_touched():
            self._browser.model.update_tiles(answer.arrangement)
            self._tell(replace(answer, arrangement=self._browser.model.arrangement))
            self._offer(answer)
        else:
            self._show(answer)

    def _on_tick(self) -> None:
        self._ticks = self._ticks + 1 if self._searching.verifying else 0
        self._window.status.set_verifying(self._ticks >= PATIENCE)

    def _put_first(self) -> None:
        if self._offered is not None:
            self._show(self._offered, from_top=True)

    def _show(self, answer: Answer, *, from_top: bool = False) -> None:
        self._withdraw()
        self._browser.set_tiles(answer.arrangement, keep_place=from_top, keep_row=not from_top)
        if from_top:
            self._browser.grid.verticalScrollBar().setValue(0)
        if answer.arrangement.tiles and self._browser.page == EMPTY:
            self._browser.show_page(PHOTOS)
        self._note_hand()
        self._tell(answer)

    def _tell(self, answer: Answer) -> None:
        self._window.conductor.know_more(answer)

    def _offer(self, answer: Answer) -> None:
        new = further_down(answer.arrangement, self._browser.model.arrangement)
        self._offered = answer if new else None
        self._browser.offer_copies(self._words(new) if new else "")

    def _words(self, new: list[Tile]) -> str:
        copies = sum(tile.match is not MatchClass.SAME_SCENE for tile in new)
        if copies:
            said = self.tr("1 copy found · Show first")
            many = self.tr("{0} copies found · Show first")
        else:
            said = self.tr("1 photo of the same scene found · Show first")
            many = self.tr("{0} photos of the same scene found · Show first")
        number = copies or len(new)
        return said if number == 1 else many.format(whole(number))

    def _withdraw(self) -> None:
        self._offered = None
        self._browser.offer_copies("")

    def _note_hand(self) -> None:
        self._hand = Hand(QCursor.pos(), self._browser.grid.currentIndex().row())

    def _is_touched(self) -> bool:
        """Tell whether the photos were scrolled, pointed at or chosen since they came."""
        grid, hand = self._browser.grid, self._hand
        if self._browser.page != PHOTOS:
            return False
        if self._window.viewing or self._window.quick.is_open:
            return True
        if grid.selected_count() or grid.verticalScrollBar().value():
            return True
        pointed = grid.viewport().underMouse() and QCursor.pos() != hand.pointer
        return pointed or grid.currentIndex().row() != hand.current
