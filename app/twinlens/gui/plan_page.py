"""What a clean-up would do, before it does it. Runs on the GUI thread."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from twinlens.gui.controls import set_tab_order, tool_button
from twinlens.gui.empty_state import Emptiness, EmptyState
from twinlens.gui.filter_pill import FilterPill
from twinlens.gui.plan_model import FOLDER, SIZE, WHY, PlanModel
from twinlens.gui.section_model import Index
from twinlens.gui.text import files
from twinlens.gui.theme import set_kind, space
from twinlens.gui.wording import file_size, moment, whole
from twinlens.reports import Plan

FILE_STEPS, SIZE_STEPS, FOLDER_STEPS = 60, 20, 68
INDENT_STEPS = 4
#: Sections of up to so many files are unfolded from the start.
UNFOLDED = 2000


class Eliding(QStyledItemDelegate):
    """Cuts each column where least is lost: a reason at its end, a folder at its beginning."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Say where a text may be cut."""
        super().initStyleOption(option, index)
        modes = {WHY: Qt.TextElideMode.ElideRight, FOLDER: Qt.TextElideMode.ElideLeft}
        option.textElideMode = modes.get(index.column(), Qt.TextElideMode.ElideMiddle)


class PlanPage(QWidget):
    """Lists every file with what happens to it, and offers to do it.

    Signals:
        left(): back to the duplicates.
        apply_wanted(), discard_wanted(), stop_wanted(): of the plan shown.
        show_file(object): the file manager is to show a file (Path).
    """

    left = Signal()
    apply_wanted = Signal()
    discard_wanted = Signal()
    stop_wanted = Signal()
    show_file = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Plan of the clean-up"))
        self.plan: Plan | None = None
        self._writable = False
        self.model = PlanModel()
        self.tree = self._made_tree()
        back = tool_button("arrow-left", self.tr("Back to the duplicates"), "Esc", self)
        back.clicked.connect(self.left)
        title = QLabel(self.tr("Plan of the clean-up"))
        set_kind(title, "title")
        self.suggested = FilterPill("check", "", self)
        self.summary = QLabel()
        set_kind(self.summary, "secondary")
        self.summary.setWordWrap(True)
        self.apply = QPushButton(self)
        set_kind(self.apply, "primary")
        self.apply.clicked.connect(self.apply_wanted)
        self.discard = QPushButton(self.tr("Throw the plan away"), self)
        self.discard.setToolTip(self.tr("Nothing is moved; what you decided stays decided"))
        self.discard.clicked.connect(self.discard_wanted)
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.done = QLabel()
        set_kind(self.done, "secondary")
        self.stop = QPushButton(self.tr("Stop"), self)
        self.stop.clicked.connect(self.stop_wanted)
        self.message = EmptyState()
        self.message.chosen.connect(lambda _: self.left.emit())
        self._middle = QStackedWidget()
        self._middle.addWidget(self.tree)
        self._middle.addWidget(self.message)
        head = QHBoxLayout()
        head.setSpacing(space(2))
        head.addWidget(back)
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.suggested)
        foot = QHBoxLayout()
        foot.setSpacing(space(2))
        self.progress.setFixedWidth(space(30))
        for widget in (self.apply, self.discard, self.progress, self.done, self.stop):
            foot.addWidget(widget)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(space(3), space(3), space(3), space(3))
        column.setSpacing(space(2))
        column.addLayout(head)
        column.addWidget(self.summary)
        column.addWidget(self._middle, 1)
        column.addLayout(foot)
        foot_buttons = (self.apply, self.discard, self.stop)
        set_tab_order(back, self.suggested, self.tree, self.message, *foot_buttons)
        self.wait()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave most of the room to the reasons."""
        super().resizeEvent(event)
        header = self.tree.header()
        header.resizeSection(0, min(space(FILE_STEPS), self.width() * 2 // 7))
        header.resizeSection(FOLDER, min(space(FOLDER_STEPS), self.width() // 5))

    def wait(self, share: float = 0.0) -> None:
        """Say that the plan is being made; `share` of the work is done."""
        self.plan = None
        title, stop = self.tr("Making the plan …"), ("back", self.tr("Stop (Esc)"))
        said = self.tr("Each file is looked at; nothing is moved.")
        self._say(Emptiness("list-checks", title, said, link=stop, share=share))

    def show_plan(self, plan: Plan, *, writable: bool, earlier: bool = False) -> None:
        """Show a plan; one of an `earlier` session says when it was made."""
        self.plan = plan
        self._writable = writable
        self.model.set_plan(plan)
        for row in range(self.model.rowCount()):
            self.tree.setFirstColumnSpanned(row, QModelIndex(), True)
            if row < 2 and len(self.model.sections[row].rows) <= UNFOLDED:
                self.tree.expand(self.model.index(row, 0))
        lists = bool(plan.going) or any(row.refused for row in plan.rows)
        if not lists:
            said = self.tr("Decide about groups first, or let suggested copies go as well (above).")
            back = ("back", self.tr("Back to the duplicates"))
            title = self.tr("Nothing would go to the trash.")
            self._say(Emptiness("circle-check", title, said, link=back))
        else:
            self._middle.setCurrentWidget(self.tree)
        self.suggested.setVisible(not earlier)
        self.summary.setText(self._sentence(plan, earlier))
        self._fit(running=False)
        (self.tree if lists else self.message).setFocus()

    def set_running(self, done: int, total: int) -> None:
        """Show how far carrying out has come."""
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.done.setText(self.tr("{0} of {1}").format(whole(done), files(total)))
        self.progress.setAccessibleName(self.done.text())
        self._fit(running=True)

    def stop_running(self) -> None:
        """Offer again what can be done."""
        self._fit(running=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave with Escape."""
        if event.key() == Qt.Key.Key_Escape and self.stop.isHidden():
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _say(self, emptiness: Emptiness) -> None:
        self.message.say(emptiness)
        self._middle.setCurrentWidget(self.message)
        self.summary.setText("")
        self._fit(running=False)

    def _sentence(self, plan: Plan, earlier: bool) -> str:
        refused = sum(bool(row.refused) for row in plan.rows)
        said = []
        if earlier:
            when = moment(_iso(plan.made))
            said.append(self.tr("Made on {0} and not carried out.").format(when))
        if plan.going:
            text = self.tr("{0} would go to the trash, which gains {1}.")
            said.append(text.format(files(len(plan.going)), file_size(plan.gained)))
        if refused:
            text = self.tr("{0} must stay although they were to go; each says why.")
            said.append(text.format(files(refused)))
        if not self._writable:
            said.append(
                self.tr("Another Twinlens uses this library, so it can only be carried out there.")
            )
        else:
            said.append(self.tr("Nothing has been moved yet."))
        return " ".join(said)

    def _fit(self, *, running: bool) -> None:
        plan = self.plan
        going = len(plan.going) if plan is not None else 0
        self.apply.setText(self.tr("Move {0} to trash …").format(files(going)))
        self.apply.setVisible(bool(going) and not running)
        self.apply.setEnabled(self._writable)
        self.discard.setVisible(bool(going) and not running)
        self.discard.setEnabled(self._writable)
        self.suggested.setEnabled(not running)
        for widget in (self.progress, self.done, self.stop):
            widget.setVisible(running)

    def _made_tree(self) -> QTreeView:
        tree = QTreeView()
        tree.setModel(self.model)
        tree.setUniformRowHeights(True)
        tree.setIndentation(space(INDENT_STEPS))
        tree.setSelectionBehavior(QTreeView.SelectionBehavior.SelectRows)
        tree.setItemDelegate(Eliding(tree))
        tree.setAccessibleName(self.tr("Files of the plan"))
        tree.activated.connect(self._activate)
        header = tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(WHY, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(SIZE, space(SIZE_STEPS))
        return tree

    def _activate(self, index: QModelIndex) -> None:
        row = self.model.row(index)
        if row is not None:
            self.show_file.emit(row.path)


def _iso(seconds: float) -> str:
    from datetime import datetime

    return datetime.fromtimestamp(seconds).isoformat()
