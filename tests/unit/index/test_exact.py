"""Exact search agrees with sorting everything."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinlens.index.exact import best_of, normalise, top_k, top_positions


@given(st.lists(st.integers(-3, 3), max_size=30), st.integers(0, 40))
def test_top_positions_are_those_of_a_stable_sort(values: list[int], k: int) -> None:
    scores = np.array(values, dtype=np.float32)
    expected = sorted(range(len(values)), key=lambda row: (-values[row], row))[:k]
    assert top_positions(scores, k).tolist() == expected


def test_top_k_gives_inner_products_descending() -> None:
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8]], dtype=np.float32)
    positions, scores = top_k(np.array([0, 1], dtype=np.float32), vectors, 2)
    assert positions.tolist() == [1, 2]
    assert scores.tolist() == pytest.approx([1.0, 0.8])
    assert positions.dtype == np.int64
    assert scores.dtype == np.float32


def test_top_k_of_nothing_is_empty() -> None:
    positions, scores = top_k(np.ones(3, dtype=np.float32), np.empty((0, 3), dtype=np.float32), 5)
    assert len(positions) == len(scores) == 0


def test_best_of_keeps_one_of_an_id_and_breaks_ties_by_id() -> None:
    ids = np.array([9, 4, 9, 2], dtype=np.int64)
    scores = np.array([0.5, 0.5, 0.5, 0.1], dtype=np.float32)
    best, kept = best_of(ids, scores, 3)
    assert best.tolist() == [4, 9, 2]
    assert kept.tolist() == pytest.approx([0.5, 0.5, 0.1])


def test_normalise_leaves_zeros_alone() -> None:
    rows = normalise(np.array([[3, 4], [0, 0]], dtype=np.float32))
    assert rows.tolist() == [pytest.approx([0.6, 0.8]), [0, 0]]
