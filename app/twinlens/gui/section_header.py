"""Draws the heading of a section of the grid. Runs on the GUI thread."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from twinlens.gui import theme


def paint_header(painter: QPainter, room: QRect, title: str, count: str, *, mirrored: bool) -> None:
    """Draw a title with a count beside it, sitting on the lower edge of its room."""
    look = theme.tokens()
    font = theme.font("heading")
    base = room.adjusted(0, 0, 0, -look.gap)
    side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
    flags = Qt.AlignmentFlag.AlignBottom | side | Qt.AlignmentFlag.AlignAbsolute
    painter.setFont(font)
    painter.setPen(look.text)
    painter.drawText(base, int(flags), title)
    beside = QFontMetrics(font).horizontalAdvance(title) + look.gap
    rest = base.adjusted(0, 0, -beside, 0) if mirrored else base.adjusted(beside, 0, 0, 0)
    painter.setFont(theme.font("secondary", tabular=True))
    painter.setPen(look.secondary)
    # Both texts stand on one base line.
    descent = QFontMetrics(font).descent()
    lift = descent - QFontMetrics(theme.font("secondary")).descent()
    painter.drawText(rest.translated(0, -lift), int(flags), count)
