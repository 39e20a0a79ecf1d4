"""The nearest neighbours of many photos, as the index finds them. Pure; any thread."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from twinlens.curate.clusters import NEIGHBOURS

Ids = NDArray[np.int64]
Scores = NDArray[np.float32]
#: Yields ids, the nearest of each and their cosines, some hundred at a time.
Nearest = Callable[[Ids, int], Iterator[tuple[Ids, Ids, Scores]]]


def neighbours_of_all(ids: Ids, nearest: Nearest) -> tuple[Ids, Scores]:
    """Return (n, NEIGHBOURS) neighbours as places among ascending ids, and their cosines.

    Descending, no photo its own neighbour; -inf stands where there is none.
    """
    near = np.zeros((len(ids), NEIGHBOURS), dtype=np.int64)
    similar = np.full((len(ids), NEIGHBOURS), -np.inf, dtype=np.float32)
    for part, found, scores in nearest(ids, NEIGHBOURS + 1):
        rows = np.searchsorted(ids, part)
        others, likeness = without_self(part, found, scores)
        # The index may know a photo that came a moment ago.
        places, there = places_of(ids, others)
        near[rows, : others.shape[1]] = places
        similar[rows, : others.shape[1]] = np.where(there, likeness, -np.inf)
    return near, similar


def without_self(part: Ids, found: Ids, scores: Scores) -> tuple[Ids, Scores]:
    """Drop each photo, or where it is not among its nearest the last one, from the rows."""
    own = found == part[:, np.newaxis]
    own[~own.any(axis=1), -1] = True
    shape = (len(part), found.shape[1] - 1)
    return found[~own].reshape(shape), scores[~own].reshape(shape)


def places_of(ids: Ids, wanted: Ids) -> tuple[Ids, NDArray[np.bool_]]:
    """Return where ids stand among ascending ones, and which of them do."""
    if not len(ids):
        return np.zeros_like(wanted), np.zeros(wanted.shape, dtype=bool)
    places = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return places, ids[places] == wanted
