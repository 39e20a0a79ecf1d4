"""Pictures that the imaging tests make for themselves."""

import io
import struct

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image

from twinlens.imaging.decode import Decoded, decode

MAX_PIXELS = 10_000_000
FULL = 1_000_000

pillow_heif.register_heif_opener()

#: What a camera stores when it is held so that the EXIF orientation is 1..8.
STORED = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.transpose(1, 0, 2),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: upright[::-1, ::-1].transpose(1, 0, 2),
    8: lambda upright: np.rot90(upright, -1),
}


def scene(width: int = 96, height: int = 64) -> NDArray[np.uint8]:
    """A smooth picture whose four corners have four different colours."""
    y, x = np.mgrid[0:height, 0:width]
    red = 255 * x // (width - 1)
    green = 255 * y // (height - 1)
    blue = 128 + 100 * np.sin(x / 9.0) * np.cos(y / 11.0)
    return np.stack([red, green, blue], axis=2).astype(np.uint8)


def encode(image: Image.Image | NDArray[np.uint8], kind: str, **options: object) -> bytes:
    """Return the file's bytes in one of Pillow's formats."""
    if not isinstance(image, Image.Image):
        image = Image.fromarray(np.ascontiguousarray(image))
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def read(data: bytes, name: str = "", *, min_side: int = FULL) -> Decoded:
    """Decode at full size unless told otherwise."""
    return decode(data, min_side=min_side, max_pixels=MAX_PIXELS, name=name)


def difference(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Return the mean absolute difference in levels."""
    assert a.shape == b.shape
    return float(np.abs(a.astype(float) - b.astype(float)).mean())


def exif_with(tags: dict[int, object]) -> Image.Exif:
    exif = Image.Exif()
    for tag, value in tags.items():
        exif[tag] = value
    return exif


def matrix_profile(primaries: NDArray[np.float64], gamma: float) -> bytes:
    """Build a minimal ICC v2 display profile: columns are the primaries' XYZ under D50."""

    def fixed(value: float) -> bytes:
        return struct.pack(">i", round(value * 65536))

    def xyz(values: NDArray[np.float64]) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(fixed(float(v)) for v in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    text = b"made for a test\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78),
        b"cprt": b"text\0\0\0\0" + text,
        b"wtpt": xyz(np.array([0.9642, 1.0, 0.8249])),
        b"rXYZ": xyz(primaries[:, 0]),
        b"gXYZ": xyz(primaries[:, 1]),
        b"bXYZ": xyz(primaries[:, 2]),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for signature, value in tags.items():
        value += bytes(-len(value) % 4)
        table += signature + struct.pack(">II", at, len(value))
        body += value
        at += len(value)
    header = struct.pack(">I4sI4s4s4s", at, b"lcms", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    header += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    header += fixed(0.9642) + fixed(1.0) + fixed(0.8249)
    header = header.ljust(128, b"\0")
    return header + struct.pack(">I", len(tags)) + table + body


def _entry(tag: int, kind: int, values: tuple[int, ...] | bytes) -> tuple[int, int, int, bytes]:
    if isinstance(values, bytes):
        return tag, kind, len(values), values
    if kind == 5 or kind == 10:
        code = "I" if kind == 5 else "i"
        return tag, kind, len(values) // 2, struct.pack(f"<{len(values)}{code}", *values)
    code = {1: "B", 3: "H", 4: "I"}[kind]
    return tag, kind, len(values), struct.pack(f"<{len(values)}{code}", *values)


def _directory(at: int, entries: list[tuple[int, int, int, bytes]]) -> bytes:
    """Lay out one TIFF directory at an offset, with its longer values behind it."""
    entries = sorted(entries)
    table, extra = struct.pack("<H", len(entries)), b""
    end = at + 2 + 12 * len(entries) + 4
    for tag, kind, count, value in entries:
        table += struct.pack("<HHI", tag, kind, count)
        if len(value) <= 4:
            table += value.ljust(4, b"\0")
        else:
            table += struct.pack("<I", end + len(extra))
            extra += value + bytes(len(value) % 2)
    return table + bytes(4) + extra


def dng(
    levels: NDArray[np.uint16] | None = None, *, preview: bytes = b"", orientation: int = 1
) -> bytes:
    """Build a minimal digital negative (DNG 1.4): RGGB sensor data, with or without a preview."""
    if levels is None:
        levels = sensor(scene(256, 192))
    height, width = levels.shape
    data = levels.astype("<u2").tobytes()
    preview_at = 8 + len(data)
    raw_at = preview_at + len(preview) + len(preview) % 2
    raw = [
        _entry(254, 4, (0,)),
        _entry(256, 4, (width,)),
        _entry(257, 4, (height,)),
        _entry(258, 3, (16,)),
        _entry(259, 3, (1,)),
        _entry(262, 3, (32803,)),
        _entry(273, 4, (8,)),
        _entry(277, 3, (1,)),
        _entry(278, 4, (height,)),
        _entry(279, 4, (len(data),)),
        _entry(33421, 3, (2, 2)),
        _entry(33422, 1, (0, 1, 1, 2)),
        _entry(50717, 4, (65535,)),
    ]
    about = [
        _entry(271, 2, b"HANDMADE OPTICAL CO., LTD\0"),
        _entry(272, 2, b"Handmade 1\0"),
        _entry(274, 3, (orientation,)),
        _entry(306, 2, b"2021:07:08 09:10:11\0"),
        _entry(50706, 1, (1, 4, 0, 0)),
        _entry(50708, 2, b"Handmade 1\0"),
        _entry(50721, 10, tuple(v for n in (1, 0, 0, 0, 1, 0, 0, 0, 1) for v in (n, 1))),
        _entry(50728, 5, (1, 1, 1, 1, 1, 1)),
    ]
    if not preview:
        return _dng_file(data, preview, raw_at, _directory(raw_at, raw + about))
    size = Image.open(io.BytesIO(preview)).size
    raw_directory = _directory(raw_at, raw)
    first_at = raw_at + len(raw_directory)
    about += [
        _entry(254, 4, (1,)),
        _entry(256, 4, (size[0],)),
        _entry(257, 4, (size[1],)),
        _entry(258, 3, (8, 8, 8)),
        _entry(259, 3, (7,)),
        _entry(262, 3, (6,)),
        _entry(273, 4, (preview_at,)),
        _entry(277, 3, (3,)),
        _entry(278, 4, (size[1],)),
        _entry(279, 4, (len(preview),)),
        _entry(330, 4, (raw_at,)),
    ]
    return _dng_file(data, preview, first_at, raw_directory + _directory(first_at, about))


def _dng_file(data: bytes, preview: bytes, first_at: int, directories: bytes) -> bytes:
    return (
        b"II*\0"
        + struct.pack("<I", first_at)
        + data
        + preview
        + bytes(len(preview) % 2)
        + directories
    )


def sensor(picture: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Return what an RGGB sensor would have recorded of a picture."""
    levels = np.empty(picture.shape[:2], dtype=np.uint16)
    linear = (65535 * (picture / 255.0) ** 2.2).astype(np.uint16)
    levels[0::2, 0::2] = linear[0::2, 0::2, 0]
    levels[0::2, 1::2] = linear[0::2, 1::2, 1]
    levels[1::2, 0::2] = linear[1::2, 0::2, 1]
    levels[1::2, 1::2] = linear[1::2, 1::2, 2]
    return levels
