"""Finds photos that show the same, and keeps what it found, so that the next time costs little.

Keypoints and pixels decide, and are asked about likely pairs only. One thread at a time; workers of
its own compare.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from twinlens.curate.duplicates import Star, stars
from twinlens.curate.neighbours import Told
from twinlens.curate.pairs import REFUSED, UNSURE, Finding, Marks, Verdicts
from twinlens.curate.parts import Links, Parts
from twinlens.curate.screening import Screening, walk
from twinlens.curate.seeking import Seeker
from twinlens.imaging.keypoints import Keypoints, unpack
from twinlens.matching.match_class import judge
from twinlens.records import MatchClass, Outline

Ids = NDArray[np.int64]

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

    `live` are the photos that have a file and a descriptor, ascending, `keypoints` gives the packed
    ones of photos that can be looked at, `same_pixels` reads two photos in full.
    """

    live: Callable[[], Ids]
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
    """Groups the photos of one library; what did not change since the last time stays grouped.

    Args:
        seeker: who may relate to whom.
        verdicts: what pairs were found to be.
    """

    def __init__(self, sources: Sources, seeker: Seeker, verdicts: Verdicts) -> None:
        self._sources = sources
        self._seeker = seeker
        self.verdicts = verdicts
        self._live: Ids = np.empty(0, dtype=np.int64)
        self._alive = Marks()
        #: Live photos that may relate and that nobody looked at yet, and those of which a first
        #: look did not refuse that they do.
        self._unseen = Links()
        self._parts = Parts()
        self._grouped_as: object = None
        self._points = lru_cache(_HELD)(self._unpacked)
        self._screening = Screening(sources.keypoints)

    def refresh(self, changed: Iterable[int] = (), told: Told = lambda _: None) -> None:
        """Take in who came and who went, and look for candidates of photos that are new.

        Args:
            changed: photos of which `Grouping` may say something else than before.
            told: called with the share, 0 to 1, of what is done; what it raises ends the work.
        """
        self._parts.regroup(changed)
        live = self._sources.live()
        self._seeker.seek(live, told)
        went = self._live[~np.isin(self._live, live)]
        came = self._alive.missing(live)
        self._live = live
        self._alive.remove(went)
        self._alive.add(came)
        for photo_id in went.tolist():
            self._parts.drop(photo_id)
            self._unseen.drop(photo_id)
        for photo_id in self._seeker.changed().union(came.tolist()):
            if photo_id in self._alive:
                self._take_in(photo_id)

    def group(
        self,
        how: Grouping,
        should_stop: Callable[[], bool] = lambda: False,
        told: Told = lambda _: None,
    ) -> list[Star]:
        """Return the groups, comparing what was not compared yet; what was found is kept.

        Those of the oldest photos come first. What `should_stop` ends has only some of them.
        `told` is called with the share, 0 to 1, of what is done.
        """
        self._look_briefly(should_stop, lambda share: told(BRIEF_SHARE * share))
        if self._grouped_as != how.key:
            self._parts.regroup()
            self._grouped_as = how.key
        todo, found = [], []
        for part in self._parts.all():
            if part.stars is None:
                todo.append(part)
            else:
                found += part.stars
        done, total = 0, sum(len(part.photos) for part in todo)
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="duplicates") as workers:
            for start in range(0, len(todo), _BATCH):
                if should_stop():
                    break
                batch = todo[start : start + _BATCH]
                how.prepare([photo_id for part in batch for photo_id in part.photos])
                each = workers.map(lambda part: self._stars(part.photos, how, should_stop), batch)
                for part, one in zip(batch, each, strict=True):
                    if one is not None:
                        found += one[0]
                        # What was out of reach may be back the next time.
                        part.stars = one[0] if one[1] else None
                    done += len(part.photos)
                    told(BRIEF_SHARE + (1 - BRIEF_SHARE) * done / total)
                self.verdicts.save()
        # So that what is out of reach is asked for again.
        self._points.cache_clear()
        return sorted(found, key=lambda star: min((star.reference, *star.members)))

    def _take_in(self, photo_id: int) -> None:
        """Link a photo with those live ones that it may relate to."""
        for other in self._seeker.of(photo_id):
            if other not in self._alive:
                continue
            refused = self.verdicts.refused(photo_id, other)
            if refused is None:
                self._unseen.link(photo_id, other)
            else:
                self._settle(photo_id, other, refused=refused)

    def _settle(self, one: int, other: int, *, refused: bool) -> None:
        """Link a pair or forget it.

        Most neighbours have nothing in common, and would tie the whole library together.
        """
        if refused:
            self._seeker.forget(one, other)
        else:
            self._parts.link(one, other)

    def _look_briefly(self, should_stop: Callable[[], bool], told: Told) -> None:
        """Look at pairs that nobody looked at yet; what is out of reach stays to be looked at."""
        pairs = list(walk(self._unseen))
        done = 0
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="first-look") as workers:
            for looked in self._screening.look(pairs, workers):
                for (one, other), refused in looked:
                    self._unseen.part(one, other)
                    self.verdicts.put(one, other, REFUSED if refused else UNSURE)
                    self._settle(one, other, refused=refused)
                self.verdicts.save()
                done += len(looked)
                told(done / len(pairs))
                if should_stop():
                    return

    def _stars(
        self,
        part: Sequence[int],
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
            return stars(part, self._parts.near, relation, how.least, how.order), final
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


def _area(outline: Outline | None) -> float:
    """Return the share of a frame that a convex outline takes (shoelace formula)."""
    if outline is None:
        return 0.0
    across, down = np.array(outline.corners).T
    return float(abs(across @ np.roll(down, -1) - down @ np.roll(across, -1)) / 2)
