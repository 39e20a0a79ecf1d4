"""What is known of the galleries, level by level. On the GUI thread; they are read off it."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Event

from PySide6.QtCore import QObject, Signal

from twinlens.errors import AppError
from twinlens.gui.gallery_cards import rest_of
from twinlens.gui.session import Session
from twinlens.records import Gallery

log = logging.getLogger(__name__)

#: Progress is told once for so large a share.
STEP = 0.02


@dataclass(frozen=True, slots=True)
class Level:
    """The galleries of a level, what is of none last.

    `photos` is how many were listed, `indexed` how many the engine's status then told of.
    """

    galleries: Sequence[Gallery]
    photos: int
    indexed: int

    def inside(self, gallery: Gallery) -> list[Gallery]:
        """Return those that lie in a gallery of the next coarser level."""
        return [one for one in self.galleries if one.parent == gallery.gallery]


class GalleryLevels(QObject):
    """Reads levels when they are wanted, one at a time, and keeps them until told otherwise.

    Signals:
        progressed(float): so large a share of the photos was compared for the first of all levels.
        failed(object): an AppError.
    """

    progressed = Signal(float)
    failed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._known: dict[int, Level] = {}
        self._wishes: dict[int, list[Callable[[Level], None]]] = {}
        self._ended = Event()
        self._edition = 0
        self.busy = False
        #: Tells whether something else computes for long, so that previews keep a thread.
        self.is_held: Callable[[], bool] = lambda: False
        session.ready.connect(self.go_on)

    def want(self, level: int, then: Callable[[Level], None]) -> bool:
        """Call with a level, at once where it is known; tell whether it was.

        Of several that are wanted the last one comes first.
        """
        if level in self._known:
            then(self._known[level])
            return True
        self._wishes[level] = [*self._wishes.pop(level, ()), then]
        self.go_on()
        return False

    def get(self, level: int) -> Level | None:
        """Return a level where it is known."""
        return self._known.get(level)

    def forget(self, *levels: int) -> None:
        """Read levels anew when they are wanted next; all without an argument."""
        self._edition += 1
        for level in levels or tuple(self._known):
            self._known.pop(level, None)

    def is_stale(self, photos: int) -> bool:
        """Tell whether the engine knows another number of photos by now."""
        return any(level.indexed != photos for level in self._known.values())

    def find(self, name: str) -> Gallery | None:
        """Return what is known of a gallery."""
        every = (one for level in self._known.values() for one in level.galleries)
        return next((one for one in every if one.gallery == name), None)

    def change(self, gallery: Gallery) -> None:
        """Take up what was decided about a gallery."""
        for number, level in self._known.items():
            self._known[number] = replace(level, galleries=changed(level.galleries, gallery))

    def stop(self) -> None:
        """End what is under way, as the window closes."""
        self._ended.set()

    def go_on(self) -> None:
        """Read what is wanted, one level after the other: the second would wait for the first."""
        if self.busy or self.is_held() or not self._wishes or not self._session.is_ready:
            return
        number = next(reversed(self._wishes))
        edition, self.busy = self._edition, True
        work = self._work(number)
        self._session.tasks.run(
            "look", work, lambda found: self._on_read(number, edition, found), self._on_failed
        )

    def _work(self, number: int) -> Callable[[], Level]:
        library = self._session.door.library
        told = in_steps(self.progressed.emit, self._ended)

        def work() -> Level:
            # Asked for before the galleries: what comes between is offered rather than lost.
            indexed = library.status().photos
            galleries = library.galleries(number, told=told)
            ids = library.photo_ids()
            rest = rest_of(ids, galleries, number)
            return Level([*galleries, *([rest] if rest else [])], len(ids), indexed)

        return work

    def _on_read(self, number: int, edition: int, found: Level) -> None:
        self.busy = False
        if edition == self._edition:
            self._known[number] = found
            for then in self._wishes.pop(number, ()):
                then(found)
        self.go_on()

    def _on_failed(self, error: AppError) -> None:
        self.busy = False
        self._wishes.clear()
        if self._ended.is_set():
            return
        log.warning("no galleries: %s", error)
        self.failed.emit(error)


def in_steps(tell: Callable[[float], None], ended: Event) -> Callable[[float], None]:
    """Return what hears of progress and tells it in steps; it raises once `ended` is set."""
    said = 0.0

    def told(share: float) -> None:
        nonlocal said
        if ended.is_set():
            raise AppError("The window was closed.")
        if share - said >= STEP:
            said = share
            tell(share)

    return told


def changed(galleries: Sequence[Gallery], gallery: Gallery) -> list[Gallery]:
    """Return galleries with another state of one of them."""
    return [gallery if one.gallery == gallery.gallery else one for one in galleries]
