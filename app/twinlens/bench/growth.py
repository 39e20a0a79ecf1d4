"""Whether a large library makes indexing slower, or a new file late. On the caller's thread."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from twinlens.bench.figures import Figure, median, seconds_of
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
    """What one photo costs to index: seconds, and seconds of processor time.

    `idle` are the seconds of a run that finds nothing new, which a photo's cost does not contain.
    """

    seconds: float
    work: float
    idle: float


def measure_growth(size: int) -> Iterator[Figure]:
    """Index the same photos into a library of `size` and into one of a thousand, in turns."""
    libraries = (library_like(size), library_like(SMALL))
    for name, paths in (
        ("12mp", shared_photos(TWELVE_MEGAPIXELS, 24, 4)),
        ("1mp", shared_photos(ONE_MEGAPIXEL, 50, 16)),
    ):
        large, small = cost_of_photos(libraries, paths)
        ratio = large.seconds / small.seconds
        yield Figure(f"growth.{name}.cost_ratio", ratio, "x at 1000", MOST_GROWTH)
        yield Figure(f"growth.{name}.photo_ms", 1000 * large.seconds, "ms a photo")
    # Of many small photos only: beside few the costs of the whole run, taken off, are too large.
    yield Figure("growth.1mp.work_ratio", large.work / small.work, "x at 1000")
    yield Figure("growth.idle_run_seconds", large.idle, "s")


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
    costs: list[list[Cost]] = [[] for _ in library_folders]
    for part in range(rounds):
        folder = folder_of(paths[part::rounds])
        for number, library_folder in enumerate(library_folders):
            with Library(library_folder, writer=True) as library:
                library.add_folder(folder)
                costs[number].append(_cost(library, folder))
    return [
        Cost(*(min(values) for values in zip(*map(astuple, each), strict=True))) for each in costs
    ]


def _cost(library: Library, folder: Path) -> Cost:
    # Loading index and network is the start's business, so it happens before the clock runs.
    library.stats()
    began = time.process_time()
    counts = library.index_folders([folder])
    ended = time.process_time()
    idle = seconds_of(lambda: library.index_folders([folder]))
    work = (ended - began) - (time.process_time() - ended)
    return Cost(counts.seconds / counts.added, work / counts.added, idle)


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
