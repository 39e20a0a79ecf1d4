"""The immutable answers of a library about itself. Runs on every thread."""

from collections.abc import Callable
from dataclasses import dataclass


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
class Notice:
    """A sentence of the engine for the user; mere `news` asks nothing of anybody."""

    sentence: str
    news: bool = False

    def __str__(self) -> str:
        return self.sentence


Notify = Callable[[Notice], None]
