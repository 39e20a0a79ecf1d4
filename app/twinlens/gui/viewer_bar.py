"""The bar above a photo in the viewer: back, name, zoom and acts. Runs on the GUI thread."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from twinlens.gui import theme
from twinlens.gui.controls import text_button, tool_button
from twinlens.gui.labels import ElidedLabel
from twinlens.gui.region_picker import PART_KEY
from twinlens.gui.theme import set_kind, space, tokens


class ViewerBar(QWidget):
    """Only shows and offers; the viewer connects what the buttons do."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.back = tool_button("arrow-left", self.tr("Back to the photos"), "Esc", self)
        self.name = ElidedLabel("heading", self)
        self.position = QLabel(self)
        set_kind(self.position, "secondary")
        self.smaller = tool_button("zoom-out", self.tr("Zoom out"), "-", self)
        self.percent = QLabel(self)
        self.percent.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.percent.setAccessibleName(self.tr("Zoom"))
        self.larger = tool_button("zoom-in", self.tr("Zoom in"), "+", self)
        self.fit = tool_button("fullscreen", self.tr("Show all of the photo"), "0", self)
        self.real_size = tool_button("", self.tr("Show the photo at 100 %"), "1", self)
        self.real_size.setText(self.tr("1:1"))
        tip = self.tr("Find photos like this one")
        self.similar = text_button("scan-search", self.tr("Find similar"), tip, self, kind="quiet")
        self.part = tool_button("square-dashed", self.tr("Find a part of it"), PART_KEY, self)
        self.more = tool_button("ellipsis", self.tr("More to do with this photo"), "", self)
        row = QHBoxLayout(self)
        row.setContentsMargins(space(2), space(1), space(2), space(1))
        row.setSpacing(space(1))
        row.addWidget(self.back)
        row.addSpacing(space(1))
        row.addWidget(self.name, 1)
        row.addWidget(self.position)
        row.addSpacing(space(3))
        for widget in (self.smaller, self.percent, self.larger, self.fit, self.real_size):
            row.addWidget(widget)
        row.addSpacing(space(2))
        row.addWidget(self.similar)
        row.addWidget(self.part)
        row.addWidget(self.more)
        self._fix_width()

    def set_photo(self, name: str, position: str) -> None:
        """Say which photo is shown."""
        self.name.set_text(name)
        self.position.setText(position)

    def set_percent(self, percent: int) -> None:
        """Say how large it is shown."""
        self.percent.setText(self.tr("{percent} %").format(percent=percent))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar."""
        now = tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), now.panel)
        painter.fillRect(0, self.height() - 1, self.width(), 1, now.line)

    def _fix_width(self) -> None:
        # The number changes in place, so its neighbours must not move.
        self.percent.setFont(theme.font(tabular=True))
        self.percent.setFixedWidth(self.percent.fontMetrics().horizontalAdvance("8888 %"))
