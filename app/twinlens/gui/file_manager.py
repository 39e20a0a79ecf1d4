"""Shows files in the platform's file manager and opens them elsewhere. Runs on the GUI thread."""

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QProcess
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher
from PySide6.QtGui import QDesktopServices

from twinlens.gui.mime import file_url

log = logging.getLogger(__name__)

SERVICE = "org.freedesktop.FileManager1"
PATH = "/org/freedesktop/FileManager1"


def reveal_command(path: Path, platform: str) -> list[str] | None:
    """Return the command that selects a file in its folder; None where there is none."""
    if platform == "win32":
        # One argument with the comma inside: that is how the Explorer wants it.
        return ["explorer.exe", f"/select,{path}"]
    return ["open", "-R", str(path)] if platform == "darwin" else None


def reveal_message(paths: Sequence[Path]) -> QDBusMessage:
    """Return the call that selects files (freedesktop.org file manager interface 1)."""
    message = QDBusMessage.createMethodCall(SERVICE, PATH, SERVICE, "ShowItems")
    addresses = [bytes(file_url(path).toEncoded().data()).decode("ascii") for path in paths]
    message.setArguments([addresses, ""])
    return message


class FileManager(QObject):
    """Asks the file manager; where it does not answer, opens the folder instead."""

    def reveal(self, paths: Sequence[Path]) -> None:
        """Show files selected in their folders."""
        if not paths:
            return
        command = reveal_command(paths[0], sys.platform)
        if command is not None:
            QProcess.startDetached(command[0], command[1:])
        elif os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
            self._ask(list(paths))
        else:
            # Without a bus nobody can be asked, and asking may start one.
            self._open_folders(paths)

    def open(self, path: Path) -> bool:
        """Open a file with the program that the user has chosen for its kind."""
        if sys.platform == "win32":
            # The only platform with a command for "with which program?".
            return bool(
                QProcess.startDetached("rundll32.exe", ["shell32.dll,OpenAs_RunDLL", str(path)])
            )
        return QDesktopServices.openUrl(file_url(path))

    def _ask(self, paths: list[Path]) -> None:
        call = QDBusConnection.sessionBus().asyncCall(reveal_message(paths))
        watcher = QDBusPendingCallWatcher(call, self)

        def finished(watcher: QDBusPendingCallWatcher) -> None:
            if watcher.isError():
                log.info("no file manager on the bus: %s", watcher.error().message())
                self._open_folders(paths)
            watcher.deleteLater()

        watcher.finished.connect(finished)

    def _open_folders(self, paths: Sequence[Path]) -> None:
        for folder in dict.fromkeys(path.parent for path in paths):
            QDesktopServices.openUrl(file_url(folder))
