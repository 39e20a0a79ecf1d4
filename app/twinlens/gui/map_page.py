"""The page of the map: a bar to zoom and choose, the map, and why there is none. GUI thread."""

from PySide6.QtCore import QPoint, QRect, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from twinlens.gui import map_states
from twinlens.gui.controls import set_tab_order, text_button, tool_button
from twinlens.gui.empty_state import Emptiness, EmptyState
from twinlens.gui.map_camera import STEP
from twinlens.gui.map_canvas import MapCanvas
from twinlens.gui.theme import set_kind, space, tokens
from twinlens.gui.thumbnail_loader import ThumbnailLoader
from twinlens.gui.wording import photo_count


class MapPage(QWidget):
    """Shows and offers; the controller connects what is wanted.

    Signals:
        refresh_requested(): what is new is to be shown.
        show_requested(): the chosen photos are to be shown as photos.
        more_requested(): photos like the chosen ones are wanted.
        said(str): the act of a button where there is no map.
    """

    refresh_requested = Signal()
    show_requested = Signal()
    more_requested = Signal()
    said = Signal(str)

    def __init__(self, loader: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = MapCanvas(loader)
        self.empty = EmptyState()
        self.empty.say(map_states.drawing())
        self.empty.chosen.connect(self.said)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.canvas)
        self._stack.addWidget(self.empty)
        self.setFocusProxy(self.canvas)
        self._bar = QWidget(self)
        self._make_bar()
        self._make_foot()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self._stack, 1)
        set_tab_order(self._bar, self.canvas, self.empty, self._foot)
        self.show_chosen(0)
        self.say(map_states.drawing())

    @property
    def has_map(self) -> bool:
        """Whether the map is in view."""
        return self._stack.currentWidget() is self.canvas

    @property
    def offer(self) -> str:
        """What the chip says; empty when there is none."""
        return self.chip.text().strip() if not self.chip.isHidden() else ""

    def show_map(self) -> None:
        """Bring the map into view."""
        had_focus = self.empty.hasFocus()
        self._stack.setCurrentWidget(self.canvas)
        self._tools.setEnabled(True)
        if had_focus:
            self.canvas.setFocus()

    def say(self, emptiness: Emptiness) -> None:
        """Show why there is no map."""
        had_focus = self.canvas.hasFocus()
        self.empty.say(emptiness)
        self._stack.setCurrentWidget(self.empty)
        self._tools.setEnabled(False)
        if had_focus:
            self.empty.setFocus()

    def show_chosen(self, count: int) -> None:
        """Say how many photos are chosen, and offer what can be done with several."""
        self.count.setText(self.tr("{photos} chosen").format(photos=photo_count(count)))
        for widget in (self.count, self.show_them, self.more, self.none):
            widget.setVisible(count > 1)
        self._fit_foot()

    def offer_refresh(self, text: str) -> None:
        """Offer in words to show what is new; "" withdraws the offer."""
        self.chip.setVisible(bool(text))
        self.chip.setText(f" {text}")
        self.chip.setAccessibleName(text or self.chip.toolTip())
        self._fit_foot()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar."""
        now, painter = tokens(), QPainter(self)
        bar = self._bar.geometry()
        painter.fillRect(bar, now.panel)
        painter.fillRect(0, bar.bottom(), self.width(), 1, now.line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what can be done with the chosen photos at the lower end."""
        super().resizeEvent(event)
        self._fit_foot()

    def _fit_foot(self) -> None:
        # It lies on the map, which stays as it is when this comes and goes.
        self._foot.setVisible(not self.count.isHidden() or not self.chip.isHidden())
        size = self._foot.sizeHint().boundedTo(self.size())
        left = (self.width() - size.width()) // 2
        self._foot.setGeometry(QRect(QPoint(left, self.height() - size.height() - space(3)), size))
        self._foot.raise_()

    def _make_bar(self) -> None:
        title = QLabel(self.tr("Map"), self)
        set_kind(title, "title")
        hint = QLabel(self.tr("Photos that look alike lie near each other."), self)
        set_kind(hint, "secondary")
        self._tools = QWidget(self)
        lasso = tool_button("lasso", self.tr("Draw around photos to choose them"), "L", self)
        lasso.setCheckable(True)
        lasso.clicked.connect(self.canvas.set_lasso)
        self.canvas.lasso_changed.connect(lasso.setChecked)
        smaller = tool_button("zoom-out", self.tr("Zoom out"), "-", self)
        smaller.clicked.connect(lambda: self.canvas.zoom_by(1 / STEP))
        larger = tool_button("zoom-in", self.tr("Zoom in"), "+", self)
        larger.clicked.connect(lambda: self.canvas.zoom_by(STEP))
        fit = tool_button("fullscreen", self.tr("Show all of the map"), "0", self)
        fit.clicked.connect(self.canvas.fit)
        tools = QHBoxLayout(self._tools)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.setSpacing(space(1))
        for widget in (lasso, smaller, larger, fit):
            tools.addWidget(widget)
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(space(3), space(1), space(2), space(1))
        row.setSpacing(space(3))
        row.addWidget(title)
        row.addWidget(hint, 1)
        row.addWidget(self._tools)

    def _make_foot(self) -> None:
        self._foot = QFrame(self)
        set_kind(self._foot, "raised")
        self.count = QLabel(self)
        tip = self.tr("Show the chosen photos in the grid")
        self.show_them = text_button("images", self.tr("Show them"), tip, self, kind="primary")
        self.show_them.clicked.connect(self.show_requested)
        tip = self.tr("Search with the most typical of the chosen photos as examples")
        self.more = text_button("scan-search", self.tr("More like these"), tip, self)
        self.more.clicked.connect(self.more_requested)
        self.none = tool_button("x", self.tr("Choose nothing"), "Esc", self)
        self.none.clicked.connect(lambda: self.canvas.select([]))
        tip = self.tr("Show what is new (F5)")
        self.chip = text_button("refresh-cw", "", tip, self)
        self.chip.setAccessibleName(tip)
        self.chip.clicked.connect(self.refresh_requested)
        self.chip.hide()
        row = QHBoxLayout(self._foot)
        row.setContentsMargins(space(3), space(2), space(2), space(2))
        row.setSpacing(space(2))
        for widget in (self.count, self.show_them, self.more, self.none, self.chip):
            row.addWidget(widget)
