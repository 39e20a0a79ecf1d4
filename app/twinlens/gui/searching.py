"""From the query and the filters to ordered tiles, with a way back. Runs on the GUI thread."""

import logging
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from twinlens.errors import AppError
from twinlens.gui.arrangement import Arrangement, Order, arrange
from twinlens.gui.marks import ENOUGH
from twinlens.gui.proofs import Proofs
from twinlens.gui.session import Session
from twinlens.gui.tasks import Ticket
from twinlens.records import Example, Filters, Query

if TYPE_CHECKING:
    from twinlens.library import Library

log = logging.getLogger(__name__)

#: So many photos are ranked for the window; what comes after looks like nothing asked for.
MOST_HITS = 500
#: So many photos of a list come first, more than a screen holds; the rest follows.
FIRST_PHOTOS = 500
#: What the list of all photos is called among the tasks.
REST = "all photos"


@dataclass(frozen=True, slots=True)
class Ask:
    """Everything an answer depends on."""

    examples: tuple[Example, ...] = ()
    filters: Filters = field(default_factory=Filters)
    order: Order = Order.SIMILARITY
    marks: tuple[Example, ...] = ()

    @property
    def pictures(self) -> tuple[tuple[object, ...], ...]:
        """What makes it another query for the way back: pictures and signs, not their weights."""
        return tuple(
            (role, item.path, item.data, item.photo_id, item.negative, item.region)
            for role, items in enumerate((self.examples, self.marks))
            for item in items
        )

    @property
    def place(self) -> tuple[Path | str | tuple[int, ...] | None, ...]:
        """What the way back also stops at: folder, label, and photos chosen together."""
        return self.filters.folder, self.filters.label, self.filters.among

    @property
    def listing(self) -> str:
        """The order in which the library lists photos without pictures to compare them with."""
        if self.order is Order.SIMILARITY and self.filters.label is not None:
            return "label"
        return "name" if self.order is Order.NAME else "date"

    @property
    def query(self) -> Query:
        """What the library is asked; what is like an example is verified."""
        verify = bool(self.examples)
        filters = self.filters if verify else replace(self.filters, match=None)
        return Query(self.examples, filters, verify=verify, marks=self.marks)

    @property
    def wrong(self) -> frozenset[int]:
        """Photos that were called wrong."""
        return frozenset(
            mark.photo_id for mark in self.marks if mark.negative and mark.photo_id is not None
        )

    def differs_in_marks(self, other: "Ask") -> bool:
        """Tell whether only what was called right or wrong is another."""
        return self.marks != other.marks and replace(self, marks=other.marks) == other


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Tiles in order.

    `photos` is the size of the library they were taken from, `indexed` what the engine's status
    said of it and `model` the model then in use: later ones are compared with that. `looked` is how
    many of them were looked at for what they show, where that was asked for. Of a list that is not
    `complete` there are the first photos only.
    """

    ask: Ask
    arrangement: Arrangement
    seconds: float
    photos: int
    indexed: int
    model: str
    looked: int | None = None
    complete: bool = True


def listed(library: "Library", ask: Ask, most: int | None = None) -> Answer:
    """Return the photos that satisfy the filters; only the first `most` where they come at once."""
    # Asked for before the tiles: a photo that comes between is offered rather than lost.
    status = library.status()
    indexed = status.photos if status.model else library.photo_count()
    looked = library.labelled_count() if ask.filters.label else None
    started = time.perf_counter()
    order = ask.listing
    at_once = most is not None and order == "date" and not ask.filters.narrows
    tiles = library.browse(ask.filters, order, most if at_once else None)
    # They come in order: sorting 100,000 tiles once more would only cost time.
    ready = arrange(tiles, sections=order == "date")
    seconds = time.perf_counter() - started
    photos, complete = library.photo_count(), not at_once or len(tiles) != most
    return Answer(ask, ready, seconds, photos, indexed, status.model, looked, complete)


class Searching(QObject):
    """Asks the library on the "search" lane; a newer question supersedes an older one.

    Signals:
        answered(object, bool): an Answer; true when it is the list of before, brought up to date
            or completed.
        verified(object): an Answer that says more of what was answered.
        failed(object): an AppError.
        waiting(): the question is kept until the library is ready.
        moved(): the way back or forward has changed.
    """

    answered = Signal(object, bool)
    verified = Signal(object)
    failed = Signal(object)
    waiting = Signal()
    moved = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._steps: list[Ask] = []
        self._at = -1
        self._ticket: Ticket | None = None
        self._answered = True
        self._proofs = Proofs()
        self._waits = False
        session.ready.connect(self._on_ready)

    @property
    def ask(self) -> Ask:
        """The question now."""
        return self._steps[self._at] if self._steps else Ask()

    @property
    def busy(self) -> bool:
        """Whether an answer is on its way."""
        return self._ticket is not None and self._ticket.running and not self._answered

    @property
    def verifying(self) -> bool:
        """Whether there is an answer and more to say of it is on its way."""
        return self._ticket is not None and self._ticket.running and self._answered

    @property
    def can_go_back(self) -> bool:
        """Whether there is an earlier question."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether there is a later question."""
        return self._at + 1 < len(self._steps)

    def go(self, ask: Ask) -> None:
        """Ask something, and remember it where the pictures or the folder are others."""
        now = self.ask
        same = ask.pictures == now.pictures and ask.place == now.place
        if self._steps and same:
            self._steps[self._at] = ask
        else:
            del self._steps[self._at + 1 :]
            self._steps.append(ask)
            self._at = len(self._steps) - 1
        self.moved.emit()
        self._run(again=False)

    def again(self) -> None:
        """Ask the same once more, for what is new."""
        self._run(again=True)

    def step(self, by: int) -> Ask | None:
        """Go back (-1) or forward (1); return the question that is asked again, if any."""
        target = self._at + by
        if not 0 <= target < len(self._steps):
            return None
        self._at = target
        self.moved.emit()
        self._run(again=False)
        return self.ask

    def _run(self, *, again: bool) -> None:
        ask = self.ask
        if not self._session.door.is_open or (ask.examples and not self._session.is_ready):
            self._waits = True
            self.waiting.emit()
            return
        self._waits = False
        self._session.tasks.cancel("look", REST)
        self._answered = False
        self._ticket = self._session.tasks.follow(
            "search",
            self._work(ask, first=not again),
            lambda answer: self._on_answer(answer, again),
            lambda _: None,
            self._on_failed,
        )

    def _work(self, ask: Ask, *, first: bool) -> Callable[[], Generator[Answer, None, None]]:
        door = self._session.door
        proofs = self._proofs = self._proofs.about(ask.examples)

        def work() -> Generator[Answer, None, None]:
            library = door.library
            if not ask.examples:
                yield listed(library, ask, FIRST_PHOTOS if first else None)
                return
            # Asked for before the tiles: a photo that comes between is offered rather than lost.
            status = library.status()
            indexed = status.photos if status.model else library.photo_count()
            looked = library.labelled_count() if ask.filters.label else None
            # Counting takes a twentieth of the time until an answer is seen.
            photos = library.photo_count() if looked is not None or not indexed else indexed
            started = time.perf_counter()

            def answer(ready: Arrangement) -> Answer:
                seconds = time.perf_counter() - started
                return Answer(ask, ready, seconds, photos, indexed, status.model, looked)

            query = ask.query
            with closing(library.verified_tiles(query, MOST_HITS)) as lists:
                tiles = next(lists)
                if query.filters.match is not None:
                    # Nothing was looked at yet: there would seem to be no copies.
                    tiles = next(lists, tiles)
                taught = len(ask.marks) >= ENOUGH
                for some in chain([tiles], lists):
                    proven = proofs.put_into(some, ask.wrong, taught=taught)
                    yield answer(arrange(proven, ask.order))

        return work

    def _on_answer(self, answer: Answer, again: bool) -> None:
        if self._answered:
            self.verified.emit(answer)
            return
        self._answered = True
        if answer.ask.examples:
            # The line that tells a reader of the log what was found.
            best = answer.arrangement.tiles[0].path if answer.arrangement.tiles else None
            log.info(
                "search: %d examples, %d marks, %d tiles in %.0f ms, first %s",
                len(answer.ask.examples),
                len(answer.ask.marks),
                len(answer.arrangement.tiles),
                answer.seconds * 1000,
                best,
            )
        else:
            log.info("browse: %d tiles", len(answer.arrangement.tiles))
        self.answered.emit(answer, again)
        self._session.looked.set()
        if not answer.complete:
            self._complete(answer.ask)

    def _complete(self, ask: Ask) -> None:
        """List all photos where the first ones are shown; a question that comes does not wait."""
        door = self._session.door

        def done(answer: Answer) -> None:
            log.info("browse: %d tiles", len(answer.arrangement.tiles))
            self.answered.emit(answer, True)

        self._session.tasks.run("look", lambda: listed(door.library, ask), done, key=REST)

    def _on_failed(self, error: AppError) -> None:
        if self._answered:
            # What is shown stays good without being verified.
            log.info("the answer could not be verified: %s", error)
            return
        self._answered = True
        self.failed.emit(error)
        self._session.looked.set()

    def _on_ready(self) -> None:
        if self._waits:
            self._run(again=False)
