"""Every format, orientation and mode comes out as the same upright sRGB picture."""

import importlib.util
import io
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.unit.imaging.samples import (
    FULL,
    MAX_PIXELS,
    STORED,
    difference,
    encode,
    exif_with,
    read,
    scene,
)
from twinlens.errors import UnreadableImageError
from twinlens.imaging.decode import decode
from twinlens.records import FailureCode

ORIENTATION = 0x0112


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("JPEG", {"quality": 95}, 2.0),
        ("JPEG", {"quality": 95, "progressive": True}, 2.0),
        ("PNG", {}, 0.0),
        ("WEBP", {"lossless": True}, 0.0),
        ("BMP", {}, 0.0),
        ("TIFF", {}, 0.0),
        ("TIFF", {"compression": "tiff_lzw"}, 0.0),
        ("TIFF", {"compression": "jpeg", "quality": 95}, 2.0),
        ("HEIF", {"quality": 95}, 2.0),
        ("AVIF", {"quality": 95}, 2.0),
        ("GIF", {}, 12.0),
        ("PPM", {}, 0.0),
        ("TGA", {}, 0.0),
        ("PCX", {}, 0.0),
        ("SGI", {}, 0.0),
        ("QOI", {}, 0.0),
        ("JPEG2000", {}, 1.0),
    ],
)
def test_each_format_gives_back_the_picture(
    kind: str, options: dict[str, object], tolerance: float
) -> None:
    extension = {"TGA": ".tga", "PCX": ".pcx"}.get(kind, ".dat")
    found = read(encode(scene(), kind, **options), "photo" + extension)
    assert (found.width, found.height) == (96, 64)
    assert found.format == kind
    assert found.pixels.dtype == np.uint8
    assert found.pixels.flags.c_contiguous
    assert difference(found.pixels, scene()) <= tolerance


def test_an_icon_is_read_at_its_largest_size() -> None:
    icon = encode(Image.fromarray(scene(64, 64)), "ICO", sizes=[(16, 16), (64, 64)])
    found = read(icon)
    assert found.format == "ICO"
    assert difference(found.pixels, scene(64, 64)) == 0.0


def test_the_extension_does_not_matter() -> None:
    found = read(encode(scene(), "PNG"), "photo.jpg")
    assert found.format == "PNG"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 95}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("HEIF", {"quality": 95}),
        ("AVIF", {"quality": 95}),
    ],
)
def test_every_orientation_comes_out_upright(
    kind: str, options: dict[str, object], orientation: int
) -> None:
    data = encode(
        STORED[orientation](scene()),
        kind,
        exif=exif_with({ORIENTATION: orientation}).tobytes(),
        **options,
    )
    found = read(data)
    assert (found.width, found.height) == (96, 64)
    assert difference(found.pixels, scene()) < 3.0


@pytest.mark.parametrize("orientation", range(1, 9))
def test_reduced_and_turned_agree(orientation: int) -> None:
    large = scene(1600, 1200)
    exif = exif_with({ORIENTATION: orientation})
    data = encode(STORED[orientation](large), "JPEG", exif=exif)
    found = read(data, min_side=150)
    assert (found.width, found.height) == (1600, 1200)
    assert found.pixels.shape == (150, 200, 3)
    wanted = np.asarray(Image.fromarray(large).resize((200, 150), Image.Resampling.BOX))
    assert difference(found.pixels, wanted) < 3.0


@pytest.mark.parametrize("value", [0, 9, 77, 65535])
def test_a_senseless_orientation_is_ignored(value: int) -> None:
    data = encode(scene(), "PNG", exif=exif_with({ORIENTATION: value}))
    assert difference(read(data).pixels, scene()) == 0.0


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("min_side", [1, 100, 224, 599, 600, 5000])
def test_the_result_is_never_under_the_wanted_side(kind: str, min_side: int) -> None:
    found = read(encode(scene(800, 600), kind), min_side=min_side)
    assert (found.width, found.height) == (800, 600)
    assert min(600, min_side) <= min(found.pixels.shape[:2]) <= 600


def test_only_the_first_picture_of_an_animation_counts() -> None:
    first, second = Image.fromarray(scene()), Image.fromarray(255 - scene())
    for kind in ("GIF", "WEBP", "PNG", "TIFF", "MPO", "AVIF"):
        data = encode(first, kind, save_all=True, append_images=[second])
        assert difference(read(data).pixels, scene()) < 12.0, kind


def test_an_animation_with_disposal_shows_its_first_frame() -> None:
    frames = [Image.new("P", (64, 48), index) for index in (1, 2)]
    for frame in frames:
        frame.putpalette([255, 255, 255, 200, 30, 40, 20, 90, 220])
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:], disposal=2)
    assert read(data).pixels[10, 10].tolist() == [200, 30, 40]


def test_the_cap_on_pixels_is_decided_by_the_header() -> None:
    # A PNG that states 2 gigapixels and holds none.
    data = bytearray(encode(scene(), "PNG"))
    header = (50_000).to_bytes(4, "big") + (40_000).to_bytes(4, "big")
    data[16:24] = header
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    with pytest.raises(UnreadableImageError) as caught:
        read(bytes(data))
    assert caught.value.code == FailureCode.TOO_LARGE
    assert "2,000,000,000" in caught.value.message


def test_the_cap_is_the_callers_choice() -> None:
    data = encode(scene(), "JPEG")
    decode(data, min_side=32, max_pixels=96 * 64)
    with pytest.raises(UnreadableImageError) as caught:
        decode(data, min_side=32, max_pixels=96 * 64 - 1)
    assert caught.value.code == FailureCode.TOO_LARGE


def test_an_icon_cannot_hide_a_bomb() -> None:
    inner = encode(Image.new("L", (4000, 4000)), "PNG")
    entry = bytes([64, 64, 0, 0, 1, 0, 32, 0])
    data = b"\0\0\1\0\1\0" + entry + len(inner).to_bytes(4, "little") + b"\x16\0\0\0" + inner
    with pytest.raises(UnreadableImageError) as caught:
        read(data)
    assert caught.value.code == FailureCode.TOO_LARGE


@pytest.mark.parametrize(("size", "accepted"), [((32, 32), True), ((31, 400), False)])
def test_icons_are_left_out(size: tuple[int, int], accepted: bool) -> None:
    data = encode(Image.new("RGB", size), "PNG")
    if accepted:
        decode(data, min_side=32, max_pixels=MAX_PIXELS, smallest=32)
        return
    with pytest.raises(UnreadableImageError) as caught:
        decode(data, min_side=32, max_pixels=MAX_PIXELS, smallest=32)
    assert caught.value.code == FailureCode.TOO_SMALL
    assert "31 x 400" in caught.value.message


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "HEIF", "AVIF"])
@pytest.mark.parametrize("part", [0.4, 0.7, 0.95])
def test_a_truncated_file_is_refused_not_half_read(kind: str, part: float) -> None:
    data = encode(scene(400, 300), kind)
    with pytest.raises(UnreadableImageError) as caught:
        read(data[: int(len(data) * part)], min_side=32)
    assert caught.value.code == FailureCode.DAMAGED
    assert caught.value.message.endswith(".")
    assert caught.value.hint


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_a_half_copied_file_of_full_length_is_refused(kind: str) -> None:
    data = encode(scene(400, 300), kind)
    half = len(data) // 2
    with pytest.raises(UnreadableImageError) as caught:
        read(data[:half] + bytes(len(data) - half), min_side=32)
    assert caught.value.code == FailureCode.DAMAGED


def test_an_empty_file_says_so() -> None:
    with pytest.raises(UnreadableImageError) as caught:
        read(b"", "photo.jpg")
    assert caught.value.code == FailureCode.EMPTY


def test_running_out_of_memory_is_its_own_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_args: object, **_kwargs: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Image.Image, "reduce", exhausted)
    with pytest.raises(UnreadableImageError) as caught:
        read(encode(scene(), "PNG"), min_side=8)
    assert caught.value.code == FailureCode.MEMORY


@pytest.mark.skipif(not importlib.util.find_spec("pillow_jxl"), reason="JPEG XL extra missing")
@pytest.mark.parametrize("size", [(96, 64), (64, 64), (97, 61), (1000, 700), (160, 90)])
def test_jpeg_xl_is_read_and_capped_by_its_header(size: tuple[int, int]) -> None:
    import pillow_jxl.JpegXLImagePlugin  # noqa: F401 - registers the encoder

    data = encode(scene(*size), "JXL", lossless=True)
    found = read(data, "photo.jxl")
    assert (found.width, found.height) == size
    assert difference(found.pixels, scene(*size)) == 0.0
    with pytest.raises(UnreadableImageError) as caught:
        decode(data, min_side=32, max_pixels=size[0] * size[1] - 1)
    assert caught.value.code == FailureCode.TOO_LARGE


@pytest.mark.skipif(not importlib.util.find_spec("pillow_jxl"), reason="JPEG XL extra missing")
def test_the_size_is_found_inside_a_jpeg_xl_container() -> None:
    import pillow_jxl.JpegXLImagePlugin  # noqa: F401 - registers the encoder

    exif = exif_with({0x0110: "Handmade 1", ORIENTATION: 6})
    data = encode(scene(), "JXL", lossless=True, use_container=True, exif=exif.tobytes())
    assert data[4:8] == b"JXL "
    found = read(data)
    assert difference(found.pixels, scene()) == 0.0, "the codestream's orientation rules"
    assert found.metadata.camera == "Handmade 1"
    for part in (12, 40, len(data) // 2):
        with pytest.raises(UnreadableImageError) as caught:
            read(data[:part])
        assert caught.value.code == FailureCode.DAMAGED


@pytest.mark.skipif(not importlib.util.find_spec("pillow_jxl"), reason="JPEG XL extra missing")
def test_a_jpeg_inside_jpeg_xl_follows_its_exif(tmp_path: Path) -> None:
    import pillow_jxl.JpegXLImagePlugin  # noqa: F401 - registers the encoder

    source = tmp_path / "turned.jpg"
    exif = exif_with({ORIENTATION: 6})
    source.write_bytes(encode(STORED[6](scene()), "JPEG", quality=95, exif=exif))
    target = io.BytesIO()
    with Image.open(source) as image:
        image.save(target, "JXL", lossless_jpeg=True)
    found = read(target.getvalue())
    assert (found.width, found.height) == (96, 64)
    assert difference(found.pixels, scene()) < 3.0


def test_jpeg_xl_without_its_extra_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_jxl", None)
    # A bare codestream of 64 x 64: small, 8 * (7 + 1) high, ratio 1:1.
    data = b"\xff\x0a" + (1 | 7 << 1 | 1 << 6).to_bytes(2, "little") + bytes(30)
    with pytest.raises(UnreadableImageError) as caught:
        read(data, "photo.jxl")
    assert caught.value.code == FailureCode.MISSING_EXTRA
    assert caught.value.hint == "pip install twinlens[jxl]"


def test_full_size_is_kept_when_asked() -> None:
    found = read(encode(scene(640, 480), "JPEG"), min_side=FULL)
    assert found.pixels.shape == (480, 640, 3)
