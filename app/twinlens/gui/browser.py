"""The middle of the window: query, then the photos or another page. GUI thread."""

from PySide6.QtCore import QItemSelectionModel, Signal
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from twinlens.gui import theme
from twinlens.gui.arrangement import Arrangement
from twinlens.gui.controls import text_button
from twinlens.gui.empty_state import Emptiness, EmptyState
from twinlens.gui.failures_view import FailuresView
from twinlens.gui.filters_bar import FiltersBar
from twinlens.gui.galleries_page import GalleriesPage
from twinlens.gui.help_pages import AboutPage, ShortcutsPage
from twinlens.gui.judge_page import JudgePage
from twinlens.gui.map_page import MapPage
from twinlens.gui.messages import MessageBar
from twinlens.gui.mime import Payload
from twinlens.gui.offers import offer_text
from twinlens.gui.query_tray import QueryTray
from twinlens.gui.results_model import ResultsModel
from twinlens.gui.results_view import ResultsView
from twinlens.gui.session import Session
from twinlens.gui.settings_page import SettingsPage
from twinlens.gui.thumbnail_loader import ThumbnailLoader
from twinlens.gui.trail_bar import TrailBar

PHOTOS, EMPTY, FAILURES = "photos", "empty", "failures"
SETTINGS, SHORTCUTS, ABOUT = "settings", "shortcuts", "about"
JUDGE, GALLERIES, MAP = "judge", "galleries", "map"
DUPLICATES, PLAN, CLEAN_UPS = "duplicates", "plan", "clean-ups"
#: What the sidebar marks where another page than photos is in view.
PLACES = {
    FAILURES: FAILURES,
    SETTINGS: SETTINGS,
    JUDGE: SETTINGS,
    GALLERIES: GALLERIES,
    MAP: MAP,
    DUPLICATES: DUPLICATES,
    PLAN: DUPLICATES,
    CLEAN_UPS: DUPLICATES,
}
#: The query and the filters belong to these pages only.
ASKING = {PHOTOS, EMPTY}


class Browser(QWidget):
    """Stacks the pages below the query.

    What comes unasked, messages and the offer of new photos, has its place below the pages: they
    give way at their lower end, so that nothing moves and nothing is covered.

    Signals:
        page_changed(str): another page is in view.
        refresh_requested(): the chip that offers new photos was pressed.
        copies_requested(): the chip that offers copies was pressed.
    """

    page_changed = Signal(str)
    refresh_requested = Signal()
    copies_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tray = QueryTray(session.door, session.tasks)
        # The whole window is the target of drops.
        self.tray.setAcceptDrops(False)
        self.filters = FiltersBar()
        self.messages = MessageBar()
        self.model = ResultsModel()
        self.tray.marks.changed.connect(lambda: self.model.set_marks(self.tray.marks.all()))
        self.loader = ThumbnailLoader(session.door.thumbnail)
        self.grid = ResultsView(self.model, self.loader)
        self.trail = TrailBar()
        self.galleries = GalleriesPage(self.loader)
        self.map = MapPage(self.loader)
        self.empty = EmptyState()
        self.failures = FailuresView()
        self.settings = SettingsPage()
        self.judge = JudgePage()
        self.shortcuts = ShortcutsPage()
        self.about = AboutPage()
        self._pages: dict[str, QWidget] = {
            PHOTOS: self.grid,
            EMPTY: self.empty,
            FAILURES: self.failures,
            SETTINGS: self.settings,
            JUDGE: self.judge,
            GALLERIES: self.galleries,
            MAP: self.map,
            SHORTCUTS: self.shortcuts,
            ABOUT: self.about,
        }
        self._stack = QStackedWidget()
        for page in self._pages.values():
            self._stack.addWidget(page)
        self._page = EMPTY
        self._chip = self._made_chip("refresh-cw", self.tr("Show what is new (F5)"))
        self._chip.clicked.connect(self.refresh_requested)
        tip = self.tr("Put the photos that were found to show the same first")
        self._copies = self._made_chip("arrow-up-to-line", tip)
        self._copies.clicked.connect(self.copies_requested)
        self._room = QWidget()
        self._lay_out()
        self.set_has_photos(False)
        self.show_page(EMPTY)

    @property
    def page(self) -> str:
        """The page in view."""
        return self._page

    def add_page(self, name: str, page: QWidget) -> None:
        """Take one more page, which `show_page` brings into view."""
        self._pages[name] = page
        self._stack.addWidget(page)

    def show_page(self, name: str) -> None:
        """Bring a page into view."""
        said = self.empty.shown
        asking = name == PHOTOS or (name == EMPTY and said is not None and said.asks)
        self._asking.setVisible(asking)
        self._stack.setCurrentWidget(self._pages[name])
        if name == FAILURES:
            self.failures.setFocus()
        if name != self._page:
            self._page = name
            self.page_changed.emit(name)
        self._fit_foot()

    def set_tiles(
        self, arrangement: Arrangement, *, keep_place: bool, keep_row: bool = False
    ) -> None:
        """Show other photos; the keyboard goes to the first one where it had been on another.

        Args:
            arrangement: the photos.
            keep_place: stay with the photos that are looked at.
            keep_row: stay at the place in the list, whatever photo comes to lie there.
        """
        row, bar = self.grid.currentIndex().row(), self.grid.verticalScrollBar()
        at_keyboard = self.grid.hasFocus() and row >= 0
        scrolled = bar.value()
        self.model.set_arrangement(arrangement, keep_place=keep_place)
        if keep_row and not keep_place:
            bar.setValue(scrolled)
        if at_keyboard and arrangement.tiles and not self.grid.currentIndex().isValid():
            first = self.model.index(min(row, len(arrangement.tiles) - 1) if keep_row else 0, 0)
            unchanged = QItemSelectionModel.SelectionFlag.NoUpdate
            self.grid.selectionModel().setCurrentIndex(first, unchanged)

    def say_empty(self, emptiness: Emptiness) -> None:
        """Show why there are no photos."""
        self.empty.say(emptiness)
        had_focus = self.grid.hasFocus() or QApplication.focusWidget() is None
        self.show_page(EMPTY)
        if had_focus:
            self.empty.setFocus()

    def set_has_photos(self, has_photos: bool) -> None:
        """Show the filters only where there is something to filter."""
        self._has_photos = has_photos
        self.filters.setVisible(has_photos)

    def offer_of(self, payload: Payload) -> str:
        """Return what a drop on the window would do."""
        empty = not self._has_photos
        return offer_text(payload, occupied=bool(self.tray.state()), empty=empty)

    def offer_refresh(self, text: str) -> None:
        """Offer new photos in words; "" withdraws the offer."""
        self._offer(self._chip, text)

    def offer_copies(self, text: str) -> None:
        """Offer in words to put copies first; "" withdraws the offer."""
        self._offer(self._copies, text)

    def keep_room(self, height: int) -> None:
        """Keep so many pixels below the pages free for a message."""
        self._room.setFixedHeight(height)
        self._fit_foot()

    @property
    def offer(self) -> str:
        """What the chip says; empty when there is none."""
        return self._chip.text().strip() if self._chip.isEnabled() else ""

    @property
    def copies_offer(self) -> str:
        """What the chip for copies says; empty when there is none."""
        return self._copies.text().strip() if self._copies.isEnabled() else ""

    def close_loader(self) -> None:
        """Stop loading thumbnails."""
        self.loader.close()

    def _made_chip(self, icon: str, tip: str) -> QPushButton:
        chip = text_button(icon, "", tip)
        chip.setEnabled(False)
        chip.hide()
        return chip

    def _offer(self, chip: QPushButton, text: str) -> None:
        chip.setEnabled(bool(text))
        chip.setVisible(bool(text))
        if text:
            chip.setText(f" {text}")
            chip.setAccessibleName(text)
        self._fit_foot()

    def _fit_foot(self) -> None:
        offers = self._chip.isEnabled() or self._copies.isEnabled()
        self._offer_row.setVisible(offers and self._page == PHOTOS)
        # What stands in the middle of a page would move, and has nothing at its lower end.
        self._room.setVisible(self._room.maximumHeight() > 0 and self._page != EMPTY)

    def _lay_out(self) -> None:
        self._asking = QWidget()
        asking = QVBoxLayout(self._asking)
        asking.setContentsMargins(0, 0, 0, 0)
        asking.setSpacing(0)
        asking.addWidget(self.tray)
        asking.addWidget(self.trail)
        asking.addWidget(self.filters)
        self._offer_row = QWidget()
        offer = QHBoxLayout(self._offer_row)
        offer.setContentsMargins(*(theme.space(1),) * 4)
        offer.setSpacing(theme.space(2))
        offer.addStretch(1)
        offer.addWidget(self._copies)
        offer.addWidget(self._chip)
        offer.addStretch(1)
        self._room.setFixedHeight(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._asking)
        column.addWidget(self._stack, 1)
        column.addWidget(self._offer_row)
        column.addWidget(self._room)
