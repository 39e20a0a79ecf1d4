"""Puts readings into the store, a batch a transaction, then into the index. On the ingest thread.

Commit comes before the index, always: what a kill leaves out of the index is found again by
comparing the two.
"""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from twinlens.index.compact import CompactIndex
from twinlens.index.projection import Projection
from twinlens.ingest.reading import Claims, Job, Outcome, Reading
from twinlens.records import SKIPPED_CODES
from twinlens.reports import ChangeKind
from twinlens.store import embeddings, files, folders, photos
from twinlens.store.database import Connection, Database

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one file.

    `kind` None means that its content is what it was. `arrived` is the photo whose content was
    known before, so that the file may be the other end of a rename.
    """

    job: Job
    kind: ChangeKind | None
    arrived: int | None = None


@dataclass(slots=True)
class _Batch:
    """What one transaction gathers for the time after its commit."""

    written: list[Written] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    vectors: dict[int, npt.NDArray[np.float32]] = field(default_factory=dict)
    settled: set[bytes] = field(default_factory=set)
    lost: set[int] = field(default_factory=set)
    back: set[int] = field(default_factory=set)


class Writer:
    """The only place that writes photos and files while indexing.

    Args:
        model: the store's key of the model whose descriptors are written.
        claims: the contents under way, given back once they are stored.
    """

    def __init__(
        self,
        database: Database,
        index: CompactIndex,
        projection: Projection,
        model: int,
        claims: Claims,
    ) -> None:
        self.changes = 0
        self._database = database
        self._index = index
        self._projection = projection
        self._model = model
        self._claims = claims
        self._waiting: dict[bytes, list[Reading]] = {}
        self._failed: dict[bytes, Reading] = {}

    def reset(self) -> None:
        """Forget what an earlier run left open."""
        self._waiting.clear()
        self._failed.clear()
        self._claims.clear()

    def left(self) -> list[Job]:
        """Return the copies of contents that never were settled."""
        return [reading.job for copies in self._waiting.values() for reading in copies]

    def write(self, readings: Iterable[Reading]) -> list[Written]:
        """Store a batch and make it searchable.

        Returns: one entry for each file that was settled. A copy of a content that another
            worker is still at is settled by a later batch.

        Raises:
            LibraryError: nothing of the batch was kept; see `store.database`.
        """
        batch = _Batch()
        with self._database.transaction() as connection:
            known_roots = {root.root_id for root in folders.roots(connection)}
            for reading in readings:
                # The folder may have been forgotten meanwhile, by another process even.
                if reading.job.root_id in known_roots:
                    self._settle(connection, reading, batch)
            batch.lost, batch.back = photos.settle_orphans(connection, batch.touched, time.time())
        for digest in batch.settled:
            self._claims.release(digest)
        self._update_index(batch)
        return batch.written

    def remove(self, gone: Iterable[tuple[int, files.FileRow]]) -> list[tuple[int, files.FileRow]]:
        """Forget files, each (root id, row); return those that were still known as that row."""
        batch = _Batch()
        removed: list[tuple[int, files.FileRow]] = []
        with self._database.transaction() as connection:
            for root_id, row in gone:
                now = files.file_at(connection, root_id, row.folder, row.name)
                if now is not None and now.file_id == row.file_id:
                    removed.append((root_id, now))
            batch.touched = files.remove_files(connection, (row.file_id for _, row in removed))
            batch.lost, batch.back = photos.settle_orphans(connection, batch.touched, time.time())
        self._update_index(batch)
        return removed

    def settle(self, photo_ids: set[int]) -> None:
        """Bring photos whose files were moved or replaced in step with the index."""
        batch = _Batch()
        with self._database.transaction() as connection:
            batch.lost, batch.back = photos.settle_orphans(connection, photo_ids, time.time())
        self._update_index(batch)

    def _settle(self, connection: Connection, reading: Reading, batch: _Batch) -> None:
        if reading.outcome is Outcome.FAILED:
            self._put_failure(connection, reading, batch)
        elif reading.outcome is Outcome.EMBEDDED:
            assert reading.vector is not None
            photo_id = photos.put_photo(
                connection,
                reading.digest,
                reading.width,
                reading.height,
                reading.format,
                reading.size,
                reading.metadata,
            )
            embeddings.put_embedding(connection, self._model, photo_id, reading.vector)
            batch.vectors[photo_id] = reading.vector
            self._put_file(connection, reading, photo_id, batch)
        elif reading.outcome in (Outcome.KNOWN, Outcome.IN_FLIGHT):
            self._put_copy(connection, reading, batch)
        if reading.digest and reading.outcome is not Outcome.IN_FLIGHT:
            batch.settled.add(reading.digest)
            for copy in self._waiting.pop(reading.digest, ()):
                self._put_copy(connection, copy, batch)

    def _put_copy(self, connection: Connection, reading: Reading, batch: _Batch) -> None:
        photo_id = photos.photo_by_hash(connection, reading.digest)
        failure = self._failed.get(reading.digest)
        if photo_id is not None and embeddings.has_embedding(connection, self._model, photo_id):
            self._put_file(connection, reading, photo_id, batch)
        elif failure is not None:
            same = replace(failure, job=reading.job, size=reading.size, mtime_ns=reading.mtime_ns)
            self._put_failure(connection, same, batch)
        else:
            self._waiting.setdefault(reading.digest, []).append(reading)

    def _put_file(
        self, connection: Connection, reading: Reading, photo_id: int, batch: _Batch
    ) -> None:
        job = reading.job
        row = files.file_at(connection, job.root_id, job.folder, job.name)
        batch.touched.add(photo_id)
        if row is not None and row.photo_id == photo_id:
            if (row.size, row.mtime_ns) != (reading.size, reading.mtime_ns):
                files.touch_file(connection, row.file_id, reading.size, reading.mtime_ns)
            batch.written.append(Written(job, None))
            return
        displaced = files.put_file(
            connection,
            job.root_id,
            job.folder,
            job.name,
            reading.size,
            reading.mtime_ns,
            photo_id,
        )
        kind = ChangeKind.ADDED
        if displaced is not None:
            batch.touched.add(displaced)
            kind = ChangeKind.UPDATED
        arrived = None if reading.outcome is Outcome.EMBEDDED else photo_id
        batch.written.append(Written(job, kind, arrived))

    def _put_failure(self, connection: Connection, reading: Reading, batch: _Batch) -> None:
        job = reading.job
        if reading.digest:
            self._failed[reading.digest] = reading
        row = files.file_at(connection, job.root_id, job.folder, job.name)
        said = None if row is None else (row.size, row.mtime_ns, row.code)
        if said != (reading.size, reading.mtime_ns, reading.code):
            displaced = files.put_failure(
                connection,
                job.root_id,
                job.folder,
                job.name,
                reading.size,
                reading.mtime_ns,
                reading.code,
                reading.reason,
                reading.hint,
            )
            if displaced is not None:
                batch.touched.add(displaced)
        kind = ChangeKind.SKIPPED if reading.code in SKIPPED_CODES else ChangeKind.FAILED
        batch.written.append(Written(job, kind))

    def _update_index(self, batch: _Batch) -> None:
        if batch.lost:
            self._index.remove(np.fromiter(batch.lost, dtype=np.int64))
        fresh = {key: row for key, row in batch.vectors.items() if key not in batch.lost}
        if fresh:
            self._index.add(
                np.fromiter(fresh, dtype=np.int64),
                self._projection.apply(np.stack(list(fresh.values()))),
            )
        back = batch.back - fresh.keys()
        if back:
            ids, vectors = embeddings.fetch(self._database.connection(), self._model, back)
            if len(ids):
                self._index.add(ids, self._projection.apply(vectors))
        self.changes += len(batch.lost) + len(fresh) + len(back)
