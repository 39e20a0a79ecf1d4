"""How fast photos are indexed, against what the machine allows. Runs on the caller's thread."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twinlens.bench.figures import Figure, median
from twinlens.bench.libraries import folder_of, new_folder, shared_photos
from twinlens.bench.photos import ONE_MEGAPIXEL, TWELVE_MEGAPIXELS
from twinlens.imaging.decode import decode
from twinlens.imaging.preprocess import preprocess
from twinlens.inference.extractor import Extractor, load_extractor
from twinlens.inference.model_spec import find_model
from twinlens.ingest.pipeline import STAGED, usable_cores
from twinlens.library import Library
from twinlens.settings import Settings, load_settings

ROUNDS = 4
#: Photos of each round that decoding and inference are measured on alone.
SAMPLE = 12
LEAST_SHARE = 0.85
MOST_RESCAN = 1 / 200
#: Names each photo has while a second scan is measured, so that its fixed costs do not count.
NAMES = 20
CPU = "CPU"


@dataclass(frozen=True, slots=True)
class Alone:
    """Seconds a photo costs on one thread that does nothing else; `work` is processor time."""

    decode: float
    embed: float
    work: float


@dataclass(frozen=True, slots=True)
class Throughput:
    """Photos a second: what indexing reached, and what the cores allow.

    `work_share` is the share of the processor time that went into decoding and inference;
    `cores` is how many cores were got, which other programs make fewer.
    """

    reached: float
    limit: float
    work_share: float
    cores: float

    @property
    def share(self) -> float:
        """What was reached of the limit."""
        return self.reached / self.limit


def measure_indexing(_size: int) -> Iterator[Figure]:
    """Index generated JPEGs of two sizes into empty libraries."""
    for name, size, pictures, copies in (
        ("12mp", TWELVE_MEGAPIXELS, 24, 4),
        ("1mp", ONE_MEGAPIXEL, 50, 16),
    ):
        paths = shared_photos(size, pictures, copies)
        measured = throughput(paths)
        megabytes = median(path.stat().st_size for path in paths) / 1e6
        yield Figure(f"indexing.{name}.share_of_limit", measured.share, "share", LEAST_SHARE)
        yield Figure(f"indexing.{name}.photos_per_second", measured.reached, "photos/s")
        yield Figure(f"indexing.{name}.limit_per_second", measured.limit, "photos/s")
        yield Figure(f"indexing.{name}.work_share", measured.work_share, "share")
        yield Figure(f"indexing.{name}.cores_got", measured.cores, f"of {usable_cores()}")
        yield Figure(f"indexing.{name}.file_size", megabytes, "MB")


def measure_rescan(_size: int) -> Iterator[Figure]:
    """Index a folder, then scan it again unchanged."""
    first, second = scan_seconds(shared_photos(ONE_MEGAPIXEL, 50, 16), NAMES)
    yield Figure("rescan.cost_ratio", second / first, "x first", MOST_RESCAN)
    yield Figure("rescan.first_ms", 1000 * first, "ms a file")
    yield Figure("rescan.second_ms", 1000 * second, "ms a file")


def throughput(paths: Sequence[Path], rounds: int = ROUNDS) -> Throughput:
    """Measure in rounds what photos cost alone, and how fast they are indexed.

    The best of the rounds counts for both: other programs can only make them slower.
    """
    extractor = load_extractor(find_model(), load_settings(new_folder("library")).device)
    alone: list[Alone] = []
    reached: list[float] = []
    shares: list[float] = []
    cores_got: list[float] = []
    library_folder = new_folder("library")
    for part in range(rounds):
        some = paths[part::rounds]
        alone.append(cost_alone(extractor, some[:SAMPLE]))
        folder = folder_of(some)
        with Library(library_folder, writer=True) as library:
            library.add_folder(folder)
            # Opening the network is the start's business, so it happens before the clock runs.
            library.stats()
            began, worked = time.perf_counter(), time.process_time()
            counts = library.index_folders([folder])
            work = time.process_time() - worked
            cores_got.append(work / (time.perf_counter() - began))
        reached.append(counts.photos_per_second)
        shares.append(counts.added * alone[-1].work / work)
    decode_seconds = min(cost.decode for cost in alone)
    embed_seconds = min(cost.embed for cost in alone)
    cores = usable_cores()
    limit = cores / (decode_seconds + embed_seconds)
    if extractor.device != CPU:
        limit = min(cores / decode_seconds, 1 / embed_seconds)
    return Throughput(max(reached), limit, median(shares), max(cores_got))


def cost_alone(extractor: Extractor, paths: Sequence[Path]) -> Alone:
    """Measure decoding and inference, each alone, as indexing asks for them."""
    facts = extractor.preprocessing
    settings = Settings()
    data = [path.read_bytes() for path in paths]

    def decode_one(number: int) -> None:
        pixels[number] = decode(
            data[number],
            min_side=max(facts.width, facts.height),
            max_pixels=settings.max_pixels,
            smallest=settings.min_side,
        ).pixels

    pixels: dict[int, np.ndarray] = {}
    decode_one(0)
    decode_seconds, decode_work = _clocked(decode_one, len(data))
    inputs = [preprocess(pixels[number], facts) for number in range(len(data))]
    # The CPU takes photos one by one, a device with a memory of its own in batches.
    size = 1 if extractor.device == CPU else STAGED
    batches = [np.stack([inputs[number]] * size) for number in range(len(inputs))]
    extractor.embed(batches[0])
    embed_seconds, embed_work = _clocked(
        lambda number: extractor.embed(batches[number]), len(batches)
    )
    work = decode_work + embed_work / size
    return Alone(decode_seconds, embed_seconds / size, work)


def scan_seconds(paths: Sequence[Path], names: int) -> tuple[float, float]:
    """Return the seconds a file costs at the first scan, and at a second one.

    Between the two each file is given `names` names, so that the second one has much to look at.
    """
    folder = folder_of(paths)
    with Library(new_folder("library"), writer=True) as library:
        library.add_folder(folder)
        first = library.index_folders().seconds / len(paths)
        for path in paths:
            for number in range(1, names):
                copy = folder / f"{path.stem}-{number}{path.suffix}"
                copy.hardlink_to(path)
        library.index_folders()
        rounds = [library.index_folders() for _ in range(ROUNDS)]
    second = min(counts.seconds / counts.unchanged for counts in rounds)
    return first, second


def _clocked(act: Callable[[int], object], times: int) -> tuple[float, float]:
    """Return the median seconds of one act, and its processor time on this thread."""
    seconds: list[float] = []
    work: list[float] = []
    for number in range(times):
        started, worked = time.perf_counter(), time.thread_time()
        act(number)
        seconds.append(time.perf_counter() - started)
        work.append(time.thread_time() - worked)
    return median(seconds), median(work)
