"""Two pictures as large as the window, with one zoom. Runs on the GUI thread."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from twinlens.gui.controls import set_tab_order, tool_button
from twinlens.gui.labels import ElidedLabel
from twinlens.gui.mime import parse_mime
from twinlens.gui.pair_switch import ALL_MODES
from twinlens.gui.pair_view import PairView
from twinlens.gui.pictures import Pictures
from twinlens.gui.score_pill import ScorePill
from twinlens.gui.tasks import Tasks
from twinlens.gui.theme import space, tokens
from twinlens.gui.wording import name_text
from twinlens.gui.zoom import STEP
from twinlens.records import Comparison, Example, Tile

COMPARE_KEY, FILES_KEY = "Ctrl+B", "Ctrl+Shift+B"
#: Of the pictures, in pixels: enough for a screen and some zoom.
LONG_SIDE = 2400


class ComparePage(QWidget):
    """A result beside the query and the way to the next one, or any two pictures.

    Signals:
        closed(): back to the photos.
        stepped(int): the result before (-1) or after (1) is wanted.
        dropped(object, bool): pictures, a list of Example, on the left half or the right one.
        files_wanted(): the user wants to choose files to compare.
    """

    closed = Signal()
    stepped = Signal(int)
    dropped = Signal(object, bool)
    files_wanted = Signal()

    def __init__(self, pictures: Pictures, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.setAccessibleName(self.tr("Compare two pictures"))
        self.pair = PairView(pictures, tasks, "compare", LONG_SIDE, self, modes=ALL_MODES)
        back = tool_button("arrow-left", self.tr("Back to the photos"), "Esc", self)
        back.clicked.connect(self.closed)
        self.before = tool_button("chevron-left", self.tr("Previous result"), "Left", self)
        self.before.clicked.connect(lambda: self.stepped.emit(-1))
        self.after = tool_button("chevron-right", self.tr("Next result"), "Right", self)
        self.after.clicked.connect(lambda: self.stepped.emit(1))
        said = self.tr("Compare other pictures …, or drop them here")
        self.files = tool_button("image-plus", said, FILES_KEY, self)
        self.files.clicked.connect(self.files_wanted)
        self.pair.compared.connect(self._on_compared)
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
        for widget in (back, self.before, self.after, self.files):
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
        steps = (back, self.before, self.after, self.files)
        set_tab_order(*steps, self.pair.switch, smaller, larger, fit, self.pair)

    def show_pair(self, query: Example, query_name: str, tile: Tile) -> None:
        """Show a result beside an example."""
        self.query_name.set_text(query_name)
        self.name.set_text(name_text(tile.path))
        self.score.set_score(tile.score, tile.match, tile.probability)
        self._step_through(True)
        self.pair.set_names(self.tr("The query"), self.tr("The result"))
        self.pair.show_pair(query, tile)

    def show_two(self, pair: tuple[Example, Example], names: tuple[str, str]) -> None:
        """Show any two pictures beside each other."""
        self.query_name.set_text(names[0])
        self.name.set_text(names[1])
        self.score.set_score(None, None)
        self._step_through(False)
        self.pair.set_names(*names)
        self.pair.show_two(*pair)

    def _step_through(self, results: bool) -> None:
        """Offer the next result, or not."""
        for button in (self.before, self.after):
            button.setVisible(results)

    def _on_compared(self, found: Comparison) -> None:
        if self.before.isHidden():
            self.score.set_score(found.score, found.match, found.probability)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take pictures; folders have nothing to do here."""
        if parse_mime(event.mimeData(), hovering=True).examples:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Compare what was dropped: two pictures, or one with the picture of the other half."""
        examples = list(parse_mime(event.mimeData()).examples)
        if examples:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.dropped.emit(examples, event.position().x() < self.width() / 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk, zoom and leave by keyboard."""
        acts: dict[int, Callable[[], object]] = {
            Qt.Key.Key_Escape: self.closed.emit,
            Qt.Key.Key_Left: lambda: self.stepped.emit(-1),
            Qt.Key.Key_Right: lambda: self.stepped.emit(1),
        }
        if self.before.isHidden():
            acts = {Qt.Key.Key_Escape: self.closed.emit}
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
