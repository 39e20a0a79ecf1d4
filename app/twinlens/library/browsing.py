"""What the window shows of photos: tiles, previews, copies to a folder. Runs on any thread."""

import os
import shutil
from collections.abc import Iterable
from itertools import count
from pathlib import Path

import numpy as np

from twinlens.errors import AppError, DiskFullError
from twinlens.records import Comparison, Filters, Hit, Tile
from twinlens.store import folders, photos
from twinlens.store.database import Database

#: So few photos are looked up one by one; for more, all are read.
FEW = 2000


def tiles_of_hits(database: Database, hits: Iterable[Hit]) -> list[Tile]:
    """Return one tile a photo, in the order of the hits; copies of the same bytes are counted."""
    by_photo: dict[int, list[Hit]] = {}
    for hit in hits:
        by_photo.setdefault(hit.photo_id, []).append(hit)
    connection = database.connection()
    facts = photos.facts(connection, by_photo)
    offline = _offline_folders(database)
    tiles = []
    for photo_id, group in by_photo.items():
        if photo_id not in facts:
            continue
        width, height, taken = facts[photo_id]
        best = group[0]
        tiles.append(
            Tile(
                photo_id,
                best.path,
                len(group),
                width,
                height,
                taken,
                best.score,
                best.match,
                _lies_in(best.path, offline),
                best.probability,
                _comparison(best),
                best.example,
                best.surroundings,
            )
        )
    return tiles


def browse(database: Database, filters: Filters, order: str, most: int | None = None) -> list[Tile]:
    """Return every photo that satisfies the filters, newest first, by "name", or as by "label".

    The last is the order of `filters.among`. `most` is for the first ones only, which come at once
    where they are the newest of the library.
    """
    connection = database.connection()
    at_once = most is not None and order == "date" and not filters.narrows
    only = photos.newest_ids(connection, most) if at_once and most is not None else None
    if filters.among is not None and len(filters.among) <= FEW:
        only = list(filters.among)
    known = folders.roots(connection)
    offline = {root.root_id for root in known if not root.path.is_dir()}
    tiles = [
        Tile(photo_id, file, copies, width, height, taken, None, None, root_id in offline)
        for photo_id, root_id, file, copies, width, height, taken in photos.overview(
            connection, filters, only
        )
    ]
    if order == "name":
        tiles.sort(key=lambda tile: (os.fsencode(tile.path.name).lower(), tile.photo_id))
    elif order == "label" and filters.among is not None:
        place = {photo_id: n for n, photo_id in enumerate(filters.among)}
        tiles.sort(key=lambda tile: place[tile.photo_id])
    else:
        # Newest first. numpy lets other threads run while it sorts 100,000 of them.
        taken = np.array([tile.taken or "" for tile in tiles], dtype=str)
        by_time = np.lexsort((np.array([tile.photo_id for tile in tiles]), taken))
        tiles = [tiles[row] for row in by_time[::-1].tolist()]
    return tiles[:most]


def copy_to(paths: Iterable[Path], folder: Path) -> list[Path]:
    """Copy files into a folder, numbering names that are taken; return the copies.

    Raises:
        AppError: a file could not be copied; those before it are there.
    """
    copies: list[Path] = []
    for path in paths:
        target = _free_name(folder, path.name)
        try:
            shutil.copy2(path, target)
        except OSError as error:
            target.unlink(missing_ok=True)
            kind = (
                DiskFullError if shutil.disk_usage(folder).free < path.stat().st_size else AppError
            )
            raise kind(
                f"{path} could not be copied to {folder} ({error.strerror}); "
                f"{len(copies)} files were.",
                "Check the folder and the space on its disk.",
            ) from error
        copies.append(target)
    return copies


def _free_name(folder: Path, name: str) -> Path:
    stem, suffix = Path(name).stem, Path(name).suffix
    candidates = (f"{stem} ({n}){suffix}" if n > 1 else name for n in count(1))
    return next(folder / item for item in candidates if not (folder / item).exists())


def _offline_folders(database: Database) -> list[Path]:
    known = folders.roots(database.connection())
    return [root.path for root in known if not root.path.is_dir()]


def _comparison(hit: Hit) -> Comparison | None:
    if hit.region is None and hit.inliers is None:
        return None
    return Comparison(
        hit.score,
        hit.match,
        hit.inliers,
        hit.probability,
        hit.region,
        hit.outline,
        hit.query_outline,
    )


def _lies_in(path: Path, places: list[Path]) -> bool:
    return any(path.is_relative_to(place) for place in places)
