"""Recognises files that belong together and are no copies of each other. Pure; any thread.

By folder, name and time alone: a RAW with its JPEG, the still and the film of a Live Photo, and
frames shot in a row (a bracket, a panorama, a burst), which may look the same to any comparison.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from twinlens.records import MatchClass

RAW_JPEG = "raw+jpeg"
LIVE_PHOTO = "live-photo"
BRACKET, PANORAMA, BURST = "bracket", "panorama", "burst"

#: The camera's number is the last in the name; what follows it makes the file a copy's.
_NUMBERED = re.compile(r"(?P<front>.*?)(?P<number>\d{2,})$")
#: Frames of one row: so many seconds between one and the next, and at most so many numbers apart.
ROW_SECONDS, ROW_FRAMES = 3, 24
#: Shots of a burst were taken within so many seconds of the one that stands for them.
BURST_SECONDS = 10
#: A frame of a panorama shows at most this share of the one before it.
_PANNED = 0.9


@dataclass(frozen=True, slots=True)
class Shot:
    """One file as it was taken. `taken` is what the camera wrote, ISO 8601; `format` the decoder's
    name."""

    path: Path
    format: str
    width: int = 0
    height: int = 0
    taken: str | None = None
    camera: str | None = None


def stem_key(path: Path) -> tuple[Path, str]:
    """Return what the files of one exposure share: folder, and name without extension."""
    return path.parent, path.stem.casefold()


def kept_together(one: Shot, other: Shot) -> str | None:
    """Return why two files belong together although they may look the same; None if they do not.

    `BURST` stands for every row: what kind it is takes looking, see `kind_of_row`.
    """
    if one.path.parent != other.path.parent:
        return None
    if (one.format == "RAW") != (other.format == "RAW"):
        return RAW_JPEG if stem_key(one.path) == stem_key(other.path) else None
    return BURST if _in_a_row(one, other) else None


def in_a_burst(one: Shot, other: Shot) -> bool:
    """Return whether two files may be shots of one burst: one camera wrote them within seconds.

    What they are called and where they lie does not count; that they look alike takes looking.
    """
    return _by_one_camera(one, other) and _apart(one, other) <= BURST_SECONDS


def _by_one_camera(one: Shot, other: Shot) -> bool:
    """Return whether one camera wrote both files in one format, and when is known."""
    dated = one.taken and other.taken and one.camera
    return bool(dated) and (one.camera, one.format) == (other.camera, other.format)


def _in_a_row(one: Shot, other: Shot) -> bool:
    if not _by_one_camera(one, other):
        return False
    if {one.width, one.height} != {other.width, other.height}:
        return False
    ours, theirs = _NUMBERED.match(one.path.stem), _NUMBERED.match(other.path.stem)
    if ours is None or theirs is None or ours["front"] != theirs["front"]:
        return False
    # A time in a name counts in seconds, and a name of several numbers ends in the frame's.
    frames = abs(int(ours["number"]) - int(theirs["number"]))
    if not 0 < frames <= ROW_FRAMES:
        return False
    return _apart(one, other) <= ROW_SECONDS * frames


def _apart(one: Shot, other: Shot) -> float:
    """Return how many seconds lie between two files; both have a time."""
    seconds = datetime.fromisoformat(one.taken or "") - datetime.fromisoformat(other.taken or "")
    return abs(seconds.total_seconds())


def kind_of_row(pairs: Iterable[tuple[MatchClass | None, float]]) -> str:
    """Return what a row of frames is, from what its pairs are to each other.

    Args:
        pairs: match, and the share of a frame that the other one shows as well.
    """
    known = [(match, share) for match, share in pairs if match is not None]
    if known and all(match is not MatchClass.SAME_SCENE for match, _ in known):
        # The same view, and something other than the camera's place changed: the exposure.
        return BRACKET
    if known and min(share for _, share in known) < _PANNED:
        return PANORAMA
    return BURST


def rows(shots: Iterable[Shot]) -> list[list[Shot]]:
    """Return the rows of frames among files, each of two at least and in the order of names."""
    by_front: dict[tuple[Path, str], list[tuple[int, Shot]]] = {}
    for shot in shots:
        name = _NUMBERED.match(shot.path.stem)
        if name is not None and shot.taken and shot.camera:
            by_front.setdefault((shot.path.parent, name["front"]), []).append(
                (int(name["number"]), shot)
            )
    found: list[list[Shot]] = []
    for numbered in by_front.values():
        row: list[Shot] = []
        for _, shot in sorted(numbered, key=lambda pair: (pair[0], pair[1].path)):
            if row and _in_a_row(row[-1], shot):
                row.append(shot)
                continue
            if len(row) > 1:
                found.append(row)
            row = [shot]
        if len(row) > 1:
            found.append(row)
    return found


def raw_pairs(shots: Iterable[Shot]) -> list[list[Shot]]:
    """Return each RAW with what the camera wrote beside it under the same name."""
    by_stem: dict[tuple[Path, str], list[Shot]] = {}
    for shot in shots:
        by_stem.setdefault(stem_key(shot.path), []).append(shot)
    return [
        sorted(same, key=lambda shot: (shot.format != "RAW", shot.path))
        for same in by_stem.values()
        if len({shot.format == "RAW" for shot in same}) == 2
    ]
