"""Measures galleries against folders of photos that belong together, beside k-means.

python -m tests.benchmarks.galleries FOLDER…
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twinlens.curate.clusters import (
    NEIGHBOURS,
    THRESHOLDS,
    Graph,
    cut,
    heirs,
    merge_tree,
    neighbour_graph,
    nested_clusters,
)
from twinlens.index.exact import Vectors
from twinlens.library import Library

Ids = NDArray[np.int64]
#: Starts of k-means, of which the tightest counts; draws of a share of photos that come later.
STARTS, DRAWS, LATER = 10, 10, 0.1


def table(a: Ids, b: Ids) -> NDArray[np.float64]:
    """Return how many photos are in each cluster of one and each of the other clustering."""
    rows, of_row = np.unique(a, return_inverse=True)
    columns, of_column = np.unique(b, return_inverse=True)
    counts = np.bincount(of_row * len(columns) + of_column, minlength=len(rows) * len(columns))
    return counts.reshape(len(rows), len(columns)).astype(np.float64)


def adjusted_rand(a: Ids, b: Ids) -> float:
    """Return the share of pairs that two clusterings agree about, 0 by chance, 1 at most.

    The adjusted Rand index (Hubert and Arabie 1985).
    """
    counts = table(a, b)
    both, one, other = (
        (n * (n - 1) / 2).sum() for n in (counts, counts.sum(axis=1), counts.sum(axis=0))
    )
    expected = one * other / (len(a) * (len(a) - 1) / 2)
    return float((both - expected) / ((one + other) / 2 - expected))


def mutual_information(a: Ids, b: Ids) -> float:
    """Return what one clustering tells of the other, over the mean of both entropies, 0 to 1."""
    shares = table(a, b) / len(a)
    joint, one, other = (
        -(n[n > 0] * np.log(n[n > 0])).sum()
        for n in (shares, shares.sum(axis=1), shares.sum(axis=0))
    )
    return float(2 * (one + other - joint) / (one + other))


def k_means(rows: Vectors, k: int) -> Ids:
    """Return the tightest of some clusterings by k-means++ (Arthur and Vassilvitskii 2007)."""
    best, tightest = np.zeros(len(rows), dtype=np.int64), np.inf
    for seed in range(STARTS):
        chance = np.random.default_rng(seed)
        means = rows[chance.integers(len(rows), size=1)]
        while len(means) < k:
            far = ((rows[:, np.newaxis] - means) ** 2).sum(axis=2).min(axis=1)
            means = np.concatenate([means, rows[chance.choice(len(rows), 1, p=far / far.sum())]])
        for _ in range(100):
            far = (means**2).sum(axis=1) - 2 * rows @ means.T
            own = far.argmin(axis=1)
            sums = np.zeros_like(means)
            np.add.at(sums, own, rows)
            counts = np.bincount(own, minlength=k)[:, np.newaxis]
            moved = np.where(counts > 0, sums / np.maximum(counts, 1), means)
            if np.allclose(moved, means):
                break
            means = moved
        if far.min(axis=1).sum() < tightest:
            best, tightest = own, far.min(axis=1).sum()
    return best


def graph_of(rows: Vectors) -> Graph:
    """Return the graph of exact nearest neighbours."""
    similar = rows @ rows.T
    np.fill_diagonal(similar, -np.inf)
    nearest = np.argsort(-similar, axis=1, kind="stable")[:, :NEIGHBOURS].astype(np.int64)
    return neighbour_graph(nearest, np.take_along_axis(similar, nearest, axis=1))


def into(graph: Graph, count: int) -> Ids:
    """Return so many clusters, or as few as the graph has."""
    tree = merge_tree(graph, 0.0)
    strengths = np.append(np.sort(tree.strengths)[::-1], 0.0)
    return cut(tree, float(strengths[min(graph.nodes - count, len(strengths)) - 1]))


def persistence(rows: Vectors, level: int) -> float:
    """Return the share of photos whose gallery keeps its name when a tenth comes later."""
    whole = nested_clusters(graph_of(rows))[:, level]
    shares = []
    for seed in range(DRAWS):
        there = np.sort(
            np.random.default_rng(seed).permutation(len(rows))[int(LATER * len(rows)) :]
        )
        before = np.full(len(rows), -1, dtype=np.int64)
        before[there] = nested_clusters(graph_of(rows[there]))[:, level]
        names = dict(zip(*(found.tolist() for found in heirs(before, whole)), strict=True))
        kept = [names.get(int(before[row])) == whole[row] for row in there.tolist()]
        shares.append(float(np.mean(kept)))
    return float(np.mean(shares))


def described(folder: Path) -> tuple[Vectors, Ids]:
    """Return the compact descriptors of the photos of a folder, and the folder of each."""
    with (
        tempfile.TemporaryDirectory(prefix="twinlens-galleries-") as place,
        Library(Path(place), writer=True) as library,
    ):
        library.add_folder(folder)
        library.index_folders()
        ids = np.array(library.photo_ids(), dtype=np.int64)
        folders = [str(library.paths(number)[0].parent) for number in ids.tolist()]
        rows = library._works.engines.current().index.vectors(ids)
        return rows, np.unique(folders, return_inverse=True)[1]


def main(folders: list[Path]) -> None:
    """Print a line for each clustering of each folder: number of clusters, ARI and NMI."""
    for folder in folders:
        rows, classes = described(folder)
        count = int(classes.max()) + 1
        graph = graph_of(rows)
        levels = nested_clusters(graph)
        clusterings = {"k-means": k_means(rows, count), "galleries": into(graph, count)}
        clusterings |= {f"level {n}": levels[:, n] for n in range(len(THRESHOLDS))}
        for name, found in clusterings.items():
            line = f"{folder.name:12} {name:10} {len(np.unique(found)):5}"
            line += (
                f" {adjusted_rand(found, classes):6.3f} {mutual_information(found, classes):6.3f}"
            )
            if name.startswith("level"):
                line += f" {persistence(rows, int(name[-1])):6.3f}"
            print(line)  # noqa: T201


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
