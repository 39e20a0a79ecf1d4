"""What deciding about a group comes to, as decisions about contents. Pure; any thread.

A decision knows contents. Which of several files of one content stays is known by `staying`.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from twinlens.records import MatchClass
from twinlens.reports import Member, Review

KEEP, TRASH = "keep", "trash"
Paths = frozenset[Path]


@dataclass(frozen=True, slots=True)
class Made:
    """One decision: the engine's word for it, the contents, and how many files they have."""

    choice: str
    contents: tuple[bytes, ...]
    files: int = 0


@dataclass(frozen=True, slots=True)
class Decided:
    """Decisions about a group, and the files that stay of contents with several."""

    made: tuple[Made, ...]
    staying: Paths


def gain_of(review: Review) -> int:
    """Return the bytes of the files that go, by decision or else by suggestion."""
    if review.group.kept_as:
        return 0
    return sum(
        member.size
        for member, fate in zip(review.group.members, review.fates, strict=True)
        if (fate == TRASH if fate else member.path != review.group.best)
    )


def fate_of(review: Review, path: Path) -> str:
    """Return what was decided of a file: "keep", "trash", or "" for nothing."""
    pairs = zip(review.group.members, review.fates, strict=True)
    return next((fate for member, fate in pairs if member.path == path), "")


def best_of(review: Review) -> Member:
    """Return the file suggested for keeping."""
    members = review.group.members
    return next((one for one in members if one.path == review.group.best), members[0])


def to_best(review: Review, member: Member) -> MatchClass:
    """Return what a file is to the best one, of which is known what both are to the reference."""
    best = best_of(review)
    if member.hash == best.hash:
        return MatchClass.SAME_BYTES
    return max(member.match, best.match, key=[*MatchClass].index)


def leaves_one(review: Review, path: Path) -> bool:
    """Return whether a file may go: another one stays, or may."""
    pairs = zip(review.group.members, review.fates, strict=True)
    return any(fate != TRASH for member, fate in pairs if member.path != path)


def accept(review: Review, staying: Paths) -> Decided:
    """Return the suggestion as decisions: one file stays, what nothing was decided about goes."""
    group = review.group
    files = Counter(member.hash for member in group.members)
    undecided = {
        member.hash: member
        for member, fate in zip(group.members, review.fates, strict=True)
        if not fate
    }
    made: list[Made] = []
    if KEEP not in review.fates:
        stays = best_of(review)
        if stays.hash not in undecided:
            stays = next(iter(undecided.values()), stays)
        made.append(Made("keep-one", (stays.hash,), files[stays.hash]))
        undecided.pop(stays.hash, None)
        # The best of its copies stays, whichever was chosen before.
        staying -= {member.path for member in group.members if member.hash == stays.hash}
    # Of a content with a file that stays, its other copies go and no more.
    kept = {m.hash for m, fate in zip(group.members, review.fates, strict=True) if fate == KEEP}
    made += [
        Made("keep-one", (content,), files[content]) for content in undecided if content in kept
    ]
    if gone := tuple(content for content in undecided if content not in kept):
        made.append(Made(TRASH, gone))
    return Decided(tuple(made), staying)


def decide_file(review: Review, path: Path, fate: str, staying: Paths) -> Decided:
    """Return what keeping one file, or letting it go, comes to."""
    members = review.group.members
    content = next(member.hash for member in members if member.path == path)
    copies = [member.path for member in members if member.hash == content]
    fates = {one: fate_of(review, one) for one in copies}
    open_ones = {one for one, decided in fates.items() if not decided}
    stay = {one for one, decided in fates.items() if decided == KEEP}
    if fate == KEEP:
        stay |= {path}
        if len(copies) > 1 and open_ones - {path}:
            # Of the other copies nothing is said.
            return Decided((), staying | {path})
    else:
        stay = (stay | open_ones) - {path}
    left = (staying - set(copies)) | (stay if 0 < len(stay) < len(copies) else set())
    if not stay:
        made = Made(TRASH, (content,))
    elif len(copies) > 1 and len(stay) == len(copies):
        made = Made(KEEP, (content,))
    else:
        made = Made("keep-one", (content,), len(copies))
    return Decided((made,), left)


def not_duplicates(review: Review, staying: Paths) -> Decided:
    """Return that the files of a group are no duplicates of each other."""
    return Decided((Made("not-duplicates", _contents(review)),), staying)


def not_one_of_them(review: Review, path: Path, staying: Paths) -> Decided:
    """Return that one file is no duplicate of the photo that all were compared with."""
    members = review.group.members
    reference = next(one.hash for one in members if one.photo_id == review.group.reference)
    other = next(one.hash for one in members if one.path == path)
    return Decided((Made("not-duplicates", (reference, other)),), staying)


def keep_all(review: Review, staying: Paths) -> Decided:
    """Return that all files of a group stay."""
    made = Made("keep-all", _contents(review), len(review.group.members))
    return Decided((made,), staying)


def changed(review: Review, before: Paths, after: Paths) -> dict[bytes, list[Path]]:
    """Return which files of a group stay by now, of contents of which others did before."""
    found: dict[bytes, list[Path]] = {}
    for content in _contents(review):
        paths = [one.path for one in review.group.members if one.hash == content]
        if before.intersection(paths) != after.intersection(paths):
            found[content] = [path for path in paths if path in after]
    return found


def differ(review: Review) -> bool:
    """Return whether a group is more than copies of one content."""
    return len(_contents(review)) > 1


def _contents(review: Review) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(member.hash for member in review.group.members))
