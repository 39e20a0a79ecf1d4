"""The slider for the least score, with how many results stay. Runs on the GUI thread."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from twinlens.gui import theme
from twinlens.gui.theme import set_kind, space
from twinlens.gui.wording import whole

MOST = 99


class ScoreFilter(QWidget):
    """Asks for the least score that is worth seeing.

    Signals:
        chosen(int): the score in digits, 0 for every result; also while the slider moves.
    """

    chosen = Signal(int)

    def __init__(self, digits: int) -> None:
        super().__init__()
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, MOST)
        self.slider.setPageStep(10)
        self.slider.setValue(digits)
        self.slider.setFixedWidth(space(60))
        self.slider.setAccessibleName(self.tr("Least score"))
        self.slider.valueChanged.connect(self._tell)
        self.setFocusProxy(self.slider)
        self.number = QLabel(self)
        self.number.setFont(theme.font(tabular=True))
        self.stay = QLabel(self)
        set_kind(self.stay, "secondary")
        self.every = QPushButton(self.tr("Show every result"), self)
        set_kind(self.every, "quiet")
        self.every.clicked.connect(lambda: self.slider.setValue(0))
        top = QHBoxLayout()
        top.addWidget(self.number)
        top.addStretch(1)
        top.addWidget(self.stay)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space(2))
        column.addLayout(top)
        column.addWidget(self.slider)
        column.addWidget(self.every)
        self._show_number(digits)

    def set_staying(self, number: int | None) -> None:
        """Say how many results stay; None while that is not known."""
        if number is None:
            self.stay.setText(self.tr("…"))
        elif number == 1:
            self.stay.setText(self.tr("1 result stays"))
        else:
            self.stay.setText(self.tr("{count} results stay").format(count=whole(number)))
        self.slider.setAccessibleDescription(self.stay.text())

    def _tell(self, digits: int) -> None:
        self._show_number(digits)
        self.chosen.emit(digits)

    def _show_number(self, digits: int) -> None:
        if digits:
            self.number.setText(self.tr("Score {digits} or more").format(digits=digits))
        else:
            self.number.setText(self.tr("Any score"))
        self.every.setEnabled(digits > 0)
