"""The page on which duplicates are looked at and decided about. Runs on the GUI thread."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from twinlens.gui.controls import press_by_enter, set_tab_order, text_button
from twinlens.gui.empty_state import Emptiness, EmptyState
from twinlens.gui.filter_pill import FilterPill
from twinlens.gui.group_panel import GroupPanel
from twinlens.gui.photo_rows import PhotoRows, Wishes
from twinlens.gui.pictures import Pictures
from twinlens.gui.review_list import ReviewDelegate, ReviewModel
from twinlens.gui.tasks import Tasks
from twinlens.gui.theme import set_kind, space
from twinlens.gui.thumbnail_loader import ThumbnailLoader

LIST_STEPS, NARROWEST_STEPS = 64, 50


class ReviewPage(QWidget):
    """Groups at the left, the one in hand at the right.

    Signals:
        decided(str): what was decided about the group in hand; "undo" takes the last one back.
        walked(int): another group is in hand.
        asked(str): "again", "plan", "clean-ups", "stop" or the act of an empty page.
    """

    decided = Signal(str)
    walked = Signal(int)
    asked = Signal(str)

    def __init__(
        self,
        pictures: Pictures,
        tasks: Tasks,
        loader: ThumbnailLoader,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Duplicates"))
        self._can_undo = False
        wishes = Wishes(loader)
        self.model = ReviewModel()
        self.list = PhotoRows(wishes, self.model.photo_ids, self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(ReviewDelegate(loader, self.list))
        self.list.setAccessibleName(self.tr("Groups of duplicates"))
        self.list.walked.connect(self.walked)
        self.group = GroupPanel(pictures, tasks, wishes, self)
        self.group.decided.connect(self.decided)
        self.message = EmptyState()
        self.message.chosen.connect(self.asked)
        self.summary = QLabel()
        set_kind(self.summary, "secondary")
        self.state = FilterPill("list-checks", self.tr("To decide"), self)
        self.match = FilterPill("blend", self.tr("Edited versions too"), self)
        self.within = FilterPill("folder", self.tr("In a folder"), self)
        self.across = FilterPill("folder-open", self.tr("Also elsewhere"), self)
        self.rules = FilterPill("sliders-horizontal", self.tr("The best file"), self)
        self.plan = QPushButton(self.tr("Plan the clean-up …"), self)
        set_kind(self.plan, "primary")
        self.plan.setToolTip(
            self.tr("See what would happen to which file before anything is moved (P)")
        )
        self.plan.clicked.connect(lambda: self.asked.emit("plan"))
        self.clean_ups = text_button(
            "history",
            self.tr("Clean-ups"),
            self.tr("What was cleaned up and decided, to take it back"),
            self,
            kind="quiet",
        )
        self.clean_ups.clicked.connect(lambda: self.asked.emit("clean-ups"))
        self.notice = QLabel()
        self.notice.setWordWrap(True)
        set_kind(self.notice, "secondary")
        self.again = text_button(
            "refresh-cw", self.tr("Look again"), self.tr("Look for duplicates again (F5)"), self
        )
        self.again.clicked.connect(lambda: self.asked.emit("again"))
        said = self.tr("Stop looking for duplicates (Esc)")
        self.stop = text_button("x", self.tr("Stop"), said, self)
        self.stop.clicked.connect(lambda: self.asked.emit("stop"))
        self._middle = QStackedWidget()
        self._lay_out()
        self.set_notice("")

    # What is shown

    @property
    def showing_groups(self) -> bool:
        """Whether groups are shown, rather than a sentence."""
        return self._middle.currentWidget() is self._both

    @property
    def is_busy(self) -> bool:
        """Whether something is going on that can be stopped."""
        said = None if self.showing_groups else self.message.shown
        link = None if said is None else said.link
        return not self.stop.isHidden() or (link is not None and link[0] == "stop")

    def say(self, emptiness: Emptiness) -> None:
        """Say why there are no groups."""
        had_focus = self.list.hasFocus() or self.group.members.hasFocus()
        self.message.say(emptiness)
        self._middle.setCurrentWidget(self.message)
        if had_focus:
            self.setFocus()

    def show_groups(self) -> None:
        """Show the groups of the model."""
        self._middle.setCurrentWidget(self._both)
        if self.hasFocus() or self.message.hasFocus():
            self.list.setFocus()

    def set_notice(self, text: str, offer: bool = False) -> None:
        """Say something about the list below it, and offer to look again."""
        self.notice.setText(text)
        self.again.setVisible(offer)
        self.stop.hide()
        self._foot.setVisible(bool(text) or offer)

    def set_busy(self, text: str) -> None:
        """Say below the groups what is going on, and offer to stop it."""
        self.set_notice(text)
        self.stop.show()

    def set_writable(self, writable: bool, *, can_undo: bool = False) -> None:
        """Offer to decide, or not."""
        self._can_undo = can_undo
        self.group.set_writable(writable)

    def take_focus(self) -> None:
        """Let the keyboard begin with the groups."""
        (self.list if self.showing_groups else self).setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show filters that leave nothing out as icons where there is no room for their names."""
        pills = (self.state, self.match, self.within, self.across, self.rules)
        room = self.width() - 2 * space(3) - len(pills) * space(2)
        narrow = sum(pill.full_width() for pill in pills) > room
        for pill in pills[2:]:
            pill.set_compact(narrow)
        super().resizeEvent(event)

    # Keys

    def event(self, event: QEvent) -> bool:
        """Keep keys of this page from the menus while they have a meaning here."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            undo = event.key() == Qt.Key.Key_Z and self._can_undo
            if (undo and event.modifiers() == Qt.KeyboardModifier.ControlModifier) or (
                event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_F5)
            ):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Decide, walk, zoom and compare by keyboard."""
        if press_by_enter(event):
            return
        act = self._act_of(event)
        if self.showing_groups and self.group.pair.handle_key(event):
            event.accept()
        elif act is None:
            super().keyPressEvent(event)
        else:
            act()
            event.accept()

    def _act_of(self, event: QKeyEvent) -> Callable[[], object] | None:
        key, held = Qt.Key(event.key()), event.modifiers()
        if key == Qt.Key.Key_F5:
            return lambda: self.asked.emit("again")
        if key == Qt.Key.Key_Escape and self.is_busy:
            return lambda: self.asked.emit("stop")
        if key in (Qt.Key.Key_Backspace, Qt.Key.Key_Z):
            return lambda: self.decided.emit("undo")
        if held == Qt.KeyboardModifier.NoModifier and key == Qt.Key.Key_P:
            return lambda: self.asked.emit("plan")
        if not self.showing_groups:
            return None
        if held & Qt.KeyboardModifier.ControlModifier:
            steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
            return (lambda: self._step(steps[key])) if key in steps else None
        if held & Qt.KeyboardModifier.ShiftModifier and key == Qt.Key.Key_N:
            return lambda: self.decided.emit("not-this")
        names = {
            Qt.Key.Key_Return: "accept",
            Qt.Key.Key_Enter: "accept",
            Qt.Key.Key_K: "keep",
            Qt.Key.Key_T: "trash",
            Qt.Key.Key_Delete: "trash",
            Qt.Key.Key_N: "not-duplicates",
            Qt.Key.Key_A: "keep-all",
        }
        if key in names:
            return lambda: self._decide(names[key])
        others: dict[int, Callable[[], object]] = {
            Qt.Key.Key_Left: lambda: self.group.step(-1),
            Qt.Key.Key_Right: lambda: self.group.step(1),
            Qt.Key.Key_Up: lambda: self._step(-1),
            Qt.Key.Key_Down: lambda: self._step(1),
        }
        return others.get(key)

    def _decide(self, name: str) -> None:
        # What cannot be decided now cannot be decided by key either.
        if self.group.buttons[name].isEnabled():
            self.decided.emit(name)

    def _step(self, by: int) -> None:
        self.list.go_to(self.list.current_row() + by)

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Duplicates"))
        set_kind(title, "title")
        head = QHBoxLayout()
        head.setContentsMargins(space(3), space(3), space(3), 0)
        head.setSpacing(space(2))
        head.addWidget(title)
        head.addWidget(self.summary, 1)
        head.addWidget(self.clean_ups)
        head.addWidget(self.plan)
        pills = QHBoxLayout()
        pills.setContentsMargins(space(3), space(2), space(3), space(2))
        pills.setSpacing(space(2))
        for pill in (self.state, self.match, self.within, self.across, self.rules):
            pills.addWidget(pill)
        pills.addStretch(1)
        self._both = QSplitter(Qt.Orientation.Horizontal)
        self._both.setHandleWidth(1)
        self._both.setChildrenCollapsible(False)
        self.list.setMinimumWidth(space(NARROWEST_STEPS))
        self._both.addWidget(self.list)
        self._both.addWidget(self.group)
        self._both.setStretchFactor(0, 0)
        self._both.setStretchFactor(1, 1)
        self._both.setSizes([space(LIST_STEPS), 3 * space(LIST_STEPS)])
        self._middle.addWidget(self._both)
        self._middle.addWidget(self.message)
        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(space(3), space(1), space(3), space(1))
        foot.addWidget(self.notice, 1)
        foot.addWidget(self.again)
        foot.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(pills)
        column.addWidget(self._middle, 1)
        column.addWidget(self._foot)
        filters = (self.state, self.match, self.within, self.across, self.rules)
        group = (self.group.pair.switch, self.group.pair, self.group.members)
        below = (*self.group.buttons.values(), self.message, self.again, self.stop)
        set_tab_order(self.clean_ups, self.plan, *filters, self.list, *group, *below)
