"""What several benchmarks of one run share: photos on disk and prepared libraries.

Runs on the caller's thread. Everything lies in one temporary folder, which goes at exit.
"""

import atexit
import shutil
import tempfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path

import numpy as np
from blake3 import blake3

from twinlens.bench.photos import write_photos
from twinlens.bench.synthetic import descriptor_parts, make_scene
from twinlens.index.compact import CompactIndex
from twinlens.index.exact import Vectors
from twinlens.index.projection import Projection
from twinlens.index.snapshot import SnapshotFacts, save_snapshot
from twinlens.inference.model_spec import ModelSpec, find_model
from twinlens.ingest.pipeline import usable_cores
from twinlens.library import Library
from twinlens.records import Metadata
from twinlens.store import embeddings, files, folders, photos
from twinlens.store.database import Database

#: Photos an invented folder holds, and the bytes each is said to have.
FOLDER = 500
FILE_BYTES = 3_600_000
#: They were taken over ten years, one after the other.
FIRST_TAKEN = datetime(2015, 1, 1)
TAKEN_EVERY = timedelta(minutes=53)
_numbers = count()


@cache
def _workplace() -> Path:
    place = Path(tempfile.mkdtemp(prefix="twinlens-bench-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place


def new_folder(name: str) -> Path:
    """Return a folder of that name which does not exist yet, below one that does."""
    place = _workplace() / str(next(_numbers))
    place.mkdir()
    return place / name


@cache
def shared_photos(size: tuple[int, int], pictures: int, copies: int) -> tuple[Path, ...]:
    """Return JPEGs of (width, height), no two alike in their bytes, made once a run."""
    return tuple(write_photos(new_folder("photos"), size, pictures, copies))


def folder_of(paths: Iterable[Path]) -> Path:
    """Return a new folder that holds these files under other names (hard links)."""
    folder = new_folder("photos")
    folder.mkdir()
    for path in paths:
        (folder / path.name).hardlink_to(path)
    return folder


def library_like(size: int) -> Path:
    """Return the folder of a library of its own, filled with `size` invented photos."""
    target = new_folder("library")
    shutil.copytree(synthetic_library(size), target)
    return target


@cache
def synthetic_library(size: int) -> Path:
    """Return the folder of a library filled with `size` invented photos, for reading only.

    Their files do not exist: the folder they are said to lie in is offline.
    """
    folder = new_folder("library")
    spec = find_model()
    with Library(folder, writer=True) as library:
        scene = make_scene(size, spec.dim)
        fill_library(library, spec, descriptor_parts(scene, size, seed=1))
    return folder


def fill_library(
    library: Library, spec: ModelSpec, parts: Iterable[Vectors], root: int | None = None
) -> None:
    """Store (n, dim) descriptors as those of photos in a root, and index them.

    Without a root they are in a folder that is offline. The files are not made.
    """
    database = library.database
    projection = Projection.for_model(spec.projection, spec.dim)
    index = CompactIndex(
        projection.dim_out, graph_from=library.settings.graph_from, threads=usable_cores()
    )
    with database.transaction() as connection:
        model = embeddings.put_model(connection, spec.model_id, spec.name, spec.dim)
        if root is None:
            volume = folders.put_volume(connection, "bench", "bench", library.folder / "offline")
            root = folders.put_root(connection, volume, b"")
    for part in parts:
        ids = _store(database, model, root, part)
        index.add(np.array(ids, dtype=np.int64), projection.apply(part))
        index.consolidate(len(part))
    while index.consolidate():
        pass
    database.checkpoint()
    facts = SnapshotFacts(database.library_id, spec.model_id, database.seq)
    save_snapshot(index, library.folder / "index", facts)


def _store(database: Database, model: int, root: int, part: Vectors) -> list[int]:
    ids = []
    with database.transaction() as connection:
        for vector in part:
            number = next(_numbers)
            digest = blake3(number.to_bytes(8, "big")).digest()
            taken = (FIRST_TAKEN + number % 100_000 * TAKEN_EVERY).isoformat()
            photo = photos.put_photo(
                connection, digest, 4000, 3000, "JPEG", FILE_BYTES, Metadata(taken=taken)
            )
            embeddings.put_embedding(connection, model, photo, vector)
            folder = f"{number // FOLDER:06}".encode()
            name = f"{number:09}.jpg".encode()
            files.put_file(connection, root, folder, name, FILE_BYTES, number, photo)
            ids.append(photo)
    return ids
