"""The recall meter measures, and widens the search where it falls short."""

import numpy as np

from tests.support import DIM
from tests.unit.index.vectors import clustered
from tests.unit.search.gallery import Gallery, fill
from twinlens.index.exact import Ids, Vectors, top_k
from twinlens.search.recall import measure_recall


def test_an_empty_library_has_no_recall(gallery: Gallery) -> None:
    assert gallery.searcher.recall_at(10) is None
    assert gallery.searcher.mend_recall() is None


def test_a_small_library_is_searched_exactly(gallery: Gallery) -> None:
    fill(gallery, 1)
    assert gallery.searcher.recall_at(10) == 1.0
    gallery.add_vectors(clustered(40, DIM))
    assert gallery.searcher.recall_at(10, samples=100) == 1.0


def test_a_graph_is_measured_and_good(graph_gallery: Gallery) -> None:
    graph_gallery.add_vectors(clustered(2000, DIM))
    recall = graph_gallery.searcher.recall_at(10, samples=30)
    assert recall is not None
    assert recall >= 0.98
    assert graph_gallery.searcher.mend_recall(samples=10) is not None
    assert graph_gallery.index.ef == 64


def test_a_graph_of_wrong_vectors_is_found_out(graph_gallery: Gallery) -> None:
    vectors = clustered(2000, DIM)
    ids = np.array(graph_gallery.add_vectors(vectors))
    graph_gallery.index.remove(ids)
    graph_gallery.index.rebuild()
    graph_gallery.index.add(ids, clustered(2000, DIM, seed=9))
    graph_gallery.index.consolidate(2000)
    recall = graph_gallery.searcher.mend_recall(samples=20)
    assert recall is not None
    assert recall < 0.9
    assert graph_gallery.index.ef == 512


def measure(rows: Vectors, search_rows: Vectors, k: int) -> float | None:
    """Measure a search over `search_rows` against the truth in `rows`."""
    ids = np.arange(len(rows), dtype=np.int64)

    def search(query: Vectors) -> tuple[Ids, Vectors]:
        positions, _ = top_k(query, search_rows, k + 1)
        return positions, rows[positions] @ query

    return measure_recall(
        search, lambda wanted: [(wanted, rows[wanted])], ids, k=k, samples=10, seed=1
    )


def test_ties_count_as_found() -> None:
    rows = np.repeat(clustered(1, 8), 50, axis=0)
    assert measure(rows, rows[::-1].copy(), 5) == 1.0


def test_half_the_neighbours_are_half_the_recall() -> None:
    rows = clustered(200, 8)
    hidden = rows.copy()
    truth = [np.argsort(-(rows @ row))[1:11] for row in rows]
    for neighbours in truth:
        hidden[neighbours[::2]] = 0
    recall = measure(rows, hidden, 10)
    assert recall is not None
    assert recall < 0.9
