"""What the looking part of the window asks of the engine, and its pixels as images. Any thread."""

from pathlib import Path
from typing import Protocol

from PySide6.QtGui import QImage, QPixmap

from twinlens.records import Comparison, Example, Photo
from twinlens.reports import HeatMaps, Raster


class Pictures(Protocol):
    """The part of the library that shows photos; every method may be slow."""

    def preview(self, example: Example, long_side: int) -> tuple[bytes, int, int]:
        """Return (RGB bytes, width, height) of an example, at most `long_side` long."""
        ...

    def photo(self, photo_id: int) -> Photo | None:
        """Return what is known of a photo."""
        ...

    def paths(self, photo_id: int) -> list[Path]:
        """Return the files where a photo lies."""
        ...

    def labels(self, photo_id: int) -> list[tuple[str, float]] | None:
        """Return what a photo shows and how sure each is; None while nobody has looked at it."""
        ...

    def compare(self, a: Example, b: Example) -> Comparison:
        """Return what two pictures have in common."""
        ...

    def heat_maps(self, a: Example, b: Example) -> HeatMaps:
        """Return two pictures under colours that show what makes them alike."""
        ...


def no_thumbnail(_photo_id: int) -> QPixmap | None:
    """Stand in where no thumbnails are at hand."""
    return None


def load_image(pictures: Pictures, example: Example, long_side: int) -> QImage:
    """Return an example as an image that is quick to draw.

    Raises:
        UnreadableImageError, AppError: it cannot be shown; the sentence says why.
    """
    return image_of(pictures.preview(example, long_side))


def image_of(raster: Raster) -> QImage:
    """Return a picture as an image that is quick to draw."""
    data, width, height = raster
    rows = QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888)
    # The conversion also detaches the image from `data`.
    return rows.convertToFormat(QImage.Format.Format_RGB32)


def load_found(pictures: Pictures, example: Example, long_side: int) -> tuple[QImage, Path | None]:
    """Return an example as an image, with a file that holds it if there is one; may raise alike."""
    image = load_image(pictures, example, long_side)
    if example.photo_id is None:
        return image, example.path
    return image, next(iter(pictures.paths(example.photo_id)), None)
