"""What was cleaned up and decided, newest first, to take it back. Runs on the GUI thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from twinlens.gui.controls import set_tab_order, tool_button
from twinlens.gui.empty_state import Emptiness, EmptyState
from twinlens.gui.text import files, tr
from twinlens.gui.theme import set_kind, space
from twinlens.gui.wording import moment, path_text, whole
from twinlens.reports import CleanUp

WHAT_STEPS = 80
#: Acts of the page while it has nothing to list.
BACK, STOP = "back", "stop"
#: Files of one act that are listed by name.
LISTED = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """Acts that are taken back together: files of one clean-up, or the decisions of a review."""

    acts: tuple[CleanUp, ...]

    @property
    def text(self) -> str:
        """What was done, in words."""
        moved = sum(len(act.paths) for act in self.acts)
        decided = sum(act.decisions for act in self.acts)
        said = [tr("{0} moved to the trash").format(files(moved))] if moved else []
        if decided:
            one = tr("1 decision") if decided == 1 else tr("{0} decisions")
            said.append(one.format(whole(decided)))
        return ", ".join(said)

    @property
    def when(self) -> str:
        """When, in words."""
        at = max(act.at for act in self.acts)
        return moment(datetime.fromtimestamp(at).isoformat())


def grouped(acts: Sequence[CleanUp]) -> list[tuple[Entry, list[Entry]]]:
    """Return each review with its parts, newest first; an act without a review stands alone."""
    by_review: dict[str, list[CleanUp]] = {}
    for act in acts:
        by_review.setdefault(act.review or act.act, []).append(act)
    found = []
    for members in by_review.values():
        parts = [Entry((act,)) for act in members if act.paths]
        decisions = tuple(act for act in members if act.decisions)
        if decisions:
            parts.append(Entry(decisions))
        found.append((Entry(tuple(members)), parts))
    return found


class CleanUpsPage(QWidget):
    """Lists acts, those of one review below it.

    Signals:
        left(): back to the duplicates.
        stop_wanted(): no more is to be taken back.
        undo_wanted(object): acts (a list of CleanUp) are to be taken back.
    """

    left = Signal()
    stop_wanted = Signal()
    undo_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Clean-ups"))
        back = tool_button("arrow-left", self.tr("Back to the duplicates"), "Esc", self)
        back.clicked.connect(self.left)
        title = QLabel(self.tr("Clean-ups"))
        set_kind(title, "title")
        hint = QLabel(
            self.tr("What was cleaned up and decided, newest first. Each can be taken back.")
        )
        set_kind(hint, "secondary")
        hint.setWordWrap(True)
        self.tree = QTreeWidget(self)
        self.tree.setHeaderLabels([self.tr("What"), self.tr("When")])
        self.tree.setUniformRowHeights(True)
        self.tree.setAccessibleName(self.tr("Clean-ups"))
        self.tree.setColumnWidth(0, space(WHAT_STEPS))
        self.tree.currentItemChanged.connect(lambda *_: self._fit())
        self.undo = QPushButton(self.tr("Take this back"), self)
        self.undo.setToolTip(
            self.tr("Files go back where they were; decisions give way to what held before")
        )
        self.undo.clicked.connect(self._undo)
        self.message = EmptyState()
        self.message.chosen.connect(self._on_message)
        self._middle = QStackedWidget()
        self._middle.addWidget(self.tree)
        self._middle.addWidget(self.message)
        head = QHBoxLayout()
        head.setSpacing(space(2))
        head.addWidget(back)
        head.addWidget(title)
        head.addStretch(1)
        foot = QHBoxLayout()
        foot.addWidget(self.undo)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(space(3), space(3), space(3), space(3))
        column.setSpacing(space(2))
        column.addLayout(head)
        column.addWidget(hint)
        column.addWidget(self._middle, 1)
        column.addLayout(foot)
        set_tab_order(back, self.tree, self.message, self.undo)
        self.wait()

    def wait(self) -> None:
        """Say that the list is being read."""
        self._say("history", self.tr("One moment …"), (BACK, self.tr("Back to the duplicates")))

    def wait_for_undo(self) -> None:
        """Say that acts are being taken back, and offer to stop."""
        self._say("undo-2", self.tr("Taking it back …"), (STOP, self.tr("Stop")))

    def show_acts(self, acts: Sequence[CleanUp], *, writable: bool) -> None:
        """Show acts, the newest first."""
        self._writable = writable
        self.tree.clear()
        for whole_review, parts in grouped(acts):
            top = self._item(whole_review)
            self.tree.addTopLevelItem(top)
            for part in parts:
                below = top if len(parts) == 1 else self._item(part)
                if below is not top:
                    top.addChild(below)
                for path in [path for act in part.acts for path in act.paths][:LISTED]:
                    below.addChild(QTreeWidgetItem([path_text(path)]))
        if not acts:
            back = (BACK, self.tr("Back to the duplicates"))
            self._say("history", self.tr("Nothing was cleaned up yet."), back)
            return
        self._middle.setCurrentWidget(self.tree)
        self.tree.setCurrentIndex(self.tree.model().index(0, 0))
        self._fit()
        self.tree.setFocus()

    def chosen(self) -> Entry | None:
        """Return what the keyboard is on: an act, or the whole review."""
        item = self.tree.currentItem()
        while item is not None:
            entry = item.data(0, Qt.ItemDataRole.UserRole)
            if isinstance(entry, Entry):
                return entry
            item = item.parent()
        return None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _item(self, entry: Entry) -> QTreeWidgetItem:
        item = QTreeWidgetItem([entry.text, entry.when])
        item.setData(0, Qt.ItemDataRole.UserRole, entry)
        return item

    def _undo(self) -> None:
        entry = self.chosen()
        if entry is not None:
            self.undo_wanted.emit(list(entry.acts))

    def _fit(self) -> None:
        entry = self.chosen()
        shown = self._middle.currentWidget() is self.tree
        self.undo.setVisible(shown)
        self.undo.setEnabled(entry is not None and self._writable)

    def _on_message(self, act: str) -> None:
        (self.stop_wanted if act == STOP else self.left).emit()

    def _say(self, icon: str, title: str, link: tuple[str, str]) -> None:
        self.message.say(Emptiness(icon, title, link=link))
        self._middle.setCurrentWidget(self.message)
        self.undo.hide()
