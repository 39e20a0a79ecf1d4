"""The map: neighbours near each other, the same each time, steady as photos come and go."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from twinlens.curate import layout
from twinlens.curate.clusters import neighbour_graph
from twinlens.curate.galleries import FEWEST_NEWCOMERS
from twinlens.curate.layout import (
    Places,
    Vectors,
    between,
    first_places,
    lay_out,
    layout_graph,
    turned_to,
)
from twinlens.curate.neighbours import Nearest, neighbours_of_all
from twinlens.curate.photo_map import PhotoMap, photo_map, read
from twinlens.store.features import FeatureStore

Ids = NDArray[np.int64]
KIND = "map/1/test"
GROUPS, EACH = 6, 30


def rows_of(groups: int = GROUPS, each: int = EACH, seed: int = 3) -> Vectors:
    """Return groups of unit vectors that are alike among themselves."""
    chance = np.random.default_rng(seed)
    middles = np.repeat(chance.standard_normal((groups, 32)), each, axis=0)
    rows = middles + 0.4 * chance.standard_normal(middles.shape)
    found: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return found


def finds(rows: Vectors, ids: Ids | None = None) -> Nearest:
    """Return what finds exact neighbours; `ids` are those of the rows."""
    names = np.arange(len(rows)) if ids is None else ids

    def nearest(wanted: Ids, k: int) -> Iterator[tuple[Ids, Ids, Vectors]]:
        for start in range(0, len(wanted), 50):
            part = wanted[start : start + 50]
            scores = rows[np.searchsorted(names, part)] @ rows.T
            best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
            yield part, names[best], np.take_along_axis(scores, best, axis=1)

    return nearest


def placed(rows: Vectors) -> Places:
    ids = np.arange(len(rows))
    return lay_out(layout_graph(*neighbours_of_all(ids, finds(rows))), first_places(rows))


def kept_near(rows: Vectors, places: Places) -> float:
    """Return the share of the 10 nearest by descriptor that are so on the map."""
    similar = rows @ rows.T
    np.fill_diagonal(similar, -np.inf)
    apart = np.abs(places[:, np.newaxis] - places)
    np.fill_diagonal(apart, np.inf)
    wanted = np.argsort(-similar, axis=1)[:, :10]
    found = np.argsort(apart, axis=1)[:, :10]
    return float(np.mean([np.isin(a, b).mean() for a, b in zip(wanted, found, strict=True)]))


def test_what_is_alike_lies_together() -> None:
    rows = rows_of()
    places = placed(rows)
    group = np.repeat(np.arange(GROUPS), EACH)
    apart = np.abs(places[:, np.newaxis] - places)
    np.fill_diagonal(apart, np.inf)
    assert (group[apart.argmin(axis=1)] == group).all()
    assert kept_near(rows, places) > kept_near(rows, first_places(rows)) + 0.1


def test_the_same_photos_lie_at_the_same_places() -> None:
    assert np.array_equal(placed(rows_of()), placed(rows_of()))


def test_the_push_off_the_grid_is_that_of_all_pairs() -> None:
    chance = np.random.default_rng(5)
    places = 12 * (chance.standard_normal(400) + 1j * chance.standard_normal(400))
    apart = places[:, np.newaxis] - places
    kernel = 1 / (1 + np.abs(apart) ** 2)
    np.fill_diagonal(kernel, 0)
    exact = (kernel**2 * apart).sum(axis=1) / kernel.sum()
    found = layout._Repulsion().of(places)
    assert np.abs(found - exact).mean() < 0.1 * np.abs(exact).mean()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 24])
def test_few_photos_have_places_too(count: int) -> None:
    rows = rows_of(1, max(count, 1))[:count]
    ids = np.arange(count)
    graph = layout_graph(*neighbours_of_all(ids, finds(rows)))
    start = first_places(rows) if count else np.zeros(0, dtype=np.complex128)
    places = lay_out(graph, start)
    assert len(places) == count
    assert np.abs(places).max(initial=0) < 100


def test_equal_photos_do_not_break_the_map() -> None:
    rows = np.concatenate([rows_of(2, 20), np.repeat(rows_of(1, 1), 30, axis=0)])
    assert np.isfinite(placed(rows)).all()


def test_every_neighbour_counts_and_none_where_there_is_none() -> None:
    similar = np.array([[0.9, 0.8, 0.5, -np.inf]], dtype=np.float32)
    weights = layout.map_weights(similar)[0]
    assert weights[0] == pytest.approx(1.5)
    assert weights[0] > weights[1] > weights[2] >= layout.EVENLY
    assert weights[3] == 0
    nearest = np.array([[1, 0, 0, 0], [0, 0, 0, 0]])
    both = np.concatenate([similar, similar])
    assert len(neighbour_graph(nearest[:, :1], both[:, :1], layout.map_weights).rows) == 2


def test_a_newcomer_goes_to_the_crowd_and_not_between() -> None:
    near = np.array([[0, 0.1, 0.1j, 50]], dtype=np.complex128)
    assert abs(between(near, np.ones((1, 4)))[0]) < 1
    alone = between(near, np.array([[0.0, 0, 0, 1]]))
    assert alone[0] == pytest.approx(50)


def test_a_map_is_turned_to_the_one_before() -> None:
    chance = np.random.default_rng(1)
    before = chance.standard_normal(40) + 1j * chance.standard_normal(40)
    turned = before * np.exp(0.8j) + 3 - 2j
    assert np.allclose(turned_to(turned, before), before)


# Kept and in step


@pytest.fixture
def features(tmp_path: Path) -> Iterator[FeatureStore]:
    store = FeatureStore(tmp_path / "features.sqlite3", "mine")
    yield store
    store.close()


def asked(features: FeatureStore, rows: Vectors, live: Ids) -> PhotoMap:
    return photo_map(features, KIND, live, finds(rows[live], live), lambda ids: rows[ids])


def test_a_map_is_kept(features: FeatureStore) -> None:
    rows, live = rows_of(), np.arange(GROUPS * EACH)
    first = asked(features, rows, live)
    assert np.array_equal(read(features, KIND).places, first.places)
    assert np.array_equal(asked(features, rows, live).places, first.places)
    assert not first.newcomers.any()


def test_a_few_newcomers_move_nobody(features: FeatureStore) -> None:
    rows, every = rows_of(), np.arange(GROUPS * EACH)
    later = every[::15]
    early = np.setdiff1d(every, later)
    assert len(later) <= FEWEST_NEWCOMERS
    before = asked(features, rows, early)
    after = asked(features, rows, every)
    assert np.array_equal(after.places[np.isin(every, early)], before.places)
    assert np.array_equal(every[after.newcomers], later)
    group = every // EACH
    for number in later.tolist():
        apart = np.abs(after.places - after.places[number])
        assert group[np.argsort(apart)[1]] == group[number]
    # One comes after the other, and still nobody moves.
    assert np.array_equal(asked(features, rows, every).places, after.places)


def test_many_newcomers_leave_the_map_recognisable(features: FeatureStore) -> None:
    rows, every = rows_of(), np.arange(GROUPS * EACH)
    early = np.setdiff1d(every, every[::5])
    before = asked(features, rows, early)
    after = asked(features, rows, every)
    assert not after.newcomers.any()
    stayed = after.places[np.isin(every, early)]
    then, now = (
        np.array([places[early // EACH == number].mean() for number in range(GROUPS)])
        for places in (before.places, stayed)
    )
    assert np.abs(now - then).max() < 0.5 * np.abs(then - then.mean()).mean()


def test_what_is_gone_leaves_the_map(features: FeatureStore) -> None:
    rows, every = rows_of(), np.arange(GROUPS * EACH)
    before = asked(features, rows, every)
    left = every[10:]
    after = asked(features, rows, left)
    assert np.array_equal(after.ids, left)
    assert np.array_equal(after.places, before.places[10:])


def test_a_photo_without_neighbours_on_the_map_lies_at_its_edge(features: FeatureStore) -> None:
    rows, every = rows_of(), np.arange(60)
    before = asked(features, rows, every[:59])

    def nearest(wanted: Ids, k: int) -> Iterator[tuple[Ids, Ids, Vectors]]:
        yield wanted, wanted[:, np.newaxis], np.ones((len(wanted), 1), np.float32)

    after = photo_map(features, KIND, every, nearest, lambda ids: rows[ids])
    assert abs(after.places[59]) >= np.abs(before.places).max()


def test_progress_is_told_and_can_end_the_work(features: FeatureStore) -> None:
    rows, live = rows_of(), np.arange(GROUPS * EACH)
    said: list[float] = []
    photo_map(features, KIND, live, finds(rows), lambda ids: rows[ids], said.append)
    assert said == sorted(said)
    assert said[-1] == pytest.approx(1)

    def stop(share: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        photo_map(features, "map/1/other", live, finds(rows), lambda ids: rows[ids], stop)
    assert not len(read(features, "map/1/other").ids)


def test_damaged_rows_are_passed_over(features: FeatureStore) -> None:
    rows, live = rows_of(), np.arange(GROUPS * EACH)
    asked(features, rows, live)
    features.put(KIND, {3: b"nonsense", 4: b"\0" + np.array([np.nan, 0], "<f4").tobytes()})
    after = asked(features, rows, live)
    assert np.array_equal(after.ids, live)
    assert np.isfinite(after.places).all()
