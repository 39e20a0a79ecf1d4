"""Learning from marks: what a person means shows in the order, from few marks on."""

import numpy as np
import pytest
from numpy.typing import NDArray

from twinlens.search.teach import learn

DIM = 64


def unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    result: NDArray[np.float32] = (rows / lengths).astype(np.float32)
    return result


@pytest.fixture
def photos() -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Photos that differ in much, and in one faint trait that a third of them has."""
    chance = np.random.default_rng(3)
    rows = chance.normal(size=(600, DIM)) + 2.0
    trait = np.arange(600) % 3 == 0
    rows[trait, 5] += 2.5
    return unit(rows), trait


def precision(
    direction: NDArray[np.float32], rows: NDArray[np.float32], true: NDArray[np.bool_]
) -> float:
    best = np.argsort(-(rows @ direction))[:50]
    return float(true[best].mean())


@pytest.mark.parametrize("marks", [3, 6, 20])
def test_marks_bring_forward_what_they_have_in_common(
    photos: tuple[NDArray[np.float32], NDArray[np.bool_]], marks: int
) -> None:
    rows, trait = photos
    have, lack = rows[trait], rows[~trait]
    good, bad = have[: (marks + 1) // 2], lack[: marks // 2]
    taught = learn(good, bad, rows[-200:])
    before = precision(good.mean(axis=0), rows[100:], trait[100:])
    assert precision(taught, rows[100:], trait[100:]) > before
    assert np.linalg.norm(taught) == pytest.approx(1.0, abs=1e-5)


def test_more_marks_teach_more(photos: tuple[NDArray[np.float32], NDArray[np.bool_]]) -> None:
    rows, trait = photos
    have, lack = rows[trait], rows[~trait]
    reached = [
        precision(learn(have[:n], lack[:n], rows[-100:]), rows[200:], trait[200:])
        for n in (2, 10, 60)
    ]
    assert reached[0] < reached[2]
    assert reached[2] > 0.8


def test_marks_on_both_sides_of_the_same_photo_do_not_break_it() -> None:
    one = unit(np.ones((1, DIM)))
    direction = learn(one, one, one)
    assert np.isfinite(direction).all()
    assert np.linalg.norm(direction) == pytest.approx(1.0, abs=1e-5)


def test_without_negatives_and_background_it_looks_for_the_positives() -> None:
    rows = unit(np.random.default_rng(0).normal(size=(3, DIM)))
    nothing = np.empty((0, DIM), dtype=np.float32)
    assert (rows @ learn(rows, nothing, nothing) > 0).all()
