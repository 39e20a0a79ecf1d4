"""The nearest neighbours of photos: asked of the index once, and kept. Any thread.

A row a photo lies in the cache of features, so that galleries, the map and duplicates ask for what
is new, in whichever run they do.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twinlens.curate.clusters import NEIGHBOURS
from twinlens.store.features import FeatureStore

Ids = NDArray[np.int64]
Scores = NDArray[np.float32]
#: Yields ids, the nearest of each and their cosines, some hundred at a time.
Nearest = Callable[[Ids, int], Iterator[tuple[Ids, Ids, Scores]]]
Told = Callable[[float], None]

#: So many photos around a newcomer are told of it, in case it is nearer than whom they knew.
AROUND = 64
#: Rows that are kept together, and rows that are read and given at once.
_TOGETHER, _GIVEN = 4096, 512
#: Of more than one photo in so many all rows are read.
_MANY = 8
_ROW = np.dtype([("near", "<i8", (NEIGHBOURS,)), ("similar", "<f4", (NEIGHBOURS,))])
_NOBODY = -1
#: Seconds between two looks whether somebody who waits wants to stop.
_PATIENCE = 0.1


def neighbours_kind(model_id: str) -> str:
    """Return what neighbours found with a model are called where they are kept."""
    return f"nearest/1/{model_id}"


class _Rows(NamedTuple):
    """(n,) photos, ascending, the (n, k) nearest of each, and their cosines, descending."""

    ids: Ids
    near: Ids
    similar: Scores

    def only(self, chosen: NDArray[np.bool_]) -> "_Rows":
        return _Rows(self.ids[chosen], self.near[chosen], self.similar[chosen])


class KeptNeighbours:
    """Knows the nearest neighbours of the photos in an index, at 192 bytes a photo.

    Args:
        features: where they are kept.
        kind: what they are called there.
        live: the photos in the index.
        ask: finds neighbours in the index.
    """

    def __init__(
        self, features: FeatureStore, kind: str, live: Callable[[], Ids], ask: Nearest
    ) -> None:
        self._features = features
        self._kind = kind
        self._live = live
        self._ask = ask
        self._lock = threading.Lock()

    def nearest(
        self, ids: Ids, k: int, told: Told = lambda _: None
    ) -> Iterator[tuple[Ids, Ids, Scores]]:
        """Yield photos of the index, the `k` nearest of each, itself first, and their cosines.

        Args:
            ids: (n,), ascending.
            k: `NEIGHBOURS` + 1 at most; -1 and -inf stand where there are fewer.
            told: called now and then with the share, 0 to 1, of what is done; what it raises ends
                the work, and what was found until then is kept.
        """
        while not self._lock.acquire(timeout=_PATIENCE):
            told(0.0)
        try:
            found = self._in_step(ids, told)
        finally:
            self._lock.release()
        own = np.ones((len(ids), 1), dtype=np.float32)
        near = np.hstack([found.ids[:, np.newaxis], found.near])[:, :k]
        similar = np.hstack([own, found.similar])[:, :k]
        for start in range(0, len(ids), _GIVEN):
            part = slice(start, start + _GIVEN)
            yield found.ids[part], near[part], similar[part]

    def forget(self) -> None:
        """Have all of them asked for anew."""
        with self._lock:
            kept = self._features.ids(self._kind).tolist()
            self._features.put(self._kind, dict.fromkeys(kept, b""))

    def _in_step(self, ids: Ids, told: Told) -> _Rows:
        """Return the rows of photos, having asked for those that are missing or have gaps."""
        live = self._live()
        kept = self._read(ids, every=len(ids) * _MANY > len(live))
        gone = kept.ids[~np.isin(kept.ids, live)]
        # What comes while a photo is away does not reach its row.
        self._features.put(self._kind, dict.fromkeys(gone.tolist(), b""))
        known = kept.only(np.isin(kept.ids, ids) & ~np.isin(kept.ids, gone))
        gaps = ~np.isin(known.near, np.append(live, _NOBODY))
        known = known.only(np.asarray(~gaps.any(axis=1)))
        missing = np.setdiff1d(ids, known.ids)
        first = not self._features.size(self._kind)
        waiting: list[tuple[Ids, Ids, Scores]] = []
        done = 0
        asked = self._ask(missing, 1 + (NEIGHBOURS if first else AROUND)) if len(missing) else ()
        for part, found, scores in asked:
            waiting.append((part, *without_self(part, found, scores)))
            done += len(part)
            if sum(len(ids) for ids, *_ in waiting) >= _TOGETHER or done == len(missing):
                known, waiting = self._taken_in(known, waiting, first=first), []
            told(done / len(missing))
        return known

    def _taken_in(
        self, known: _Rows, found: Sequence[tuple[Ids, Ids, Scores]], *, first: bool
    ) -> _Rows:
        """Keep new rows, and let these photos into the rows of those around them."""
        new = _together(*(_Rows(part, *_wide(near, scores)) for part, near, scores in found))
        changed = _together()
        if not first:
            targets = np.concatenate([near.ravel() for _, near, _ in found])
            sources = np.concatenate([np.repeat(part, near.shape[1]) for part, near, _ in found])
            scores = np.concatenate([scores.ravel() for *_, scores in found])
            around = np.setdiff1d(targets, new.ids)
            others = self._read(np.setdiff1d(around, known.ids))
            there = _together(known, others.only(np.isin(others.ids, around)))
            changed = _let_in(there, targets, sources, scores)
        self._keep(_together(changed, new))
        return _together(changed.only(np.isin(changed.ids, known.ids)), known, new)

    def _read(self, ids: Ids, *, every: bool = False) -> _Rows:
        """Return the rows of photos, or every one, as far as they are kept."""
        bodies: dict[int, bytes] = {}
        if every:
            for rows in self._features.stream(self._kind, _GIVEN):
                bodies.update(rows)
        else:
            bodies = self._features.heads(self._kind, ids.tolist(), _ROW.itemsize)
        whole = {n: body for n, body in bodies.items() if len(body) == _ROW.itemsize}
        table = np.frombuffer(b"".join(whole.values()), _ROW)
        return _together(
            _Rows(np.array(list(whole), dtype=np.int64), table["near"], table["similar"])
        )

    def _keep(self, rows: _Rows) -> None:
        table = np.empty(len(rows.ids), _ROW)
        table["near"], table["similar"] = rows.near, rows.similar
        body, size = table.tobytes(), _ROW.itemsize
        starts = range(0, len(body), size)
        bodies = zip(rows.ids.tolist(), starts, strict=True)
        self._features.put(self._kind, {n: body[at : at + size] for n, at in bodies})


def _together(*parts: _Rows) -> _Rows:
    """Return all rows, ascending; where a photo has several, the first."""
    ids = np.concatenate([np.empty(0, dtype=np.int64), *(rows.ids for rows in parts)])
    near = np.concatenate([np.empty((0, NEIGHBOURS), np.int64), *(rows.near for rows in parts)])
    likeness = [np.empty((0, NEIGHBOURS), np.float32), *(rows.similar for rows in parts)]
    ids, places = np.unique(ids, return_index=True)
    return _Rows(ids, near[places], np.concatenate(likeness)[places])


def _wide(near: Ids, similar: Scores) -> tuple[Ids, Scores]:
    """Return the first `NEIGHBOURS` columns, filled up with nobody."""
    short = ((0, 0), (0, max(0, NEIGHBOURS - near.shape[1])))
    near = np.pad(near[:, :NEIGHBOURS], short, constant_values=_NOBODY)
    return near, np.pad(similar[:, :NEIGHBOURS], short, constant_values=-np.inf)


def _let_in(rows: _Rows, targets: Ids, sources: Ids, scores: Scores) -> _Rows:
    """Return the rows of `targets` that change where each is told of one of `sources`."""
    places, there = places_of(rows.ids, targets)
    there &= scores > rows.similar[places, -1] if len(rows.ids) else False
    touched, of = np.unique(places[there], return_inverse=True)
    before = rows.only(np.isin(np.arange(len(rows.ids)), touched))
    owners = np.concatenate([np.repeat(np.arange(len(touched)), NEIGHBOURS), of])
    near = np.concatenate([before.near.ravel(), sources[there]])
    similar = np.concatenate([before.similar.ravel(), scores[there]])
    order = np.lexsort((near, owners))
    once = np.ones(len(order), dtype=bool)
    once[1:] = (np.diff(owners[order]) != 0) | (np.diff(near[order]) != 0)
    once |= near[order] == _NOBODY
    order = order[once]
    order = order[np.lexsort((-similar[order], owners[order]))]
    starts = np.searchsorted(owners[order], np.arange(len(touched)))
    best = order[starts[:, np.newaxis] + np.arange(NEIGHBOURS)]
    return _Rows(before.ids, near[best], similar[best])


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
