"""A decision holds for contents: a settled group returns only with something new in it."""

from tests.unit.curate.groups import content, group, member
from twinlens.curate.choices import Choice, Choices, Contents
from twinlens.records import MatchClass

TRIO = group(
    member("a.jpg", 1),
    member("b.jpg", 2, MatchClass.RE_ENCODED),
    member("c.jpg", 3, MatchClass.EDITED),
)


def decided(choice: Choice, *numbers: int, files: int = 0) -> Choices:
    hashes = frozenset(content(number) for number in numbers)
    return Choices(sets=(Contents(choice, "key", hashes, files, 0.0),))


def test_a_group_that_nobody_decided_about_is_open() -> None:
    assert Choices().open_parts(TRIO) == [TRIO]
    assert decided(Choice.KEEP_ALL, 1, 2).open_parts(TRIO) == [TRIO]
    assert decided(Choice.KEEP_ALL, 7, 8, 9).open_parts(TRIO) == [TRIO]


def test_a_group_that_is_kept_returns_only_with_a_new_member() -> None:
    kept = decided(Choice.KEEP_ALL, 1, 2, 3, files=3)
    assert kept.open_parts(TRIO) == []
    pair = group(*TRIO.members[:2])
    assert kept.open_parts(pair) == []
    other = group(*TRIO.members, member("d.jpg", 4, MatchClass.EDITED))
    assert kept.open_parts(other) == [other]
    copy = group(*TRIO.members, member("e.jpg", 1))
    assert kept.open_parts(copy) == [copy]


def test_what_is_no_duplicate_leaves_the_group_and_its_weakness_with_it() -> None:
    (part,) = decided(Choice.NOT_DUPLICATES, 1, 3).open_parts(TRIO)
    assert [m.path.name for m in part.members] == ["a.jpg", "b.jpg"]
    assert part.match is MatchClass.RE_ENCODED
    assert decided(Choice.NOT_DUPLICATES, 1, 2, 3).open_parts(TRIO) == []
    assert decided(Choice.NOT_DUPLICATES, 2, 3).open_parts(TRIO) == [TRIO]


def test_a_best_that_leaves_gives_way() -> None:
    other_best = group(*TRIO.members, best=2)
    (part,) = decided(Choice.NOT_DUPLICATES, 1, 3).open_parts(other_best)
    assert part.best.name == "a.jpg"


def test_copies_of_what_left_are_still_copies_of_each_other() -> None:
    four = group(*TRIO.members, member("d.jpg", 3, MatchClass.EDITED))
    one, two = decided(Choice.NOT_DUPLICATES, 1, 3).open_parts(four)
    assert [m.path.name for m in one.members] == ["a.jpg", "b.jpg"]
    assert [m.path.name for m in two.members] == ["c.jpg", "d.jpg"]
    assert (two.match, two.reference, two.best.name) == (MatchClass.SAME_BYTES, 3, "c.jpg")
    assert one.group != two.group
