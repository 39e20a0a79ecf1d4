"""Nested clusters of photos from the graph of their nearest neighbours. Pure; any thread."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

#: Neighbours of a photo that the graph knows.
NEIGHBOURS = 16
#: A nearest neighbour that stands out from the farthest one by less than this share of the way to
#: the same picture has less than full weight.
LEAST_REACH = 0.3
#: Photos this near to each other are copies.
COPIES = 1e-4
#: From this cosine on one photo tells nothing of a gallery that another has not told.
SAME = 0.95
#: Two clusters are one at a level while they are linked at least so strongly, finest level first.
THRESHOLDS = (0.025, 0.005, 0.001, 0.0002, 0.00004)
#: Fewer photos than this make no gallery.
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Graph:
    """A weighted undirected graph; each edge stands in it twice, sorted by row, then column.

    `rows` and `columns` are (edges,) nodes, `weights` (edges,) above 0; `nodes` is their number.
    """

    nodes: int
    rows: Ids
    columns: Ids
    weights: Floats


@dataclass(frozen=True, slots=True)
class Tree:
    """Which clusters become one: (merges,) `gone` joins `into`, at a strength of link.

    A cluster is called by one of its nodes.
    """

    nodes: int
    into: Ids
    gone: Ids
    strengths: Floats


def neighbour_weights(similar: Vectors) -> Floats:
    """Return how strongly (n, k) neighbours count, 0 to 1, from their similarities, descending.

    The farthest one is at the level of what is no neighbour; the weight falls from 1 for the
    nearest one to 0 there. Where none stands out none has full weight, and copies, of which there
    may be more than k, all have it. -inf stands where there is no neighbour.
    """
    known = np.isfinite(similar)
    values = np.where(known, similar, 0).astype(np.float64)
    farthest = np.maximum(known.sum(axis=1, keepdims=True) - 1, 0)
    level = np.clip(np.take_along_axis(values, farthest, axis=1), 0, 1)
    reach = np.maximum(values[:, :1] - level, LEAST_REACH * (1 - level))
    weights = np.clip((values - level) / np.maximum(reach, COPIES), 0, 1) ** 2
    weights[values > 1 - COPIES] = 1
    return np.where(known, weights, 0.0)


def neighbour_graph(
    nearest: Ids, similar: Vectors, weigh: Callable[[Vectors], Floats] = neighbour_weights
) -> Graph:
    """Return the graph of neighbours.

    Args:
        nearest: (n, k) nodes, descending by similarity, none its own neighbour.
        similar: (n, k) similarities, -inf where there is no neighbour.
        weigh: returns (n, k) weights from them.
    """
    count, width = nearest.shape
    weights = weigh(similar).ravel()
    rows = np.repeat(np.arange(count, dtype=np.int64), width)
    columns = nearest.ravel()
    used = weights > 0
    rows, columns, weights = rows[used], columns[used], weights[used] / 2
    return _summed(
        count,
        np.concatenate([rows, columns]),
        np.concatenate([columns, rows]),
        np.concatenate([weights, weights]),
    )


def merge_tree(graph: Graph, least: float) -> Tree:
    """Return how the nodes of a graph join, the most strongly linked ones first.

    Agglomerative clustering with the linkage of Paris (Bonald et al. 2018): the weight between two
    clusters over the product of their volumes, where the volume of a cluster is the weight of all
    its edges. In each round every pair of clusters joins that are each other's strongest link (as
    in Sumengen et al. 2021). Since no cluster is linked more strongly to a union than to one of its
    parts, the outcome is that of joining one pair after the other.

    Args:
        graph: the graph.
        least: links weaker than this join nothing.
    """
    rows, columns, weights = graph.rows, graph.columns, graph.weights
    volume = np.bincount(rows, weights, graph.nodes)
    into: list[Ids] = []
    gone: list[Ids] = []
    strengths: list[Floats] = []
    name = np.arange(graph.nodes, dtype=np.int64)
    while len(rows):
        heads, best, strength = _strongest(
            rows, columns, weights / (volume[rows] * volume[columns])
        )
        partner = np.full(graph.nodes, -1, dtype=np.int64)
        partner[heads] = best
        joins = (heads < best) & (partner[best] == heads) & (strength >= least)
        if not joins.any():
            break
        kept, lost = heads[joins], best[joins]
        into.append(kept)
        gone.append(lost)
        strengths.append(strength[joins])
        volume[kept] += volume[lost]
        name[lost] = kept
        summed = _summed(graph.nodes, name[rows], name[columns], weights)
        rows, columns, weights = summed.rows, summed.columns, summed.weights
        name[lost] = lost
    nothing = np.empty(0, dtype=np.int64)
    return Tree(
        graph.nodes,
        np.concatenate([nothing, *into]),
        np.concatenate([nothing, *gone]),
        np.concatenate([np.empty(0), *strengths]),
    )


def cut(tree: Tree, threshold: float) -> Ids:
    """Return the cluster of each node, (nodes,), where weaker links than the threshold are cut."""
    name = np.arange(tree.nodes, dtype=np.int64)
    joined = tree.strengths >= threshold
    name[tree.gone[joined]] = tree.into[joined]
    while True:
        farther = name[name]
        if np.array_equal(farther, name):
            return name
        name = farther


def nested_clusters(graph: Graph, thresholds: tuple[float, ...] = THRESHOLDS) -> Ids:
    """Return the cluster of each node at each level, (nodes, levels), finest first.

    A finer cluster lies in one cluster of each coarser level. A cluster is called by one of its
    nodes.

    Args:
        graph: the graph.
        thresholds: one a level, descending.
    """
    tree = merge_tree(graph, thresholds[-1])
    return np.stack([cut(tree, threshold) for threshold in thresholds], axis=1)


def covers(graph: Graph, clusters: Ids) -> Ids:
    """Return the photo that stands for each cluster, sorted by the number of the cluster.

    It is the one that its cluster's photos are linked to most strongly, the first one of several.
    """
    inside = clusters[graph.rows] == clusters[graph.columns]
    pull = np.bincount(graph.rows[inside], graph.weights[inside], graph.nodes)
    order = np.lexsort((-pull, clusters))
    _, first = np.unique(clusters[order], return_index=True)
    found: Ids = order[first]
    return found


def typical(rows: Vectors, most: int) -> Ids:
    """Return which of (n, dim) unit vectors stand for all, the one nearest to their mean first.

    Those that follow are as near as can be to the mean without being `SAME` as one before, where
    there are such.
    """
    order = np.argsort(-(rows @ rows.mean(axis=0)), kind="stable").astype(np.int64)
    chosen: list[int] = []
    for row in order.tolist():
        if not chosen or float((rows[chosen] @ rows[row]).max()) < SAME:
            chosen.append(row)
        if len(chosen) == most:
            break
    return np.array(chosen, dtype=np.int64)


def heirs(before: Ids, after: Ids) -> tuple[Ids, Ids]:
    """Return which clusters mostly persist, as (names before, numbers after).

    More than half of the photos of one are in the other and the other way round, counting only
    photos that are in both clusterings, so that newcomers part nobody.

    Args:
        before: (n,) cluster of each photo then, -1 for a newcomer.
        after: (n,) cluster of each photo now.
    """
    both = before >= 0
    then, of_then, sizes_then = np.unique(before[both], return_inverse=True, return_counts=True)
    now, of_now, sizes_now = np.unique(after[both], return_inverse=True, return_counts=True)
    pairs, shared = np.unique(of_then * len(now) + of_now, return_counts=True)
    old, new = pairs // max(len(now), 1), pairs % max(len(now), 1)
    mostly = (2 * shared > sizes_then[old]) & (2 * shared > sizes_now[new])
    return then[old[mostly]], now[new[mostly]]


def _strongest(rows: Ids, columns: Ids, links: Floats) -> tuple[Ids, Ids, Floats]:
    """Return the rows that have edges, the column of each one's strongest, and its strength.

    Of equal ones the first counts, so that among those who are tied two always choose each other.
    """
    starts = np.flatnonzero(np.append(True, rows[1:] != rows[:-1]))
    strength = np.maximum.reduceat(links, starts)
    sizes = np.diff(np.append(starts, len(rows)))
    places = np.flatnonzero(links == np.repeat(strength, sizes))
    heads, first = np.unique(rows[places], return_index=True)
    return heads, columns[places[first]], strength


def _summed(nodes: int, rows: Ids, columns: Ids, weights: Floats) -> Graph:
    """Return the graph of these edges without loops, parallel ones added up."""
    between = rows != columns
    keys = rows[between] * nodes + columns[between]
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    starts = np.flatnonzero(np.append(len(keys) > 0, keys[1:] != keys[:-1]))
    sums = np.add.reduceat(weights[between][order], starts) if len(keys) else np.empty(0)
    return Graph(nodes, keys[starts] // nodes, keys[starts] % nodes, sums)
