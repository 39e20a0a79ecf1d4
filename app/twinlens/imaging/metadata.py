"""Reads when, where and with what a photo was taken from its EXIF. Pure; any thread."""

import logging
import math
import re
from collections.abc import Mapping
from datetime import datetime

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from twinlens.records import Metadata

log = logging.getLogger(__name__)

#: Separators vary between cameras; what follows the seconds (fractions, zone) is left out.
_DATE = re.compile(r"(\d{4})[:\-/. ](\d\d?)[:\-/. ](\d\d?)(?:[ T]+(\d\d?):(\d\d?)(?::(\d\d?))?)?")
#: Photography began in 1826; anything earlier is a clock never set.
_FIRST_YEAR = 1826
_COMPANY = re.compile(
    r"[\s,.]+(corporation|corp|company|co|ltd|inc|imaging|optical|camera|electric|computer)\b.*$",
    re.I,
)
_MAX_TEXT = 100


def read_metadata(image: Image.Image) -> Metadata:
    """Read the metadata of an opened image; what is absent, broken or nonsense is None."""
    try:
        return metadata_from_exif(image.getexif())
    except Exception as error:  # noqa: BLE001 - EXIF of any origin makes the parser raise anything
        log.debug("EXIF not readable: %r", error)
        return Metadata()


def metadata_from_exif(exif: Image.Exif) -> Metadata:
    """Read the metadata from parsed EXIF (EXIF 2.3, sections 4.6.4 to 4.6.6)."""
    details = _directory(exif, IFD.Exif)
    latitude, longitude = _position(_directory(exif, IFD.GPSInfo))
    return Metadata(
        taken=_date(details.get(Base.DateTimeOriginal))
        or _date(details.get(Base.DateTimeDigitized))
        or _date(exif.get(Base.DateTimeOriginal))
        or _date(exif.get(Base.DateTime)),
        camera=_joined(_text(exif.get(Base.Make)), _text(exif.get(Base.Model))),
        lens=_joined(_text(details.get(Base.LensMake)), _text(details.get(Base.LensModel))),
        latitude=latitude,
        longitude=longitude,
    )


def exif_of_tiff(data: bytes) -> Image.Exif:
    """Parse the tags of a TIFF-like file (most camera RAW) without opening its picture."""
    exif = Image.Exif()
    exif.load(data)
    return exif


def _directory(exif: Image.Exif, which: int) -> Mapping[int, object]:
    try:
        found = exif.get_ifd(which)
    except Exception as error:  # noqa: BLE001 - one broken directory must not hide the others
        log.debug("EXIF directory %#x not readable: %r", which, error)
        return {}
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str | None:
    if isinstance(value, tuple) and value:
        value = value[0]
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return None
    value = value.split("\0")[0]
    value = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    return value[:_MAX_TEXT] or None


def _date(value: object) -> str | None:
    match = _DATE.match(_text(value) or "")
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        moment = datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
    return moment.isoformat() if moment.year >= _FIRST_YEAR else None


def _joined(make: str | None, model: str | None) -> str | None:
    """Join maker and model without saying the maker twice or its legal form."""
    if not make or not model:
        return model or make
    brand = _COMPANY.sub("", make) or make
    if model.split()[0].casefold() in brand.casefold().split():
        return model
    return f"{brand} {model}"


def _position(gps: Mapping[int, object]) -> tuple[float | None, float | None]:
    latitude = _degrees(gps.get(GPS.GPSLatitude), gps.get(GPS.GPSLatitudeRef), 90.0)
    longitude = _degrees(gps.get(GPS.GPSLongitude), gps.get(GPS.GPSLongitudeRef), 180.0)
    if latitude is None or longitude is None or (latitude == 0.0 and longitude == 0.0):
        # Half a position is none; 0, 0 is what receivers write before they have a fix.
        return None, None
    return latitude, longitude


def _degrees(value: object, reference: object, limit: float) -> float | None:
    if not isinstance(value, tuple) or not value:
        return None
    try:
        parts = [float(part) for part in value[:3]]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    degrees = sum(part / 60**place for place, part in enumerate(parts))
    if not math.isfinite(degrees) or not 0.0 <= degrees <= limit:
        return None
    mark = (_text(reference) or "").upper()
    return round(-degrees if mark[:1] in {"S", "W"} else degrees, 7) if mark else None
