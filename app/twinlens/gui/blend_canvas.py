"""Two pictures laid on each other: with a line to drag, in turn, or their difference. GUI thread.

`laid_on` and `difference` make images only and run on any thread.
"""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QHideEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QShowEvent,
    QTransform,
)
from PySide6.QtWidgets import QWidget

from twinlens.gui import theme
from twinlens.gui.pair_canvas import PairCanvas
from twinlens.gui.pair_switch import Mode
from twinlens.gui.theme import space, tokens
from twinlens.records import Comparison, Outline

#: How long each of the two is shown, in ms.
TURN_MS = 600
#: What differs is shown so many times as strong: twice doubled.
DOUBLED = 2
#: Frames whose shapes differ by less are taken to be the same one.
SAME_SHAPE = 0.03
#: One step of the line, as a share of the width.
SPLIT_STEP = 0.05


class BlendCanvas(PairCanvas):
    """Shows the first picture of a pair with the second one laid on it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mode = Mode.SWIPE
        self._first, self._laid, self._difference = QImage(), QImage(), QImage()
        #: Where the line is, as a share of the width.
        self.split = 0.5
        self.second_shown = False
        self._moves_line = False
        self._timer = QTimer(self)
        self._timer.setInterval(TURN_MS)
        self._timer.timeout.connect(self._turn)

    def set_pair(self, first: QImage, laid: QImage, difference: QImage) -> None:
        """Show a pair: the first, the second laid on it, and what differs; null while unknown."""
        self._first, self._laid, self._difference = first, laid, difference
        self._show()

    def set_mode(self, mode: Mode) -> None:
        """Show the pair another way."""
        self._mode = mode
        self.second_shown = False
        self._run()
        self._show()

    def flip(self) -> None:
        """Change to the other picture, and stay with it."""
        self._timer.stop()
        self._turn()

    def move_line(self, steps: int) -> None:
        """Move the line by steps to the right."""
        self._set_split(self.split + steps * SPLIT_STEP)

    @property
    def running(self) -> bool:
        """Whether the two are shown in turn by themselves."""
        return self._timer.isActive()

    # Events

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to change."""
        super().showEvent(event)
        self._run()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop changing."""
        self._timer.stop()
        super().hideEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the line, or the photo."""
        self._moves_line = self._on_line(event.position())
        if not self._moves_line:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the line, or the photo."""
        if self._moves_line:
            self._set_split(event.position().x() / max(1, self.width()))
            return
        super().mouseMoveEvent(event)
        if self._on_line(event.position()):
            self.setCursor(Qt.CursorShape.SplitHCursor)
        elif self.cursor().shape() == Qt.CursorShape.SplitHCursor:
            self.unsetCursor()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if self._moves_line:
            self._moves_line = False
        else:
            super().mouseReleaseEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the first; over it, right of the line, the second."""
        super().paintEvent(event)
        if self._mode is not Mode.SWIPE or self._laid.isNull() or self.zoom is None:
            return
        now = tokens()
        x = self.split * self.width()
        painter = QPainter(self)
        right = QRectF(x, 0, self.width() - x, self.height())
        painter.setClipRect(right)
        # What the second does not show is no part of it.
        painter.fillRect(self.photo_rect(), now.placeholder)
        self.paint_pixels(painter, self._laid)
        painter.setClipping(False)
        for colour, width in ((now.veil, now.ring + 2), (now.on_veil, now.ring)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))

    # Behind

    def _show(self) -> None:
        if self._mode is Mode.DIFFERENCE:
            image = self._difference
        else:
            image = self._laid if self.second_shown else self._first
        if image.isNull():
            self.set_photo(QSize())
        else:
            self.put(image)
        self.update()

    def _run(self) -> None:
        by_itself = self._mode is Mode.FLICKER and not theme.reduced_motion()
        if by_itself and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()

    def _turn(self) -> None:
        if self._mode is Mode.FLICKER:
            self.second_shown = not self.second_shown
            self._show()

    def _set_split(self, split: float) -> None:
        self.split = min(max(split, 0.0), 1.0)
        self.update()

    def _on_line(self, where: QPointF) -> bool:
        near = abs(where.x() - self.split * self.width()) <= space(2)
        return self._mode is Mode.SWIPE and near


def laid_on(first: QImage, second: QImage, common: Comparison | None) -> QImage:
    """Return the second picture as it lies on the first, as large as that one.

    Args:
        first: the picture below.
        second: the one to be laid on it.
        common: what they were found to have in common; without it frame comes to lie on frame.
    """
    result = QImage(first.size(), QImage.Format.Format_ARGB32_Premultiplied)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    across = None if common is None else _transform(first, second, common)
    if across is not None:
        painter.setTransform(across)
        painter.drawImage(0, 0, second)
    else:
        painter.drawImage(_frame_on(first.size(), second.size()), second)
    painter.end()
    return result


def difference(first: QImage, laid: QImage) -> QImage:
    """Return how two pictures differ, four times as strong; black where only one shows anything."""
    above = first.convertToFormat(QImage.Format.Format_RGB32)
    painter = QPainter(above)
    painter.drawImage(0, 0, laid)
    painter.end()
    result = first.convertToFormat(QImage.Format.Format_RGB32)
    painter = QPainter(result)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Difference)
    painter.drawImage(0, 0, above)
    painter.end()
    for _ in range(DOUBLED):
        once = result.copy()
        painter = QPainter(result)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Plus)
        painter.drawImage(0, 0, once)
        painter.end()
    return result


def _transform(first: QImage, second: QImage, common: Comparison) -> QTransform | None:
    """Return what maps the second picture on the first; None where that is not known."""
    ours, theirs = common.first_outline, common.outline
    if ours is None or theirs is None or len(ours.corners) != len(theirs.corners):
        return None
    if len(ours.corners) < 4:
        return None
    # Corners correspond one by one; any four tell the whole mapping.
    across = QTransform()
    known = QTransform.quadToQuad(_four(theirs, second), _four(ours, first), across)
    return across if known else None


def _four(outline: Outline, image: QImage) -> QPolygonF:
    count = len(outline.corners)
    chosen = [outline.corners[count * n // 4] for n in range(4)]
    return QPolygonF([QPointF(x * image.width(), y * image.height()) for x, y in chosen])


def _frame_on(first: QSize, second: QSize) -> QRectF:
    shape = second.width() / max(1, second.height())
    frame = first.width() / max(1, first.height())
    if abs(shape / frame - 1) <= SAME_SHAPE:
        return QRectF(0, 0, first.width(), first.height())
    size = second.scaled(first, Qt.AspectRatioMode.KeepAspectRatio)
    place = QRectF(0, 0, size.width(), size.height())
    place.moveCenter(QPointF(first.width() / 2, first.height() / 2))
    return place
