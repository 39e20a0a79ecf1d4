"""Turns an image of any mode and colour space into 8-bit sRGB over white. Pure; any thread."""

import io
import logging
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

log = logging.getLogger(__name__)

#: Reducing by a whole factor keeps this many times the wanted side, so that the exact resize
#: that follows still averages: box and triangle then differ by less than half a level.
_REDUCING_GAP = 2
_SENSOR_BITS = 12
_TIFF_PHOTOMETRIC = 262
_WHITE_IS_ZERO = 0
_HAS_ALPHA = {"LA", "RGBA"}


def to_srgb(image: Image.Image, min_side: int) -> Image.Image:
    """Return the loaded image as RGB in sRGB, composed over white and cheaply reduced.

    Args:
        image: loaded, any mode; its `info` may hold an ICC profile and a transparent colour.
        min_side: the short side of the result is at least this, unless the image is smaller.
    """
    profile = image.info.get("icc_profile")
    picture = _reduced(_simple_mode(image), min_side)
    alpha = picture.getchannel("A") if picture.mode in _HAS_ALPHA else None
    if alpha is not None:
        picture = picture.convert("L" if picture.mode == "LA" else "RGB")
    if isinstance(profile, bytes) and image.mode != "LAB":
        picture = _converted(picture, profile)
    if picture.mode != "RGB":
        picture = picture.convert("RGB")
    if alpha is not None:
        white = Image.new("RGB", picture.size, (255, 255, 255))
        white.paste(picture, mask=alpha)
        picture = white
    return picture


def _simple_mode(image: Image.Image) -> Image.Image:
    """Return the image as L, LA, RGB, RGBA or CMYK."""
    if image.mode == "CMYK" or image.mode in _HAS_ALPHA:
        return image
    if image.mode in {"L", "RGB"} and "transparency" not in image.info:
        return image
    if image.mode == "LAB":
        return ImageCms.applyTransform(image, _lab_transform()) or image
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        return _from_deep(image)
    if image.mode == "La":
        return image.convert("LA")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _from_deep(image: Image.Image) -> Image.Image:
    """Scale more than 8 bits to 8, keeping the whole range instead of clipping it."""
    levels = np.asarray(image)
    if image.mode.startswith("I;16"):
        grey = (levels >> (_used_bits(levels) - 8)).astype(np.uint8)
    elif image.mode == "I" and image.format == "PPM":
        # Pillow brings every deep PGM to 0..65535, whatever its own maximum.
        grey = (np.clip(levels, 0, 65535) >> 8).astype(np.uint8)
    else:
        grey = _stretched(levels.astype(np.float32))
    tags = getattr(image, "tag_v2", {})
    if tags.get(_TIFF_PHOTOMETRIC) == _WHITE_IS_ZERO:
        grey = 255 - grey
    result = Image.fromarray(grey)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        result.putalpha(Image.fromarray(np.where(levels == transparent, 0, 255).astype(np.uint8)))
    return result


def _used_bits(levels: NDArray[np.uint16]) -> int:
    """Return how many of 16 bits carry the picture.

    Sensors of 10 or 12 bits are often stored in 16 without scaling, which would come out black.
    """
    used = int(levels.max()).bit_length()
    return max(8, used) if used <= _SENSOR_BITS else 16


def _stretched(levels: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Map levels without a stated range to 0..255: the usual ranges as they are, others whole."""
    finite = np.nan_to_num(levels, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(finite.min()), float(finite.max())
    if low >= 0.0:
        low = 0.0
        high = next((top for top in (1.0, 255.0, 65535.0) if high <= top), high)
    span = high - low
    scaled = (finite - low) * (255.0 / span) if span > 0.0 else finite - low
    grey: NDArray[np.uint8] = np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
    return grey


def _reduced(image: Image.Image, min_side: int) -> Image.Image:
    factor = min(image.size) // (_REDUCING_GAP * max(1, min_side))
    return image.reduce(factor) if factor > 1 else image


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    transform = _transform(profile, image.mode)
    if transform is None:
        return image
    try:
        return ImageCms.applyTransform(image, transform) or image
    except (ImageCms.PyCMSError, ValueError) as error:
        log.debug("colour profile not applied: %s", error)
        return image


@lru_cache(maxsize=32)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return the conversion to sRGB, or None for a profile that is damaged or of another mode."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        log.debug("colour profile ignored: %s", error)
        return None


@lru_cache(maxsize=1)
def _lab_transform() -> ImageCms.ImageCmsTransform:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    return ImageCms.buildTransform(lab, srgb, "LAB", "RGB")
