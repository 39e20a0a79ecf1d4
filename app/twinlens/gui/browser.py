"""The middle of the window: query, message, then the photos or another page. GUI thread."""

from PySide6.QtCore import QEvent, QItemSelectionModel, QObject, Signal
from PySide6.QtWidgets import QApplication, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from twinlens.gui import theme
from twinlens.gui.arrangement import Arrangement
from twinlens.gui.controls import text_button
from twinlens.gui.empty_state import Emptiness, EmptyState
from twinlens.gui.failures_view import FailuresView
from twinlens.gui.filters_bar import FiltersBar
from twinlens.gui.help_pages import AboutPage, ShortcutsPage
from twinlens.gui.messages import MessageBar
from twinlens.gui.query_tray import QueryTray
from twinlens.gui.results_model import ResultsModel
from twinlens.gui.results_view import ResultsView
from twinlens.gui.session import Session
from twinlens.gui.settings_page import SettingsPage
from twinlens.gui.thumbnail_loader import ThumbnailLoader

PHOTOS, EMPTY, FAILURES = "photos", "empty", "failures"
SETTINGS, SHORTCUTS, ABOUT = "settings", "shortcuts", "about"
#: The query and the filters belong to these pages only.
ASKING = {PHOTOS, EMPTY}


class Browser(QWidget):
    """Stacks the pages below the query.

    Signals:
        page_changed(str): another page is in view.
        refresh_requested(): the chip that offers new photos was pressed.
    """

    page_changed = Signal(str)
    refresh_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tray = QueryTray(session.door, session.tasks)
        # The whole window is the target of drops.
        self.tray.setAcceptDrops(False)
        self.filters = FiltersBar()
        self.messages = MessageBar()
        self.model = ResultsModel()
        self.loader = ThumbnailLoader(session.door.thumbnail)
        self.grid = ResultsView(self.model, self.loader)
        self.empty = EmptyState()
        self.failures = FailuresView()
        self.settings = SettingsPage()
        self.shortcuts = ShortcutsPage()
        self.about = AboutPage()
        self._pages: dict[str, QWidget] = {
            PHOTOS: self.grid,
            EMPTY: self.empty,
            FAILURES: self.failures,
            SETTINGS: self.settings,
            SHORTCUTS: self.shortcuts,
            ABOUT: self.about,
        }
        self._stack = QStackedWidget()
        for page in self._pages.values():
            self._stack.addWidget(page)
        self._page = EMPTY
        self._chip = self._made_chip()
        self._lay_out()
        self.show_page(EMPTY)

    @property
    def page(self) -> str:
        """The page in view."""
        return self._page

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
        self._chip.setVisible(self._chip.isEnabled() and name == PHOTOS)

    def set_tiles(self, arrangement: Arrangement, *, keep_place: bool) -> None:
        """Show other photos; the keyboard goes to the first one where it had been on another."""
        at_keyboard = self.grid.hasFocus() and self.grid.currentIndex().isValid()
        self.model.set_arrangement(arrangement, keep_place=keep_place)
        if at_keyboard and arrangement.tiles and not self.grid.currentIndex().isValid():
            first = self.model.index(0, 0)
            unchanged = QItemSelectionModel.SelectionFlag.NoUpdate
            self.grid.selectionModel().setCurrentIndex(first, unchanged)

    def say_empty(self, emptiness: Emptiness) -> None:
        """Show why there are no photos."""
        self.empty.say(emptiness)
        had_focus = self.grid.hasFocus() or QApplication.focusWidget() is None
        self.show_page(EMPTY)
        if had_focus:
            self.empty.setFocus()

    def offer_refresh(self, text: str) -> None:
        """Offer new photos in words; "" withdraws the offer."""
        self._chip.setEnabled(bool(text))
        self._chip.setVisible(bool(text) and self._page == PHOTOS)
        if text:
            self._chip.setText(f" {text}")
            self._chip.setAccessibleName(text)
            self._place_chip()

    @property
    def offer(self) -> str:
        """What the chip says; empty when there is none."""
        return self._chip.text().strip() if self._chip.isEnabled() else ""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the chip in the middle of the grid."""
        if watched is self.grid and event.type() == QEvent.Type.Resize:
            self._place_chip()
        return super().eventFilter(watched, event)

    def take_messages(self) -> None:
        """Have the messages here again after another page has shown them."""
        if self._column.indexOf(self.message_row) < 0:
            self._column.insertWidget(1, self.message_row)

    def close_loader(self) -> None:
        """Stop loading thumbnails."""
        self.loader.close()

    def _made_chip(self) -> QPushButton:
        chip = text_button("refresh-cw", "", self.tr("Show what is new (F5)"), self.grid)
        chip.clicked.connect(self.refresh_requested)
        chip.setEnabled(False)
        chip.setVisible(False)
        self.grid.installEventFilter(self)
        return chip

    def _place_chip(self) -> None:
        self._chip.adjustSize()
        left = (self.grid.width() - self._chip.width()) // 2
        self._chip.move(left, theme.space(3))
        self._chip.raise_()

    def _lay_out(self) -> None:
        self._asking = QWidget()
        asking = QVBoxLayout(self._asking)
        asking.setContentsMargins(0, 0, 0, 0)
        asking.setSpacing(0)
        asking.addWidget(self.tray)
        asking.addWidget(self.filters)
        self.message_row = QWidget()
        margin = QVBoxLayout(self.message_row)
        margin.setContentsMargins(theme.space(2), 0, theme.space(2), 0)
        margin.addWidget(self.messages)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._asking)
        self._column.addWidget(self.message_row)
        self._column.addWidget(self._stack, 1)
