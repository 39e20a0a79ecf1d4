"""The acts on one file of a group of duplicates. Runs on the GUI thread."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from twinlens.gui import theme
from twinlens.gui.group_panel import GroupPanel
from twinlens.gui.photo_acts import PhotoActs
from twinlens.gui.text import tr


def show_member_menu(
    group: GroupPanel, acts: PhotoActs, decide: Callable[[str], None], where: QPoint
) -> None:
    """Show what can be done with the file in hand, at a point of the screen."""
    member = group.current()
    if member is None:
        return
    path = member.path
    menu = QMenu(group)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    show = menu.addAction(theme.icon("folder-open"), tr("Show in folder"))
    show.triggered.connect(lambda: acts.show_paths([path]))
    copy = menu.addAction(theme.icon("clipboard-copy"), tr("Copy path"))
    copy.triggered.connect(lambda: acts.copy_one_path(path))
    menu.addSeparator()
    for name, like, text in (
        ("keep", "keep", tr("Keep this file")),
        ("trash", "trash", tr("Let this file go")),
        ("not-this", "not-duplicates", tr("This file is no duplicate")),
    ):
        deciding = menu.addAction(text)
        deciding.triggered.connect(lambda _=False, name=name: decide(name))
        deciding.setEnabled(group.buttons[like].isEnabled())
    menu.popup(where)
