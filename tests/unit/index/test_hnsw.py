"""The graph survives what makes hnswlib crash, raise or answer less than it was asked."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from tests.unit.index.vectors import clustered, numbers, recall
from twinlens.index.exact import top_k
from twinlens.index.hnsw import HnswIndex

DIM = 24


def filled(n: int, *, capacity: int = 64, seed: int = 0) -> HnswIndex:
    index = HnswIndex(DIM, capacity=capacity)
    index.add(numbers(0, n), clustered(n, DIM, seed=seed))
    return index


def test_scores_are_cosines_and_recall_is_high() -> None:
    vectors = clustered(2000, DIM)
    index = filled(2000)
    found = []
    for query in clustered(40, DIM, seed=1):
        ids, scores = index.search(query, 10)
        np.testing.assert_allclose(scores, vectors[ids] @ query, atol=1e-5)
        assert (np.diff(scores) <= 0).all()
        found.append(recall(ids, top_k(query, vectors, 10)[0]))
    assert np.mean(found) >= 0.95


def test_it_grows_past_its_capacity() -> None:
    index = filled(1000, capacity=64)
    assert index.count == 1000
    assert index.search(clustered(1000, DIM)[999], 1)[0].tolist() == [999]


def test_a_live_label_added_again_is_ignored() -> None:
    index = filled(10)
    index.add(numbers(0, 10), clustered(10, DIM, seed=5))
    index.add(np.array([10, 10]), clustered(2, DIM, seed=6))
    assert index.count == 11
    assert index.search(clustered(10, DIM)[3], 1)[0].tolist() == [3]


def test_removing_twice_or_the_unknown_is_nothing() -> None:
    index = filled(10)
    index.remove(np.array([3, 3, 99]))
    index.remove(np.array([3]))
    assert (index.count, index.dead_count) == (9, 1)
    assert 3 not in index.search(clustered(10, DIM)[3], 10)[0]


def test_a_removed_label_comes_back_without_growing() -> None:
    index = filled(10)
    index.remove(np.array([3]))
    index.add(np.array([3]), clustered(10, DIM)[3:4])
    assert (index.count, index.dead_count) == (10, 0)
    assert index.search(clustered(10, DIM)[3], 1)[0].tolist() == [3]


def test_more_than_there_are_returns_all_that_live() -> None:
    index = filled(500)
    index.remove(numbers(0, 450))
    ids, _ = index.search(clustered(1, DIM, seed=9)[0], 10_000)
    assert sorted(ids.tolist()) == list(range(450, 500))


def test_nothing_live_returns_nothing() -> None:
    index = filled(20)
    index.remove(numbers(0, 20))
    for k in (0, 5):
        assert len(index.search(clustered(1, DIM)[0], k)[0]) == 0
    assert len(HnswIndex(DIM).search(clustered(1, DIM)[0], 5)[0]) == 0


def test_a_wide_search_does_not_narrow_or_slow_the_next_ones() -> None:
    vectors = clustered(1500, DIM)
    index = filled(1500)
    wide, _ = index.search(vectors[0], 1400)
    assert len(wide) == 1400
    for query in vectors[:50]:
        narrow, _ = index.search(query, 10)
        assert recall(narrow, top_k(query, vectors, 10)[0]) >= 0.8


def test_equal_vectors_are_all_found() -> None:
    index = HnswIndex(DIM)
    index.add(numbers(0, 600), np.repeat(clustered(1, DIM), 600, axis=0))
    ids, scores = index.search(clustered(1, DIM)[0], 600)
    assert sorted(ids.tolist()) == list(range(600))
    np.testing.assert_allclose(scores, 1.0, atol=1e-5)


def test_exact_search_compares_all_or_the_given_ones() -> None:
    vectors = clustered(700, DIM)
    index = filled(700)
    query = clustered(1, DIM, seed=2)[0]
    ids, scores = index.search_exact(query, 20, None)
    positions, expected = top_k(query, vectors, 20)
    assert ids.tolist() == positions.tolist()
    np.testing.assert_allclose(scores, expected, atol=1e-5)
    some, _ = index.search_exact(query, 20, np.array([5, 6, 9999]))
    assert sorted(some.tolist()) == [5, 6]


def test_a_saved_graph_answers_alike(tmp_path: Path) -> None:
    index = filled(800)
    index.remove(numbers(0, 30))
    path = os.fsencode(tmp_path / "graph.bin")
    facts = index.save(path)
    assert facts.size == (tmp_path / "graph.bin").stat().st_size
    loaded = HnswIndex.load(path, DIM, facts.dead, ef=index.ef)
    assert (loaded.count, loaded.dead_count) == (770, 30)
    for query in clustered(20, DIM, seed=3):
        # hnswlib forgets the search width on load; with 10 the answers would differ.
        np.testing.assert_array_equal(loaded.search(query, 10)[0], index.search(query, 10)[0])
    loaded.add(numbers(0, 900), clustered(900, DIM))
    assert loaded.count == 900


@pytest.mark.parametrize("capacity", [64, 4000])
def test_searching_beside_adding_resizing_and_removing(capacity: int) -> None:
    vectors = clustered(3000, DIM)
    index = HnswIndex(DIM, capacity=capacity)
    index.add(numbers(0, 100), vectors[:100])
    stop = threading.Event()
    faults: list[BaseException] = []
    searches = [0, 0]

    def search(seat: int) -> None:
        try:
            while not stop.is_set():
                for k in (1, 10, 300):
                    ids, scores = index.search(vectors[searches[seat] % 3000], k)
                    assert len(ids) == len(set(ids.tolist()))
                    assert (np.diff(scores) <= 0).all()
                    searches[seat] += 1
        except BaseException as error:  # noqa: BLE001 - the main thread reports it
            faults.append(error)

    threads = [threading.Thread(target=search, args=(seat,)) for seat in range(2)]
    for thread in threads:
        thread.start()
    for start in range(100, 3000, 100):
        index.add(numbers(start, start + 100), vectors[start : start + 100])
        index.remove(numbers(start - 50, start - 20))
    stop.set()
    for thread in threads:
        thread.join()
    assert not faults
    assert min(searches) > 0
    assert index.count == 3000 - 29 * 30


def test_all_are_returned_even_where_the_graph_falls_apart() -> None:
    """Many copies of few vectors link only to each other, and hnswlib then finds fewer than k."""
    vectors = np.repeat(clustered(30, DIM, clusters=30), 100, axis=0)
    index = HnswIndex(DIM)
    index.add(numbers(0, 3000), vectors)
    query = clustered(1, DIM, seed=3)[0]
    for k in (3000, 2999, 1500, 10):
        ids, scores = index.search(query, k)
        assert len(set(ids.tolist())) == k
        np.testing.assert_allclose(scores, vectors[ids] @ query, atol=1e-5)
    narrow, _ = index.search(query, 10)
    assert len(narrow) == 10
