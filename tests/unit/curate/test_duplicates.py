"""Groups are stars: nothing is grouped that was not compared with the reference."""

from collections.abc import Sequence
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from twinlens.curate.duplicates import Star, is_enough, stars
from twinlens.records import MatchClass

EDITED, SCENE = MatchClass.EDITED, MatchClass.SAME_SCENE
Relations = dict[frozenset[int], MatchClass]

pairs = st.integers(0, 8).flatmap(
    lambda a: st.integers(0, 8).filter(lambda b: b != a).map(lambda b: frozenset((a, b)))
)


def grouped(order: list[int], relations: Relations, least: MatchClass = EDITED) -> list[Star]:
    near: dict[int, set[int]] = {}
    for one, other in map(tuple, relations):
        near.setdefault(one, set()).add(other)
        near.setdefault(other, set()).add(one)
    return stars(order, near, lambda a, b: relations.get(frozenset((a, b))), least)


def linked(*numbers: tuple[int, int]) -> Relations:
    return {frozenset(pair): EDITED for pair in numbers}


def test_a_chain_is_not_one_group() -> None:
    found = grouped([1, 2, 3, 4], linked((1, 2), (2, 3), (3, 4)))
    assert [{star.reference, *star.members} for star in found] == [{1, 2, 3}]
    assert found[0].reference == 2


def test_the_first_is_the_reference_where_all_agree() -> None:
    everyone = linked(*combinations([3, 1, 2], 2))
    assert [star.reference for star in grouped([3, 1, 2], everyone)] == [3]


def test_the_reference_is_what_most_are_proven_against() -> None:
    around = linked((1, 2), (2, 3), (2, 4), (2, 5), (3, 4))
    (star,) = grouped([1, 3, 4, 5, 2], around)
    assert star.reference == 2
    assert set(star.members) == {1, 3, 4, 5}


def test_of_equal_references_the_one_with_re_encodings_wins() -> None:
    relations = linked(*combinations(range(4), 2))
    relations[frozenset((2, 3))] = MatchClass.RE_ENCODED
    (star,) = grouped([0, 1, 2, 3], relations)
    assert star.reference == 2


def test_of_two_the_one_ranked_first_between_them_is_the_reference() -> None:
    # Among all, 2 comes first; between the two of the group, 1 does.
    def rank(photos: Sequence[int]) -> list[int]:
        return sorted(photos, reverse=len(photos) > 2)

    relations = linked((1, 2), (1, 3))
    near = {1: {2, 3}, 2: {1}, 3: {1}}
    relations.pop(frozenset((1, 3)))
    judge = lambda a, b: relations.get(frozenset((a, b)))  # noqa: E731
    (star,) = stars([1, 2, 3], near, judge, EDITED, rank)
    assert (star.reference, list(star.members)) == (1, [2])


def test_weaker_relations_count_on_request_only() -> None:
    relations: Relations = {frozenset((1, 2)): SCENE}
    assert grouped([1, 2], relations) == []
    assert [star.members for star in grouped([1, 2], relations, SCENE)] == [{2: SCENE}]


@given(
    relations=st.dictionaries(pairs, st.sampled_from(MatchClass)),
    order=st.permutations(range(9)),
    least=st.sampled_from(MatchClass),
)
def test_every_member_was_compared_with_its_reference(
    relations: Relations, order: list[int], least: MatchClass
) -> None:
    found = grouped(order, relations, least)
    everyone = [n for star in found for n in (star.reference, *star.members)]
    assert len(everyone) == len(set(everyone))
    for star in found:
        for member, match in star.members.items():
            assert relations[frozenset((star.reference, member))] is match
            assert is_enough(match, least)


@given(relations=st.dictionaries(pairs, st.just(EDITED)), order=st.permutations(range(9)))
def test_nobody_is_left_alone_who_has_a_copy_that_is_alone(
    relations: Relations, order: list[int]
) -> None:
    taken = {n for star in grouped(order, relations) for n in (star.reference, *star.members)}
    assert all(pair & taken for pair in relations)
