"""Lists groups of photos that show the same, anew for little once they were listed. Any thread."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twinlens.curate.best import Choice, Rule
from twinlens.curate.duplicates import Star
from twinlens.curate.finding import CANDIDATES_SHARE, Finder, Grouping, Sources, Stopped
from twinlens.curate.neighbours import Told
from twinlens.curate.pairs import Candidates, Verdicts
from twinlens.curate.seeking import Seeker
from twinlens.library.engine import Engine
from twinlens.library.facts import Facts
from twinlens.library.following import Following
from twinlens.library.showing import Showing
from twinlens.records import MatchClass
from twinlens.reports import Group

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which groups are wanted: see `Curating.duplicates`."""

    least: MatchClass
    within: Path | None
    rules: tuple[Rule, ...]
    preferred: tuple[Path, ...]
    bursts: bool


class Listing:
    """Groups the photos of one library, with the model of one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._lock = threading.Lock()
        features, verifier = engine.features, engine.verifier
        self.verdicts = Verdicts(features)
        self._following = Following(engine.database, engine.model)
        sources = Sources(lambda: self._following.live, verifier.keypoints, verifier.same_pixels)
        seeker = Seeker(
            self._nearest,
            verifier.codes,
            Candidates(features, f"neighbours/1/{engine.spec.model_id}"),
            Candidates(features, "collisions/1"),
        )
        self._finder = Finder(sources, seeker, self.verdicts)
        self._showing = Showing(engine, self.verdicts)

    def groups(self, asked: Asked, should_stop: Callable[[], bool], told: Told) -> list[Group]:
        """Return the groups, each file in one of them at most; see `Curating.duplicates`."""
        with self._lock:
            changed = self._following.catch_up().tolist()
            self._showing.forget(changed)
            key = asked, self._following.places
            facts, choice = Facts(self.engine.database), Choice(asked.rules, asked.preferred)
            apart = facts.no_burst if asked.bursts else facts.apart
            order = _order(facts, choice, asked.within)
            how = Grouping(key, asked.least, facts.learn, order, apart)
            found = self._stars(changed, how, should_stop, told)
            if asked.bursts:
                # What else a shot is to another one is chance: they were taken one by one.
                found = [
                    Star(one.reference, dict.fromkeys(one.members, asked.least)) for one in found
                ]
            elif len(self._following.repeated):
                taken = {n for star in found for n in (star.reference, *star.members)}
                repeated = self._following.repeated.tolist()
                found += [Star(photo_id) for photo_id in repeated if photo_id not in taken]
            shown = self._showing.groups(found, facts, choice, asked.within, key)
        return [group for group in shown if len(group.members) > 1]

    def _stars(
        self,
        changed: Sequence[int],
        how: Grouping,
        should_stop: Callable[[], bool],
        told: Told,
    ) -> list[Star]:
        def looked(share: float) -> None:
            if should_stop():
                raise Stopped
            told(CANDIDATES_SHARE * share)

        def compared(share: float) -> None:
            told(CANDIDATES_SHARE + (1 - CANDIDATES_SHARE) * share)

        try:
            self._finder.refresh(changed, looked)
        except Stopped:
            return []
        return self._finder.group(how, should_stop, compared)

    def _nearest(
        self, ids: Ids, k: int, told: Told
    ) -> Iterator[tuple[Ids, Ids, NDArray[np.float32]]]:
        index = self.engine.index
        indexed = np.array([n for n in ids.tolist() if index.contains(n)], dtype=np.int64)
        return self.engine.neighbours.nearest(indexed, k, told)


def _order(
    facts: Facts, choice: Choice, within: Path | None
) -> Callable[[Sequence[int]], list[int]]:
    """Return what sorts photos by their files, the best first, and leaves out those outside."""

    def order(part: Sequence[int]) -> list[int]:
        there = [n for n in part if within is None or facts.lies_in(n, within)]
        ordered = choice.origins([copy for n in there for copy in facts.copies(n)])
        return list(dict.fromkeys(copy.photo_id for copy in ordered))

    return order
