"""A line icon in a colour of the theme, as a widget of its own. Runs on the GUI thread."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from twinlens.gui.icons import draw_icon
from twinlens.gui.theme import tokens
from twinlens.gui.tokens import Tokens


def secondary(now: Tokens) -> QColor:
    """Return the colour of what stands back."""
    return now.secondary


class IconLabel(QWidget):
    """Draws one icon; the colour is looked up while painting, so it follows the theme."""

    def __init__(
        self,
        name: str,
        size: int,
        colour: Callable[[Tokens], QColor] = secondary,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._size = size
        self._colour = colour
        self.setFixedSize(size, size)

    def set_icon(self, name: str, colour: Callable[[Tokens], QColor] = secondary) -> None:
        """Show another icon."""
        self._name = name
        self._colour = colour
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of the icon."""
        return QSize(self._size, self._size)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the icon."""
        painter = QPainter(self)
        draw_icon(painter, self._name, QRectF(self.rect()), self._colour(tokens()))
        painter.end()
