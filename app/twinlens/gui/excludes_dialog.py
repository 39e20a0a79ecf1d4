"""What is to be left out of a folder, one pattern a line. Runs on the GUI thread."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from twinlens.gui import theme
from twinlens.gui.text import folder_name
from twinlens.records import Folder

WIDTH_STEPS = 110


class ExcludesDialog(QDialog):
    """Edits the patterns of one folder; deletes itself when closed.

    Signals:
        chosen(object, object): the folder (Path) and its patterns (tuple of str).
    """

    chosen = Signal(object, object)

    def __init__(self, folder: Folder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._folder: Path = folder.folder
        name = folder_name(folder.folder)
        self.setWindowTitle(self.tr("Leave out of {0}").format(name))
        about = QLabel(
            self.tr(
                "One pattern a line, for instance *.tif, Drafts/ or 2019/raw. Photos that match "
                "disappear from the library; the files stay where they are."
            )
        )
        about.setWordWrap(True)
        self.editor = QPlainTextEdit("\n".join(folder.excludes))
        self.editor.setAccessibleName(self.tr("Patterns to leave out"))
        self.editor.setTabChangesFocus(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        apply = buttons.addButton(self.tr("Leave out"), QDialogButtonBox.ButtonRole.AcceptRole)
        apply.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.space(4),) * 4)
        column.setSpacing(theme.space(3))
        column.addWidget(about)
        column.addWidget(self.editor, 1)
        column.addWidget(buttons)
        self.resize(theme.space(WIDTH_STEPS), theme.space(WIDTH_STEPS * 2 // 3))

    def patterns(self) -> tuple[str, ...]:
        """Return the patterns as they stand."""
        lines = (line.strip() for line in self.editor.toPlainText().splitlines())
        return tuple(line for line in lines if line)

    def accept(self) -> None:
        """Apply the patterns and close."""
        self.chosen.emit(self._folder, self.patterns())
        super().accept()
