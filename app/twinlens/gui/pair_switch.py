"""What is shown of a pair of pictures, and the buttons that choose it. Runs on the GUI thread."""

from collections.abc import Sequence
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from twinlens.gui.controls import tool_button
from twinlens.gui.text import tr
from twinlens.gui.theme import space
from twinlens.records import Comparison, MatchClass


class Mode(StrEnum):
    """What is shown of a pair: side by side, or one laid on the other."""

    PLAIN = "plain"
    HEAT = "heat"
    OUTLINE = "outline"
    SWIPE = "swipe"
    FLICKER = "flicker"
    DIFFERENCE = "difference"


SIDE_BY_SIDE = (Mode.PLAIN, Mode.HEAT, Mode.OUTLINE)
ALL_MODES = tuple(Mode)
_SAME = (MatchClass.SAME_BYTES, MatchClass.SAME_PIXELS)


def mode_words() -> dict[Mode, tuple[str, str]]:
    """Return the icon and the words of each mode."""
    return {
        Mode.PLAIN: ("image", tr("The pictures as they are")),
        Mode.HEAT: ("flame", tr("What makes them look alike")),
        Mode.OUTLINE: ("scan", tr("The part that is the same")),
        Mode.SWIPE: ("separator-vertical", tr("One over the other, with a line to drag")),
        Mode.FLICKER: ("layers", tr("One and the other in turn")),
        Mode.DIFFERENCE: ("blend", tr("What differs")),
    }


class PairSwitch(QWidget):
    """One button a mode; the number of its place is its key.

    Signals:
        chosen(object): a Mode.
    """

    chosen = Signal(object)

    def __init__(self, modes: Sequence[Mode], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space(1) // 2)
        group = QButtonGroup(self)
        words = mode_words()
        self.buttons = {}
        for place, mode in enumerate(modes, start=1):
            icon, text = words[mode]
            key = str(place) if modes == ALL_MODES else ""
            button = tool_button(icon, text, key, self, small=True)
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, mode=mode: self.chosen.emit(mode))
            group.addButton(button)
            row.addWidget(button)
            self.buttons[mode] = button

    def show_mode(self, mode: Mode) -> None:
        """Show which mode is in force."""
        self.buttons[mode].setChecked(True)


def blend_words(mode: Mode, common: Comparison | None) -> str:
    """Return what is to be said of two pictures that are laid on each other."""
    if mode is Mode.DIFFERENCE and common is not None and common.match in _SAME:
        return tr("Nothing differs; the pixels are the same.")
    return {
        Mode.SWIPE: tr("Drag the line, or move it with Shift and the arrow keys."),
        Mode.FLICKER: tr("Both in turn; Space changes to the other one."),
        Mode.DIFFERENCE: tr("What differs is bright, four times as strong as it is."),
    }.get(mode, "")
