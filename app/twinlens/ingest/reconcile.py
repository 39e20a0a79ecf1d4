"""Makes the index agree with the store, and checks the store against the disk. Any thread."""

import logging
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from twinlens.errors import IndexDamagedError
from twinlens.index.compact import CompactIndex
from twinlens.index.projection import Projection
from twinlens.ingest.comparing import Comparison
from twinlens.ingest.exclusions import rules_for
from twinlens.ingest.progress import Progress
from twinlens.ingest.reading import Job
from twinlens.ingest.tally import Tally
from twinlens.ingest.volumes import is_where_it_was
from twinlens.store import embeddings, folders
from twinlens.store.database import Database
from twinlens.store.files import path_of
from twinlens.store.folders import Root

log = logging.getLogger(__name__)

#: So many vectors of an index are compared with the store each time.
SAMPLED = 200
#: The store keeps 11 bits a value, so the same vector may differ by this much in cosine.
SAME_COSINE = 0.995


def reconcile_index(
    database: Database, index: CompactIndex, projection: Projection, model: int
) -> int:
    """Make the index hold exactly the live photos of the store; return how many entries changed.

    Raises:
        IndexDamagedError: a sampled vector is not the one in the store.
    """
    connection = database.connection()
    live = embeddings.live_ids(connection, model)
    labels = index.labels()
    unknown = np.setdiff1d(labels, live, assume_unique=True)
    absent = np.setdiff1d(live, labels, assume_unique=True)
    common = np.intersect1d(live, labels, assume_unique=True)
    if differing(database, index, projection, model, common)[0]:
        raise IndexDamagedError("The index does not agree with the stored descriptors.")
    if len(unknown):
        index.remove(unknown)
    for ids, vectors in embeddings.stream(connection, model, absent):
        if len(ids):
            index.add(ids, projection.apply(vectors))
    return len(unknown) + len(absent)


def differing(
    database: Database,
    index: CompactIndex,
    projection: Projection,
    model: int,
    common: embeddings.Ids,
) -> tuple[int, int]:
    """Compare a sample of an index with the store: (how many vectors differ, how many were read).

    Args:
        common: (n,) int64, the photos that both hold; the sample is spread evenly over them.
    """
    places = np.unique(np.linspace(0, len(common) - 1, min(SAMPLED, len(common))).astype(np.int64))
    ids, stored = embeddings.fetch(database.connection(), model, common[places].tolist())
    if not len(ids):
        return 0, 0
    cosines = np.sum(projection.apply(stored) * index.vectors(ids), axis=1)
    # Asked this way round, what is no number differs as well.
    return int((~(cosines > SAME_COSINE)).sum()), len(ids)


def survey(
    database: Database,
    roots: Iterable[Root],
    library_folder: Path | None = None,
) -> list[str]:
    """Return a sentence for each file on which store and disk disagree; changes nothing.

    Roots that are not there are passed over: being offline is no disagreement.
    """
    every = folders.roots(database.connection())
    problems: list[str] = []
    for root in roots:
        if not is_where_it_was(root):
            continue
        tally = Tally(lambda: 0.0)
        comparison = Comparison(database, tally, Progress())
        for job in comparison.scan(root, rules_for(root, every, library_folder)):
            if job is not None and not _is_tried_each_time(job):
                word = "is new" if job.known is None else "has changed"
                problems.append(f"{_shown(job.path)} {word} since the last scan.")
        for gone in tally.gone.values():
            path = path_of(root, gone.row.folder, gone.row.name)
            problems.append(f"{_shown(path)} is not there any more.")
    return problems


def _is_tried_each_time(job: Job) -> bool:
    """Return whether the file is as it was and the scan only tries it again."""
    row = job.known
    return row is not None and (row.size, row.mtime_ns) == (job.size, job.mtime_ns)


def _shown(path: Path) -> str:
    return os.fsencode(path).decode("utf-8", errors="replace")
