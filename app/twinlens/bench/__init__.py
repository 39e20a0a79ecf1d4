"""Measures this machine against the budgets. Runs on the caller's thread.

What each figure means, and how it is obtained, stands in tests/benchmarks/benchmarks.md.
"""

from collections.abc import Callable, Iterator

from twinlens.bench.figures import Figure
from twinlens.bench.graph import measure_graph

__all__ = ["BENCHMARKS", "Figure", "run_benchmark"]

#: By name; each takes the number of photos.
BENCHMARKS: dict[str, Callable[[int], Iterator[Figure]]] = {
    "graph": measure_graph,
}


def run_benchmark(name: str, size: int) -> Iterator[Figure]:
    """Yield the figures of one benchmark as they are taken, for a library of `size` photos."""
    return BENCHMARKS[name](size)
