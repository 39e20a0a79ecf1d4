"""Finds photos that show the same, and keeps what it found, so that the next time costs little.

Candidates come from the index and from codes of keypoints, never from all pairs; keypoints and
pixels decide. One thread at a time; workers of its own compare.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from twinlens.curate.duplicates import Star, parts, stars
from twinlens.curate.neighbours import Told
from twinlens.curate.pairs import REFUSED, UNSURE, Candidates, Finding, Verdicts
from twinlens.curate.screening import Screening, walk
from twinlens.imaging.keypoints import Keypoints, unpack
from twinlens.matching.collisions import agreement, colliding
from twinlens.matching.kept import KeptCodes
from twinlens.matching.match_class import judge
from twinlens.records import MatchClass, Outline

Ids = NDArray[np.int64]
Scores = NDArray[np.float32]
#: Yields ids, the nearest of each and their cosines, some hundred at a time, and tells how far it
#: has come.
Nearest = Callable[[Ids, int, Told], Iterator[tuple[Ids, Ids, Scores]]]

#: Nearest neighbours that may be copies: so many, where codes of keypoints agree or descriptors do
#: so closely that a copy without common keypoints (mirrored, blurred) is likely.
NEAREST, LEAST_COSINE, LEAST_AGREEMENT = 12, 0.85, 0.53
#: The least cosine where one of the two has no code yet.
UNCODED_COSINE = 0.7
#: Photos far from each other in the index, but with codes that agree, as crops have.
ALIKE, FAR_AGREEMENT = 12, 0.58
_WORKERS = 2
#: Looking for candidates is told as so large a share of the work.
CANDIDATES_SHARE = 0.25
#: Of the rest, so much is a first look.
BRIEF_SHARE = 0.4
#: Parts between which verdicts are kept.
_BATCH = 256
#: Photos whose keypoints are held at once.
_HELD = 256


class Stopped(Exception):  # noqa: N818 - not an error
    """Whoever asked wants no more."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a finder looks.

    `live` are the photos that have a file and a descriptor, `nearest` finds in the index,
    `keypoints` gives the packed ones of photos that can be looked at, `same_pixels` reads two
    photos in full.
    """

    live: Callable[[], Ids]
    nearest: Nearest
    codes: KeptCodes
    keypoints: Callable[[Sequence[int]], dict[int, bytes]]
    same_pixels: Callable[[int, int], bool]


@dataclass(frozen=True, slots=True)
class Grouping:
    """How to group: the weakest relation that counts, which photos, and in which order.

    `key` tells this way of grouping from others. `prepare` is told of photos that the others will
    be asked about. `order` sorts the photos of a part, the best first, and leaves out those that
    do not count. `apart` says that two photos are kept although they may look the same.
    """

    key: object
    least: MatchClass
    prepare: Callable[[Sequence[int]], None]
    order: Callable[[Sequence[int]], list[int]]
    apart: Callable[[int, int], bool]


class Finder:
    """Groups the photos of one library.

    Args:
        by_index, by_codes: who may relate to whom, each found its own way.
        verdicts: what pairs were found to be.
    """

    def __init__(
        self, sources: Sources, by_index: Candidates, by_codes: Candidates, verdicts: Verdicts
    ) -> None:
        self._sources = sources
        self._by_index = by_index
        self._by_codes = by_codes
        self.verdicts = verdicts
        #: Held by whoever asks.
        self.lock = threading.Lock()
        #: The groups of each part as they were last made, with the number of its links then.
        self._grouped: dict[tuple[int, ...], tuple[int, list[Star]]] = {}
        self._grouped_as: object = None
        self._points = lru_cache(_HELD)(self._unpacked)
        self._screening = Screening(sources.keypoints)

    def refresh(self, told: Told = lambda _: None) -> dict[int, set[int]]:
        """Look for candidates of photos that are new; return those of all photos, both ways.

        `told` is called with the share, 0 to 1, of what is done; what it raises ends the work.
        """
        live = self._sources.live()
        alive = set(live.tolist())
        self._ask_index(self._by_index.new(live), len(live), told)
        self._ask_codes(alive)
        told(1.0)
        near: dict[int, set[int]] = {}
        for found in (self._by_index.near, self._by_codes.near):
            for photo_id, others in found.items():
                if photo_id in alive and (there := others & alive):
                    near.setdefault(photo_id, set()).update(there)
        return near

    def group(
        self,
        near: dict[int, set[int]],
        how: Grouping,
        should_stop: Callable[[], bool] = lambda: False,
        told: Told = lambda _: None,
    ) -> list[Star]:
        """Return the groups, comparing what was not compared yet; what was found is kept.

        Those of the oldest photos come first. What `should_stop` ends has only some of them.
        `told` is called with the share, 0 to 1, of what is done.
        """
        self._look_briefly(near, should_stop, lambda share: told(BRIEF_SHARE * share))
        known: dict[tuple[int, ...], tuple[int, list[Star]]] = {}
        before = self._grouped if self._grouped_as == how.key else {}
        todo: dict[tuple[int, ...], int] = {}
        for part in map(tuple, parts(near)):
            links = sum(len(near[photo_id]) for photo_id in part)
            if part in before and before[part][0] == links:
                known[part] = before[part]
            else:
                todo[part] = links
        done, total = 0, sum(todo.values())
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="duplicates") as workers:
            for start in range(0, len(todo), _BATCH):
                if should_stop():
                    break
                batch = list(todo)[start : start + _BATCH]
                how.prepare([photo_id for part in batch for photo_id in part])
                for part, one in zip(
                    batch,
                    workers.map(lambda part: self._stars(part, near, how, should_stop), batch),
                    strict=True,
                ):
                    if one is not None:
                        # What was out of reach may be back the next time.
                        known[part] = (todo[part] if one[1] else -1), one[0]
                    done += todo[part]
                    told(BRIEF_SHARE + (1 - BRIEF_SHARE) * done / total)
                self.verdicts.save()
        self._grouped, self._grouped_as = known, how.key
        grouped = [star for _, found in known.values() for star in found]
        return sorted(grouped, key=lambda star: min((star.reference, *star.members)))

    def _look_briefly(
        self, near: dict[int, set[int]], should_stop: Callable[[], bool], told: Told
    ) -> None:
        """Take out the pairs that a first look refuses; what it found is kept.

        Most neighbours have nothing in common, and would tie the whole library together.
        """
        pairs = []
        for one, other in list(walk(near)):
            refused = self.verdicts.refused(one, other)
            if refused is None:
                pairs.append((one, other))
            elif refused:
                self._part(near, one, other)
        done = 0
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="first-look") as workers:
            for looked in self._screening.look(pairs, workers):
                for (one, other), refused in looked:
                    self.verdicts.put(one, other, REFUSED if refused else UNSURE)
                    if refused:
                        self._part(near, one, other)
                self.verdicts.save()
                done += len(looked)
                told(done / len(pairs))
                if should_stop():
                    return

    def _part(self, near: dict[int, set[int]], one: int, other: int) -> None:
        for photo_id, mate in ((one, other), (other, one)):
            near[photo_id].discard(mate)
            if not near[photo_id]:
                del near[photo_id]
        self._by_index.drop(one, other)
        self._by_codes.drop(one, other)

    def _stars(
        self,
        part: Sequence[int],
        near: dict[int, set[int]],
        how: Grouping,
        should_stop: Callable[[], bool],
    ) -> tuple[list[Star], bool] | None:
        """Return the groups of a part, and whether every photo of it could be looked at.

        None where it was stopped.
        """
        final = True

        def relation(one: int, other: int) -> MatchClass | None:
            nonlocal final
            if should_stop():
                raise Stopped
            finding = self.finding(one, other)
            final = final and finding is not None
            match = None if finding is None else finding.match
            # No two exposures have the same pixels, whatever their names and times say.
            if match is None or match is MatchClass.SAME_PIXELS:
                return match
            return None if how.apart(one, other) else match

        try:
            return stars(part, near, relation, how.least, how.order), final
        except Stopped:
            return None

    def finding(self, one: int, other: int) -> Finding | None:
        """Return what a pair is, looking at it where nobody has; None where one is out of reach."""
        known = self.verdicts.get(one, other)
        if known is not None:
            return known
        older, younger = min(one, other), max(one, other)
        ours, theirs = self._points(older), self._points(younger)
        if ours is None or theirs is None:
            return None
        verdict = judge(ours, theirs)
        match = verdict.match
        if verdict.exact and self._sources.same_pixels(older, younger):
            match = MatchClass.SAME_PIXELS
        finding = Finding(match, min(_area(verdict.ours), _area(verdict.theirs)))
        self.verdicts.put(older, younger, finding)
        return finding

    def _unpacked(self, photo_id: int) -> Keypoints | None:
        body = self._sources.keypoints([photo_id]).get(photo_id)
        return None if body is None else unpack(body)

    def _ask_index(self, new: Ids, count: int, told: Told) -> None:
        if not len(new):
            return
        coded, codes = self._sources.codes.all()
        for ids, near, scores in self._sources.nearest(new, min(NEAREST + 1, count), told):
            ours, theirs = np.repeat(ids, near.shape[1]), near.ravel()
            both = np.isin(ours, coded) & np.isin(theirs, coded)
            likely = scores.ravel() >= np.where(both, LEAST_COSINE, UNCODED_COSINE)
            unsure = np.flatnonzero(both & ~likely)
            rows, others = (np.searchsorted(coded, which[unsure]) for which in (ours, theirs))
            likely[unsure] = agreement(codes, rows, others) >= LEAST_AGREEMENT
            found: dict[int, set[int]] = {photo_id: set() for photo_id in ids.tolist()}
            for photo_id, other in zip(ours[likely].tolist(), theirs[likely].tolist(), strict=True):
                if photo_id != other:
                    found[photo_id].add(other)
            # Without a code there was less to go by: those are asked again another time.
            self._by_index.put(found, final=set(ids[np.isin(ids, coded)].tolist()))

    def _ask_codes(self, alive: set[int]) -> None:
        ids, codes = self._sources.codes.all()
        new = self._by_codes.new(np.array([n for n in ids.tolist() if n in alive], dtype=np.int64))
        if not len(new):
            return
        one, other, _ = colliding(codes, np.isin(ids, new))
        shares = agreement(codes, one, other)
        likely = shares >= FAR_AGREEMENT
        found: dict[int, list[tuple[float, int]]] = {photo_id: [] for photo_id in new.tolist()}
        for ours, theirs, share in zip(
            ids[one[likely]].tolist(), ids[other[likely]].tolist(), shares[likely], strict=True
        ):
            for photo_id, mate in ((ours, theirs), (theirs, ours)):
                if photo_id in found:
                    found[photo_id].append((-float(share), mate))
        self._by_codes.put(
            {n: [mate for _, mate in sorted(mates)[:ALIKE]] for n, mates in found.items()},
            final=found.keys(),
        )


def _area(outline: Outline | None) -> float:
    """Return the share of a frame that a convex outline takes (shoelace formula)."""
    if outline is None:
        return 0.0
    across, down = np.array(outline.corners).T
    return float(abs(across @ np.roll(down, -1) - down @ np.roll(across, -1)) / 2)
