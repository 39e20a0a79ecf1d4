"""How much memory the program takes. Runs on the caller's thread.

Each command runs as a process of its own: this one holds what other benchmarks left.
"""

from collections.abc import Iterator

from twinlens.bench.children import Memory, command_memory
from twinlens.bench.figures import Figure, median
from twinlens.bench.libraries import folder_of, library_like, new_folder, shared_photos
from twinlens.bench.photos import ONE_MEGAPIXEL, TWELVE_MEGAPIXELS

MEGABYTE = 1_000_000
#: With the window open, which takes its share; bench runs without it.
MOST = 700.0
MOST_GROWTH = 1.1
#: Share of the most that is held from which a process has started.
LOADED = 0.8


def measure_memory(size: int) -> Iterator[Figure]:
    """Search in a library of `size` photos, and index photos into it."""
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
    # Into a new library: a large one ends its run with measuring the recall, which is no growth.
    many = folder_of(shared_photos(ONE_MEGAPIXEL, 50, 16))
    longer = command_memory("index", str(many), "--library", str(new_folder("library")))
    if longer is not None:
        yield Figure("memory.indexing_growth", growth(longer), "x", MOST_GROWTH)


def growth(memory: Memory) -> float:
    """Return the memory held in the last quarter of a run, relative to the first quarter.

    The run counts from when most of the memory is held: before that, it starts. What grows all the
    time still comes to more than a tenth.
    """
    most = LOADED * max(memory.held)
    start = next(number for number, held in enumerate(memory.held) if held >= most)
    run = memory.held[start:]
    quarter = max(1, len(run) // 4)
    return median(run[-quarter:]) / median(run[:quarter])
