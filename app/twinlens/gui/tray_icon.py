"""Twinlens in the tray of the desktop, while it watches without a window. GUI thread."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from twinlens.gui.resources import resource
from twinlens.gui.status_bar import what_goes_on
from twinlens.reports import Status


class TrayIcon(QObject):
    """The icon and its menu; without a tray on the desktop it does nothing.

    Signals:
        open_requested(): the window is to be shown.
        quit_requested(): Twinlens is to end.
        pause_requested(bool): indexing is to be held, or to go on.
    """

    open_requested = Signal()
    quit_requested = Signal()
    pause_requested = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.available = QSystemTrayIcon.isSystemTrayAvailable()
        self._icon: QSystemTrayIcon | None = None
        self._menu: QMenu | None = None
        self._paused = False
        self._tip = ""

    def show(self) -> None:
        """Put the icon into the tray."""
        if not self.available:
            return
        if self._icon is None:
            self._make()
        if self._icon is not None:
            self._icon.show()

    def hide(self) -> None:
        """Take the icon out of the tray."""
        if self._icon is not None:
            self._icon.hide()
            self._icon.deleteLater()
            self._icon = None
        if self._menu is not None:
            self._menu.deleteLater()
            self._menu = None

    def tell(self, title: str, sentence: str) -> None:
        """Say something beside the icon."""
        if self._icon is not None:
            self._icon.showMessage(title, sentence, self._icon.icon())

    def show_status(self, status: Status) -> None:
        """Say in the tooltip what goes on."""
        self._tip = f"Twinlens\n{what_goes_on(status)}"
        self._paused = status.paused
        if self._icon is not None:
            self._icon.setToolTip(self._tip)

    def _make(self) -> None:
        self._menu = QMenu()
        self._menu.addAction(self.tr("Open Twinlens"), self.open_requested.emit)
        pause = self._menu.addAction(self.tr("Pause indexing"))
        pause.setCheckable(True)
        pause.triggered.connect(self.pause_requested)
        self._menu.aboutToShow.connect(lambda: pause.setChecked(self._paused))
        self._menu.addSeparator()
        self._menu.addAction(self.tr("Quit"), self.quit_requested.emit)
        self._icon = QSystemTrayIcon(QIcon(str(resource("twinlens.svg"))), self)
        self._icon.setToolTip(self._tip or "Twinlens")
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._on_activated)
        self._icon.messageClicked.connect(self.open_requested)

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason != QSystemTrayIcon.ActivationReason.Context:
            self.open_requested.emit()
