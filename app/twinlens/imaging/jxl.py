"""The optional JPEG XL decoder, and the size of a JPEG XL picture before decoding. Any thread."""

from PIL import Image

from twinlens.imaging.failures import missing_extra

_CODESTREAM = b"\xff\x0a"
#: Width over height for the ratio codes 1..7 (ISO 18181-1, SizeHeader).
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_SIZE_BITS = (9, 13, 18, 30)


def register() -> None:
    """Bring in the plug-in.

    Raises:
        UnreadableImageError: it is not installed.
    """
    try:
        from pillow_jxl import JpegXLImagePlugin
    except ImportError as error:
        raise missing_extra("a JPEG XL picture", "jxl") from error
    # Parallel work comes from the callers: one thread a picture.
    JpegXLImagePlugin.DECODE_THREADS = 0


def is_transcoded_jpeg(image: Image.Image) -> bool:
    """True when the file holds a JPEG without loss: then the JPEG's own EXIF rules."""
    return bool(getattr(image, "jpeg", False))


def picture_size(data: bytes) -> tuple[int, int]:
    """Return (width, height) as stored, from the first bits of the codestream.

    Raises:
        EOFError: the file ends before its size is known.
        ValueError: it is no JPEG XL file.
    """
    start = _codestream_start(data)
    head = data[start : start + 16]
    if head[:2] != _CODESTREAM:
        raise ValueError("no JPEG XL codestream")
    bits = _Bits(head[2:])
    small = bits.take(1)
    height = _dimension(bits, small)
    ratio = bits.take(3)
    if ratio:
        across, down = _RATIOS[ratio - 1]
        return height * across // down, height
    return _dimension(bits, small), height


def _dimension(bits: "_Bits", small: int) -> int:
    if small:
        return 8 * (bits.take(5) + 1)
    return bits.take(_SIZE_BITS[bits.take(2)]) + 1


def _codestream_start(data: bytes) -> int:
    """Return where the codestream begins, walking the boxes of a container file."""
    if data[:2] == _CODESTREAM:
        return 0
    at = 0
    while at + 8 <= len(data):
        length, kind, header = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if length == 1:
            length, header = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        if kind == b"jxlc":
            return at + header
        if kind == b"jxlp":
            return at + header + 4
        if length < header:
            break
        at += length
    raise EOFError("no codestream box")


class _Bits:
    """Reads little-endian bit fields, least significant bit first, as JPEG XL stores them."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._left:
            raise EOFError("the JPEG XL header ends too early")
        self._left -= count
        value = self._value & ((1 << count) - 1)
        self._value >>= count
        return value
