"""A rectangle of a picture finds the photos that contain that thing, also where it is small."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.support import encoded, grid_extractor, picture
from tests.unit.search.gallery import Gallery, fill
from twinlens.inference.extractor import Extractor
from twinlens.inference.regions import regions_kind
from twinlens.records import Example, Filters, Region
from twinlens.search.regions import RegionSearch, Seen, describe_photo, regions_order
from twinlens.store.features import FeatureStore

THING = Region(0.25, 0.25, 0.5, 0.5)
CORNERS = np.array([[r, g, b] for r in (0, 1) for g in (0, 1) for b in (0, 1)], np.float32)


class ColourSession:
    """Stands for a network of any input size: which of eight colours a cell of 32 pixels shows."""

    device = "CPU"
    notice = ""
    batch: int | None = None
    flexible = True

    def run(self, output: str, pixels: NDArray[Any]) -> NDArray[np.float32]:
        count, height, width, _ = pixels.shape
        near = 1 - np.abs(pixels[..., np.newaxis, :] / 255.0 - CORNERS)
        shares = near.prod(axis=-1) ** 2
        cells = shares.reshape(count, height // 32, 32, width // 32, 32, 8).mean(axis=(2, 4))
        # Six of a kind, to make up the 48 values of the other networks of the tests.
        maps: NDArray[np.float32] = np.repeat(cells.transpose(0, 3, 1, 2), 6, axis=1)
        maps = maps.astype(np.float32)
        return maps.mean(axis=(2, 3)) if output == "descriptor" else maps


class Parts(Gallery):
    """A library whose photos can be looked at closely."""

    def __init__(self, tmp_path: Path) -> None:
        super().__init__(tmp_path)
        self.features = FeatureStore(tmp_path / "features.sqlite3", "library")
        self.extractor = Extractor(grid_extractor().spec, ColourSession())
        self.regions = RegionSearch(self.features, self.extractor, self.projection)
        self.kind = regions_kind(self.extractor.model_id)
        self.searcher = self.searcher_with(regions=self.regions)

    def put(self, name: str, pixels: NDArray[np.uint8], *, look: bool = True) -> int:
        photo_id = self.add(name, encoded(pixels))
        if look:
            body = describe_photo(self.extractor, self.projection, pixels)
            self.features.put(self.kind, {photo_id: body})
        return photo_id


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    made = Parts(tmp_path)
    yield made
    made.features.close()
    made.database.close()


def thing() -> NDArray[np.uint8]:
    """Return a picture of something red and blue, on white."""
    made = np.full((128, 128, 3), 255, np.uint8)
    made[32:96, 32:64] = (255, 0, 0)
    made[32:96, 64:96] = (0, 0, 255)
    return made


def host(seed: int, x: int, y: int, side: int = 60) -> NDArray[np.uint8]:
    """Return a green scene of 320 x 240 that holds the thing, small, at a place."""
    made = green(seed)
    small = Image.fromarray(thing()[32:96, 32:96]).resize((side, side))
    made[y : y + side, x : x + side] = np.asarray(small)
    return made


def green(seed: int) -> NDArray[np.uint8]:
    """Return a green scene without it."""
    soft = picture(seed, 320, 240) // 2
    soft[..., 1] |= 128
    return soft


def asked(parts: Parts, example: Example, **options: Any) -> list[int]:
    return [hit.photo_id for hit in parts.search(example, k=100, **options)]


def scenes(parts: Parts) -> None:
    for seed in range(30):
        parts.put(f"{seed}.png", green(seed))


@pytest.mark.parametrize("kind", ["file", "bytes", "photo"])
def test_a_small_thing_in_a_photo_is_found(parts: Parts, tmp_path: Path, kind: str) -> None:
    scenes(parts)
    wanted = parts.put("host.png", host(50, 200, 30))
    if kind == "photo":
        example = Example(photo_id=parts.put("thing.png", thing()), region=THING)
    elif kind == "bytes":
        example = Example(data=encoded(thing()), region=THING)
    else:
        (tmp_path / "thing.png").write_bytes(encoded(thing()))
        example = Example(path=tmp_path / "thing.png", region=THING)
    assert wanted in asked(parts, example)[:2]


def test_the_place_of_the_thing_is_told_and_the_score_stays_the_plain_cosine(parts: Parts) -> None:
    scenes(parts)
    wanted = parts.put("host.png", host(50, 230, 20))
    example = Example(data=encoded(thing()), region=THING)
    (hit, *_) = parts.search(example, k=5)
    assert hit.photo_id == wanted
    assert hit.region is not None
    centre = hit.region.x + hit.region.width / 2, hit.region.y + hit.region.height / 2
    assert centre[0] > 0.5 > centre[1]
    whole = Example(path=parts.folder / "host.png")
    assert hit.score == pytest.approx(parts.searcher.compare(example, whole).score, abs=2e-3)


def test_without_a_closer_look_photos_rank_by_the_whole(parts: Parts) -> None:
    plain = [parts.put(f"{seed}.png", green(seed), look=False) for seed in range(10)]
    parts.put("host.png", host(50, 200, 30), look=False)
    hits = parts.search(Example(data=encoded(thing()), region=THING), k=100, rerank=False)
    assert len(hits) == len(plain) + 1
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(hit.region is None for hit in hits)


def test_a_photo_not_looked_at_yet_is_still_found_by_the_whole(parts: Parts) -> None:
    scenes(parts)
    late = parts.put("late.png", thing()[32:96, 32:96], look=False)
    assert late in asked(parts, Example(data=encoded(thing()), region=THING))[:2]


def test_filters_hold_for_things_too(parts: Parts) -> None:
    scenes(parts)
    parts.put("host.png", host(50, 200, 30))
    wanted = parts.put("wanted.png", host(51, 20, 100))
    example = Example(data=encoded(thing()), region=THING)
    assert asked(parts, example, filters=Filters(name="wanted")) == [wanted]


def test_the_parts_of_a_photo_that_has_gone_are_no_hit(parts: Parts) -> None:
    scenes(parts)
    gone = parts.put("host.png", host(50, 200, 30))
    parts.forget(gone)
    assert gone not in asked(parts, Example(data=encoded(thing()), region=THING))


def test_a_damaged_body_is_passed_over_and_said_once(
    parts: Parts, caplog: pytest.LogCaptureFixture
) -> None:
    scenes(parts)
    wanted = parts.put("host.png", host(50, 200, 30))
    parts.features.put(parts.kind, {1: b"\x01damaged", 2: b"\xff" * 1000, 3: b""})
    with caplog.at_level(logging.WARNING):
        found = asked(parts, Example(data=encoded(thing()), region=THING))
    assert found[0] == wanted
    assert {1, 2, 3} < set(found)
    assert [line.message for line in caplog.records] == [
        "the regions of 2 photos are damaged and were passed over"
    ]


def test_only_a_single_rectangle_looks_into_the_parts(parts: Parts) -> None:
    scenes(parts)
    parts.put("host.png", host(50, 200, 30))
    data = encoded(thing())
    for examples in [
        (Example(data=data),),
        (Example(data=data, region=THING), Example(photo_id=3)),
    ]:
        assert all(hit.region is None for hit in parts.search(*examples, k=5))


def test_a_network_of_one_size_is_searched_without_parts(gallery: Gallery) -> None:
    fill(gallery, 3)
    assert describe_photo(gallery.extractor, gallery.projection, green(1)) == b""


def test_a_tiny_picture_has_no_parts(parts: Parts) -> None:
    assert describe_photo(parts.extractor, parts.projection, picture(1, 63, 200)) == b""


def test_each_photo_stands_at_the_better_of_its_ranks() -> None:
    ids = np.array([1, 2, 3, 4])
    scores = np.array([0.9, 0.5, 0.4, 0.1], np.float32)
    seen = Seen(
        np.array([2, 3, 4]),
        best=np.array([0.5, 0.4, 0.9], np.float32),
        all=np.array([0.5, 0.4, 0.1], np.float32),
        window=np.array([0, 1, 45], np.uint8),
    )
    # 4 stands out most, 1 is most alike as a whole; then 2, second in both.
    assert ids[regions_order(ids, scores, seen, 0.0)].tolist() == [4, 1, 2, 3]
    assert seen.region(2) is None
    assert seen.region(1) is None
    assert seen.region(4) is not None


def test_the_more_of_its_picture_a_thing_takes_the_more_whole_photos_come_first() -> None:
    ids = np.arange(1, 9)
    # 1 to 4 are alike as wholes, and 5 to 8 hold the thing, the first of each most.
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.1, 0.1, 0.1, 0.1], np.float32)
    best = np.array([0.5, 0.5, 0.5, 0.5, 0.9, 0.8, 0.7, 0.6], np.float32)
    seen = Seen(ids, best, all=np.full(8, 0.5, np.float32), window=np.full(8, 45, np.uint8))
    orders = {
        share: ids[regions_order(ids, scores, seen, share)].tolist() for share in (0.01, 0.25, 0.7)
    }
    assert orders[0.01][:6] == [1, 5, 2, 6, 3, 7]
    assert orders[0.25][:6] == [1, 5, 2, 3, 6, 4]
    assert orders[0.7][:6] == [1, 2, 3, 5, 4, 6]
