"""Looks for photos that may show the same: by the index, and by codes of keypoints. Any one thread.

Never all pairs; what was found is kept, so that only new photos are asked about.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from twinlens.curate.neighbours import Told
from twinlens.curate.pairs import Candidates, Marks
from twinlens.matching.collisions import agreement, colliding
from twinlens.matching.kept import KeptCodes

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


class Seeker:
    """Knows whom the photos of one library may relate to.

    Args:
        nearest: finds in the index.
        codes: those of the photos that were looked at closely.
        by_index, by_codes: what was found, each its own way.
    """

    def __init__(
        self, nearest: Nearest, codes: KeptCodes, by_index: Candidates, by_codes: Candidates
    ) -> None:
        self._nearest = nearest
        self._codes = codes
        self._by_index = by_index
        self._by_codes = by_codes
        #: Photos that the index was asked about before they had a code.
        self._uncoded = Marks()
        self._told_of: set[int] = set()

    def of(self, photo_id: int) -> set[int]:
        """Return whom a photo may relate to, whether these are still there or not."""
        nobody: set[int] = set()
        by_index = self._by_index.near.get(photo_id, nobody)
        return by_index | self._by_codes.near.get(photo_id, nobody)

    def forget(self, one: int, other: int) -> None:
        """Forget a pair of which is known that nothing can be proven, until the next start."""
        self._by_index.near.part(one, other)
        self._by_codes.near.part(one, other)

    def changed(self) -> set[int]:
        """Return the photos of which more is known than at the last call."""
        changed, self._told_of = self._told_of, set()
        return changed

    def seek(self, live: Ids, told: Told) -> None:
        """Ask about live photos, ids ascending, that are new.

        `told` is called with the share, 0 to 1, of what is done; what it raises ends the work.
        """
        self._ask_index(live, told)
        self._ask_codes(live)
        told(1.0)

    def _ask_index(self, live: Ids, told: Told) -> None:
        coded, codes = self._codes.all()
        new = self._by_index.new(live)
        # Without a code there was less to go by: those are asked about again once they have one.
        again = np.isin(new, coded)
        new = np.union1d(new[again], self._uncoded.missing(new[~again]))
        if not len(new):
            return
        for ids, near, scores in self._nearest(new, min(NEAREST + 1, len(live)), told):
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
            final = np.isin(ids, coded)
            self._by_index.put(found, ids[final])
            self._uncoded.add(ids[~final])
            self._told_of.update(found)

    def _ask_codes(self, live: Ids) -> None:
        ids, codes = self._codes.all()
        new = self._by_codes.new(ids)
        new = new[np.isin(new, live)]
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
        nearest = {n: [mate for _, mate in sorted(mates)[:ALIKE]] for n, mates in found.items()}
        self._by_codes.put(nearest, new)
        self._told_of.update(nearest)
