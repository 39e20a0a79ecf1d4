"""What verification found out, and what it means for an answer: what comes first. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from twinlens.index.exact import Ids, Vectors
from twinlens.matching.match_class import SCENE_INLIERS, Verdict
from twinlens.records import Hit, MatchClass

Flags = NDArray[np.bool_]

#: Probability from which pictures without proof are called alike.
ALIKE = 0.5

_STRENGTH = {match: place for place, match in enumerate(MatchClass)}


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found out so far, by photo."""

    verdicts: dict[int, Verdict] = field(default_factory=dict)

    @property
    def proven(self) -> list[int]:
        """Photos that show the same, strongest first."""
        found = [
            (by_strength(verdict), number)
            for number, verdict in self.verdicts.items()
            if verdict.match is not None
        ]
        return [number for _, number in sorted(found)]

    @property
    def leading(self) -> list[int]:
        """Those of the proven photos that come before all others, strongest first."""
        return [number for number in self.proven if leads(self.verdicts[number])]

    def mark(self, hits: list[Hit]) -> list[Hit]:
        """Return the hits with what was found out about them."""
        return [self._marked(hit) for hit in hits]

    def settle(self, hits: list[Hit]) -> list[Hit]:
        """Return the hits of which nothing was proven, but which are likely, as alike."""
        return [
            replace(hit, match=MatchClass.ALIKE)
            if hit.match is None and hit.photo_id in self.verdicts and is_alike(hit.probability)
            else hit
            for hit in hits
        ]

    def _marked(self, hit: Hit) -> Hit:
        verdict = self.verdicts.get(hit.photo_id)
        if verdict is None:
            return hit
        theirs = verdict.theirs
        return replace(
            hit,
            match=hit.match or verdict.match,
            inliers=verdict.inliers,
            region=hit.region if theirs is None else theirs.region,
            outline=theirs,
            query_outline=verdict.ours,
            example=verdict.example,
            surroundings=not leads(verdict),
        )


def by_strength(verdict: Verdict) -> tuple[int, float]:
    """Return what verdicts are sorted by, the strongest first."""
    place = len(_STRENGTH) if verdict.match is None else _STRENGTH[verdict.match]
    return place, -verdict.strength


def leads(verdict: Verdict) -> bool:
    """Whether a photo shows the very thing that the query shows, not merely what is around it.

    Inliers on a thing surround shapes that agree. Those on a bed sheet or a shelf surround whatever
    lies or stands there, and count for as much as agrees of that.
    """
    is_scene = verdict.match is MatchClass.SAME_SCENE
    return not is_scene or verdict.inliers * verdict.strength >= SCENE_INLIERS


def is_alike(probability: float | None) -> bool:
    """Whether pictures of which nothing is proven rather show the same kind of thing."""
    return probability is not None and probability >= ALIKE


def candidates(*lists: Sequence[int]) -> list[int]:
    """Return the photos to verify, those of all lists in turns, none twice."""
    turns = zip_longest(*lists)
    return list(dict.fromkeys(one for turn in turns for one in turn if one is not None))


def promote(
    proven: Sequence[int], ids: Ids, scores: Vectors, enough: Flags
) -> tuple[Ids, Vectors, Flags]:
    """Return a ranking with the proven photos first; what is proven is always good enough.

    Those that were not in the ranking come with a score of nan.
    """
    first = np.array(proven, dtype=np.int64)
    known = dict(zip(ids.tolist(), scores.tolist(), strict=True))
    ahead = np.array([known.get(number, np.nan) for number in proven], dtype=np.float32)
    rest = ~np.isin(ids, first)
    return (
        np.concatenate([first, ids[rest]]),
        np.concatenate([ahead, scores[rest]]),
        np.concatenate([np.ones(len(first), bool), enough[rest]]),
    )
