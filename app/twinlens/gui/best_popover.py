"""What makes one file better than another: rules in order, and folders. Runs on the GUI thread."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twinlens.gui.controls import tool_button
from twinlens.gui.text import tr
from twinlens.gui.theme import set_kind, space
from twinlens.gui.wording import path_text

ROW_STEPS = 8
WIDTH_STEPS = 80


def rule_words() -> dict[str, str]:
    """Return the rules by the engine's name in its own order, each in words."""
    return {
        "intact": tr("Is likely what the others were made from"),
        "metadata": tr("Keeps more of what the camera noted"),
        "resolution": tr("Has more pixels"),
        "format": tr("Has the better format"),
        "compression": tr("Is less compressed"),
        "sharpness": tr("Is sharper"),
        "date": tr("Is older"),
        "folder": tr("Lies in a preferred folder"),
    }


class BestPanel(QWidget):
    """Rules that can be put in another order, and preferred folders, the best first."""

    def __init__(
        self,
        rules: Sequence[str],
        preferred: Sequence[Path],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.order = self._made_list(self.tr("What makes the best file, most important first"))
        words = rule_words()
        known = [rule for rule in rules if rule in words]
        for rule in [*known, *(rule for rule in words if rule not in known)]:
            _add(self.order, words[rule], rule)
        self.order.setCurrentRow(0)
        self.folders = self._made_list(self.tr("Preferred folders, the best first"))
        for folder in preferred:
            _add(self.folders, path_text(folder), folder)
        self.add = tool_button("folder-plus", self.tr("Add a folder …"), "", self, small=True)
        self.add.clicked.connect(self._ask_folder)
        self.drop = tool_button("x", self.tr("Take this folder away"), "Del", self, small=True)
        self.drop.clicked.connect(self._drop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space(2))
        column.addLayout(self._headed(self.tr("The best file …"), self._movers(self.order)))
        column.addWidget(self.order)
        folders = [*self._movers(self.folders), self.add, self.drop]
        column.addLayout(self._headed(self.tr("Preferred folders"), folders))
        column.addWidget(self.folders)
        hint = QLabel(self.tr("The first rule on which two files differ decides."))
        set_kind(hint, "secondary")
        column.addWidget(hint)
        self.setFixedWidth(space(WIDTH_STEPS))
        self.setFocusProxy(self.order)
        self._fit()

    def rules(self) -> tuple[str, ...]:
        """Return the rules, most important first; none where the order is the usual one."""
        chosen = tuple(
            self.order.item(row).data(Qt.ItemDataRole.UserRole) for row in range(self.order.count())
        )
        return () if chosen == tuple(rule_words()) else chosen

    def preferred(self) -> tuple[Path, ...]:
        """Return the preferred folders."""
        return tuple(
            self.folders.item(row).data(Qt.ItemDataRole.UserRole)
            for row in range(self.folders.count())
        )

    def prefer(self, folder: Path) -> None:
        """Add a preferred folder."""
        if folder not in self.preferred():
            _add(self.folders, path_text(folder), folder)
            self.folders.setCurrentRow(self.folders.count() - 1)
        self._fit()

    def shift(self, items: QListWidget, by: int) -> None:
        """Move the current row up or down."""
        row = items.currentRow()
        if row >= 0 and 0 <= row + by < items.count():
            item = items.takeItem(row)
            items.insertItem(row + by, item)
            items.setCurrentRow(row + by)

    def _drop(self) -> None:
        if self.folders.currentRow() >= 0:
            self.folders.takeItem(self.folders.currentRow())
        self._fit()

    def _ask_folder(self) -> None:
        dialog = QFileDialog(self.window(), self.tr("A folder in which files are better kept"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda name: self.prefer(Path(name)))
        dialog.open()

    def _fit(self) -> None:
        self.drop.setEnabled(self.folders.count() > 0)
        self.folders.setVisible(self.folders.count() > 0)
        for items in (self.order, self.folders):
            items.setFixedHeight(min(items.count(), 8) * space(ROW_STEPS) + space(1))

    def _made_list(self, name: str) -> QListWidget:
        items = QListWidget(self)
        items.setAccessibleName(name)
        items.setDragDropMode(QListWidget.DragDropMode.InternalMove)
        items.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        items.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        return items

    def _movers(self, items: QListWidget) -> list[QToolButton]:
        up = tool_button("chevron-up", self.tr("More important"), "", self, small=True)
        up.clicked.connect(lambda: self.shift(items, -1))
        down = tool_button("chevron-down", self.tr("Less important"), "", self, small=True)
        down.clicked.connect(lambda: self.shift(items, 1))
        return [up, down]

    def _headed(self, text: str, buttons: Sequence[QToolButton]) -> QHBoxLayout:
        row = QHBoxLayout()
        title = QLabel(text)
        set_kind(title, "heading")
        row.addWidget(title, 1)
        for button in buttons:
            row.addWidget(button)
        return row


def _add(items: QListWidget, text: str, value: object) -> None:
    item = QListWidgetItem(text)
    item.setData(Qt.ItemDataRole.UserRole, value)
    item.setToolTip(text)
    item.setSizeHint(QSize(0, space(ROW_STEPS)))
    items.addItem(item)
