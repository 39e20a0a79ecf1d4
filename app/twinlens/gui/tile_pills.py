"""Draws what a tile says at rest along its lower edge, in pills. Runs on the GUI thread."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from twinlens.gui import theme
from twinlens.gui.icons import draw_icon
from twinlens.gui.tile_marks import VERDICT_ICONS, left_pills, right_pills
from twinlens.records import Tile


class TilePills:
    """Draws pills with the tokens in force; keeps the font and its measures between tiles.

    Where one is told whether a tile was called right, None stands for neither right nor wrong.
    """

    def __init__(self) -> None:
        self._look = theme.tokens()
        self.refresh()

    def refresh(self) -> None:
        """Take up a change of theme."""
        self._look = theme.tokens()
        self._font = theme.font("secondary", tabular=True)
        self._metrics = QFontMetrics(self._font)

    def width(self, tile: Tile, called_right: bool | None) -> float:
        """Return the width that a tile's pills need, with the space around each."""
        look = self._look
        pills = [self._width(*pill) for pill in (*left_pills(tile), *right_pills(tile))]
        if called_right is not None:
            pills.append(look.pill)
        return sum(pills) + (len(pills) + 1) * look.tile_inset

    def paint(
        self, painter: QPainter, frame: QRectF, tile: Tile, called_right: bool | None
    ) -> tuple[float, float]:
        """Draw the pills of a tile; return the room that is left between, as x positions."""
        look = self._look
        left = frame.left() + look.tile_inset
        right = frame.right() - look.tile_inset
        top = frame.bottom() - look.pill - look.tile_inset
        for icon, text in left_pills(tile):
            left += self.one(painter, left, top, icon, text) + look.tile_inset
        if called_right is not None:
            right -= look.pill
            self._paint_verdict(painter, QRectF(right, top, look.pill, look.pill), called_right)
            right -= look.tile_inset
        for icon, text in right_pills(tile):
            right -= self._width(icon, text)
            self.one(painter, right, top, icon, text)
            right -= look.tile_inset
        return left, right

    def one(self, painter: QPainter, left: float, top: float, icon: str, text: str) -> float:
        """Draw one pill and return its width."""
        look = self._look
        box = QRectF(left, top, self._width(icon, text), look.pill)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.veil)
        painter.drawRoundedRect(box, look.pill / 2, look.pill / 2)
        content = box.adjusted(1.5 * look.tile_inset, 0, -1.5 * look.tile_inset, 0)
        if icon:
            square = QRectF(0, 0, look.pill_icon, look.pill_icon)
            square.moveCenter(box.center())
            if text:
                square.moveLeft(content.left())
                content.setLeft(square.right() + look.tile_inset)
            draw_icon(painter, icon, square, look.on_veil)
        if text:
            painter.setFont(self._font)
            painter.setPen(look.on_veil)
            painter.drawText(content, Qt.AlignmentFlag.AlignCenter, text)
        return box.width()

    def _width(self, icon: str, text: str) -> float:
        look = self._look
        width = 3.0 * look.tile_inset
        if icon:
            width += look.pill_icon
        if text:
            width += self._metrics.horizontalAdvance(text)
        if icon and text:
            width += look.tile_inset
        return max(width, float(look.pill))

    def _paint_verdict(self, painter: QPainter, box: QRectF, called_right: bool) -> None:
        """Draw a check or a cross: told apart by shape, not by colour alone."""
        look = self._look
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.good if called_right else look.failed)
        painter.drawEllipse(box)
        square = QRectF(0, 0, look.pill_icon, look.pill_icon)
        square.moveCenter(box.center())
        draw_icon(painter, VERDICT_ICONS[called_right], square, look.on_accent)
