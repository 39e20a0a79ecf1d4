"""Shows what is known of the library, and says once what needs attention. GUI thread."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from twinlens.gui.browser import FAILURES
from twinlens.gui.failures_model import failed_count
from twinlens.gui.keeping import Facts, Keeping
from twinlens.gui.text import files, folder_name
from twinlens.records import FolderState

if TYPE_CHECKING:
    from twinlens.gui.main_window import MainWindow


class LibraryNotices(QObject):
    """Takes the facts to sidebar, failures, settings and filters of one window."""

    def __init__(self, window: "MainWindow", keeping: Keeping) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._browser = window.browser
        self._keeping = keeping
        self._failed_told: int | None = None
        keeping.known.connect(self._on_facts)

    def tell_read_only(self) -> None:
        """Say that another process changes this library."""
        self._browser.messages.say(
            "attention",
            self.tr(
                "Another Twinlens is using this library. You can search here; folders and "
                "settings are changed there."
            ),
            self.tr("Try again"),
            lambda: self._session.become_writer(
                lambda error: self._browser.messages.say("attention", str(error))
            ),
        )

    def _on_facts(self, facts: Facts) -> None:
        failed = failed_count(list(facts.failures))
        folders, failures = list(facts.folders), list(facts.failures)
        writable = not self._session.read_only
        self._window.sidebar.set_facts(facts.photos, failed, folders)
        self._browser.failures.set_failures(failures, writable=writable)
        self._browser.settings.set_folders(folders, writable=writable)
        self._browser.settings.set_models(list(facts.models))
        self._browser.settings.set_devices(facts.devices)
        self._browser.filters.set_folders([folder.folder for folder in folders])
        for folder in folders:
            if folder.state is FolderState.OFFLINE:
                self._tell_offline(folder.folder)
        if self._failed_told is None or self._window.status.status.activity == "idle":
            self._tell_failed(failed)

    def _tell_offline(self, folder: Path) -> None:
        self._browser.messages.say_once(
            "attention",
            self.tr("{0} is not connected. Its photos stay searchable by their thumbnails.").format(
                folder_name(folder)
            ),
            self.tr("Look again"),
            lambda: self._keeping.rescan(folder),
        )

    def _tell_failed(self, failed: int) -> None:
        told, self._failed_told = self._failed_told, failed
        if told is not None and failed > told:
            self._browser.messages.say(
                "attention",
                self.tr("{0} could not be read and cannot be found by searching.").format(
                    files(failed - told)
                ),
                self.tr("See which"),
                lambda: self._browser.show_page(FAILURES),
            )
