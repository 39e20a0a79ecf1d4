"""Settings about how well searching works: judged pairs and the recall. GUI thread."""

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from twinlens.gui.theme import set_kind, space
from twinlens.gui.wording import whole

#: Pairs asked for in one go.
PAIRS = 20
#: What a search aims at, as the engine does.
AIM = 0.98


class JudgedPanel(QWidget):
    """Offers to judge pairs of photos, and to take all judgements back.

    Signals:
        judge(): pairs are to be judged.
        forget(): no judgement counts any more.
    """

    judge = Signal()
    forget = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = _sentence(
            self.tr(
                "Twinlens says how likely a result shows the same thing. Judge {count} pairs of "
                "your photos, and from then on it follows your eye. That takes two minutes."
            ).format(count=PAIRS)
        )
        self.state = _sentence("")
        self.start = QPushButton(self.tr("Judge {count} pairs …").format(count=PAIRS), self)
        self.start.clicked.connect(self.judge)
        self.undo = QPushButton(self.tr("Take all judgements back"), self)
        set_kind(self.undo, "link")
        self.undo.clicked.connect(self.forget)
        _lay_out(self, [self._text, self.state], [self.start, self.undo])
        self.set_judged(0)

    def set_judged(self, pairs: int) -> None:
        """Say how many pairs count."""
        said = self.tr("1 pair is judged.") if pairs == 1 else self.tr("{count} pairs are judged.")
        self.state.setText(said.format(count=whole(pairs)))
        self.state.setVisible(pairs > 0)
        self.undo.setVisible(pairs > 0)


class RecallPanel(QWidget):
    """Says how much a search finds of what there is.

    Signals:
        measure(): it is to be measured.
    """

    measure = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = _sentence("")
        self._text = _sentence(
            self.tr(
                "In a large library, comparing a picture with every photo would take too long, so "
                "Twinlens looks where alike photos lie. Where that finds too little, it looks "
                "further by itself and takes a little longer."
            )
        )
        self.again = QPushButton(self.tr("Measure again"), self)
        self.again.clicked.connect(self.measure)
        _lay_out(self, [self.state, self._text], [self.again])
        # What was measured comes first and is no remark.
        set_kind(self.state, "body")
        self.set_measuring()

    def set_measuring(self) -> None:
        """Say that it is being measured."""
        self.state.setText(self.tr("Measuring on your photos …"))
        self.again.setEnabled(False)

    def set_recall(self, recall: float | None, samples: int) -> None:
        """Say what was measured on so many photos; None where there are none."""
        self.again.setEnabled(True)
        if recall is None:
            self.state.setText(self.tr("There are no photos to measure with yet."))
            return
        # Rounded down: what is missed now and then is not called everything.
        number = QLocale().toString(int(1000 * recall + 1e-6) / 10, "f", 1 if recall < 1 else 0)
        said = self.tr(
            "A search finds {share} % of the most similar photos, measured on {count} of yours."
        ).format(share=number, count=whole(samples))
        if recall < AIM:
            said += " " + self.tr("That is less than it should be, although it looks far.")
        self.state.setText(said)


def _sentence(text: str) -> QLabel:
    label = QLabel(text)
    set_kind(label, "secondary")
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def _lay_out(panel: QWidget, labels: list[QLabel], buttons: list[QPushButton]) -> None:
    column = QVBoxLayout(panel)
    column.setContentsMargins(0, 0, 0, space(2))
    column.setSpacing(space(2))
    for label in labels:
        column.addWidget(label)
    row = QHBoxLayout()
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    column.addLayout(row)
