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
_FEW_COLOURS = frozenset(("GIF", "ICO"))
#: Files that differ by less than this in bytes a pixel, or in sharpness, count as equal.
_STEP = {"compression": 1.25, "sharpness": 1.5}


class Rule(StrEnum):
    """What makes one file better than another."""

    INTACT = "intact"
    RESOLUTION = "resolution"
    FORMAT = "format"
    COMPRESSION = "compression"
    SHARPNESS = "sharpness"
    METADATA = "metadata"
    DATE = "date"
    FOLDER = "folder"


RULES = tuple(Rule)


@dataclass(frozen=True, slots=True)
class Copy:
    """One file as the rules see it.

    `size` is in bytes, `sharpness` the energy of the finest detail in levels (None: not known),
    `metadata` how many facts the camera left in it, `dated` ISO 8601 local time of the picture,
    `changed` that of the file in nanoseconds. `intact` says that it shows what most of the others
    show: nothing was cut off, put around it or changed.
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


@dataclass(frozen=True, slots=True)
class Ranked:
    """A file with what spoke for it, or against it where it is not the first."""

    copy: Copy
    reasons: tuple[str, ...]


Key = Callable[[Copy], float | str]


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
            Rule.INTACT: lambda copy: not copy.intact,
            Rule.RESOLUTION: lambda copy: -copy.width * copy.height,
            Rule.FORMAT: lambda copy: -_format_rank(copy.format),
            Rule.COMPRESSION: lambda copy: -_steps(Rule.COMPRESSION, _bytes_a_pixel(copy)),
            Rule.SHARPNESS: lambda copy: -_steps(Rule.SHARPNESS, copy.sharpness or 0.0),
            Rule.METADATA: lambda copy: -copy.metadata,
            # A copy without a date is no older than one with.
            Rule.DATE: lambda copy: copy.dated or "~",
            Rule.FOLDER: self._place,
        }

    def key(self, copy: Copy) -> tuple[object, ...]:
        """Return what files are sorted by, the best first; no two files have the same."""
        path = os.fsencode(copy.path)
        return (*(self._keys[rule](copy) for rule in self.rules), copy.changed, len(path), path)

    def ranked(self, copies: Sequence[Copy]) -> list[Ranked]:
        """Return the files of one picture, the one to keep first, with reasons."""
        ordered = sorted(copies, key=self.key)
        best = ordered[0]
        against = [self._against(best, copy) for copy in ordered[1:]]
        rules = dict.fromkeys(rule for rule, _ in against if rule is not None)
        reasons = tuple(_PRAISE[rule] for rule in self.rules if rule in rules)
        # Where no rule tells, the name and the time of the file did.
        first = reasons or ((_SAME,) if against else ())
        return [
            Ranked(best, first),
            *(Ranked(copy, (why,)) for copy, (_, why) in zip(ordered[1:], against, strict=True)),
        ]

    def _against(self, best: Copy, copy: Copy) -> tuple[Rule | None, str]:
        for rule in self.rules:
            if self._keys[rule](best) != self._keys[rule](copy):
                return rule, _complaint(rule, best, copy)
        return None, _SAME

    def _place(self, copy: Copy) -> float:
        for place, folder in enumerate(self._preferred):
            if copy.path.is_relative_to(folder):
                return place
        return len(self._preferred)


_SAME = "as good by every rule; the older file with the shorter name is kept"
_PRAISE = {
    Rule.INTACT: "the same picture as most of the others",
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
        case Rule.FORMAT:
            return f"{copy.format}, not {best.format}"
        case Rule.COMPRESSION:
            return f"more compressed: {copy.size:,} bytes, not {best.size:,}"
        case Rule.SHARPNESS:
            return "less sharp"
        case Rule.METADATA:
            return "less of what the camera noted is left in it"
        case Rule.DATE:
            return f"younger: {copy.dated or 'no date'}, not {best.dated}"
        case Rule.FOLDER:
            return "not in a folder you prefer"


def _format_rank(name: str) -> int:
    if name == "RAW":
        return 3
    if name in _LOSSLESS:
        return 2
    return 0 if name in _FEW_COLOURS else 1


def _bytes_a_pixel(copy: Copy) -> float:
    return copy.size * _THRIFT.get(copy.format, 1.0) / max(copy.width * copy.height, 1)


def _steps(rule: Rule, value: float) -> float:
    """Return a value as whole steps of a scale, so that trifles do not decide."""
    return round(math.log(max(value, 1e-6)) / math.log(_STEP[rule.value]))
