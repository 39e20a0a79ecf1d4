"""The rows of the sidebar: views of the library, named searches, folders. GUI thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from twinlens.gui.text import folder_name, photos_in, tr
from twinlens.gui.wording import path_text, whole
from twinlens.records import Folder, FolderState
from twinlens.reports import Status

Index = QModelIndex | QPersistentModelIndex

ALL_PHOTOS, GALLERIES, MAP = "all", "galleries", "map"
DUPLICATES, FAILURES = "duplicates", "failures"
#: Before the name of a search, where a row is named: no view is called so.
_SEARCH = "search:"

#: A folder in one of these states needs no words: the dot says it.
QUIET = {FolderState.UP_TO_DATE, FolderState.WATCHING}


def state_text(state: FolderState) -> str:
    """Return what a folder is doing, in words."""
    return {
        FolderState.UP_TO_DATE: tr("Up to date"),
        FolderState.PENDING: tr("Waiting"),
        FolderState.SCANNING: tr("Looking for changes"),
        FolderState.WATCHING: tr("Up to date, watching"),
        FolderState.RESCANNED: tr("Looked at now and then"),
        FolderState.OFFLINE: tr("Not connected"),
    }[state]


def state_now(folder: Folder, status: Status) -> FolderState:
    """Return what a folder is doing now: the engine's status is younger than what was read of it.

    Only for the process that indexes; the status of another one knows nothing of its folders.
    """
    if folder.state is FolderState.OFFLINE:
        return folder.state
    if status.activity == "indexing" and status.folder == folder.folder:
        return FolderState.PENDING if status.paused else FolderState.SCANNING
    if folder.state is FolderState.SCANNING:
        return FolderState.UP_TO_DATE
    return folder.state


def search_view(name: str) -> str:
    """Return what the row of a named search is called among the views."""
    return _SEARCH + name


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a heading, a view, a named search or a folder.

    `count` is of photos, which lie in `files`.
    """

    text: str
    icon: str = ""
    view: str = ""
    count: int = 0
    files: int = 0
    folder: Folder | None = None

    @property
    def heading(self) -> bool:
        """Whether the row only titles what follows."""
        return not self.icon

    @property
    def search(self) -> str:
        """The name of the search; empty for any other row."""
        return self.view[len(_SEARCH) :] if self.view.startswith(_SEARCH) else ""


class SidebarModel(QAbstractListModel):
    """Views of the library, searches under a name, then the folders.

    Signals:
        renamed(str, str): a search is to have another name.
    """

    renamed = Signal(str, str)
    RowRole = Qt.ItemDataRole.UserRole + 1

    def __init__(self) -> None:
        super().__init__()
        self._photos = 0
        self._failed = 0
        self._duplicates = 0
        self._folders: list[Folder] = []
        self._searches: Sequence[str] = ()
        self.writable = False
        self._rows = self._made()

    def set_facts(
        self, photos: int, failed: int, folders: list[Folder], searches: Sequence[str] = ()
    ) -> None:
        """Show new counts, searches and folders; rows stay where only their content changed."""
        self._photos, self._failed, self._folders = photos, failed, folders
        self._searches = searches
        self._refresh()

    def set_duplicates(self, groups: int) -> None:
        """Show how many groups of duplicates there are."""
        self._duplicates = groups
        self._refresh()

    def _refresh(self) -> None:
        rows = self._made()
        if rows == self._rows:
            return
        if [_identity(row) for row in rows] == [_identity(row) for row in self._rows]:
            self._rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def row(self, index: Index) -> Row:
        """Return what stands in a row."""
        return self._rows[index.row()]

    def row_of(self, wanted: str | Path) -> int:
        """Return the row of a view or a folder; -1 when there is none."""
        for number, row in enumerate(self._rows):
            if row.folder is not None:
                if row.folder.folder == wanted:
                    return number
            elif row.view and row.view == wanted:
                return number
        return -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let headings be passed over."""
        if not index.isValid() or self.row(index).heading:
            return Qt.ItemFlag.NoItemFlags
        chosen = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        named = self.writable and bool(self.row(index).search)
        return chosen | Qt.ItemFlag.ItemIsEditable if named else chosen

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for another name of a search; it shows once it has it."""
        self.renamed.emit(self.row(index).search, str(value))
        return False

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the text, the tooltip, the accessible text, or the row itself."""
        if not index.isValid():
            return None
        row = self.row(index)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.text
        if role == self.RowRole:
            return row
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _spoken(row)
        if role == Qt.ItemDataRole.ToolTipRole and not row.heading:
            return _tip(row)
        return None

    def _made(self) -> list[Row]:
        in_files = sum(folder.files for folder in self._folders) if self._folders else self._photos
        rows = [
            Row(tr("Library")),
            Row(tr("All photos"), "images", ALL_PHOTOS, self._photos, in_files),
            Row(tr("Galleries"), "galleries", GALLERIES),
            Row(tr("Map"), "scatter", MAP),
            *self._made_duplicates(),
            Row(tr("Failures"), "file-warning", FAILURES, self._failed, self._failed),
        ]
        if self._searches:
            rows.append(Row(tr("Searches")))
        rows += [Row(name, "search", search_view(name)) for name in self._searches]
        rows.append(Row(tr("Folders")))
        for folder in self._folders:
            icon = "unplug" if folder.state is FolderState.OFFLINE else "folder"
            name = path_text(Path(folder_name(folder.folder)))
            rows.append(Row(name, icon, "", folder.photos, folder.files, folder))
        return rows

    def _made_duplicates(self) -> list[Row]:
        if not self._photos:
            return []
        return [Row(tr("Duplicates"), "copy-check", DUPLICATES, self._duplicates)]


def state_words(row: Row) -> str:
    """Return what has to be said of a folder beyond its dot; empty when all is well."""
    if row.folder is None or row.folder.state in QUIET:
        return ""
    return state_text(row.folder.state)


def _identity(row: Row) -> tuple[str, str, Path | None, bool]:
    return row.text, row.view, row.folder.folder if row.folder else None, bool(state_words(row))


def _spoken(row: Row) -> str:
    if row.heading:
        return row.text
    if row.folder is not None:
        return f"{row.text}, {state_text(row.folder.state)}, {photos_in(row.count, row.files)}"
    if row.search:
        return tr("{0}, saved search").format(row.text)
    if row.view == GALLERIES:
        return tr("{0}: photos that look alike, together").format(row.text)
    if row.view == MAP:
        return tr("{0}: photos that look alike, near each other").format(row.text)
    if row.view == DUPLICATES:
        return tr("{0}, {1} groups to decide").format(row.text, whole(row.count))
    if row.view == FAILURES:
        return tr("{0}, {1} files").format(row.text, whole(row.count))
    return f"{row.text}, {photos_in(row.count, row.files)}"


def _tip(row: Row) -> str:
    if row.folder is None:
        return _spoken(row)
    facts = [path_text(row.folder.folder), state_text(row.folder.state)]
    facts.append(photos_in(row.count, row.files))
    if row.folder.note:
        facts.append(row.folder.note)
    if row.folder.excludes:
        facts.append(tr("Left out: {0}").format(", ".join(row.folder.excludes)))
    return "\n".join(facts)
