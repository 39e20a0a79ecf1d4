"""What the tests of trays, inspector and viewer share: pictures served from memory."""

import threading
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from tests.gui.generated import picture
from twinlens.errors import UnreadableImageError
from twinlens.gui.pictures import Pictures
from twinlens.records import Comparison, Example, Metadata, Photo, Tile
from twinlens.reports import HeatMaps


@dataclass
class MemoryPictures(Pictures):
    """Serves pictures by photo id, and files from the disk; notes what was asked for.

    A photo in `held` is served only once its event is set, one in `broken` never. `shown` is what
    those looked at show.
    """

    images: dict[int, Image.Image] = field(default_factory=dict)
    held: dict[int, threading.Event] = field(default_factory=dict)
    broken: set[int] = field(default_factory=set)
    places: dict[int, list[Path]] = field(default_factory=dict)
    asked: list[tuple[Example, int]] = field(default_factory=list)
    shown: dict[int, list[tuple[str, float]]] = field(default_factory=dict)
    comparisons: dict[int, Comparison] = field(default_factory=dict)

    def preview(self, example: Example, long_side: int) -> tuple[bytes, int, int]:
        self.asked.append((example, long_side))
        try:
            image = self._image(example)
        except OSError as error:
            raise UnreadableImageError(
                "damaged", f"{example.path} is damaged.", "Try another copy of it."
            ) from error
        image.thumbnail((long_side, long_side))
        return image.tobytes(), image.width, image.height

    def photo(self, photo_id: int) -> Photo | None:
        image = self.images.get(photo_id)
        if image is None:
            return None
        metadata = Metadata("2024-06-01T10:20:30", "Camera One", "Lens 50 mm", 59.9139, 10.7522)
        return Photo(photo_id, b"", image.width, image.height, "JPEG", 3_712_345, metadata)

    def paths(self, photo_id: int) -> list[Path]:
        one = [Path(f"/photos/{photo_id}.jpg")] if photo_id in self.images else []
        return self.places.get(photo_id, one)

    def labels(self, photo_id: int) -> list[tuple[str, float]] | None:
        return self.shown.get(photo_id)

    def compare(self, a: Example, b: Example) -> Comparison:
        return self.comparisons.get(b.photo_id or 0, Comparison(0.5))

    def heat_maps(self, a: Example, b: Example) -> HeatMaps:
        grey = Image.new("RGB", (8, 8), "grey")
        return HeatMaps((grey.tobytes(), 8, 8), (grey.tobytes(), 8, 8), bytes(range(6)))

    def _image(self, example: Example) -> Image.Image:
        if example.photo_id in self.broken:
            raise OSError
        if example.photo_id is not None:
            if example.photo_id in self.held:
                self.held[example.photo_id].wait(30)
            return self.images[example.photo_id].copy()
        if example.path is not None:
            with Image.open(example.path) as opened:
                return opened.convert("RGB")
        return picture("circles", 1)


def three_photos() -> MemoryPictures:
    """Return photos 1 (red, wide), 2 (green, high) and 3 (blue, square), 2400 px long."""
    sizes = {1: ((2400, 1600), "red"), 2: ((1600, 2400), "lime"), 3: ((2400, 2400), "blue")}
    return MemoryPictures({k: Image.new("RGB", *value) for k, value in sizes.items()})


def tiles_of(pictures: MemoryPictures) -> list[Tile]:
    """Return one tile a photo."""
    return [
        Tile(key, Path(f"/photos/{key}.jpg"), 1, image.width, image.height, None, 0.9)
        for key, image in pictures.images.items()
    ]
