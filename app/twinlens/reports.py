"""The immutable answers of a library about itself. Runs on every thread."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from twinlens.records import MatchClass

#: A picture: RGB bytes, width and height in pixels.
Raster = tuple[bytes, int, int]


@dataclass(frozen=True, slots=True)
class HeatMaps:
    """Two pictures in grey, under colours that say how much each part makes them alike.

    `scale` are RGB bytes of those colours, from nothing to most.
    """

    first: Raster
    second: Raster
    scale: bytes


@dataclass(frozen=True, slots=True)
class LibraryStats:
    """The library at a glance; `bytes` is the size of the photo files."""

    photos: int
    files: int
    failed: int
    offline: int
    model_id: str
    device: str
    bytes: int
    recall_at_10: float | None


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """Whether store, index and disk agree; each problem is one sentence."""

    ok: bool
    files: int
    photos: int
    embeddings: int
    indexed: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two photos that a person could judge, and how likely they are said to be the same thing."""

    a: int
    b: int
    probability: float


@dataclass(frozen=True, slots=True)
class Sighting:
    """One file of a photo that shows what a word names, and how sure that is, in 0..1."""

    rank: int
    photo_id: int
    path: Path
    confidence: float


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence of the engine for the user; mere `news` asks nothing of anybody."""

    sentence: str
    news: bool = False

    def __str__(self) -> str:
        return self.sentence


Notify = Callable[[Notice], None]


@dataclass(frozen=True, slots=True)
class IndexCounts:
    """What one run over the folders did; found = added+updated+unchanged+renamed+failed.

    `seconds` ends when all is searchable; `closer_seconds` is what the closer look took after it.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    renamed: int = 0
    removed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    looked_closer: int = 0
    closer_seconds: float = 0.0

    @property
    def found(self) -> int:
        """Photos seen on disk, readable or not."""
        return self.added + self.updated + self.unchanged + self.renamed + self.failed

    @property
    def photos_per_second(self) -> float:
        """Files that needed work, per second."""
        worked = self.added + self.updated + self.renamed
        return worked / self.seconds if self.seconds > 0 else 0.0


class ChangeKind(StrEnum):
    """What happened to one watched file."""

    ADDED = "added"
    UPDATED = "updated"
    RENAMED = "renamed"
    REMOVED = "removed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """One file that counts from now on. `seconds` runs from its last write to being searchable."""

    event: ChangeKind
    path: Path
    source: Path | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class TrashReport:
    """What went to the trash, and what stayed and why."""

    moved: tuple[Path, ...]
    refused: tuple[tuple[Path, str], ...]


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a group of duplicates.

    `hash` is that of its content (BLAKE3, 32 bytes), `size` in bytes, `match` and `score` (cosine)
    what its photo is to the group's reference, and `reasons` what speaks for or against keeping it.
    """

    path: Path
    photo_id: int
    hash: bytes
    size: int
    match: MatchClass
    score: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Files that hold the same picture: each compared with the reference, none with the others.

    `match` is that of the weakest member, `best` the file suggested for keeping, a member like the
    others. `reference` is the id of the photo that all were compared with. A group whose `kept_as`
    is set ("raw+jpeg", "live-photo", "bracket", "panorama" …) is a set that belongs together.
    """

    group: str
    match: MatchClass
    reference: int
    best: Path
    members: tuple[Member, ...]
    kept_as: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """A group, or what of it is open, with what was decided of each file.

    `fates` are "keep", "trash" or "" for nothing, one a member.
    """

    group: Group
    fates: tuple[str, ...]

    @property
    def settled(self) -> bool:
        """Whether something was decided of every file."""
        return all(self.fates)


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that is not searchable, and why."""

    path: Path
    code: str
    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class Status:
    """What the engine is doing, polled by the window and the progress bar.

    `done` and `total` count files of the run in progress, `total` 0 while still counting;
    `seconds_left` is None when unknown. `revision` grows with every change of anything.
    """

    revision: int = 0
    activity: str = "idle"
    folder: Path | None = None
    done: int = 0
    total: int = 0
    rate: float = 0.0
    seconds_left: float | None = None
    paused: bool = False
    photos: int = 0
    device: str = ""
    model: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model that can be used."""

    name: str
    model_id: str
    dim: int
    in_use: bool
    licence: str
    note: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """What a plan does with one file.

    `act` is "keep" or "trash" and `why` says what for. A file that was to go and must not stays,
    and `refused` says why. `hash` (32 bytes), `size` and `mtime_ns` are the file as it was when
    the plan was made; `group` is the group it belongs to.
    """

    path: Path
    act: str
    why: str
    refused: str
    size: int
    group: str
    match: MatchClass
    hash: bytes
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A clean-up that has not been done yet; `made` is Unix time."""

    plan: str
    made: float
    rows: tuple[PlanRow, ...]

    @property
    def gained(self) -> int:
        """The bytes of the files that would go."""
        return sum(row.size for row in self.rows if row.act == "trash")

    @property
    def going(self) -> tuple[PlanRow, ...]:
        """The rows of the files that would go."""
        return tuple(row for row in self.rows if row.act == "trash")


@dataclass(frozen=True, slots=True)
class CleanUp:
    """One act that can be undone; `review` is the plan it carried out, `at` Unix time.

    `paths` are the files that went to the trash; an act of deciding has `decisions` instead.
    """

    act: str
    review: str
    at: float
    paths: tuple[Path, ...] = ()
    decisions: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file or act; `problem` says why nothing did, empty when it was done."""

    path: Path | None
    act: str
    size: int
    problem: str = ""
