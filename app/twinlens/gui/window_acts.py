"""What each act of the menus does, and when it can be done. Runs on the GUI thread."""

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPlainTextEdit

from twinlens.gui import theme
from twinlens.gui.actions import Actions
from twinlens.gui.browser import ABOUT, FAILURES, MAP, PHOTOS, SETTINGS
from twinlens.gui.folder_dialogs import FolderDialogs
from twinlens.gui.help_pages import place_groups, shortcut_rows
from twinlens.gui.photo_acts import PhotoActs
from twinlens.gui.query_acts import QueryActs
from twinlens.records import Tile

if TYPE_CHECKING:
    from twinlens.gui.main_window import MainWindow

log = logging.getLogger(__name__)

NEED_PHOTO = (
    *("show_in_folder", "open_with", "copy_to", "copy_image", "copy_path", "trash"),
    *("open_viewer", "quick_look", "find_similar", "find_part", "add_positive", "add_negative"),
)
JUDGE = ("mark_right", "mark_wrong")


class WindowActs(QObject):
    """Performs the acts of one window."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._browser = window.browser
        self._conductor = window.conductor
        self._actions = Actions(window, self.perform)
        self.photos = PhotoActs(window)
        self.photos.undo_changed.connect(self._show_undo)
        self._query = QueryActs(window, self.tiles)
        self._folders = FolderDialogs(window, window.conductor.keeping)
        self._does: dict[str, Callable[[], object]] = self._table()
        self._connect()
        self._update()
        self._show_undo()

    def perform(self, name: str) -> None:
        """Carry out an act."""
        self._does[name]()

    def tiles(self) -> list[Tile]:
        """Return the photos an act is about: the one in the viewer, else the selected ones."""
        if self._window.viewing:
            tile = self._window.viewer.current_tile()
            return [tile] if tile is not None else []
        if self._browser.page == MAP:
            return self._window.mapping.tiles()
        if self._browser.page != PHOTOS:
            return []
        selected = self._browser.grid.selected_tiles()
        current = self._browser.grid.current_tile()
        return selected or ([current] if current is not None else [])

    def show_paused(self, paused: bool) -> None:
        """Show whether indexing is held."""
        self._actions["pause"].setChecked(paused)

    def show_panels(self, *, sidebar: bool, inspector: bool) -> None:
        """Show which panels are wanted."""
        self._actions["sidebar"].setChecked(sidebar)
        self._actions["inspector"].setChecked(inspector)

    def shortcut_groups(self) -> list[tuple[str, Sequence[tuple[str, str]]]]:
        """Return what the keyboard can do, by menu."""
        groups: list[tuple[str, Sequence[tuple[str, str]]]] = [
            (menu.title().replace("&", ""), shortcut_rows(menu.actions()))
            for menu in self._actions.menus
        ]
        return groups + place_groups()

    def _table(self) -> dict[str, Callable[[], object]]:
        window, browser, conductor = self._window, self._browser, self._conductor
        photos, tray = self.photos, browser.tray
        return {
            "open_picture": tray.choose_files,
            "add_folder": self._folders.add,
            "show_in_folder": lambda: photos.show_in_folder(self.tiles()),
            "open_with": lambda: photos.open_with(self.tiles()),
            "copy_to": lambda: photos.copy_to(self.tiles()),
            "save_list": photos.save_list,
            "close_window": window.close,
            "quit": QApplication.quit,
            "undo": photos.undo,
            "redo": photos.redo,
            "copy_image": lambda: photos.copy_image(self.tiles()),
            "copy_path": lambda: photos.copy_path(self.tiles()),
            "paste": self._paste,
            "select_all": browser.grid.selectAll,
            "trash": lambda: photos.trash(self.tiles()),
            "settings": lambda: self._page(SETTINGS),
            "all_photos": lambda: conductor.show_view("all"),
            "duplicates": window.reviewing.show,
            "failures": lambda: self._page(FAILURES),
            "open_viewer": self._open_viewer,
            "quick_look": self._quick_look,
            "larger": lambda: self._resize_tiles(1),
            "smaller": lambda: self._resize_tiles(-1),
            "sidebar": lambda: window.set_sidebar(self._actions["sidebar"].isChecked()),
            "inspector": lambda: window.set_inspector(self._actions["inspector"].isChecked()),
            "full_screen": self._full_screen,
            "find_similar": self._query.find_similar,
            "find_part": lambda: window.parts.ask(self.tiles()),
            "compare": lambda: window.comparing.open(self.tiles()),
            "compare_files": window.comparing.ask_files,
            "add_positive": lambda: self._query.add(negative=False),
            "add_negative": lambda: self._query.add(negative=True),
            "search_screen": tray.pick_from_screen,
            "clear_query": tray.clear,
            "mark_right": lambda: self._query.judge(right=True),
            "mark_wrong": lambda: self._query.judge(right=False),
            "forget_marks": tray.marks.forget,
            "save_search": conductor.saved.ask_name,
            "galleries": window.galleries.show,
            "map": window.mapping.show,
            "back": window.galleries.go_back,
            "forward": lambda: conductor.step(1),
            "refresh": window.galleries.refresh,
            "filter": self._filter,
            "clear_filters": conductor.clear_filters,
            "clear": conductor.show_all,
            "pause": lambda: conductor.keeping.pause(self._actions["pause"].isChecked()),
            "rescan": conductor.keeping.rescan,
            "shortcuts": window.show_shortcuts,
            "open_log": self.open_log,
            "about": lambda: self._page(ABOUT),
            "try_again": self._try_again,
        }

    def _connect(self) -> None:
        window, browser = self._window, self._browser
        grid = browser.grid
        grid.opened.connect(lambda _: self._open_viewer())
        grid.quick_look.connect(lambda _: self._quick_look())
        grid.similar_requested.connect(lambda _: self._query.find_similar())
        grid.context_menu.connect(self.show_menu)
        # The keys act where the photos are and type everywhere else.
        grid.addActions([self._actions[name] for name in JUDGE])
        browser.tray.marks.changed.connect(self._update)
        grid.selection_changed.connect(self._show_current)
        grid.current_changed.connect(self._show_current)
        window.mapping.chosen.connect(self._show_current)
        browser.page_changed.connect(self._show_current)
        browser.empty.chosen.connect(self._on_empty)
        browser.failures.show_file.connect(lambda path: self.photos.show_paths([path]))
        window.inspector.reveal_requested.connect(lambda path: self.photos.show_paths([path]))
        window.inspector.copy_path_requested.connect(self.photos.copy_one_path)
        window.inspector.similar_requested.connect(browser.tray.find_similar)
        window.inspector.opened.connect(lambda _: self._open_viewer())
        window.inspector.context_menu.connect(self.show_menu)
        browser.settings.add_folder.connect(self._folders.add)
        browser.settings.excludes.connect(self._folders.edit_excludes)
        self._conductor.searching.moved.connect(self._update)
        self._conductor.searching.answered.connect(self._update)
        self._conductor.searching.verified.connect(self._show_current)
        window.sidebar.add_folder.connect(self._folders.add)
        window.sidebar.excludes.connect(self._folders.edit_excludes)
        window.sidebar.show_folder.connect(self.photos.open_folder)
        window.viewer.closed.connect(self._update)
        window.viewer.context_menu.connect(self.show_menu)
        window.viewer.similar_requested.connect(lambda _: self._query.find_similar())
        window.viewer.current_changed.connect(self._on_viewed)
        window.quick.current_changed.connect(self._on_viewed)
        window.quick.entered.connect(lambda _: self._open_viewer())
        window.session.opened.connect(self._on_opened)

    # Where one is

    def _update(self) -> None:
        actions = self._actions
        actions.enable(bool(self.tiles()), *NEED_PHOTO)
        actions.enable(self._browser.page == PHOTOS and not self._window.viewing, "select_all")
        actions.enable(not self._browser.filters.isHidden(), "filter")
        actions.enable(bool(self._browser.model.rowCount()), "save_list", "larger", "smaller")
        actions.enable(self._conductor.searching.can_go_back, "back")
        actions.enable(self._conductor.searching.can_go_forward, "forward")
        tray = self._browser.tray
        actions.enable(bool(tray.state()), "clear_query")
        actions.enable(bool(tray.marks.all()), "forget_marks")
        writable = not self._window.session.read_only
        actions.enable(writable and bool(tray.examples()), "save_search")
        asked = bool(tray.examples()) and self._browser.page == PHOTOS
        judging = bool(self.tiles()) and asked and not self._window.viewing
        actions.enable(judging, *JUDGE)
        actions.enable(judging or len(self.tiles()) == 2, "compare")
        tray.teach.set_can_judge(judging)

    def _on_opened(self) -> None:
        writable = not self._window.session.read_only
        self._actions.enable(writable, "add_folder", "pause", "rescan")
        self.photos.refresh_undo()

    def _show_undo(self) -> None:
        self._actions.set_undo(self.photos.undo_text, self.photos.redo_text)

    def _page(self, name: str) -> None:
        self._window.show_browser()
        self._browser.show_page(name)

    def _on_empty(self, name: str) -> None:
        self.perform("clear" if name == "clear_query" else name)

    def _try_again(self) -> None:
        session = self._window.session
        if not session.door.is_open:
            session.start()
        elif not session.is_ready:
            session.make_ready()
        else:
            self._conductor.searching.again()

    # Photos

    def _show_current(self) -> None:
        self._update()
        on_map = self._window.mapping.tiles() if self._browser.page == MAP else None
        count = self._browser.grid.selected_count() if on_map is None else len(on_map)
        if count > 1:
            self._window.inspector.show_count(count)
            return
        tile = self._browser.grid.current_tile()
        if on_map is not None:
            tile = on_map[0] if on_map else None
        # A list that was only brought up to date says the same of the photo once more.
        if tile is None or tile != self._window.inspector.tile():
            self._window.inspector.show_tile(tile)

    def _on_viewed(self, photo_id: int) -> None:
        self._browser.grid.show_photo(photo_id)

    def _open_viewer(self) -> None:
        tile = self._browser.grid.current_tile()
        if tile is not None:
            self._window.show_page(self._window.viewer)
            row = self._browser.model.row_of(tile.photo_id)
            self._window.viewer.open(self._browser.model.arrangement.tiles, row or 0)
            self._update()
            log.info("viewer: %s", tile.path)

    def _quick_look(self) -> None:
        tile = self._browser.grid.current_tile()
        if tile is not None:
            row = self._browser.model.row_of(tile.photo_id)
            self._window.quick.open(self._browser.model.arrangement.tiles, row or 0)

    def _resize_tiles(self, by: int) -> None:
        grid = self._browser.grid
        grid.set_tile_size(grid.tile_size + by * 2 * theme.tokens().tile_step)

    def show_menu(self, where: QPoint) -> None:
        """Offer what can be done with the chosen photos."""
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for group in (
            ("find_similar", "find_part", "add_positive", "add_negative", "compare"),
            JUDGE,
            ("open_viewer", "show_in_folder", "open_with"),
            ("copy_image", "copy_path", "copy_to"),
            ("trash",),
        ):
            for name in group:
                menu.addAction(self._actions[name])
            menu.addSeparator()
        menu.popup(where)

    # The rest

    def _paste(self) -> None:
        focus = QApplication.focusWidget()
        if isinstance(focus, (QLineEdit, QPlainTextEdit)):
            focus.paste()
            return
        self._window.show_browser()
        self._browser.tray.paste()

    def _filter(self) -> None:
        self._page(PHOTOS)
        self._browser.filters.focus()

    def _full_screen(self) -> None:
        full = self._actions["full_screen"].isChecked()
        self._window.showFullScreen() if full else self._window.showNormal()

    def open_log(self) -> None:
        """Show the log in the program the system has for text."""
        path = self._window.session.folder / "logs" / "twinlens.log"
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
