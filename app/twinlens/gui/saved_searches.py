"""Keeps searches under a name, and opens, renames and forgets them. Runs on the GUI thread."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from twinlens.errors import AppError
from twinlens.gui.save_popover import SavePopover
from twinlens.gui.searching import Ask
from twinlens.gui.wording import whole
from twinlens.records import Example, Query, SavedSearch

if TYPE_CHECKING:
    from twinlens.gui.main_window import MainWindow

T = TypeVar("T")


class SavedSearches(QObject):
    """The named searches of one window.

    Signals:
        opened(object): a Query that is to be asked.
    """

    opened = Signal(object)

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._messages = window.browser.messages
        self._names: tuple[str, ...] = ()
        #: What was asked when a search was opened or kept; as long as that is asked, it is open.
        self._asked: dict[str, Ask] = {}
        side = window.sidebar
        side.search_selected.connect(self.open)
        side.search_renamed.connect(self.rename)
        side.search_forgotten.connect(self.forget)

    def set_names(self, names: tuple[str, ...]) -> None:
        """Know which searches there are."""
        self._names = names

    def name_of(self, ask: Ask) -> str:
        """Return the name of the search that asks this; empty for none."""
        return next((name for name, asked in self._asked.items() if _same(asked, ask)), "")

    def ask_name(self) -> None:
        """Ask for a name, below the button of the tray, and keep what is asked now."""
        searching, tray = self._window.conductor.searching, self._window.browser.tray
        if not tray.examples() or self._session.read_only:
            return
        ask = searching.ask
        popover = SavePopover(tray.tools.save, self._derived_from(ask), self._names)
        popover.chosen.connect(lambda name: self._save(name, ask))
        popover.open()

    def open(self, name: str) -> None:
        """Ask a search anew."""

        def done(found: SavedSearch) -> None:
            if can_be_asked(found.query):
                self.opened.emit(found.query)
                self._asked[name] = self._window.conductor.searching.ask
            if found.missing:
                self._messages.say("attention", self._missing_text(found), passing=True)

        self._act(lambda: self._found(name), done)

    def rename(self, name: str, new: str) -> None:
        """Give a search another name."""
        new = new.strip()
        if not new or new == name:
            return

        def done(_: object) -> None:
            if name in self._asked:
                self._asked[new] = self._asked.pop(name)

        self._act(lambda: self._session.door.library.rename_search(name, new), done)

    def forget(self, name: str) -> None:
        """Keep a search no longer; offers to take it back."""

        def work() -> Query:
            # Its pictures go with it: who takes it back wants them too.
            query = self._found(name).query
            self._session.door.library.forget_search(name)
            return query

        def done(query: Query) -> None:
            self._asked.pop(name, None)
            self._messages.say(
                "good",
                self.tr("The search “{name}” is forgotten. The photos are untouched.").format(
                    name=name
                ),
                self.tr("Take it back"),
                lambda: self._keep(name, query),
            )

        self._act(work, done)

    def _save(self, name: str, ask: Ask) -> None:
        self._keep(name, Query(ask.examples, ask.filters, marks=ask.marks))
        self._asked[name] = ask

    def _keep(self, name: str, query: Query) -> None:
        def done(_: object) -> None:
            self._messages.say("good", self.tr("“{name}” is kept.").format(name=name))

        self._act(lambda: self._session.door.library.save_search(name, query), done)

    def _found(self, name: str) -> SavedSearch:
        """Return a search whose pictures outlive it. Runs on the library lane."""
        from twinlens.library.saved import FOLDER

        found = self._session.door.library.saved_search(name)
        kept = self._session.door.library.folder / FOLDER
        query = replace(
            found.query,
            examples=tuple(_loaded(example, kept) for example in found.query.examples),
            marks=tuple(_loaded(mark, kept) for mark in found.query.marks),
        )
        return replace(found, query=query)

    def _derived_from(self, ask: Ask) -> str:
        """Return the name of the search that was opened and then taught or narrowed."""
        if name := self.name_of(ask):
            return name
        akin = (name for name, was in self._asked.items() if was.examples == ask.examples)
        return next(akin, "")

    def _missing_text(self, found: SavedSearch) -> str:
        if not can_be_asked(found.query):
            return self.tr("The pictures of “{name}” cannot be had any more.").format(
                name=found.name
            )
        if found.missing == 1:
            text = self.tr("1 picture of “{name}” cannot be had any more; the others are asked.")
        else:
            text = self.tr(
                "{count} pictures of “{name}” cannot be had any more; the others are asked."
            )
        return text.format(name=found.name, count=whole(found.missing))

    def _act(self, work: Callable[[], T], done: Callable[[T], None]) -> None:
        def finished(result: T) -> None:
            done(result)
            self._window.conductor.keeping.refresh()

        def failed(error: AppError) -> None:
            self._messages.say("failed", str(error), passing=True)
            # What the sidebar shows may be out of date.
            self._window.conductor.keeping.refresh()

        self._session.tasks.run("library", work, finished, failed)


def can_be_asked(query: Query) -> bool:
    """Tell whether there is something left to look for."""
    return not all(example.negative for example in query.examples)


def _same(a: Ask, b: Ask) -> bool:
    return replace(a, order=b.order) == b


def _loaded(example: Example, kept: Path) -> Example:
    """Return an example without its file where that file is only kept for the search."""
    if example.path is None or example.path.parent != kept:
        return example
    return replace(example, path=None, data=example.path.read_bytes())
