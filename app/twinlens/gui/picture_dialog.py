"""Asks for picture files. Runs on the GUI thread."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from twinlens.gui.text import tr


def ask_pictures(parent: QWidget, title: str, chosen: Callable[[list[Path]], object]) -> None:
    """Let the user choose files that can be read, or any; the window goes on meanwhile.

    Args:
        parent: what the dialog stands before.
        title: of the dialog.
        chosen: what takes the files.
    """
    # The engine takes longer to import than the window to show.
    from twinlens.library import READABLE_EXTENSIONS

    patterns = " ".join(f"*{extension}" for extension in sorted(READABLE_EXTENSIONS))
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    # A picture may have any name: what it is shows in its first bytes.
    dialog.setNameFilters([f"{tr('Photos')} ({patterns})", f"{tr('All files')} (*)"])
    dialog.setOption(QFileDialog.Option.HideNameFilterDetails)
    dialog.filesSelected.connect(lambda names: chosen([Path(name) for name in names]))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
