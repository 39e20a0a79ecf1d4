"""The slider for what a result must reach, with how many stay. Runs on the GUI thread."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from twinlens.gui import theme
from twinlens.gui.theme import set_kind, space
from twinlens.gui.wording import percent, same_thing, whole

MOST = 99


class ScoreFilter(QWidget):
    """Asks how likely a result must show the same thing, or for the least score.

    Args:
        least: the percentage or the score in digits that holds, 0 for every result.
        by_probability: ask for a probability; a model may give none.

    Signals:
        chosen(int): another one; also while the slider moves.
    """

    chosen = Signal(int)

    def __init__(self, least: int, *, by_probability: bool = False) -> None:
        super().__init__()
        self._by_probability = by_probability
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, MOST)
        self.slider.setPageStep(10)
        self.slider.setValue(least)
        self.slider.setFixedWidth(space(72))
        self.slider.setAccessibleName(
            self.tr("Least probability of showing the same thing, in percent")
            if by_probability
            else self.tr("Least score")
        )
        self.slider.valueChanged.connect(self._tell)
        self.setFocusProxy(self.slider)
        self.number = QLabel(self)
        self.number.setFont(theme.font(tabular=True))
        self.stay = QLabel(self)
        set_kind(self.stay, "secondary")
        self.meaning = QLabel(same_thing(), self)
        set_kind(self.meaning, "secondary")
        self.meaning.setWordWrap(True)
        self.meaning.setVisible(by_probability)
        self.every = QPushButton(self.tr("Show every result"), self)
        set_kind(self.every, "quiet")
        self.every.clicked.connect(lambda: self.slider.setValue(0))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space(2))
        column.addWidget(self.number)
        column.addWidget(self.slider)
        below = QHBoxLayout()
        below.addWidget(self.stay, 1)
        below.addWidget(self.every)
        column.addLayout(below)
        column.addWidget(self.meaning)
        self._show_number(least)

    def set_staying(self, number: int | None) -> None:
        """Say how many results stay; None while that is not known."""
        if number is None:
            self.stay.setText(self.tr("…"))
        elif number == 1:
            self.stay.setText(self.tr("1 result stays"))
        else:
            self.stay.setText(self.tr("{count} results stay").format(count=whole(number)))
        self.slider.setAccessibleDescription(f"{self.number.text()}, {self.stay.text()}")

    def _tell(self, least: int) -> None:
        self._show_number(least)
        self.chosen.emit(least)

    def _show_number(self, least: int) -> None:
        if not least:
            self.number.setText(
                self.tr("However likely") if self._by_probability else self.tr("Any score")
            )
        elif self._by_probability:
            said = self.tr("At least {percent} likely the same thing")
            self.number.setText(said.format(percent=percent(least / 100)))
        else:
            self.number.setText(self.tr("Score {digits} or more").format(digits=least))
        self.every.setEnabled(least > 0)
