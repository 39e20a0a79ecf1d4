"""Modes and colour spaces: what a person would see is what the network gets."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageCms

from tests.unit.imaging.samples import difference, encode, matrix_profile, read, scene

#: Columns: red, green and blue of the Adobe RGB (1998) space in XYZ under D50.
ADOBE_RGB = np.array(
    [[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]]
)
SRGB = np.array(
    [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]]
)
GAMMA = 563 / 256


def _srgb_of_adobe(levels: tuple[int, int, int]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    linear = np.linalg.inv(SRGB) @ ADOBE_RGB @ (np.array(levels) / 255.0) ** GAMMA
    linear = np.clip(linear, 0.0, 1.0)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    result: np.ndarray[tuple[int], np.dtype[np.float64]] = 255.0 * encoded
    return result


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG", "AVIF", "HEIF"])
@pytest.mark.parametrize("levels", [(200, 100, 50), (60, 180, 90), (40, 60, 200)])
def test_a_wide_gamut_is_converted(kind: str, levels: tuple[int, int, int]) -> None:
    profile = matrix_profile(ADOBE_RGB, GAMMA)
    quality = {"quality": 100} if kind in {"JPEG", "AVIF", "HEIF"} else {"lossless": True}
    options = {} if kind in {"PNG", "TIFF"} else quality
    data = encode(Image.new("RGB", (64, 64), levels), kind, icc_profile=profile, **options)
    wanted = _srgb_of_adobe(levels)
    assert np.abs(wanted - levels).max() > 8.0, "the conversion must be visible"
    assert np.abs(read(data).pixels[32, 32] - wanted).max() <= 5.0


@pytest.mark.parametrize("profile", [b"nonsense", b"\0" * 200, matrix_profile(SRGB, 2.2)[:300]])
def test_a_damaged_profile_is_ignored(profile: bytes) -> None:
    data = encode(scene(), "PNG", icc_profile=profile)
    assert difference(read(data).pixels, scene()) == 0.0


def test_a_colour_profile_in_a_grey_picture_is_ignored() -> None:
    grey = Image.fromarray(scene()).convert("L")
    data = encode(grey, "PNG", icc_profile=matrix_profile(ADOBE_RGB, GAMMA))
    assert difference(read(data).pixels, np.asarray(grey.convert("RGB"))) == 0.0


def test_transparency_keeps_its_colours_under_a_profile() -> None:
    picture = Image.new("RGBA", (64, 64), (200, 100, 50, 255))
    picture.putpixel((0, 0), (0, 0, 0, 0))
    data = encode(picture, "PNG", icc_profile=matrix_profile(ADOBE_RGB, GAMMA))
    pixels = read(data).pixels
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert np.abs(pixels[32, 32] - _srgb_of_adobe((200, 100, 50))).max() <= 3.0


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P"])
def test_alpha_lies_over_white(mode: str) -> None:
    picture = Image.new("LA" if mode == "LA" else "RGBA", (64, 48), 0)
    if mode == "P":
        paletted = Image.new("P", (64, 48), 1)
        paletted.putpalette([10, 10, 10, 0, 0, 0])
        paletted.paste(0, (32, 0, 64, 48))
        data = encode(paletted, "PNG", transparency=1)
        assert read(data).pixels[5, 5].tolist() == [255, 255, 255]
        assert read(data).pixels[5, 40].tolist() == [10, 10, 10]
        return
    data = encode(picture, "TIFF" if mode == "PA" else "PNG")
    assert read(data).pixels.min() == 255


def test_half_transparent_black_is_mid_grey() -> None:
    data = encode(Image.new("RGBA", (64, 48), (0, 0, 0, 128)), "PNG")
    assert abs(int(read(data).pixels[5, 5, 0]) - 127) <= 1


def test_what_hides_under_transparency_does_not_bleed_when_reduced() -> None:
    levels = np.zeros((400, 400, 4), dtype=np.uint8)
    levels[..., 0] = 255
    levels[::2, :, 3] = 0
    levels[1::2] = (0, 0, 255, 255)
    pixels = read(encode(Image.fromarray(levels), "PNG"), min_side=40).pixels
    assert pixels[..., 2].min() == 255, "white and blue, no trace of the hidden red"
    assert abs(int(pixels[20, 20, 0]) - int(pixels[20, 20, 1])) <= 1


@pytest.mark.parametrize("mode", ["1", "L", "P", "I", "I;16", "F", "CMYK", "YCbCr", "LAB"])
def test_every_mode_shows_the_same_picture(mode: str) -> None:
    colour = Image.fromarray(scene())
    grey = colour.convert("L")
    deep = np.asarray(grey).astype(np.uint16) * 257
    lab = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    made: dict[str, Callable[[], Image.Image | None]] = {
        "1": lambda: grey.convert("1"),
        "P": lambda: colour.quantize(256),
        "I": lambda: Image.fromarray(deep.astype(np.int32)),
        "I;16": lambda: Image.fromarray(deep),
        "F": lambda: Image.fromarray(deep.astype(np.float32) / 65535),
        "LAB": lambda: ImageCms.applyTransform(colour, lab),
    }
    image = made.get(mode, lambda: colour.convert(mode))()
    assert image is not None
    pixels = read(encode(image, "TIFF")).pixels
    shown = np.asarray(grey.convert("RGB") if mode in {"1", "L", "I", "I;16", "F"} else colour)
    if mode == "1":
        pixels = np.asarray(Image.fromarray(pixels).reduce(8))
        shown = np.asarray(Image.fromarray(shown).reduce(8))
    assert difference(pixels, shown) < {"1": 8.0, "P": 7.0, "LAB": 3.0}.get(mode, 1.5)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_clipped(kind: str) -> None:
    ramp = np.linspace(0, 65535, 64 * 64).astype(np.uint16).reshape(64, 64)
    pixels = read(encode(Image.fromarray(ramp), kind)).pixels
    assert np.abs(pixels[..., 0].astype(int) - ramp // 257).max() <= 1


def test_a_twelve_bit_sensor_in_sixteen_bits_is_not_black() -> None:
    ramp = np.linspace(0, 4095, 64 * 64).astype(np.uint16).reshape(64, 64)
    pixels = read(encode(Image.fromarray(ramp), "TIFF")).pixels
    assert pixels.max() == 255


def test_a_transparent_grey_of_sixteen_bits_is_white() -> None:
    levels = np.full((64, 64), 40_000, dtype=np.uint16)
    levels[:32] = 1_000
    pixels = read(encode(Image.fromarray(levels), "PNG", transparency=1_000)).pixels
    assert pixels[0, 0, 0] == 255
    assert abs(int(pixels[63, 63, 0]) - 40_000 // 257) <= 1


@pytest.mark.parametrize("span", [(0.0, 1.0), (0.0, 200.0), (-5.0, 5.0), (0.0, 90_000.0)])
def test_floating_point_uses_the_whole_range(span: tuple[float, float]) -> None:
    ramp = np.linspace(*span, 64 * 64).astype(np.float32).reshape(64, 64)
    ramp[0, 0] = np.nan
    pixels = read(encode(Image.fromarray(ramp), "TIFF")).pixels
    assert pixels[-1, -1, 0] >= 199
    assert pixels[1, 1, 0] <= 5


def test_a_flat_floating_point_picture_is_fine() -> None:
    data = encode(Image.fromarray(np.full((40, 40), -3.0, dtype=np.float32)), "TIFF")
    assert read(data).pixels.shape == (40, 40, 3)


def test_adobe_cmyk_is_not_inverted() -> None:
    ink = Image.new("CMYK", (64, 64), (0, 255, 255, 0))
    for kind in ("JPEG", "TIFF"):
        assert read(encode(ink, kind)).pixels[5, 5, 0] > 200, kind
        assert read(encode(ink, kind)).pixels[5, 5, 1:].max() < 60, kind


def test_the_colours_do_not_depend_on_the_reduction() -> None:
    data = encode(scene(800, 600), "PNG", icc_profile=matrix_profile(ADOBE_RGB, GAMMA))
    full, reduced = read(data), read(data, min_side=60)
    shrunk = Image.fromarray(full.pixels).resize((64, 48), Image.Resampling.BILINEAR)
    again = Image.fromarray(reduced.pixels).resize((64, 48), Image.Resampling.BILINEAR)
    assert difference(np.asarray(shrunk), np.asarray(again)) < 2.0


def test_threads_share_a_profile_without_disturbing_each_other() -> None:
    files = [
        encode(scene(300, 200 + step), "PNG", icc_profile=matrix_profile(ADOBE_RGB, GAMMA))
        for step in range(8)
    ]
    alone = [read(data).pixels for data in files]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda data: read(data).pixels, files * 10))
    for place, pixels in enumerate(together):
        assert np.array_equal(pixels, alone[place % len(files)])
