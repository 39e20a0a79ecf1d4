"""Nested clusters of the graph of neighbours."""

import numpy as np
import pytest
from numpy.typing import NDArray

from twinlens.curate.clusters import (
    NEIGHBOURS,
    THRESHOLDS,
    Graph,
    covers,
    cut,
    heirs,
    merge_tree,
    neighbour_graph,
    nested_clusters,
)

Ids = NDArray[np.int64]
Vectors = NDArray[np.float32]


def blobs(*sizes: int, spread: float = 0.25, seed: int = 0) -> tuple[Vectors, Ids]:
    """Return descriptors around one direction a blob, and the blob of each."""
    chance = np.random.default_rng(seed)
    of = np.repeat(np.arange(len(sizes)), sizes)
    centres = chance.standard_normal((len(sizes), 24))
    rows = centres[of] + spread * chance.standard_normal((len(of), 24))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), of


def graph_of(rows: Vectors, k: int = NEIGHBOURS) -> Graph:
    similar = rows @ rows.T
    np.fill_diagonal(similar, -np.inf)
    nearest = np.argsort(-similar, axis=1, kind="stable")[:, :k].astype(np.int64)
    return neighbour_graph(nearest, np.take_along_axis(similar, nearest, axis=1))


def partition(clusters: Ids) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(clusters == name).tolist()) for name in np.unique(clusters)}


def test_what_is_apart_comes_apart() -> None:
    rows, of = blobs(25, 30, 40, 20)
    level = nested_clusters(graph_of(rows))[:, 2]
    assert partition(level) == partition(of)


def test_finer_levels_lie_within_coarser_ones() -> None:
    rows, _ = blobs(*[12] * 12, spread=0.7)
    levels = nested_clusters(graph_of(rows))
    counts = [len(np.unique(levels[:, level])) for level in range(len(THRESHOLDS))]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]
    for level in range(len(THRESHOLDS) - 1):
        pairs = np.unique(levels[:, level : level + 2], axis=0)
        assert len(pairs) == counts[level]


def joined_one_by_one(graph: Graph) -> list[float]:
    """Return the strengths of joins when the strongest link of all is always taken next."""
    weights = np.zeros((graph.nodes, graph.nodes))
    weights[graph.rows, graph.columns] = graph.weights
    volume = weights.sum(axis=1)
    strengths: list[float] = []
    while True:
        links = weights / np.maximum(np.outer(volume, volume), 1e-12)
        a, b = np.unravel_index(np.argmax(links), links.shape)
        if links[a, b] <= 0:
            return strengths
        strengths.append(float(links[a, b]))
        weights[a] += weights[b]
        weights[:, a] += weights[:, b]
        weights[b] = weights[:, b] = weights[a, a] = 0
        volume[a] += volume[b]


@pytest.mark.parametrize("seed", range(5))
def test_joining_many_pairs_at_once_is_joining_one_after_the_other(seed: int) -> None:
    rows, _ = blobs(9, 14, 11, spread=0.8, seed=seed)
    graph = graph_of(rows, 6)
    tree = merge_tree(graph, 0.0)
    found = np.sort(tree.strengths)[::-1]
    np.testing.assert_allclose(found, sorted(joined_one_by_one(graph), reverse=True), rtol=1e-9)


def test_clusters_are_the_same_in_whatever_order_photos_come() -> None:
    rows, _ = blobs(20, 20, 20, spread=0.6)
    order = np.random.default_rng(3).permutation(len(rows))
    back = np.argsort(order)
    straight, mixed = nested_clusters(graph_of(rows)), nested_clusters(graph_of(rows[order]))
    for level in range(len(THRESHOLDS)):
        assert partition(straight[:, level]) == partition(mixed[back, level])


def test_copies_without_number_stay_together() -> None:
    rows, _ = blobs(30, 30)
    rows = np.concatenate([rows, np.repeat(rows[:1], 60, axis=0)])
    copies = nested_clusters(graph_of(rows))[60:, 2]
    # Each knows a few of the others only; but none is left alone.
    assert np.unique(copies, return_counts=True)[1].min() > NEIGHBOURS


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_photos_are_no_trouble(count: int) -> None:
    near = np.zeros((count, NEIGHBOURS), dtype=np.int64)
    similar = np.full((count, NEIGHBOURS), -np.inf, dtype=np.float32)
    for row in range(count):
        others = [other for other in range(count) if other != row]
        near[row, : len(others)] = others
        similar[row, : len(others)] = 0.5
    graph = neighbour_graph(near, similar)
    assert nested_clusters(graph).shape == (count, len(THRESHOLDS))
    assert len(covers(graph, np.arange(count))) == count


def test_the_cover_is_in_the_middle_of_its_cluster() -> None:
    centre = np.zeros(8, dtype=np.float32)
    centre[0] = 1
    rows = np.stack([centre, *(centre + 0.6 * np.eye(8, dtype=np.float32)[1:])])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    graph = graph_of(rows, 4)
    assert covers(graph, np.zeros(len(rows), dtype=np.int64)).tolist() == [0]


def test_a_cluster_that_mostly_persists_has_an_heir() -> None:
    before = np.array([7, 7, 7, 7, 9, 9, 9, 9, -1, -1])
    after = np.array([0, 0, 0, 1, 1, 1, 2, 2, 0, 0])
    old, new = heirs(before, after)
    assert (old.tolist(), new.tolist()) == ([7], [0])


def test_nothing_has_no_heir() -> None:
    old, new = heirs(np.full(3, -1), np.zeros(3, dtype=np.int64))
    assert len(old) == len(new) == 0


def test_cutting_lower_joins_more() -> None:
    rows, _ = blobs(10, 10, 10, spread=0.7)
    tree = merge_tree(graph_of(rows), 0.0)
    counts = [len(np.unique(cut(tree, threshold))) for threshold in (1.0, 0.01, 0.001, 0.0)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]
