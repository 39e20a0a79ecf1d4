"""On real photos: a rectangle finds the photos that a thing was pasted into, small as it is."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.support import PHOTOS, needs_photos
from twinlens.imaging.decode import CLOSE_SIDE, decode
from twinlens.imaging.preprocess import crop_region, preprocess
from twinlens.index.projection import Projection
from twinlens.inference.extractor import Extractor, load_extractor
from twinlens.inference.model_spec import find_model
from twinlens.inference.regions import regions_kind
from twinlens.records import Region
from twinlens.search.regions import RegionSearch, describe_photo, regions_order
from twinlens.store.features import FeatureStore

pytestmark = [pytest.mark.model, pytest.mark.photos, pytest.mark.slow, needs_photos]

THINGS = 40
SEED = 7


class Shelf:
    """Photos that were looked at closely, by number, with their whole descriptors."""

    def __init__(self, folder: Path) -> None:
        spec = find_model()
        self.extractor: Extractor = load_extractor(spec, "cpu")
        self.projection = Projection.for_model(spec.projection, spec.dim)
        self.features = FeatureStore(folder / "features.sqlite3", "library")
        self.search = RegionSearch(self.features, self.extractor, self.projection)
        self._kind = regions_kind(spec.model_id)
        self._wholes: list[NDArray[np.float32]] = []

    def add(self, pixels: NDArray[np.uint8]) -> int:
        number = len(self._wholes)
        self._wholes.append(self.whole(pixels))
        body = describe_photo(self.extractor, self.projection, pixels)
        self.features.put(self._kind, {number: body})
        return number

    def whole(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        batch = preprocess(pixels, self.extractor.preprocessing)[np.newaxis]
        descriptor: NDArray[np.float32] = self.extractor.embed(batch)[0]
        return descriptor

    def rank(self, thing: NDArray[np.uint8], share: float, host: int, count: int) -> int:
        """Return where a host stands among the first `count` photos and itself, from 1."""
        ids = np.append(np.arange(count), host)
        scores = np.stack([self._wholes[number] for number in ids]) @ self.whole(thing)
        order = regions_order(ids, scores, self.search.look(thing, ids), share)
        return int(np.flatnonzero(ids[order] == host)[0]) + 1


def load(path: Path) -> NDArray[np.uint8]:
    return decode(path.read_bytes(), min_side=CLOSE_SIDE, max_pixels=10**8).pixels


def pasted(
    host: NDArray[np.uint8], thing: NDArray[np.uint8], share: float, chance: np.random.Generator
) -> NDArray[np.uint8]:
    """Return the host, twice as large, with the thing over a share of its area."""
    canvas = Image.fromarray(host)
    canvas = canvas.resize((canvas.width * 2, canvas.height * 2))
    width = (share * canvas.width * canvas.height * thing.shape[1] / thing.shape[0]) ** 0.5
    size = (round(width), round(width * thing.shape[0] / thing.shape[1]))
    place = [int(chance.integers(0, max(1, room))) for room in np.subtract(canvas.size, size)]
    canvas.paste(Image.fromarray(thing).resize(size), (place[0], place[1]))
    return np.array(canvas)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """An empty shelf."""
    return Shelf(tmp_path_factory.mktemp("shelf"))


def test_a_rectangle_finds_the_hosts_of_a_small_thing(shelf: Shelf) -> None:
    folders = ("clothing/test", "grocery/val", "grocery/iconic")
    paths = [path for folder in folders for path in sorted((PHOTOS / folder).rglob("*.jpg"))[::4]]
    pictures = [load(path) for path in paths]
    for pixels in pictures:
        shelf.add(pixels)
    chance = np.random.default_rng(SEED)
    found: dict[tuple[float, float], list[bool]] = {(0.05, 0.1): [], (0.1, 0.2): []}
    for (least, most), hits in found.items():
        for source in chance.permutation(len(paths))[:THINGS].tolist():
            width, height = chance.uniform(0.5, 0.8, 2)
            part = Region((1 - width) / 2, (1 - height) / 2, width, height)
            thing = crop_region(pictures[source], part)
            # Not among its own kind, where others of it would rightly come first.
            others = [n for n, path in enumerate(paths) if path.parent != paths[source].parent]
            place = int(chance.choice(others))
            host = pasted(pictures[place], thing, chance.uniform(least, most), chance)
            hits.append(shelf.rank(thing, width * height, shelf.add(host), len(paths)) <= 10)
    small, larger = (float(np.mean(hits)) for hits in found.values())
    assert small >= 0.7
    assert larger >= 0.9
