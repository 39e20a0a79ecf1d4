"""Quality of the ranking on labelled photos. Runs on the caller's thread."""

import csv
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from twinlens.errors import UsageError
from twinlens.inference.model_spec import DEFAULT_MODEL, find_model
from twinlens.library import Library
from twinlens.records import Example, Query

Flags = npt.NDArray[np.bool_]
ShouldStop = Callable[[], bool]

#: The ways of ranking that are measured, as the query asks for them.
METHODS: dict[str, Callable[[Example], Query]] = {
    "plain": lambda example: Query((example,), rerank=False),
    "re-ranked": lambda example: Query((example,)),
}
#: The way that takes a closer look at every photo first; only measured when asked for.
VERIFIED = "verified"
COLUMNS = ("query", "relevant")
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Means over the queries, each in 0..1, of one model and one method of ranking.

    `map` is mean average precision, between `map_low` and `map_high` with 95 % confidence as far
    as the choice of queries goes; `p10` precision at 10, `r1` the share of queries whose first hit
    is relevant, `recall_at_10` how much of the exact top 10 the search finds; `seconds` is what
    answering the queries took, each with a ranking of the whole library.
    """

    model: str
    method: str
    queries: int
    map: float
    map_low: float
    map_high: float
    p10: float
    r1: float
    recall_at_10: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Task:
    """A query and the files that it should find. `itself` is the file that asks."""

    example: Example
    itself: Path
    relevant: frozenset[Path]


def check_model(name: str | None) -> str:
    """Return the name of a model that can be measured; None is the usual one.

    Raises:
        ModelError: there is no such model, or it cannot be used.
    """
    return find_model(name or DEFAULT_MODEL).name


def evaluate(
    place: Path,
    model: str | None = None,
    *,
    verify: bool = False,
    should_stop: ShouldStop = lambda: False,
) -> list[Evaluation] | None:
    """Index labelled photos into a temporary library and ask with them, a query never for itself.

    Args:
        place: a folder, whose photos belong together where they lie in the same folder; or a CSV
            file with the columns query and relevant, paths relative to it. The photos of the
            folder that it lies in are ranked. Every photo that has company is asked with, or
            every query of the file; the whole library is ranked each time.
        model: None is the usual one.
        verify: also measure the re-ranked order with copies and shots of the same things verified.

    Returns:
        One evaluation a method, in the order of `METHODS`, then `VERIFIED`; None when stopped.

    Raises:
        UsageError: there is nothing to measure, or the CSV file makes no sense.
    """
    pairs = None if place.is_dir() else read_pairs(place)
    with (
        tempfile.TemporaryDirectory(prefix="twinlens-evaluate-") as library_folder,
        Library(Path(library_folder), writer=True) as library,
    ):
        if model is not None:
            library.use_model(model)
        library.add_folder(place if pairs is None else place.parent)
        library.index_folders(should_stop=should_stop, closer=verify)
        if should_stop():
            return None
        tasks = _tasks_of_classes(library, place) if pairs is None else _tasks_of(library, pairs)
        name = next(item.name for item in library.models() if item.in_use)
        recall = library.recall(samples=100)
        methods = METHODS | ({VERIFIED: _verified} if verify else {})
        found = []
        for method, query_for in methods.items():
            started = time.monotonic()
            rows = list(_relevance(library, tasks, query_for, should_stop))
            if should_stop():
                return None
            seconds = time.monotonic() - started
            found.append(_means(rows, name, method, recall, seconds))
    return found


def _means(
    rows: list[Flags], model: str, method: str, recall: float | None, seconds: float
) -> Evaluation:
    """Return what the rankings of all queries, flags of relevance, come to."""
    precisions = np.array([average_precision(row) for row in rows])
    low, high = bootstrap(precisions)
    return Evaluation(
        model=model,
        method=method,
        queries=len(rows),
        map=float(precisions.mean()),
        map_low=low,
        map_high=high,
        p10=float(np.mean([row[:10].sum() / 10 for row in rows])),
        r1=float(np.mean([row[0] for row in rows])),
        recall_at_10=float("nan") if recall is None else recall,
        seconds=seconds,
    )


def average_precision(relevant: Flags) -> float:
    """Return the mean of the precision at the rank of each relevant hit.

    Args:
        relevant: shape (n,), best rank first, over the whole ranking; at least one is true.

    The non-interpolated form of TREC (Buckley and Voorhees, 2000).
    """
    ranks = np.flatnonzero(relevant) + 1
    return float(np.mean(np.arange(1, len(ranks) + 1) / ranks))


def bootstrap(values: npt.NDArray[np.float64], seed: int = 0) -> tuple[float, float]:
    """Return the 95 % percentile interval of the mean of (n,) values (Efron 1979).

    The same values always give the same interval.
    """
    generator = np.random.default_rng(seed)
    count = len(values)
    means = [values[generator.integers(count, size=count)].mean() for _ in range(RESAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def read_pairs(path: Path) -> dict[Path, set[Path]]:
    """Return the relevant files of each query of a CSV file, as absolute paths.

    Raises:
        UsageError: it cannot be read, lacks a column, or names a file that does not exist.
    """
    hint = "Give a folder of class folders, or a CSV file with the columns query,relevant."
    if not path.is_file():
        raise UsageError(f"There is no folder or file {path}; nothing was measured.", hint)
    pairs: defaultdict[Path, set[Path]] = defaultdict(set)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                names = [row.get(column) for column in COLUMNS]
                if not all(names):
                    raise UsageError(
                        f"{path} does not name a query and a relevant photo in each line; "
                        "nothing was measured.",
                        hint,
                    )
                query, relevant = (_absolute(path.parent / str(name)) for name in names)
                pairs[query].add(relevant)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read as CSV ({error}).", hint) from error
    missing = [file for file in (*pairs, *set().union(*pairs.values())) if not file.is_file()]
    if missing:
        raise UsageError(
            f"{path} names {missing[0]}, which does not exist; nothing was measured.",
            "Paths are relative to the CSV file.",
        )
    return pairs


def _verified(example: Example) -> Query:
    return Query((example,), verify=True)


def _absolute(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _files(library: Library) -> dict[Path, int]:
    return {path: number for number in library.photo_ids() for path in library.paths(number)}


def _tasks_of_classes(library: Library, folder: Path) -> list[Task]:
    """Return a task for each photo that is not alone in its folder."""
    files = _files(library)
    classes: defaultdict[Path, set[Path]] = defaultdict(set)
    for path in files:
        classes[path.parent].add(path)
    tasks = [
        Task(Example(photo_id=number), path, frozenset(classes[path.parent] - {path}))
        for path, number in files.items()
        if len(classes[path.parent]) > 1
    ]
    if not tasks:
        raise UsageError(
            f"No folder below {folder} holds two photos that could be read, so there is nothing "
            "to measure.",
            "Give every class a folder of its own.",
        )
    return tasks


def _tasks_of(library: Library, pairs: dict[Path, set[Path]]) -> list[Task]:
    """Return a task for each query of a CSV file; it may lie outside of the library."""
    files = _files(library)
    tasks = []
    for query, relevant in pairs.items():
        for path in relevant - {query}:
            if path not in files:
                raise UsageError(
                    f"{path} is no photo that could be read below the folder of the CSV file, so "
                    "it cannot be found; nothing was measured.",
                )
        example = Example(photo_id=files[query]) if query in files else Example(path=query)
        if relevant - {query}:
            tasks.append(Task(example, query, frozenset(relevant - {query})))
    if not tasks:
        raise UsageError(
            "The CSV file holds no pair of two photos, so there is nothing to measure."
        )
    return tasks


def _relevance(
    library: Library,
    tasks: list[Task],
    query_for: Callable[[Example], Query],
    should_stop: ShouldStop,
) -> Iterator[Flags]:
    """Yield one row of flags a query: is the hit at this rank relevant?"""
    count = sum(len(library.paths(number)) for number in library.photo_ids())
    for task in tasks:
        if should_stop():
            return
        hits = library.search(query_for(task.example), count)
        yield np.array([hit.path in task.relevant for hit in hits if hit.path != task.itself])
