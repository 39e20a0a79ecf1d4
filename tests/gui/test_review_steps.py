"""What deciding about a group comes to, as decisions about contents."""

from dataclasses import replace
from pathlib import Path

from twinlens.gui import review_steps
from twinlens.gui.review_steps import Made
from twinlens.records import MatchClass
from twinlens.reports import Group, Member, Review

A, B, COPY = Path("/a.jpg"), Path("/b.jpg"), Path("/copy/a.jpg")
ONE, TWO = b"1" * 32, b"2" * 32
NOTHING: frozenset[Path] = frozenset()


def review(*fates: str) -> Review:
    """Return a group of a.jpg (100 bytes, the best), its copy, and b.jpg (60 bytes)."""
    members = (
        Member(A, 1, ONE, 100, MatchClass.SAME_BYTES, 1.0),
        Member(COPY, 1, ONE, 100, MatchClass.SAME_BYTES, 1.0),
        Member(B, 2, TWO, 60, MatchClass.RE_ENCODED, 0.98),
    )
    group = Group("g", MatchClass.RE_ENCODED, 1, A, members)
    return Review(group, fates or ("", "", ""))


def test_the_suggestion_keeps_one_file_and_lets_the_others_go() -> None:
    decided = review_steps.accept(review(), frozenset({COPY}))
    assert decided.made == (Made("keep-one", (ONE,), 2), Made("trash", (TWO,)))
    assert decided.staying == NOTHING


def test_what_was_decided_before_stays_decided() -> None:
    kept = review_steps.accept(review("", "", "keep"), NOTHING)
    assert kept.made == (Made("trash", (ONE,)),)
    # The suggested best is to go, so what is left to decide about stays.
    gone = review_steps.accept(review("trash", "trash", ""), NOTHING)
    assert gone.made == (Made("keep-one", (TWO,), 1),)


def test_of_copies_each_is_kept_or_let_go_by_its_place() -> None:
    one_goes = review_steps.decide_file(review(), COPY, "trash", NOTHING)
    assert one_goes.made == (Made("keep-one", (ONE,), 2),)
    assert one_goes.staying == {A}
    left = review("keep", "trash", "")
    none_goes = review_steps.decide_file(left, COPY, "keep", one_goes.staying)
    assert none_goes.made == (Made("keep", (ONE,)),)
    assert none_goes.staying == NOTHING
    all_go = review_steps.decide_file(left, A, "trash", one_goes.staying)
    assert all_go.made == (Made("trash", (ONE,)),)


def test_to_keep_a_copy_says_nothing_of_the_others() -> None:
    kept = review_steps.decide_file(review(), COPY, "keep", NOTHING)
    assert kept.made == ()
    assert kept.staying == {COPY}
    # Accepted then, the other copies go and this one stays.
    accepted = review_steps.accept(review("", "keep", ""), kept.staying)
    assert accepted.made == (Made("keep-one", (ONE,), 2), Made("trash", (TWO,)))
    assert accepted.staying == {COPY}


def test_a_file_of_its_own_is_decided_alone() -> None:
    kept = review_steps.decide_file(review(), B, "keep", NOTHING)
    assert kept.made == (Made("keep-one", (TWO,), 1),)
    assert review_steps.decide_file(review(), B, "trash", NOTHING).made == (Made("trash", (TWO,)),)


def test_sets_are_about_all_contents() -> None:
    assert review_steps.not_duplicates(review(), NOTHING).made == (
        Made("not-duplicates", (ONE, TWO)),
    )
    assert review_steps.not_one_of_them(review(), B, NOTHING).made == (
        Made("not-duplicates", (ONE, TWO)),
    )
    assert review_steps.keep_all(review(), NOTHING).made == (Made("keep-all", (ONE, TWO), 3),)


def test_the_gain_follows_decisions_before_suggestions() -> None:
    assert review_steps.gain_of(review()) == 160
    assert review_steps.gain_of(review("", "keep", "trash")) == 60


def test_a_group_is_never_left_without_a_file() -> None:
    assert review_steps.leaves_one(review("trash", "", "trash"), A)
    assert not review_steps.leaves_one(review("trash", "keep", "trash"), COPY)


def test_a_file_is_to_the_best_what_both_are_to_the_reference() -> None:
    shown = review()
    copy, other = shown.group.members[1:]
    assert review_steps.to_best(shown, copy) is MatchClass.SAME_BYTES
    assert review_steps.to_best(shown, other) is MatchClass.RE_ENCODED
    turned = Review(replace(shown.group, best=other.path), shown.fates)
    assert review_steps.to_best(turned, copy) is MatchClass.RE_ENCODED
    assert review_steps.to_best(turned, other) is MatchClass.SAME_BYTES
