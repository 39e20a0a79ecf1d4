"""The page of galleries: what to show of them, the cards, and why there are none. GUI thread."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from twinlens.gui import gallery_states
from twinlens.gui.choice_menu import Choice, pop_up
from twinlens.gui.controls import set_tab_order, text_button
from twinlens.gui.empty_state import Emptiness, EmptyState
from twinlens.gui.filter_pill import FilterPill
from twinlens.gui.galleries_model import GalleriesModel
from twinlens.gui.galleries_view import GalleriesView
from twinlens.gui.gallery_cards import Sort, arranged
from twinlens.gui.theme import icon, set_kind, space
from twinlens.gui.thumbnail_loader import ThumbnailLoader
from twinlens.gui.trail_bar import Crumbs
from twinlens.records import Gallery

SLIDER_STEPS, FIELD_MOST, FIELD_LEAST = 28, 220, 90
#: Below this width the ends of the slider go without words.
WORDS_FROM = 720


class GalleriesPage(QWidget):
    """Cards of galleries, with a field for titles, an order and a level.

    Signals:
        level_chosen(int): another level, 0 the finest.
        refresh_requested(): what is new is to be shown.
        step_chosen(int): back to a step of the way, 0 the first.
        chosen(str): the act of a button where there are no galleries.
    """

    level_chosen = Signal(int)
    refresh_requested = Signal()
    step_chosen = Signal(int)
    chosen = Signal(str)

    def __init__(self, loader: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._all: Sequence[Gallery] = ()
        self._sort = Sort.SIZE
        self.model = GalleriesModel()
        self.view = GalleriesView(self.model, loader)
        self.empty = EmptyState()
        self.empty.say(gallery_states.getting_ready())
        self.empty.chosen.connect(self._on_empty)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.empty)
        self.setFocusProxy(self.view)
        self._make_tools()
        self._lay_out()

    @property
    def offer(self) -> str:
        """What the chip says; empty when there is none."""
        return self.chip.text().strip() if not self.chip.isHidden() else ""

    def show_galleries(self, galleries: Sequence[Gallery], *, keep_place: bool = False) -> None:
        """Show galleries; with `keep_place` the one the keyboard is on stays the current one."""
        self._all = galleries
        self._arrange(keep_place=keep_place)

    def change(self, gallery: Gallery) -> None:
        """Show what is known of a gallery by now; it stays where it is."""
        self._all = [gallery if one.gallery == gallery.gallery else one for one in self._all]
        self.model.change(gallery)

    def show_way(self, titles: Sequence[str]) -> None:
        """Say where one is; inside of a gallery there is but one level."""
        self.crumbs.show_way(titles)
        self._levels.setVisible(len(titles) == 1)

    def set_level(self, level: int) -> None:
        """Show which level holds, without telling."""
        before = self.level.blockSignals(True)
        self.level.setValue(level)
        self.level.blockSignals(before)

    def say(self, emptiness: Emptiness) -> None:
        """Show why there are no galleries."""
        had_focus = self.view.hasFocus()
        self.empty.say(emptiness)
        self._stack.setCurrentWidget(self.empty)
        if had_focus:
            self.empty.setFocus()

    def offer_refresh(self, text: str) -> None:
        """Offer in words to show what is new; "" withdraws the offer."""
        self.chip.setVisible(bool(text))
        self.chip.setText(f" {text}")
        self.chip.setAccessibleName(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave words out where there is no room for them."""
        super().resizeEvent(event)
        wide = self.width() >= WORDS_FROM
        for word in self._words:
            word.setVisible(wide)
        self.sort.set_compact(not wide)

    def _arrange(self, *, keep_place: bool = False) -> None:
        current = self.view.current() if keep_place else None
        scrolled = self.view.verticalScrollBar().value()
        shown = arranged(self._all, self._sort, self.field.text())
        self.model.set_galleries(shown)
        if not shown and self._all:
            self.say(gallery_states.no_title(self.field.text().strip()))
            return
        if self._stack.currentWidget() is not self.view:
            had_focus = self.empty.hasFocus()
            self._stack.setCurrentWidget(self.view)
            if had_focus:
                self.view.setFocus()
        row = self.model.row_of(current.gallery) if current is not None else None
        if row is not None:
            self.view.verticalScrollBar().setValue(scrolled)
            self.view.go_to(row)
        elif self.view.hasFocus():
            self.view.go_to(0)

    def _on_empty(self, act: str) -> None:
        if act == "clear_titles":
            self.field.clear()
            self.view.setFocus()
        elif act == "coarser":
            self.level.setValue(self.level.value() + 1)
        else:
            self.chosen.emit(act)

    def _ask_sort(self) -> None:
        choices = [
            Choice(text, sort is self._sort, lambda sort=sort: self._choose_sort(sort))  # type: ignore[misc]
            for sort, text in self._sorts().items()
        ]
        pop_up(self.sort, choices)

    def _choose_sort(self, sort: Sort) -> None:
        self._sort = sort
        self.sort.set_title(self._sorts()[sort], self.tr("Order of the galleries"))
        self._arrange(keep_place=True)

    def _sorts(self) -> dict[Sort, str]:
        return {
            Sort.SIZE: self.tr("Size"),
            Sort.DATE: self.tr("Date"),
            Sort.TITLE: self.tr("Title"),
        }

    def _make_tools(self) -> None:
        self.crumbs = Crumbs(self, kind="title")
        self.crumbs.chosen.connect(self.step_chosen)
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(self.tr("Title"))
        self.field.setAccessibleName(self.tr("Show galleries whose title has this"))
        self.field.setToolTip(self.tr("Show galleries whose title has this"))
        self.field.setClearButtonEnabled(True)
        self.field.setAcceptDrops(False)
        self.field.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.field.setMaximumWidth(FIELD_MOST)
        self.field.setMinimumWidth(FIELD_LEAST)
        self.field.textChanged.connect(lambda: self._arrange())
        self.sort = FilterPill("arrow-up-down", "", self)
        self.sort.clicked.connect(self._ask_sort)
        self.sort.set_title(self._sorts()[self._sort], self.tr("Order of the galleries"))
        self.level = QSlider(Qt.Orientation.Horizontal, self)
        self.level.setRange(0, gallery_states.COARSEST)
        self.level.setPageStep(1)
        self.level.setFixedWidth(space(SLIDER_STEPS))
        said = self.tr("How much goes into one gallery: few photos, or many")
        self.level.setAccessibleName(said)
        self.level.setToolTip(said)
        self.level.valueChanged.connect(self.level_chosen)
        self._words = [QLabel(self.tr("Finer")), QLabel(self.tr("Coarser"))]
        self._levels = QWidget(self)
        row = QHBoxLayout(self._levels)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space(2))
        for widget in (self._words[0], self.level, self._words[1]):
            row.addWidget(widget)
        for word in self._words:
            set_kind(word, "secondary")
        tip = self.tr("Show what is new (F5)")
        self.chip: QPushButton = text_button("refresh-cw", "", tip)
        self.chip.setAccessibleName(tip)
        self.chip.clicked.connect(self.refresh_requested)
        self.chip.hide()

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.setContentsMargins(space(3), space(3), space(3), space(1))
        tools.setSpacing(space(2))
        tools.addWidget(self.crumbs, 1)
        tools.addWidget(self._levels)
        tools.addSpacing(space(1))
        tools.addWidget(self.field)
        tools.addWidget(self.sort)
        offer = QHBoxLayout()
        offer.setContentsMargins(*(space(1),) * 4)
        offer.addStretch(1)
        offer.addWidget(self.chip)
        offer.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(tools)
        column.addWidget(self._stack, 1)
        column.addLayout(offer)
        set_tab_order(self.level, self.field, self.sort, self.view, self.empty, self.chip)
