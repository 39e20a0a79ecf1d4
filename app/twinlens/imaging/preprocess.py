"""Turns pixels into what a network takes, by the facts of the model's spec. Pure; any thread."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from twinlens.errors import ModelError
from twinlens.records import Preprocessing, Region

#: All of them average over the covered area when they shrink, so none aliases.
_FILTERS = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "box": Image.Resampling.BOX,
    "hamming": Image.Resampling.HAMMING,
}
#: Pillow first shrinks by a whole factor while twice the target remains: faster, same result.
_REDUCING_GAP = 2.0


def preprocess(
    pixels: NDArray[np.uint8], facts: Preprocessing
) -> NDArray[np.uint8] | NDArray[np.float32]:
    """Resize a picture to the network's input and, unless the graph does it, normalise it.

    Args:
        pixels: (h, w, 3) uint8 sRGB, upright.
        facts: the model's spec.

    Returns:
        (height, width, 3): uint8 levels when `facts.in_graph`, else float32
        (level - mean) / scale.

    Raises:
        ModelError: the spec names a way to resize or interpolate that does not exist.
    """
    resample = _FILTERS.get(facts.interpolation)
    if resample is None:
        raise ModelError(
            f"The model's spec asks for the interpolation {facts.interpolation!r}, "
            "which Twinlens does not have.",
            f"Use one of {', '.join(sorted(_FILTERS))} in its spec.toml.",
        )
    image = Image.fromarray(pixels)
    box = _source_box(image.width, image.height, facts)
    size = (facts.width, facts.height)
    if image.size != size or box != (0.0, 0.0, *map(float, image.size)):
        image = image.resize(size, resample, box=box, reducing_gap=_REDUCING_GAP)
    levels: NDArray[np.uint8] = np.array(image, dtype=np.uint8)
    if facts.in_graph:
        return levels
    mean = np.asarray(facts.mean, dtype=np.float32)
    scale = np.asarray(facts.scale, dtype=np.float32)
    normalised: NDArray[np.float32] = (levels.astype(np.float32) - mean) / scale
    return normalised


def crop_region(pixels: NDArray[np.uint8], region: Region) -> NDArray[np.uint8]:
    """Cut a region out of an upright picture, as a picture of its own.

    Args:
        pixels: (h, w, 3) uint8.
        region: fractions of the picture; what reaches beyond it is cut off.

    Returns:
        (h', w', 3) uint8, C-contiguous, at least one pixel each way.
    """
    height, width = pixels.shape[:2]
    left, right = _span(region.x, region.width, width)
    top, bottom = _span(region.y, region.height, height)
    return np.ascontiguousarray(pixels[top:bottom, left:right])


def _span(start: float, extent: float, length: int) -> tuple[int, int]:
    low = start if math.isfinite(start) else 0.0
    high = low + extent if math.isfinite(extent) else 1.0
    first = min(max(round(low * length), 0), length - 1)
    last = min(max(round(high * length), first + 1), length)
    return first, last


def _source_box(width: int, height: int, facts: Preprocessing) -> tuple[float, float, float, float]:
    """Return the part of the source that becomes the input: (left, upper, right, lower)."""
    if facts.resize == "squash":
        return 0.0, 0.0, float(width), float(height)
    if facts.resize == "crop":
        scale = min(width / facts.width, height / facts.height)
        across, down = facts.width * scale, facts.height * scale
        left, upper = (width - across) / 2, (height - down) / 2
        return left, upper, min(left + across, width), min(upper + down, height)
    raise ModelError(
        f"The model's spec asks for the resize {facts.resize!r}, which Twinlens does not have.",
        "Use squash or crop in its spec.toml.",
    )
