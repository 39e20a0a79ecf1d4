"""Why a result matched: it and the query side by side, small. Runs on the GUI thread."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from twinlens.gui.compare_page import COMPARE_KEY
from twinlens.gui.controls import tool_button
from twinlens.gui.pair_view import PairView
from twinlens.gui.pictures import Pictures
from twinlens.gui.tasks import Tasks
from twinlens.gui.theme import set_kind, space
from twinlens.records import Example, Tile

HEIGHT_STEPS = 36
#: Of the pictures, in pixels; they are small here.
LONG_SIDE = 640


class WhyPanel(QWidget):
    """Shows a result beside what was asked for; takes no room without a query.

    Signals:
        compare_requested(): both are wanted large.
    """

    compare_requested = Signal()

    def __init__(self, pictures: Pictures, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._examples: tuple[Example, ...] = ()
        self.setAccessibleName(self.tr("Why it matched"))
        title = QLabel(self.tr("Why it matched"), self)
        set_kind(title, "heading")
        self.pair = PairView(pictures, tasks, "why", LONG_SIDE, self)
        for canvas in (self.pair.first, self.pair.second):
            canvas.setFixedHeight(space(HEIGHT_STEPS))
        self.larger = tool_button(
            "columns-2", self.tr("Compare large"), COMPARE_KEY, self, small=True
        )
        self.larger.clicked.connect(self.compare_requested)
        head = QHBoxLayout()
        head.setSpacing(space(1))
        head.addWidget(title, 1)
        head.addWidget(self.pair.switch)
        head.addWidget(self.larger)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, space(2), 0, space(1))
        column.setSpacing(space(1))
        column.addLayout(head)
        column.addWidget(self.pair)
        self.hide()

    def set_query(self, examples: Sequence[Example]) -> None:
        """Take what was asked for; results are shown beside it from the next one on."""
        self._examples = tuple(example for example in examples if not example.negative)
        if not self._examples:
            self.show_tile(None)

    def query_of(self, tile: Tile) -> Example | None:
        """Return what a result is held against: of several examples the one that it is most like.

        None for a photo that was not asked for.
        """
        if tile.score is None or not self._examples:
            return None
        return self._examples[min(tile.example, len(self._examples) - 1)]

    def show_tile(self, tile: Tile | None) -> None:
        """Show a result, or nothing where none is in hand."""
        query = None if tile is None else self.query_of(tile)
        self.setVisible(query is not None)
        if tile is None or query is None:
            self.pair.clear()
            return
        self.pair.show_pair(query, tile)
