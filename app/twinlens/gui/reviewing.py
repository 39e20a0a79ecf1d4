"""Finds duplicates off the GUI thread, and shows them group by group. Runs on the GUI thread."""

import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal

from twinlens.errors import AppError
from twinlens.gui import review_words
from twinlens.gui.browser import DUPLICATES
from twinlens.gui.cleaning_up import CleaningUp
from twinlens.gui.controls import single_shot
from twinlens.gui.gallery_levels import in_steps
from twinlens.gui.keeping import Facts
from twinlens.gui.member_menu import show_member_menu
from twinlens.gui.review_decisions import ReviewDecisions
from twinlens.gui.review_filters import DECIDED, OPEN, SETS, ReviewFilters
from twinlens.gui.review_finding import Found, find_groups
from twinlens.gui.review_page import ReviewPage
from twinlens.gui.review_steps import gain_of
from twinlens.gui.wording import file_size, whole
from twinlens.records import Photo
from twinlens.reports import Group, Review

if TYPE_CHECKING:
    from twinlens.gui.main_window import MainWindow

log = logging.getLogger(__name__)


class Reviewing(QObject):
    """Serves the page of duplicates of one window."""

    _progress = Signal(float)

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self.session = window.session
        self._browser = window.browser
        self.page = ReviewPage(self.session.door, self.session.tasks, self._browser.loader)
        self._browser.add_page(DUPLICATES, self.page)
        self.filters = ReviewFilters(self.page, window.kept)
        #: What is decided and cleaned up until the next start can be undone together.
        self.name = uuid.uuid4().hex
        self.decisions = ReviewDecisions(self)
        self._all: dict[str, Review] = {}
        self._found: Found | None = None
        self._busy = False
        self._stop = threading.Event()
        self._stale = False
        #: Something was decided after looking had begun.
        self._outdated = False
        self._progress.connect(self._say_busy)
        self._say_busy()
        self._sweep = single_shot(self, 0, self._let_settled_go)
        self.page.walked.connect(self._on_walked)
        self.page.asked.connect(self._on_asked)
        self.page.group.menu_wanted.connect(self._show_menu)
        self.filters.changed.connect(self.look)
        self.filters.state_changed.connect(self._show_state)
        self._browser.page_changed.connect(self._on_page)
        self.session.opened.connect(self._on_opened)
        self.session.ready.connect(lambda: self._on_page(self._browser.page))
        self.session.failed.connect(self._on_not_ready)
        window.conductor.keeping.known.connect(self._on_known)
        window.status.ticked.connect(self._on_tick)
        self.cleaning = CleaningUp(window, self)

    # What there is

    def groups(self) -> list[Group]:
        """Return the groups, decided ones too, that the filters let through, by place."""
        found = [review.group for review in self._all.values() if not review.group.kept_as]
        return sorted(found, key=lambda group: group.best)

    def say(self, kind: str, sentence: str) -> None:
        """Say something in place."""
        self._browser.messages.say(kind, sentence, passing=True)

    @property
    def busy(self) -> bool:
        """Whether duplicates are being looked for."""
        return self._busy

    def show(self) -> None:
        """Show the page, and let the keyboard begin there."""
        self._window.show_browser()
        self._browser.show_page(DUPLICATES)
        self.page.take_focus()

    def look(self) -> None:
        """Look for duplicates; what was compared once is remembered by the engine."""
        self._stop.set()
        if not self.session.is_ready:
            error = self.session.error
            self.page.say(review_words.looking() if error is None else review_words.failed(error))
            return
        scope, stop = self.filters.now, threading.Event()
        self._stop, self._busy, self._stale, self._outdated = stop, True, False, False
        library, tasks = self.session.door.library, self.session.tasks

        def should_stop() -> bool:
            return stop.is_set() or tasks.closing

        told = in_steps(self._progress.emit, threading.Event())

        def work() -> Found:
            return find_groups(library, scope, should_stop, told)

        self._say_busy()
        self.page.plan.setEnabled(False)
        tasks.run("look", work, self._on_found, self._on_failed, key="duplicates")

    def became(self, review: Review, parts: Sequence[Review]) -> None:
        """Take what a decision made of a group."""
        self._outdated = True
        self._all.pop(review.group.group, None)
        for part in parts:
            self._all[part.group.group] = part
        self.count()

    def count(self) -> None:
        """Say how many groups there are, here and in the sidebar."""
        waiting = [review for review in self._all.values() if not review.settled]
        sets = self.filters.now.state == SETS
        if not sets:
            self._window.sidebar.set_duplicates(len(waiting))
        shown = self.page.model.reviews
        gain = self.page.model.gain
        said = self.tr("1 group") if len(shown) == 1 else self.tr("{0} groups")
        said = said.format(whole(len(shown)))
        if gain and not sets:
            said = self.tr("{0}, {1} to gain").format(said, file_size(gain))
        self.page.summary.setText(said if shown else "")
        self.page.plan.setEnabled(bool(self._all) and not sets and not self._busy)
        if not shown and self._found is not None and not self._busy:
            now, photos, any_groups = self.filters.now, self._found.size[0], bool(self._all)
            self.page.say(review_words.nothing(now, photos=photos, has_groups=any_groups))

    # Looking

    def _on_found(self, found: Found) -> None:
        self._busy, self._found = False, found
        if self._outdated:
            self.look()
            return
        self.decisions.staying = found.staying
        log.info("duplicates: %d groups", len(found.reviews))
        self._all = {review.group.group: review for review in found.reviews}
        self._show_state()
        self._say_notice()
        self._window.conductor.keeping.refresh()

    def _show_state(self) -> None:
        """Show those of the groups that are wanted, those that gain most first."""
        settled = self.filters.now.state == DECIDED
        any_state = self.filters.now.state == SETS
        wanted = [one for one in self._all.values() if any_state or one.settled == settled]
        wanted.sort(key=gain_of, reverse=True)
        page = self.page
        review = page.group.review
        page.group.show_review(None)
        page.model.set_reviews(wanted)
        if wanted:
            page.show_groups()
            row = page.model.row_of(review.group.group) if review is not None else -1
            page.list.go_to(max(0, row))
        self.count()

    def _on_walked(self, row: int) -> None:
        reviews = self.page.model.reviews
        review = reviews[row] if 0 <= row < len(reviews) else None
        self.page.group.show_review(review)
        self._sweep.start()
        if review is None:
            return
        library = self.session.door.library
        ids = {member.photo_id for member in review.group.members}

        def work() -> dict[int, Photo]:
            photos = ((photo_id, library.photo(photo_id)) for photo_id in ids)
            return {photo_id: photo for photo_id, photo in photos if photo is not None}

        self.session.tasks.run("look", work, self.page.group.set_photos, key="review photos")

    def _let_settled_go(self) -> None:
        """Let go of groups that were decided file by file, once the user went on."""
        if self.filters.now.state != OPEN:
            return
        model, current = self.page.model, self.page.list.current_row()
        settled = [row for row, one in enumerate(model.reviews) if one.settled and row != current]
        for row in reversed(settled):
            model.remove(row)
        if settled:
            self.count()

    def _say_busy(self, share: float | None = None) -> None:
        """Say that photos are compared; groups that are shown stay meanwhile."""
        said = review_words.looking(share)
        if self._found is not None and self.page.showing_groups:
            self.page.set_busy(review_words.busy(share))
        elif share is None or self._busy:
            self.page.say(said)

    def _say_notice(self) -> None:
        found = self._found
        said = review_words.notices(
            stopped=found is not None and found.stopped,
            stale=self._stale,
            unseen=0 if found is None else found.unseen,
            read_only=self.session.read_only,
        )
        self.page.set_notice(*said)

    def _show_menu(self, where: QPoint) -> None:
        show_member_menu(self.page.group, self._window.acts.photos, self.decisions.decide, where)

    # What happens meanwhile

    def _on_asked(self, act: str) -> None:
        acts: dict[str, Callable[[], object]] = {
            "again": self.look,
            "stop": self._stop.set,
            "open": lambda: self.filters.choose_state(OPEN),
            "decided": lambda: self.filters.choose_state(DECIDED),
            "clear-scope": self.filters.clear,
            "copies": self.filters.leave_bursts,
            "plan": self.cleaning.make_plan,
            "clean-ups": self.cleaning.show_acts,
        }
        if act in acts:
            acts[act]()
        else:
            self._window.acts.perform(act)

    def _on_page(self, page: str) -> None:
        if page != DUPLICATES:
            return
        if self._found is None and not self._busy:
            self.look()
        self.page.take_focus()

    def _on_opened(self) -> None:
        self.decisions.refresh()
        if self._found is not None:
            self._say_notice()

    def _on_not_ready(self, error: AppError) -> None:
        if self._found is None:
            self._on_failed(error)

    def _on_failed(self, error: AppError) -> None:
        self._busy = False
        self.page.say(review_words.failed(error))

    def _on_known(self, facts: Facts) -> None:
        self.filters.set_folders([folder.folder for folder in facts.folders])
        now = facts.photos, sum(folder.files for folder in facts.folders)
        if self._found is None or self._busy or now == self._found.size:
            return
        if not self._stale:
            # Reshuffled under the mouse is nothing; the user says when.
            self._stale = True
            if self._browser.page == DUPLICATES and not self.cleaning.just_done:
                self._say_notice()

    def _on_tick(self) -> None:
        if not self._stale or self._busy or self._found is None:
            return
        # What an act of this window changed needs no asking, nor does a page without groups.
        may = self._browser.page != DUPLICATES or self.cleaning.just_done or not self._all
        if may and self.session.is_ready and self.session.door.library.is_settled():
            self.cleaning.just_done = False
            self.look()
