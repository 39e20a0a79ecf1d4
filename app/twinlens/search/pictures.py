"""Reads the files that queries and verification look at. Any thread, several at once."""

import math
import os
import stat
from collections.abc import Callable
from pathlib import Path
from threading import Lock

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from twinlens.errors import UnreadableImageError
from twinlens.imaging.decode import HEAD_BYTES, sniff
from twinlens.records import FailureCode, Region

#: A short side that asks for every pixel.
EVERY_PIXEL = 1 << 20
_FULL_SIZE = Lock()


def needed_side(side: int, region: Region | None) -> int:
    """Return the short side to decode at, so that of what is cut out it is still `side`."""
    if region is None:
        return side
    # The cut may be enlarged in vain past the full picture; decoding never enlarges.
    return min(math.ceil(side / min(region.width, region.height)), EVERY_PIXEL)


def read_picture(path: Path) -> bytes:
    """Return the content of a picture file.

    Raises:
        UnreadableImageError: it cannot be read, or is no picture; the message names it.
    """
    name = os.fspath(path)
    try:
        # A pipe would never end and a device may do anything, so neither is opened.
        if not stat.S_ISREG(path.stat().st_mode):
            raise unusable(name, FailureCode.NOT_AN_IMAGE.value, "It is not a file.", "")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            # A video is refused by its first bytes instead of being read whole; `decode` words it.
            return head if sniff(head, name) is not None else head + file.read()
    except OSError as error:
        code = FailureCode.PERMISSION if isinstance(error, PermissionError) else None
        raise unusable(
            name,
            (code or FailureCode.UNREADABLE).value,
            f"It cannot be read ({error.strerror or error}).",
            "Check the path and that you may read the file.",
        ) from error


def pixel_digest(read: Callable[[], NDArray[np.uint8]]) -> bytes:
    """Return a digest that only pictures of the same size with the same pixels share.

    Args:
        read: gives the picture at full size. It takes a hundred megabytes, so there is only one at
            a time: two are compared by their digests.
    """
    with _FULL_SIZE:
        pixels = read()
        shape = np.array(pixels.shape, np.int64).tobytes()
        return blake3(shape).update(np.ascontiguousarray(pixels).data).digest()


def unusable(name: str, code: str, message: str, hint: str) -> UnreadableImageError:
    """Return what says that a picture cannot be used, and why."""
    what = name or "The picture"
    return UnreadableImageError(code, f"{what} cannot be used. {message}", hint)
