"""The one card that tells what happened in the background. GUI thread."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from twinlens.gui import theme
from twinlens.gui.icon_label import IconLabel, secondary
from twinlens.gui.tokens import Tokens

#: Kind of message to its icon and colour.
LOOKS: dict[str, tuple[str, Callable[[Tokens], QColor]]] = {
    "info": ("info", secondary),
    "good": ("circle-check", lambda now: now.good),
    "attention": ("triangle-alert", lambda now: now.attention),
    "failed": ("circle-x", lambda now: now.failed),
}
#: These stay until closed, the newest in front; the others give way.
LASTING = {"attention", "failed"}


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence with at most one act."""

    kind: str
    sentence: str
    action_label: str | None = None
    action: Callable[[], None] | None = None
    passing: bool = False

    @property
    def lasts(self) -> bool:
        """Whether it stays until it is closed."""
        return self.kind in LASTING and not self.passing


class MessageBar(QFrame):
    """Shows the newest message; the lasting one before it follows when this one is closed.

    Signals:
        shown(str): a sentence came into view.
    """

    shown = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.set_kind(self, "raised")
        self._current: Message | None = None
        self._waiting: list[Message] = []
        self._said_once: set[str] = set()
        self._icon = IconLabel("info", theme.tokens().icon)
        self._sentence = QLabel()
        self._sentence.setWordWrap(True)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._action = QPushButton()
        theme.set_kind(self._action, "link")
        self._action.clicked.connect(self._act)
        self._action.setVisible(False)
        self._close = QToolButton()
        self._close.setIcon(theme.icon("x"))
        self._close.setToolTip(self.tr("Close this message (Esc)"))
        self._close.setAccessibleName(self.tr("Close this message"))
        self._close.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.space(3), theme.space(1), theme.space(1), theme.space(1))
        row.setSpacing(theme.space(2))
        row.addWidget(self._icon)
        row.addWidget(self._sentence, 1)
        row.addWidget(self._action)
        row.addWidget(self._close)
        self.setVisible(False)

    @property
    def current(self) -> Message | None:
        """The message in view."""
        return self._current

    def say(
        self,
        kind: str,
        sentence: str,
        action_label: str | None = None,
        action: Callable[[], None] | None = None,
        *,
        passing: bool = False,
    ) -> None:
        """Show a sentence; the same sentence is not shown twice at a time.

        Args:
            kind: "info", "good", "attention" or "failed".
            sentence: what happened, what Twinlens did, what the user can do.
            action_label: what the button does, for instance "Undo".
            action: called when the button is pressed; the message goes.
            passing: it is about what was just done, and goes with the next thing asked.
        """
        now = self._current
        if now is not None and now.lasts:
            self._waiting.insert(0, now)
        self._waiting = [item for item in self._waiting if item.sentence != sentence]
        self._show(Message(kind, sentence, action_label, action, passing))

    def say_once(
        self,
        kind: str,
        sentence: str,
        action_label: str | None = None,
        action: Callable[[], None] | None = None,
    ) -> None:
        """Show a sentence unless it was shown before while the window was open."""
        if sentence not in self._said_once:
            self._said_once.add(sentence)
            self.say(kind, sentence, action_label, action)

    def dismiss(self) -> None:
        """Close the message in view; the next one that waits takes its place."""
        self._current = None
        if self._waiting:
            self._show(self._waiting.pop(0))
        else:
            self.setVisible(False)

    def retract(self, sentence: str) -> None:
        """Close a message, or take it from those that wait: it is of no use any more."""
        self._waiting = [item for item in self._waiting if item.sentence != sentence]
        if self._current is not None and self._current.sentence == sentence:
            self.dismiss()

    def clear_passing(self) -> None:
        """Close a message that only reported something; what needs attention stays."""
        if self._current is not None and not self._current.lasts:
            self.dismiss()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def _show(self, message: Message) -> None:
        self._current = message
        self._sentence.setText(message.sentence)
        self._sentence.setAccessibleName(message.sentence)
        self._action.setVisible(message.action_label is not None)
        self._action.setText(message.action_label or "")
        self._icon.set_icon(*LOOKS[message.kind])
        self.setVisible(True)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, message.sentence))
        self.shown.emit(message.sentence)

    def _act(self) -> None:
        message = self._current
        self.dismiss()
        if message is not None and message.action is not None:
            message.action()
