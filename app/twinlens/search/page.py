"""Makes hits of ranked photos: files, least score, what is proven. Any searching thread."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from twinlens.index.exact import Ids, Vectors
from twinlens.records import Filters, Hit, MatchClass
from twinlens.search.chances import Odds
from twinlens.search.ranking import InParts, Order, Ranker
from twinlens.search.verified import Verified, promote
from twinlens.store import photos
from twinlens.store.database import Database

#: Photos whose files are read from the store at a time.
_STEP = 5000


class Replayed:
    """Rankings that can be gone through again; each is made once."""

    def __init__(self, rankings: Iterator[tuple[Ids, Vectors]]) -> None:
        self._rest = rankings
        self._made: list[tuple[Ids, Vectors]] = []

    def __iter__(self) -> Iterator[tuple[Ids, Vectors]]:
        yield from self._made
        for one in self._rest:
            self._made.append(one)
            yield one


@dataclass(frozen=True, slots=True)
class Page:
    """The `k` best files of ranked photos.

    `odds` says what the scores of `vector`, the query's descriptor, mean. `as_given` says that the
    rankings' own scores are those. `same_id` is the photo with the bytes of the query and `wrong`
    are those that were called wrong.
    """

    database: Database
    ranker: Ranker
    odds: Odds
    vector: Vectors
    k: int
    filters: Filters
    order: Order
    rankings: Replayed
    as_given: bool
    same_id: int | None
    wrong: frozenset[int | None]

    def hits(self, verified: Verified) -> list[Hit]:
        """Return the hits, best first, as far as they are verified."""
        hits: list[Hit] = []
        minimum = self.odds.least_score(self.filters)
        # What was called wrong is a copy all the same, but nothing to come first.
        # Who asks for what is proven alone gets all of it.
        ahead = verified.leading if self.filters.match is None else verified.proven
        first = [number for number in ahead if number not in self.wrong]
        for ids, likeness in self.rankings:
            scores = likeness if self.as_given else self.ranker.scores(self.vector, ids)
            enough = scores >= minimum
            # A pool reaches further down than the least score: no larger one has more to give.
            last = self.as_given and self.order.follows_scores and not enough.all()
            if first and self.order.promotes:
                ids, scores, enough = promote(first, ids, scores, enough)
                new = np.flatnonzero(np.isnan(scores))
                scores[new] = self.ranker.scores(self.vector, ids[new])
            hits = self._files(ids[enough], scores[enough])
            if len(hits) == self.k or last:
                break
        if isinstance(self.order, InParts):
            hits = [replace(hit, region=self.order.seen.region(hit.photo_id)) for hit in hits]
        hits = verified.settle(self.odds.told(verified.mark(hits)))
        return hits if self.filters.match is None else _matching(hits, self.filters.match)

    def _files(self, ids: Ids, scores: Vectors) -> list[Hit]:
        """Return up to `k` files of ranked photos; a photo without a file is passed over."""
        hits: list[Hit] = []
        connection = self.database.connection()
        step = min(self.k, _STEP)
        for start in range(0, len(ids), step):
            part = ids[start : start + step].tolist()
            places = photos.paths_of(connection, part, self.filters)
            some = scores[start : start + step].tolist()
            for photo_id, score in zip(part, some, strict=True):
                for path in places.get(photo_id, ()):
                    match = MatchClass.SAME_BYTES if photo_id == self.same_id else None
                    hits.append(Hit(len(hits) + 1, photo_id, path, score, match))
                    if len(hits) == self.k:
                        return hits
        return hits


def _matching(hits: list[Hit], weakest: MatchClass) -> list[Hit]:
    """Return the hits that relate to the query at least so strongly, counted anew."""
    enough = set(list(MatchClass)[: list(MatchClass).index(weakest) + 1])
    kept = [hit for hit in hits if hit.match in enough]
    return [replace(hit, rank=rank) for rank, hit in enumerate(kept, 1)]
