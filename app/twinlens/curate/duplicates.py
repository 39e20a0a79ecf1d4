"""Groups photos around references that each member was compared with. Pure; any thread.

Chains are the trap of grouping: A like B and B like C puts A and C together, though nobody compared
them. Here a group is a star: one photo, and all that were proven to show the same as that one.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from twinlens.records import MatchClass
from twinlens.reports import Group, Member

Neighbours = Mapping[int, Collection[int]]
#: Says what a photo is to a reference; None where nothing is proven.
Judge = Callable[[int, int], MatchClass | None]

#: Members tried as references in the place of the first.
TRIES = 3

STRENGTH = {match: place for place, match in enumerate(MatchClass)}


@dataclass(slots=True)
class Star:
    """A reference with the photos that were proven against it, and how each relates to it."""

    reference: int
    members: dict[int, MatchClass] = field(default_factory=dict)

    @property
    def close(self) -> int:
        """How many members differ from the reference in their encoding at most."""
        return sum(is_enough(match, MatchClass.RE_ENCODED) for match in self.members.values())


def weakest(matches: Iterable[MatchClass]) -> MatchClass:
    """Return the weakest of relations, that of the same bytes where there is none."""
    return max(matches, key=STRENGTH.__getitem__, default=MatchClass.SAME_BYTES)


def is_enough(match: MatchClass | None, least: MatchClass) -> bool:
    """Return whether a relation is at least so strong."""
    return match is not None and STRENGTH[match] <= STRENGTH[least]


def to_best(group: Group, member: Member) -> MatchClass:
    """Return what a file is to the best one, of which is known what both are to the reference."""
    best = next(one for one in group.members if one.path == group.best)
    if member.hash == best.hash:
        return MatchClass.SAME_BYTES
    return weakest((member.match, best.match))


def stars(
    photos: Sequence[int],
    near: Neighbours,
    judge: Judge,
    least: MatchClass,
    rank: Callable[[Sequence[int]], Sequence[int]] = tuple,
) -> list[Star]:
    """Group photos; one that stands in no group is left out, none stands in two.

    The first photo that is still free is tried as a reference, then a few of those that it takes:
    what most others are proven against becomes the reference, of equals the one with most mere
    re-encodings, then the one ranked first among them. Around a screenshot of a picture, say, fewer
    copies are proven than around the picture, and to an edited one fewer are the same but for
    encoding.

    Args:
        photos: what is grouped.
        near: the photos that each may relate to, in both directions.
        judge: may be asked about a pair more than once.
        rank: puts photos in order, the best first, and leaves out those that do not count.
    """
    order = rank(photos)
    free = set(order)
    place = {photo_id: n for n, photo_id in enumerate(order)}
    found: list[Star] = []
    for first in order:
        if first not in free:
            continue
        star, failed = _around(first, free, near, judge, least)
        if star.members:
            # Among these alone a photo may rank otherwise than among all.
            inside = rank([first, *star.members])
            others = sorted(star.members, key=lambda n: (-len(near.get(n, ())), place[n]))
            others = others[:TRIES] if len(star.members) > 1 or failed else []
            others += [n for n in inside[:1] if n not in (first, *others)]
            tried = [_around(other, free, near, judge, least)[0] for other in others]
            # Of a larger group without the first photo, that one would be left alone.
            larger = [one for one in tried if first in one.members]
            rated = {n: -at for at, n in enumerate(inside)}
            star = max(
                [star, *larger],
                key=lambda one: (len(one.members), one.close, rated[one.reference]),
            )
        free.discard(first)
        if star.members:
            free -= {star.reference, *star.members}
            found.append(star)
    return found


def _around(
    reference: int, free: Collection[int], near: Neighbours, judge: Judge, least: MatchClass
) -> tuple[Star, bool]:
    """Return the photos proven against one, and whether any that was asked is not.

    Asked are the reference's neighbours, those of each photo that it takes, and so on; each of them
    is compared with the reference itself.
    """
    star = Star(reference)
    asked = {reference}
    frontier = [reference]
    while frontier:
        for other in sorted(near.get(frontier.pop(), ())):
            if other in asked or other not in free:
                continue
            asked.add(other)
            match = judge(reference, other)
            if match is not None and is_enough(match, least):
                star.members[other] = match
                frontier.append(other)
    return star, len(asked) > len(star.members) + 1
