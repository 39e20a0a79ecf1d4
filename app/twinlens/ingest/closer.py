"""The closer look: what costs more than a descriptor and is made once all photos are searchable.

One decoding of a photo serves every maker. Runs on the ingest thread and workers of its own.
"""

import logging
import os
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
ShouldStop = Callable[[], bool]

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
    returns a body for `kind` and for whatever else it found on the way. `bounds` are the most bytes that a
    kind may hold.
    """

    kind: str
    make: Callable[[Pixels], Mapping[str, bytes]]
    bounds: Mapping[str, int] = field(default_factory=dict)


class CloserLook:
    """Looks at the photos that lack a feature. For one thread at a time.

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
        self._complete_at: int | None = None

    def run(self, should_stop: ShouldStop) -> int:
        """Look at what lacks a feature until that is all, or until asked to stop.

        Returns: how many photos were looked at.

        Raises:
            DeviceError, ModelError, LibraryError: the run cannot go on; what was made is kept.
        """
        seq = self._database.seq
        # This is asked several times a second; nothing is new while nothing was committed.
        if self._complete_at == seq:
            return 0
        wanted = self._wanted()
        if wanted:
            self._progress.begin("closer", total=len(wanted))
            try:
                looked = self._look_at_all(wanted, should_stop)
            finally:
                self._progress.end()
        else:
            looked = 0
        if not should_stop():
            self._complete_at = seq
        return looked

    def left(self) -> int:
        """Return how many photos lack a feature."""
        return len(self._wanted())

    def _wanted(self) -> dict[int, list[Maker]]:
        live = embeddings.live_ids(self._database.connection(), self._model)
        wanted: dict[int, list[Maker]] = {}
        for maker in self._makers:
            for photo_id in self._features.missing(maker.kind, live).tolist():
                wanted.setdefault(photo_id, []).append(maker)
        return wanted

    def _look_at_all(self, wanted: Mapping[int, list[Maker]], should_stop: ShouldStop) -> int:
        workers = self._settings.workers or usable_cores()
        jobs = self._jobs(wanted)
        window: deque[tuple[int, Future[dict[str, bytes] | None]]] = deque()
        done: dict[int, dict[str, bytes]] = {}
        written = time.monotonic()
        looked = 0
        with ThreadPoolExecutor(workers, thread_name_prefix="closer-worker") as pool:
            try:
                while not should_stop():
                    while len(window) < _LOOK_AHEAD * workers:
                        job = next(jobs, None)
                        if job is None:
                            break
                        photo_id, path, digest = job
                        task = pool.submit(
                            self._look_at, path, digest, wanted[photo_id], should_stop
                        )
                        window.append((photo_id, task))
                    if not window:
                        break
                    if not wait([window[0][1]], timeout=_TURN).done:
                        continue
                    photo_id, task = window.popleft()
                    bodies = task.result()
                    if bodies is not None:
                        done[photo_id] = bodies
                        looked += 1
                    self._progress.worked(1, None)
                    if len(done) >= _BATCH or time.monotonic() - written > _BATCH_SECONDS:
                        if not self._write(done):
                            break
                        written = time.monotonic()
            finally:
                for _, task in window:
                    task.cancel()
                self._write(done)
        return looked

    def _jobs(self, wanted: Iterable[int]) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield (photo, path, digest) of photos with a file that can be read without a download."""
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
                    yield photo_id, path, digests[photo_id]

    def _look_at(
        self, path: bytes, digest: bytes, makers: list[Maker], should_stop: ShouldStop
    ) -> dict[str, bytes] | None:
        """Return the features of one photo; None where its file is not to be had."""
        if not self._gate.wait(should_stop):
            return None
        name = os.fsdecode(path)
        try:
            with open(path, "rb") as stream:  # noqa: PTH123 - the path is bytes
                data = stream.read(LARGEST)
        except OSError as error:
            log.info("no closer look at %s: %s", name, error)
            return None
        if blake3(data).digest() != digest:
            # It has changed; the next scan finds it.
            return None
        bodies = {maker.kind: b"" for maker in makers}
        try:
            picture = decode(
                data, min_side=CLOSE_SIDE, max_pixels=self._settings.max_pixels, name=name
            )
        except UnreadableImageError as error:
            log.info("no closer look at %s: %s", name, error)
            return bodies
        for maker in makers:
            try:
                bodies.update(maker.make(picture.pixels))
            except AppError:
                raise
            # One odd photo must not keep all others from a closer look.
            except Exception:
                log.exception("%s: no %s can be made", name, maker.kind)
        return bodies

    def _write(self, done: dict[int, dict[str, bytes]]) -> bool:
        """Keep what was made, and start a new batch; False where it cannot be kept."""
        by_kind: dict[str, dict[int, bytes]] = {}
        for photo_id, bodies in done.items():
            for kind, body in bodies.items():
                by_kind.setdefault(kind, {})[photo_id] = body
        done.clear()
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
