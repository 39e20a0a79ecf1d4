"""Thumbnails of photos, from the cache or made again from a file. Runs on any thread."""

import logging

from twinlens.errors import UnreadableImageError
from twinlens.imaging.decode import decode
from twinlens.imaging.thumbnails import LONG_SIDE, ThumbnailCache
from twinlens.settings import Settings
from twinlens.store import photos
from twinlens.store.database import Database

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
