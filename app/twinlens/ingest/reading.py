"""One file from disk to descriptor. Runs on every ingest worker, several at once.

Files are opened for reading only, and never when reading would download them.
"""

import logging
import os
import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from twinlens.errors import AppError, UnreadableImageError
from twinlens.imaging.decode import HEAD_BYTES, decode, sniff
from twinlens.imaging.preprocess import preprocess
from twinlens.imaging.thumbnails import ThumbnailCache
from twinlens.inference.extractor import Extractor
from twinlens.records import FailureCode, Metadata
from twinlens.settings import Settings
from twinlens.store import embeddings, photos
from twinlens.store.database import Database
from twinlens.store.files import FileRow

log = logging.getLogger(__name__)

#: Larger files are hashed in pieces and decoded one at a time, so that few lie in memory.
BIG = 64_000_000
#: Nothing a camera makes is larger; reading it whole would not fit into memory.
LARGEST = 4_000_000_000
_PIECE = 1 << 20
_CPU = "CPU"


@dataclass(frozen=True, slots=True)
class Job:
    """One file to work on, with what the scan saw and what the store knows of it.

    With `listing_error` set it is a folder that could not be listed. `at` is the monotonic time
    of its last event, None when a scan found it.
    """

    root_id: int
    folder: bytes
    name: bytes
    path: Path
    size: int
    mtime_ns: int
    known: FileRow | None = None
    online_only: bool = False
    listing_error: OSError | None = None
    at: float | None = None


class Outcome(StrEnum):
    """How reading one file ended."""

    EMBEDDED = "embedded"
    KNOWN = "known"
    IN_FLIGHT = "in-flight"
    FAILED = "failed"
    VANISHED = "vanished"
    CHANGING = "changing"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of one job.

    KNOWN: the store has this content with its descriptor. IN_FLIGHT: another worker is at the
    same content. `size` and `mtime_ns` are those of the bytes that were read. `vector` is (dim,)
    float32; `pixels` is the network's input where the descriptor is still to be computed.
    """

    job: Job
    outcome: Outcome
    size: int = 0
    mtime_ns: int = 0
    digest: bytes = b""
    width: int = 0
    height: int = 0
    format: str = ""
    metadata: Metadata = field(default_factory=Metadata)
    vector: NDArray[np.float32] | None = None
    pixels: NDArray[Any] | None = None
    code: str = ""
    reason: str = ""
    hint: str = ""


class Claims:
    """The contents that some worker is at, so that none is embedded twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: set[bytes] = set()

    def take(self, digest: bytes) -> bool:
        """Claim a content; False when somebody else has."""
        with self._lock:
            if digest in self._taken:
                return False
            self._taken.add(digest)
            return True

    def release(self, digest: bytes) -> None:
        """Give a content back, once the store has it or it failed."""
        with self._lock:
            self._taken.discard(digest)

    def clear(self) -> None:
        """Give everything back; only when no worker runs."""
        with self._lock:
            self._taken.clear()


class Reader:
    """Reads, hashes, decodes and (on the CPU) embeds files; one object serves all workers."""

    def __init__(
        self,
        database: Database,
        extractor: Extractor,
        model: int,
        thumbnails: ThumbnailCache,
        settings: Settings,
    ) -> None:
        self.claims = Claims()
        self._database = database
        self._extractor = extractor
        self._model = model
        self._thumbnails = thumbnails
        self._settings = settings
        facts = extractor.preprocessing
        self._min_side = max(facts.width, facts.height)
        self._big = threading.Semaphore()

    def read(self, job: Job, may_start: Callable[[], bool]) -> Reading:
        """Work on one file; whatever is wrong with it becomes part of the answer.

        Raises:
            DeviceError, ModelError, LibraryError: nothing to do with this file; the run ends.
        """
        if not may_start():
            return Reading(job, Outcome.STOPPED)
        refusal = _refusal(job)
        if refusal is not None:
            return refusal
        try:
            return self._read(job)
        except (FileNotFoundError, NotADirectoryError):
            return Reading(job, Outcome.VANISHED)
        except OSError as error:
            return failed(job, *explain(error))

    def _read(self, job: Job) -> Reading:
        with job.path.open("rb", buffering=0) as stream:
            facts = os.fstat(stream.fileno())
            if not stat.S_ISREG(facts.st_mode):
                return Reading(job, Outcome.VANISHED)
            job = replace(job, size=facts.st_size, mtime_ns=facts.st_mtime_ns)
            head = stream.read(min(HEAD_BYTES, facts.st_size))
            if sniff(head, job.path.name) is not None:
                return self._embed(job, b"", lambda: head)
            if facts.st_size > LARGEST:
                message = f"The file has {facts.st_size:,} bytes, more than any photo."
                return failed(job, FailureCode.TOO_LARGE, message, "Export it in a smaller form.")
            big = facts.st_size > BIG
            hasher = blake3(head)
            rest = b""
            if big:
                while piece := stream.read(_PIECE):
                    hasher.update(piece)
            else:
                rest = stream.readall()
                hasher.update(rest)
            after = os.fstat(stream.fileno())
            if _identity(after) != _identity(facts) or stream.tell() != facts.st_size:
                return Reading(job, Outcome.CHANGING)
            digest = hasher.digest()
            if not self.claims.take(digest):
                return _reading(job, Outcome.IN_FLIGHT, digest)
            if self._is_known(digest):
                return _reading(job, Outcome.KNOWN, digest)
            if not big:
                return self._embed(job, digest, lambda: head + rest)
            with self._big:
                return self._embed(job, digest, lambda: _read_again(stream))

    def _is_known(self, digest: bytes) -> bool:
        connection = self._database.connection()
        photo_id = photos.photo_by_hash(connection, digest)
        return photo_id is not None and embeddings.has_embedding(connection, self._model, photo_id)

    def _embed(self, job: Job, digest: bytes, data: Callable[[], bytes]) -> Reading:
        try:
            decoded = decode(
                data(),
                min_side=self._min_side,
                max_pixels=self._settings.max_pixels,
                smallest=self._settings.min_side,
                name=job.path.name,
            )
            pixels = preprocess(decoded.pixels, self._extractor.preprocessing)
            self._thumbnails.put(digest, decoded.pixels)
            vector = None
            if self._extractor.device == _CPU:
                vector = self._extractor.embed(pixels[np.newaxis])[0]
            return replace(
                _reading(job, Outcome.EMBEDDED, digest),
                width=decoded.width,
                height=decoded.height,
                format=decoded.format,
                metadata=decoded.metadata,
                vector=vector,
                pixels=pixels if vector is None else None,
            )
        except UnreadableImageError as error:
            return failed(job, error.code, error.message, error.hint, digest)
        except AppError:
            raise
        except OSError as error:
            return failed(job, *explain(error), digest)
        except MemoryError:
            message = "There was not enough memory to open the picture."
            hint = "Close other programs and run 'twinlens index --retry'."
            return failed(job, FailureCode.MEMORY, message, hint, digest)
        except Exception:
            log.exception("unexpected error with %r", job.path)
            message = "An unexpected error happened with this file; the log has the details."
            hint = "Please report it, with the log."
            return failed(job, FailureCode.UNREADABLE, message, hint, digest)


def failed(job: Job, code: str, reason: str, hint: str = "", digest: bytes = b"") -> Reading:
    """Return the reading of a file that cannot be used."""
    return replace(_reading(job, Outcome.FAILED, digest), code=str(code), reason=reason, hint=hint)


def explain(error: OSError, what: str = "file") -> tuple[str, str, str]:
    """Return (code, reason, hint) for what the system says about a file or folder."""
    if isinstance(error, PermissionError):
        return (
            FailureCode.PERMISSION.value,
            f"You have no permission to read this {what}.",
            "Change its permissions; Twinlens then tries again by itself.",
        )
    return (
        FailureCode.UNREADABLE.value,
        f"The {what} cannot be read ({error.strerror or error}).",
        "Check the drive it lies on, then run 'twinlens index --retry'.",
    )


def _refusal(job: Job) -> Reading | None:
    """Return the answer for what is not opened at all."""
    if job.listing_error is not None:
        return failed(job, *explain(job.listing_error, "folder"))
    if job.online_only:
        return failed(
            job,
            FailureCode.ONLINE_ONLY,
            "The file lies in the cloud only; Twinlens does not download it.",
            "Make it available offline in your cloud program.",
        )
    return None


def _reading(job: Job, outcome: Outcome, digest: bytes) -> Reading:
    return Reading(job, outcome, size=job.size, mtime_ns=job.mtime_ns, digest=digest)


def _read_again(stream: Any) -> bytes:
    stream.seek(0)
    data: bytes = stream.readall()
    return data


def _identity(facts: os.stat_result) -> tuple[int, int]:
    return facts.st_size, facts.st_mtime_ns
