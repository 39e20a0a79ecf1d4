"""The closer look: every photo once, one decoding for all makers, never in anybody's way."""

import threading
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.support import encoded, picture
from tests.unit.ingest.shelf import Shelf
from twinlens.errors import DeviceError
from twinlens.ingest.closer import CloserLook, Maker
from twinlens.ingest.progress import Gate
from twinlens.store.features import FeatureStore

Pixels = NDArray[np.uint8]


class Mean:
    """Makes one byte a photo, the mean level, and notes the pictures it was given."""

    kind = "mean/1"

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []
        self.fault: Exception | None = None

    def make(self, pixels: Pixels) -> Mapping[str, bytes]:
        if self.fault is not None:
            raise self.fault
        self.shapes.append(pixels.shape)
        return {self.kind: bytes([round(float(pixels.mean()))]), "aside/1": b"aside"}


@pytest.fixture
def features(tmp_path: Path) -> Iterator[FeatureStore]:
    store = FeatureStore(tmp_path / "features.sqlite3", "here")
    yield store
    store.close()


LookOf = Callable[..., CloserLook]


@pytest.fixture
def look_of(shelf: Shelf, features: FeatureStore) -> Iterator[LookOf]:
    """Makes closer looks at the shelf and ends them."""
    looks: list[CloserLook] = []

    def look(*makers: Maker, gate: Gate | None = None) -> CloserLook:
        looks.append(
            CloserLook(
                shelf.database,
                features,
                makers,
                shelf.model,
                shelf.settings,
                shelf.progress,
                gate or Gate(),
            )
        )
        return looks[-1]

    yield look
    for one in looks:
        one.close()


def test_every_photo_is_looked_at_once(
    shelf: Shelf, features: FeatureStore, look_of: LookOf
) -> None:
    shelf.fill(5)
    shelf.update()
    mean = Mean()
    look = look_of(Maker(mean.kind, mean.make))
    assert look.left() == 5
    assert look.run()
    assert look.left() == 0
    assert features.get("aside/1", shelf.index.labels().tolist()).keys() == set(
        shelf.index.labels().tolist()
    )
    shelf.put("one/more.png", 77)
    shelf.update()
    assert look.run()
    assert look.run()
    assert len(mean.shapes) == 6


def test_a_large_photo_comes_reduced_and_upright(
    shelf: Shelf, features: FeatureStore, look_of: LookOf
) -> None:
    path = shelf.folder / "large.jpg"
    path.parent.mkdir(exist_ok=True)
    turned = Image.Exif()
    turned[0x0112] = 6
    path.write_bytes(encoded(picture(1, 2400, 1600), "JPEG", exif=turned))
    shelf.update()
    mean = Mean()
    look_of(Maker(mean.kind, mean.make)).run()
    ((height, width, channels),) = mean.shapes
    assert 2400 > height > width >= 512
    assert channels == 3


def test_one_decoding_serves_all_makers_that_lack_something(
    shelf: Shelf, features: FeatureStore, monkeypatch: pytest.MonkeyPatch, look_of: LookOf
) -> None:
    shelf.fill(3)
    shelf.update()
    seen: list[int] = []

    def other(pixels: Pixels) -> Mapping[str, bytes]:
        seen.append(id(pixels))
        return {"other/1": b"o"}

    mean = Mean()
    look_of(Maker(mean.kind, mean.make)).run()
    look = look_of(Maker(mean.kind, mean.make), Maker("other/1", other))
    assert look.run()
    assert (len(seen), len(mean.shapes)) == (3, 3)


def test_no_more_room_is_asked_for_than_the_file_needs(shelf: Shelf, look_of: LookOf) -> None:
    # Where memory cannot be promised without being there, more is refused.
    shelf.fill(1)
    shelf.update()
    mean = Mean()
    look = look_of(Maker(mean.kind, mean.make))
    tracemalloc.start()
    try:
        look.run()
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(mean.shapes) == 1
    assert most < 50_000_000


def test_a_file_that_is_gone_is_left_for_later(
    shelf: Shelf, features: FeatureStore, look_of: LookOf
) -> None:
    shelf.fill(3)
    shelf.update()
    hidden = shelf.folder / "000.png"
    hidden.rename(shelf.tmp_path / "away.png")
    mean = Mean()
    look = look_of(Maker(mean.kind, mean.make))
    assert look.run()
    assert look.left() == 1
    (shelf.tmp_path / "away.png").rename(hidden)
    shelf.put("new.png", 50)
    shelf.update()
    assert look.run()
    assert look.left() == 0


def test_a_file_with_another_content_gives_nothing_to_the_old_photo(
    shelf: Shelf, features: FeatureStore, look_of: LookOf
) -> None:
    path = shelf.put("a.png", 1)
    shelf.update()
    photo = shelf.photo_at(path)
    path.write_bytes(encoded(picture(2), "PNG"))
    mean = Mean()
    look_of(Maker(mean.kind, mean.make)).run()
    assert photo is not None
    assert features.get(mean.kind, [photo]) == {}


def test_a_stop_keeps_what_was_made(shelf: Shelf, features: FeatureStore, look_of: LookOf) -> None:
    shelf.fill(30)
    shelf.update()
    mean = Mean()
    look = look_of(Maker(mean.kind, mean.make))
    look.run(lambda: len(mean.shapes) >= 5)
    made = len(features.ids(mean.kind))
    assert 0 < made < 30
    assert look.run()
    assert len(mean.shapes) == 30


def test_who_is_busy_goes_on_later_where_it_left(
    shelf: Shelf, features: FeatureStore, look_of: LookOf
) -> None:
    shelf.fill(12)
    shelf.update()
    mean = Mean()
    look = look_of(Maker(mean.kind, mean.make))
    rounds = 1
    while not look.run(busy=lambda: True):
        assert shelf.progress.status.activity == "closer"
        assert shelf.progress.status.total == 12
        rounds += 1
    assert rounds >= 12
    assert len(mean.shapes) == 12
    assert shelf.progress.status.activity == "idle"


def test_a_closed_gate_holds_it(shelf: Shelf, features: FeatureStore, look_of: LookOf) -> None:
    shelf.fill(3)
    shelf.update()
    mean, gate = Mean(), Gate()
    look = look_of(Maker(mean.kind, mean.make), gate=gate)
    gate.close()
    thread = threading.Thread(target=look.run)
    thread.start()
    thread.join(0.3)
    assert thread.is_alive()
    assert mean.shapes == []
    gate.open()
    thread.join()
    assert look.left() == 0


def test_closing_ends_what_waits_at_the_gate_and_keeps_what_is_made(
    shelf: Shelf, features: FeatureStore, look_of: LookOf
) -> None:
    shelf.fill(8)
    shelf.update()
    mean, gate = Mean(), Gate()
    look = look_of(Maker(mean.kind, mean.make), gate=gate)
    look.run(busy=lambda: len(mean.shapes) >= 2)
    gate.close()
    look.close()
    assert 2 <= len(mean.shapes) <= 8
    assert len(features.ids(mean.kind)) == len(mean.shapes)


def test_an_odd_photo_is_noted_and_the_others_go_on(
    shelf: Shelf, features: FeatureStore, caplog: pytest.LogCaptureFixture, look_of: LookOf
) -> None:
    shelf.fill(3)
    shelf.update()
    mean = Mean()
    mean.fault = ValueError("odd")
    look = look_of(Maker(mean.kind, mean.make))
    assert look.run()
    assert look.left() == 0
    assert "ValueError: odd" in caplog.text


def test_a_device_that_fails_ends_the_run(
    shelf: Shelf, features: FeatureStore, look_of: LookOf
) -> None:
    shelf.fill(3)
    shelf.update()
    mean = Mean()
    mean.fault = DeviceError("The device is gone.", "Restart.")
    look = look_of(Maker(mean.kind, mean.make))
    with pytest.raises(DeviceError):
        look.run()
    assert look.left() == 3
