"""What a tile says when the pointer rests on it. Runs on the GUI thread."""

from PySide6.QtCore import QCoreApplication, QModelIndex, Qt

from twinlens.gui.thumbnail_delegate import Part


def _tr(text: str) -> str:
    return QCoreApplication.translate("TileTips", text)


def tip(index: QModelIndex, part: Part | None) -> str:
    """Return the tip for a part of a tile."""
    texts = {
        Part.CHECK: _tr("Select (Ctrl+Space)"),
        Part.PLUS: _tr("Add to the query: more like this"),
        Part.MINUS: _tr("Add to the query: less like this"),
    }
    if part in texts:
        return texts[part]
    return str(index.data(Qt.ItemDataRole.ToolTipRole))
