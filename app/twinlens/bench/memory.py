"""How much memory the program takes. Runs on the caller's thread.

Each command runs as a process of its own: this one holds what other benchmarks left.
"""

from collections.abc import Iterator

from twinlens.bench.children import Memory, command_memory
from twinlens.bench.figures import Figure, median
from twinlens.bench.libraries import folder_of, library_like, shared_photos
from twinlens.bench.photos import TWELVE_MEGAPIXELS

MEGABYTE = 1_000_000
#: With the window open, which takes its share; bench runs without it.
MOST = 700.0
MOST_GROWTH = 1.1


def measure_memory(size: int) -> Iterator[Figure]:
    """Search in a library of `size` photos, and index large photos into it."""
    paths = shared_photos(TWELVE_MEGAPIXELS, 24, 4)
    library = str(library_like(size))
    searching = command_memory("search", str(paths[0]), "--library", library)
    if searching is None:
        return
    yield Figure("memory.searching_peak", searching.peak / MEGABYTE, "MB", MOST)
    indexing = command_memory("index", str(folder_of(paths)), "--library", library)
    if indexing is None:
        return
    yield Figure("memory.indexing_peak", indexing.peak / MEGABYTE, "MB", MOST)
    yield Figure("memory.indexing_growth", growth(indexing), "x", MOST_GROWTH)


def growth(memory: Memory) -> float:
    """Return the memory held in the last quarter of a run, relative to the second quarter.

    The first quarter is left out: what is loaded once is loaded there.
    """
    quarter = max(1, len(memory.held) // 4)
    return median(memory.held[-quarter:]) / median(memory.held[quarter : 2 * quarter])
