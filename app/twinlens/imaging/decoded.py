"""The values that decoding takes and gives. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twinlens.imaging.failures import too_large, unreadable
from twinlens.records import FailureCode, Metadata


@dataclass(frozen=True, slots=True)
class Decoded:
    """One picture, ready for the network, the thumbnail and the hash.

    `pixels` is (h, w, 3) uint8 sRGB, upright, C-contiguous, and may be reduced; `width` and
    `height` are those of the whole upright picture.
    """

    pixels: NDArray[np.uint8]
    width: int
    height: int
    format: str
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class Limits:
    """What the caller wants: at least `min_side` pixels on the short side of the result, at most
    `max_pixels` in the file, and nothing narrower or lower than `smallest`."""

    min_side: int
    max_pixels: int
    smallest: int = 0

    def check(self, width: int, height: int) -> None:
        """Refuse a picture by the size its header states, before anything is decoded."""
        if width <= 0 or height <= 0:
            raise unreadable(FailureCode.DAMAGED, "The file states an impossible picture size.")
        if width * height > self.max_pixels:
            raise too_large(width * height, self.max_pixels)
        if min(width, height) < self.smallest:
            raise unreadable(
                FailureCode.TOO_SMALL,
                f"The picture is only {width} x {height} pixels; Twinlens leaves out pictures "
                f"under {self.smallest} pixels, which are mostly icons.",
            )
