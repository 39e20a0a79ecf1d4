"""Looks briefly at many pairs of photos, so that only those worth it are compared. One thread.

Workers of the caller make sketches and look; photos that hang together come one after the other,
so that few sketches need be held.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from twinlens.matching.screen import unlike
from twinlens.matching.sketch import Sketch, sketches

Pair = tuple[int, int]
Item = TypeVar("Item")

#: Pairs between which what was found is handed over, and the share of them a worker looks at.
_BATCH, _SLICE = 1024, 64
#: Sketches made in one go: their descriptors stay in a processor's cache.
_SKETCHED = 16
#: Sketches held, some 12 kB each.
_HELD = 4096


class Screening:
    """Holds the sketches of the photos that were looked at last.

    Args:
        keypoints: gives the packed keypoints of photos that can be looked at.
    """

    def __init__(self, keypoints: Callable[[Sequence[int]], dict[int, bytes]]) -> None:
        self._keypoints = keypoints
        self._sketches: OrderedDict[int, Sketch] = OrderedDict()

    def look(
        self, pairs: Sequence[Pair], workers: ThreadPoolExecutor
    ) -> Iterator[list[tuple[Pair, bool]]]:
        """Yield pairs, each with whether nothing would be proven of it, some hundred at a time.

        Those with a photo that is out of reach are left out.
        """
        for batch in _split(pairs, _BATCH):
            there = self._sketched({photo_id for pair in batch for photo_id in pair}, workers)
            seen = [pair for pair in batch if pair[0] in there and pair[1] in there]
            slices = _split([(there[one], there[other]) for one, other in seen], _SLICE)
            refused = [flag for flags in workers.map(unlike, slices) for flag in flags.tolist()]
            yield list(zip(seen, refused, strict=True))

    def _sketched(self, ids: Set[int], workers: ThreadPoolExecutor) -> dict[int, Sketch]:
        for photo_id in ids & self._sketches.keys():
            self._sketches.move_to_end(photo_id)
        absent = sorted(ids - self._sketches.keys())
        bodies = self._keypoints(absent) if absent else {}
        made = workers.map(sketches, _split(list(bodies.values()), _SKETCHED))
        found = (one for part in made for one in part)
        self._sketches.update(
            (photo_id, one) for photo_id, one in zip(bodies, found, strict=True) if one is not None
        )
        there = {photo_id: self._sketches[photo_id] for photo_id in ids & self._sketches.keys()}
        while len(self._sketches) > _HELD:
            self._sketches.popitem(last=False)
        return there


def walk(near: Mapping[int, Set[int]]) -> Iterator[Pair]:
    """Yield each pair of neighbours once, the lesser id first; those of one place in a row."""
    seen: set[int] = set()
    for start in near:
        frontier = [start]
        while frontier:
            photo_id = frontier.pop()
            if photo_id in seen:
                continue
            seen.add(photo_id)
            for other in near.get(photo_id, ()):
                if other not in seen:
                    yield min(photo_id, other), max(photo_id, other)
                    frontier.append(other)


def _split(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))
