"""Probabilities of hits, and what people say of pairs."""

from pathlib import Path

import numpy as np
import pytest

from tests.support import DIM
from tests.unit.search.gallery import Gallery
from twinlens.errors import UsageError
from twinlens.inference.likelihood import Likelihood
from twinlens.records import Example, Filters, MatchClass
from twinlens.search.chances import JUDGED, Chances, certain, judge
from twinlens.search.ranking import Ranker
from twinlens.store import decisions, photos

LIKELIHOOD = Likelihood(offset=-6.0, slope=9.0, typical=0.3, largest=0.6)


def chances_of(gallery: Gallery) -> Chances:
    ranker = Ranker(gallery.database, gallery.index, gallery.projection, gallery.model)
    return Chances(gallery.database, ranker, gallery.model, LIKELIHOOD)


@pytest.fixture
def crowd(gallery: Gallery) -> Gallery:
    """300 photos: strangers, and twenty that come ever closer to the first of them."""
    chance = np.random.default_rng(0)
    strangers = chance.normal(size=(280, DIM)) + 0.6
    first = strangers[0] / np.linalg.norm(strangers[0])
    closer = [first * (0.1 + 0.1 * n) + chance.normal(size=DIM) / np.sqrt(DIM) for n in range(20)]
    gallery.add_vectors(np.concatenate([strangers, closer]).astype(np.float32))
    gallery.searcher.chances = chances_of(gallery)
    return gallery


def test_hits_carry_probabilities_that_follow_the_score(crowd: Gallery) -> None:
    hits = crowd.search(Example(photo_id=1), k=300, rerank=False)
    said = [hit.probability for hit in hits]
    assert all(chance is not None and 0 <= chance <= 1 for chance in said)
    assert said[0] == 1.0
    assert said == sorted(said, key=lambda chance: -(chance or 0))
    assert (said[-1] or 0) < 0.05


def test_a_least_probability_leaves_out_what_is_less_likely(crowd: Gallery) -> None:
    every = crowd.search(Example(photo_id=1), k=300)
    likely = crowd.search(Example(photo_id=1), k=300, filters=Filters(min_probability=0.5))
    wanted = {hit.photo_id for hit in every if (hit.probability or 0) >= 0.5}
    assert 1 < len(wanted) < 300
    assert {hit.photo_id for hit in likely} == wanted
    both = Filters(min_probability=0.5, min_score=0.99)
    assert [hit.photo_id for hit in crowd.search(Example(photo_id=1), filters=both)] == [1]


def test_filters_do_not_change_what_is_said_of_a_photo(crowd: Gallery) -> None:
    every = {hit.photo_id: hit.probability for hit in crowd.search(Example(photo_id=1), k=300)}
    some = crowd.search(Example(photo_id=1), filters=Filters(among=tuple(range(290, 301))))
    assert len(some) == 10
    assert all(every[hit.photo_id] == hit.probability for hit in some)


def test_compare_says_what_search_says(crowd: Gallery) -> None:
    hit = crowd.search(Example(photo_id=1), rerank=False)[3]
    found = crowd.searcher.compare(Example(photo_id=1), Example(photo_id=hit.photo_id))
    assert found.probability == pytest.approx(hit.probability, abs=1e-3)


def test_a_model_without_a_fit_says_nothing(gallery: Gallery) -> None:
    gallery.add_vectors(np.random.default_rng(0).normal(size=(5, DIM)).astype(np.float32))
    assert gallery.search(Example(photo_id=1))[0].probability is None
    assert gallery.searcher.chances.pairs_to_judge(5) == []
    with pytest.raises(UsageError, match="no probabilities"):
        gallery.search(Example(photo_id=1), filters=Filters(min_probability=0.5))


@pytest.mark.parametrize("wanted", [-0.1, 1.0, 2.0, float("nan")])
def test_a_least_probability_without_meaning_is_refused(crowd: Gallery, wanted: float) -> None:
    with pytest.raises(UsageError, match="no meaning"):
        crowd.search(Example(photo_id=1), filters=Filters(min_probability=wanted))


def test_what_is_proven_is_certain() -> None:
    assert certain(MatchClass.SAME_PIXELS, 0.2) == 1.0
    assert certain(MatchClass.ALIKE, 0.2) == certain(None, 0.2) == 0.2


def test_pairs_to_judge_are_doubtful_and_have_no_photo_twice(crowd: Gallery) -> None:
    pairs = crowd.searcher.chances.pairs_to_judge(6)
    assert len(pairs) == 6
    members = [photo for pair in pairs for photo in (pair.a, pair.b)]
    assert len(set(members)) == 12
    doubts = [abs(pair.probability - 0.5) for pair in pairs]
    assert doubts == sorted(doubts)


def test_answers_move_the_probabilities_and_are_not_asked_again(
    crowd: Gallery, tmp_path: Path
) -> None:
    journal = tmp_path / "decisions.jsonl"
    chances = crowd.searcher.chances
    pairs = chances.pairs_to_judge(10)
    before = sum(hit.probability or 0 for hit in crowd.search(Example(photo_id=1), k=100))
    for pair in pairs:
        judge(crowd.database, journal, pair.a, pair.b, True)
    after = sum(hit.probability or 0 for hit in crowd.search(Example(photo_id=1), k=100))
    assert after > before
    asked = {frozenset((pair.a, pair.b)) for pair in pairs}
    again = chances.pairs_to_judge(10)
    assert not asked & {frozenset((pair.a, pair.b)) for pair in again}
    for pair in pairs:
        judge(crowd.database, journal, pair.b, pair.a, None)
    taken_back = sum(hit.probability or 0 for hit in crowd.search(Example(photo_id=1), k=100))
    assert taken_back == pytest.approx(before)


def test_a_judgement_needs_two_photos(crowd: Gallery, tmp_path: Path) -> None:
    for a, b in ((1, 1), (1, 4040)):
        with pytest.raises(UsageError, match="two photos"):
            judge(crowd.database, tmp_path / "decisions.jsonl", a, b, True)


def test_a_judgement_of_a_photo_that_is_gone_does_not_count(crowd: Gallery, tmp_path: Path) -> None:
    vector, score = np.eye(DIM, dtype=np.float32)[0], np.array([0.8], np.float32)

    def said() -> list[float] | None:
        return chances_of(crowd).odds(vector).of(score)

    pair = crowd.searcher.chances.pairs_to_judge(1)[0]
    journal = tmp_path / "decisions.jsonl"
    before = said()
    judge(crowd.database, journal, pair.a, pair.b, True)
    assert said() != before
    crowd.forget(pair.a)
    with crowd.database.transaction() as connection:
        photos.drop_orphans(connection, before=1.0)
    gone = said()
    (judged,) = decisions.decisions(crowd.database.connection(), JUDGED)
    with crowd.database.transaction() as connection:
        decisions.decide(connection, journal, judged.kind, judged.key, None)
    assert said() == gone
