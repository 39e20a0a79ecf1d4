"""Chooses which of several files of one picture to keep, and says why. Pure; any thread."""

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

#: How much better than JPEG a format keeps a picture at the same size of file, roughly.
_THRIFT = {"WEBP": 1.4, "HEIF": 2.0, "HEIC": 2.0, "AVIF": 2.2, "JXL": 1.7, "JPEG2000": 1.3}
_LOSSLESS = frozenset(("PNG", "TIFF", "BMP", "PPM", "QOI", "SGI", "PSD"))
#: No encoder of these gives back just the pixels that it was given: who has them decoded a file.
LOSSY = frozenset(("JPEG", "MPO"))
_FEW_COLOURS = frozenset(("GIF", "ICO"))
#: Files that differ by less than this in bytes a pixel, or in sharpness, count as equal.
_STEP = {"compression": 1.25, "sharpness": 1.5}


class Rule(StrEnum):
    """What makes one file better than another."""

    INTACT = "intact"
    METADATA = "metadata"
    RESOLUTION = "resolution"
    FORMAT = "format"
    COMPRESSION = "compression"
    SHARPNESS = "sharpness"
    DATE = "date"
    FOLDER = "folder"


RULES = tuple(Rule)
#: What an edit turns round: a sharpened copy is larger and sharper, and no better. Files are held
#: against each other by these only where they are one picture but for its encoding.
_OF_ENCODINGS = frozenset((Rule.COMPRESSION, Rule.SHARPNESS))
#: What the camera noted counts for files with more than this share of the most pixels: many a
#: small copy keeps it too.
_LARGE = 0.5


@dataclass(frozen=True, slots=True)
class Copy:
    """One file as the rules see it.

    `size` is in bytes, `sharpness` the energy of the finest detail in levels (None: not known),
    `metadata` how many facts the camera left in it, `dated` ISO 8601 local time of the picture,
    `changed` that of the file in nanoseconds. `intact` says that it shows what most of the others
    show: nothing was cut off, put around it or changed. `decoded` says that the pixels are just
    those of a JPEG among the others.
    """

    path: Path
    photo_id: int
    width: int
    height: int
    format: str
    size: int
    metadata: int = 0
    dated: str = ""
    changed: int = 0
    sharpness: float | None = None
    intact: bool = True
    decoded: bool = False


@dataclass(frozen=True, slots=True)
class Ranked:
    """A file with what spoke for it, or against it where it is not the first."""

    copy: Copy
    reasons: tuple[str, ...]


#: What a file is sorted by, among files of which the largest has so many pixels.
Key = Callable[[Copy, int], float | str]


class Choice:
    """An order of rules: the first on which two files differ decides.

    Args:
        rules: most important first; what is left out does not count.
        preferred: folders in which a file is better kept, the best first.
    """

    def __init__(self, rules: Sequence[Rule] = RULES, preferred: Sequence[Path] = ()) -> None:
        self.rules = tuple(rules)
        self._preferred = tuple(preferred)
        self._keys: dict[Rule, Key] = {
            Rule.INTACT: lambda copy, _: not copy.intact,
            Rule.METADATA: lambda copy, most: -copy.metadata * (_pixels(copy) > _LARGE * most),
            Rule.RESOLUTION: lambda copy, _: -_pixels(copy),
            # A copy without a date is no older than one with.
            Rule.DATE: lambda copy, _: copy.dated or "~",
            Rule.FORMAT: lambda copy, _: -_format_rank(copy),
            Rule.COMPRESSION: lambda copy, _: -_steps(Rule.COMPRESSION, _bytes_a_pixel(copy)),
            Rule.SHARPNESS: lambda copy, _: -_steps(Rule.SHARPNESS, copy.sharpness or 0.0),
            Rule.FOLDER: self._place,
        }

    def origins(self, copies: Sequence[Copy]) -> list[Copy]:
        """Return files, first those that others are likely to have been made from.

        They may be edited versions of each other, so rules that an edit turns round do not count.
        """
        rules = [rule for rule in self.rules if rule not in _OF_ENCODINGS]
        return self._sorted(copies, rules)

    def ranked(self, copies: Sequence[Copy]) -> list[Ranked]:
        """Return the files of one picture, the one to keep first, with reasons."""
        ordered = self._sorted(copies, self.rules)
        best = ordered[0]
        most = max(map(_pixels, copies))
        against = [self._against(best, copy, most) for copy in ordered[1:]]
        rules = dict.fromkeys(rule for rule, _ in against if rule is not None)
        reasons = tuple(_PRAISE[rule] for rule in self.rules if rule in rules)
        # Where no rule tells, the name and the time of the file did.
        first = reasons or ((_SAME,) if against else ())
        return [
            Ranked(best, first),
            *(Ranked(copy, (why,)) for copy, (_, why) in zip(ordered[1:], against, strict=True)),
        ]

    def _sorted(self, copies: Sequence[Copy], rules: Sequence[Rule]) -> list[Copy]:
        most = max(map(_pixels, copies), default=0)

        def key(copy: Copy) -> tuple[object, ...]:
            path = os.fsencode(copy.path)
            keys = (self._keys[rule](copy, most) for rule in rules)
            return (*keys, copy.changed, len(path), path)

        return sorted(copies, key=key)

    def _against(self, best: Copy, copy: Copy, most: int) -> tuple[Rule | None, str]:
        for rule in self.rules:
            if self._keys[rule](best, most) != self._keys[rule](copy, most):
                return rule, _complaint(rule, best, copy)
        return None, _SAME

    def _place(self, copy: Copy, _: int) -> float:
        for place, folder in enumerate(self._preferred):
            if copy.path.is_relative_to(folder):
                return place
        return len(self._preferred)


_SAME = "as good by every rule; the older file with the shorter name is kept"
_PRAISE = {
    Rule.INTACT: "likely what the others were made from",
    Rule.RESOLUTION: "most pixels",
    Rule.FORMAT: "best format",
    Rule.COMPRESSION: "least compressed",
    Rule.SHARPNESS: "sharpest",
    Rule.METADATA: "keeps most of what the camera noted",
    Rule.DATE: "oldest",
    Rule.FOLDER: "in a folder you prefer",
}


def _complaint(rule: Rule, best: Copy, copy: Copy) -> str:
    match rule:
        case Rule.INTACT:
            return "edited, only a part of it, or with something around it"
        case Rule.RESOLUTION:
            return f"fewer pixels: {copy.width} × {copy.height}, not {best.width} × {best.height}"
        case Rule.FORMAT if copy.decoded and _is_converted(copy):
            return f"{copy.format} made of a JPEG"
        case Rule.FORMAT if _is_converted(copy):
            return f"{copy.format}, which no camera writes"
        case Rule.FORMAT:
            return f"{copy.format}, not {best.format}"
        case Rule.COMPRESSION:
            return f"more compressed: {copy.size:,} bytes, not {best.size:,}"
        case Rule.SHARPNESS:
            return "less sharp"
        case Rule.METADATA if _pixels(copy) <= _LARGE * _pixels(best):
            return _complaint(Rule.RESOLUTION, best, copy)
        case Rule.METADATA:
            return "less of what the camera noted is left in it"
        case Rule.DATE:
            return f"younger: {copy.dated or 'no date'}, not {best.dated}"
        case Rule.FOLDER:
            return "not in a folder you prefer"


def _pixels(copy: Copy) -> int:
    return copy.width * copy.height


def _is_converted(copy: Copy) -> bool:
    """Return whether somebody made a lossless file of what was written otherwise before."""
    return (copy.metadata > 0 or copy.decoded) and copy.format in _LOSSLESS


def _format_rank(copy: Copy) -> int:
    if copy.format == "RAW":
        return 3
    if copy.format in _LOSSLESS:
        return 0 if _is_converted(copy) else 2
    return 0 if copy.format in _FEW_COLOURS else 1


def _bytes_a_pixel(copy: Copy) -> float:
    return copy.size * _THRIFT.get(copy.format, 1.0) / max(_pixels(copy), 1)


def _steps(rule: Rule, value: float) -> float:
    """Return a value as whole steps of a scale, so that trifles do not decide."""
    return round(math.log(max(value, 1e-6)) / math.log(_STEP[rule.value]))
