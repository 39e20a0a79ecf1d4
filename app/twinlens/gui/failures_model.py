"""Files that are not searchable, grouped by reason. Runs on the GUI thread."""

from dataclasses import dataclass

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt

from twinlens.gui import theme
from twinlens.gui.text import files, tr
from twinlens.gui.wording import name_text, path_text
from twinlens.records import SKIPPED_CODES, FailureCode
from twinlens.reports import Failure

Index = QModelIndex | QPersistentModelIndex
COLUMNS = 3


def reason_title(code: str) -> str:
    """Return why files of one group are not searchable, as a heading."""
    titles = {
        FailureCode.EMPTY: tr("Empty files"),
        FailureCode.NOT_AN_IMAGE: tr("Not pictures"),
        FailureCode.UNSUPPORTED: tr("In a format Twinlens cannot read"),
        FailureCode.MISSING_EXTRA: tr("In a format that needs an extra"),
        FailureCode.DAMAGED: tr("Damaged"),
        FailureCode.TOO_LARGE: tr("Too large"),
        FailureCode.TOO_SMALL: tr("Too small to compare"),
        FailureCode.VIDEO: tr("Videos"),
        FailureCode.ONLINE_ONLY: tr("Only online, not on this computer"),
        FailureCode.PERMISSION: tr("Twinlens may not read them"),
        FailureCode.UNREADABLE: tr("The disk or the network gave an error"),
        FailureCode.CHANGING: tr("Still being written"),
        FailureCode.MEMORY: tr("Too large for the memory of this computer"),
    }
    try:
        return titles[FailureCode(code)]
    except ValueError:
        return code


@dataclass(frozen=True, slots=True)
class Group:
    """Files with the same reason; `skipped` when they were left out on purpose."""

    title: str
    hint: str
    skipped: bool
    members: tuple[Failure, ...]


def grouped(failures: list[Failure]) -> list[Group]:
    """Return the groups: real failures first, the largest group first."""
    by_code: dict[str, list[Failure]] = {}
    for failure in failures:
        by_code.setdefault(failure.code, []).append(failure)
    groups = [
        Group(
            reason_title(code),
            members[0].hint,
            code in SKIPPED_CODES,
            tuple(sorted(members, key=lambda member: member.path)),
        )
        for code, members in by_code.items()
    ]
    return sorted(groups, key=lambda group: (group.skipped, -len(group.members), group.title))


def failed_count(failures: list[Failure]) -> int:
    """Return how many files failed, without those left out on purpose."""
    return sum(1 for failure in failures if failure.code not in SKIPPED_CODES)


class FailuresModel(QAbstractItemModel):
    """Two levels: reasons, then files. Columns: file, why, folder."""

    def __init__(self) -> None:
        super().__init__()
        self._groups: list[Group] = []

    def set_failures(self, failures: list[Failure]) -> bool:
        """Show other failures; False when they are the same as before."""
        groups = grouped(failures)
        if groups == self._groups:
            return False
        self.beginResetModel()
        self._groups = groups
        self.endResetModel()
        return True

    def group_of(self, index: Index) -> Group | None:
        """Return the group of a heading or a file."""
        if not index.isValid():
            return None
        number = index.row() if index.internalId() == 0 else index.internalId() - 1
        return self._groups[number]

    def failure(self, index: Index) -> Failure | None:
        """Return the file of a row; None for a heading."""
        if not index.isValid() or index.internalId() == 0:
            return None
        return self._groups[index.internalId() - 1].members[index.row()]

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """Return the index of a heading or a file."""
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        # 0 marks a heading; a file carries the number of its group, from 1.
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        """Return the heading of a file."""
        if not index.isValid() or index.internalId() == 0:
            return QModelIndex()
        return self.createIndex(index.internalId() - 1, 0, 0)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of headings, or of the files below one."""
        if not parent.isValid():
            return len(self._groups)
        if parent.internalId() or parent.column():
            return 0
        return len(self._groups[parent.row()].members)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of columns."""
        return COLUMNS

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return the titles of the columns."""
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (tr("File"), tr("Why"), tr("Folder"))[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return texts, tooltips and what is read aloud."""
        failure = self.failure(index)
        if failure is None:
            return self._heading(index, role)
        if role == Qt.ItemDataRole.DisplayRole:
            return (
                name_text(failure.path),
                failure.reason,
                path_text(failure.path.parent),
            )[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(filter(None, (path_text(failure.path), failure.reason, failure.hint)))
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 0:
            return f"{name_text(failure.path)}, {failure.reason}"
        if role == Qt.ItemDataRole.ForegroundRole and index.column():
            return theme.tokens().secondary
        return None

    def _heading(self, index: Index, role: int) -> object:
        group = self.group_of(index)
        if group is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole and index.column() == 0:
            return f"{group.title} · {files(len(group.members))}"
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            return theme.icon("circle" if group.skipped else "circle-alert")
        if role == Qt.ItemDataRole.ToolTipRole:
            return group.hint or None
        return None
