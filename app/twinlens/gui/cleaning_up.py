"""Has a clean-up planned, carried out and taken back off the GUI thread. Runs on the GUI thread."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from twinlens.errors import AppError
from twinlens.gui import review_words
from twinlens.gui.browser import CLEAN_UPS, DUPLICATES, PLAN
from twinlens.gui.choice_menu import Choice, pop_up
from twinlens.gui.clean_ups_page import CleanUpsPage
from twinlens.gui.gallery_levels import in_steps
from twinlens.gui.plan_page import PlanPage
from twinlens.gui.text import files
from twinlens.gui.trashing import ask_to_trash
from twinlens.gui.wording import file_size
from twinlens.records import COPIES, MatchClass
from twinlens.reports import CleanUp, Outcome, Plan

if TYPE_CHECKING:
    from twinlens.gui.main_window import MainWindow
    from twinlens.gui.reviewing import Reviewing

log = logging.getLogger(__name__)

#: Milliseconds between two looks at how far carrying out has come.
LOOK_MS = 100
#: What goes without having been decided: nothing, mere copies, edited versions too.
SUGGESTED: tuple[frozenset[MatchClass], ...] = (
    frozenset(),
    COPIES - {MatchClass.EDITED},
    COPIES,
)


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of carrying a plan out; `rest` is what still waits."""

    outcomes: list[Outcome]
    act: CleanUp | None
    rest: Plan | None


class CleaningUp(QObject):
    """Serves the pages of the plan and of the clean-ups."""

    _planned = Signal(float)

    def __init__(self, window: "MainWindow", reviewing: "Reviewing") -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._browser = window.browser
        self._reviewing = reviewing
        self.plan_page, self.acts_page = PlanPage(), CleanUpsPage()
        self._browser.add_page(PLAN, self.plan_page)
        self._browser.add_page(CLEAN_UPS, self.acts_page)
        #: Files went or came back by an act of this window, which the library notices in a moment.
        self.just_done = False
        self._suggested = SUGGESTED[0]
        self._offer = ""
        self._stop = threading.Event()
        self._done, self._total = 0, 0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(lambda: self.plan_page.set_running(self._done, self._total))
        page = self.plan_page
        page.left.connect(self._leave)
        page.apply_wanted.connect(self._confirm)
        page.discard_wanted.connect(self._discard)
        page.stop_wanted.connect(lambda: self._stop.set())
        page.suggested.clicked.connect(self._ask_suggested)
        page.show_file.connect(lambda path: window.acts.photos.show_paths([path]))
        self.acts_page.left.connect(self._leave)
        self.acts_page.undo_wanted.connect(self.undo)
        self.acts_page.stop_wanted.connect(lambda: self._stop.set())
        self._planned.connect(self.plan_page.wait)
        self._session.opened.connect(self._look_for_saved)
        self._name_suggested()

    @property
    def _writable(self) -> bool:
        return not self._session.read_only

    # The plan

    def make_plan(self) -> None:
        """Make the plan of what was decided, and show it."""
        groups = self._reviewing.groups()
        if not groups or self._timer.isActive():
            return
        library, name = self._session.door.library, self._reviewing.name
        suggested, keep = self._suggested, self._writable
        self._stop = stop = threading.Event()
        told = in_steps(self._planned.emit, stop)

        def work() -> Plan:
            # After the decisions that are still on their way.
            return library.plan(groups, keep=keep, review=name, suggested=suggested, told=told)

        def failed(error: AppError) -> None:
            if not stop.is_set():
                self._refuse(error)
                self._leave()

        # A new plan takes the place of the one that waited.
        self._browser.messages.retract(self._offer)
        self.plan_page.wait()
        self._browser.show_page(PLAN)
        self._run(work, lambda plan: self.plan_page.show_plan(plan, writable=keep), failed)

    def _look_for_saved(self) -> None:
        """Offer a plan of an earlier session."""

        def done(plan: Plan | None) -> None:
            if plan is None or not plan.going:
                return
            text = self.tr("A clean-up of {0} was planned and waits; nothing was moved.")
            self._offer = text.format(files(len(plan.going)))
            self._browser.messages.say(
                "info", self._offer, self.tr("See the plan"), lambda: self._show_saved(plan)
            )

        if self._writable:
            self._run(self._session.door.library.saved_plan, done)

    def _show_saved(self, plan: Plan) -> None:
        self._window.show_browser()
        self._browser.show_page(PLAN)
        self.plan_page.show_plan(plan, writable=self._writable, earlier=True)

    def _discard(self) -> None:
        def done(_: bool) -> None:
            self._leave()
            self._browser.messages.say(
                "good", self.tr("The plan was thrown away. Nothing was moved.")
            )

        self._run(self._session.door.library.discard_plan, done)

    def suggest(self, how_much: int) -> None:
        """Let more or less go that nothing was decided about, and plan anew."""
        self._suggested = SUGGESTED[how_much]
        self._name_suggested()
        self.make_plan()

    def _ask_suggested(self) -> None:
        pop_up(
            self.plan_page.suggested,
            [
                Choice(text, self._suggested == SUGGESTED[n], partial(self.suggest, n))
                for n, text in enumerate(self._suggestions())
            ],
        )

    def _suggestions(self) -> tuple[str, str, str]:
        return (
            self.tr("Only what I decided"),
            self.tr("Suggested copies too"),
            self.tr("Edited versions too"),
        )

    def _name_suggested(self) -> None:
        text = self._suggestions()[SUGGESTED.index(self._suggested)]
        self.plan_page.suggested.set_title(text, self.tr("What goes"))

    # Carry out

    def _confirm(self) -> None:
        plan = self.plan_page.plan
        if plan is None or not self._writable:
            return
        act = self.tr("Move {0} to trash").format(files(len(plan.going)))
        said = self.tr(
            "They go to the trash of the system, which gains {0} once it is emptied. Each file "
            "is checked once more before it goes, and all of them can be taken back."
        ).format(file_size(plan.gained))
        ask_to_trash(self._window, act, said, lambda: self._apply(plan))

    def _apply(self, plan: Plan) -> None:
        library, tasks, stop = self._session.door.library, self._session.tasks, threading.Event()
        self._stop, self._done, self._total = stop, 0, len(plan.going)

        def tell(_: Outcome) -> None:
            self._done += 1

        def work() -> Applied:
            waits = library.saved_plan()
            if waits is None or (waits.plan, waits.made) != (plan.plan, plan.made):
                raise AppError(
                    "Another plan has taken the place of this one; nothing was moved.",
                    "Make the plan again.",
                )
            outcomes = library.apply_plan(
                should_stop=lambda: stop.is_set() or tasks.closing, tell=tell
            )
            acts = (act for act in library.clean_ups() if act.review == plan.plan and act.paths)
            return Applied(outcomes, next(acts, None), library.saved_plan())

        self.plan_page.set_running(0, self._total)
        self._timer.start()
        self._run(work, self._on_applied, self._on_not_applied)

    def _on_applied(self, applied: Applied) -> None:
        self._timer.stop()
        self.plan_page.stop_running()
        well = [outcome for outcome in applied.outcomes if not outcome.problem]
        stayed = [outcome for outcome in applied.outcomes if outcome.problem]
        log.info("cleaned up %d files, %d stayed", len(well), len(stayed))
        if applied.rest is not None:
            self.plan_page.show_plan(applied.rest, writable=True, earlier=True)
        else:
            self._leave()
        act = applied.act
        undo = (self.tr("Undo"), lambda: self.undo([act])) if well and act is not None else ()
        said = review_words.applied(applied.outcomes, stopped=applied.rest is not None)
        self._browser.messages.say("attention" if stayed else "good", said, *undo)
        self._changed()

    def _on_not_applied(self, error: AppError) -> None:
        self._timer.stop()
        self.plan_page.stop_running()
        self._refuse(error)
        self._changed()

    # Take back

    def show_acts(self) -> None:
        """Show what can be taken back, also from earlier sessions."""
        self.acts_page.wait()
        self._browser.show_page(CLEAN_UPS)
        self._list_acts()

    def undo(self, acts: Sequence[CleanUp]) -> None:
        """Take acts back: files and decisions."""
        library, tasks = self._session.door.library, self._session.tasks
        wanted, stop = list(acts), threading.Event()
        self._stop = stop

        def work() -> list[Outcome]:
            return library.undo_clean_ups(
                wanted, should_stop=lambda: stop.is_set() or tasks.closing
            )

        if self._browser.page == CLEAN_UPS:
            self.acts_page.wait_for_undo()
        self._run(work, self._on_undone)

    def _on_undone(self, outcomes: list[Outcome]) -> None:
        missed = any(one.problem for one in outcomes)
        said = review_words.undone(outcomes)
        if said:
            self._browser.messages.say("attention" if missed else "good", said)
        if self._browser.page == CLEAN_UPS:
            self._list_acts()
        self._changed()
        if any(one.path is None for one in outcomes):
            self._reviewing.decisions.forget()
            self._reviewing.look()

    def _list_acts(self) -> None:
        self._run(
            self._session.door.library.clean_ups,
            lambda acts: self.acts_page.show_acts(acts, writable=self._writable),
        )

    def _changed(self) -> None:
        """Let the rest of the window notice that files went or came back."""
        self._window.acts.photos.refresh_undo()
        self._window.conductor.freshness.expect_change()
        self.just_done = True

    def _leave(self) -> None:
        if not self._timer.isActive():
            self._stop.set()
            self._browser.show_page(DUPLICATES)

    def _refuse(self, error: AppError) -> None:
        self._browser.messages.say("failed", str(error))

    def _run(
        self,
        work: Callable[[], object],
        done: Callable[..., None],
        failed: Callable[[AppError], None] | None = None,
    ) -> None:
        self._session.tasks.run("library", work, done, failed or self._refuse)
