"""Whether a large library makes indexing slower, or a new file late. On the caller's thread."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from twinlens.bench.figures import Figure, median
from twinlens.bench.libraries import folder_of, library_like, new_folder, shared_photos
from twinlens.bench.photos import ONE_MEGAPIXEL, TWELVE_MEGAPIXELS
from twinlens.ingest.worker import IngestWorker
from twinlens.library import Library

SMALL = 1000
ROUNDS = 4
MOST_GROWTH = 1.1
MOST_SECONDS = 2.0
#: New files that are waited for, one after the other.
ARRIVALS = 8
#: A file that has not become searchable by then is counted as this late.
PATIENCE = 60.0
#: Bytes written at a time, as a program that copies does.
BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class Cost:
    """What one photo costs to index: seconds, and seconds of processor time."""

    seconds: float
    work: float


def measure_growth(size: int) -> Iterator[Figure]:
    """Index the same photos into a library of `size` and into one of a thousand, in turns."""
    paths = shared_photos(ONE_MEGAPIXEL, 50, 16)
    large, small = cost_of_photos((library_like(size), library_like(SMALL)), paths)
    yield Figure("growth.cost_ratio", large.seconds / small.seconds, "x at 1000", MOST_GROWTH)
    yield Figure("growth.work_ratio", large.work / small.work, "x at 1000")
    yield Figure("growth.photo_ms", 1000 * large.seconds, "ms a photo")


def measure_watching(size: int) -> Iterator[Figure]:
    """Write new files into a watched folder of a library of `size` photos."""
    photos = shared_photos(TWELVE_MEGAPIXELS, 24, 4)[:ARRIVALS]
    delays = arrival_delays(library_like(size), photos)
    yield Figure("watching.new_file_seconds", median(delays), "s", MOST_SECONDS)
    yield Figure("watching.slowest_seconds", max(delays), "s", MOST_SECONDS)


def cost_of_photos(
    library_folders: Sequence[Path], paths: Sequence[Path], rounds: int = ROUNDS
) -> list[Cost]:
    """Index the same photos into several libraries in turns; return what one costs in each.

    The least of the rounds counts: other programs can only make them slower.
    """
    seconds: list[list[float]] = [[] for _ in library_folders]
    work: list[list[float]] = [[] for _ in library_folders]
    for part in range(rounds):
        folder = folder_of(paths[part::rounds])
        for number, library_folder in enumerate(library_folders):
            with Library(library_folder, writer=True) as library:
                library.add_folder(folder)
                # Loading the index is the start's business, so it is loaded before the clock runs.
                library.stats()
                worked = time.process_time()
                counts = library.index_folders([folder])
                work[number].append((time.process_time() - worked) / counts.added)
            seconds[number].append(counts.seconds / counts.added)
    return [Cost(min(a), min(b)) for a, b in zip(seconds, work, strict=True)]


def arrival_delays(library_folder: Path, photos: Sequence[Path]) -> list[float]:
    """Return the seconds from the last write of each new file until it is searchable."""
    folder = new_folder("watched")
    folder.mkdir()
    delays: list[float] = []
    with Library(library_folder, writer=True) as library:
        library.add_folder(folder)
        worker = library.start_watching()
        worker.wait_idle(PATIENCE)
        for photo in photos:
            target = folder / photo.name
            data = photo.read_bytes()
            with target.open("wb") as stream:
                for start in range(0, len(data), BLOCK):
                    stream.write(data[start : start + BLOCK])
            delays.append(_wait_for(worker, target))
    return delays


def _wait_for(worker: IngestWorker, target: Path) -> float:
    """Return the seconds until a file that was written just now is reported as searchable."""
    written = time.perf_counter()
    while worker.alive and time.perf_counter() - written < PATIENCE:
        for event in worker.events(timeout=0.05):
            if event.path == target:
                return time.perf_counter() - written
    return PATIENCE
