"""Neighbours are asked of the index once, and stay true as photos come and go."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.unit.curate.test_clusters import Ids, Vectors, blobs
from twinlens.curate.clusters import NEIGHBOURS
from twinlens.curate.neighbours import KeptNeighbours, neighbours_of_all
from twinlens.store.features import FeatureStore

KIND = "nearest/1/test"


class Place:
    """Photos that are nothing but descriptors, and what was asked about them."""

    def __init__(self, folder: Path) -> None:
        self.features = FeatureStore(folder / "features.sqlite3", "test")
        self.rows: dict[int, Vectors] = {}
        self.asked: list[int] = []
        self.neighbours = self.opened()

    def opened(self) -> KeptNeighbours:
        return KeptNeighbours(self.features, KIND, self.live, self.ask)

    def live(self) -> Ids:
        return np.array(sorted(self.rows), dtype=np.int64)

    def ask(self, ids: Ids, k: int) -> Iterator[tuple[Ids, Ids, Vectors]]:
        known = self.live()
        matrix = np.array([self.rows[number] for number in known.tolist()])
        for start in range(0, len(ids), 50):
            part = ids[start : start + 50]
            self.asked += part.tolist()
            similar = matrix[np.searchsorted(known, part)] @ matrix.T
            best = np.argsort(-similar, axis=1, kind="stable")[:, :k]
            yield part, known[best], np.take_along_axis(similar, best, axis=1)

    def add(self, rows: Vectors) -> list[int]:
        first = max(self.rows, default=0) + 1
        self.rows.update(enumerate(rows, first))
        return list(range(first, first + len(rows)))

    def graph(self) -> tuple[Ids, Vectors]:
        self.asked = []
        return neighbours_of_all(self.live(), self.neighbours.nearest)

    def true_graph(self) -> tuple[Ids, Vectors]:
        return neighbours_of_all(self.live(), self.ask)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.features.close()


def scattered(count: int, seed: int = 0) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(count, 24)).astype(np.float32)
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def agreement(found: Ids, true: Ids) -> float:
    """Return the share of true neighbours that were found."""
    shares = [len(set(a) & set(b)) for a, b in zip(found.tolist(), true.tolist(), strict=True)]
    return sum(shares) / true.size


def test_what_was_asked_once_is_not_asked_again_in_a_later_run(place: Place) -> None:
    place.add(scattered(200))
    near, similar = place.graph()
    assert sorted(place.asked) == place.live().tolist()
    place.neighbours = place.opened()
    again, alike = place.graph()
    assert place.asked == []
    np.testing.assert_array_equal(again, near)
    np.testing.assert_array_equal(alike, similar)
    np.testing.assert_array_equal(near, place.true_graph()[0])


def test_newcomers_are_asked_about_and_reach_the_rows_of_others(place: Place) -> None:
    place.add(blobs(40, 40, 40)[0])
    place.graph()
    new = place.add(blobs(5, 5, 5)[0])
    near, similar = place.graph()
    assert sorted(place.asked) == new
    true, alike = place.true_graph()
    np.testing.assert_allclose(similar, alike, atol=1e-6)
    assert agreement(near, true) == 1.0


def test_hardly_a_neighbour_is_missed_where_nothing_hangs_together(place: Place) -> None:
    place.add(scattered(900))
    place.graph()
    place.add(scattered(100, seed=1))
    assert agreement(place.graph()[0], place.true_graph()[0]) > 0.99


def test_one_newcomer_reaches_the_rows_of_others_without_reading_all(place: Place) -> None:
    place.add(scattered(100))
    place.graph()
    (new,) = place.add(place.rows[7][np.newaxis])
    place.asked = []
    ((ids, near, similar),) = place.neighbours.nearest(np.array([new]), 3)
    assert ids.tolist() == [new]
    assert 7 in near[0, :2]
    assert similar[0, 1] == pytest.approx(1.0)
    assert place.asked == [new]
    place.asked = []
    ((_, near, _),) = place.neighbours.nearest(np.array([7]), 2)
    assert near.tolist() == [[7, new]]
    assert place.asked == []


def test_who_lost_a_neighbour_is_asked_again(place: Place) -> None:
    place.add(scattered(150))
    place.graph()
    del place.rows[30]
    near, _ = place.graph()
    assert 0 < len(place.asked) < 100
    np.testing.assert_array_equal(near, place.true_graph()[0])


def test_a_photo_that_comes_back_is_asked_again(place: Place) -> None:
    place.add(scattered(100))
    place.graph()
    row = place.rows.pop(30)
    place.graph()
    place.add(row[np.newaxis] + np.float32(1e-3))
    place.graph()
    place.rows[30] = row
    near, _ = place.graph()
    assert place.asked == [30]
    assert agreement(near, place.true_graph()[0]) > 0.99


def test_what_was_found_before_a_stop_is_kept(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twinlens.curate.neighbours._TOGETHER", 100)
    place.add(scattered(300))
    shares: list[float] = []

    def told(share: float) -> None:
        shares.append(share)
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(place.neighbours.nearest(place.live(), NEIGHBOURS + 1, told))
    assert shares == sorted(shares)
    near, _ = place.graph()
    assert 0 < len(place.asked) < 300
    np.testing.assert_array_equal(near, place.true_graph()[0])


def test_few_photos_have_few_neighbours(place: Place) -> None:
    place.add(scattered(3))
    _, similar = place.graph()
    assert np.isfinite(similar).sum(axis=1).tolist() == [2, 2, 2]
    place.add(scattered(2, seed=1))
    _, similar = place.graph()
    assert np.isfinite(similar).sum(axis=1).tolist() == [4] * 5


def test_forgotten_neighbours_are_asked_anew(place: Place) -> None:
    place.add(scattered(40))
    place.graph()
    place.neighbours.forget()
    near, _ = place.graph()
    assert sorted(place.asked) == place.live().tolist()
    np.testing.assert_array_equal(near, place.true_graph()[0])
