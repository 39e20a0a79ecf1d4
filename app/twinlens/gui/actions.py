"""Every act of the window with its shortcut, in the menus of the platform. GUI thread."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from twinlens.gui import theme
from twinlens.gui.compare_page import COMPARE_KEY, FILES_KEY
from twinlens.gui.region_picker import PART_KEY
from twinlens.gui.teach_chip import RIGHT_KEY, WRONG_KEY
from twinlens.gui.tray_tools import SAVE_KEYS


def _tr(text: str) -> str:
    return QCoreApplication.translate("Actions", text)


@dataclass(frozen=True, slots=True)
class Act:
    """One entry of a menu; `keys` in Qt's portable notation, "" for none.

    `local` keys belong to the grid, which acts on them itself: elsewhere they type and press.
    """

    name: str
    text: str
    keys: str = ""
    icon: str = ""
    checkable: bool = False
    local: bool = False
    role: QAction.MenuRole = QAction.MenuRole.NoRole


#: Stands for a line in a menu.
LINE = Act("", "")


def _file() -> list[Act]:
    return [
        Act("open_picture", _tr("&Open photos to search with …"), "Ctrl+O", "image-plus"),
        Act("add_folder", _tr("&Add folder …"), "Ctrl+Shift+O", "folder-plus"),
        LINE,
        Act("show_in_folder", _tr("&Show in folder"), "Ctrl+Shift+E", "folder-open"),
        Act("open_with", _tr("Open in another &program"), "Ctrl+Shift+Return", "external-link"),
        Act("copy_to", _tr("&Copy selected to a folder …"), "Ctrl+Shift+D", "copy-plus"),
        Act("save_list", _tr("Save the &list as CSV …"), "Ctrl+S", "file-text"),
        LINE,
        Act("close_window", _tr("&Close window"), "Ctrl+W", "x"),
        Act("quit", _tr("&Quit"), "Ctrl+Q", "log-out", role=QAction.MenuRole.QuitRole),
    ]


def _edit() -> list[Act]:
    return [
        Act("undo", _tr("&Undo"), "Ctrl+Z", "undo-2"),
        Act("redo", _tr("&Redo"), "Ctrl+Shift+Z", "redo-2"),
        LINE,
        Act("copy_image", _tr("&Copy image"), "Ctrl+C", "copy"),
        Act("copy_path", _tr("Copy &path"), "Ctrl+Shift+C", "clipboard-copy"),
        Act("paste", _tr("P&aste to search"), "Ctrl+V", "clipboard-paste"),
        LINE,
        Act("select_all", _tr("&Select all"), "Ctrl+A"),
        Act("trash", _tr("Move to &trash …"), "Del", "trash-2"),
        LINE,
        Act(
            "settings",
            _tr("S&ettings"),
            "Ctrl+,",
            "settings",
            role=QAction.MenuRole.PreferencesRole,
        ),
    ]


def _view() -> list[Act]:
    return [
        Act("all_photos", _tr("&All photos"), "Ctrl+1", "images"),
        Act("galleries", _tr("&Galleries"), "Ctrl+G", "galleries"),
        Act("map", _tr("&Map"), "Ctrl+Shift+M", "scatter"),
        Act("duplicates", _tr("&Duplicates"), "Ctrl+3", "copy-check"),
        Act("failures", _tr("&Failures"), "Ctrl+2", "file-warning"),
        LINE,
        Act("open_viewer", _tr("&View photo"), "Return", "maximize", local=True),
        Act("quick_look", _tr("&Quick look"), "Space", "eye", local=True),
        LINE,
        Act("larger", _tr("&Larger thumbnails"), "Ctrl++", "zoom-in"),
        Act("smaller", _tr("&Smaller thumbnails"), "Ctrl+-", "zoom-out"),
        LINE,
        Act("sidebar", _tr("Si&debar"), "F8", "panel-left", checkable=True),
        Act("inspector", _tr("&Inspector"), "F9", "panel-right", checkable=True),
        Act("full_screen", _tr("F&ull screen"), "F11", "fullscreen", checkable=True),
    ]


def _search() -> list[Act]:
    return [
        Act("find_similar", _tr("&Find similar"), "Ctrl+Return", "scan-search"),
        Act("find_part", _tr("Find a &part of it …"), PART_KEY, "square-dashed"),
        Act("compare", _tr("Co&mpare two photos, or one with the query"), COMPARE_KEY, "columns-2"),
        Act("compare_files", _tr("Compare p&ictures from files …"), FILES_KEY),
        Act("add_positive", _tr("&Add to the query"), "Ctrl+E", "plus"),
        Act("add_negative", _tr("Add as &unlike"), "Ctrl+Shift+U", "minus"),
        Act("search_screen", _tr("Search the &screen"), "Ctrl+Shift+S", "crop"),
        Act("clear_query", _tr("&Clear the query"), "Ctrl+Backspace", "x"),
        Act("save_search", _tr("Sa&ve this search …"), SAVE_KEYS, "save"),
        LINE,
        Act("mark_right", _tr("Mark as ri&ght"), RIGHT_KEY, "check", local=True),
        Act("mark_wrong", _tr("Mark as wro&ng"), WRONG_KEY, "x", local=True),
        Act("forget_marks", _tr("F&orget what was right and wrong"), "", "rotate-ccw"),
        LINE,
        Act("back", _tr("&Back to the earlier query"), "Alt+Left", "arrow-left"),
        Act("forward", _tr("For&ward"), "Alt+Right", "arrow-right"),
        Act("refresh", _tr("&Refresh the results"), "F5", "refresh-cw"),
        LINE,
        Act("filter", _tr("Find a &word or a name …"), "Ctrl+F", "list-filter"),
        Act("clear_filters", _tr("Clear the f&ilters"), "Ctrl+Shift+F"),
        LINE,
        Act("pause", _tr("&Pause indexing"), "Ctrl+P", "pause", checkable=True),
        Act("rescan", _tr("Loo&k for changes in all folders"), "Ctrl+R", "refresh-cw"),
    ]


def _help() -> list[Act]:
    return [
        Act("shortcuts", _tr("&Keyboard shortcuts"), "F1", "keyboard"),
        Act("open_log", _tr("Open the &log"), "", "file-text"),
        LINE,
        Act("about", _tr("&About Twinlens"), "", "info", role=QAction.MenuRole.AboutRole),
    ]


class Actions:
    """The acts of one window by name.

    Args:
        window: owns them and shows the menus.
        perform: called with the name of the act that was chosen.
    """

    def __init__(self, window: QMainWindow, perform: Callable[[str], None]) -> None:
        self._window = window
        self._perform = perform
        self._by_name: dict[str, QAction] = {}
        self.menus: list[QMenu] = []
        for title, acts in (
            (_tr("&File"), _file()),
            (_tr("&Edit"), _edit()),
            (_tr("&View"), _view()),
            (_tr("&Search"), _search()),
            (_tr("&Help"), _help()),
        ):
            self.menus.append(self._menu(title, acts))

    def __getitem__(self, name: str) -> QAction:
        return self._by_name[name]

    def enable(self, on: bool, *names: str) -> None:
        """Make acts available, or not."""
        for name in names:
            self._by_name[name].setEnabled(on)

    def set_undo(self, undo: str | None, redo: str | None) -> None:
        """Name what would be undone and done again; None for nothing."""
        for name, what, plain, naming in (
            ("undo", undo, _tr("&Undo"), _tr("&Undo: {0}")),
            ("redo", redo, _tr("&Redo"), _tr("&Redo: {0}")),
        ):
            action = self._by_name[name]
            action.setEnabled(what is not None)
            action.setText(plain if what is None else naming.format(what))

    def _menu(self, title: str, acts: list[Act]) -> QMenu:
        menu = self._window.menuBar().addMenu(title)
        menu.setToolTipsVisible(False)
        for act in acts:
            if act is LINE:
                menu.addSeparator()
            else:
                menu.addAction(self._action(act))
        return menu

    def _action(self, act: Act) -> QAction:
        action = QAction(act.text, self._window)
        action.setObjectName(act.name)
        action.setMenuRole(act.role)
        action.setCheckable(act.checkable)
        if act.icon:
            action.setIcon(theme.icon(act.icon))
        if act.keys:
            action.setShortcut(QKeySequence(act.keys))
        if act.local:
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        name = act.name
        action.triggered.connect(lambda _=False: self._perform(name))
        self._by_name[name] = action
        return action
