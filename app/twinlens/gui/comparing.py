"""Leads from a result to why it matched, and from any two pictures. Runs on the GUI thread."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from twinlens.gui.compare_page import ComparePage
from twinlens.gui.picture_dialog import ask_pictures
from twinlens.gui.searching import Answer
from twinlens.gui.wording import name_text
from twinlens.records import Example, Tile

if TYPE_CHECKING:
    from twinlens.gui.main_window import MainWindow


class Comparing(QObject):
    """Opens the page of one window that holds two pictures against each other."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._grid = window.browser.grid
        self._model = window.browser.model
        self._why = window.inspector.why
        self._names: dict[int, str] = {}
        self.page = ComparePage(window.session.door, window.session.tasks)
        window.add_page(self.page)
        self.page.closed.connect(self._close)
        self.page.stepped.connect(self._step)
        self.page.dropped.connect(self.put)
        self.page.files_wanted.connect(self.ask_files)
        #: Any two pictures that are shown rather than a result.
        self._two: tuple[Example, Example] | None = None
        self._why.compare_requested.connect(self.open)
        # What was chosen in the one holds in the other.
        self._why.pair.mode_changed.connect(self.page.pair.set_mode)
        self.page.pair.mode_changed.connect(self._why.pair.set_mode)
        window.conductor.searching.answered.connect(self._on_answered)
        window.conductor.searching.verified.connect(lambda _: self._refresh())

    def open(self, chosen: Sequence[Tile] = ()) -> None:
        """Show two chosen photos, or the one in hand beside the query, large."""
        if len(chosen) == 2:
            one, other = chosen
            self._names = {tile.photo_id: name_text(tile.path) for tile in chosen}
            self._show_two(Example(photo_id=one.photo_id), Example(photo_id=other.photo_id))
            return
        self._two = None
        if self._show():
            self._window.show_page(self.page)

    def ask_files(self) -> None:
        """Ask for two pictures, or for one to hold against the one that is shown or in hand."""

        def chosen(paths: list[Path]) -> None:
            self.put([Example(path=path) for path in paths], left=False)

        ask_pictures(self._window, self.tr("Compare two pictures"), chosen)

    def put(self, examples: Sequence[Example], left: bool) -> None:
        """Compare two pictures, or one with the picture on the other half."""
        if len(examples) > 1:
            self._show_two(examples[0], examples[1])
            return
        first, second = self._now()
        other = second if left else first
        if other is None:
            text = self.tr("Comparing takes two pictures; choose both at once.")
            self._window.browser.messages.say("info", text)
            return
        self._show_two(*((examples[0], other) if left else (other, examples[0])))

    def _now(self) -> tuple[Example | None, Example | None]:
        """Return what is shown; where nothing is, the photo in hand is on both sides."""
        if self._two is not None and self.page.isVisible():
            return self._two
        tile = self._grid.current_tile()
        photo = None if tile is None else Example(photo_id=tile.photo_id)
        query = None if tile is None else self._why.query_of(tile)
        return (query if query is not None and self.page.isVisible() else photo), photo

    def _show_two(self, one: Example, other: Example) -> None:
        self._two = one, other
        self.page.show_two(self._two, (self._name(one), self._name(other)))
        self._window.show_page(self.page)

    def _show(self) -> bool:
        tile = self._grid.current_tile()
        query = None if tile is None else self._why.query_of(tile)
        if tile is None or query is None:
            return False
        self.page.show_pair(query, self._name_of(query), tile)
        return True

    def _name(self, example: Example) -> str:
        if example.path is not None:
            return name_text(example.path)
        if example.photo_id is None:
            return self.tr("Picture that was pasted")
        row = self._model.row_of(example.photo_id)
        if row is not None:
            return name_text(self._model.tile(row).path)
        return self._names.get(example.photo_id, "")

    def _name_of(self, query: Example) -> str:
        name = "" if query.data is not None else self._name(query)
        return self.tr("Query: {name}").format(name=name) if name else self.tr("Query")

    def _step(self, by: int) -> None:
        row = self._grid.currentIndex().row() + by
        if 0 <= row < self._model.rowCount():
            self._grid.show_photo(self._model.tile(row).photo_id)
            self._show()

    def _close(self) -> None:
        self._two = None
        self.page.pair.clear()
        self._window.show_browser()

    def _on_answered(self, answer: Answer, _again: bool) -> None:
        self._why.set_query(answer.ask.examples)
        self._refresh()

    def _refresh(self) -> None:
        if self.page.isVisible() and self._two is None and not self._show():
            self._close()
