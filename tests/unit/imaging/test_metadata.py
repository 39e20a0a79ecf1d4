"""What a photo says about itself, as far as it makes sense."""

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

from tests.unit.imaging.samples import encode, exif_with, read, scene
from twinlens.imaging.metadata import metadata_from_exif, read_metadata
from twinlens.records import Metadata


def _exif(
    tags: dict[int, object] | None = None,
    details: dict[int, object] | None = None,
    gps: dict[int, object] | None = None,
) -> Image.Exif:
    exif = exif_with(tags or {})
    exif.get_ifd(IFD.Exif).update(details or {})
    exif.get_ifd(IFD.GPSInfo).update(gps or {})
    return exif


def _full() -> Image.Exif:
    exif = exif_with(
        {Base.Make: "Canon", Base.Model: "Canon EOS R5", Base.DateTime: "2020:01:01 00:00:00"}
    )
    exif[IFD.Exif] = {
        Base.DateTimeOriginal: "2019:08:07 06:05:04",
        Base.DateTimeDigitized: "2019:09:09 09:09:09",
        Base.LensModel: "RF24-70mm F2.8 L IS USM",
    }
    exif[IFD.GPSInfo] = {
        GPS.GPSLatitudeRef: "S",
        GPS.GPSLatitude: (33.0, 51.0, 24.84),
        GPS.GPSLongitudeRef: "E",
        GPS.GPSLongitude: (151.0, 12.0, 55.44),
    }
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_every_container_of_exif_is_read(kind: str) -> None:
    found = read(encode(scene(), kind, exif=_full().tobytes())).metadata
    assert found == Metadata(
        taken="2019-08-07T06:05:04",
        camera="Canon EOS R5",
        lens="RF24-70mm F2.8 L IS USM",
        latitude=-33.8569,
        longitude=151.2154,
    )


def test_a_picture_without_exif_says_nothing() -> None:
    assert read(encode(scene(), "PNG")).metadata == Metadata()


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("2019:08:07 06:05:04", "2019-08-07T06:05:04"),
        ("2019-08-07T06:05:04.123+02:00", "2019-08-07T06:05:04"),
        ("2019/08/07 06:05", "2019-08-07T06:05:00"),
        ("2019:08:07", "2019-08-07T00:00:00"),
        ("2019:08:07 06:05:04\0\0", "2019-08-07T06:05:04"),
        ("0000:00:00 00:00:00", None),
        ("    :  :     :  :  ", None),
        ("2019:13:41 06:05:04", None),
        ("0001:01:01 00:00:00", None),
        ("yesterday", None),
        ("", None),
        (b"2019:08:07 06:05:04", "2019-08-07T06:05:04"),
        (20190807, None),
        ((), None),
    ],
)
def test_dates(text: object, taken: str | None) -> None:
    assert metadata_from_exif(_exif(details={Base.DateTimeOriginal: text})).taken == taken


def test_the_moment_of_the_shot_wins_over_later_ones() -> None:
    tags: dict[int, object] = {Base.DateTime: "2003:03:03 03:03:03"}
    assert metadata_from_exif(_exif(tags)).taken == "2003-03-03T03:03:03"
    details: dict[int, object] = {Base.DateTimeDigitized: "2002:02:02 02:02:02"}
    assert metadata_from_exif(_exif(tags, details)).taken == "2002-02-02T02:02:02"
    details[Base.DateTimeOriginal] = "0000:00:00 00:00:00"
    assert metadata_from_exif(_exif(tags, details)).taken == "2002-02-02T02:02:02"
    details[Base.DateTimeOriginal] = "2001:01:01 01:01:01"
    assert metadata_from_exif(_exif(tags, details)).taken == "2001-01-01T01:01:01"


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("Apple", "iPhone 12", "Apple iPhone 12"),
        ("Canon", "Canon EOS 5D", "Canon EOS 5D"),
        ("NIKON CORPORATION", "NIKON D90", "NIKON D90"),
        ("OLYMPUS IMAGING CORP.", "E-M5", "OLYMPUS E-M5"),
        ("Eastman Kodak Company", "KODAK DX6490", "KODAK DX6490"),
        (" Xiaomi\0", "Redmi\x07 Note 9S ", "Xiaomi Redmi Note 9S"),
        (None, "E-M5", "E-M5"),
        ("SONY", "", "SONY"),
        (None, None, None),
        (7, b"\xff\xfe", "��"),
        ("x" * 500, None, "x" * 100),
    ],
)
def test_cameras(make: object, model: object, camera: str | None) -> None:
    tags = {Base.Make: make, Base.Model: model}
    exif = _exif({tag: value for tag, value in tags.items() if value is not None})
    assert metadata_from_exif(exif).camera == camera


GOOD: dict[int, object] = {
    GPS.GPSLatitudeRef: "N",
    GPS.GPSLatitude: (47.0, 30.0, 0.0),
    GPS.GPSLongitudeRef: "W",
    GPS.GPSLongitude: (8.0, 15.0, 0.0),
}


@pytest.mark.parametrize(
    ("changes", "position"),
    [
        ({}, (47.5, -8.25)),
        ({GPS.GPSLatitude: (47.5,)}, (47.5, -8.25)),
        ({GPS.GPSLatitudeRef: b"S\0"}, (-47.5, -8.25)),
        ({GPS.GPSLatitude: (IFDRational(95, 2), IFDRational(0, 1))}, (47.5, -8.25)),
        ({GPS.GPSLatitude: (IFDRational(0, 0),) * 3}, (None, None)),
        ({GPS.GPSLatitude: (float("nan"),) * 3}, (None, None)),
        ({GPS.GPSLatitude: (147.0, 0.0, 0.0)}, (None, None)),
        ({GPS.GPSLatitude: "north"}, (None, None)),
        ({GPS.GPSLatitude: ()}, (None, None)),
        ({GPS.GPSLatitudeRef: ""}, (None, None)),
        ({GPS.GPSLatitude: (0.0,), GPS.GPSLongitude: (0.0,)}, (None, None)),
    ],
)
def test_positions(changes: dict[int, object], position: tuple[float | None, float | None]) -> None:
    found = metadata_from_exif(_exif(gps={**GOOD, **changes}))
    assert (found.latitude, found.longitude) == position


@pytest.mark.parametrize("cut", [6, 8, 14, 20, 40, 90, 150])
def test_broken_exif_never_stops_the_picture(cut: int) -> None:
    block = _full().tobytes()
    for damaged in (block[:cut], block[:cut] + b"\xff" * (len(block) - cut)):
        found = read(encode(scene(), "JPEG", exif=damaged))
        assert found.pixels.shape == (64, 96, 3)


def test_an_image_object_without_exif_is_fine() -> None:
    assert read_metadata(Image.new("L", (4, 4))) == Metadata()
