"""The row of filters below the query, and the order of the photos. Runs on the GUI thread."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QWidget

from twinlens.gui.arrangement import Order
from twinlens.gui.choice_menu import Choice, pop_up
from twinlens.gui.date_filter import DateFilter, Period, period_text
from twinlens.gui.filter_pill import FilterPill
from twinlens.gui.name_field import NameField
from twinlens.gui.popover import Popover
from twinlens.gui.score_filter import ScoreFilter
from twinlens.gui.theme import set_kind, space
from twinlens.gui.wording import least_score, name_text, path_text, score_digits
from twinlens.records import Filters

DEBOUNCE_MS = 120


class FiltersBar(QWidget):
    """What the photos must satisfy, and how they are ordered.

    Signals:
        changed(): `filters()` or `order()` is another; typing and sliding are gathered first.
    """

    changed = Signal()

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        today: Callable[[], date] = date.today,
        debounce_ms: int = DEBOUNCE_MS,
    ) -> None:
        super().__init__(parent)
        self._today = today
        self._filters = Filters()
        self._order = Order.SIMILARITY
        self._has_query = False
        self._folders: list[Path] = []
        self._scores: Sequence[float] = ()
        self._known_from = 0
        self._score_panel: ScoreFilter | None = None
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(debounce_ms)
        self._settle.timeout.connect(self.changed)
        self._orientations = {
            "landscape": self.tr("Landscape"),
            "portrait": self.tr("Portrait"),
            "square": self.tr("Square"),
        }
        self._orders = {
            Order.SIMILARITY: self.tr("Similarity"),
            Order.DATE: self.tr("Date"),
            Order.NAME: self.tr("Name"),
        }
        self._make_controls()
        self._lay_out()
        self._show()

    def filters(self) -> Filters:
        """Return the filters; the least score means nothing without a query."""
        return self._filters

    def order(self) -> Order:
        """Return the order; similarity means by date without a query."""
        return self._order

    def set_filters(self, filters: Filters) -> None:
        """Show other filters without telling."""
        self._settle.stop()
        self._filters = filters
        self.name.fill(filters.name)
        self._show()

    def set_order(self, order: Order) -> None:
        """Show another order without telling."""
        self._order = order
        self._show()

    def set_folders(self, folders: Sequence[Path]) -> None:
        """Offer these folders, the ones of the library."""
        self._folders = list(folders)

    def set_has_query(self, has_query: bool) -> None:
        """Offer what needs a query, or not."""
        if has_query != self._has_query:
            self._has_query = has_query
            self._show()

    def set_scores(self, scores: Sequence[float]) -> None:
        """Take the scores of the results shown, to say how many would stay."""
        self._scores = scores
        # What lies below the score asked for was not among the results.
        self._known_from = score_digits(self._filters.min_score or 0.0)
        self._show_staying()

    def focus(self) -> None:
        """Put the cursor where a file name can be typed."""
        self.name.setFocus()
        self.name.selectAll()

    def minimumSizeHint(self) -> QSize:
        return QSize(space(80), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show icons only where there is no room for words."""
        self._fit()

    # Making

    def _make_controls(self) -> None:
        self.folder = self._pill("folder", self.tr("Folder"), self._ask_folder, "folder")
        self.date = self._pill("calendar", self.tr("Date"), self._ask_date, "date")
        self.shape = self._pill(
            "rectangle-horizontal", self.tr("Shape"), self._ask_shape, "orientation"
        )
        self.score = self._pill("gauge", self.tr("Score"), self._ask_score, "min_score")
        self.sort = FilterPill("arrow-up-down", "", self)
        self.sort.clicked.connect(self._ask_order)
        self.name = NameField(self)
        self.name.typed.connect(self._typed)
        self.clear = QPushButton(self.tr("Clear"), self)
        self.clear.setToolTip(self.tr("Clear all filters"))
        set_kind(self.clear, "link")
        self.clear.clicked.connect(lambda: self._change(Filters()))
        self._pills = (self.folder, self.date, self.shape, self.score)

    def _pill(self, name: str, title: str, ask: Callable[[], None], part: str) -> FilterPill:
        pill = FilterPill(name, title, self)
        pill.clicked.connect(ask)
        pill.cleared.connect(lambda: self._clear(part))
        return pill

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(space(3), space(2), space(3), space(2))
        row.setSpacing(space(2))
        for pill in self._pills:
            row.addWidget(pill)
        row.addWidget(self.name, 1)
        row.addWidget(self.clear)
        row.addStretch(1)
        row.addWidget(self.sort)

    # Showing

    def _show(self) -> None:
        now = self._filters
        folder = now.folder
        self.folder.set_value(
            name_text(folder) if folder else "", path_text(folder) if folder else ""
        )
        self.date.set_value(period_text(Period(now.taken_from, now.taken_to)))
        self.shape.set_value(self._orientations.get(now.orientation or "", ""))
        digits = score_digits(now.min_score or 0.0)
        self.score.set_value(f"≥ {digits}" if digits else "")
        self.score.setVisible(self._has_query)
        self.sort.set_title(self._orders[self._order_now()], self.tr("Order of the photos"))
        shown = now if self._has_query else replace(now, min_score=None)
        self.clear.setVisible(shown != Filters())
        self._show_staying()
        self._fit()

    def _show_staying(self) -> None:
        if self._score_panel is None:
            return
        digits = score_digits(self._filters.min_score or 0.0)
        known = digits >= self._known_from
        staying = sum(score_digits(score) >= digits for score in self._scores)
        self._score_panel.set_staying(staying if known else None)

    def _fit(self) -> None:
        row = self.layout()
        if row is None:
            return
        pills = [pill for pill in self._pills if not pill.isHidden()]
        rest = self.name.sizeHint().width() + self.sort.full_width()
        rest += 0 if self.clear.isHidden() else self.clear.sizeHint().width() + space(2)
        rest += space(2) * (len(pills) + 2) + 2 * space(3)
        wanted = rest + sum(pill.full_width() for pill in pills)
        # Only as many words go as there is no room for, from the right.
        for pill in reversed(pills):
            pill.set_compact(wanted > self.width())
            wanted += pill.sizeHint().width() - pill.full_width()
        row.setSpacing(space(2 if wanted <= self.width() else 1))
        # The order says more than a filter that is not set, so it gives way last.
        self.sort.set_compact(rest + sum(pill.sizeHint().width() for pill in pills) > self.width())

    # Changing

    def _change(self, filters: Filters, *, soon: bool = False) -> None:
        if filters == self._filters:
            return
        if soon:
            self._filters = filters
            self._show()
            self._settle.start()
        else:
            self.set_filters(filters)
            self.changed.emit()

    def _clear(self, part: str) -> None:
        now = self._filters
        without = {
            "folder": replace(now, folder=None),
            "date": replace(now, taken_from=None, taken_to=None),
            "orientation": replace(now, orientation=None),
            "min_score": replace(now, min_score=None),
        }
        self._change(without[part])

    def _typed(self) -> None:
        self._change(replace(self._filters, name=self.name.wanted()), soon=True)

    def _ask_folder(self) -> None:
        now = self._filters.folder
        offered = [*self._folders] if now is None or now in self._folders else [*self._folders, now]
        choices = [Choice(self.tr("All folders"), now is None, lambda: self._clear("folder"))]
        for folder in offered:
            choices.append(
                Choice(path_text(folder), folder == now, partial(self.search_in, folder))
            )
        pop_up(self.folder, choices, (self.tr("Another folder…"), self._choose_folder))

    def search_in(self, folder: Path) -> None:
        """Keep to the photos in a folder and those below it."""
        self._change(replace(self._filters, folder=folder))

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("Search in this folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        if self._folders:
            dialog.setDirectory(str(self._folders[0]))
        dialog.filesSelected.connect(lambda names: self.search_in(Path(names[0])))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_shape(self) -> None:
        now = self._filters.orientation
        choices = [Choice(self.tr("Any shape"), now is None, lambda: self._clear("orientation"))]
        for key, text in self._orientations.items():
            wanted = replace(self._filters, orientation=key)
            choices.append(Choice(text, key == now, partial(self._change, wanted)))
        pop_up(self.shape, choices)

    def _ask_order(self) -> None:
        choices = [
            Choice(text, order is self._order_now(), partial(self._choose_order, order))
            for order, text in self._orders.items()
            if order is not Order.SIMILARITY or self._has_query
        ]
        pop_up(self.sort, choices)

    def _choose_order(self, order: Order) -> None:
        if order is not self._order_now():
            self.set_order(order)
            self.changed.emit()

    def _order_now(self) -> Order:
        ranked = self._order is Order.SIMILARITY
        return Order.DATE if ranked and not self._has_query else self._order

    def _ask_date(self) -> None:
        period = Period(self._filters.taken_from, self._filters.taken_to)
        panel = DateFilter(period, self._today())
        popover = Popover(self.date, panel)
        panel.chosen.connect(
            lambda period: self._change(
                replace(self._filters, taken_from=period.first, taken_to=period.last)
            )
        )
        panel.finished.connect(popover.close_now)
        popover.open()

    def _ask_score(self) -> None:
        panel = ScoreFilter(score_digits(self._filters.min_score or 0.0))
        popover = Popover(self.score, panel)
        panel.chosen.connect(self._slide)
        popover.closed.connect(self._forget_panel)
        self._score_panel = panel
        self._show_staying()
        popover.open()

    def _slide(self, digits: int) -> None:
        least = least_score(digits) if digits else None
        self._change(replace(self._filters, min_score=least), soon=True)

    def _forget_panel(self) -> None:
        self._score_panel = None
