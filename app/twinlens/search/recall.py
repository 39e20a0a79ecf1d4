"""The recall meter: how much of an exact answer a search finds. Pure but for what it is given."""

from collections.abc import Callable, Iterable

import numpy as np

from twinlens.index.exact import Ids, Vectors, best_of

#: Scores closer than this are a tie, and either photo is right.
TIE = 1e-5


def measure_recall(
    search: Callable[[Vectors], tuple[Ids, Vectors]],
    stream: Callable[[Ids], Iterable[tuple[Ids, Vectors]]],
    ids: Ids,
    *,
    k: int,
    samples: int,
    seed: int,
) -> float | None:
    """Return the share of the true `k` neighbours found, averaged over sampled photos.

    A photo is not counted as its own neighbour, unless it is alone.

    Args:
        search: gives ranked ids with scores for a (dim,) descriptor.
        stream: yields ids with (n, dim) descriptors.
        ids: (n,) the photos of the library.
        k: neighbours.
        samples: photos to ask with, at most.
        seed: chooses them.
    """
    chosen = np.sort(np.random.default_rng(seed).permutation(ids)[:samples])
    parts = [part for part in stream(chosen) if len(part[0])]
    if not parts:
        return None
    chosen = np.concatenate([part for part, _ in parts])
    queries = np.concatenate([rows for _, rows in parts])
    truth = _exact(queries, stream(ids), k + 1)
    found = []
    for own, query, (true_ids, true_scores) in zip(chosen.tolist(), queries, truth, strict=True):
        true = _others(own, true_ids, true_scores, k)
        answer = _others(own, *search(query), k)
        wanted = len(true)
        found.append(min(1.0, np.count_nonzero(answer >= true[-1] - TIE) / wanted))
    return float(np.mean(found))


def _exact(
    queries: Vectors, stream: Iterable[tuple[Ids, Vectors]], k: int
) -> list[tuple[Ids, Vectors]]:
    best = [(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)) for _ in queries]
    for ids, rows in stream:
        if len(ids) == 0:
            continue
        for number, scores in enumerate(np.clip(queries @ rows.T, -1.0, 1.0)):
            known_ids, known = best[number]
            best[number] = best_of(
                np.concatenate([known_ids, ids]), np.concatenate([known, scores]), k
            )
    return best


def _others(own: int, ids: Ids, scores: Vectors, k: int) -> Vectors:
    others: Vectors = scores[ids != own][:k]
    return others if len(others) else scores[:k]
