"""Labels for file names and paths, which may be long and without a space. GUI thread."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from twinlens.gui import theme
from twinlens.gui.theme import space, tokens


class ElidedLabel(QLabel):
    """One line that loses its middle where there is no room, and shows all in its tooltip."""

    def __init__(self, role: str = "body", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role = role
        self._whole = ""
        self._shorter: Sequence[str] = ()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_text(self, text: str, shorter: Sequence[str] = ()) -> None:
        """Show a text, or the first of some shorter ones that there is room for."""
        self._whole = text
        self._shorter = shorter
        self.setAccessibleName(text)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of the whole text."""
        metrics = QFontMetrics(theme.font(self._role))
        return QSize(metrics.horizontalAdvance(self._whole), metrics.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much as fits."""
        painter = QPainter(self)
        painter.setFont(theme.font(self._role))
        painter.setPen(tokens().text)
        metrics = painter.fontMetrics()
        said = fitting(metrics, (self._whole, *self._shorter), self.width())
        text = metrics.elidedText(said, Qt.TextElideMode.ElideMiddle, self.width())
        self.setToolTip(self._whole if text != self._whole else "")
        painter.drawText(self.rect(), int(self.alignment()), text)


def fitting(metrics: QFontMetrics, texts: Sequence[str], room: float) -> str:
    """Return the first of some texts, the longest first, that there is room for, else the last."""
    return next((one for one in texts if metrics.horizontalAdvance(one) <= room), texts[-1])


class WrappedLabel(QWidget):
    """A text that breaks between words where it can and anywhere where it must.

    Signals:
        clicked(): only of a link, by mouse or by keyboard.
    """

    clicked = Signal()

    def __init__(
        self, role: str = "body", parent: QWidget | None = None, *, link: bool = False
    ) -> None:
        super().__init__(parent)
        self._role = role
        self._link = link
        self._text = ""
        self._hovered = False
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        if link:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def text(self) -> str:
        """Return the text."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show a text."""
        self._text = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Return that it is higher where it is narrower."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all lines."""
        return round(self._lay_out(width).boundingRect().height() + 0.49)

    def sizeHint(self) -> QSize:
        """Return the size at the width it has."""
        width = max(self.width(), space(40))
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Return one line."""
        return QSize(space(10), self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines."""
        now = tokens()
        painter = QPainter(self)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(now.accent, now.ring))
            frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(frame, now.radius_tile, now.radius_tile)
        colours = {"secondary": now.secondary}
        painter.setPen(now.link if self._link else colours.get(self._role, now.text))
        layout = self._lay_out(self.width(), underlined=self._link and self._hovered)
        layout.draw(painter, QPointF(0, 0))

    def enterEvent(self, event: QEvent) -> None:
        """Underline a link."""
        self._hovered = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Take the line away."""
        self._hovered = False
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the focus."""
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Follow a link."""
        inside = self.rect().contains(event.position().toPoint())
        if self._link and inside and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Follow a link."""
        if self._link and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def _lay_out(self, width: int, *, underlined: bool = False) -> QTextLayout:
        font = theme.font(self._role)
        font.setUnderline(underlined)
        layout = QTextLayout(self._text, font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        top = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1, width))
            line.setPosition(QPointF(0, top))
            top += line.height()
        layout.endLayout()
        return layout
