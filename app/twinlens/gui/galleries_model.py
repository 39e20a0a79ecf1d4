"""The galleries of a page as an item model. Runs on the GUI thread."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from twinlens.gui.gallery_cards import is_rest, spoken
from twinlens.gui.text import tr
from twinlens.records import Gallery

Index = QModelIndex | QPersistentModelIndex


class GalleriesModel(QAbstractListModel):
    """Galleries in the order they were given."""

    def __init__(self) -> None:
        super().__init__()
        self._galleries: list[Gallery] = []

    @property
    def galleries(self) -> Sequence[Gallery]:
        """What is shown."""
        return self._galleries

    def set_galleries(self, galleries: Sequence[Gallery]) -> None:
        """Show other galleries."""
        self.beginResetModel()
        self._galleries = list(galleries)
        self.endResetModel()

    def change(self, gallery: Gallery) -> None:
        """Show what is known of a gallery by now; it stays where it is."""
        row = self.row_of(gallery.gallery)
        if row is not None:
            self._galleries[row] = gallery
            self.dataChanged.emit(self.index(row), self.index(row))

    def row_of(self, gallery: str) -> int | None:
        """Return the row of a gallery by its name, None when it is not shown."""
        names = (row for row, one in enumerate(self._galleries) if one.gallery == gallery)
        return next(names, None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return the number of galleries."""
        return 0 if parent.isValid() else len(self._galleries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the title, or what is said of a gallery."""
        if not index.isValid() or index.row() >= len(self._galleries):
            return None
        gallery = self._galleries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return gallery.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(gallery)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return _tip(gallery)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every gallery can be chosen."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


def _tip(gallery: Gallery) -> str:
    lines = [spoken(gallery)]
    if is_rest(gallery):
        lines.append(tr("Too little like any other photo to be in a gallery at this level."))
    elif gallery.pinned or gallery.named:
        lines.append(tr("It keeps its photos, because you named or pinned it."))
    return "\n".join(lines)
