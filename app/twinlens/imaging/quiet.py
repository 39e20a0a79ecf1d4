"""Keeps the codecs from writing to the terminal. Runs on any thread, changing nothing per picture.

Redirecting the process's stderr around each decode would swallow what other threads print and would
be a race, so each source is silenced at its root instead, once for the whole process.
"""

import ctypes
import logging
import re
import warnings

from PIL import _imaging

log = logging.getLogger(__name__)

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
