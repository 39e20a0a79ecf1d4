"""The row of filters below the query, and the order of the photos. Runs on the GUI thread."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from twinlens.gui.arrangement import Order
from twinlens.gui.choice_menu import Choice, pop_up
from twinlens.gui.controls import single_shot
from twinlens.gui.date_filter import Period, period_text
from twinlens.gui.filter_menus import FilterMenus, has_proven, without_query
from twinlens.gui.filter_pill import FilterPill
from twinlens.gui.least_filter import LeastFilter
from twinlens.gui.name_field import NameField
from twinlens.gui.theme import set_kind, space
from twinlens.gui.wording import name_text, path_text
from twinlens.records import Filters, Tile

DEBOUNCE_MS = 120
#: Letters from which on what is typed is taken for a word.
LEAST_WORD = 3


class FiltersBar(QWidget):
    """What the photos must satisfy, and how they are ordered.

    Signals:
        changed(): `filters()` or `order()` is another; typing and sliding are gathered first.
        words_wanted(str): somebody types this; `offer_words` may follow.
    """

    changed = Signal()
    words_wanted = Signal(str)

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        today: Callable[[], date] = date.today,
        debounce_ms: int = DEBOUNCE_MS,
    ) -> None:
        super().__init__(parent)
        self._filters = Filters()
        self._order = Order.SIMILARITY
        self._has_query = False
        self._has_proven = False
        self._settle = single_shot(self, debounce_ms, self.changed.emit)
        self._typing = single_shot(self, debounce_ms, self._take_name)
        self._no_word = ""
        self._menus = FilterMenus(self, self.filters, self._change, today)
        self._make_controls()
        self._lay_out()
        self._show()

    def filters(self) -> Filters:
        """Return the filters; what a result must reach means nothing without a query."""
        return self._filters

    def order(self) -> Order:
        """Return the order; similarity means surest first, or by date, without a query."""
        return self._order

    def set_filters(self, filters: Filters) -> None:
        """Show other filters without telling."""
        self._settle.stop()
        self._typing.stop()
        self._filters = filters
        self.name.fill(filters.name)
        self._show()

    def set_order(self, order: Order) -> None:
        """Show another order without telling."""
        self._order = order
        self._show()

    def set_folders(self, folders: Sequence[Path]) -> None:
        """Offer these folders, the ones of the library."""
        self._menus.set_folders(folders)

    def set_has_query(self, has_query: bool) -> None:
        """Offer what needs a query, or not."""
        if has_query != self._has_query:
            self._has_query = has_query
            if has_query:  # What is like a photo of a gallery may lie anywhere.
                self._filters = replace(self._filters, among=None)
            self._show()

    def set_results(self, tiles: Sequence[Tile]) -> None:
        """Take the results shown, to say how many would stay."""
        self.least.set_results(tiles, self._filters)
        self._has_proven = has_proven(tiles)
        self._show()

    def set_note(self, sentence: str) -> None:
        """Say below the filters what they do not find; "" for nothing."""
        self.note.setText(sentence)
        self.note.setVisible(bool(sentence))

    def offer_words(self, text: str, words: list[str]) -> None:
        """Offer labels for what is being typed; without any it is meant for file names."""
        if text == self.name.wanted():
            self.name.offer(words)
            # Whoever types "IMG_12" means a file and need not be told.
            is_word = len(text) >= LEAST_WORD and text.replace(" ", "").isalpha()
            self._no_word = text if is_word and not words else ""
            if not self._typing.isActive():
                self._take_name()

    def search_for(self, label: str) -> None:
        """Keep to the photos that show something; what was typed for it goes."""
        self._change(replace(self._filters, label=label, name=None))

    def focus(self) -> None:
        """Put the cursor where a word or a file name can be typed."""
        self.name.setFocus()
        self.name.selectAll()

    def minimumSizeHint(self) -> QSize:
        return QSize(space(80), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show icons only where there is no room for words."""
        self._fit()

    # Making

    def _make_controls(self) -> None:
        menus = self._menus
        self.folder = self._pill("folder", self.tr("Folder"), menus.ask_folder, "folder")
        self.date = self._pill("calendar", self.tr("Date"), menus.ask_date, "taken_from taken_to")
        self.shape = self._pill(
            "rectangle-horizontal", self.tr("Shape"), menus.ask_shape, "orientation"
        )
        self.least = LeastFilter(self)
        self.least.changed.connect(lambda filters: self._change(filters, soon=True))
        self.score = self._pill(
            "gauge",
            "",
            lambda pill: self.least.ask(pill, self._filters),
            "min_score min_probability",
        )
        self.label = self._pill("tag", self.tr("Shows"), lambda _: self.focus(), "label")
        self.match = self._pill("blend", self.tr("Match"), menus.ask_match, "match")
        self.sort = FilterPill("arrow-up-down", "", self)
        self.sort.clicked.connect(self._ask_order)
        self.name = NameField(self)
        self.name.typed.connect(self._typed)
        self.name.name_meant.connect(self._take_name)
        self.name.word_chosen.connect(self.search_for)
        self.clear = QPushButton(self.tr("Clear"), self)
        self.clear.setToolTip(self.tr("Clear all filters"))
        set_kind(self.clear, "link")
        self.clear.clicked.connect(lambda: self._change(Filters()))
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        set_kind(self.note, "secondary")
        self.note.hide()
        self._pills = (self.folder, self.date, self.shape, self.score, self.match, self.label)

    def _pill(
        self, name: str, title: str, ask: Callable[[FilterPill], None], parts: str
    ) -> FilterPill:
        """Return a pill for those parts of the filters."""
        pill = FilterPill(name, title, self)
        pill.clicked.connect(lambda: ask(pill))
        without = dict.fromkeys(parts.split())
        pill.cleared.connect(lambda: self._change(replace(self._filters, **without)))
        return pill

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(space(3), space(2), space(3), space(2))
        column.setSpacing(space(1))
        self._row = row = QHBoxLayout()
        column.addLayout(row)
        column.addWidget(self.note)
        row.setSpacing(space(2))
        for pill in self._pills:
            row.addWidget(pill)
        # The field takes what is free first, up to its largest width.
        row.addWidget(self.name, 100)
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
        self.shape.set_value(self._menus.orientations.get(now.orientation or "", ""))
        self.least.show(self.score, now)
        self.score.setVisible(self._has_query)
        self.match.set_value(self._menus.matches[now.match] if now.match else "")
        self.match.setVisible(self._has_query and (self._has_proven or bool(now.match)))
        label = now.label or ""
        self.label.set_value(self.tr("Shows: {label}").format(label=label) if label else "", label)
        self.label.setVisible(bool(label))
        if not label:
            self._show_no_word()
        self.sort.set_title(self._orders()[self._order_now()], self.tr("Order of the photos"))
        self._fit()

    def _show_no_word(self) -> None:
        said = self.tr("Twinlens has no word “{text}” for what photos show; only file names count.")
        text = self._filters.name
        self.set_note(said.format(text=text) if text and text == self._no_word else "")

    def _fit(self) -> None:
        pills = [pill for pill in self._pills if not pill.isHidden()]
        now = self._filters
        now = now if self._has_query else without_query(now)
        set_any = now != Filters()
        gaps = space(2) * (len(pills) + 2) + 2 * space(3)
        rest = self.name.sizeHint().width() + self.sort.full_width() + gaps
        rest += self.clear.sizeHint().width() if set_any else 0
        wanted = rest + sum(pill.full_width() for pill in pills)
        # Only as many words go as there is no room for, from the right.
        for pill in reversed(pills):
            pill.set_compact(wanted > self.width())
            wanted += pill.sizeHint().width() - pill.full_width()
        self._row.setSpacing(space(2 if wanted <= self.width() else 1))
        # The order says more than a filter that is not set, so it gives way last.
        spare = self.name.sizeHint().width() - self.name.minimumWidth()
        self.sort.set_compact(wanted - spare > self.width())
        least = sum(pill.minimumSizeHint().width() for pill in (*pills, self.sort)) + gaps
        least += self.name.minimumWidth() + self.clear.sizeHint().width()
        # Every pill has a cross of its own.
        self.clear.setVisible(set_any and least <= self.width())

    # Changing

    def _change(self, filters: Filters, *, soon: bool = False) -> None:
        if filters == self._filters:
            # A word that holds already may have been typed once more.
            self.name.fill(filters.name)
            return
        if soon:
            self._filters = filters
            self._show()
            self._settle.start()
        else:
            self.set_filters(filters)
            self.changed.emit()

    def _typed(self) -> None:
        self._typing.start()
        if text := self.name.wanted():
            self.words_wanted.emit(text)
        else:
            self.name.offer([])

    def _take_name(self) -> None:
        """Look for what was typed in file names, unless it may become a word yet."""
        if self.name.offering is None:
            self._typing.stop()
            self._change(replace(self._filters, name=self.name.wanted()))

    def _orders(self) -> dict[Order, str]:
        best = self.tr("Similarity") if self._has_query else self.tr("Surest first")
        return {
            Order.SIMILARITY: best,
            Order.DATE: self.tr("Date"),
            Order.NAME: self.tr("Name"),
        }

    def _ask_order(self) -> None:
        choices = [
            Choice(text, order is self._order_now(), partial(self._choose_order, order))
            for order, text in self._orders().items()
            if order is not Order.SIMILARITY or self._is_ranked()
        ]
        pop_up(self.sort, choices)

    def _choose_order(self, order: Order) -> None:
        if order is not self._order_now():
            self.set_order(order)
            self.changed.emit()

    def _order_now(self) -> Order:
        ranked = self._order is Order.SIMILARITY
        return Order.DATE if ranked and not self._is_ranked() else self._order

    def _is_ranked(self) -> bool:
        """Return whether some photos are better answers than others."""
        return self._has_query or self._filters.label is not None
