"""The closer look: what costs more than a descriptor and is made once all photos are searchable.

One decoding of a photo serves every maker. Runs on the ingest thread and workers of its own.
"""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from twinlens.errors import AppError, UnreadableImageError
from twinlens.imaging.decode import CLOSE_SIDE, decode
from twinlens.ingest.pipeline import usable_cores
from twinlens.ingest.progress import Gate, Progress
from twinlens.ingest.reading import LARGEST
from twinlens.ingest.scanner import look_at
from twinlens.settings import Settings
from twinlens.store import embeddings, files, folders, photos
from twinlens.store.database import Database
from twinlens.store.features import FeatureStore
from twinlens.store.folders import Root

log = logging.getLogger(__name__)

Pixels = NDArray[np.uint8]
#: Features of one photo by kind.
Bodies = dict[str, bytes]
ShouldStop = Callable[[], bool]

#: What the status calls it.
ACTIVITY = "closer"

#: Photos in flight for each worker, and how many are written at once or after so many seconds.
_LOOK_AHEAD = 3
_BATCH = 64
_BATCH_SECONDS = 2.0
_TURN = 0.05


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes features of one photo.

    `kind` is the feature whose absence says that a photo was not looked at yet. `make` takes the
    upright (h, w, 3) picture, its short side at least `CLOSE_SIDE` unless the photo is smaller, and
    returns a body for `kind` and for whatever else it found on the way. `bounds` are the most
    bytes that a kind may hold.
    """

    kind: str
    make: Callable[[Pixels], Mapping[str, bytes]]
    bounds: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """A photo that lacks features, with a file that should have its content."""

    photo_id: int
    path: bytes
    digest: bytes
    makers: tuple[Maker, ...]


class CloserLook:
    """Looks at the photos that lack a feature. For one thread at a time; `close` it at the end.

    Args:
        model: the store's key of the model whose photos are looked at.
        gate: passed before each photo.
    """

    def __init__(
        self,
        database: Database,
        features: FeatureStore,
        makers: Iterable[Maker],
        model: int,
        settings: Settings,
        progress: Progress,
        gate: Gate,
    ) -> None:
        self._database = database
        self._features = features
        self._makers = tuple(makers)
        self._model = model
        self._settings = settings
        self._progress = progress
        self._gate = gate
        self._workers = settings.workers or usable_cores()
        self._pool: ThreadPoolExecutor | None = None
        self._closed = threading.Event()
        #: What there was to do at that number of the database, and what is left of it.
        self._seq: int | None = None
        self._total = 0
        self._looked = 0
        self._all_looked = 0
        self._jobs: Iterator[Job] = iter(())
        self._window: deque[tuple[int, Future[Bodies | None]]] = deque()
        self._made: dict[int, Bodies] = {}
        self._written = 0.0

    def run(
        self, should_stop: ShouldStop = lambda: False, busy: Callable[[], bool] = lambda: False
    ) -> bool:
        """Look at what lacks a feature until that is all.

        Args:
            should_stop: the run ends here and what was made is kept.
            busy: the caller has something else to do; the next call goes on where this one left.

        Returns: whether nothing is left that can be looked at now.

        Raises:
            DeviceError, ModelError, LibraryError: it cannot go on; what was made is kept.
        """
        if self._seq != self._database.seq:
            self._plan()
        finished = False
        try:
            while not should_stop() and not (finished := not self._advance()):
                if busy():
                    return False
        except BaseException:
            self._window.clear()
            self._seq = None
            self._rest()
            raise
        self._rest()
        return finished

    @property
    def looked(self) -> int:
        """How many photos were looked at so far."""
        return self._all_looked

    def left(self) -> int:
        """Return how many photos lack a feature."""
        return len(self._wanted())

    def close(self) -> None:
        """Keep what was made, and end the workers' threads."""
        self._closed.set()
        for _, task in self._window:
            task.cancel()
        if self._pool is not None:
            self._pool.shutdown()
        while self._window:
            photo_id, task = self._window.popleft()
            if not task.cancelled() and task.exception() is None:
                self._keep(photo_id, task.result())
        self._rest()

    def _wanted(self) -> dict[int, list[Maker]]:
        live = embeddings.live_ids(self._database.connection(), self._model)
        wanted: dict[int, list[Maker]] = {}
        for maker in self._makers:
            for photo_id in self._features.missing(maker.kind, live).tolist():
                wanted.setdefault(photo_id, []).append(maker)
        return wanted

    def _plan(self) -> None:
        """Find out what is to do; what is under way meanwhile goes on."""
        self._seq = self._database.seq
        under_way = {photo_id for photo_id, _ in self._window} | self._made.keys()
        wanted = {n: makers for n, makers in self._wanted().items() if n not in under_way}
        self._total, self._looked = len(wanted) + len(self._window), 0
        self._jobs = self._find(wanted)

    def _advance(self) -> bool:
        """Do a little; False when nothing is left."""
        while len(self._window) < _LOOK_AHEAD * self._workers:
            job = next(self._jobs, None)
            if job is None:
                break
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="closer-worker")
            self._window.append((job.photo_id, self._pool.submit(self._look_at, job)))
        if not self._window:
            return False
        # Another run may have ended in between, and with it what was said of this one.
        if self._progress.status.activity != ACTIVITY:
            self._progress.begin(ACTIVITY, self._total, self._looked)
        if wait([self._window[0][1]], timeout=_TURN).done:
            photo_id, task = self._window.popleft()
            self._keep(photo_id, task.result())
            self._looked += 1
            self._progress.worked(1, None)
            full = len(self._made) >= _BATCH or time.monotonic() - self._written > _BATCH_SECONDS
            if full and not self._write():
                # Without room for it, all further looking would be in vain.
                self._jobs = iter(())
        return True

    def _keep(self, photo_id: int, bodies: Bodies | None) -> None:
        if bodies is not None:
            self._made[photo_id] = bodies
            self._all_looked += 1

    def _rest(self) -> None:
        self._write()
        if self._progress.status.activity == ACTIVITY:
            self._progress.end()

    def _find(self, wanted: Mapping[int, list[Maker]]) -> Iterator[Job]:
        """Yield the photos with a file that can be read without a download."""
        connection = self._database.connection()
        roots = {root.root_id: root for root in folders.roots(connection)}
        ids = list(wanted)
        for start in range(0, len(ids), _BATCH):
            part = ids[start : start + _BATCH]
            digests = photos.hashes(connection, part)
            taken: set[int] = set()
            for root_id, row in list(files.places_of(connection, part)):
                photo_id = row.photo_id
                if photo_id is None or photo_id in taken or photo_id not in digests:
                    continue
                path = _reachable(roots.get(root_id), row)
                if path is not None:
                    taken.add(photo_id)
                    yield Job(photo_id, path, digests[photo_id], tuple(wanted[photo_id]))

    def _look_at(self, job: Job) -> Bodies | None:
        """Return the features of one photo; None where its file is not to be had."""
        if not self._gate.wait(self._closed.is_set):
            return None
        name = os.fsdecode(job.path)
        try:
            with open(job.path, "rb", buffering=0) as stream:  # noqa: PTH123 - the path is bytes
                if os.fstat(stream.fileno()).st_size > LARGEST:
                    return None
                data = stream.readall()
        except OSError as error:
            log.info("no closer look at %s: %s", name, error)
            return None
        if blake3(data).digest() != job.digest:
            # It has changed; the next scan finds it.
            return None
        bodies = {maker.kind: b"" for maker in job.makers}
        try:
            picture = decode(
                data, min_side=CLOSE_SIDE, max_pixels=self._settings.max_pixels, name=name
            )
        except UnreadableImageError as error:
            log.info("no closer look at %s: %s", name, error)
            return bodies
        for maker in job.makers:
            try:
                bodies.update(maker.make(picture.pixels))
            except AppError:
                raise
            # One odd photo must not keep all others from a closer look.
            except Exception:
                log.exception("%s: no %s can be made", name, maker.kind)
        return bodies

    def _write(self) -> bool:
        """Keep what was made, and start a new batch; False where it cannot be kept."""
        by_kind: dict[str, dict[int, bytes]] = {}
        for photo_id, bodies in self._made.items():
            for kind, body in bodies.items():
                by_kind.setdefault(kind, {})[photo_id] = body
        self._made.clear()
        self._written = time.monotonic()
        bounds = {kind: bound for maker in self._makers for kind, bound in maker.bounds.items()}
        kept = [
            self._features.put(kind, bodies, bound=bounds.get(kind))
            for kind, bodies in by_kind.items()
        ]
        return all(kept)


def _reachable(root: Root | None, row: files.FileRow) -> bytes | None:
    if root is None:
        return None
    path = os.fsencode(files.path_of(root, row.folder, row.name))
    entry = look_at(path)
    return None if entry is None or entry.online_only else path
