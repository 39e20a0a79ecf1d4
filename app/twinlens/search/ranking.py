"""Candidates from the index, scored by full descriptors and put in order. Any searching thread."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from twinlens.index.compact import CompactIndex
from twinlens.index.exact import Ids, Vectors
from twinlens.index.projection import Projection
from twinlens.records import Filters
from twinlens.search.regions import Seen, regions_order
from twinlens.search.rerank import POOL, plain_order, rerank
from twinlens.store import embeddings, photos
from twinlens.store.database import Database

#: Candidates of the first stage: at least this many, or `POOL_PER_HIT` for each hit asked for up to
#: `USUAL_POOL`, and `POOL_PER_LATE_HIT` beyond: of 500 hits among 100,000 photos the first 200 are
#: the true ones all the same, and reading descriptors is most of what a plain search does.
SMALLEST_POOL = 500
POOL_PER_HIT = 4
USUAL_POOL = 1000
POOL_PER_LATE_HIT = 2
#: Filters that leave less than this share are searched without the graph.
NARROW = 0.3
#: Compact candidates among which the nearest photo is.
NEAREST = 10


class Ranker:
    """Finds and orders the photos nearest to a descriptor.

    Args:
        database: the store.
        index: compact vectors of the same photos.
        projection: from full descriptors to compact vectors.
        model: the database's key of the model.
    """

    def __init__(
        self, database: Database, index: CompactIndex, projection: Projection, model: int
    ) -> None:
        self._database = database
        self._index = index
        self._projection = projection
        self._model = model

    def rankings(
        self, vector: Vectors, k: int, filters: Filters, order: "Order | None" = None
    ) -> Iterator[tuple[Ids, Vectors]]:
        """Yield ranked photos with their scores from ever larger pools; the last holds all.

        Args:
            vector: (dim,) of length 1.
            k: how many hits are wanted.
            filters: what the photos must satisfy.
            order: how they are arranged; None for by score.
        """
        order = order or Order()
        allowed = self.allowed(filters)
        total = self._index.count
        share = 1.0 if allowed is None else len(allowed) / max(total, 1)
        pool = max(order.pool, min(POOL_PER_HIT * k, USUAL_POOL), POOL_PER_LATE_HIT * k)
        if share >= NARROW:
            pool = int(pool / min(share, 1.0))
            # Beyond half of the library, comparing everything costs less than looking for it.
            while 2 * pool < total:
                ids = np.union1d(self._found(vector, pool), order.more(self._found, pool))
                if allowed is not None:
                    ids = ids[np.isin(ids, allowed, assume_unique=True)]
                yield self._ranked(vector, ids, order)
                pool *= 2
        if allowed is None:
            allowed = embeddings.live_ids(self._database.connection(), self._model)
        yield self._ranked(vector, allowed, order)

    def allowed(self, filters: Filters) -> Ids | None:
        """Return the photos that pass the filters, ascending; None where all do."""
        if not filters.narrows:
            return None
        return photos.matching_ids(self._database.connection(), filters)

    def scores(self, vector: Vectors, ids: Ids) -> Vectors:
        """Return the (n,) scores of photos; the least for one that has gone."""
        scores = np.full(len(ids), -1.0, dtype=np.float32)
        seats = np.argsort(ids)
        for part, likeness, _ in self._scored(vector, ids):
            scores[seats[np.searchsorted(ids, part, sorter=seats)]] = likeness
        return scores

    def descriptors(self, ids: Ids) -> Vectors | None:
        """Return the (n, dim) descriptors in the order of the ids; None where one has gone."""
        known, rows = embeddings.fetch(self._database.connection(), self._model, ids.tolist())
        return rows[np.searchsorted(known, ids)] if len(known) == len(ids) else None

    def neighbours(self, vector: Vectors, count: int) -> tuple[Ids, Vectors]:
        """Return about `count` of the nearest photos, in no order, and their scores."""
        parts = list(self._scored(vector, self._found(vector, count)))
        ids = [np.empty(0, dtype=np.int64), *(part for part, _, _ in parts)]
        scores = [np.empty(0, dtype=np.float32), *(likeness for _, likeness, _ in parts)]
        return np.concatenate(ids), np.concatenate(scores)

    def nearest(self, vector: Vectors) -> float:
        """Return the cosine of the photo nearest to a descriptor; -1 in an empty library."""
        return float(self.neighbours(vector, NEAREST)[1].max(initial=-1.0))

    def _found(self, vector: Vectors, pool: int) -> Ids:
        return self._index.search(self._projection.apply(vector[np.newaxis])[0], pool)[0]

    def _scored(self, vector: Vectors, ids: Ids) -> Iterator[tuple[Ids, Vectors, Vectors]]:
        """Yield, in parts, the photos that are still there, their scores and descriptors."""
        for part, rows in embeddings.stream(self._database.connection(), self._model, ids):
            if len(part):
                yield part, np.clip(rows @ vector, -1.0, 1.0), rows

    def _ranked(self, vector: Vectors, ids: Ids, order: "Order") -> tuple[Ids, Vectors]:
        """Score photos by their full descriptors and put them in order.

        Photos that have gone from the store meanwhile are left out.
        """
        found = [np.empty(0, dtype=np.int64)]
        scores = [np.empty(0, dtype=np.float32)]
        kept: Vectors | None = None
        for part, likeness, rows in self._scored(vector, ids):
            found.append(part)
            scores.append(likeness)
            kept = rows
        all_ids, all_scores = np.concatenate(found), np.concatenate(scores)
        # Those of the usual pool fit into one part and are not read twice.
        pool = Pool(self, all_ids, all_scores, kept if len(found) == 2 else None)
        arranged = order.arrange(pool)
        return all_ids[arranged], all_scores[arranged]


@dataclass(frozen=True, slots=True)
class Pool:
    """Candidates that are to be put in order: (n,) ids, ascending, and their (n,) scores.

    `rows` are their (n, dim) descriptors; None where they are too many to be kept.
    """

    ranker: Ranker
    ids: Ids
    scores: Vectors
    rows: Vectors | None

    def descriptors(self, places: Ids) -> Vectors | None:
        """Return the descriptors of candidates by their places; None where one has gone."""
        if self.rows is not None:
            return self.rows[places]
        return self.ranker.descriptors(self.ids[places])

    def scores_of(self, vector: Vectors) -> Vectors:
        """Return the (n,) scores of all for another descriptor; the least for one that has gone."""
        if self.rows is not None:
            scores: Vectors = np.clip(self.rows @ vector, -1.0, 1.0)
            return scores
        return self.ranker.scores(vector, self.ids)


class Found(Protocol):
    """Finds the compact candidates of a descriptor."""

    def __call__(self, vector: Vectors, pool: int) -> Ids:
        """Return about `pool` photos."""


class Order:
    """Arranges candidates by score."""

    pool = SMALLEST_POOL
    #: Whether photos that come later have, by and large, lower scores.
    follows_scores = True
    #: Whether photos that are proven to show the same come first all the same.
    promotes = True

    def more(self, _found: Found, _pool: int) -> Ids:
        """Return candidates beside those of the query's descriptor."""
        return np.empty(0, dtype=np.int64)

    def arrange(self, pool: Pool) -> Ids:
        """Return the order of the candidates, as positions."""
        return plain_order(pool.ids, pool.scores)


@dataclass(frozen=True, slots=True)
class Refined(Order):
    """By how the candidates lie among each other; `asked` is what they are compared with."""

    asked: Vectors
    pool = POOL

    def arrange(self, pool: Pool) -> Ids:
        """See `rerank`."""
        order = plain_order(pool.ids, pool.scores)
        rows = pool.descriptors(order[:POOL])
        # Those that have gone in this very moment are worth no second look.
        if rows is None:
            return order
        return order[rerank(pool.ids[order], pool.scores[order], self.asked, rows)]


@dataclass(frozen=True, slots=True)
class InParts(Order):
    """By how a thing was `seen` in the parts of photos; it takes a `share` of its own picture."""

    seen: Seen
    share: float
    follows_scores = False

    def more(self, _found: Found, pool: int) -> Ids:
        """Return the photos in which it may be, whatever they look like as a whole."""
        return self.seen.likeliest(pool)

    def arrange(self, pool: Pool) -> Ids:
        """See `regions_order`."""
        return regions_order(pool.ids, pool.scores, self.seen, self.share)


@dataclass(frozen=True, slots=True)
class Taught(Order):
    """By how far photos lie in a direction (dim,) that was learnt from marks."""

    direction: Vectors
    follows_scores = False
    # What marks say is what is wanted, and a copy of an example need not be that.
    promotes = False

    def more(self, found: Found, pool: int) -> Ids:
        """Return the photos that lie farthest in it."""
        return found(self.direction, pool)

    def arrange(self, pool: Pool) -> Ids:
        """Sort by it alone."""
        return plain_order(pool.ids, pool.scores_of(self.direction))
