"""Small controls made alike everywhere in the window. Runs on the GUI thread."""

from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QObject, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton, QToolButton, QWidget

from twinlens.gui.theme import icon, set_kind, tokens


def tool_button(
    name: str, text: str, shortcut: str = "", parent: QWidget | None = None, *, small: bool = False
) -> QToolButton:
    """Return a button that shows an icon only and says the rest in its tooltip.

    Args:
        name: of the icon; empty for none.
        text: what it does.
        shortcut: the key that does the same, in Qt's portable form.
        parent: its parent.
        small: use the smaller of the two icon sizes.
    """
    button = QToolButton(parent)
    size = tokens().icon_small if small else tokens().icon
    button.setIconSize(QSize(size, size))
    relabel(button, name, text, shortcut)
    return button


def relabel(button: QToolButton, name: str, text: str, shortcut: str = "") -> None:
    """Give a tool button another icon and meaning."""
    if name:
        button.setIcon(icon(name))
    button.setAccessibleName(text)
    keys = QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)
    button.setToolTip(f"{text} ({keys})" if keys else text)


def text_button(
    name: str, text: str, tip: str, parent: QWidget | None = None, *, kind: str = ""
) -> QPushButton:
    """Return a button with an icon and its text.

    Args:
        name: of the icon.
        text: what it does.
        tip: the same in more words.
        parent: its parent.
        kind: one of the looks of buttons; the plain one when empty.
    """
    role = QPalette.ColorRole.HighlightedText if kind == "primary" else None
    # Style sheets cannot set icon and text apart.
    button = QPushButton(icon(name, role=role), f" {text}", parent)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    if kind:
        set_kind(button, kind)
    return button


def press_by_enter(event: QKeyEvent) -> bool:
    """Press the button that has the focus if Enter was; return whether that was so."""
    focus = QApplication.focusWidget()
    enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    if not enter or not isinstance(focus, QAbstractButton):
        return False
    focus.click()
    event.accept()
    return True


def set_tab_order(*widgets: QWidget) -> None:
    """Let Tab go through widgets in the order in which they are seen; what is in one comes next."""
    every = (inner for widget in widgets for inner in (widget, *widget.findChildren(QWidget)))
    stops = (one for one in every if one.focusPolicy() & Qt.FocusPolicy.TabFocus)
    for before, after in pairwise(stops):
        QWidget.setTabOrder(before, after)


def single_shot(parent: QObject, interval: int, act: Callable[[], None]) -> QTimer:
    """Return a timer that acts once, so many milliseconds after it was started last."""
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(interval)
    timer.timeout.connect(act)
    return timer
