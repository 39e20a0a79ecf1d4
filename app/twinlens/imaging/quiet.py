"""Keeps the codecs from writing to the terminal. Runs on any thread, changing nothing per picture.

Redirecting the process's stderr around each decode would swallow what other threads print, so each
source is silenced at its root, once for the whole process. LibRaw alone leaves no other way; its
two calls that print are short.
"""

import contextlib
import ctypes
import logging
import os
import re
import threading
import warnings
from collections.abc import Iterator

from PIL import _imaging

log = logging.getLogger(__name__)

_STDERR = 2

#: Modules whose warnings (broken EXIF, odd palettes, pixel counts) say nothing a person can use.
_CODEC_MODULES = re.compile(r"(PIL|pillow_heif|pillow_jxl|rawpy)(\.|$)")


def silence_codecs() -> None:
    """Silence loggers and native libraries of the codecs; called once when decoding is imported."""
    # Without any handler, logging prints warnings to stderr as its last resort.
    logging.getLogger("PIL").addHandler(logging.NullHandler())
    # At debug level Pillow writes a line for every chunk of every PNG.
    logging.getLogger("PIL").setLevel(logging.WARNING)
    _silence_libtiff()


def silence_warnings() -> None:
    """Make sure that Python warnings of the codecs are ignored; cheap when they already are.

    Checked at each decode because `warnings.catch_warnings`, which is not safe between threads,
    may have put an older list of filters back.
    """
    if not any(entry[3] == _CODEC_MODULES for entry in warnings.filters):
        warnings.filterwarnings("ignore", category=Warning, module=_CODEC_MODULES.pattern)


def _silence_libtiff() -> None:
    """Take away libtiff's error handler, which prints a line for each bad code word of a file.

    Pillow judges by return values and removes only the handler for warnings. The symbol is found
    through Pillow's own extension module, so it is the same library whatever it is called.
    """
    try:
        set_handler = ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler
    except (OSError, AttributeError) as error:
        # Linked statically (Windows): the handler stays; a program with a window has no stderr.
        log.debug("libtiff's error handler cannot be reached: %s", error)
        return
    set_handler.argtypes = [ctypes.c_void_p]
    set_handler.restype = ctypes.c_void_p
    set_handler(None)


class _Diversion:
    """Points the process's stderr at the null device while any thread is inside."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._saved: int | None = None

    def enter(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside > 1:
                return
            # A program with a window may have no stderr at all.
            with contextlib.suppress(OSError):
                self._saved = os.dup(_STDERR)
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, _STDERR)
                os.close(null)

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside or self._saved is None:
                return
            os.dup2(self._saved, _STDERR)
            os.close(self._saved)
            self._saved = None


_diversion = _Diversion()


@contextlib.contextmanager
def native_stderr_diverted() -> Iterator[None]:
    """Drop what native code writes to stderr meanwhile; for calls that cannot be silenced.

    LibRaw prints a line for each fault of a damaged file, and its binding gives no access to the
    handler. Whatever another thread prints in that time is dropped too, so keep it short; several
    threads may be inside, and the last one out restores.
    """
    _diversion.enter()
    try:
        yield
    finally:
        _diversion.leave()
