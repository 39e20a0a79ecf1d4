"""A menu in which one of several choices is ticked. Runs on the GUI thread."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from twinlens.gui.theme import space


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry: what it says, whether it holds now, and what choosing it does."""

    text: str
    holds: bool
    choose: Callable[[], None]


def pop_up(
    anchor: QWidget, choices: Sequence[Choice], more: tuple[str, Callable[[], None]] | None = None
) -> QMenu:
    """Show choices below a control, and below a line an act that leads further.

    Args:
        anchor: the control.
        choices: what can be chosen.
        more: text and act of the last entry.
    """
    menu = QMenu(anchor)
    group = QActionGroup(menu)
    for choice in choices:
        action = QAction(choice.text.replace("&", "&&"), menu)
        action.setCheckable(True)
        action.setChecked(choice.holds)
        action.triggered.connect(lambda _=False, choice=choice: choice.choose())
        group.addAction(action)
        menu.addAction(action)
    if more is not None:
        text, act = more
        menu.addSeparator()
        menu.addAction(text).triggered.connect(lambda _=False: act())
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(anchor.mapToGlobal(QPoint(0, anchor.height() + space(1))))
    return menu
