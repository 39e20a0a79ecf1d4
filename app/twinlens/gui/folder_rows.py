"""The folders in the settings, each with what can be done about it. Runs on the GUI thread."""

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from twinlens.gui import theme
from twinlens.gui.controls import text_button, tool_button
from twinlens.gui.icon_label import IconLabel
from twinlens.gui.sidebar_model import state_text
from twinlens.gui.text import photos_in, tr
from twinlens.gui.wording import path_text
from twinlens.records import Folder


class FolderRows(QWidget):
    """One row a folder and a button to add another.

    Signals:
        add_folder(): a folder is to be added.
        forget, rescan, excludes (object): what to do with a folder (Path).
    """

    add_folder = Signal()
    forget = Signal(object)
    rescan = Signal(object)
    excludes = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[list[Folder], bool] | None = None
        self._rows = QVBoxLayout()
        self._rows.setSpacing(theme.space(2))
        self._add = text_button(
            "folder-plus",
            self.tr("Add a folder …"),
            self.tr("Make the photos of another folder searchable"),
        )
        self._add.clicked.connect(self.add_folder)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme.space(2))
        column.addLayout(self._rows)
        column.addWidget(self._add, 0, Qt.AlignmentFlag.AlignLeft)

    def set_folders(self, folders: list[Folder], *, writable: bool) -> None:
        """Show the folders."""
        if self._shown == (folders, writable):
            return
        self._shown = (list(folders), writable)
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        for folder in folders:
            self._rows.addWidget(self._row(folder, writable))
        self._add.setVisible(writable)

    def _row(self, folder: Folder, writable: bool) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.space(2))
        line.addWidget(IconLabel("folder", theme.tokens().icon))
        name = QLabel(path_text(folder.folder))
        name.setTextFormat(Qt.TextFormat.PlainText)
        name.setWordWrap(True)
        facts = [state_text(folder.state), photos_in(folder.photos, folder.files)]
        if folder.excludes:
            facts.append(tr("left out: {0}").format(", ".join(folder.excludes)))
        about = QLabel(" · ".join(facts))
        theme.set_kind(about, "secondary")
        about.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(name)
        words.addWidget(about)
        if folder.note:
            note = QLabel(folder.note)
            theme.set_kind(note, "secondary")
            note.setWordWrap(True)
            words.addWidget(note)
        line.addLayout(words, 1)
        if writable:
            line.addWidget(
                self._button(folder, "refresh-cw", tr("Look for changes in {0}"), self.rescan)
            )
            line.addWidget(
                self._button(folder, "list-filter", tr("Leave something of {0} out"), self.excludes)
            )
            line.addWidget(
                self._button(folder, "folder-x", tr("Forget {0}; its files stay"), self.forget)
            )
        return row

    def _button(self, folder: Folder, icon: str, text: str, signal: SignalInstance) -> QToolButton:
        button = tool_button(icon, text.format(path_text(folder.folder)))
        button.clicked.connect(lambda: signal.emit(folder.folder))
        return button
