"""Figures about a library, and the check that store, index and disk agree. Changes nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from twinlens.errors import IndexDamagedError
from twinlens.ingest.reconcile import differing, survey
from twinlens.library.engine import Engine
from twinlens.reports import LibraryStats, VerifyReport
from twinlens.store import embeddings, files, folders, photos
from twinlens.store.database import Database

#: A damaged library has one cause and thousands of symptoms; so many of them say enough.
MOST_PROBLEMS = 100


def stats(database: Database, engine: Engine, folder: Path, recall: float | None) -> LibraryStats:
    """Return the library at a glance; `folder` is the library folder, whose size is reported."""
    connection = database.connection()
    counts = files.file_counts(connection)
    offline = sum(
        counts.get(root.root_id, (0, 0))[0]
        for root in folders.roots(connection)
        if not root.path.is_dir()
    )
    return LibraryStats(
        photos=photos.live_count(connection),
        files=sum(count for count, _ in counts.values()),
        failed=files.failed_count(connection),
        offline=offline,
        model_id=engine.spec.model_id,
        device=engine.extractor.device,
        bytes=_folder_size(folder),
        recall_at_10=recall,
    )


def verify(database: Database, current: Callable[[], Engine], library_folder: Path) -> VerifyReport:
    """Compare the database with itself, with the index and with the files on disk.

    Where the database is damaged nothing is counted: what it says is worth nothing.
    """
    damage = [f"database: {problem}" for problem in database.check(thorough=True)]
    if damage:
        return VerifyReport(
            ok=False, files=0, photos=0, embeddings=0, indexed=0, problems=tuple(damage)
        )
    problems: list[str] = []
    engine = current()
    connection = database.connection()
    missing = embeddings.missing_ids(connection, engine.model)
    if missing:
        problems.append(f"{len(missing)} photos have no descriptor of {engine.spec.name}.")
    problems += _index_problems(database, engine)
    problems += survey(database, folders.roots(connection), library_folder)
    return VerifyReport(
        ok=not problems,
        files=sum(count for count, _ in files.file_counts(connection).values()),
        photos=photos.live_count(connection),
        embeddings=int(embeddings.live_ids(connection, engine.model).size),
        indexed=engine.index.count,
        problems=tuple(problems[:MOST_PROBLEMS]),
    )


def _index_problems(database: Database, engine: Engine) -> list[str]:
    """Check the snapshot as it lies on disk, then the index as it answers."""
    problems: list[str] = []
    try:
        engine.read_snapshot()
    except IndexDamagedError as error:
        problems.append(error.message)
    live = embeddings.live_ids(database.connection(), engine.model)
    labels = engine.index.labels()
    absent = np.setdiff1d(live, labels).size
    unknown = np.setdiff1d(labels, live).size
    if absent:
        problems.append(f"{absent} photos are stored but not indexed.")
    if unknown:
        problems.append(f"{unknown} indexed photos are not in the store.")
    common = np.intersect1d(live, labels)
    wrong, sampled = differing(database, engine.index, engine.projection, engine.model, common)
    if wrong:
        problems.append(f"{wrong} of {sampled} sampled index vectors differ from the store.")
    return problems


def _folder_size(folder: Path) -> int:
    return sum(
        (Path(parent) / name).stat().st_size
        for parent, _, names in os.walk(folder)
        for name in names
        if (Path(parent) / name).exists()
    )
