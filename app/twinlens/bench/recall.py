"""How much of an exact answer the whole search finds. Runs on the caller's thread."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from twinlens.bench.figures import Figure
from twinlens.bench.libraries import fill_library, new_folder, synthetic_library
from twinlens.bench.photos import ONE_MEGAPIXEL, write_photos
from twinlens.errors import UnreadableImageError
from twinlens.imaging.decode import decode
from twinlens.imaging.preprocess import crop_region, preprocess
from twinlens.index.exact import Vectors
from twinlens.inference.extractor import Extractor, load_extractor
from twinlens.inference.model_spec import find_model
from twinlens.ingest.pipeline import usable_cores
from twinlens.library import Library
from twinlens.records import Region
from twinlens.settings import Settings

LEAST_RECALL = 0.98
QUERIES = 200
#: Pieces cut out of each photo, each a photo of its own, so that few photos fill a large library.
PIECES = 8
SHORTEST_SIDE, LONGEST_SIDE = 0.3, 0.8
GENERATED = 300
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})


def measure_recall(size: int) -> Iterator[Figure]:
    """Compare the search with an exact one: on photos, and on `size` invented descriptors."""
    rows = describe_pieces(labelled_photos())
    kind = "photos"
    if not len(rows):
        kind = "generated"
        rows = describe_pieces(write_photos(new_folder("photos"), ONE_MEGAPIXEL, GENERATED))
    yield Figure(f"recall.{kind}_recall_at_10", recall_over(rows), "share", LEAST_RECALL)
    yield Figure(f"recall.{kind}", len(rows), "descriptors")
    with Library(synthetic_library(size)) as library:
        found = library.recall(samples=QUERIES)
    yield Figure("recall.synthetic_recall_at_10", found or 0.0, "share", LEAST_RECALL)


def labelled_photos() -> list[Path]:
    """Return the photos below the folder that TWINLENS_PHOTOS names; none when it is unset."""
    folder = os.environ.get("TWINLENS_PHOTOS")
    if not folder:
        return []
    return sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in SUFFIXES)


def describe_pieces(paths: Sequence[Path], pieces: int = PIECES) -> Vectors:
    """Return (n, dim) descriptors of photos and of pieces of them; unreadable ones are left out."""
    spec = find_model()
    extractor = load_extractor(spec)
    with ThreadPoolExecutor(usable_cores()) as pool:
        parts = pool.map(
            lambda item: _describe(extractor, item[1], item[0], pieces), enumerate(paths)
        )
        found = [part for part in parts if part is not None]
    return np.concatenate(found) if found else np.empty((0, spec.dim), dtype=np.float32)


def recall_over(rows: Vectors) -> float:
    """Return the recall at 10 of a library with these descriptors, through graph and rescoring."""
    settings = Settings(graph_from=min(Settings().graph_from, len(rows) // 2))
    with Library(new_folder("library"), writer=True) as library:
        library.set_settings(settings)
        fill_library(library, find_model(), [rows])
        found = library.recall(samples=QUERIES)
    assert found is not None
    return found


def _describe(extractor: Extractor, path: Path, seed: int, pieces: int) -> Vectors | None:
    settings = Settings()
    facts = extractor.preprocessing
    try:
        pixels = decode(
            path.read_bytes(),
            min_side=2 * max(facts.width, facts.height),
            max_pixels=settings.max_pixels,
            smallest=settings.min_side,
            name=path.name,
        ).pixels
    except (OSError, UnreadableImageError):
        return None
    generator = np.random.default_rng(seed)
    inputs = [preprocess(pixels, facts)]
    for _ in range(pieces):
        side = float(generator.uniform(SHORTEST_SIDE, LONGEST_SIDE))
        x, y = (float(value) for value in generator.uniform(0, 1 - side, size=2))
        inputs.append(preprocess(crop_region(pixels, Region(x, y, side, side)), facts))
    return extractor.embed(np.stack(inputs))
