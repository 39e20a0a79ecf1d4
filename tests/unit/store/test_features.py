"""The cache of what a closer look found: kept by photo and kind, never worth an error."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from twinlens.store.features import FeatureStore

REGIONS = "regions/1/a-model"
KEYPOINTS = "keypoints/1"


def ids(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(numbers, dtype=np.int64)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "features.sqlite3"


def test_what_was_put_is_there_in_the_next_session(path: Path) -> None:
    first = FeatureStore(path, "here")
    assert first.put(REGIONS, {7: b"seven", 8: b""})
    first.close()
    again = FeatureStore(path, "here")
    assert again.get(REGIONS, [6, 7, 8]) == {7: b"seven", 8: b""}
    assert again.get(KEYPOINTS, [7]) == {}
    assert again.missing(REGIONS, ids(9, 8, 6)).tolist() == [6, 9]
    again.close()


def test_a_stream_yields_every_body_in_the_order_of_photos(path: Path) -> None:
    store = FeatureStore(path, "here")
    store.put(REGIONS, {n: bytes([n]) for n in (5, 3, 9, 1, 7)})
    parts = list(store.stream(REGIONS, chunk=2))
    assert [len(part) for part in parts] == [2, 2, 1]
    assert [row for part in parts for row in part] == [(n, bytes([n])) for n in (1, 3, 5, 7, 9)]
    store.close()


def test_the_state_of_a_kind_tells_that_bodies_came_or_went(path: Path) -> None:
    now = [0.0]
    store, beside = (FeatureStore(path, "here", clock=lambda: now[0]) for _ in range(2))
    assert store.state(REGIONS).bodies == 0
    states = {store.state(REGIONS)}
    for number, body in ((1, b"one"), (2, b""), (1, b"two")):
        now[0] += 1
        beside.put(REGIONS, {number: body})
        assert store.state(REGIONS) not in states
        states.add(store.state(REGIONS))
        assert store.ids(REGIONS, since=now[0] - 1).tolist() == [number]
    beside.put(KEYPOINTS, {7: b"seven"})
    assert store.state(REGIONS) in states
    store.keep_only(ids(1))
    assert store.state(REGIONS) not in states
    store.close()
    beside.close()


def test_the_photos_of_another_library_are_not_taken_for_ours(path: Path) -> None:
    first = FeatureStore(path, "here")
    first.put(REGIONS, {7: b"seven"})
    first.close()
    other = FeatureStore(path, "there")
    assert other.get(REGIONS, [7]) == {}
    assert other.put(REGIONS, {7: b"other"})
    assert other.get(REGIONS, [7]) == {7: b"other"}
    other.close()


def test_a_bound_lets_go_of_what_was_not_used_for_longest(path: Path) -> None:
    now = [0.0]
    store = FeatureStore(path, "here", clock=lambda: now[0])
    for number in range(10):
        now[0] += 10_000
        store.put(KEYPOINTS, {number: bytes(100)}, bound=1000)
    now[0] += 10_000
    store.get(KEYPOINTS, [0])
    store.put(KEYPOINTS, {10: bytes(100)}, bound=1000)
    left = store.ids(KEYPOINTS).tolist()
    assert {0, 10} <= set(left)
    assert 1 not in left
    assert store.size(KEYPOINTS) == 100 * len(left) <= 1000
    store.close()


def test_replacing_a_body_counts_its_size_once(path: Path) -> None:
    store = FeatureStore(path, "here")
    for size in (100, 50, 70):
        store.put(KEYPOINTS, {1: bytes(size)})
    assert store.size(KEYPOINTS) == 70
    store.close()


def test_photos_that_are_gone_are_dropped(path: Path) -> None:
    store = FeatureStore(path, "here")
    store.put(REGIONS, {1: b"abc", 2: b"de"})
    store.keep_only(ids(2, 3))
    assert store.ids(REGIONS).tolist() == [2]
    assert store.size(REGIONS) == 2
    store.close()


def test_the_kinds_of_one_model_are_dropped(path: Path) -> None:
    store = FeatureStore(path, "here")
    store.put(REGIONS, {1: b"abc"})
    store.put("regions/1/an-old-model", {1: b"old"})
    store.drop("/an-old-model")
    assert store.size("regions/1/an-old-model") == 0
    assert store.get("regions/1/an-old-model", [1]) == {}
    assert store.get(REGIONS, [1]) == {1: b"abc"}
    store.close()


@pytest.mark.parametrize("where", [0, 5000, 9000, 17000])
def test_a_damaged_file_is_made_anew(path: Path, where: int) -> None:
    store = FeatureStore(path, "here")
    store.put(REGIONS, {n: os.urandom(3000) for n in range(40)})
    store.close()
    data = bytearray(path.read_bytes())
    data[where : where + 4000] = os.urandom(4000)
    path.write_bytes(data)
    store = FeatureStore(path, "here")
    list(store.stream(REGIONS))
    store.get(REGIONS, range(40))
    store.ids(REGIONS)
    # Whatever of it was lost, it works again.
    for _ in range(2):
        store.put(REGIONS, {n: b"new" for n in range(50)})
    assert store.get(REGIONS, range(50)) == {n: b"new" for n in range(50)}
    store.close()


def test_where_nothing_can_be_written_nothing_is_kept_and_nothing_fails(path: Path) -> None:
    store = FeatureStore(path, "here", read_only=True)
    assert not store.put(REGIONS, {1: b"x"})
    assert store.get(REGIONS, [1]) == {}
    assert store.ids(REGIONS).tolist() == []
    store.close()
    assert not path.exists()


def test_a_writer_s_work_is_read_where_nothing_can_be_written(path: Path) -> None:
    writer = FeatureStore(path, "here")
    writer.put(REGIONS, {1: b"x"})
    writer.close()
    reader = FeatureStore(path, "here", read_only=True)
    assert reader.get(REGIONS, [1]) == {1: b"x"}
    reader.close()


def test_several_threads_put_and_get_at_once(path: Path) -> None:
    store = FeatureStore(path, "here")

    def work(start: int) -> None:
        for number in range(start, start + 50):
            store.put(REGIONS, {number: b"%d" % number})
            assert store.get(REGIONS, [number]) == {number: b"%d" % number}

    threads = [threading.Thread(target=work, args=(100 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.ids(REGIONS)) == 200
    store.close()
