"""Photos that may show the same, and the parts in which they hang together. Pure; one thread.

What is grouped in one part does not touch another, so only parts that changed are gone over again.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from twinlens.curate.duplicates import Star


class Links(dict[int, set[int]]):
    """Photos with those they are linked to, in both directions; one without any is not there."""

    def link(self, one: int, other: int) -> None:
        """Link two photos."""
        self.setdefault(one, set()).add(other)
        self.setdefault(other, set()).add(one)

    def part(self, one: int, other: int) -> None:
        """Take a link away, if there is one."""
        for photo_id, mate in ((one, other), (other, one)):
            mates = self.get(photo_id, set())
            mates.discard(mate)
            if not mates:
                self.pop(photo_id, None)

    def drop(self, photo_id: int) -> set[int]:
        """Take a photo with its links away; return those it was linked to."""
        mates = self.get(photo_id, set()).copy()
        for mate in mates:
            self.part(photo_id, mate)
        return mates


@dataclass(slots=True, eq=False)
class Part:
    """Photos that hang together, ascending; `stars` are their groups, None where to be found."""

    photos: tuple[int, ...]
    stars: list[Star] | None = None


class Parts:
    """Links between photos, and the parts they make; some 400 bytes a linked photo."""

    def __init__(self) -> None:
        self.near = Links()
        self._parts: dict[Part, None] = {}
        self._part_of: dict[int, Part] = {}
        self._changed: set[int] = set()

    def link(self, one: int, other: int) -> None:
        """Link two photos."""
        self.near.link(one, other)
        self._changed.update((one, other))

    def drop(self, photo_id: int) -> None:
        """Take a photo with its links away."""
        self._changed.update(self.near.drop(photo_id), (photo_id,))

    def regroup(self, photo_ids: Iterable[int] | None = None) -> None:
        """Forget the groups of the parts of photos, or all of them."""
        every = self._parts if photo_ids is None else map(self._part_of.get, photo_ids)
        for part in every:
            if part is not None:
                part.stars = None

    def all(self) -> Iterable[Part]:
        """Return all parts; those that were changed are new, and the others keep their groups."""
        loose: set[int] = set()
        for photo_id in self._changed:
            part = self._part_of.get(photo_id)
            if part is not None and part in self._parts:
                del self._parts[part]
                loose.update(part.photos)
        loose |= self._changed
        self._changed.clear()
        for photo_id in loose:
            self._part_of.pop(photo_id, None)
        for start in sorted(loose & self.near.keys()):
            if start not in self._part_of:
                part = Part(tuple(sorted(self._around(start))))
                self._parts[part] = None
                self._part_of.update(dict.fromkeys(part.photos, part))
        return self._parts.keys()

    def _around(self, start: int) -> set[int]:
        """Return the photos that hang together with one."""
        seen, frontier = {start}, [start]
        while frontier:
            new = self.near[frontier.pop()] - seen
            seen |= new
            frontier += new
        return seen
