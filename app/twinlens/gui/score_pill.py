"""A score and how a photo relates to the query, in one line. Runs on the GUI thread."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from twinlens.gui import theme
from twinlens.gui.theme import space, tokens
from twinlens.gui.wording import chance_text, match_text, score_text, score_tip
from twinlens.records import MatchClass


class ScorePill(QWidget):
    """Two digits in a pill, the match in words beside it; the tooltip has the exact numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._digits = ""
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(tokens().control - space(2))

    def set_score(
        self, score: float | None, match: MatchClass | None, probability: float | None = None
    ) -> None:
        """Show a score; hide without one."""
        self.setVisible(score is not None)
        if score is None:
            return
        self._digits = score_text(score)
        if match is not None:
            self._words = match_text(match)
        elif probability is not None:
            self._words = chance_text(probability)
        else:
            self._words = self.tr("similarity")
        tip = score_tip(score, match, probability)
        self.setToolTip(tip)
        self.setAccessibleName(self.tr("Score {score}").format(score=self._digits))
        self.setAccessibleDescription(tip)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of its line."""
        return QSize(space(40), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw pill and words."""
        now = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(tabular=True))
        width = max(painter.fontMetrics().horizontalAdvance(self._digits) + space(4), self.height())
        pill = QRectF(0, 0, width, self.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.groove)
        painter.drawRoundedRect(pill, self.height() / 2, self.height() / 2)
        painter.setPen(now.text)
        painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), self._digits)
        painter.setPen(now.secondary)
        room = QRectF(pill.right() + space(2), 0, self.width() - width - space(2), self.height())
        text = painter.fontMetrics().elidedText(
            self._words, Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), text)
