"""The rows of a plan by what happens: files that go, that must not, that stay. GUI thread."""

from dataclasses import dataclass

from PySide6.QtCore import Qt

from twinlens.gui import theme
from twinlens.gui.section_model import Index, SectionModel
from twinlens.gui.text import files, sentence, tr
from twinlens.gui.wording import file_size, name_text, path_text
from twinlens.reports import Plan, PlanRow

FILE, WHY, SIZE, FOLDER = range(4)


@dataclass(frozen=True, slots=True)
class Section:
    """Rows to which the same happens."""

    title: str
    icon: str
    rows: tuple[PlanRow, ...]


def sections(plan: Plan) -> list[Section]:
    """Return what goes, what was refused, and what stays; none of them empty."""
    found = [
        Section(tr("Go to the trash"), "trash-2", plan.going),
        Section(tr("Must not go"), "circle-alert", tuple(row for row in plan.rows if row.refused)),
        Section(
            tr("Stay"),
            "check",
            tuple(row for row in plan.rows if row.act == "keep" and not row.refused),
        ),
    ]
    return [section for section in found if section.rows]


class PlanModel(SectionModel[Section]):
    """Two levels: what happens, then files. Columns: file, why, size, folder."""

    def __init__(self) -> None:
        super().__init__(FOLDER + 1)

    def set_plan(self, plan: Plan) -> None:
        """Show another plan."""
        self.set_sections(sections(plan))

    def row(self, index: Index) -> PlanRow | None:
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
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and section == SIZE:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return (tr("File"), tr("Why"), tr("Size"), tr("Folder"))[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return texts, tooltips and what is read aloud."""
        row = self.row(index)
        if row is None:
            return self._heading(index, role)
        why = sentence(row.refused or row.why)
        if role == Qt.ItemDataRole.DisplayRole:
            return (
                name_text(row.path),
                why,
                file_size(row.size),
                path_text(row.path.parent),
            )[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(filter(None, (path_text(row.path), row.why, row.refused)))
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == FILE:
            return f"{name_text(row.path)}, {why}"
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == SIZE:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ForegroundRole and index.column() not in (FILE, WHY):
            return theme.tokens().secondary
        return None

    def _heading(self, index: Index, role: int) -> object:
        if not index.isValid():
            return None
        section = self.sections[index.row()]
        if role == Qt.ItemDataRole.DisplayRole and index.column() == FILE:
            size = file_size(sum(row.size for row in section.rows))
            return f"{section.title} · {files(len(section.rows))} · {size}"
        if role == Qt.ItemDataRole.DecorationRole and index.column() == FILE:
            return theme.icon(section.icon)
        return None
