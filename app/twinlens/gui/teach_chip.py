"""The chip that judges results as right or wrong, and says what came of it. GUI thread."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from twinlens.gui.chip import BUTTON, HEIGHT
from twinlens.gui.controls import tool_button
from twinlens.gui.marks import ENOUGH, Marks
from twinlens.gui.theme import set_kind, space, tokens
from twinlens.gui.tile_marks import VERDICT_ICONS
from twinlens.gui.wording import whole

RIGHT_KEY, WRONG_KEY = "Y", "N"


class TeachChip(QWidget):
    """Two buttons that judge the selected photos, and how many were judged so far.

    The buttons are acts of the window, which knows what is selected and connects them.
    """

    def __init__(self, marks: Marks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marks = marks
        self.right = self._button(VERDICT_ICONS[True], self.tr("Mark as right"), RIGHT_KEY)
        self.wrong = self._button(VERDICT_ICONS[False], self.tr("Mark as wrong"), WRONG_KEY)
        self.forget = self._button("x", self.tr("Forget what was right and wrong"))
        self.forget.clicked.connect(marks.forget)
        self._text = QLabel(self)
        set_kind(self._text, "secondary")
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.right)
        row.addWidget(self.wrong)
        row.addStretch(1)
        row.addWidget(self.forget)
        column = QVBoxLayout(self)
        column.setContentsMargins(space(1), space(1), space(1), space(1))
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._text, 1)
        self._text.setContentsMargins(space(2), 0, space(2), 0)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        marks.changed.connect(self._show)
        self._show()

    def set_can_judge(self, can: bool) -> None:
        """Offer the two buttons while a photo is selected."""
        self.right.setEnabled(can)
        self.wrong.setEnabled(can)

    def text(self) -> str:
        """Return what the chip says."""
        return self._text.text()

    def _button(self, icon: str, text: str, key: str = "") -> QToolButton:
        button = tool_button(icon, text, key, self, small=True)
        button.setFixedSize(BUTTON, BUTTON)
        # A click leaves the keyboard with the photos, where the next one is judged.
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _show(self) -> None:
        right, wrong = self._marks.right, self._marks.wrong
        count = right + wrong
        said = self._counted(right, wrong)
        if count >= ENOUGH:
            text = self.tr("Taught by {counted}").format(counted=said)
            more = self.tr("The order is learnt from them and follows each further mark.")
        elif count:
            text = self.tr("{count} more to teach").format(count=ENOUGH - count)
            more = self.tr("{counted} so far. From {enough} on, the order is learnt from them.")
            more = more.format(counted=said, enough=ENOUGH)
        else:
            text = self.tr("Right or wrong?")
            more = self.tr(
                "Select photos among the results and mark them (Y, N). From {enough} on, the order "
                "is learnt from them."
            ).format(enough=ENOUGH)
        self._text.setText(text)
        self.setAccessibleName(text)
        self.setAccessibleDescription(more)
        self.setToolTip(more)
        self.forget.setVisible(bool(count))
        self.adjustSize()

    def _counted(self, right: int, wrong: int) -> str:
        parts = []
        if right:
            parts.append(self.tr("{count} right").format(count=whole(right)))
        if wrong:
            parts.append(self.tr("{count} wrong").format(count=whole(wrong)))
        return ", ".join(parts)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame of a chip."""
        now = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(now.line, 1))
        painter.setBrush(now.raised)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, now.radius_panel, now.radius_panel)
