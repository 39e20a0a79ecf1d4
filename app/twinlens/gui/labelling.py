"""Between the window and the words for what photos show. Runs on the GUI thread."""

import logging
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from twinlens.errors import AppError
from twinlens.gui.searching import Answer
from twinlens.gui.wording import whole

if TYPE_CHECKING:
    from twinlens.gui.main_window import MainWindow

log = logging.getLogger(__name__)

#: While photos are being looked at, seconds between two looks at how far that is.
PATIENCE = 2.0


class Labelling(QObject):
    """Offers words while one types, and follows the closer look while it finds more."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._session = window.session
        self._filters = window.browser.filters
        self._inspector = window.inspector
        self._freshness = window.conductor.freshness
        self._answer: Answer | None = None
        self._looked = 0
        self._seen = -1
        self._next = 0.0
        self._filters.words_wanted.connect(self._complete)
        self._inspector.labels.chosen.connect(self._filters.search_for)
        window.conductor.searching.answered.connect(self._on_answer)
        self._status = window.status
        window.status.ticked.connect(self._on_tick)

    def _complete(self, text: str) -> None:
        def work() -> list[str]:
            return self._session.door.library.complete_label(text)

        self._session.tasks.run(
            "look",
            work,
            lambda words: self._filters.offer_words(text, words),
            self._mute,
            key="words",
        )

    def _on_answer(self, answer: Answer, _again: bool) -> None:
        self._answer = answer if answer.looked is not None else None
        if answer.looked is not None:
            self._looked = answer.looked
            self._say(answer)

    def _say(self, answer: Answer) -> None:
        """Say at the filter how much of the library it speaks of."""
        said = self.tr("{looked} of {photos} photos looked at so far; the others may show it too.")
        self._filters.set_note(
            said.format(looked=whole(self._looked), photos=whole(answer.photos))
            if self._looked < answer.photos
            else ""
        )

    def _on_tick(self) -> None:
        """Look how far the closer look has come; it changes the status whenever it goes on."""
        revision = self._status.status.revision
        if revision == self._seen or time.monotonic() < self._next or not self._session.is_ready:
            return
        self._seen = revision
        self._next = time.monotonic() + PATIENCE
        self._inspector.labels.look_again()
        if self._answer is not None and self._looked < self._answer.photos:
            self._session.tasks.run(
                "look",
                lambda: self._session.door.library.labelled_count(),
                self._on_looked,
                self._mute,
                key="looked",
            )

    def _on_looked(self, looked: int) -> None:
        answer = self._answer
        if answer is not None and answer.looked is not None and looked > self._looked:
            self._looked = looked
            self._say(answer)
            self._freshness.offer_labelled(looked - answer.looked)

    def _mute(self, error: AppError) -> None:
        log.info("no words for what photos show: %s", error)
