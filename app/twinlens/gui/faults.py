"""Catches what nobody caught: logs it, tells the window, and goes on. Runs on every thread."""

import logging
import sys
import threading
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)

log = logging.getLogger(__name__)
qt_log = logging.getLogger("qt")

NATIVE_CRASH = "native-crash.log"
LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Faults(QObject):
    """The last resort for exceptions while the window is open.

    Signals:
        happened(str): an unexpected error, as one line; emitted on the thread it happened on.
    """

    happened = Signal(str)

    def install(self) -> None:
        """Take over from Python and Qt."""
        sys.excepthook = self._uncaught
        threading.excepthook = self._uncaught_in_thread
        qInstallMessageHandler(_log_qt)

    def remove(self) -> None:
        """Give back what was taken over."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        qInstallMessageHandler(None)

    def _uncaught(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        log.critical("unexpected error", exc_info=(kind, error, trace))
        self.happened.emit(f"{kind.__name__}: {error}")

    def _uncaught_in_thread(self, facts: threading.ExceptHookArgs) -> None:
        if facts.exc_value is not None and not issubclass(facts.exc_type, SystemExit):
            self._uncaught(facts.exc_type, facts.exc_value, facts.exc_traceback)


def set_crash_aside(library: Path) -> Path | None:
    """Return the traces of a native crash of the last run, moved aside; None when it ended well.

    To be called before logging starts, which opens the file anew.
    """
    written = library / "logs" / NATIVE_CRASH
    try:
        if not written.exists() or written.stat().st_size == 0:
            return None
        kept = written.with_name("native-crash-last.log")
        written.replace(kept)
    except OSError as error:
        log.info("could not look for the traces of a crash: %s", error)
        return None
    return kept


def _log_qt(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    qt_log.log(LEVELS[kind], "%s", text)
