"""Answers queries in two stages: compact candidates, then full descriptors.

Runs on the thread that searches; several may share one searcher.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from twinlens.index.compact import CompactIndex
from twinlens.index.exact import Vectors
from twinlens.index.projection import Projection
from twinlens.inference.extractor import Extractor
from twinlens.records import Comparison, Example, Filters, Hit, MatchClass, Query
from twinlens.reports import HeatMaps
from twinlens.search.chances import Chances, certain
from twinlens.search.heatmap import heat_maps
from twinlens.search.page import Page, Replayed
from twinlens.search.query import (
    Described,
    Describer,
    Pixels,
    check_example,
    check_query,
    combine,
    right_way_up,
    single_whole,
    unweighted,
)
from twinlens.search.ranking import InParts, Order, Ranker, Refined, Taught
from twinlens.search.recall import measure_recall
from twinlens.search.regions import RegionSearch
from twinlens.search.teach import BACKGROUND, FEWEST, learn
from twinlens.search.verification import FIRST, VERIFIED, Verifier, verdict_on
from twinlens.search.verified import Verified, candidates, is_alike
from twinlens.store import embeddings, photos
from twinlens.store.database import Database

log = logging.getLogger(__name__)

TARGET_RECALL = 0.98
LARGEST_EF = 512


class Searcher:
    """Everything that answers a query with one model.

    Args:
        database: the store.
        index: compact vectors of the same photos.
        projection: from full descriptors to compact vectors.
        extractor: the network.
        model: the database's key of the model.
        max_pixels: query pictures with more are refused.
        regions: what looks into the parts of photos; None where nothing does.
        verifier: what holds photos against a picture; None where nothing is verified.
    """

    def __init__(
        self,
        database: Database,
        index: CompactIndex,
        projection: Projection,
        extractor: Extractor,
        model: int,
        *,
        max_pixels: int,
        regions: RegionSearch | None = None,
        verifier: Verifier | None = None,
    ) -> None:
        self._database = database
        self._index = index
        self._extractor = extractor
        self._model = model
        self._regions = regions
        self._verifier = verifier
        self._ranker = Ranker(database, index, projection, model)
        self._describer = Describer(database, extractor, model, max_pixels)
        self.chances = Chances(database, self._ranker, model, extractor.spec.likelihood)

    def search(self, query: Query, k: int) -> list[Hit]:
        """Return the `k` best files, best first; fewer when no more satisfy the filters.

        The score of a hit is the cosine of the query's descriptor and the photo's; the order
        follows it unless the query asks for re-ranking or for a thing (a single rectangle is also
        looked for in the parts of photos), has marks enough to learn from, or asks for
        verification: what is proven comes first, but for photos that merely share the surroundings.
        Files with the same bytes stand next to each other.

        Raises:
            UsageError: the query has no meaning.
            UnreadableImageError: an example cannot be used.
        """
        *_, last = self.answers(query, k)
        return last

    def answers(self, query: Query, k: int) -> Iterator[list[Hit]]:
        """Yield the answer of `search`; before that, where it is verified, what is known so far.

        The first comes before anything is verified or turned the right way up.
        """
        check_query(query, k)
        described = [self._describer.describe(example) for example in query.examples]
        as_given = [one.descriptor for one in described]
        page = self._page(query, k, described, as_given)
        verify = query.verify or query.filters.match is not None
        if verify:
            yield page.hits(Verified())
        upright = self._right_way_up(described) if query.rerank else as_given
        turned = any(up is not given for up, given in zip(upright, as_given, strict=True))
        if turned:
            order, rankings = self._rankings(query, k, described, upright)
            page = replace(page, order=order, rankings=rankings, as_given=False)
        if turned or not verify:
            yield page.hits(Verified())
        if verify and self._verifier is not None:
            for verified in self._verified(query, page, described, self._verifier):
                yield page.hits(verified)

    def _right_way_up(self, described: list[Described]) -> list[Vectors]:
        return [
            right_way_up(one, self._describer.turned(one), self._ranker.nearest)
            for one in described
        ]

    def _page(
        self, query: Query, k: int, described: list[Described], as_given: list[Vectors]
    ) -> Page:
        """Return what makes the hits of a query whose examples are asked for as they are."""
        vector = combine(as_given, _weights(query))
        order, rankings = self._rankings(query, k, described, as_given)
        same = described[0].digest if single_whole(query) else None
        return Page(
            self._database,
            self._ranker,
            self.chances.odds(vector),
            vector,
            k,
            query.filters,
            order,
            rankings,
            as_given=True,
            same_id=photos.photo_by_hash(self._database.connection(), same) if same else None,
            wrong=frozenset(mark.photo_id for mark in query.marks if mark.negative),
        )

    def _rankings(
        self, query: Query, k: int, described: list[Described], ways_up: list[Vectors]
    ) -> tuple[Order, Replayed]:
        """Return the photos of a query whose examples are asked for in these ways up."""
        asked = combine(ways_up, _weights(query))
        is_thing = len(described) == 1 and described[0].digest is None
        order = self._order(query, described, asked, described[0].pixels if is_thing else None)
        return order, Replayed(self._ranker.rankings(asked, k, query.filters, order))

    def _verified(
        self, query: Query, page: Page, described: list[Described], verifier: Verifier
    ) -> Iterator[Verified]:
        """Hold the likeliest photos against each positive example."""
        asked = [
            verifier.ask(self._describer, example, one.digest)
            for example, one in zip(query.examples, described, strict=True)
            if not example.negative
        ]
        ranked = next(iter(page.rankings))[0][:VERIFIED].tolist()
        allowed = self._ranker.allowed(page.filters)
        if allowed is None:
            allowed = embeddings.live_ids(self._database.connection(), self._model)
        # Several examples share the places, down to a few for each.
        count = max(FIRST, VERIFIED // len(asked))
        listed = [verifier.shortlist(one, count, allowed) for one in asked]
        yield from verifier.verify(asked, candidates(ranked, *listed))

    def compare(self, a: Example, b: Example) -> Comparison:
        """Return how alike two pictures are; the score is the one that `search` would give.

        Raises:
            UsageError: an example has no meaning.
            UnreadableImageError: an example cannot be used.
        """
        one, two = self._describer.describe(unweighted(a)), self._describer.describe(unweighted(b))
        score = float(np.clip(one.descriptor @ two.descriptor, -1.0, 1.0))
        same = one.digest is not None and one.digest == two.digest
        verdict = verdict_on(self._describer, a, b)
        match = MatchClass.SAME_BYTES if same else verdict.match
        odds = self.chances.odds(one.descriptor)
        chances = odds.of(np.array([score], dtype=np.float32))
        chance = None if chances is None else certain(match, chances[0])
        if match is None and is_alike(chance):
            match = MatchClass.ALIKE
        return Comparison(
            score,
            match,
            verdict.inliers,
            chance,
            region=None if verdict.theirs is None else verdict.theirs.region,
            outline=verdict.theirs,
            first_outline=verdict.ours,
        )

    def heat_maps(self, a: Example, b: Example) -> HeatMaps:
        """Return both pictures under colours that show what makes them alike.

        Raises:
            UsageError: an example has no meaning.
            UnreadableImageError: an example cannot be used.
            ModelError: the model gives no feature map.
        """
        for example in (a, b):
            check_example(example)
        one, two = self._describer.close_up(a), self._describer.close_up(b)
        return heat_maps(self._extractor, one, two)

    def recall_at(self, k: int = 10, samples: int = 50, seed: int = 0) -> float | None:
        """Return the share of the true `k` neighbours that the two stages find.

        Measured on `samples` photos of the library against a comparison with every full
        descriptor; None when there are no photos.
        """
        connection = self._database.connection()
        return measure_recall(
            lambda vector: next(self._ranker.rankings(vector, k + 1, Filters())),
            lambda ids: embeddings.stream(connection, self._model, ids),
            embeddings.live_ids(connection, self._model),
            k=k,
            samples=samples,
            seed=seed,
        )

    def mend_recall(self, samples: int = 50) -> float | None:
        """Measure the recall at 10 and widen the search while it falls short.

        Returns: the recall with the width in use from now on; None when there are no photos.
        """
        recall = self.recall_at(10, samples)
        while recall is not None and recall < TARGET_RECALL and self._index.ef < LARGEST_EF:
            self._index.ef = min(2 * self._index.ef, LARGEST_EF)
            log.info("recall at 10 is %.3f; ef is now %d", recall, self._index.ef)
            recall = self.recall_at(10, samples)
        return recall

    def _order(
        self, query: Query, described: list[Described], asked: Vectors, thing: Pixels | None
    ) -> Order:
        """Return how the candidates of a query are to be arranged."""
        if len(query.marks) >= FEWEST:
            return Taught(self._learnt(query, described))
        if thing is not None and self._regions is not None:
            seen = self._regions.look(thing, self._ranker.allowed(query.filters))
            if len(seen.ids):
                part = query.examples[0].region
                return InParts(seen, 1.0 if part is None else part.width * part.height)
        return Refined(asked) if query.rerank else Order()

    def _learnt(self, query: Query, described: list[Described]) -> Vectors:
        """Return the direction that the marks and the examples of a query point in."""
        sides: dict[bool, list[Vectors]] = {False: [], True: []}
        judged = [self._describer.describe(mark) for mark in query.marks]
        for example, one in zip(
            (*query.examples, *query.marks), (*described, *judged), strict=True
        ):
            sides[example.negative].append(one.descriptor)
        live = embeddings.live_ids(self._database.connection(), self._model)
        chosen = np.random.default_rng(0).permutation(live)[:BACKGROUND]
        background = embeddings.fetch(self._database.connection(), self._model, chosen.tolist())[1]
        dim = len(sides[False][0])
        return learn(
            np.stack(sides[False]),
            np.array(sides[True], dtype=np.float32).reshape(-1, dim),
            background.reshape(-1, dim),
        )


def _weights(query: Query) -> list[float]:
    return [-one.weight if one.negative else one.weight for one in query.examples]
