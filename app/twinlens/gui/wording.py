"""Facts about photos in words and numbers of the user's language. Pure; runs on the GUI thread."""

import os
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QDate, QLocale, QTime

from twinlens.records import MatchClass
from twinlens.reports import Group

LEAST_MEGAPIXELS = 0.1
"""What has fewer would read as hardly any."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Wording", text)


def path_text(path: Path) -> str:
    """Return a path as text that can be shown, also where its bytes are not valid text."""
    return os.fsencode(path).decode("utf-8", "replace") if os.name != "nt" else str(path)


def name_text(path: Path) -> str:
    """Return a file name as text that can be shown."""
    return path_text(Path(path.name)) if path.name else path_text(path)


def whole(number: int) -> str:
    """Return a whole number, its digits grouped."""
    return QLocale().toString(number)


def photo_count(number: int) -> str:
    """Return "1 photo" or "12 photos"."""
    return _tr("1 photo") if number == 1 else _tr("{count} photos").format(count=whole(number))


def file_size(number: int) -> str:
    """Return a number of bytes as "3.7 MB"."""
    return QLocale().formattedDataSize(number, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def pixel_size(width: int, height: int) -> str:
    """Return "4,032 × 3,024 (12.2 megapixels)"; the sides alone for what is tiny."""
    sides = f"{whole(width)} × {whole(height)}"
    if width * height < LEAST_MEGAPIXELS * 1e6:
        return sides
    megapixels = QLocale().toString(width * height / 1e6, "f", 1)
    return _tr("{sides} ({megapixels} megapixels)").format(sides=sides, megapixels=megapixels)


def moment(taken: str) -> str:
    """Return an ISO 8601 local time as a date and a time; as it is where it is not one."""
    try:
        when = datetime.fromisoformat(taken)
    except ValueError:
        return taken
    locale = QLocale()
    day = QDate(when.year, when.month, when.day)
    date = locale.toString(day, QLocale.FormatType.LongFormat)
    if len(taken) <= len("2024-01-01"):
        return date
    time = locale.toString(QTime(when.hour, when.minute), QLocale.FormatType.ShortFormat)
    return f"{date}, {time}"


def place(latitude: float, longitude: float) -> str:
    """Return coordinates as "59.9139° N, 10.7522° E"."""
    locale = QLocale()
    north = _tr("N") if latitude >= 0 else _tr("S")
    east = _tr("E") if longitude >= 0 else _tr("W")
    first, second = (locale.toString(abs(value), "f", 4) for value in (latitude, longitude))
    return f"{first}° {north}, {second}° {east}"


def score_text(score: float) -> str:
    """Return a cosine similarity as the two digits that people compare: 0.982 is "98"."""
    return str(score_digits(score))


def score_digits(score: float) -> int:
    """Return a cosine similarity in 0..100; what points the other way is 0."""
    return int(100 * min(max(score, 0.0), 1.0) + 0.5 + 1e-9)


def least_score(digits: int) -> float:
    """Return the least cosine similarity that reads as these digits."""
    return (digits - 0.5) / 100


def score_tip(score: float, match: MatchClass | None, probability: float | None = None) -> str:
    """Return what a score means, for a tooltip: cosine, probability and class, a line each."""
    cosine = QLocale().toString(score, "f", 4)
    lines = [_tr("Similarity {cosine} (cosine, 1 is the same picture)").format(cosine=cosine)]
    if probability is not None:
        lines.append(chance_text(probability))
    if match is not None:
        lines.append(match_text(match))
    return "\n".join(lines)


def percent(share: float) -> str:
    """Return a share of 0..1 as "87 %", rounded down: nothing short of certain is "100 %"."""
    number = QLocale().toString(percentage(share))
    return _tr("{number} %").format(number=number)


def percentage(share: float) -> int:
    """Return a share of 0..1 in whole percent, rounded down."""
    return int(100 * share + 1e-6)


def chance_text(probability: float) -> str:
    """Return how likely a result shows the same thing as the query."""
    if percentage(probability) < 1:
        return _tr("Less than {percent} likely the same thing").format(percent=percent(0.01))
    return _tr("{percent} likely the same thing").format(percent=percent(probability))


def same_thing() -> str:
    """Return what is meant by the same thing."""
    return _tr(
        "The same thing: the same picture, also edited or cropped, or another shot of the same "
        "object, product or scene. Two different dogs only look alike."
    )


def match_text(match: MatchClass) -> str:
    """Return how a photo relates to the query, in words."""
    texts = {
        MatchClass.SAME_BYTES: _tr("The same file, byte for byte"),
        MatchClass.SAME_PIXELS: _tr("The same pixels in another file"),
        MatchClass.RE_ENCODED: _tr("The same picture, saved again"),
        MatchClass.EDITED: _tr("An edited version"),
        MatchClass.SAME_SCENE: _tr("The same scene"),
        MatchClass.ALIKE: _tr("Looks alike"),
    }
    return texts[match]


def verdict_text(right: bool) -> str:
    """Return what a photo among the results was called."""
    return _tr("Marked as right") if right else _tr("Marked as wrong")


def short_match(match: MatchClass) -> str:
    """Return how photos relate to each other, in a word or two."""
    texts = {
        MatchClass.SAME_BYTES: _tr("Same bytes"),
        MatchClass.SAME_PIXELS: _tr("Same pixels"),
        MatchClass.RE_ENCODED: _tr("Saved again"),
        MatchClass.EDITED: _tr("Edited"),
        MatchClass.SAME_SCENE: _tr("Same scene"),
        MatchClass.ALIKE: _tr("Alike"),
    }
    return texts[match]


def group_text(group: Group, *, short: bool = False) -> str:
    """Return what the files of a group are to each other, in words."""
    if not group.kept_as:
        return short_match(group.match) if short else match_text(group.match)
    texts = {
        "raw+jpeg": _tr("RAW and JPEG of one shot"),
        "live-photo": _tr("Live Photo"),
        "bracket": _tr("Exposure bracket"),
        "panorama": _tr("Frames of a panorama"),
        "burst": _tr("Frames shot in a row"),
    }
    return texts.get(group.kept_as, group.kept_as)
