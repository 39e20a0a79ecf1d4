"""The pages behind the Help menu: keyboard shortcuts, and what Twinlens is made of. GUI thread."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from twinlens import __version__
from twinlens.gui import theme
from twinlens.gui.resources import resource
from twinlens.gui.text import tr

COLUMN_STEPS, NARROWEST_STEPS, GAP_STEPS = 88, 72, 8
MOST_COLUMNS = 3


class ShortcutsPage(QScrollArea):
    """Every act with its shortcut, by menu."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Keyboard shortcuts"))
        self._groups: list[tuple[QWidget, int]] = []
        self._columns: list[QVBoxLayout] = []

    def set_groups(self, groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> None:
        """Show groups of (what, keys)."""
        page = QWidget()
        inside = QVBoxLayout(page)
        inside.setContentsMargins(theme.space(6), theme.space(4), theme.space(6), theme.space(6))
        inside.setSpacing(theme.space(3))
        title = QLabel(self.tr("Keyboard shortcuts"))
        theme.set_kind(title, "title")
        inside.addWidget(title)
        beside = QHBoxLayout()
        beside.setSpacing(theme.space(GAP_STEPS))
        self._columns = [QVBoxLayout() for _ in range(MOST_COLUMNS)]
        for column in self._columns:
            column.setSpacing(theme.space(6))
            column.setAlignment(Qt.AlignmentFlag.AlignTop)
            beside.addLayout(column)
        beside.addStretch(1)
        inside.addLayout(beside)
        inside.addStretch(1)
        self._groups = [(self._group(name, rows), len(rows) + 2) for name, rows in groups if rows]
        self._arrange()
        self.setWidget(page)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the groups into as many columns as there is room for."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Put each group into the column that is the shortest by then."""
        gap = theme.space(GAP_STEPS)
        room = self.viewport().width() - 2 * theme.space(6) + gap
        fitting = room // (theme.space(NARROWEST_STEPS) + gap)
        count = min(max(1, fitting), MOST_COLUMNS)
        width = min(room // count - gap, theme.space(COLUMN_STEPS))
        lengths = [0] * count
        for group, rows in self._groups:
            shortest = lengths.index(min(lengths))
            lengths[shortest] += rows
            group.setFixedWidth(width)
            self._columns[shortest].addWidget(group)

    def _group(self, name: str, rows: Sequence[tuple[str, str]]) -> QWidget:
        group = QWidget()
        grid = QGridLayout(group)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.space(4))
        grid.setVerticalSpacing(theme.space(1))
        heading = QLabel(name)
        theme.set_kind(heading, "heading")
        grid.addWidget(heading, 0, 0, 1, 2)
        for number, (what, keys) in enumerate(rows, start=1):
            said = QLabel(what)
            said.setWordWrap(True)
            held = QLabel(keys)
            theme.set_kind(held, "secondary")
            grid.addWidget(said, number, 0)
            grid.addWidget(held, number, 1, Qt.AlignmentFlag.AlignRight)
        grid.setColumnStretch(0, 1)
        return group


def shortcut_rows(actions: Sequence[QAction]) -> list[tuple[str, str]]:
    """Return (what, keys) of the acts that have keys."""
    rows = []
    for action in actions:
        keys = action.shortcut()
        if not keys.isEmpty():
            name = action.text().replace("&", "").removesuffix(" …")
            rows.append((name, keys.toString(QKeySequence.SequenceFormat.NativeText)))
    return rows


def place_groups() -> list[tuple[str, Sequence[tuple[str, str]]]]:
    """Return what keys and mouse do where photos are, as (place, rows of (what, keys))."""
    return [
        (
            tr("In the photos"),
            [
                (tr("Go from photo to photo"), tr("Arrow keys")),
                (tr("Select one more"), tr("Ctrl+click")),
                (tr("Select up to here"), tr("Shift+click")),
                (tr("Change the size of the thumbnails"), tr("Ctrl+wheel")),
                (tr("Acts on the photo"), tr("Menu key, right click")),
            ],
        ),
        (
            tr("In the galleries"),
            [
                (tr("Open a gallery"), tr("Return, double click")),
                (tr("One step back"), tr("Esc, Backspace")),
                (tr("Rename"), tr("F2")),
                (tr("Pin, or pin no longer"), tr("P")),
            ],
        ),
        (
            tr("Among duplicates"),
            [
                (tr("Next or previous group"), tr("Down, Up")),
                (tr("Next or previous file of the group"), tr("Right, Left")),
                (tr("Accept the suggestion and go on"), tr("Enter")),
                (tr("Keep this file"), tr("K")),
                (tr("Let this file go"), tr("T, Delete")),
                (tr("Not duplicates"), tr("N")),
                (tr("This file is no duplicate"), tr("Shift+N")),
                (tr("Keep all files of the group"), tr("A")),
                (tr("Take the last decision back"), tr("Z, Backspace")),
                (tr("Plan the clean-up"), tr("P")),
            ],
        ),
        (
            tr("On the map"),
            [
                (tr("Move the map"), tr("Drag, arrow keys")),
                (tr("Zoom"), tr("Wheel, + and -")),
                (tr("Show all of the map"), tr("0")),
                (tr("Draw around photos"), tr("Shift+drag, L")),
                (tr("Choose one more, or one less"), tr("Ctrl+click on the map")),
                (tr("Go from photo to photo on the map"), tr("Ctrl+arrow keys")),
                (tr("Choose one more on the way"), tr("Ctrl+Shift+arrow keys")),
                (tr("Choose what is in a rectangle from there"), tr("Shift+arrow keys")),
            ],
        ),
    ]


class AboutPage(QWidget):
    """Version, promise, and the licences of what is inside."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel(self.tr("Twinlens {0}").format(__version__))
        theme.set_kind(title, "title")
        promise = QLabel(
            self.tr(
                "Finds the photos on your own disks that look like the one in your hand. It works "
                "without a network, never changes a photo unasked, and sends nothing away.\n\n"
                "Twinlens is free software under the Apache License 2.0. It stands on the work "
                "of others:"
            )
        )
        promise.setWordWrap(True)
        promise.setMaximumWidth(theme.space(2 * COLUMN_STEPS))
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setAccessibleName(self.tr("Text of the licence"))
        self._names = QComboBox()
        self._names.setAccessibleName(self.tr("Licences"))
        for path in sorted(resource("licences").glob("*.txt")):
            self._names.addItem(path.stem.replace("-", " ").capitalize(), path)
        self._names.currentIndexChanged.connect(self._show)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.space(6), theme.space(4), theme.space(6), theme.space(6))
        column.setSpacing(theme.space(3))
        column.addWidget(title)
        column.addWidget(promise)
        column.addWidget(self._names, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._text, 1)
        self._show()

    def _show(self) -> None:
        path = self._names.currentData()
        self._text.setPlainText(path.read_text(encoding="utf-8") if path is not None else "")
