"""Regions of a photo are kept in few bytes, and a window answers for what lies in it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from twinlens.index.exact import normalise
from twinlens.inference import regions
from twinlens.records import Preprocessing

FACTS = Preprocessing(224, 224)


def feature_map(seed: int, rows: int = 14, columns: int = 18) -> NDArray[np.float32]:
    """Return (300, rows, columns) activations, none negative, as a network gives them."""
    made = np.random.default_rng(seed).random((300, rows, columns), dtype=np.float32)
    activations: NDArray[np.float32] = np.maximum(made - 0.5, 0)
    return activations


def first(count: int) -> regions.Compact:
    def compact(rows: NDArray[np.float32]) -> NDArray[np.float32]:
        short: NDArray[np.float32] = normalise(rows[:, :count])
        return short

    return compact


def pooled(activations: NDArray[np.float32], number: int, count: int) -> NDArray[np.float32]:
    """Return what a window shows, from whole cells only; the map has to be divisible."""
    part = regions.window(number)
    rows, columns = activations.shape[1:]
    top, left = round(part.y * rows), round(part.x * columns)
    inside = activations[
        :, top : top + round(part.height * rows), left : left + round(part.width * columns)
    ]
    mean: NDArray[np.float32] = normalise(inside.mean(axis=(1, 2))[np.newaxis, :count])[0]
    return mean


@pytest.mark.parametrize("dims", [256, 48, 31])
def test_what_is_kept_answers_like_the_windows_themselves(dims: int) -> None:
    maps = [feature_map(seed, 14, 14) for seed in range(3)]
    bodies = [regions.describe_regions(one, first(dims)) for one in maps]
    assert regions.are_regions(bodies, dims).all()
    query = pooled(feature_map(9, 14, 14), 0, dims)
    found = regions.similarities(bodies, query)
    # The whole, and the corners of the two finer grids, lie on whole cells of this map.
    for number in (0, 1, 3, 7, 9, 10, 15, 40, 45):
        wanted = [pooled(one, number, dims) @ query for one in maps]
        np.testing.assert_allclose(found[:, number], wanted, atol=0.02)


def test_a_photo_takes_less_than_six_thousand_bytes() -> None:
    assert len(regions.describe_regions(feature_map(1), first(regions.DIMS))) <= 6000


@pytest.mark.parametrize(("rows", "columns"), [(2, 32), (32, 2), (7, 7), (16, 16)])
def test_a_thing_is_seen_where_it_is(rows: int, columns: int) -> None:
    for number in range(1, regions.WINDOWS):
        part = regions.window(number)
        assert 0 <= part.x <= part.x + part.width <= 1 + 1e-9
        assert 0 <= part.y <= part.y + part.height <= 1 + 1e-9
    activations = np.ones((16, rows, columns), np.float32)
    activations[:, rows // 2 :, columns // 2 :] = 0
    activations[3, rows // 2 :, columns // 2 :] = 1
    thing = np.zeros(16, np.float32)
    thing[3] = 1
    body = regions.describe_regions(activations, first(16))
    best = regions.window(int(regions.similarities([body], thing)[0].argmax()))
    assert best.x + best.width / 2 > 0.5
    assert best.y + best.height / 2 > 0.5


def test_windows_reach_every_edge() -> None:
    parts = [regions.window(number) for number in range(10, regions.WINDOWS)]
    assert min(part.x for part in parts) == min(part.y for part in parts) == 0
    assert max(part.x + part.width for part in parts) == pytest.approx(1)
    assert max(part.y + part.height for part in parts) == pytest.approx(1)
    with pytest.raises(IndexError):
        regions.window(regions.WINDOWS)


def test_what_is_damaged_is_recognised() -> None:
    body = regions.describe_regions(feature_map(1), first(16))
    damaged = [b"", b"\x01", body[:-1], body + b"\x00", b"\xff" + body[1:]]
    assert regions.are_regions([body, *damaged], 16).tolist() == [True] + [False] * len(damaged)
    assert not regions.are_regions([body], 17)[0]


def test_a_picture_of_nothing_has_no_likeness() -> None:
    body = regions.describe_regions(np.zeros((16, 7, 7), np.float32), first(16))
    assert not regions.similarities([body], np.full(16, 0.25, np.float32)).any()


@pytest.mark.parametrize(("height", "width"), [(480, 640), (640, 480), (500, 500), (100, 5000)])
def test_a_picture_keeps_its_proportions_at_the_same_cost(height: int, width: int) -> None:
    facts = regions.facts_for(FACTS, height, width)
    assert facts.width % 32 == facts.height % 32 == 0
    assert facts.width * facts.height == pytest.approx(regions.SIDE**2, rel=0.1)
    assert facts.width / facts.height == pytest.approx(min(width / height, 4), rel=0.15)
    assert facts.resize == "squash"
