"""Logging: a rotating file in the library, nothing on the terminal. Runs at start."""

import contextlib
import faulthandler
import logging
import logging.handlers
from pathlib import Path
from typing import IO

MAX_BYTES = 2_000_000
#: Keeps Python from printing warnings on the terminal where there is no log file.
_nowhere = logging.NullHandler()
# What happens before a library is open has no log yet.
logging.getLogger("twinlens").addHandler(_nowhere)
_native_crash_file: list[IO[str]] = []


class _LogFile(logging.handlers.RotatingFileHandler):
    """A log file that gives up a record it cannot write: a full disk must not flood the screen."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the base class's name
        """Drop the record."""


def start_logging(library: Path, *, verbose: bool = False) -> Path:
    """Send log records of the program to `logs/twinlens.log` and native crashes beside it.

    Where they cannot be written the program goes on without.

    Returns: where the log is, or would be.
    """
    stop_logging()
    path = library / "logs" / "twinlens.log"
    root = logging.getLogger()
    root.addHandler(_nowhere)
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    logging.captureWarnings(True)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = _LogFile(
            path, maxBytes=MAX_BYTES, backupCount=2, encoding="utf-8", errors="backslashreplace"
        )
        handler.setFormatter(
            logging.Formatter("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s")
        )
        root.addHandler(handler)
    with contextlib.suppress(OSError):
        crash_file = path.with_name("native-crash.log").open("a", encoding="utf-8")
        _native_crash_file.append(crash_file)
        faulthandler.enable(crash_file)
    return path


def stop_logging() -> None:
    """Close the log files; safe to call when none is open."""
    root = logging.getLogger()
    root.removeHandler(_nowhere)
    for handler in list(root.handlers):
        if isinstance(handler, _LogFile):
            root.removeHandler(handler)
            with contextlib.suppress(OSError):
                handler.close()
    while _native_crash_file:
        faulthandler.disable()
        _native_crash_file.pop().close()
