"""The immutable values that cross threads and layers. Runs on every thread."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class MatchClass(StrEnum):
    """How a hit relates to the query, from strongest to weakest."""

    SAME_BYTES = "same-bytes"
    SAME_PIXELS = "same-pixels"
    RE_ENCODED = "re-encoded"
    EDITED = "edited"
    SAME_SCENE = "same-scene"
    ALIKE = "alike"


#: Relations in which one file stands for the other.
COPIES = frozenset(
    {MatchClass.SAME_BYTES, MatchClass.SAME_PIXELS, MatchClass.RE_ENCODED, MatchClass.EDITED}
)


class FailureCode(StrEnum):
    """Why a file is not searchable. The values are stored and printed; never rename one."""

    EMPTY = "empty"
    NOT_AN_IMAGE = "not-an-image"
    UNSUPPORTED = "unsupported"
    MISSING_EXTRA = "missing-extra"
    DAMAGED = "damaged"
    TOO_LARGE = "too-large"
    TOO_SMALL = "too-small"
    VIDEO = "video"
    ONLINE_ONLY = "online-only"
    PERMISSION = "permission"
    UNREADABLE = "unreadable"
    CHANGING = "changing"
    MEMORY = "memory"


#: Codes of files left out on purpose: counted as skipped, never as failed.
SKIPPED_CODES = frozenset(
    {
        FailureCode.NOT_AN_IMAGE,
        FailureCode.TOO_SMALL,
        FailureCode.VIDEO,
        FailureCode.ONLINE_ONLY,
    }
)


class FolderState(StrEnum):
    """What a watched folder is doing."""

    UP_TO_DATE = "up-to-date"
    PENDING = "pending"
    SCANNING = "scanning"
    WATCHING = "watching"
    RESCANNED = "rescanned"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """Facts from a model's spec that turn pixels into network input.

    `resize` is "squash" (the whole photo to the rectangle) or "crop" (shorter side, then centre).
    `mean` and `scale` are per channel in levels 0..255: input = (level - mean) / scale. When
    `in_graph` is true the network takes uint8 levels and normalises them itself.
    """

    width: int
    height: int
    resize: str = "squash"
    interpolation: str = "bilinear"
    mean: tuple[float, float, float] = (127.0, 127.0, 127.0)
    scale: tuple[float, float, float] = (128.0, 128.0, 128.0)
    in_graph: bool = True


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a photo says about itself. `taken` is ISO 8601 local time, as the camera wrote it."""

    taken: str | None = None
    camera: str | None = None
    lens: str | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle in fractions of the upright image, origin top left."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Outline:
    """A convex polygon in fractions of the upright image, as (x, y), origin top left."""

    corners: tuple[tuple[float, float], ...]

    @property
    def region(self) -> Region:
        """The smallest rectangle around it."""
        across, down = zip(*self.corners, strict=True)
        left, top = min(across), min(down)
        return Region(left, top, max(across) - left, max(down) - top)


@dataclass(frozen=True, slots=True)
class Example:
    """One picture of a query: exactly one of `path`, `data` and `photo_id` is set."""

    path: Path | None = None
    data: bytes | None = None
    photo_id: int | None = None
    negative: bool = False
    weight: float = 1.0
    region: Region | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """What a hit must satisfy; None means no condition. Dates are ISO 8601 prefixes, inclusive.

    `label` is a word for what a photo must show, `match` the weakest relation to the query that
    counts, which takes verifying, and `among` the ids of the only photos that count.
    """

    folder: Path | None = None
    name: str | None = None
    taken_from: str | None = None
    taken_to: str | None = None
    orientation: str | None = None
    min_score: float | None = None
    min_probability: float | None = None
    label: str | None = None
    match: MatchClass | None = None
    among: tuple[int, ...] | None = None

    @property
    def narrows(self) -> bool:
        """True when some photo may be left out before ranking."""
        conditions = (self.folder, self.name, self.taken_from, self.taken_to, self.orientation)
        return any(conditions) or self.label is not None or self.among is not None


@dataclass(frozen=True, slots=True)
class Query:
    """A list of examples with a sign and a weight each, plus filters.

    `marks` are pictures called right, or (negative) wrong: from three on they decide the order.
    """

    examples: tuple[Example, ...]
    filters: Filters = field(default_factory=Filters)
    rerank: bool = True
    verify: bool = False
    marks: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A query under a name. `missing` counts pictures of it that cannot be had any more."""

    name: str
    query: Query
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """One file of the answer. `score` is the plain cosine similarity in -1..1.

    A verified hit says what it has in common with the query: `inliers`, `outline` in the photo and
    `query_outline` in the query picture; `surroundings` says that it is merely what lies around the
    thing, and brings the photo no farther forward. Of several positive examples that is the one at
    place `example`, counted from 0.
    """

    rank: int
    photo_id: int
    path: Path
    score: float
    match: MatchClass | None = None
    probability: float | None = None
    region: Region | None = None
    inliers: int | None = None
    outline: Outline | None = None
    query_outline: Outline | None = None
    example: int = 0
    surroundings: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two images held side by side; `score` is the cosine of their descriptors.

    What they have in common lies in `region` and `outline` of the second and in `first_outline`.
    """

    score: float
    match: MatchClass | None = None
    inliers: int | None = None
    probability: float | None = None
    region: Region | None = None
    outline: Outline | None = None
    first_outline: Outline | None = None


@dataclass(frozen=True, slots=True)
class Photo:
    """One content of the library and what is known of it. `hash` is BLAKE3, 32 bytes."""

    photo_id: int
    hash: bytes
    width: int
    height: int
    format: str
    size: int
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class Gallery:
    """Photos that look alike, at one of several levels, 0 the finest.

    `photos` are ids in the order they were taken, `cover` one of them. `title` is what a person
    called it, else made of the `label` that fits them, or their folder, and of `first` and `last`,
    ISO 8601 times between which nearly all were taken. `parent` is the gallery that it lies in at
    the next level. A `pinned` or `named` one keeps its photos.
    """

    gallery: str
    level: int
    title: str
    label: str | None
    first: str | None
    last: str | None
    photos: tuple[int, ...]
    cover: int
    parent: str | None
    pinned: bool = False
    named: bool = False


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder the user added. `files` of it are searchable, `photos` without copies."""

    folder: Path
    state: FolderState
    files: int
    photos: int
    note: str = ""
    excludes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tile:
    """One photo as the grid shows it; `copies` counts files with the same bytes.

    `comparison` holds the query against it, where more than descriptors was looked at: of several
    positive examples the one at place `example`. `surroundings` is that of the hit.

    `file` is one of them. Few of 100,000 tiles are ever asked for it as a `Path`, which takes
    longer to make than all else and half a kilobyte to keep.
    """

    photo_id: int
    file: str | Path
    copies: int
    width: int
    height: int
    taken: str | None
    score: float | None = None
    match: MatchClass | None = None
    offline: bool = False
    probability: float | None = None
    comparison: Comparison | None = None
    example: int = 0
    surroundings: bool = False

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.file)
