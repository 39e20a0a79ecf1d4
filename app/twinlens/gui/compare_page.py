"""Query and result as large as the window, with one zoom. Runs on the GUI thread."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from twinlens.gui.controls import tool_button
from twinlens.gui.labels import ElidedLabel
from twinlens.gui.pair_switch import ALL_MODES
from twinlens.gui.pair_view import PairView
from twinlens.gui.pictures import Pictures
from twinlens.gui.score_pill import ScorePill
from twinlens.gui.tasks import Tasks
from twinlens.gui.theme import space, tokens
from twinlens.gui.wording import name_text
from twinlens.gui.zoom import STEP
from twinlens.records import Example, Tile

COMPARE_KEY = "Ctrl+B"
#: Of the pictures, in pixels: enough for a screen and some zoom.
LONG_SIDE = 2400


class ComparePage(QWidget):
    """A pair of pictures, and the way to the next result.

    Signals:
        closed(): back to the photos.
        stepped(int): the result before (-1) or after (1) is wanted.
    """

    closed = Signal()
    stepped = Signal(int)

    def __init__(self, pictures: Pictures, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Compare with the query"))
        self.pair = PairView(pictures, tasks, "compare", LONG_SIDE, self, modes=ALL_MODES)
        back = tool_button("arrow-left", self.tr("Back to the photos"), "Esc", self)
        back.clicked.connect(self.closed)
        before = tool_button("chevron-left", self.tr("Previous result"), "Left", self)
        before.clicked.connect(lambda: self.stepped.emit(-1))
        after = tool_button("chevron-right", self.tr("Next result"), "Right", self)
        after.clicked.connect(lambda: self.stepped.emit(1))
        smaller = tool_button("zoom-out", self.tr("Zoom out"), "-", self)
        smaller.clicked.connect(lambda: self.pair.zoom_by(1 / STEP))
        larger = tool_button("zoom-in", self.tr("Zoom in"), "+", self)
        larger.clicked.connect(lambda: self.pair.zoom_by(STEP))
        fit = tool_button("fullscreen", self.tr("Show all of both pictures"), "0", self)
        fit.clicked.connect(self.pair.fit)
        self.query_name = ElidedLabel("heading", self)
        self.name = ElidedLabel("heading", self)
        self.score = ScorePill(self)
        self._bar = QWidget(self)
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(space(2), space(1), space(2), space(1))
        row.setSpacing(space(1))
        for widget in (back, before, after):
            row.addWidget(widget)
        row.addSpacing(space(2))
        row.addWidget(self.score, 1)
        row.addWidget(self.pair.switch)
        row.addSpacing(space(3))
        for widget in (smaller, larger, fit):
            row.addWidget(widget)
        names = QHBoxLayout()
        names.setContentsMargins(space(3), space(2), space(3), space(1))
        names.setSpacing(space(1))
        names.addWidget(self.query_name, 1)
        names.addWidget(self.name, 1)
        inside = QVBoxLayout()
        inside.setContentsMargins(space(3), 0, space(3), space(2))
        inside.addWidget(self.pair, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addLayout(names)
        column.addLayout(inside, 1)

    def show_pair(self, query: Example, query_name: str, tile: Tile) -> None:
        """Show a result beside an example."""
        self.query_name.set_text(query_name)
        self.name.set_text(name_text(tile.path))
        self.score.set_score(tile.score, tile.match, tile.probability)
        self.pair.show_pair(query, tile)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk, zoom and leave by keyboard."""
        acts: dict[int, Callable[[], object]] = {
            Qt.Key.Key_Escape: self.closed.emit,
            Qt.Key.Key_Left: lambda: self.stepped.emit(-1),
            Qt.Key.Key_Right: lambda: self.stepped.emit(1),
        }
        act = acts.get(event.key())
        if self.pair.handle_key(event):
            event.accept()
        elif act is None:
            super().keyPressEvent(event)
        else:
            act()
            event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the quiet background and the bar."""
        now = tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), now.photo_background)
        bar = self._bar.geometry()
        painter.fillRect(bar, now.panel)
        painter.fillRect(0, bar.bottom(), self.width(), 1, now.line)
