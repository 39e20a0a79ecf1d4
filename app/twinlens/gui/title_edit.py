"""A field in which a title is typed where it stands. Runs on the GUI thread."""

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from twinlens.gui.theme import space

LONGEST = 120
LEAST_STEPS = 30


class TitleEdit(QLineEdit):
    """Takes the place of a title; Enter and a focus elsewhere keep what was typed, Esc does not.

    Signals:
        typed(str): another title, without blanks around it; empty for the one it would get.
    """

    typed = Signal(str)

    def __init__(self, parent: QWidget, place: QRect, title: str) -> None:
        super().__init__(title, parent)
        self._before = title
        self._over = False
        self._came_from = QApplication.focusWidget()
        self.setMaxLength(LONGEST)
        self.setAccessibleName(self.tr("Title of the gallery"))
        self.setPlaceholderText(self.tr("The title it would get"))
        height = self.sizeHint().height()
        width = max(place.width(), space(LEAST_STEPS))
        left = max(0, min(place.left(), parent.width() - width))
        self.setGeometry(left, place.center().y() - height // 2, width, height)
        self.returnPressed.connect(lambda: self._end(keep=True))
        self.show()
        self.selectAll()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Give up with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self._end(keep=False)
        else:
            super().keyPressEvent(event)
            # What is no text must not reach the galleries below.
            event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keep what was typed when the keyboard goes elsewhere."""
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self._end(keep=True)

    def _end(self, *, keep: bool) -> None:
        if self._over:
            return
        self._over = True
        title = self.text().strip()
        if self.hasFocus() and self._came_from is not None:
            self._came_from.setFocus()
        self.hide()
        self.deleteLater()
        if keep and title != self._before:
            self.typed.emit(title)
