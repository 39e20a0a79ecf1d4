"""The page of files that are not searchable: which, why, what to do. Runs on the GUI thread."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from twinlens.gui import theme
from twinlens.gui.controls import text_button
from twinlens.gui.failures_model import FailuresModel, failed_count
from twinlens.gui.text import files
from twinlens.gui.wording import path_text
from twinlens.reports import Failure

#: Groups of up to so many files are unfolded from the start.
UNFOLDED = 200
FILE_STEPS = 48
FOLDER_STEPS = 48


class FailuresView(QWidget):
    """Lists the files by reason.

    Signals:
        retry(): all that failed is to be tried again.
        show_file(object): the file manager is to show a file (Path).
    """

    retry = Signal()
    show_file = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = FailuresModel()
        self._title = QLabel(self.tr("Failures"))
        theme.set_kind(self._title, "title")
        self._summary = QLabel()
        theme.set_kind(self._summary, "secondary")
        self._summary.setWordWrap(True)
        self._hint = QLabel()
        self._hint.setWordWrap(True)
        self._hint.setTextFormat(Qt.TextFormat.PlainText)
        self._retry = text_button(
            "refresh-cw", self.tr("Try again"), self.tr("Read all files that failed once more")
        )
        self._retry.clicked.connect(self.retry)
        self._show = text_button(
            "folder-open", self.tr("Show in folder"), self.tr("Show this file in the file manager")
        )
        self._show.clicked.connect(self._show_current)
        self._copy = text_button(
            "clipboard-copy",
            self.tr("Copy the list"),
            self.tr("Put all files and reasons into the clipboard as text"),
        )
        self._copy.clicked.connect(self._copy_list)
        self._tree = self._made_tree()
        self._failures: list[Failure] = []
        self.setFocusProxy(self._tree)
        self._lay_out()
        self.set_failures([], writable=False)

    def set_failures(self, failures: list[Failure], *, writable: bool) -> None:
        """Show what is not searchable; `writable` offers to try again."""
        self._failures = failures
        failed = failed_count(failures)
        left_out = len(failures) - failed
        self._summary.setText(self._sentence(failed, left_out))
        self._retry.setVisible(writable)
        self._retry.setEnabled(failed > 0)
        self._copy.setEnabled(bool(failures))
        self._tree.setVisible(bool(failures))
        if self._model.set_failures(failures):
            self._unfold()
        self._changed()

    def _sentence(self, failed: int, left_out: int) -> str:
        if not failed and not left_out:
            return self.tr("Every file in your folders could be read.")
        said = []
        if failed:
            said.append(
                self.tr(
                    "{0} could not be read. They are tried again when they change, and the files "
                    "themselves are left as they are."
                ).format(files(failed))
            )
        else:
            said.append(self.tr("Every photo could be read."))
        if left_out:
            said.append(self.tr("{0} left out on purpose.").format(files(left_out)))
        return " ".join(said)

    def _made_tree(self) -> QTreeView:
        tree = QTreeView()
        tree.setModel(self._model)
        tree.setUniformRowHeights(True)
        tree.setSelectionBehavior(QTreeView.SelectionBehavior.SelectRows)
        tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        tree.setAccessibleName(self.tr("Files that are not searchable"))
        tree.activated.connect(self._activate)
        tree.selectionModel().currentChanged.connect(self._changed)
        header = tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        # The reason is what one came for; a folder can be cut and is whole in its tooltip.
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(0, theme.space(FILE_STEPS))
        header.resizeSection(2, theme.space(FOLDER_STEPS))
        return tree

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.space(2))
        for button in (self._retry, self._show, self._copy):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.space(6), theme.space(4), theme.space(6), theme.space(4))
        column.setSpacing(theme.space(2))
        column.addWidget(self._title)
        column.addWidget(self._summary)
        column.addLayout(buttons)
        column.addSpacing(theme.space(1))
        column.addWidget(self._tree, 1)
        column.addWidget(self._hint)
        column.addStretch(0)

    def _unfold(self) -> None:
        for row in range(self._model.rowCount()):
            index = self._model.index(row, 0)
            self._tree.setFirstColumnSpanned(row, QModelIndex(), True)
            group = self._model.group_of(index)
            if group is not None and not group.skipped and len(group.rows) <= UNFOLDED:
                self._tree.expand(index)

    def _changed(self) -> None:
        index = self._tree.currentIndex()
        self._show.setEnabled(self._model.failure(index) is not None)
        failure, group = self._model.failure(index), self._model.group_of(index)
        hint = failure.hint if failure is not None else (group.hint if group is not None else "")
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))

    def _activate(self, index: QModelIndex) -> None:
        failure = self._model.failure(index)
        if failure is not None:
            self.show_file.emit(failure.path)

    def _show_current(self) -> None:
        self._activate(self._tree.currentIndex())

    def _copy_list(self) -> None:
        lines = (f"{path_text(item.path)}\t{item.reason}" for item in self._failures)
        QGuiApplication.clipboard().setText("\n".join(lines))
