"""Pictures to look at: thumbnails from the cache, previews from the files. Runs on any thread."""

import io
import logging

import numpy as np
import numpy.typing as npt
from PIL import Image

from twinlens.errors import AppError, UnreadableImageError
from twinlens.imaging.decode import decode
from twinlens.imaging.preprocess import crop_region
from twinlens.imaging.thumbnails import LONG_SIDE, ThumbnailCache
from twinlens.records import Example
from twinlens.settings import Settings
from twinlens.store import photos
from twinlens.store.database import Database

Pixels = npt.NDArray[np.uint8]

log = logging.getLogger(__name__)


def thumbnail(
    database: Database, cache: ThumbnailCache, photo_id: int, settings: Settings
) -> bytes | None:
    """Return the JPEG thumbnail of a photo; None when it is gone or its files are out of reach."""
    connection = database.connection()
    known = photos.photo(connection, photo_id)
    if known is None:
        return None
    cached = cache.get(known.hash)
    if cached is not None:
        return cached
    for path in photos.paths_of(connection, [photo_id]).get(photo_id, []):
        try:
            decoded = decode(
                path.read_bytes(),
                min_side=LONG_SIDE,
                max_pixels=settings.max_pixels,
                name=path.name,
            )
        except (OSError, UnreadableImageError) as error:
            log.info("no thumbnail from %s: %s", path, error)
            continue
        cache.put(known.hash, decoded.pixels)
        return cache.get(known.hash)
    return None


def preview(
    database: Database,
    cache: ThumbnailCache,
    example: Example,
    long_side: int,
    settings: Settings,
) -> tuple[bytes, int, int]:
    """Return (RGB bytes, width, height) of an example, upright, never enlarged.

    Raises:
        UnreadableImageError: the picture cannot be decoded.
        AppError: its file is out of reach and there is no thumbnail either.
    """
    pixels = _pixels(database, cache, example, long_side, settings)
    if example.region is not None:
        pixels = crop_region(pixels, example.region)
    picture = Image.fromarray(pixels)
    picture.thumbnail((long_side, long_side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return picture.tobytes(), picture.width, picture.height


def _pixels(
    database: Database,
    cache: ThumbnailCache,
    example: Example,
    long_side: int,
    settings: Settings,
) -> Pixels:
    # A region is enlarged by what is cut away, so all of its detail is kept.
    share = 1.0 if example.region is None else min(example.region.width, example.region.height)
    min_side = int(long_side / max(share, 0.05))
    if example.data is not None:
        return decode(example.data, min_side=min_side, max_pixels=settings.max_pixels).pixels
    paths = [example.path] if example.path is not None else []
    if example.photo_id is not None:
        found = photos.paths_of(database.connection(), [example.photo_id])
        paths = list(found.get(example.photo_id, []))
    fault: OSError | None = None
    for path in paths:
        try:
            data = path.read_bytes()
        except OSError as error:
            fault = error
            continue
        max_pixels = settings.max_pixels
        return decode(data, min_side=min_side, max_pixels=max_pixels, name=path.name).pixels
    if example.photo_id is not None:
        small = thumbnail(database, cache, example.photo_id, settings)
        if small is not None:
            with Image.open(io.BytesIO(small)) as picture:
                return np.asarray(picture.convert("RGB"))
    name = paths[0] if paths else "The photo"
    reason = f" ({fault.strerror})" if fault is not None else ""
    raise AppError(f"{name} cannot be reached{reason}.", "Connect its drive, or choose another.")
