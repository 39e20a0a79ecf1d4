"""Thumbnails survive restarts, stay within the budget, and never stop the indexing."""

import errno
import io
import os
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.unit.imaging.samples import difference, scene
from twinlens.imaging.thumbnails import ABANDONED_AFTER, TOUCH_AFTER, ThumbnailCache

PLENTY = 100_000_000


def _hash(number: int) -> bytes:
    return sha256(str(number).encode()).digest()


def _on_disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.jpg"))


def _age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_what_was_put_comes_back_small(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path / "thumbnails", PLENTY)
    assert cache.get(_hash(1)) is None
    assert cache.put(_hash(1), scene(800, 600))
    data = ThumbnailCache(tmp_path / "thumbnails", PLENTY).get(_hash(1))
    assert data is not None
    image = Image.open(io.BytesIO(data))
    assert image.format == "JPEG"
    assert image.size == (256, 192)
    wanted = Image.fromarray(scene(800, 600)).resize((256, 192), Image.Resampling.BOX)
    assert difference(np.asarray(image), np.asarray(wanted)) < 3.0


@pytest.mark.parametrize(
    ("size", "kept"), [((90, 40), (90, 40)), ((40, 5000), (2, 256)), ((9000, 1), (256, 1))]
)
def test_sizes(tmp_path: Path, size: tuple[int, int], kept: tuple[int, int]) -> None:
    cache = ThumbnailCache(tmp_path, PLENTY)
    cache.put(_hash(1), np.zeros((size[1], size[0], 3), dtype=np.uint8))
    with Image.open(cache.path(_hash(1))) as image:
        assert image.size == kept


def test_the_place_is_sharded_by_the_hash(tmp_path: Path) -> None:
    path = ThumbnailCache(tmp_path, PLENTY).path(bytes.fromhex("ab" + "00" * 31))
    assert path == tmp_path / "ab" / ("ab" + "00" * 31 + ".jpg")


def test_removing_is_idempotent_and_counted(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path, PLENTY)
    cache.put(_hash(1), scene())
    cache.remove(_hash(1))
    cache.remove(_hash(1))
    assert cache.get(_hash(1)) is None
    assert cache.total_bytes() == 0


def test_the_total_is_right_after_a_restart_and_a_replacement(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path, PLENTY)
    for number in range(5):
        cache.put(_hash(number), scene(200 + number, 200))
    again = ThumbnailCache(tmp_path, PLENTY)
    assert again.total_bytes() == cache.total_bytes() == _on_disk(tmp_path)
    again.put(_hash(0), scene(64, 64))
    assert again.total_bytes() == _on_disk(tmp_path)


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    roomy = ThumbnailCache(tmp_path, PLENTY)
    for number in range(20):
        roomy.put(_hash(number), scene())
        _age(roomy.path(_hash(number)), 10 * TOUCH_AFTER - number)
    size = roomy.path(_hash(0)).stat().st_size
    assert roomy.get(_hash(0)) is not None, "used just now, though written first"
    cache = ThumbnailCache(tmp_path, 20 * size)
    cache.put(_hash(99), scene())
    assert _on_disk(tmp_path) <= 18 * size
    assert cache.total_bytes() == _on_disk(tmp_path)
    left = {number for number in range(20) if cache.get(_hash(number))}
    assert left == {0, *range(4, 20)}
    assert cache.get(_hash(99)) is not None


def test_trimming_within_the_budget_deletes_nothing(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path, PLENTY)
    cache.put(_hash(1), scene())
    assert cache.trim() == 0
    assert cache.get(_hash(1)) is not None


def test_a_full_disk_is_a_miss_not_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cache = ThumbnailCache(tmp_path, PLENTY)

    def full(path: Path, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        assert not cache.put(_hash(1), scene())
    assert cache.get(_hash(1)) is None
    assert "No space left" in caplog.text
    assert cache.put(_hash(1), scene())


def test_a_folder_that_cannot_be_made_is_a_miss(tmp_path: Path) -> None:
    (tmp_path / "thumbnails").write_text("a file where the folder should be")
    cache = ThumbnailCache(tmp_path / "thumbnails", PLENTY)
    assert not cache.put(_hash(1), scene())
    assert cache.get(_hash(1)) is None
    cache.remove(_hash(1))


@pytest.mark.parametrize("left", [b"", b"\xff\xd8 cut short", bytes(500)])
def test_a_torn_thumbnail_counts_as_absent(tmp_path: Path, left: bytes) -> None:
    cache = ThumbnailCache(tmp_path, PLENTY)
    cache.put(_hash(1), scene())
    cache.path(_hash(1)).write_bytes(left)
    assert cache.get(_hash(1)) is None
    assert cache.put(_hash(1), scene())
    assert cache.get(_hash(1)) is not None


def test_what_a_kill_left_behind_is_swept_up(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path, PLENTY)
    cache.put(_hash(1), scene())
    shard = cache.path(_hash(1)).parent
    old, fresh = shard / "old.tmp", shard / "fresh.tmp"
    old.write_bytes(b"x")
    fresh.write_bytes(b"x")
    _age(old, ABANDONED_AFTER + 60)
    cache.trim()
    assert not old.exists()
    assert fresh.exists()


def test_many_threads_at_once(tmp_path: Path) -> None:
    size = len(_jpeg(tmp_path / "probe"))
    cache = ThumbnailCache(tmp_path / "cache", 30 * size)

    def work(number: int) -> None:
        cache.put(_hash(number % 60), scene())
        cache.get(_hash((number + 7) % 60))
        if number % 11 == 0:
            cache.remove(_hash(number % 60))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(400)))
    cache.trim()
    assert cache.total_bytes() == _on_disk(tmp_path / "cache") <= 30 * size
    assert not list((tmp_path / "cache").rglob("*.tmp"))


def _jpeg(folder: Path) -> bytes:
    cache = ThumbnailCache(folder, PLENTY)
    cache.put(_hash(1), scene())
    return cache.get(_hash(1)) or b""
