"""Nothing of an empty state is cut."""

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from twinlens.gui import empty_state
from twinlens.gui.empty_state import EmptyState
from twinlens.gui.icon_label import IconLabel


def test_an_empty_state_shows_all_of_its_text(qtbot: QtBot) -> None:
    state = EmptyState()
    qtbot.addWidget(state)
    state.resize(600, 480)
    state.say(empty_state.unreadable("The file ends before its picture does. " * 4))
    state.show()
    qtbot.waitExposed(state)
    for label in state.findChildren(QLabel):
        assert label.height() >= label.heightForWidth(label.width())
    icon = state.findChild(IconLabel)
    assert isinstance(icon, IconLabel)
    assert icon.width() == icon.height()
