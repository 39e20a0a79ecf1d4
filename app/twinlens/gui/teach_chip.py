"""The chip that judges results as right or wrong, and says what came of it. GUI thread."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from twinlens.gui.chip import BUTTON, HEIGHT
from twinlens.gui.controls import tool_button
from twinlens.gui.marks import ENOUGH, Marks
from twinlens.gui.theme import icon, set_kind, space, tokens
from twinlens.gui.tile_marks import VERDICT_ICONS
from twinlens.gui.wording import whole

RIGHT_KEY, WRONG_KEY = "Y", "N"
#: In a tray narrower than this the words go into the tooltips.
ROOMY_STEPS = 160


class TeachChip(QWidget):
    """Two buttons that judge the selected photos, and how many were judged so far.

    The buttons are acts of the window, which knows what is selected and connects them.
    """

    def __init__(self, marks: Marks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marks = marks
        self.right = self._judge(True, self.tr("Right"), self.tr("Mark as right"), RIGHT_KEY)
        self.wrong = self._judge(False, self.tr("Wrong"), self.tr("Mark as wrong"), WRONG_KEY)
        forget = self.tr("Forget what was right and wrong")
        self.forget = tool_button("x", forget, parent=self, small=True)
        self.forget.setFixedSize(BUTTON, BUTTON)
        self.forget.clicked.connect(marks.forget)
        self._text = QLabel(self)
        set_kind(self._text, "secondary")
        self._text.setContentsMargins(space(2), 0, space(1), 0)
        self._text.setMinimumHeight(BUTTON)
        above, below = QHBoxLayout(), QHBoxLayout()
        for row in (above, below):
            row.setSpacing(0)
        above.addWidget(self.right)
        above.addWidget(self.wrong)
        above.addStretch(1)
        below.addWidget(self._text, 1)
        below.addWidget(self.forget)
        column = QVBoxLayout(self)
        column.setContentsMargins(space(1), space(1), space(1), space(1))
        column.setSpacing(space(1))
        column.addLayout(above)
        column.addLayout(below)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if parent is not None:
            parent.installEventFilter(self)
        marks.changed.connect(self._show)
        self._show()

    def set_can_judge(self, can: bool) -> None:
        """Offer the two buttons while a photo is selected."""
        self.right.setEnabled(can)
        self.wrong.setEnabled(can)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the room to the examples where there is little."""
        if isinstance(event, QResizeEvent) and watched is self.parent():
            roomy = event.size().width() >= space(ROOMY_STEPS)
            styles = Qt.ToolButtonStyle
            style = styles.ToolButtonTextBesideIcon if roomy else styles.ToolButtonIconOnly
            for button in (self.right, self.wrong):
                button.setToolButtonStyle(style)
            self._text.setVisible(roomy)
            # Without words around it a second cross would mean anything.
            self.forget.setIcon(icon("x" if roomy else "rotate-ccw"))
        return False

    def text(self) -> str:
        """Return what the chip says."""
        return self._text.text()

    def _judge(self, right: bool, word: str, meaning: str, key: str) -> QToolButton:
        button = tool_button(VERDICT_ICONS[right], meaning, key, self, small=True)
        # Style sheets cannot set icon and text apart.
        button.setText(f" {word}")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFixedHeight(BUTTON)
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
            text = self.tr("Mark results to teach")
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
