"""The field for a word: for what photos show, or for a part of a file name. GUI thread."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from twinlens.gui.theme import icon, space
from twinlens.gui.word_offers import WordOffers

LEAST, USUAL, MOST = 96, 160, 300


class NameField(QLineEdit):
    """A search field that can be filled without telling, and offers words while one types.

    Signals:
        typed(): the user changed the text.
        word_chosen(str): photos that show this are wanted.
        name_meant(): the text is meant for file names.
    """

    typed = Signal()
    word_chosen = Signal(str)
    name_meant = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._filling = False
        self._offers: WordOffers | None = None
        self.textChanged.connect(self._tell)
        self.setPlaceholderText(self.tr("Word or name"))
        self.setAccessibleName(self.tr("A word for what photos show, or a part of the file name"))
        self.setToolTip(self.tr("Photos that show this, or have it in their file name (Ctrl+F)"))
        self.setClearButtonEnabled(True)
        # A photo dropped here is a query as anywhere else; Qt would type its address.
        self.setAcceptDrops(False)
        self.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.setMaximumWidth(MOST)
        self.setMinimumWidth(LEAST)
        # Qt leaves more room beside the icon than the rest of the row has.
        self.setTextMargins(-space(2), 0, 0, 0)

    def sizeHint(self) -> QSize:
        """Return a width for a word: it grows into what the pills beside it leave."""
        return QSize(USUAL, super().sizeHint().height())

    @property
    def offering(self) -> WordOffers | None:
        """The words on offer, None while there are none."""
        return self._offers if self._offers is not None and self._offers.isVisible() else None

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

    def offer(self, words: list[str]) -> None:
        """Offer words for what is typed; none takes the offer back."""
        if self._offers is None:
            # Its place is in the window, which is known only now.
            self._offers = WordOffers(self)
            self._offers.chosen.connect(self._choose)
        self._offers.offer(self.text().strip(), words if self.hasFocus() else [])
        offered = self.tr("{count} words offered, choose with the arrow keys")
        self.setAccessibleDescription(offered.format(count=len(words)) if words else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose among the words on offer; type otherwise."""
        key, offers = event.key(), self.offering
        if offers is None:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            offers.step(1 if key == Qt.Key.Key_Down else -1)
            self.setAccessibleDescription(offers.current())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            offers.choose()
        elif key == Qt.Key.Key_Escape:
            offers.hide()
            self.name_meant.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the text for what it says: a word that is offered, or a part of a file name."""
        super().focusOutEvent(event)
        if (offers := self.offering) is not None:
            first = offers.texts()[0]
            offers.hide()
            if first.casefold() == self.text().strip().casefold():
                self._choose(first)
            else:
                self.name_meant.emit()

    def _choose(self, word: str) -> None:
        if word:
            self.word_chosen.emit(word)
        else:
            self.name_meant.emit()

    def _tell(self) -> None:
        if not self._filling:
            self.typed.emit()
