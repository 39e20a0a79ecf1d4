"""The rectangle that is drawn to select tiles. Runs on the GUI thread."""

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QPainter, QPen

from twinlens.gui import theme


class RubberBand:
    """A rectangle from where the button went down to the pointer; scrolls with the content."""

    def __init__(self) -> None:
        self._start: QPoint | None = None
        self._rect = QRect()

    def begin(self, point: QPoint, offset: int) -> None:
        """Take a point of the viewport, scrolled by `offset`, as one corner."""
        self._start = point + QPoint(0, offset)

    def move(self, point: QPoint, offset: int) -> None:
        """Put the other corner under the pointer; nothing happens when none was begun."""
        if self._start is not None:
            self._rect = QRect(self._start - QPoint(0, offset), point).normalized()

    def end(self) -> bool:
        """Take the rectangle away; tell whether there was one."""
        shown = not self._rect.isNull()
        self._start = None
        self._rect = QRect()
        return shown

    def paint(self, painter: QPainter) -> None:
        """Draw the rectangle in coordinates of the viewport, when there is one."""
        if self._rect.isNull():
            return
        look = theme.tokens()
        painter.setPen(QPen(look.accent, 1))
        painter.setBrush(look.selection)
        painter.drawRect(self._rect.toRectF().adjusted(0.5, 0.5, -0.5, -0.5))
