"""What was compared is remembered, and a new photo costs its own comparisons only."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.edits import EDITS
from tests.unit.matching.pictures import busy
from twinlens.curate.finding import Finder, Grouping, Sources
from twinlens.curate.pairs import REFUSED, UNSURE, VERDICTS, Candidates, Finding, Verdicts
from twinlens.curate.seeking import Seeker
from twinlens.imaging.keypoints import detect
from twinlens.matching import collisions
from twinlens.matching.collisions import CROWDED, agreement, colliding
from twinlens.matching.kept import SHORTLIST, KeptCodes, code_of
from twinlens.matching.shortlist import stack
from twinlens.records import MatchClass
from twinlens.store.features import FeatureStore

Ids = NDArray[np.int64]


@cache
def packed(seed: int, edit: str | None = None) -> bytes:
    image = busy(seed)
    return detect(np.asarray(EDITS[edit][0](image) if edit else image, np.uint8))


class Shelf:
    """Photos with keypoints, no two of them near each other in the index."""

    def __init__(self, folder: Path) -> None:
        self.features = FeatureStore(folder / "features.sqlite3", "library")
        self.bodies: dict[int, bytes] = {}
        self.hidden: set[int] = set()
        self.read: list[int] = []
        self.together: set[frozenset[int]] = set()

    def add(self, photo_id: int, body: bytes) -> None:
        self.bodies[photo_id] = body
        self.features.put(SHORTLIST, {photo_id: code_of(body)})

    def drop(self, photo_id: int) -> None:
        del self.bodies[photo_id]

    def finder(self) -> Finder:
        sources = Sources(
            lambda: np.array(sorted(self.bodies), np.int64),
            self.keypoints,
            lambda one, other: self.bodies[one] == self.bodies[other],
        )
        by_index, by_codes = (Candidates(self.features, kind) for kind in ("index", "codes"))
        seeker = Seeker(self.nearest, KeptCodes(self.features), by_index, by_codes)
        return Finder(sources, seeker, Verdicts(self.features))

    def nearest(
        self, ids: Ids, _k: int, _told: object
    ) -> Iterator[tuple[Ids, Ids, NDArray[np.float32]]]:
        yield ids, ids[:, np.newaxis], np.ones((len(ids), 1), np.float32)

    def keypoints(self, ids: Sequence[int]) -> dict[int, bytes]:
        self.read += ids
        return {n: self.bodies[n] for n in ids if n in self.bodies and n not in self.hidden}

    def groups(
        self, finder: Finder | None = None, least: MatchClass = MatchClass.EDITED
    ) -> list[set[int]]:
        finder = finder or self.finder()
        how = Grouping(
            least,
            least,
            lambda _: None,
            sorted,
            lambda one, other: frozenset((one, other)) in self.together,
        )
        finder.refresh()
        found = finder.group(how)
        return [{star.reference, *star.members} for star in found]


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path)
    for photo_id, (seed, edit) in enumerate(
        [(1, None), (1, "JPEG 30"), (1, "crop 50 %"), (2, None), (2, "turn 90"), (3, None)], 1
    ):
        shelf.add(photo_id, packed(seed, edit))
    yield shelf
    shelf.features.close()


def test_codes_alone_bring_copies_together(shelf: Shelf) -> None:
    assert shelf.groups() == [{1, 2, 3}, {4, 5}]


def test_a_second_run_compares_nothing(shelf: Shelf) -> None:
    first = shelf.groups()
    shelf.read.clear()
    assert shelf.groups() == first
    assert shelf.read == []


def test_a_new_photo_is_compared_with_what_is_near_it_only(shelf: Shelf) -> None:
    finder = shelf.finder()
    shelf.groups(finder)
    shelf.read.clear()
    shelf.add(9, packed(3, "JPEG 30"))
    assert shelf.groups(finder) == [{1, 2, 3}, {4, 5}, {6, 9}]
    assert set(shelf.read) == {6, 9}


def test_a_photo_that_went_leaves_its_group(shelf: Shelf) -> None:
    finder = shelf.finder()
    shelf.groups(finder)
    shelf.drop(5)
    shelf.drop(2)
    assert shelf.groups(finder) == shelf.groups() == [{1, 3}]


def test_a_photo_that_returns_finds_its_group_without_being_compared_again(shelf: Shelf) -> None:
    finder = shelf.finder()
    before = shelf.groups(finder)
    body = shelf.bodies.pop(2)
    assert shelf.groups(finder) == [{1, 3}, {4, 5}]
    shelf.bodies[2] = body
    shelf.read.clear()
    assert shelf.groups(finder) == before
    assert shelf.read == []


def test_a_photo_that_is_looked_at_closely_later_is_grouped_then(shelf: Shelf) -> None:
    finder = shelf.finder()
    shelf.bodies[9] = packed(3, "crop 75 %")
    assert shelf.groups(finder) == [{1, 2, 3}, {4, 5}]
    shelf.add(9, shelf.bodies[9])
    assert shelf.groups(finder) == [{1, 2, 3}, {4, 5}, {6, 9}]


def test_the_index_is_asked_about_a_photo_without_a_code_once_and_again_with_one(
    shelf: Shelf,
) -> None:
    asked: list[int] = []

    def nearest(ids: Ids, *_: object) -> Iterator[tuple[Ids, Ids, NDArray[np.float32]]]:
        asked.extend(ids.tolist())
        return all_near(ids, 0, None)

    shelf.nearest = nearest  # type: ignore[method-assign,assignment]
    finder = shelf.finder()
    shelf.bodies[9] = packed(3, "crop 75 %")
    shelf.groups(finder)
    assert asked == [1, 2, 3, 4, 5, 6, 9]
    shelf.groups(finder)
    assert asked[7:] == []
    shelf.add(9, shelf.bodies[9])
    shelf.groups(finder)
    assert asked[7:] == [9]


def test_nobody_asks_again_for_a_photo_out_of_reach_that_went(shelf: Shelf) -> None:
    finder = shelf.finder()
    shelf.hidden.add(5)
    assert shelf.groups(finder) == [{1, 2, 3}]
    shelf.read.clear()
    assert shelf.groups(finder) == [{1, 2, 3}]
    assert 5 in shelf.read
    shelf.drop(5)
    shelf.read.clear()
    assert shelf.groups(finder) == [{1, 2, 3}]
    assert shelf.read == []


def test_what_grouping_says_otherwise_now_is_grouped_anew(shelf: Shelf) -> None:
    finder = shelf.finder()
    shelf.groups(finder)
    shelf.together = {frozenset((4, 5))}
    assert shelf.groups(finder) == [{1, 2, 3}, {4, 5}]
    finder.refresh(changed=[5])
    assert shelf.groups(finder) == [{1, 2, 3}]


POOL = {1: (1, None), 2: (1, "JPEG 30"), 3: (1, "crop 50 %"), 4: (2, None), 5: (2, "turn 90")}
walks = st.lists(
    st.tuples(
        st.sampled_from(("come", "come", "go", "hide", "show", "edited", "re-encoded")),
        st.sampled_from(sorted(POOL)),
    ),
    max_size=14,
)


@settings(max_examples=25, deadline=None)
@given(walks)
def test_whatever_came_and_went_groups_are_those_of_a_finder_made_anew(
    walk: list[tuple[str, int]],
) -> None:
    with TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        shelf.nearest = all_near  # type: ignore[method-assign]
        finder = shelf.finder()
        for act, photo_id in walk:
            match act:
                case "come":
                    shelf.add(photo_id, packed(*POOL[photo_id]))
                case "go":
                    shelf.bodies.pop(photo_id, None)
                case "hide":
                    shelf.hidden.add(photo_id)
                case "show":
                    shelf.hidden.discard(photo_id)
                case least:
                    found = shelf.groups(finder, MatchClass(least))
                    assert found == shelf.groups(shelf.finder(), MatchClass(least))
        shelf.hidden.clear()
        found = shelf.groups(finder)
        assert found == shelf.groups(shelf.finder())
        families = [{1, 2, 3} & shelf.bodies.keys(), {4, 5} & shelf.bodies.keys()]
        assert found == [family for family in families if len(family) > 1]
        shelf.features.close()


def test_what_is_kept_together_is_no_group_unless_its_pixels_are_the_same(shelf: Shelf) -> None:
    shelf.add(10, packed(2))
    shelf.together = {frozenset((4, 5)), frozenset((4, 10)), frozenset((5, 10))}
    assert shelf.groups() == [{1, 2, 3}, {4, 10}]


def test_a_photo_out_of_reach_is_compared_once_it_is_back(shelf: Shelf) -> None:
    body, shelf.bodies[5] = shelf.bodies[5], b""
    finder = shelf.finder()
    assert shelf.groups(finder) == [{1, 2, 3}]
    shelf.bodies[5] = body
    assert shelf.groups(finder) == shelf.groups() == [{1, 2, 3}, {4, 5}]


def test_verdicts_survive_and_add_up(tmp_path: Path) -> None:
    features = FeatureStore(tmp_path / "features.sqlite3", "library")
    first = Verdicts(features)
    first.put(1, 9, Finding(MatchClass.EDITED, 0.5))
    first.save()
    first.put(9, 2, Finding(None))
    first.save()
    again = Verdicts(features)
    assert again.get(9, 1) == Finding(MatchClass.EDITED, 0.5)
    assert again.get(2, 9) == Finding(None)
    assert again.refused(2, 9) is False
    assert again.get(1, 2) is None
    features.put(VERDICTS, {9: b"broken"})
    assert Verdicts(features).get(1, 9) is None
    features.close()


def test_colliding_codes_are_those_that_agree_in_words() -> None:
    random = np.random.default_rng(0)
    codes = stack([random.bytes(512) for _ in range(300)]).copy()
    codes[7, :5] = codes[250, :5]
    one, other, words = colliding(codes, np.ones(300, np.bool_))
    assert (7, 250, 5) in list(zip(one.tolist(), other.tolist(), words.tolist(), strict=True))
    assert len(one) < 60
    only = np.zeros(300, np.bool_)
    only[250] = True
    few = colliding(codes, only)
    assert (7, 250) in list(zip(few[0].tolist(), few[1].tolist(), strict=True))
    assert all(250 in pair for pair in zip(few[0].tolist(), few[1].tolist(), strict=True))


@pytest.mark.parametrize("crowd", [3, CROWDED + 5])
def test_few_new_codes_collide_with_the_same_as_when_they_are_many(
    crowd: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(crowd)
    codes = random.integers(0, 2**64, (600, 64), np.uint64)
    codes[random.random(codes.shape) < 0.1] = 0
    codes[:crowd, 7] = codes[599, 7]
    for one, other, start, end in ((3, 598, 20, 23), (598, 599, 30, 32), (4, 599, 40, 41)):
        words = random.integers(0, 2**64, end - start, np.uint64) | np.uint64(1)
        codes[[one, other], start:end] = words
    new = np.isin(np.arange(600), [3, 598, 599])
    few = [part.tolist() for part in colliding(codes, new)]
    monkeypatch.setattr(collisions, "FEW", 0)
    assert [part.tolist() for part in colliding(codes, new)] == few
    found = list(zip(*few, strict=True))
    assert {(3, 598, 3), (598, 599, 2)} <= set(found)


def test_agreement_counts_only_words_that_both_have() -> None:
    codes = stack([bytes(range(256)) * 2] * 2).copy()
    codes[1, :32] = 0
    assert agreement(codes, np.array([0]), np.array([1])).tolist() == [1.0]
    codes[1, 40] = ~codes[0, 40]
    share = agreement(codes, np.array([0]), np.array([1]))[0]
    assert share == pytest.approx(31 / 32)


def test_what_a_first_look_says_is_kept_and_is_no_verdict_unless_it_refuses(shelf: Shelf) -> None:
    first = Verdicts(shelf.features)
    first.put(1, 9, REFUSED)
    first.put(2, 9, UNSURE)
    first.save()
    again = Verdicts(shelf.features)
    assert [again.refused(9, n) for n in (1, 2, 3)] == [True, False, None]
    assert again.get(1, 9) == Finding(None)
    assert again.get(2, 9) is None
    again.put(2, 9, Finding(MatchClass.EDITED, 1.0))
    again.save()
    assert Verdicts(shelf.features).get(2, 9) == Finding(MatchClass.EDITED, 1.0)


def test_neighbours_that_a_first_look_refuses_tie_nothing_together(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.nearest = all_near  # type: ignore[method-assign]
    compared: list[tuple[int, int]] = []
    finder = shelf.finder()
    finding = Finder.finding

    def noting(self: Finder, one: int, other: int) -> Finding | None:
        compared.append((one, other))
        return finding(self, one, other)

    monkeypatch.setattr(Finder, "finding", noting)
    assert shelf.groups(finder) == [{1, 2, 3}, {4, 5}]
    family = {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 3}
    assert all(family[one] == family[other] for one, other in compared)


def all_near(ids: Ids, _k: int, _told: object) -> Iterator[tuple[Ids, Ids, NDArray[np.float32]]]:
    near = np.tile(np.arange(1, 7), (len(ids), 1))
    yield ids, near, np.ones(near.shape, np.float32)
