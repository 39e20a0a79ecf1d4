"""The field for a part of a file name. Runs on the GUI thread."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from twinlens.gui.theme import icon, space

LEAST, MOST = 96, 300


class NameField(QLineEdit):
    """A search field that can be filled without telling.

    Signals:
        typed(): the user changed the text.
    """

    typed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._filling = False
        self.textChanged.connect(self._tell)
        self.setPlaceholderText(self.tr("File name"))
        self.setAccessibleName(self.tr("Part of the file name"))
        self.setToolTip(self.tr("Only photos with this in their file name (Ctrl+F)"))
        self.setClearButtonEnabled(True)
        # A photo dropped here is a query as anywhere else; Qt would type its address.
        self.setAcceptDrops(False)
        self.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.setMaximumWidth(MOST)
        self.setMinimumWidth(LEAST)
        # Qt leaves more room beside the icon than the rest of the row has.
        self.setTextMargins(-space(2), 0, 0, 0)

    def sizeHint(self) -> QSize:
        """Return the least width: it grows into what the pills beside it leave."""
        return QSize(LEAST, super().sizeHint().height())

    def wanted(self) -> str | None:
        """Return what is searched for; None for nothing."""
        return self.text().strip() or None

    def fill(self, text: str | None) -> None:
        """Show a text without telling, and without moving the cursor where it is the same."""
        if text != self.wanted():
            # Only our own signal is held back: Qt needs its own to hide the cross.
            self._filling = True
            self.setText(text or "")
            self._filling = False

    def _tell(self) -> None:
        if not self._filling:
            self.typed.emit()
