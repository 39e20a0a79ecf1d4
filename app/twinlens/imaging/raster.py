"""Reads one picture through Pillow: open, judge the size, decode, colours, upright. Pure."""

import io
import logging

import numpy as np
from numpy.typing import NDArray
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    IcoImagePlugin,
    Image,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PcxImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    PsdImagePlugin,
    QoiImagePlugin,
    SgiImagePlugin,
    TgaImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from twinlens.imaging import jxl
from twinlens.imaging.colour import to_srgb
from twinlens.imaging.decoded import Decoded, Limits
from twinlens.imaging.metadata import read_metadata

log = logging.getLogger(__name__)

#: The decoders a file can reach; Pillow offers a file to no other. Each registers itself.
PLUGINS = (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    IcoImagePlugin,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PcxImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    PsdImagePlugin,
    QoiImagePlugin,
    SgiImagePlugin,
    TgaImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
#: Pillow's own guard stands behind ours for pictures inside pictures, whose size we see late.
_GUARD_PIXELS = 300_000_000

#: Pixels are taken from Pillow so many bytes at a time.
_PART_BYTES = 4 << 20

_ORIENTATION = 0x0112
#: What to do with the stored pixels for each EXIF orientation (EXIF 2.3, section 4.6.4).
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_raster(data: bytes, format_name: str, limits: Limits) -> Decoded:
    """Decode the first picture of a file of a known format.

    Raises:
        UnreadableImageError: the size is outside the limits, or a decoder is missing.
        Exception: anything else that a decoder makes of a damaged file.
    """
    with _opened(data, format_name, limits) as image:
        limits.check(*image.size)
        # The size in the header: a JPEG is decoded smaller than that.
        size = image.size if image.format in {"JPEG", "MPO"} else None
        if size:
            image.draft(None, (max(1, limits.min_side),) * 2)
        image.load()
        width, height = size or image.size
        orientation = _orientation(image)
        upright = _turned(to_srgb(image, limits.min_side), orientation)
        if orientation >= 5:
            width, height = height, width
        return Decoded(
            pixels=_pixels(upright),
            width=width,
            height=height,
            format=image.format or format_name,
            metadata=read_metadata(image),
        )


def _opened(data: bytes, format_name: str, limits: Limits) -> Image.Image:
    """Open without decoding; the caller closes."""
    guard = max(limits.max_pixels, _GUARD_PIXELS)
    if Image.MAX_IMAGE_PIXELS is None or guard > Image.MAX_IMAGE_PIXELS:
        Image.MAX_IMAGE_PIXELS = guard
    if format_name == "HEIF":
        _register_heif()
    elif format_name == "JXL":
        # Its plug-in decodes while opening, so the size is read from the header first.
        limits.check(*jxl.picture_size(data))
        jxl.register()
    image = Image.open(io.BytesIO(data), formats=[format_name])
    if isinstance(image, IcoImagePlugin.IcoImageFile):
        # The directory of an icon file may understate what is inside: judge the inner picture.
        inner = image.ico.getimage(image.size)
        inner.format = "ICO"
        return inner
    return image


def _register_heif() -> None:
    """Bring in the HEIC decoder; imported late because few libraries need it at start."""
    import pillow_heif

    # Parallel work comes from the callers; embedded thumbnails may show an earlier edit.
    pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)


def _orientation(image: Image.Image) -> int:
    """Return 1..8: how the decoded pixels lie. TIFF, HEIC and JPEG XL come upright already."""
    if image.format == "JXL" and not jxl.is_transcoded_jpeg(image):
        # The codestream's own orientation rules and was applied (ISO 18181-2, Exif box).
        return 1
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception as error:  # noqa: BLE001 - EXIF of any origin makes the parser raise anything
        log.debug("orientation not readable: %r", error)
        return 1
    return value if isinstance(value, int) and value in _UPRIGHT else 1


def _pixels(image: Image.Image) -> NDArray[np.uint8]:
    """Return the pixels of an RGB image, (h, w, 3), copied in parts.

    Pillow gathers what it hands out in pieces: as a whole that is two pictures more in memory.
    """
    width, height = image.size
    rows = max(1, _PART_BYTES // (3 * max(width, 1)))
    if rows >= height:
        return np.array(image, dtype=np.uint8)
    pixels = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, rows):
        below = min(top + rows, height)
        pixels[top:below] = np.asarray(image.crop((0, top, width, below)))
    return pixels


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image
