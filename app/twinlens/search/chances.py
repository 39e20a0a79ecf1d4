"""How likely a hit shows the same thing as the query; pairs that a person has judged count.

Runs on the thread that searches; several may share one.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from twinlens.errors import UsageError
from twinlens.index.exact import Ids, Vectors
from twinlens.inference.likelihood import NEIGHBOURS, Likelihood, way
from twinlens.records import COPIES, Filters, Hit, MatchClass
from twinlens.reports import Pair
from twinlens.search.ranking import Ranker
from twinlens.store import embeddings, photos
from twinlens.store.database import Database
from twinlens.store.decisions import Decision, decide, decisions

#: What judged pairs are called among the decisions; the key is both hashes, the lesser first.
JUDGED = "judged"
SAME, DIFFERENT = "same", "different"

#: Photos looked at for pairs to ask about, neighbours of each, and the probabilities asked for:
#: answers tell most where the fit is unsure.
_SAMPLE = 200
_NEAREST = 10
_UNSURE = (0.15, 0.85)


@dataclass(frozen=True, slots=True)
class Odds:
    """What the scores of one query mean; without a likelihood nothing is said."""

    likelihood: Likelihood | None
    background: float = 0.0

    def least_score(self, filters: Filters) -> float:
        """Return the score below which a photo fails the filters.

        Raises:
            UsageError: a least probability is asked of a model that gives none, or has no meaning.
        """
        least = -1.0 if filters.min_score is None else filters.min_score
        wanted = filters.min_probability
        if wanted is None:
            return least
        if not 0 <= wanted < 1:
            raise UsageError(
                f"The least probability {wanted:g} has no meaning; nothing was searched.",
                "Give a number from 0 up to, but not including, 1.",
            )
        if self.likelihood is None:
            raise UsageError(
                "The model in use gives no probabilities; nothing was searched.",
                "Set a least score instead, or choose another model.",
            )
        if wanted == 0:
            return least
        return max(least, self.likelihood.score(wanted, self.background))

    def told(self, hits: list[Hit]) -> list[Hit]:
        """Return the hits of the query with their probabilities."""
        chances = self.of(np.array([hit.score for hit in hits], dtype=np.float32))
        if chances is None:
            return hits
        return [
            replace(hit, probability=certain(hit.match, chance))
            for hit, chance in zip(hits, chances, strict=True)
        ]

    def of(self, scores: Vectors) -> list[float] | None:
        """Return the probabilities of (n,) scores; None where the model gives none."""
        if self.likelihood is None:
            return None
        found = self.likelihood.probability(scores, self.background)
        return [round(chance, 4) for chance in found.tolist()]


class Chances:
    """Turns scores into probabilities with one model.

    Args:
        database: the store.
        ranker: finds the neighbours of a descriptor.
        model: the database's key of the model.
        likelihood: the model's own; None where it has none, and then nothing is said.
    """

    def __init__(
        self, database: Database, ranker: Ranker, model: int, likelihood: Likelihood | None
    ) -> None:
        self._database = database
        self._ranker = ranker
        self._model = model
        self._shipped = likelihood
        self._lock = threading.Lock()
        self._known: list[Decision] = []
        self._refined = likelihood

    def odds(self, vector: Vectors) -> Odds:
        """Return what scores mean for a query with this descriptor (dim,), of length 1."""
        likelihood = self._likelihood()
        if likelihood is None:
            return Odds(None)
        return Odds(likelihood, self._background(likelihood, vector))

    def pairs_to_judge(self, n: int, seed: int = 0) -> list[Pair]:
        """Return up to `n` pairs whose judgement would tell most, no photo twice.

        They are spread over the probabilities that are unsure; fewer where there are no more.
        """
        likelihood = self._likelihood()
        live = embeddings.live_ids(self._database.connection(), self._model)
        if likelihood is None or len(live) < 2:
            return []
        chosen = np.random.default_rng(seed).permutation(live)[:_SAMPLE]
        found = self._unjudged(likelihood, chosen)
        picked: list[Pair] = []
        used: set[int] = set()
        for target in np.linspace(*_UNSURE, n):
            free = [pair for pair in found if pair.a not in used and pair.b not in used]
            if not free:
                break
            best = min(free, key=lambda pair: abs(pair.probability - target))
            picked.append(best)
            used |= {best.a, best.b}
        return sorted(picked, key=lambda pair: abs(pair.probability - 0.5))

    def _unjudged(self, likelihood: Likelihood, chosen: Ids) -> list[Pair]:
        connection = self._database.connection()
        judged = {decision.key for decision in decisions(connection, JUDGED)}
        found: dict[str, Pair] = {}
        for part, rows in embeddings.stream(connection, self._model, chosen):
            for photo_id, vector in zip(part.tolist(), rows, strict=True):
                ids, scores = self._ranker.neighbours(vector, NEIGHBOURS)
                background = likelihood.background(scores)
                near = np.argsort(-scores)[: _NEAREST + 1]
                said = likelihood.probability(scores[near], background).tolist()
                near_ids = ids[near].tolist()
                digests = photos.hashes(connection, [photo_id, *near_ids])
                for other, chance in zip(near_ids, said, strict=True):
                    if other == photo_id or not {other, photo_id} <= digests.keys():
                        continue
                    key = pair_key(digests[photo_id], digests[other])
                    if key not in judged:
                        found.setdefault(key, Pair(photo_id, other, round(chance, 4)))
        return list(found.values())

    def _background(self, likelihood: Likelihood, vector: Vectors) -> float:
        return likelihood.background(self._ranker.neighbours(vector, NEIGHBOURS)[1])

    def _likelihood(self) -> Likelihood | None:
        """Return the model's likelihood, refined by what a person has judged so far."""
        if self._shipped is None:
            return None
        with self._lock:
            known = decisions(self._database.connection(), JUDGED)
            if known != self._known:
                self._refined = self._refine(self._shipped, known)
                self._known = known
            return self._refined

    def _refine(self, shipped: Likelihood, judged: Iterable[Decision]) -> Likelihood:
        connection = self._database.connection()
        ways: list[float] = []
        same: list[bool] = []
        for decision in judged:
            digests = [bytes.fromhex(part) for part in decision.key.split(":")]
            found = [photos.photo_by_hash(connection, digest) for digest in digests]
            ids = [photo_id for photo_id in found if photo_id is not None]
            rows = embeddings.fetch(connection, self._model, ids)[1]
            if len(rows) == 2:
                background = self._background(shipped, rows[0])
                score = np.clip(rows[:1] @ rows[1], -1.0, 1.0)
                ways.append(float(way(score, background)[0]))
                same.append(decision.body == SAME)
        return shipped.refined(np.array(ways), np.array(same, dtype=bool))


def certain(match: MatchClass | None, chance: float) -> float:
    """Return the probability of a hit whose match class may settle the question."""
    # Nothing is left to chance where a copy is proven.
    return 1.0 if match in COPIES else chance


def judge(database: Database, journal: Path, a: int, b: int, same: bool | None) -> None:
    """Remember whether two photos show the same thing; None takes a judgement back.

    Raises:
        UsageError: the photos are one, or one of them is not in the library.
    """
    digests = photos.hashes(database.connection(), [a, b])
    if a == b or len(digests) != 2:
        raise UsageError("A judgement needs two photos of the library; nothing was kept.")
    body = None if same is None else SAME if same else DIFFERENT
    with database.transaction() as connection:
        decide(connection, journal, JUDGED, pair_key(digests[a], digests[b]), body)


def forget_judgements(database: Database, journal: Path) -> int:
    """Take back whatever a person has judged; return how many pairs that were."""
    with database.transaction() as connection:
        judged = decisions(connection, JUDGED)
        for decision in judged:
            decide(connection, journal, JUDGED, decision.key, None)
    return len(judged)


def pair_key(a: bytes, b: bytes) -> str:
    """Return what a pair is known by, whichever comes first."""
    return ":".join(digest.hex() for digest in sorted((a, b)))
