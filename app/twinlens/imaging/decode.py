"""Turns the bytes of a picture file into upright sRGB pixels. Pure; any thread, several at once."""

import logging
from pathlib import PurePath

from twinlens.errors import UnreadableImageError
from twinlens.imaging.decoded import Decoded, Limits
from twinlens.imaging.failures import explained, refused
from twinlens.imaging.formats import recognise
from twinlens.imaging.quiet import silence_codecs, silence_warnings
from twinlens.records import FailureCode

__all__ = ["CLOSE_SIDE", "HEAD_BYTES", "Decoded", "decode", "sniff"]

log = logging.getLogger(__name__)

#: How much of a file `sniff` wants to see.
HEAD_BYTES = 4096

#: The short side at which a photo is decoded for its details; a query is decoded alike.
CLOSE_SIDE = 512

silence_codecs()


def sniff(head: bytes, name: str) -> FailureCode | None:
    """Say from the first `HEAD_BYTES` of a file whether `decode` would try it.

    Returns:
        None for content that looks like a picture Twinlens reads; otherwise why it is left out
        (NOT_AN_IMAGE, VIDEO) or fails (EMPTY, UNSUPPORTED, DAMAGED: its name promises a
        picture). The extension never overrules recognised content.
    """
    return recognise(head, name).code


def decode(
    data: bytes, *, min_side: int, max_pixels: int, smallest: int = 0, name: str = ""
) -> Decoded:
    """Decode the (first) picture of a file.

    Args:
        data: the whole file.
        min_side: the short side of the result is at least this, but never enlarged. The result
            is reduced towards it where that is cheap.
        max_pixels: a picture with more is refused before it is decoded.
        smallest: a picture with fewer pixels on either side is refused.
        name: the file's name; its extension tells camera RAW from TIFF.

    Raises:
        UnreadableImageError: and nothing else, whatever the bytes.
    """
    silence_warnings()
    what = recognise(data[:HEAD_BYTES], name)
    if what.code is not None:
        raise refused(what)
    # Sixteen decoders take longer to import than the first photos of a library to be listed.
    from twinlens.imaging.raster import read_raster
    from twinlens.imaging.raw import read_raw

    limits = Limits(min_side, max_pixels, smallest)
    try:
        if what.format == "RAW" or (what.format == "TIFF" and _hidden_raw(data, name)):
            return read_raw(data, limits)
        return read_raster(data, what.format, limits)
    except UnreadableImageError:
        raise
    # Decoders raise struct.error, IndexError, SyntaxError, RuntimeError and more on hostile
    # files, and one bad file must never stop the others.
    except Exception as error:
        log.debug("%s: %r", name, error)
        raise explained(error, what.format, max_pixels) from error


def _hidden_raw(data: bytes, name: str) -> bool:
    """True for a digital negative without its extension, such as one from the clipboard."""
    from twinlens.imaging.raw import is_dng

    return PurePath(name).suffix.lower() not in {".tif", ".tiff"} and is_dng(data)
