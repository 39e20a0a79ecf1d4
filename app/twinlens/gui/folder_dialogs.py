"""Asks which folder to add, and what of a folder to leave out. Runs on the GUI thread."""

from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from twinlens.gui.excludes_dialog import ExcludesDialog
from twinlens.gui.keeping import Keeping


class FolderDialogs(QObject):
    """The two dialogs of one window; neither stops it."""

    def __init__(self, window: QWidget, keeping: Keeping) -> None:
        super().__init__(window)
        self._window = window
        self._keeping = keeping

    def add(self) -> None:
        """Ask for a folder and add it."""
        dialog = QFileDialog(self._window, self.tr("Add a folder of photos"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, self.tr("Add"))
        dialog.filesSelected.connect(
            lambda names: self._keeping.add_folders([Path(name) for name in names])
        )
        dialog.open()

    def edit_excludes(self, path: Path) -> None:
        """Ask what to leave out of a folder of the library."""
        for folder in self._keeping.facts.folders:
            if folder.folder == path:
                dialog = ExcludesDialog(folder, self._window)
                dialog.chosen.connect(self._keeping.set_excludes)
                dialog.open()
