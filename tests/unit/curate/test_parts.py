"""Parts follow what comes and goes, and only those that are touched are grouped anew."""

from hypothesis import given
from hypothesis import strategies as st

from twinlens.curate.parts import Parts

photo_ids = st.integers(1, 9)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("link"), photo_ids, photo_ids),
        st.tuples(st.just("drop"), photo_ids, st.none()),
        st.just(("all", None, None)),
    )
)


def made(*links: tuple[int, int]) -> Parts:
    parts = Parts()
    for one, other in links:
        parts.link(one, other)
    return parts


def photos(parts: Parts) -> list[tuple[int, ...]]:
    return sorted(part.photos for part in parts.all())


def group_all(parts: Parts) -> None:
    for part in parts.all():
        part.stars = []


def ungrouped(parts: Parts) -> list[tuple[int, ...]]:
    return sorted(part.photos for part in parts.all() if part.stars is None)


def test_parts_hang_together_and_do_not_touch() -> None:
    assert photos(made((1, 2), (3, 2), (7, 8))) == [(1, 2, 3), (7, 8)]


def test_a_link_joins_two_parts_and_leaves_the_others_grouped() -> None:
    parts = made((1, 2), (3, 4), (7, 8))
    group_all(parts)
    parts.link(2, 3)
    assert photos(parts) == [(1, 2, 3, 4), (7, 8)]
    assert ungrouped(parts) == [(1, 2, 3, 4)]


def test_a_photo_that_goes_takes_its_part_asunder() -> None:
    parts = made((1, 2), (2, 3), (3, 4), (7, 8))
    group_all(parts)
    parts.drop(2)
    assert photos(parts) == [(3, 4), (7, 8)]
    assert ungrouped(parts) == [(3, 4)]


def test_a_link_within_a_part_has_it_grouped_anew() -> None:
    parts = made((1, 2), (2, 3))
    group_all(parts)
    parts.link(1, 3)
    assert ungrouped(parts) == [(1, 2, 3)]


def test_parts_can_be_grouped_anew_without_a_change_of_links() -> None:
    parts = made((1, 2), (7, 8))
    group_all(parts)
    parts.regroup([2, 99])
    assert ungrouped(parts) == [(1, 2)]
    parts.regroup()
    assert ungrouped(parts) == [(1, 2), (7, 8)]


@given(steps)
def test_parts_are_those_of_the_links_that_are_left(
    done: list[tuple[str, int | None, int | None]],
) -> None:
    parts = Parts()
    left: set[frozenset[int]] = set()
    for act, one, other in done:
        if act == "all":
            group_all(parts)
        elif act == "drop" and one is not None:
            parts.drop(one)
            left = {pair for pair in left if one not in pair}
        elif one is not None and other is not None and one != other:
            parts.link(one, other)
            left.add(frozenset((one, other)))
    afresh = made(*[(min(pair), max(pair)) for pair in left])
    assert photos(parts) == photos(afresh)
    assert parts.near == afresh.near
