"""Runs the window of one library from first pixel to last thread. Runs on the main thread."""

import ctypes
import gc
import logging
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTranslator
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from twinlens import __version__
from twinlens.errors import AppError
from twinlens.gui import autostart, theme, translations
from twinlens.gui.faults import Faults, set_crash_aside
from twinlens.gui.interrupts import Interrupts
from twinlens.gui.main_window import MainWindow
from twinlens.gui.resources import resource
from twinlens.gui.session import Session
from twinlens.gui.single_instance import SingleInstance, hand_over
from twinlens.gui.tray_icon import TrayIcon
from twinlens.logs import start_logging, stop_logging
from twinlens.settings import Settings, load_settings

log = logging.getLogger(__name__)

INTERRUPTED = 130
#: A full collection looks at every tile, and the window stands still meanwhile: with Python's own
#: third threshold, 10, one comes several times whenever 100,000 photos are listed.
GC_THRESHOLDS = (700, 10, 1000)
#: Seconds after which a thread that computes gives way to the window; Python's own 0.005 add up,
#: since every call from Qt into Python waits anew.
GIVE_WAY = 0.0005
#: What glibc's `mallopt` is told: at most so many heaps, and blocks from so many bytes given back
#: as soon as they are free. By itself it keeps freed pictures, in a heap for each thread.
HEAPS, GIVEN_BACK = 2, 2 << 20
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8


def run_window(library_folder: Path, add: Sequence[Path] = (), *, in_tray: bool = False) -> int:
    """Open the window on a library and return when it is over.

    Args:
        library_folder: the library folder; made where it does not exist.
        add: folders to add and photos to search with.
        in_tray: start without showing the window, where the desktop has a tray.

    Returns: the exit status.
    """
    started = time.perf_counter()
    gc.set_threshold(*GC_THRESHOLDS)
    sys.setswitchinterval(GIVE_WAY)
    _keep_memory_low()
    app = _application()
    if hand_over(library_folder, [path.absolute() for path in add]):
        return 0
    crash = set_crash_aside(library_folder)
    settings, trouble = _prepare(library_folder)
    faults = Faults()
    faults.install()
    try:
        running = Running(app, library_folder, settings, faults)
        if trouble is not None:
            running.tell("failed", str(trouble))
        if crash is not None:
            running.tell_crash()
        running.start(list(add), in_tray=in_tray)
        log.info("window shown after %.0f ms", (time.perf_counter() - started) * 1000)
        app.exec()
        running.close()
        return INTERRUPTED if running.interrupted else 0
    finally:
        faults.remove()
        stop_logging()


def _application() -> QApplication:
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        QApplication.setApplicationName("Twinlens")
        QApplication.setApplicationVersion(__version__)
        QApplication.setDesktopFileName("twinlens")
        app = QApplication(sys.argv[:1])
    app.setWindowIcon(QIcon(str(resource("twinlens.svg"))))
    # The tray keeps Twinlens alive; what closing means is decided in `Running`.
    app.setQuitOnLastWindowClosed(False)
    return app


def _keep_memory_low() -> None:
    """Have the C library give back what is free; before there are threads."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, HEAPS)
        mallopt(_M_MMAP_THRESHOLD, GIVEN_BACK)


def _prepare(library_folder: Path) -> tuple[Settings, AppError | OSError | None]:
    """Start logging and read the settings; what goes wrong is said in the window."""
    trouble: AppError | OSError | None = None
    settings = Settings()
    try:
        start_logging(library_folder)
    except OSError as error:
        trouble = error
    try:
        settings = load_settings(library_folder)
    except (AppError, OSError) as error:
        trouble = error
    return settings, trouble


class Running(QObject):
    """The window and all that lives as long as it.

    Args:
        app: the application.
        library_folder: the library folder.
        settings: the user's choices.
        faults: tells of errors that nobody caught.
    """

    def __init__(
        self, app: QApplication, library_folder: Path, settings: Settings, faults: Faults
    ) -> None:
        super().__init__()
        self._app = app
        self.interrupted = False
        self._told_of_tray = False
        theme.apply_theme(app, settings.theme)
        self._translators: list[QTranslator] = translations.install(app, settings.language)
        self.session = Session(library_folder, settings, self)
        self._instance = SingleInstance(library_folder, self)
        self._interrupts = Interrupts(self)
        self._tray = TrayIcon(self)
        self.window = self._made_window()
        self._instance.called.connect(self._on_called)
        self._interrupts.interrupted.connect(self._on_interrupted)
        self._tray.open_requested.connect(lambda: self.window.bring_up())
        self._tray.quit_requested.connect(app.quit)
        self._tray.pause_requested.connect(lambda on: self.window.conductor.keeping.pause(on))
        self.session.tasks.crashed.connect(self._on_fault)
        self.session.opened.connect(self._show_settings)
        self.session.opened.connect(self._tell_in_front)
        app.applicationStateChanged.connect(self._tell_in_front)
        faults.happened.connect(self._on_fault)

    def start(self, paths: list[Path], *, in_tray: bool) -> None:
        """Show the window and open the library behind it."""
        if in_tray and self._tray.available:
            self._tray.show()
        else:
            self.window.show()
        if paths:
            self.session.opened.connect(lambda: self.window.take_paths(paths))
        self.session.start()

    def close(self) -> None:
        """End every thread and let the library go."""
        self._instance.close()
        self._interrupts.close()
        self._tray.hide()
        self.window.finish()
        self.session.close()
        self.window.deleteLater()
        translations.remove(self._app, self._translators)

    def tell(self, kind: str, sentence: str) -> None:
        """Say something in the window."""
        self.window.browser.messages.say(kind, sentence)

    def tell_crash(self) -> None:
        """Say that the last run ended without saying goodbye."""
        self.window.browser.messages.say(
            "attention",
            self.tr(
                "Twinlens ended unexpectedly last time. Your library was checked; the log tells "
                "what happened."
            ),
            self.tr("Open log"),
            self.window.acts.open_log,
        )

    # The window

    def _made_window(self) -> MainWindow:
        window = MainWindow(self.session)
        window.close_requested.connect(self._on_close)
        settings = window.browser.settings
        settings.set_tray_available(self._tray.available)
        settings.changed.connect(self._on_settings)
        settings.start_with_system.connect(self._on_start_with_system)
        window.status.polled.connect(self._tray.show_status)
        return window

    def _show_settings(self) -> None:
        self.window.browser.settings.set_settings(
            self.session.settings, starts_with_system=autostart.starts_with_system()
        )

    def _on_settings(self, settings: Settings) -> None:
        before = self.session.settings
        self.session.apply(settings)
        if settings.theme != before.theme:
            theme.apply_theme(self._app, settings.theme)
        if settings.language != before.language:
            self._speak(settings.language)

    def _speak(self, language: str) -> None:
        """Show a window in another language in place of this one; the library stays open."""
        translations.remove(self._app, self._translators)
        self._translators = translations.install(self._app, language)
        page, old = self.window.browser.page, self.window
        old.keep_layout()
        self.window = self._made_window()
        self._show_settings()
        self.window.setGeometry(old.geometry())
        self.window.browser.show_page(page)
        self.window.show()
        old.finish()
        old.deleteLater()

    def _on_start_with_system(self, on: bool) -> None:
        try:
            autostart.set_start_with_system(on, self.session.folder)
        except OSError as error:
            self.tell("failed", self.tr("The entry could not be written: {0}.").format(error))
        self._show_settings()

    # How it ends, and what happens meanwhile

    def _tell_in_front(self) -> None:
        if self.session.door.is_open:
            active = self._app.applicationState() == Qt.ApplicationState.ApplicationActive
            self.session.door.library.set_in_front(active)

    def _on_close(self) -> None:
        stay = self.session.settings.stay_in_tray and not self.session.read_only
        if not (stay and self._tray.available and self.session.door.is_open):
            self._app.quit()
            return
        self.window.hide()
        self._tray.show()
        if not self._told_of_tray:
            self._told_of_tray = True
            self._tray.tell(
                self.tr("Twinlens goes on watching"),
                self.tr("New photos stay searchable. Click here to open the window or to quit."),
            )

    def _on_called(self, paths: list[Path]) -> None:
        self.window.bring_up()
        self.window.take_paths(paths)

    def _on_interrupted(self) -> None:
        if self.interrupted:
            os._exit(INTERRUPTED)
        self.interrupted = True
        self._app.quit()

    def _on_fault(self, line: str) -> None:
        log.info("told the user of: %s", line)
        self.window.browser.messages.say_once(
            "failed",
            self.tr("Something unexpected went wrong; Twinlens goes on. ({0})").format(line),
            self.tr("Open log"),
            self.window.acts.open_log,
        )
