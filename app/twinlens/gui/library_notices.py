"""Shows what is known of the library, and says once what needs attention. GUI thread."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from twinlens.errors import AppError
from twinlens.gui.browser import FAILURES
from twinlens.gui.failures_model import failed_count
from twinlens.gui.keeping import Facts, Keeping
from twinlens.gui.sidebar_model import state_now
from twinlens.gui.text import files, folder_name
from twinlens.records import FolderState
from twinlens.reports import Notice, Status

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
        self._failed_sentence = ""
        self._notice = ""
        self._status = Status()
        keeping.known.connect(self._on_facts)
        self._browser.page_changed.connect(self._on_page)
        # Emitted on any thread: only a method of a QObject is called on this one.
        self._session.noticed.connect(self._on_noticed)
        self._session.tasks.refused.connect(self._on_refused)
        window.status.polled.connect(self._on_polled)
        window.status.ticked.connect(keeping.follow)

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
        failures = list(facts.failures)
        failed = failed_count(failures)
        self._show_folders()
        self._browser.failures.set_failures(failures, writable=not self._session.read_only)
        self._browser.settings.set_models(list(facts.models))
        self._browser.settings.set_devices(facts.devices)
        self._browser.filters.set_folders([folder.folder for folder in facts.folders])
        for folder in facts.folders:
            self._tell_offline(folder.folder, offline=folder.state is FolderState.OFFLINE)
        if self._failed_told is None or self._window.status.status.activity == "idle":
            self._tell_failed(failed)

    def _show_folders(self) -> None:
        facts, status = self._keeping.facts, self._status
        writable = not self._session.read_only
        folders = list(facts.folders)
        if writable:
            folders = [replace(folder, state=state_now(folder, status)) for folder in folders]
        failed = failed_count(list(facts.failures))
        self._window.sidebar.set_facts(facts.photos, failed, folders, facts.searches)
        self._browser.settings.set_folders(folders, writable=writable)

    def _tell_offline(self, folder: Path, *, offline: bool) -> None:
        """Say once that a folder is away, for as long as it is."""
        said = self.tr("{0} is not connected. Its photos stay searchable by their thumbnails.")
        said = said.format(folder_name(folder))
        if offline:
            look = self.tr("Look again")
            self._browser.messages.say_once(
                "attention", said, look, lambda: self._keeping.rescan(folder)
            )
        else:
            self._browser.messages.retract(said)

    def _tell_failed(self, failed: int) -> None:
        told, self._failed_told = self._failed_told, failed
        if told is not None and failed > told and self._browser.page != FAILURES:
            self._failed_sentence = self.tr(
                "{0} could not be read and cannot be found by searching."
            ).format(files(failed - told))
            self._browser.messages.say(
                "attention",
                self._failed_sentence,
                self.tr("See which"),
                lambda: self._window.acts.perform("failures"),
            )

    @Slot(object)
    def _on_noticed(self, notice: Notice) -> None:
        if notice.news:
            self._browser.messages.say("info", notice.sentence)
        else:
            self._browser.messages.say_once("attention", notice.sentence)

    @Slot(object)
    def _on_refused(self, error: AppError) -> None:
        self._browser.messages.say("failed", str(error))

    def _on_polled(self, status: Status) -> None:
        before, self._status = self._status, status
        if _doing(status) != _doing(before):
            # Sidebar and status line must not contradict each other.
            self._show_folders()
            self._keeping.refresh()
        if status.notice and status.notice != self._notice:
            self._browser.messages.say(
                "failed", status.notice, self.tr("Try again"), self._keeping.restart
            )
        self._notice = status.notice

    def _on_page(self, page: str) -> None:
        if page == FAILURES:
            self._browser.messages.retract(self._failed_sentence)


def _doing(status: Status) -> tuple[str, Path | None, bool]:
    return status.activity, status.folder, status.paused
