"""The window: puts the pieces together and remembers how they lay. Runs on the GUI thread."""

import logging
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QMainWindow, QSplitter, QStackedWidget, QStyle, QWidget

from twinlens.gui import theme
from twinlens.gui.browser import MAP, PHOTOS, SHORTCUTS, Browser
from twinlens.gui.comparing import Comparing
from twinlens.gui.conductor import Conductor
from twinlens.gui.controls import press_by_enter
from twinlens.gui.drop_overlay import DropOverlay
from twinlens.gui.galleries import Galleries
from twinlens.gui.inspector import Inspector
from twinlens.gui.labelling import Labelling
from twinlens.gui.mapping import Mapping
from twinlens.gui.measuring import Measuring
from twinlens.gui.message_place import MessagePlace
from twinlens.gui.mime import Payload, parse_mime
from twinlens.gui.part_picker import Parts
from twinlens.gui.reviewing import Reviewing
from twinlens.gui.session import Session
from twinlens.gui.sidebar import Sidebar
from twinlens.gui.status_bar import StatusBar
from twinlens.gui.viewer import Viewer
from twinlens.gui.window_acts import WindowActs

log = logging.getLogger(__name__)

#: Below these widths the inspector goes, then the sidebar becomes icons.
INSPECTOR_FROM, SIDEBAR_FROM = 1100, 900
START_WIDTH, START_HEIGHT = 1280, 800
LEAST_WIDTH, LEAST_HEIGHT = 640, 440
SIDEBAR_WIDTH, INSPECTOR_WIDTH = 220, 300
STATE_FILE = "window.ini"


class MainWindow(QMainWindow):
    """One library on the screen.

    Signals:
        close_requested(): the user closed the window; whoever runs it decides what that means.
    """

    close_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setWindowTitle(self.tr("Twinlens"))
        self.setMinimumSize(LEAST_WIDTH, LEAST_HEIGHT)
        self.setAcceptDrops(True)
        self.kept = QSettings(str(session.folder / STATE_FILE), QSettings.Format.IniFormat)
        self._wants_sidebar = self._wants_inspector = True
        self._side_width, self._inspector_width = SIDEBAR_WIDTH, INSPECTOR_WIDTH
        self._may_go, self._hovering = False, Payload()
        self.browser = Browser(session)
        self.sidebar = Sidebar()
        pixmap = self.browser.loader.pixmap
        self.inspector = Inspector(session.door, session.tasks, thumbnail=pixmap)
        self.viewer = Viewer(session.door, session.tasks, thumbnail=pixmap)
        self.status = StatusBar()
        self.setStatusBar(self.status)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.splitterMoved.connect(self._note_widths)
        for part, stretch in ((self.sidebar, 0), (self.browser, 1), (self.inspector, 0)):
            self._splitter.addWidget(part)
            self._splitter.setStretchFactor(self._splitter.indexOf(part), stretch)
        self._outer = QStackedWidget()
        self._outer.addWidget(self._splitter)
        self._outer.addWidget(self.viewer)
        self.setCentralWidget(self._outer)
        self.quick = Viewer(session.door, session.tasks, self._outer, quick=True, thumbnail=pixmap)
        MessagePlace(self._outer, self.browser, self.viewer, self.quick)
        self._overlay = DropOverlay(self._outer)
        self.conductor = Conductor(self)
        self.labelling = Labelling(self)
        self.measuring = Measuring(self)
        self.comparing = Comparing(self)
        self.galleries = Galleries(self)
        self.mapping = Mapping(self)
        self.parts = Parts(self)
        self.reviewing = Reviewing(self)
        self.acts = WindowActs(self)
        self.viewer.closed.connect(self.show_browser)
        self._restore()
        self.browser.empty.setFocus()
        self.conductor.begin()

    # Pages

    @property
    def viewing(self) -> bool:
        """Whether the viewer covers the photos."""
        return self._outer.currentWidget() is self.viewer

    def add_page(self, page: QWidget) -> None:
        """Take a page that `show_page` puts in the place of everything but the status line."""
        self._outer.addWidget(page)

    def show_page(self, page: QWidget) -> None:
        """Let a page take the place of everything but the status line."""
        self.quick.close_view()
        self._outer.setCurrentWidget(page)
        page.setFocus()

    def show_browser(self) -> None:
        """Go back from the viewer, to the photo that was looked at last."""
        self.quick.close_view()
        self._outer.setCurrentWidget(self._splitter)
        self.browser.grid.setFocus()

    def show_shortcuts(self) -> None:
        """Show the keyboard shortcuts."""
        self.browser.shortcuts.set_groups(self.acts.shortcut_groups())
        self.browser.show_page(SHORTCUTS)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter press the button that has the focus, on every desktop."""
        if not press_by_enter(event):
            super().keyPressEvent(event)

    # Layout

    def set_sidebar(self, wanted: bool) -> None:
        """Show or hide the sidebar, for good."""
        self._wants_sidebar = wanted
        self._fit()

    def set_inspector(self, wanted: bool) -> None:
        """Show or hide the inspector, where there is room for it."""
        self._wants_inspector = wanted
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Drop what there is no room for."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width = self.width()
        self.sidebar.setVisible(self._wants_sidebar)
        compact = width < SIDEBAR_FROM
        if compact != self.sidebar.compact:
            self.sidebar.set_compact(compact)
        asking = self.browser.page in (PHOTOS, MAP)
        self.inspector.setVisible(self._wants_inspector and asking and width >= INSPECTOR_FROM)
        # The splitter keeps a column as wide as it was, whatever stands in it.
        side = self.sidebar.maximumWidth() if compact else self._side_width
        beside = side if self._wants_sidebar else 0
        beside += 0 if self.inspector.isHidden() else self._inspector_width
        middle = max(1, self._splitter.width() - beside)
        self._splitter.setSizes([side, middle, self._inspector_width])

    def _note_widths(self) -> None:
        side, _, inspector = self._splitter.sizes()
        if side and not self.sidebar.compact:
            self._side_width = side
        if inspector:
            self._inspector_width = inspector

    def refit(self) -> None:
        """Look again at what there is room for, after the page has changed."""
        self._fit()

    # Drops

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say what a drop would do."""
        payload = self._hovering = parse_mime(event.mimeData(), hovering=True)
        if event.source() is not None:
            # On its way out to another program, a photo of our own must not cover everything.
            self.browser.tray.offer(payload)
        else:
            self._overlay.offer(payload, self.browser.offer_of(payload))
        self._answer_drag(event, payload.usable)
        log.info("drag: %s", self._overlay.text)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Keep the offer."""
        self._answer_drag(event, self._hovering.usable)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Withdraw the offer."""
        self._withdraw()

    def dropEvent(self, event: QDropEvent) -> None:
        """Search with what was dropped, or add the folders."""
        self._withdraw()
        payload = parse_mime(event.mimeData())
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if payload.examples:
            self.show_browser()
            self.browser.show_page(PHOTOS)
        self.browser.tray.take(payload)
        self.activateWindow()

    @property
    def offer(self) -> str:
        """What a drop would do, while something hovers; empty otherwise."""
        return self._overlay.text if self._overlay.isVisible() else ""

    def _withdraw(self) -> None:
        self._overlay.hide()
        self.browser.tray.offer(None)

    def _answer_drag(self, event: QDragMoveEvent, usable: bool) -> None:
        # Accepted even when of no use, so that the reason stays until the pointer leaves.
        event.setDropAction(Qt.DropAction.CopyAction if usable else Qt.DropAction.IgnoreAction)
        event.accept()

    # From one start to the next

    def take_paths(self, paths: list[Path]) -> None:
        """Take what a later start, or the command line, brings: folders are added, photos asked."""
        folders = [path for path in paths if path.is_dir()]
        pictures = [path for path in paths if path not in folders]
        if folders:
            self.conductor.keeping.add_folders(folders)
        if pictures:
            self.show_browser()
            self.browser.tray.add_paths(pictures)

    def bring_up(self) -> None:
        """Come to the front from wherever the window is."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask whoever runs the window."""
        self.keep_layout()
        if self._may_go:
            super().closeEvent(event)
        else:
            event.ignore()
            self.close_requested.emit()

    def finish(self) -> None:
        """Close for good: nothing is polled or loaded any more."""
        self._may_go = True
        self.status.stop()
        self.galleries.levels.stop()
        self.mapping.stop()
        self.browser.close_loader()
        self.close()

    def keep_layout(self) -> None:
        """Remember how the window lies, for the next one."""
        self.kept.setValue("geometry", self.saveGeometry())
        self.kept.setValue("side_width", self._side_width)
        self.kept.setValue("inspector_width", self._inspector_width)
        # Only a choice is kept: who made none goes with the size that suits most.
        side = self.browser.grid.tile_size
        self.kept.setValue("tile_size", side if side != theme.tokens().tile_side else None)
        self.kept.setValue("sidebar", int(self._wants_sidebar))
        self.kept.setValue("inspector", int(self._wants_inspector))

    def _restore(self) -> None:
        self.resize(START_WIDTH, START_HEIGHT)
        value = self.kept.value("geometry")
        if isinstance(value, QByteArray):
            self.restoreGeometry(value)
        self._keep_on_screen()
        kept = self.kept
        self._side_width = int(str(kept.value("side_width", SIDEBAR_WIDTH, int)))
        self._inspector_width = int(str(kept.value("inspector_width", INSPECTOR_WIDTH, int)))
        self._wants_sidebar = self.kept.value("sidebar", 1, int) != 0
        self._wants_inspector = self.kept.value("inspector", 1, int) != 0
        if (side := str(kept.value("tile_size", ""))).isdecimal():
            self.browser.grid.set_tile_size(int(side))
        self.acts.show_panels(sidebar=self._wants_sidebar, inspector=self._wants_inspector)

    def _keep_on_screen(self) -> None:
        """Open no larger than the screen, which may be another than the last time."""
        room = self.screen().availableGeometry()
        # The frame is not known before the window is shown.
        room.adjust(0, self.style().pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight), 0, 0)
        if self.isMaximized() or self.isFullScreen() or room.contains(self.geometry()):
            return
        self.resize(self.size().boundedTo(room.size()))
        x = min(max(self.x(), room.left()), room.right() + 1 - self.width())
        y = min(max(self.y(), room.top()), room.bottom() + 1 - self.height())
        self.setGeometry(x, y, self.width(), self.height())
