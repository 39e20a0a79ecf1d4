"""Has pairs judged and the recall measured, off the GUI thread. Runs on the GUI thread."""

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from twinlens.errors import AppError
from twinlens.gui.browser import JUDGE, SETTINGS
from twinlens.gui.measure_panels import PAIRS
from twinlens.gui.pictures import load_found
from twinlens.gui.wording import name_text
from twinlens.records import Example
from twinlens.reports import Pair

if TYPE_CHECKING:
    from twinlens.gui.main_window import MainWindow

log = logging.getLogger(__name__)

#: Photos with which the recall is measured.
SAMPLES = 50
#: Logical pixels of the long side of a photo to be judged.
SIDE = 800


class Measuring(QObject):
    """Serves the settings about how well searching works, and the page that asks about pairs."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._browser = window.browser
        self._page = window.browser.judge
        self._pairs: list[Pair] = []
        self._answers: list[bool | None] = []
        self._measured = False
        settings = window.browser.settings
        self._recall, self._judged = settings.recall, settings.judged
        self._recall.measure.connect(self._measure)
        self._judged.judge.connect(self.begin)
        self._judged.forget.connect(self._forget)
        self._page.answered.connect(self._answer)
        self._page.stepped_back.connect(self._step_back)
        self._page.left.connect(self._leave)
        self._page.more_wanted.connect(self.begin)
        self._browser.page_changed.connect(self._on_page)
        self._session.ready.connect(lambda: self._on_page(self._browser.page))

    def begin(self) -> None:
        """Look for pairs and ask about them."""
        self._pairs, self._answers = [], []
        self._page.wait()
        self._browser.show_page(JUDGE)
        library = self._session.door.library
        self._session.tasks.run(
            "look", lambda: library.pairs_to_judge(PAIRS), self._ask, self._refuse, key="pairs"
        )

    # Judging

    def _ask(self, pairs: list[Pair]) -> None:
        self._pairs = pairs
        if pairs:
            self._show()
        else:
            self._page.say_none()

    def _show(self) -> None:
        number = len(self._answers)
        if number == len(self._pairs):
            self._page.say_done(sum(answer is not None for answer in self._answers))
            return
        self._page.ask(number + 1, len(self._pairs))
        pair = self._pairs[number]
        for side, photo_id in enumerate((pair.a, pair.b)):
            self._load(side, photo_id)

    def _load(self, side: int, photo_id: int) -> None:
        pictures = self._session.door
        pixels = round(SIDE * self._window.devicePixelRatioF())

        def work() -> tuple[QImage | None, str]:
            try:
                image, path = load_found(pictures, Example(photo_id=photo_id), pixels)
            except AppError as error:
                return None, str(error)
            return image, name_text(path) if path is not None else ""

        self._session.tasks.run(
            "look",
            work,
            lambda found: self._page.set_photo(side, *found),
            key=f"judge {side}",
        )

    def _answer(self, same: bool | None) -> None:
        if len(self._answers) == len(self._pairs):
            return
        pair = self._pairs[len(self._answers)]
        self._answers.append(same)
        if same is not None:
            self._keep(pair, same)
        self._show()

    def _step_back(self) -> None:
        if self._answers and self._answers.pop() is not None:
            self._keep(self._pairs[len(self._answers)], None)
        self._show()

    def _keep(self, pair: Pair, same: bool | None) -> None:
        library = self._session.door.library
        self._session.tasks.run(
            "library",
            lambda: library.judge(pair.a, pair.b, same),
            lambda _: self._count(),
            self._refuse,
        )

    def _leave(self) -> None:
        self._browser.show_page(SETTINGS)
        if any(answer is not None for answer in self._answers):
            self._search_again()
        self._pairs, self._answers = [], []

    def _forget(self) -> None:
        library = self._session.door.library

        def done(_: int) -> None:
            self._count()
            self._search_again()

        self._session.tasks.run("library", library.forget_judgements, done, self._refuse)

    def _search_again(self) -> None:
        """Let what is behind this page follow the judgements."""
        searching = self._window.conductor.searching
        if searching.ask.examples:
            searching.again()

    def _refuse(self, error: AppError) -> None:
        self._browser.show_page(SETTINGS)
        self._browser.messages.say("failed", str(error))

    # The settings

    def _on_page(self, page: str) -> None:
        if page == SETTINGS and self._session.door.is_open:
            self._count()
            if not self._measured and self._session.is_ready:
                self._measure()

    def _count(self) -> None:
        library = self._session.door.library
        self._session.tasks.run(
            "look", library.judged_count, self._judged.set_judged, self._mute, key="judged"
        )

    def _measure(self) -> None:
        self._measured = True
        library = self._session.door.library
        self._recall.set_measuring()

        def work() -> tuple[float | None, int]:
            return library.mend_recall(SAMPLES), min(SAMPLES, library.photo_count())

        self._session.tasks.run(
            "look",
            work,
            lambda found: self._recall.set_recall(*found),
            self._not_measured,
            key="recall",
        )

    def _not_measured(self, error: AppError) -> None:
        self._mute(error)
        self._measured = False
        self._recall.set_recall(None, 0)

    def _mute(self, error: AppError) -> None:
        log.info("not measured: %s", error)
