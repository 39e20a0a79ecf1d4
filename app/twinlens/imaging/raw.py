"""Reads camera RAW through the optional LibRaw binding: the embedded preview first. Pure."""

import io
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from twinlens.imaging.colour import to_srgb
from twinlens.imaging.decoded import Decoded, Limits
from twinlens.imaging.failures import missing_extra, unreadable
from twinlens.imaging.metadata import exif_of_tiff, metadata_from_exif
from twinlens.imaging.quiet import native_stderr_diverted
from twinlens.imaging.raster import read_raster
from twinlens.records import FailureCode, Metadata

if TYPE_CHECKING:
    import rawpy

log = logging.getLogger(__name__)

_DNG_VERSION = 50706
#: Quarter turns, counter-clockwise as numpy counts them, for LibRaw's codes of a turned camera.
_TURNS = {3: 2, 5: 1, 6: 3}


def is_dng(data: bytes) -> bool:
    """True when a TIFF says that it is a digital negative (DNG 1.4, tag DNGVersion)."""
    try:
        return _DNG_VERSION in exif_of_tiff(data)
    except Exception as error:  # noqa: BLE001 - a broken TIFF makes the parser raise anything
        log.debug("not readable as TIFF tags: %r", error)
        return False


def read_raw(data: bytes, limits: Limits) -> Decoded:
    """Decode a camera RAW file from its preview, or at half size where that is too small.

    Raises:
        UnreadableImageError: the size is outside the limits, the decoder is not installed or
            does not know this camera.
        Exception: anything else that the decoder makes of a damaged file.
    """
    try:
        import rawpy
    except ImportError as error:
        raise missing_extra("a camera RAW picture", "raw") from error
    with rawpy.RawPy() as raw:
        try:
            raw.open_buffer(io.BytesIO(data))
        except rawpy.LibRawFileUnsupportedError as error:
            raise unreadable(
                FailureCode.UNSUPPORTED,
                "The installed RAW decoder does not know this camera, or the file is damaged.",
                "Try a newer decoder (pip install --upgrade rawpy), or export the photo as JPEG.",
            ) from error
        sizes = raw.sizes
        width, height = sizes.width, sizes.height
        if sizes.flip in {5, 6}:
            width, height = height, width
        limits.check(width, height)
        found = _preview(raw, limits, (width, height)) or _developed(raw, limits)
    return replace(
        found,
        width=width,
        height=height,
        format="RAW",
        metadata=_merged(_tiff_metadata(data), found.metadata),
    )


def _preview(raw: "rawpy.RawPy", limits: Limits, size: tuple[int, int]) -> Decoded | None:
    """Return the largest embedded preview, or None when it is missing, broken or too small."""
    import rawpy

    try:
        with native_stderr_diverted():
            thumb = raw.extract_thumb()
        if thumb.format is not rawpy.ThumbFormat.JPEG or not isinstance(thumb.data, bytes):
            return None
        # `smallest` was judged by the RAW picture itself.
        found = read_raster(thumb.data, "JPEG", replace(limits, smallest=0))
    except Exception as error:  # noqa: BLE001 - a broken preview leaves the sensor data to try
        log.debug("RAW preview not used: %r", error)
        return None
    if min(found.width, found.height) < min(limits.min_side, *size):
        return None
    turns = _TURNS.get(raw.sizes.flip, 0)
    if turns % 2 and (found.width > found.height) != (size[0] > size[1]):
        return replace(found, pixels=_righted(found, thumb.data, turns))
    return found


def _righted(found: Decoded, preview: bytes, turns: int) -> NDArray[np.uint8]:
    """Turn a preview that lies on its side although the RAW says how the camera was held.

    LibRaw gives a preview without EXIF the orientation of the RAW, which turns one too far that
    the camera had stored upright; a preview with its own EXIF may not have been turned at all.
    """
    with Image.open(io.BytesIO(preview), formats=["JPEG"]) as stored:
        was_turned = (stored.width > stored.height) != (found.width > found.height)
    return np.ascontiguousarray(np.rot90(found.pixels, -turns if was_turned else turns))


def _developed(raw: "rawpy.RawPy", limits: Limits) -> Decoded:
    """Develop the sensor data at half size, which needs no demosaicing; comes out upright."""
    with native_stderr_diverted():
        raw.unpack()
    levels = raw.postprocess(half_size=True, use_camera_wb=True, output_bps=8)
    picture = to_srgb(Image.fromarray(levels), limits.min_side)
    pixels = np.array(picture, dtype=np.uint8)
    return Decoded(pixels, picture.width, picture.height, "RAW", Metadata())


def _tiff_metadata(data: bytes) -> Metadata:
    try:
        return metadata_from_exif(exif_of_tiff(data))
    except Exception as error:  # noqa: BLE001 - not every RAW is a TIFF inside
        log.debug("RAW metadata not readable: %r", error)
        return Metadata()


def _merged(first: Metadata, second: Metadata) -> Metadata:
    """Fill what the container does not say from the preview."""
    position = first if first.latitude is not None else second
    return Metadata(
        taken=first.taken or second.taken,
        camera=first.camera or second.camera,
        lens=first.lens or second.lens,
        latitude=position.latitude,
        longitude=position.longitude,
    )
