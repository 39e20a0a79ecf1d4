"""Galleries of photos that look alike: found, kept, and in step as photos come and go.

Which galleries a photo is in lies in the cache of features, a row a photo; what a person named or
pinned is a decision. Any thread, one at a time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from twinlens.curate.clusters import (
    NEIGHBOURS,
    THRESHOLDS,
    covers,
    heirs,
    neighbour_graph,
    neighbour_weights,
    nested_clusters,
)
from twinlens.curate.kept_galleries import LEVEL_BITS, Kept, kept_galleries
from twinlens.curate.neighbours import Nearest, neighbours_of_all, places_of, without_self
from twinlens.store import photos
from twinlens.store.database import Database
from twinlens.store.features import FeatureStore

Ids = NDArray[np.int64]

LEVELS = len(THRESHOLDS)
#: From this share of newcomers on all photos are clustered anew, and never for fewer than so many.
NEWCOMERS, FEWEST_NEWCOMERS = 0.1, 20
#: Neighbours with less weight together than this make nobody join them.
LEAST_PULL = 0.1
_ROW = np.dtype([("newcomer", "u1"), ("covers", "u1"), ("names", "<i8", (LEVELS,))])


@dataclass(frozen=True, slots=True)
class Assignment:
    """The galleries of (n,) photos, `ids` ascending.

    `names` are (n, levels), finest first; `covers` (n, levels) tell who stands for a gallery,
    `newcomers` (n,) who joined since all photos were last clustered.
    """

    ids: Ids
    names: Ids
    covers: NDArray[np.bool_]
    newcomers: NDArray[np.bool_]

    def members(self, level: int) -> Iterator[tuple[int, Ids, int]]:
        """Yield (name, photos, cover) of every gallery of a level."""
        column = self.names[:, level]
        order = np.argsort(column, kind="stable")
        names, starts = np.unique(column[order], return_index=True)
        ends = np.append(starts[1:], len(order))
        for name, start, end in zip(names.tolist(), starts, ends[: len(names)], strict=True):
            rows = order[start:end]
            standing = rows[self.covers[rows, level]]
            yield name, self.ids[rows], int(self.ids[standing[0] if len(standing) else rows[0]])


def galleries_kind(model_id: str) -> str:
    """Return what the galleries made with a model are called where they are kept."""
    return f"galleries/1/{model_id}"


def assign(
    database: Database,
    features: FeatureStore,
    kind: str,
    live: Ids,
    nearest: Nearest,
    *,
    anew: bool = False,
) -> Assignment:
    """Return the galleries of today, having brought what is kept of them in step.

    A few newcomers join where their neighbours are; many have all photos clustered anew, whereby
    galleries that mostly persist keep their names.

    Args:
        database: of the library.
        features: where galleries are kept.
        kind: what they are called there.
        live: the photos that have a file and a descriptor.
        nearest: finds neighbours in the index.
        anew: cluster in any case.
    """
    kept = _with_ids(database, kept_galleries(database.connection()))
    before = read(features, kind)
    known = _only(before, live)
    missing = np.setdiff1d(live, known.ids)
    newcomers = len(missing) + int(known.newcomers.sum())
    if anew or newcomers > max(FEWEST_NEWCOMERS, NEWCOMERS * len(live)) or not len(known.ids):
        after = _clustered(database, np.sort(live), nearest, known, kept)
    else:
        after = _joined(database, known, missing, nearest)
    after = _pinned(after, kept)
    _write(features, kind, before, after)
    return after


def read(features: FeatureStore, kind: str) -> Assignment:
    """Return the galleries as they were kept; bodies that are none are passed over."""
    rows = [row for chunk in features.stream(kind) for row in chunk if len(row[1]) == _ROW.itemsize]
    table = np.frombuffer(b"".join(body for _, body in rows), _ROW)
    bits = (table["covers"][:, np.newaxis] >> np.arange(LEVELS)) & 1
    return Assignment(
        np.array([photo_id for photo_id, _ in rows], dtype=np.int64),
        table["names"].astype(np.int64).reshape(-1, LEVELS),
        bits.astype(bool),
        table["newcomer"].astype(bool),
    )


def _with_ids(database: Database, kept: dict[int, Kept]) -> list[tuple[Kept, Ids]]:
    """Return kept galleries with the photos of theirs that the library knows."""
    connection = database.connection()
    found = []
    for one in kept.values():
        its = [photos.photo_by_hash(connection, digest) for digest in one.hashes]
        found.append((one, np.array([n for n in its if n is not None], dtype=np.int64)))
    return found


def _only(galleries: Assignment, live: Ids) -> Assignment:
    there = np.isin(galleries.ids, live)
    return Assignment(
        galleries.ids[there],
        galleries.names[there],
        galleries.covers[there],
        galleries.newcomers[there],
    )


def _clustered(
    database: Database,
    ids: Ids,
    nearest: Nearest,
    known: Assignment,
    kept: Sequence[tuple[Kept, Ids]],
) -> Assignment:
    """Cluster all photos; galleries that mostly persist keep their names."""
    graph = neighbour_graph(*neighbours_of_all(ids, nearest))
    clusters = nested_clusters(graph)
    earlier = np.full((len(ids), LEVELS), -1, dtype=np.int64)
    earlier[np.searchsorted(ids, known.ids)] = known.names
    for one, its in kept:
        earlier[np.isin(ids, its), one.level] = one.name
    names = np.empty_like(clusters)
    standing = np.zeros(clusters.shape, dtype=bool)
    for level in range(LEVELS):
        first = covers(graph, clusters[:, level])
        standing[first, level] = True
        names[:, level] = _named(database, ids, clusters[:, level], first, earlier, level)
    return Assignment(ids, names, standing, np.zeros(len(ids), dtype=bool))


def _named(
    database: Database, ids: Ids, clusters: Ids, first: Ids, earlier: Ids, level: int
) -> Ids:
    """Return the name of each photo's gallery: an inherited one, or one made from its cover."""
    numbers, of = np.unique(clusters, return_inverse=True)
    names = np.full(len(numbers), -1, dtype=np.int64)
    old, new = heirs(earlier[:, level], clusters)
    names[np.searchsorted(numbers, new)] = old
    nameless = np.flatnonzero(names < 0)
    wanted = ids[first[nameless]]
    hashes = photos.hashes(database.connection(), wanted.tolist())
    taken = set(names.tolist())
    for place, photo_id in zip(nameless.tolist(), wanted.tolist(), strict=True):
        name = _born(hashes[photo_id], level)
        while name in taken:
            name = (name + (1 << LEVEL_BITS)) % 2**63
        taken.add(name)
        names[place] = name
    result: Ids = names[of]
    return result


def _born(digest: bytes, level: int) -> int:
    """Return the name of a gallery whose cover has this content."""
    number = int.from_bytes(digest[:8], "big") >> 1
    return number >> LEVEL_BITS << LEVEL_BITS | level


def _joined(database: Database, known: Assignment, missing: Ids, nearest: Nearest) -> Assignment:
    """Let each newcomer join the galleries that most of its neighbours are in."""
    hashes = photos.hashes(database.connection(), missing.tolist())
    fresh: dict[int, Ids] = {}
    alone = np.zeros(len(missing), dtype=bool)
    for part, found, scores in nearest(missing, NEIGHBOURS + 1) if len(missing) else ():
        others, likeness = without_self(part, found, scores)
        places, there = places_of(known.ids, others)
        for row, pull in enumerate(neighbour_weights(likeness)):
            near = [
                known.names[place] if is_known else fresh.get(other)
                for place, is_known, other in zip(
                    places[row].tolist(), there[row].tolist(), others[row].tolist(), strict=True
                )
            ]
            photo_id = int(part[row])
            chosen = _chosen(near, pull)
            if chosen is None:
                alone[np.searchsorted(missing, photo_id)] = True
                chosen = np.array([_born(hashes[photo_id], level) for level in range(LEVELS)])
            fresh[photo_id] = chosen
    if not len(missing):
        return known
    ids = np.concatenate([known.ids, missing])
    order = np.argsort(ids, kind="stable")
    names = np.array([fresh[number] for number in missing.tolist()])
    standing = np.repeat(alone[:, np.newaxis], LEVELS, axis=1)
    return Assignment(
        ids[order],
        np.concatenate([known.names, names])[order],
        np.concatenate([known.covers, standing])[order],
        np.concatenate([known.newcomers, np.ones(len(missing), dtype=bool)])[order],
    )


def _chosen(near: Sequence[Ids | None], pull: NDArray[np.float64]) -> Ids | None:
    """Return the galleries with the greatest pull, from the coarsest level down; None where weak.

    Args:
        near: the galleries of each neighbour, None for a newcomer.
        pull: how strongly each counts.
    """
    rows = np.array([row for row in near if row is not None])
    weights = np.array([pull[i] for i, row in enumerate(near) if row is not None])
    if weights.sum() < LEAST_PULL:
        return None
    row = np.empty(LEVELS, dtype=np.int64)
    for level in reversed(range(LEVELS)):
        choices, of = np.unique(rows[:, level], return_inverse=True)
        best = int(np.argmax(np.bincount(of, weights)))
        row[level] = choices[best]
        rows, weights = rows[of == best], weights[of == best]
    return row


def _pinned(galleries: Assignment, kept: Sequence[tuple[Kept, Ids]]) -> Assignment:
    names = galleries.names.copy()
    for one, its in kept:
        names[np.isin(galleries.ids, its), one.level] = one.name
    return replace(galleries, names=names)


def _write(features: FeatureStore, kind: str, before: Assignment, after: Assignment) -> None:
    """Keep the rows that changed; what is gone goes with its photo."""
    places, same = places_of(before.ids, after.ids)
    if len(before.ids):
        old, new = _table(before)[places], _table(after)
        for field in new.dtype.names or ():
            equal = old[field] == new[field]
            same &= equal.all(axis=1) if equal.ndim > 1 else equal
    changed = ~same
    rows, size = _table(after)[changed].tobytes(), _ROW.itemsize
    starts = range(0, len(rows), size)
    numbers = after.ids[changed].tolist()
    features.put(
        kind,
        {number: rows[start : start + size] for number, start in zip(numbers, starts, strict=True)},
    )


def _table(galleries: Assignment) -> NDArray[np.void]:
    table = np.zeros(len(galleries.ids), _ROW)
    table["newcomer"] = galleries.newcomers
    table["covers"] = (galleries.covers << np.arange(LEVELS)).sum(axis=1)
    table["names"] = galleries.names
    return table
