"""The graph against the exact scan on compact vectors, as ratios of one run."""

import numpy as np
import pytest

from tests.journeys.commands import twinlens
from twinlens.bench.graph import DIM, LEAST_RECALL, ask_all
from twinlens.bench.synthetic import descriptors, make_scene
from twinlens.index.compact import CompactIndex

pytestmark = pytest.mark.slow

SIZE = 20_000
#: In proportion the budget allows a third at this size. Its matrix lies in the processor's cache,
#: where a scan is faster than in proportion, so twice that is asked for here.
MOST_TIME = 2 / 3


def test_graph_keeps_recall_at_a_fraction_of_the_time_also_after_churn() -> None:
    # In a process of its own, where no test has set up several threads of linear algebra: these
    # stand still while one of them waits for a busy core.
    ran = twinlens("bench", "graph", "--size", str(SIZE))
    figures = {line["name"]: line["value"] for line in ran.lines}
    for name in ("graph", "graph.after_churn"):
        assert figures[f"{name}.recall_at_10"] >= LEAST_RECALL
        assert figures[f"{name}.time_ratio"] <= MOST_TIME


def test_exact_scan_of_the_tail_costs_about_one_matrix_product() -> None:
    scene = make_scene(SIZE, DIM)
    vectors = descriptors(scene, SIZE, seed=1)
    queries = descriptors(scene, 50, seed=2)
    index = CompactIndex(DIM, graph_from=10 * SIZE)
    index.add(np.arange(SIZE, dtype=np.int64), vectors)
    _, scans = ask_all(lambda query: np.argmax(vectors @ query, keepdims=True), queries)
    _, searches = ask_all(lambda query: index.search(query, 10)[0], queries)
    # Choosing the best ten and the bookkeeping may cost as much again, and a little more.
    # The fastest of them: what else a machine has to do only adds to the others.
    assert min(searches) <= 4 * min(scans) + 0.0005
