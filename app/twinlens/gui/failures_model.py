"""Files that are not searchable, grouped by reason. Runs on the GUI thread."""

from dataclasses import dataclass

from PySide6.QtCore import Qt

from twinlens.gui import theme
from twinlens.gui.section_model import Index, SectionModel
from twinlens.gui.text import files, tr
from twinlens.gui.wording import name_text, path_text
from twinlens.records import SKIPPED_CODES, FailureCode
from twinlens.reports import Failure

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
    rows: tuple[Failure, ...]


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
    return sorted(groups, key=lambda group: (group.skipped, -len(group.rows), group.title))


def failed_count(failures: list[Failure]) -> int:
    """Return how many files failed, without those left out on purpose."""
    return sum(1 for failure in failures if failure.code not in SKIPPED_CODES)


class FailuresModel(SectionModel[Group]):
    """Two levels: reasons, then files. Columns: file, why, folder."""

    def __init__(self) -> None:
        super().__init__(COLUMNS)

    def set_failures(self, failures: list[Failure]) -> bool:
        """Show other failures; False when they are the same as before."""
        groups = grouped(failures)
        if groups == self.sections:
            return False
        self.set_sections(groups)
        return True

    def group_of(self, index: Index) -> Group | None:
        """Return the group of a heading or a file."""
        if not index.isValid():
            return None
        place = self.place(index)
        return self.sections[index.row() if place is None else place[0]]

    def failure(self, index: Index) -> Failure | None:
        """Return the file of a row; None for a heading."""
        place = self.place(index)
        return None if place is None else self.sections[place[0]].rows[place[1]]

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
            return f"{group.title} · {files(len(group.rows))}"
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            return theme.icon("circle" if group.skipped else "circle-alert")
        if role == Qt.ItemDataRole.ToolTipRole:
            return group.hint or None
        return None
