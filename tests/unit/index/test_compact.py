"""The compact index answers like a dictionary of vectors that is searched row by row."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.index.vectors import clustered, numbers, recall
from twinlens.index.compact import CompactIndex
from twinlens.index.exact import Vectors, normalise, top_k

DIM = 16
POOL = clustered(60, DIM, seed=7, clusters=5)


def with_graph(n: int, *, graph_from: int = 100, moved: int | None = None) -> CompactIndex:
    index = CompactIndex(DIM, graph_from)
    index.add(numbers(0, n), clustered(n, DIM))
    index.consolidate(n if moved is None else moved)
    return index


def check_exact(index: CompactIndex, oracle: dict[int, Vectors], query: Vectors, k: int) -> None:
    ids, scores = index.search(query, k, exact=True)
    expected = np.array(sorted((float(v @ query) for v in oracle.values()), reverse=True)[:k])
    np.testing.assert_allclose(scores, expected, atol=1e-5)
    assert len(set(ids.tolist())) == len(ids)
    for label, score in zip(ids.tolist(), scores.tolist(), strict=True):
        assert float(oracle[label] @ query) == pytest.approx(score, abs=1e-5)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "remove", "consolidate", "rebuild"]),
        st.lists(st.integers(0, 59), min_size=1, max_size=12),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, graph_from=st.sampled_from([1, 8, 1000]), seat=st.integers(0, 59))
def test_any_history_matches_a_dictionary(
    steps: list[tuple[str, list[int]]], graph_from: int, seat: int
) -> None:
    index = CompactIndex(DIM, graph_from)
    oracle: dict[int, Vectors] = {}
    for action, labels in steps:
        ids = np.array(labels, dtype=np.int64)
        if action == "add":
            index.add(ids, POOL[ids])
            oracle.update((label, POOL[label]) for label in labels)
        elif action == "remove":
            index.remove(ids)
            for label in labels:
                oracle.pop(label, None)
        elif action == "consolidate":
            index.consolidate(len(labels))
        else:
            index.rebuild()
        assert index.count == len(oracle) == index.graph_count + index.tail_count
        assert index.labels().tolist() == sorted(oracle)
        check_exact(index, oracle, POOL[seat], 7)
    check_exact(index, oracle, POOL[seat], 1000)
    allowed = np.arange(0, 60, 3)
    ids, _ = index.search(POOL[seat], 1000, allowed=allowed)
    assert sorted(ids.tolist()) == sorted(set(oracle) & set(allowed.tolist()))
    found, _ = index.search(POOL[seat], 1000)
    assert sorted(found.tolist()) == sorted(oracle)
    for label in range(60):
        assert index.contains(label) == (label in oracle)
    np.testing.assert_allclose(
        index.vectors(np.array(sorted(oracle), dtype=np.int64)),
        np.array([oracle[label] for label in sorted(oracle)]).reshape(-1, DIM),
        atol=1e-6,
    )


def test_below_the_limit_everything_stays_exact() -> None:
    index = with_graph(99)
    assert (index.graph_count, index.tail_count) == (0, 99)
    assert index.consolidate() == 0


def test_the_graph_is_built_slice_by_slice() -> None:
    index = CompactIndex(DIM, 100)
    index.add(numbers(0, 300), clustered(300, DIM))
    moved = []
    while step := index.consolidate(64):
        moved.append(step)
        assert index.graph_count + index.tail_count == index.count == 300
    assert moved == [64, 64, 64, 64, 44]
    assert index.tail_count == 0


def test_what_falls_below_the_limit_returns_to_the_tail() -> None:
    index = with_graph(120)
    assert index.graph_count == 120
    index.remove(numbers(0, 21))
    assert (index.graph_count, index.tail_count) == (0, 99)
    assert index.labels().tolist() == list(range(21, 120))


def test_graph_and_tail_are_merged_in_order() -> None:
    index = with_graph(1000, moved=640)
    vectors = clustered(1000, DIM)
    query = clustered(1, DIM, seed=4)[0]
    ids, scores = index.search(query, 30)
    assert (np.diff(scores) <= 0).all()
    assert recall(ids, top_k(query, vectors, 30)[0]) >= 0.95
    assert index.graph is not None
    assert {label in index.graph for label in ids.tolist()} == {True, False}


def test_recall_of_the_graph_after_churn() -> None:
    vectors = clustered(4000, DIM)
    index = CompactIndex(DIM, 100)
    index.add(numbers(0, 3200), vectors[:3200])
    index.consolidate(4000)
    index.remove(numbers(0, 800))
    index.add(numbers(3200, 4000), vectors[3200:])
    index.consolidate(4000)
    assert index.tail_count == 0
    live = vectors[800:]
    found = [
        recall(index.search(query, 10)[0], top_k(query, live, 10)[0] + 800)
        for query in clustered(60, DIM, seed=8)
    ]
    assert np.mean(found) >= 0.95


def test_a_removed_id_of_the_graph_comes_back_in_the_graph() -> None:
    index = with_graph(200)
    index.remove(np.array([7]))
    assert not index.contains(7)
    index.add(np.array([7]), clustered(200, DIM)[7:8])
    assert (index.graph_count, index.tail_count) == (200, 0)
    assert index.search(clustered(200, DIM)[7], 1)[0].tolist() == [7]


def test_rebuilding_pays_past_thirty_per_cent_deleted() -> None:
    index = with_graph(400)
    index.remove(numbers(0, 120))
    assert not index.needs_rebuild
    index.remove(np.array([120]))
    assert index.needs_rebuild
    index.rebuild()
    assert (index.graph_count, index.tail_count, index.needs_rebuild) == (0, 279, False)
    index.consolidate(1000)
    assert (index.graph_count, index.tail_count, index.needs_rebuild) == (279, 0, False)
    assert index.labels().tolist() == list(range(121, 400))


def test_vectors_of_a_removed_id_are_refused() -> None:
    index = with_graph(150, moved=64)
    index.remove(np.array([3]))
    with pytest.raises(KeyError):
        index.vectors(np.array([3]))
    with pytest.raises(KeyError):
        index.vectors(np.array([5000]))
    np.testing.assert_allclose(
        index.vectors(np.array([140, 2, 140])), clustered(150, DIM)[[140, 2, 140]], atol=1e-6
    )


def test_scores_are_cosines_of_vectors_of_any_length() -> None:
    index = CompactIndex(2)
    index.add(np.array([1]), np.array([[3, 4]], dtype=np.float32))
    _, scores = index.search(np.array([0, 9], dtype=np.float32), 1)
    assert scores.tolist() == pytest.approx([0.8])


def test_ef_reaches_a_graph_that_exists_and_one_to_come() -> None:
    index = CompactIndex(DIM, 100)
    index.ef = 128
    index.add(numbers(0, 150), clustered(150, DIM))
    index.consolidate(150)
    assert index.graph is not None
    assert index.graph.ef == 128
    index.ef = 256
    assert index.ef == index.graph.ef == 256


def test_an_empty_index_answers_nothing() -> None:
    index = CompactIndex(DIM)
    for allowed in (None, np.array([1, 2])):
        assert len(index.search(POOL[0], 5, allowed=allowed)[0]) == 0
    assert index.labels().tolist() == []


@pytest.mark.parametrize(
    ("ids", "vectors"),
    [
        ([1], np.zeros((1, DIM + 1))),
        ([1, 2], np.zeros((1, DIM))),
        ([-1], np.zeros((1, DIM))),
        ([1], np.full((1, DIM), np.nan)),
    ],
)
def test_what_cannot_be_right_is_a_bug(ids: list[int], vectors: Vectors) -> None:
    with pytest.raises(ValueError, match=r"ids beside|negative id"):
        CompactIndex(DIM).add(np.array(ids), vectors.astype(np.float32))


def test_a_query_of_another_length_is_a_bug() -> None:
    with pytest.raises(ValueError, match="query of shape"):
        CompactIndex(DIM).search(np.zeros(DIM + 1, dtype=np.float32), 1)


@pytest.mark.parametrize("graph_from", [200, 100_000])
def test_searches_beside_changes_never_miss_what_stays(graph_from: int) -> None:
    """Ids below 200 are never removed, so every search beside the changes must return them."""
    vectors = clustered(2000, DIM)
    index = CompactIndex(DIM, graph_from)
    index.add(numbers(0, 200), vectors[:200])
    stop = threading.Event()
    faults: list[BaseException] = []
    searches = [0, 0]

    def search(seat: int) -> None:
        try:
            while not stop.is_set():
                row = searches[seat] % 200
                ids, scores = index.search(vectors[row], 5)
                assert ids[0] == row
                assert len(set(ids.tolist())) == len(ids)
                assert scores[0] == pytest.approx(1.0, abs=1e-5)
                some, _ = index.search(vectors[row], 5, allowed=np.array([row, 150]))
                assert row in some
                searches[seat] += 1
        except BaseException as error:  # noqa: BLE001 - the main thread reports it
            faults.append(error)

    threads = [threading.Thread(target=search, args=(seat,)) for seat in range(2)]
    for thread in threads:
        thread.start()
    for start in range(200, 2000, 60):
        index.add(numbers(start, start + 60), vectors[start : start + 60])
        index.consolidate(48)
        index.remove(numbers(start, start + 20))
        if start % 360 == 200:
            index.rebuild()
    stop.set()
    for thread in threads:
        thread.join()
    assert not faults
    assert min(searches) > 0
    assert index.count == 2000 - 30 * 20


def test_bursts_that_arrive_together_are_found_as_well_as_any() -> None:
    """Photos come folder by folder; a graph built in that order has a recall of .94 here."""
    generator = np.random.default_rng(3)
    scenes = np.repeat(generator.standard_normal((60, 64)), 50, axis=0)
    vectors = normalise((scenes + 0.01 * generator.standard_normal((3000, 64))).astype(np.float32))
    index = CompactIndex(64, 100)
    index.add(numbers(0, 3000), vectors)
    index.consolidate(3000)
    found = []
    for row in range(0, 3000, 60):
        true = top_k(vectors[row], vectors, 150)[1]
        scores = index.search(vectors[row], 500)[1][:150]
        found.append(np.mean(scores >= true[-1] - 1e-5))
    assert np.mean(found) >= 0.98
