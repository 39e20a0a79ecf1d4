"""What a result must reach to be shown: a probability, or a score. Runs on the GUI thread."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from twinlens.gui.filter_pill import FilterPill
from twinlens.gui.popover import Popover
from twinlens.gui.score_filter import ScoreFilter
from twinlens.gui.wording import least_score, percent, percentage, score_digits
from twinlens.records import Filters, Tile


class LeastFilter(QObject):
    """Speaks of probabilities where the model gives them, of scores elsewhere.

    Signals:
        changed(object): Filters with another least probability or score.
    """

    changed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._by_probability = True
        self._filters = Filters()
        self._reached: list[int] = []
        self._known_from = 0
        self._panel: ScoreFilter | None = None

    def set_results(self, tiles: Sequence[Tile], filters: Filters) -> None:
        """Take the results shown, and the filters they have passed."""
        if tiles:
            self._by_probability = tiles[0].probability is not None
        self._reached = [self._digits(tile.score, tile.probability) for tile in tiles]
        # What lies below was not among the results.
        self._known_from = self._digits(filters.min_score, filters.min_probability)
        self._show_staying()

    def show(self, pill: FilterPill, filters: Filters) -> None:
        """Say on a pill what a result must reach."""
        self._filters = filters
        what = self.tr("Same thing") if self._by_probability else self.tr("Score")
        pill.set_name(what)
        if filters.min_probability:
            least = percent(filters.min_probability)
            said = self.tr("at least {percent} likely").format(percent=least)
            pill.set_value(f"≥ {least}", said)
        elif digits := score_digits(filters.min_score or 0.0):
            pill.set_value(f"≥ {digits}", self.tr("score {digits} or more").format(digits=digits))
        else:
            pill.set_value("")
        self._show_staying()

    def ask(self, pill: FilterPill, filters: Filters) -> None:
        """Ask for it below a pill."""
        self._filters = filters
        least = self._digits(filters.min_score, filters.min_probability)
        panel = ScoreFilter(least, by_probability=self._by_probability)
        popover = Popover(pill, panel)
        panel.chosen.connect(self._slide)
        popover.closed.connect(self._forget_panel)
        self._panel = panel
        self._show_staying()
        popover.open()

    def _digits(self, score: float | None, probability: float | None) -> int:
        """Return a probability or a score in 0..100, whichever counts."""
        if self._by_probability:
            return percentage(probability or 0.0)
        return score_digits(score or 0.0)

    def _slide(self, digits: int) -> None:
        chosen = replace(self._filters, min_score=None, min_probability=None)
        if digits and self._by_probability:
            chosen = replace(chosen, min_probability=digits / 100)
        elif digits:
            chosen = replace(chosen, min_score=least_score(digits))
        self.changed.emit(chosen)

    def _show_staying(self) -> None:
        if self._panel is None:
            return
        filters = self._filters
        digits = self._digits(filters.min_score, filters.min_probability)
        staying = sum(reached >= digits for reached in self._reached)
        self._panel.set_staying(staying if digits >= self._known_from else None)

    def _forget_panel(self) -> None:
        self._panel = None
