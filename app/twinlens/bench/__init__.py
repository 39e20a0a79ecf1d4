"""Measures this machine against the budgets. Runs on the caller's thread.

What each figure means, and how it is obtained, stands in tests/benchmarks/benchmarks.md. The
window is measured by tests/benchmarks/window.py, since it stands above this package.
"""

from collections.abc import Callable, Iterator

from twinlens.bench.figures import Figure
from twinlens.bench.graph import measure_graph
from twinlens.bench.growth import measure_growth, measure_watching
from twinlens.bench.indexing import measure_indexing, measure_rescan
from twinlens.bench.memory import measure_memory
from twinlens.bench.recall import measure_recall
from twinlens.bench.searching import measure_searching, measure_start

__all__ = ["BENCHMARKS", "Figure", "run_benchmark"]

#: By name; each takes the number of photos.
BENCHMARKS: dict[str, Callable[[int], Iterator[Figure]]] = {
    "indexing": measure_indexing,
    "rescan": measure_rescan,
    "growth": measure_growth,
    "watching": measure_watching,
    "memory": measure_memory,
    "searching": measure_searching,
    "start": measure_start,
    "recall": measure_recall,
    "graph": measure_graph,
}


def run_benchmark(name: str, size: int) -> Iterator[Figure]:
    """Yield the figures of one benchmark as they are taken, for a library of `size` photos."""
    return BENCHMARKS[name](size)
