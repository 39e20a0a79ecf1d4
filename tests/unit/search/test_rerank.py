"""The order of the candidates: by score, and refined by how they lie among each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.index.vectors import clustered
from twinlens.index.exact import Ids, Vectors, normalise
from twinlens.search.rerank import POOL, plain_order, rerank

DIM = 64


def ranked(query: Vectors, rows: Vectors, ids: Ids | None = None) -> list[int]:
    """Return the ids of rows in re-ranked order."""
    ids = np.arange(len(rows), dtype=np.int64) if ids is None else ids
    scores = np.clip(rows @ query, -1, 1).astype(np.float32)
    order = plain_order(ids, scores)
    ids, scores, rows = ids[order], scores[order], rows[order]
    found: list[int] = ids[rerank(ids, scores, query, rows[:POOL])].tolist()
    return found


def plain(query: Vectors, rows: Vectors) -> list[int]:
    found: list[int] = plain_order(np.arange(len(rows)), rows @ query).tolist()
    return found


def near(centre: Vectors, count: int, distance: float, seed: int = 0) -> Vectors:
    """Return (count, dim) descriptors around one, `distance` times its length away."""
    noise = np.random.default_rng((seed, 1)).standard_normal((count, len(centre)))
    return normalise((centre + distance * normalise(noise.astype(np.float32))).astype(np.float32))


def random_rows(count: int, seed: int) -> Vectors:
    rows = np.random.default_rng(seed).standard_normal((count, DIM))
    return normalise(rows.astype(np.float32))


def average_precision(found: list[int], relevant: range) -> float:
    places = [place for place, number in enumerate(found, 1) if number in relevant]
    return float(np.mean([count / place for count, place in enumerate(places, 1)]))


def test_plain_order_is_by_score_then_id() -> None:
    ids = np.array([7, 3, 9, 1], dtype=np.int64)
    scores = np.array([0.5, 0.5, 0.9, -0.2], dtype=np.float32)
    assert ids[plain_order(ids, scores)].tolist() == [9, 3, 7, 1]


@pytest.mark.parametrize("size", [2, 3, 5, 10, 30, 100])
def test_classes_of_every_size_gain(size: int) -> None:
    gains = []
    for seed in range(12):
        others = random_rows(400, seed)
        rows = np.concatenate([near(others[0], size + 1, 1.2, seed), others[1:]])
        query, rows = rows[0], rows[1:]
        members = range(size)
        gains.append(
            average_precision(ranked(query, rows), members)
            - average_precision(plain(query, rows), members)
        )
    assert np.mean(gains) > 0


def test_a_query_without_relatives_keeps_its_order() -> None:
    """Hardly anything of it lies where the photos lie; its best hits know nothing of it."""
    rows = np.zeros((600, DIM), dtype=np.float32)
    rows[:, :48] = clustered(600, 48, clusters=20)
    for seed in range(20):
        query = random_rows(1, seed)[0]
        query[:48] *= 0.2
        query /= np.linalg.norm(query)
        assert ranked(query, rows)[:20] == plain(query, rows)[:20]


def test_the_picture_itself_and_its_copies_stay_first() -> None:
    rows = np.concatenate([clustered(600, DIM, clusters=6), np.zeros((3, DIM), np.float32)])
    for seat in range(0, 600, 60):
        rows[600:] = near(rows[seat], 3, 0.02, seed=seat)
        assert set(ranked(rows[seat], rows)[:4]) == {seat, 600, 601, 602}
        assert ranked(rows[seat], rows)[0] == seat


def test_the_order_is_the_same_whether_the_query_is_in_the_library() -> None:
    rows = clustered(300, DIM, clusters=12)
    for seat in (0, 40, 299):
        inside = ranked(rows[seat], rows)
        outside = [number for number in inside if number != seat]
        others = np.delete(rows, seat, axis=0)
        ids = np.delete(np.arange(300), seat)
        assert inside[0] == seat
        assert ranked(rows[seat], others, ids) == outside


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 30, 51, 300])
def test_libraries_of_every_size_are_ranked_completely(count: int) -> None:
    rows = clustered(300, DIM)[:count]
    query = near(clustered(300, DIM)[0], 1, 0.5)[0]
    assert sorted(ranked(query, rows)) == list(range(count))


def test_what_lies_beyond_the_pool_follows_in_plain_order() -> None:
    rows = clustered(POOL + 300, DIM, clusters=10)
    query = near(rows[0], 1, 0.7)[0]
    before, after = plain(query, rows), ranked(query, rows)
    assert after[POOL:] == before[POOL:]
    assert sorted(after[:POOL]) == sorted(before[:POOL])
    assert after != before


def test_the_same_descriptor_in_other_files_is_ordered_by_id() -> None:
    rows = np.repeat(clustered(40, DIM, clusters=4), 5, axis=0)
    rows = rows[np.random.default_rng(3).permutation(200)]
    found = ranked(near(rows[7], 1, 0.6)[0], rows)
    for start in range(0, 200, 5):
        five = found[start : start + 5]
        assert five == sorted(five)
        assert np.ptp(rows[five], axis=0).max() == 0


@given(st.integers(0, 10_000), st.integers(1, 150))
def test_the_order_does_not_depend_on_the_order_of_arrival(seed: int, count: int) -> None:
    generator = np.random.default_rng(seed)
    rows = clustered(150, 16, clusters=8)[:count]
    query = normalise(generator.standard_normal((1, 16)).astype(np.float32))[0]
    ids = np.arange(count, dtype=np.int64)
    shuffled = generator.permutation(count)
    assert ranked(query, rows[shuffled], ids[shuffled]) == ranked(query, rows)


def test_pictures_that_say_nothing_to_the_network_come_last() -> None:
    rows = clustered(30, DIM, clusters=3)
    rows[10:14] = 0
    query = near(rows[0], 1, 0.5)[0]
    rows = np.where(rows @ query < 0, -rows.T, rows.T).T
    assert ranked(query, rows)[-4:] == [10, 11, 12, 13]
    assert ranked(np.zeros(DIM, np.float32), rows) == list(range(30))
