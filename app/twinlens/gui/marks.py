"""Which results were called right and which wrong. Runs on the GUI thread."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from twinlens.records import Example

#: From so many marks on they decide the order.
ENOUGH = 3


class Marks(QObject):
    """The marks of the query, in the order they were made.

    Signals:
        changed(): `all()` is another.
        judged(): the same, by an act of the user rather than by going to another query.
    """

    changed = Signal()
    judged = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._marks: tuple[Example, ...] = ()

    def all(self) -> tuple[Example, ...]:
        """Return the marks; those of wrong photos are negative."""
        return self._marks

    @property
    def right(self) -> int:
        """How many photos were called right."""
        return len(self._marks) - self.wrong

    @property
    def wrong(self) -> int:
        """How many photos were called wrong."""
        return sum(mark.negative for mark in self._marks)

    def verdict(self, photo_ids: Iterable[int]) -> bool | None:
        """Return whether photos were all called right (or all wrong); None for anything else."""
        known = {mark.photo_id: not mark.negative for mark in self._marks}
        found = {known.get(photo_id) for photo_id in photo_ids}
        return found.pop() if len(found) == 1 else None

    def judge(self, photo_ids: Iterable[int], *, right: bool) -> None:
        """Call photos right or wrong; where all of them are called so, take that back."""
        judged = list(dict.fromkeys(photo_ids))
        if not judged:
            return
        again = self.verdict(judged) is right
        kept = [mark for mark in self._marks if mark.photo_id not in judged]
        new = [] if again else [Example(photo_id=n, negative=not right) for n in judged]
        self.restore((*kept, *new))
        self.judged.emit()

    def forget(self) -> None:
        """Take all marks back."""
        if self._marks:
            self.restore(())
            self.judged.emit()

    def restore(self, marks: tuple[Example, ...]) -> None:
        """Take up the marks of another query; whoever goes there asks."""
        if marks != self._marks:
            self._marks = marks
            self.changed.emit()
