"""Quality of the ranking on labelled photos. Runs on the caller's thread."""

import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from twinlens.errors import UsageError
from twinlens.inference.model_spec import DEFAULT_MODEL, find_model
from twinlens.library import Library
from twinlens.records import Example, Query

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Means over the queries, each in 0..1.

    `map` is mean average precision, `p10` precision at 10, `r1` the share of queries whose first
    hit is of their class, `recall_at_10` how much of the exact top 10 the search finds.
    """

    model: str
    queries: int
    map: float
    p10: float
    r1: float
    recall_at_10: float
    seconds: float


def check_model(name: str | None) -> str:
    """Return the name of a model that can be measured; None is the usual one.

    Raises:
        ModelError: there is no such model, or it cannot be used.
    """
    return find_model(name or DEFAULT_MODEL).name


def evaluate_folder(
    folder: Path, model: str | None = None, *, should_stop: Callable[[], bool] = lambda: False
) -> Evaluation | None:
    """Index a folder into a temporary library and query with every photo, leaving it out.

    The class of a photo is the folder it lies in; a photo alone in its class is not asked with,
    but is ranked. The whole library is ranked for each query. Returns None when stopped.

    Raises:
        UsageError: no class has two photos.
    """
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}; nothing was measured.")
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="twinlens-evaluate-") as place,
        Library(Path(place), writer=True) as library,
    ):
        if model is not None:
            library.use_model(model)
        library.add_folder(folder)
        library.index_folders(should_stop=should_stop)
        rows = _relevance_rows(library, should_stop)
        if should_stop():
            return None
        recall = library.recall(samples=100)
        name = next(item.name for item in library.models() if item.in_use)
    if not rows:
        raise UsageError(
            f"No folder below {folder} holds two photos that could be read, so there is nothing "
            "to measure.",
            "Give every class a folder of its own.",
        )
    return Evaluation(
        model=name,
        queries=len(rows),
        map=float(np.mean([average_precision(row) for row in rows])),
        p10=float(np.mean([row[:10].sum() / 10 for row in rows])),
        r1=float(np.mean([row[0] for row in rows])),
        recall_at_10=float("nan") if recall is None else recall,
        seconds=time.monotonic() - started,
    )


def average_precision(relevant: Flags) -> float:
    """Return the mean of the precision at the rank of each relevant hit.

    Args:
        relevant: shape (n,), best rank first, over the whole ranking; at least one is true.

    The non-interpolated form of TREC (Buckley and Voorhees, 2000).
    """
    ranks = np.flatnonzero(relevant) + 1
    return float(np.mean(np.arange(1, len(ranks) + 1) / ranks))


def _relevance_rows(library: Library, should_stop: Callable[[], bool]) -> list[Flags]:
    """Return one row of flags a query: is the hit at this rank of the query's class?"""
    files = [
        (photo_id, path) for photo_id in library.photo_ids() for path in library.paths(photo_id)
    ]
    members = Counter(path.parent for _, path in files)
    rows: list[Flags] = []
    for photo_id, path in files:
        if should_stop():
            break
        if members[path.parent] < 2:
            continue
        hits = library.search(Query((Example(photo_id=photo_id),)), len(files))
        rows.append(np.array([hit.path.parent == path.parent for hit in hits if hit.path != path]))
    return rows
