"""The HNSW graph against the exact scan, on compact vectors. Runs on the caller's thread."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from twinlens.bench.figures import Figure, median, seconds_of
from twinlens.bench.synthetic import descriptors, make_scene
from twinlens.index.compact import CompactIndex
from twinlens.index.exact import Ids, Vectors, top_k

DIM = 256
K = 10
QUERIES = 100
#: Photos exchanged for others before the second measurement.
CHURN = 0.2
#: Queries asked in a row, first of the graph and then of the scan: both feel the same machine.
BLOCK = 10
ROUNDS = 3
LEAST_RECALL = 0.98


@dataclass(frozen=True, slots=True)
class Comparison:
    """The graph beside the exact scan over the same vectors."""

    recall: float
    graph_seconds: float
    exact_seconds: float

    @property
    def time_ratio(self) -> float:
        """The time of the graph as a share of that of the scan."""
        return self.graph_seconds / self.exact_seconds


def measure_graph(size: int) -> Iterator[Figure]:
    """Build a graph of `size` photos, query it, exchange a fifth of them, query it again."""
    exchanged = int(CHURN * size)
    scene = make_scene(size, DIM)
    vectors = descriptors(scene, size + exchanged, seed=1)
    queries = descriptors(scene, QUERIES, seed=2)
    ids = np.arange(len(vectors), dtype=np.int64)
    index = CompactIndex(DIM, threads=os.cpu_count() or 1)
    built = seconds_of(lambda: grow(index, ids[:size], vectors[:size]))
    yield Figure("graph.insertion_ms", 1000 * built / size, "ms a photo")
    yield from _figures("graph", size, compare(index, ids[:size], vectors[:size], queries))
    index.remove(ids[:exchanged])
    grow(index, ids[size:], vectors[size:])
    after = compare(index, ids[exchanged:], vectors[exchanged:], queries)
    yield from _figures("graph.after_churn", size, after)


def largest_time_ratio(size: int) -> float:
    """Return the budget: 1/15 at 100,000 photos, in proportion below, 1/80 from a million up."""
    if size >= 1_000_000:
        return 1 / 80
    return 1 / 15 / min(1.0, size / 100_000)


def grow(index: CompactIndex, ids: Ids, vectors: Vectors) -> None:
    """Add vectors and move them to the graph, in pieces, so that the tail stays small."""
    piece = max(index.graph_from, 4096)
    for start in range(0, len(ids), piece):
        index.add(ids[start : start + piece], vectors[start : start + piece])
        while index.consolidate(piece):
            pass


def compare(index: CompactIndex, ids: Ids, vectors: Vectors, queries: Vectors) -> Comparison:
    """Ask both for the nearest ten, in turns.

    Args:
        index: holds exactly these photos in its graph.
        ids: (n,) their ids.
        vectors: (n, dim).
        queries: (m, dim).
    """
    shares: list[float] = []
    graph_seconds: list[float] = []
    exact_seconds: list[float] = []
    for start in range(0, len(queries), BLOCK):
        block = queries[start : start + BLOCK]
        found, seconds = ask_all(lambda query: index.search(query, K)[0], block)
        graph_seconds += seconds
        true, seconds = ask_all(lambda query: ids[top_k(query, vectors, K)[0]], block)
        exact_seconds += seconds
        shares += [np.isin(a, b).sum() / len(b) for a, b in zip(found, true, strict=True)]
    return Comparison(float(np.mean(shares)), median(graph_seconds), median(exact_seconds))


def ask_all(ask: Callable[[Vectors], Ids], queries: Vectors) -> tuple[list[Ids], list[float]]:
    """Return the answers and the least time each took: only others can make it longer."""
    answers: list[Ids] = []
    seconds = np.full((ROUNDS, len(queries)), np.inf)
    for turn in range(ROUNDS):
        answers.clear()
        for number, query in enumerate(queries):
            started = time.perf_counter()
            answers.append(ask(query))
            seconds[turn, number] = time.perf_counter() - started
    return answers, seconds.min(axis=0).tolist()


def _figures(name: str, size: int, measured: Comparison) -> Iterator[Figure]:
    yield Figure(f"{name}.recall_at_10", measured.recall, "share", LEAST_RECALL)
    yield Figure(f"{name}.time_ratio", measured.time_ratio, "x exact", largest_time_ratio(size))
    yield Figure(f"{name}.search_ms", 1000 * measured.graph_seconds, "ms")
    yield Figure(f"{name}.exact_ms", 1000 * measured.exact_seconds, "ms")
