"""A question of the settings with its answers, each with its consequence. GUI thread."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFrame,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from twinlens.gui import theme

TEXT_INDENT = 6
#: Those of the round button itself, left and right.
BORDERS = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: what is kept, what it is called, what follows from it."""

    value: str
    label: str
    consequence: str


def consequence_label(text: str) -> QLabel:
    """Return a sentence that stands below a control, in line with its text."""
    label = QLabel(text)
    theme.set_kind(label, "secondary")
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setIndent(theme.space(TEXT_INDENT) + BORDERS)
    return label


class ChoiceList(QWidget):
    """Radio buttons, each with a sentence about its consequence.

    Signals:
        chosen(str): the user chose a value.
    """

    chosen = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._values: list[str] = []
        self._sentences: list[QLabel] = []
        self._choices: list[Choice] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._group.idClicked.connect(lambda number: self.chosen.emit(self._values[number]))

    def set_choices(self, choices: list[Choice]) -> None:
        """Offer other answers."""
        if choices == self._choices:
            return
        self._choices = choices
        if [choice.value for choice in choices] == self._values:
            self._reword()
            return
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        for button in self._group.buttons():
            self._group.removeButton(button)
        self._values = [choice.value for choice in choices]
        self._sentences = []
        for number, choice in enumerate(choices):
            button = QRadioButton(choice.label)
            button.setAccessibleDescription(choice.consequence)
            self._group.addButton(button, number)
            self._column.addWidget(button)
            below = consequence_label(choice.consequence)
            below.setContentsMargins(0, 0, 0, theme.space(2))
            self._column.addWidget(below)
            self._sentences.append(below)

    def _reword(self) -> None:
        # In place, so that the answer that was just chosen keeps the focus.
        for number, choice in enumerate(self._choices):
            button = self._group.button(number)
            button.setText(choice.label)
            button.setAccessibleDescription(choice.consequence)
            self._sentences[number].setText(choice.consequence)

    def set_value(self, value: str) -> None:
        """Show which answer holds."""
        if value in self._values:
            self._group.button(self._values.index(value)).setChecked(True)

    @property
    def value(self) -> str:
        """The answer that holds; empty when none does."""
        number = self._group.checkedId()
        return self._values[number] if number >= 0 else ""


class Switch(QWidget):
    """A check box with a sentence about its consequence.

    Signals:
        switched(bool): the user turned it on or off.
    """

    switched = Signal(bool)

    def __init__(self, label: str, consequence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box = QCheckBox(label)
        self._box.setAccessibleDescription(consequence)
        self._box.clicked.connect(self.switched)
        below = consequence_label(consequence)
        below.setContentsMargins(0, 0, 0, theme.space(2))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._box)
        column.addWidget(below)

    @property
    def on(self) -> bool:
        """Whether it is on."""
        return self._box.isChecked()

    def set_on(self, on: bool) -> None:
        """Show whether it is on."""
        self._box.setChecked(on)


class Section(QFrame):
    """A titled panel of the settings."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.set_kind(self, "raised")
        heading = QLabel(title)
        theme.set_kind(heading, "heading")
        self.setAccessibleName(title)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(*(theme.space(4),) * 3, theme.space(2))
        self._column.setSpacing(theme.space(2))
        self._column.addWidget(heading)

    def add(self, widget: QWidget) -> None:
        """Put a control below the others."""
        self._column.addWidget(widget)
