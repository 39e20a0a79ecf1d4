"""The chips side by side, scrolled sideways when there are many. Runs on the GUI thread."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget

from twinlens.gui.chip import HEIGHT, ExampleChip
from twinlens.gui.theme import space

_TRANSPARENT = "QScrollArea#chips, QWidget#chipRow { background: transparent; }"


class ChipRow(QScrollArea):
    """Holds the chips in their order and keeps the focused one in view."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chips")
        self.setStyleSheet(_TRANSPARENT)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # The scroll bar gets the room below the chips, so that they stay where they are.
        self.setFixedHeight(HEIGHT + space(3))
        inner = QWidget(self)
        inner.setObjectName("chipRow")
        self._layout = QHBoxLayout(inner)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(space(2))
        self._layout.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setWidget(inner)
        self._chips: list[ExampleChip] = []

    def chips(self) -> list[ExampleChip]:
        """Return the chips from left to right."""
        return list(self._chips)

    def add(self, chip: ExampleChip) -> None:
        """Put a chip at the end."""
        self._chips.append(chip)
        self._layout.addWidget(chip)
        chip.installEventFilter(self)

    def remove(self, chip: ExampleChip) -> None:
        """Take a chip out; the focus goes to its neighbour."""
        place = self._chips.index(chip)
        had_focus = chip.hasFocus() or chip.isAncestorOf(self.focusWidget() or self)
        self._chips.remove(chip)
        self._layout.removeWidget(chip)
        chip.hide()
        chip.deleteLater()
        if had_focus and self._chips:
            self._chips[min(place, len(self._chips) - 1)].setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Walk from chip to chip with the arrow keys, and keep the focused one in view."""
        if not isinstance(watched, ExampleChip) or watched not in self._chips:
            return False
        if event.type() == QEvent.Type.FocusIn:
            self.ensureWidgetVisible(watched, space(2), 0)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
            if step is not None:
                place = self._chips.index(watched) + step
                if 0 <= place < len(self._chips):
                    self._chips[place].setFocus(Qt.FocusReason.TabFocusReason)
                return True
        return False

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll sideways, whichever way the wheel turns."""
        delta = event.angleDelta()
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (delta.y() or delta.x()))
        event.accept()
