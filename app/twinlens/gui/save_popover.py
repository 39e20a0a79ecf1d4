"""Asks, below a control, under which name a search is to be kept. Runs on the GUI thread."""

from collections.abc import Collection

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from twinlens.gui.popover import Popover
from twinlens.gui.theme import set_kind, space

WIDTH_STEPS = 60
LONGEST_NAME = 80


class SavePopover(QWidget):
    """A field for the name and a button; it says when a search of that name gives way.

    Signals:
        chosen(str): the name, without blanks around it.
    """

    chosen = Signal(str)

    def __init__(self, anchor: QWidget, name: str, taken: Collection[str]) -> None:
        super().__init__()
        self._taken = taken
        self.field = QLineEdit(name, self)
        self.field.setMaxLength(LONGEST_NAME)
        self.field.setPlaceholderText(self.tr("Name of the search"))
        self.field.setAccessibleName(self.tr("Name of the search"))
        self.field.setMinimumWidth(space(WIDTH_STEPS))
        self.field.textChanged.connect(self._follow)
        self.field.returnPressed.connect(self._choose)
        self.save = QPushButton(self)
        set_kind(self.save, "primary")
        self.save.clicked.connect(self._choose)
        self.said = QLabel(self)
        self.said.setWordWrap(True)
        set_kind(self.said, "secondary")
        row = QHBoxLayout()
        row.setSpacing(space(2))
        row.addWidget(self.field, 1)
        row.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space(2))
        column.addLayout(row)
        column.addWidget(self.said)
        self.setFocusProxy(self.field)
        self.setAccessibleName(self.tr("Save this search"))
        self._popover = Popover(anchor, self)
        self.field.selectAll()
        self._follow()

    def open(self) -> None:
        """Show it below the control."""
        self._popover.open()

    def _name(self) -> str:
        return self.field.text().strip()

    def _follow(self) -> None:
        replaces = self._name() in self._taken
        self.save.setText(self.tr("Replace") if replaces else self.tr("Save"))
        self.save.setEnabled(bool(self._name()))
        if replaces:
            said = self.tr("The search of this name gives way to this one.")
        else:
            said = self.tr("Kept with its examples, marks and filters, and asked anew when opened.")
        self.said.setText(said)

    def _choose(self) -> None:
        if self._name():
            self._popover.close_now()
            self.chosen.emit(self._name())
