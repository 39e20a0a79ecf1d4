"""Leads from a result to why it matched, small and large. Runs on the GUI thread."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from twinlens.gui.compare_page import ComparePage
from twinlens.gui.searching import Answer
from twinlens.gui.wording import name_text
from twinlens.records import Example

if TYPE_CHECKING:
    from twinlens.gui.main_window import MainWindow


class Comparing(QObject):
    """Opens the page of one window that holds a result against the query."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._grid = window.browser.grid
        self._model = window.browser.model
        self._why = window.inspector.why
        self.page = ComparePage(window.session.door, window.session.tasks)
        window.add_page(self.page)
        self.page.closed.connect(self._close)
        self.page.stepped.connect(self._step)
        self._why.compare_requested.connect(self.open)
        # What was chosen in the one holds in the other.
        self._why.pair.mode_changed.connect(self.page.pair.set_mode)
        self.page.pair.mode_changed.connect(self._why.pair.set_mode)
        window.conductor.searching.answered.connect(self._on_answered)
        window.conductor.searching.verified.connect(lambda _: self._refresh())

    def open(self) -> None:
        """Show the photo in hand beside the query, large."""
        if self._show():
            self._window.show_page(self.page)

    def _show(self) -> bool:
        tile = self._grid.current_tile()
        query = None if tile is None else self._why.query_of(tile)
        if tile is None or query is None:
            return False
        self.page.show_pair(query, self._name_of(query), tile)
        return True

    def _name_of(self, query: Example) -> str:
        if query.path is not None:
            name = name_text(query.path)
        else:
            row = None if query.photo_id is None else self._model.row_of(query.photo_id)
            name = name_text(self._model.tile(row).path) if row is not None else ""
        return self.tr("Query: {name}").format(name=name) if name else self.tr("Query")

    def _step(self, by: int) -> None:
        row = self._grid.currentIndex().row() + by
        if 0 <= row < self._model.rowCount():
            self._grid.show_photo(self._model.tile(row).photo_id)
            self._show()

    def _close(self) -> None:
        self.page.pair.clear()
        self._window.show_browser()

    def _on_answered(self, answer: Answer, _again: bool) -> None:
        self._why.set_query(answer.ask.examples)
        self._refresh()

    def _refresh(self) -> None:
        if self.page.isVisible() and not self._show():
            self._close()
