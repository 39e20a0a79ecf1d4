"""The views, searches and folders of the library, at the left of the window. GUI thread."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from twinlens.gui import theme
from twinlens.gui.side_button import SideButton
from twinlens.gui.sidebar_delegate import SidebarDelegate
from twinlens.gui.sidebar_model import SidebarModel
from twinlens.records import Folder, FolderState

WIDTH_STEPS = 55
COMPACT_STEPS = 14
NARROWEST_STEPS = 40
WIDEST_STEPS = 100


class Sidebar(QFrame):
    """Shows where one is and what the folders are doing.

    Signals:
        view_requested(str): "all", "duplicates", "failures" or "settings" was chosen.
        folder_selected(object): a folder (Path) was chosen.
        search_selected(str), search_forgotten(str): a search of that name was chosen, or is to go.
        search_renamed(str, str): a search is to have another name.
        add_folder(): a folder is to be added.
        forget, rescan, excludes, show_folder (object): what to do with a folder (Path).
    """

    view_requested = Signal(str)
    folder_selected = Signal(object)
    search_selected = Signal(str)
    search_forgotten = Signal(str)
    search_renamed = Signal(str, str)
    add_folder = Signal()
    forget = Signal(object)
    rescan = Signal(object)
    excludes = Signal(object)
    show_folder = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.set_kind(self, "side")
        self._writable = False
        self._model = SidebarModel()
        self._delegate = SidebarDelegate()
        self._view = QListView()
        self._view.setModel(self._model)
        self._view.setItemDelegate(self._delegate)
        self._view.setEditTriggers(QListView.EditTrigger.EditKeyPressed)
        self._view.installEventFilter(self)
        self._model.renamed.connect(self.search_renamed)
        self._view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._view.setMouseTracking(True)
        self._view.setAccessibleName(self.tr("Library, searches and folders"))
        self._view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._view.customContextMenuRequested.connect(self._show_menu)
        self._view.selectionModel().currentChanged.connect(self._changed)
        self._view.clicked.connect(self._clicked)
        self._view.activated.connect(self._clicked)
        self._add = SideButton("folder-plus", self.tr("Add folder …"), "Ctrl+Shift+O")
        self._add.clicked.connect(self.add_folder)
        self._settings = SideButton("settings", self.tr("Settings"), "Ctrl+,")
        self._settings.setCheckable(True)
        self._settings.clicked.connect(self._open_settings)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.space(1), theme.space(1), theme.space(1), theme.space(2))
        column.setSpacing(0)
        column.addWidget(self._view, 1)
        column.addWidget(self._add)
        column.addWidget(self._settings)
        self._silent = False
        self.set_compact(False)
        self.set_writable(False)

    @property
    def folder(self) -> Path | None:
        """The folder that is chosen."""
        index = self._view.currentIndex()
        row = self._model.row(index) if index.isValid() else None
        return row.folder.folder if row is not None and row.folder is not None else None

    def set_facts(
        self, photos: int, failed: int, folders: list[Folder], searches: Sequence[str] = ()
    ) -> None:
        """Show counts, named searches and folders."""
        index = self._view.currentIndex()
        row = self._model.row(index) if index.isValid() else None
        self._model.set_facts(photos, failed, folders, searches)
        if row is not None:
            self.set_current(row.folder.folder if row.folder is not None else row.view)

    def set_duplicates(self, groups: int) -> None:
        """Show how many groups of duplicates are to be decided about."""
        self._model.set_duplicates(groups)

    def set_current(self, wanted: str | Path) -> None:
        """Mark a view ("all", "settings", a `search_view`) or a folder without choosing it."""
        self._silent = True
        number = self._model.row_of(wanted)
        if number >= 0:
            self._view.setCurrentIndex(self._model.index(number))
        else:
            self._view.selectionModel().clear()
        self._silent = False
        self._settings.setChecked(wanted == "settings")

    def set_writable(self, writable: bool) -> None:
        """Offer what changes the library only where it can be changed."""
        self._writable = self._model.writable = writable
        self._add.setVisible(writable)

    def set_compact(self, compact: bool) -> None:
        """Show icons only."""
        self._delegate.compact = compact
        for button in (self._add, self._settings):
            button.set_compact(compact)
        if compact:
            self.setMinimumWidth(theme.space(COMPACT_STEPS))
            self.setMaximumWidth(theme.space(COMPACT_STEPS))
        else:
            self.setMinimumWidth(theme.space(NARROWEST_STEPS))
            self.setMaximumWidth(theme.space(WIDEST_STEPS))
        self._model.layoutChanged.emit()

    @property
    def compact(self) -> bool:
        """Whether only icons are shown."""
        return self._delegate.compact

    def folder_menu(self, folder: Folder, parent: QWidget) -> QMenu:
        """Return the acts on a folder."""
        menu = QMenu(parent)
        menu.addAction(
            theme.icon("scan-search"),
            self.tr("Search in this folder"),
            lambda: self.folder_selected.emit(folder.folder),
        )
        if folder.state is not FolderState.OFFLINE:
            menu.addAction(
                theme.icon("external-link"),
                self.tr("Show in the file manager"),
                lambda: self.show_folder.emit(folder.folder),
            )
        if self._writable:
            menu.addSeparator()
            for icon, text, signal in (
                ("refresh-cw", self.tr("Look for changes"), self.rescan),
                ("list-filter", self.tr("Leave out …"), self.excludes),
                ("folder-x", self.tr("Forget this folder (its files stay)"), self.forget),
            ):
                act = menu.addAction(theme.icon(icon), text)
                act.triggered.connect(lambda _=False, s=signal: s.emit(folder.folder))
        return menu

    def search_menu(self, index: QModelIndex, parent: QWidget) -> QMenu:
        """Return the acts on a named search."""
        name = self._model.row(index).search
        menu = QMenu(parent)
        menu.addAction(
            theme.icon("search"), self.tr("Search again"), lambda: self.search_selected.emit(name)
        )
        if self._writable:
            menu.addSeparator()
            # Icons leave no room for a name to be typed.
            if not self.compact:
                act = menu.addAction(theme.icon("pencil"), self.tr("Rename"))
                act.setShortcut(QKeySequence(Qt.Key.Key_F2))
                act.triggered.connect(lambda: self._view.edit(index))
            act = menu.addAction(theme.icon("x"), self.tr("Forget this search"))
            act.setShortcut(QKeySequence(Qt.Key.Key_Delete))
            act.triggered.connect(lambda: self.search_forgotten.emit(name))
        return menu

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Forget the search the keyboard is on with Delete, which elsewhere is about photos."""
        if not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_Delete:
            return False
        index = self._view.currentIndex()
        name = self._model.row(index).search if index.isValid() else ""
        if not name or not self._writable:
            return False
        if event.type() == QEvent.Type.KeyPress:
            self.search_forgotten.emit(name)
        event.accept()
        return True

    def _open_settings(self) -> None:
        # What is checked follows the page, not the click.
        self._settings.setChecked(True)
        self.view_requested.emit("settings")

    def _show_menu(self, where: QPoint) -> None:
        index = self._view.indexAt(where)
        row = self._model.row(index) if index.isValid() else None
        if row is not None and row.folder is not None:
            menu = self.folder_menu(row.folder, self)
        elif row is not None and row.search:
            menu = self.search_menu(index, self)
        else:
            return
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._view.viewport().mapToGlobal(where))

    def _changed(self, index: QModelIndex) -> None:
        if not self._silent:
            self._choose(index)

    def _clicked(self, index: QModelIndex) -> None:
        # A click on the row that is current already leads back to it, for instance from a search.
        self._choose(index)

    def _choose(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        row = self._model.row(index)
        if row.folder is not None:
            self.folder_selected.emit(row.folder.folder)
        elif row.search:
            self.search_selected.emit(row.search)
        elif row.view:
            self.view_requested.emit(row.view)
