"""No bytes whatsoever crash the decoder, leak another exception, or write to the terminal."""

import io
import warnings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.unit.imaging.samples import dng, encode, exif_with, scene
from twinlens.errors import UnreadableImageError
from twinlens.imaging.decode import decode
from twinlens.records import FailureCode

CODES = {code.value for code in FailureCode}
quietly = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def _sources() -> dict[str, bytes]:
    picture = scene(80, 60)
    exif = exif_with({0x0112: 6, 0x010F: "Maker", 0x0132: "2019:08:07 06:05:04"})
    animation = {"save_all": True, "append_images": [Image.fromarray(255 - picture)]}
    return {
        "JPEG": encode(picture, "JPEG", exif=exif),
        "progressive JPEG": encode(picture, "JPEG", progressive=True),
        "PNG": encode(picture, "PNG", exif=exif),
        "WebP": encode(picture, "WEBP", exif=exif),
        "GIF": encode(picture, "GIF", **animation),
        "TIFF": encode(picture, "TIFF", exif=exif),
        "TIFF LZW": encode(picture, "TIFF", compression="tiff_lzw"),
        "TIFF JPEG": encode(picture, "TIFF", compression="jpeg"),
        "TIFF fax": encode(Image.fromarray(picture).convert("1"), "TIFF", compression="group4"),
        "HEIC": encode(picture, "HEIF", exif=exif.tobytes()),
        "AVIF": encode(picture, "AVIF"),
        "BMP": encode(picture, "BMP"),
        "ICO": encode(Image.fromarray(scene(64, 64)), "ICO"),
        "PPM": encode(picture, "PPM"),
        "JPEG 2000": encode(picture, "JPEG2000"),
        "QOI": encode(picture, "QOI"),
        "RAW": dng(preview=encode(picture, "JPEG")),
    }


SOURCES = _sources()


def _survives(data: bytes, name: str) -> None:
    refusal: UnreadableImageError | None = None
    try:
        found = decode(data, min_side=32, max_pixels=1_000_000, smallest=8, name=name)
    except UnreadableImageError as error:
        refusal = error
    if refusal:
        assert refusal.code in CODES
        assert refusal.message.endswith(".")
        return
    height, width = found.pixels.shape[:2]
    assert found.pixels.dtype == "uint8"
    assert 0 < height <= max(found.height, 1)
    assert 0 < width <= max(found.width, 1)


@quietly
@given(
    data=st.binary(max_size=400),
    name=st.sampled_from(["", "a.jpg", "a.nef", "a.tga", "a.txt", "a.pcx"]),
)
def test_random_bytes(capfd: pytest.CaptureFixture[str], data: bytes, name: str) -> None:
    _survives(data, name)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("kind", sorted(SOURCES))
@quietly
@given(st.data())
def test_damaged_pictures(
    capfd: pytest.CaptureFixture[str], kind: str, data: st.DataObject
) -> None:
    content = bytearray(SOURCES[kind])
    # Half of the damage goes to the first bytes, where the structure is.
    places = st.integers(0, min(300, len(content) - 1)) | st.integers(0, len(content) - 1)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=12)):
        content[place] = value
    end = data.draw(st.just(len(content)) | st.integers(0, len(content)))
    _survives(bytes(content[:end]), "photo.dng" if kind == "RAW" else "photo.jpg")
    assert capfd.readouterr().err == ""


def test_warnings_stay_inside(
    capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    """Also where something else has put the interpreter's own filters back."""
    broken = exif_with({0x0112: 6, 0x010F: "x" * 40}).tobytes()[:40]
    data = encode(scene(), "JPEG", exif=broken)
    with warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.simplefilter("always")
        _survives(data, "photo.jpg")
    assert not [entry for entry in recwarn if "PIL" in str(entry.filename)]
    assert capfd.readouterr().err == ""


def test_fax_damage_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    """libtiff prints one line for each bad code word unless it is told not to."""
    content = bytearray(SOURCES["TIFF fax"])
    for place in range(20, len(content) - 400, 3):
        content[place] ^= 0x55
    image = Image.open(io.BytesIO(SOURCES["TIFF fax"]))
    assert image.info["compression"] == "group4"
    _survives(bytes(content), "fax.tif")
    assert capfd.readouterr().err == ""
