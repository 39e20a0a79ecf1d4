"""Takes decisions about groups to the engine, and back again. Runs on the GUI thread."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from twinlens.errors import AppError
from twinlens.gui import review_steps, review_words
from twinlens.gui.review_filters import OPEN
from twinlens.gui.review_steps import Decided
from twinlens.reports import CleanUp, Review

if TYPE_CHECKING:
    from twinlens.gui.reviewing import Reviewing

#: With these a group is done with, and the next one comes.
DONE = {"accept", "not-duplicates", "keep-all"}


@dataclass(slots=True)
class Step:
    """One act of the user: the group as it was, where it stood, and what undoes it."""

    review: Review
    row: int
    staying: frozenset[Path]
    parts: list[Review] = field(default_factory=list)
    acts: list[str] = field(default_factory=list)


class ReviewDecisions(QObject):
    """Decides about the group in hand."""

    def __init__(self, reviewing: "Reviewing") -> None:
        super().__init__(reviewing)
        self._reviewing = reviewing
        self._page = reviewing.page
        self._filters = reviewing.filters
        self._session = reviewing.session
        self._steps: list[Step] = []
        #: Of contents with several files, those that stay.
        self.staying: frozenset[Path] = frozenset()
        self._page.decided.connect(self.decide)

    def refresh(self) -> None:
        """Offer what can be decided here now."""
        writable = not self._session.read_only
        self._page.set_writable(writable, can_undo=bool(self._steps))

    def forget(self) -> None:
        """Let go of what could be taken back: it was, in another place."""
        self._steps.clear()
        self.refresh()

    def decide(self, name: str) -> None:
        """Carry out one act of the page."""
        if name == "undo":
            self.undo()
            return
        review, member = self._page.group.review, self._page.group.current()
        if review is None or member is None or review.group.kept_as:
            return
        if self._session.read_only:
            self._say(review_words.elsewhere())
            return
        if name == "trash" and not review_steps.leaves_one(review, member.path):
            self._say(self.tr("One file of a group stays. Keep another one first."))
            return
        staying = self.staying
        decided = self._decided(name, review, member.path)
        if decided is None:
            return
        step = Step(review, self._page.list.current_row(), staying)
        self._steps.append(step)
        self.staying = decided.staying
        if name in DONE and self._filters.now.state == OPEN:
            # The answer is known, so the next group need not wait for it.
            self._page.model.remove(step.row)
            self._page.list.go_to(min(step.row, self._page.model.rowCount() - 1))
        self._send(step, decided)
        self.refresh()

    def undo(self) -> None:
        """Take the last decision back."""
        if not self._steps or self._session.read_only:
            return
        step = self._steps.pop()
        self.staying = step.staying
        library = self._session.door.library

        def work() -> list[Review]:
            acts = [CleanUp(act, "", n, decisions=1) for n, act in enumerate(step.acts)]
            library.undo_clean_ups(acts)
            return library.reviewed([step.review.group])

        def done(parts: list[Review]) -> None:
            for part in step.parts:
                self._drop(part)
            self._drop(step.review)
            for part in step.parts:
                self._reviewing.became(part, [])
            self._reviewing.became(step.review, parts)
            self._page.model.insert(step.row, parts)
            if parts:
                self._page.show_groups()
                self._page.list.go_to(min(step.row, self._page.model.rowCount() - 1))
            self._reviewing.count()

        self._run(work, done)
        self.refresh()

    def _decided(self, name: str, review: Review, path: Path) -> Decided | None:
        staying = self.staying
        if name in ("keep", "trash"):
            return review_steps.decide_file(review, path, name, staying)
        if name == "not-this":
            reference = review.group.reference
            known = {one.photo_id for one in review.group.members if one.path == path}
            if reference in known:
                self._say(
                    self.tr("All others were compared with this file. Choose one of them instead.")
                )
                return None
            return review_steps.not_one_of_them(review, path, staying)
        makers: dict[str, Callable[[Review, frozenset[Path]], Decided]] = {
            "accept": review_steps.accept,
            "not-duplicates": review_steps.not_duplicates,
            "keep-all": review_steps.keep_all,
        }
        return makers[name](review, staying)

    def _send(self, step: Step, decided: Decided) -> None:
        library, name = self._session.door.library, self._reviewing.name
        changed = review_steps.changed(step.review, step.staying, decided.staying)

        def work() -> list[Review]:
            for made in decided.made:
                act = library.decide(made.choice, made.contents, files=made.files, review=name)
                step.acts.append(act)
            if changed:
                step.acts.append(library.stay(changed, review=name))
            return library.reviewed([step.review.group])

        def done(parts: list[Review]) -> None:
            step.parts = parts
            self._reviewing.became(step.review, parts)
            self._show(step, parts)
            self._reviewing.count()

        self._run(work, done)

    def _show(self, step: Step, parts: list[Review]) -> None:
        """Show in the list what a decision made of a group."""
        model = self._page.model
        row = model.row_of(step.review.group.group)
        if row >= 0 and len(parts) == 1 and parts[0].group.group == step.review.group.group:
            model.put(row, parts[0])
            if row == self._page.list.current_row():
                self._page.group.show_review(parts[0])
            return
        if row >= 0:
            model.remove(row)
        waiting = self._filters.now.state == OPEN
        left = [part for part in parts if not (waiting and part.settled)]
        model.insert(step.row if row < 0 else row, left)
        if left:
            self._page.show_groups()
            self._page.list.go_to(step.row if row < 0 else row)

    def _drop(self, review: Review) -> None:
        row = self._page.model.row_of(review.group.group)
        if row >= 0:
            self._page.model.remove(row)

    def _run(self, work: Callable[[], list[Review]], done: Callable[[list[Review]], None]) -> None:
        def failed(error: AppError) -> None:
            # What is shown ran ahead of what was decided.
            self._reviewing.say("failed", str(error))
            self._reviewing.look()

        self._session.tasks.run("library", work, done, failed)

    def _say(self, sentence: str) -> None:
        self._reviewing.say("attention", sentence)
