"""Words for what went wrong with one picture. Pure."""

import re

from PIL import Image, UnidentifiedImageError

from twinlens.errors import UnreadableImageError
from twinlens.imaging.formats import Recognised
from twinlens.records import FailureCode

_RESTORE = "Open it in another program to check, or copy it again from where it came from."
_TRUNCATED = re.compile(
    r"truncat|too short|not enough|end of (file|data|input)|EOF|incomplete", re.I
)


def unreadable(code: FailureCode, message: str, hint: str = "") -> UnreadableImageError:
    """Return the error for one picture, with its code as a plain word."""
    return UnreadableImageError(code.value, message, hint)


def refused(what: Recognised) -> UnreadableImageError:
    """Return the error for content that is not read at all."""
    code = what.code or FailureCode.UNSUPPORTED
    if code is FailureCode.EMPTY:
        return unreadable(code, "The file is empty (0 bytes).", _RESTORE)
    if code is FailureCode.VIDEO:
        return unreadable(code, "The file is a video; Twinlens searches still pictures only.")
    if code is FailureCode.DAMAGED:
        message = f"The file has a picture's name, but its content is {what.noun}."
        return unreadable(code, message, _RESTORE)
    if what.noun == "a web page" and code is FailureCode.UNSUPPORTED:
        message = "The file holds a web page, not a picture; perhaps a download failed."
        return unreadable(code, message, "Download the picture again.")
    if code is FailureCode.NOT_AN_IMAGE:
        noun = what.noun or "in no picture format"
        return unreadable(code, f"The file is {noun}, so Twinlens left it out.")
    hint = "Export it as JPEG or PNG, and Twinlens will find that."
    return unreadable(code, f"The file is {what.noun}, which Twinlens does not read.", hint)


def too_large(pixels: int, max_pixels: int) -> UnreadableImageError:
    """Return the error for a picture over the cap on pixels."""
    return unreadable(
        FailureCode.TOO_LARGE,
        f"The picture has {pixels:,} pixels, more than the limit of {max_pixels:,}; "
        "it was not opened, to protect the memory of this computer.",
        "If you trust the file, raise max_pixels in the settings of the library.",
    )


def missing_extra(what: str, extra: str) -> UnreadableImageError:
    """Return the error for a format whose optional decoder is not installed."""
    return unreadable(
        FailureCode.MISSING_EXTRA,
        f"The file is {what}, and the optional decoder for it is not installed.",
        f"pip install twinlens[{extra}]",
    )


def explained(error: Exception, format_name: str, max_pixels: int) -> UnreadableImageError:
    """Translate whatever a decoder raised into a sentence about the file."""
    if isinstance(error, UnreadableImageError):
        return error
    if isinstance(error, MemoryError):
        return unreadable(
            FailureCode.MEMORY,
            "There was not enough free memory to open this picture.",
            "Close other programs and try again.",
        )
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        digits = re.search(r"\((\d+) pixels\)", str(error))
        return too_large(int(digits[1]) if digits else max_pixels + 1, max_pixels)
    if isinstance(error, UnidentifiedImageError):
        message = (
            f"The file begins like a {format_name} picture, but the rest is damaged or missing."
        )
    elif isinstance(error, EOFError) or _TRUNCATED.search(str(error)):
        message = "The file ends too early: part of the picture is missing."
    else:
        message = f"The picture data in this {format_name} file are damaged or incomplete."
    return unreadable(FailureCode.DAMAGED, message, _RESTORE)
