"""From how alike two photos are to how likely they show the same thing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from twinlens.inference.likelihood import NEIGHBOURS, Likelihood, way

Ways = NDArray[np.float64]
Same = NDArray[np.bool_]

USUAL = Likelihood(offset=-6.0, slope=9.0, typical=0.5, largest=0.65)


def chance(likelihood: Likelihood, score: float, background: float) -> float:
    return float(likelihood.probability(np.array([score], np.float32), background)[0])


def test_the_same_score_means_more_where_strangers_are_less_alike() -> None:
    assert chance(USUAL, 0.8, 0.3) > chance(USUAL, 0.8, 0.6) + 0.2


@given(st.floats(-1, 0.65), st.floats(0.01, 0.99))
def test_a_probability_turns_into_the_score_that_has_it(background: float, wanted: float) -> None:
    score = USUAL.score(wanted, background)
    assert way(np.array([score]), background) * 9 - 6 == pytest.approx(
        np.log(wanted / (1 - wanted)), abs=1e-6
    )


def test_a_higher_score_is_never_less_likely() -> None:
    found = USUAL.probability(np.linspace(-1, 1, 50, dtype=np.float32), 0.4)
    assert (np.diff(found) >= 0).all()
    assert found[0] < 0.01 < 0.9 < found[-1] < 1


def test_the_background_is_what_lies_far_among_the_nearest() -> None:
    scores = np.concatenate([np.full(10, 0.9), np.full(NEIGHBOURS - 10, 0.4)]).astype(np.float32)
    assert USUAL.background(scores) == pytest.approx(0.4)
    assert USUAL.background(scores[::-1]) == pytest.approx(0.4)


def test_many_copies_do_not_hide_each_other() -> None:
    copies = np.full(NEIGHBOURS, 0.97, np.float32)
    assert USUAL.background(copies) == USUAL.largest
    assert chance(USUAL, 0.97, USUAL.background(copies)) > 0.8


def test_a_small_library_borrows_the_usual_background() -> None:
    assert USUAL.background(np.empty(0, np.float32)) == USUAL.typical
    few = USUAL.background(np.full(4, 0.95, np.float32))
    assert abs(few - USUAL.typical) < 0.02


def judged(meant: Likelihood, count: int, seed: int) -> tuple[Ways, Same]:
    """Return pairs near the doubtful scores, judged by somebody who sees it as `meant` does."""
    chance_of = np.random.default_rng(seed)
    ways = chance_of.uniform(0.2, 0.95, count)
    odds = meant.offset + meant.slope * ways
    return ways, chance_of.random(count) < 1 / (1 + np.exp(-odds))


def loss(likelihood: Likelihood, meant: Likelihood) -> float:
    ways, same = judged(meant, 4000, 99)
    said = np.clip(1 / (1 + np.exp(-(likelihood.offset + likelihood.slope * ways))), 1e-4, 1)
    return float(-np.mean(np.where(same, np.log(said), np.log1p(-np.minimum(said, 1 - 1e-4)))))


@pytest.mark.parametrize("seed", range(5))
def test_twenty_answers_help_somebody_who_sees_it_differently(seed: int) -> None:
    broader = Likelihood(offset=-3.0, slope=9.0, typical=0.5, largest=0.65)
    before = loss(USUAL, broader)
    after = loss(USUAL.refined(*judged(broader, 20, seed)), broader)
    assert after < 0.85 * before


@pytest.mark.parametrize("seed", range(5))
def test_twenty_answers_cannot_ruin_what_was_right(seed: int) -> None:
    ways, same = judged(USUAL, 20, seed)
    assert loss(USUAL.refined(ways, same), USUAL) < 1.25 * loss(USUAL, USUAL)
    turned = USUAL.refined(ways, ~same)
    assert turned.slope >= 0.5 * USUAL.slope
    told = turned.probability(np.array([0.3, 0.99], np.float32), 0.5)
    assert told[0] < 0.3
    assert told[1] > 0.6


def test_no_answers_change_nothing() -> None:
    assert USUAL.refined(np.empty(0), np.empty(0, bool)) is USUAL
