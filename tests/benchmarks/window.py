"""Measures a real window on a large library: start, drops, gaps while indexing, memory.

Usage: python -m tests.benchmarks.window [--size N] [--keep FOLDER] [--rounds N] [NAME…]. Each kind
of figure comes from a process of its own, on Qt's offscreen platform unless QT_QPA_PLATFORM says
another one.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from twinlens.bench.libraries import FILE_BYTES, fill_library
from twinlens.bench.photos import ONE_MEGAPIXEL, TWELVE_MEGAPIXELS, write_photos
from twinlens.bench.synthetic import descriptor_parts, make_scene
from twinlens.imaging.thumbnails import ThumbnailCache
from twinlens.inference.model_spec import find_model
from twinlens.library import Library
from twinlens.library.details import makers_of
from twinlens.store import folders

HERE = Path(__file__).parents[2]
MEGABYTE = 1e6
#: Thumbnails that differ; the others are links to them.
FACES = 64


def make_library(place: Path, size: int) -> Path:
    """Make a library of `size` photos, all with files and thumbnails; return its folder.

    Eight of them are real 12-megapixel JPEGs in `place`/real; the files of the others have the
    right names, sizes and times, and no content.
    """
    folder = place / "library"
    real = write_photos(place / "real", TWELVE_MEGAPIXELS, 8, seed=1)
    (place / "invented").mkdir()
    spec = find_model()
    with Library(folder, writer=True) as library:
        library.add_folder(place / "invented")
        root = folders.roots(library.database.connection())[0].root_id
        scene = make_scene(size, spec.dim)
        parts = descriptor_parts(scene, size - len(real), seed=1)
        fill_library(library, spec, parts, root)
        _make_files(library)
    with Library(folder, writer=True) as library:
        library.add_folder(place / "real")
        library.index_folders()
        mark_as_looked_at(library)
    return folder


def mark_as_looked_at(library: Library) -> None:
    """Leave nothing to the closer look: it would read every empty file again and again."""
    engine = library._works.engines.current()
    for maker in makers_of(engine):
        engine.features.put(maker.kind, dict.fromkeys(library.photo_ids(), b""))


def _make_files(library: Library) -> None:
    cache = ThumbnailCache(library.folder / "thumbnails", library.settings.thumbnail_budget)
    generator = np.random.default_rng(0)
    faces = []
    for number in range(FACES):
        soft = generator.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        face = bytes([number]) * 32
        cache.put(face, np.kron(soft, np.ones((16, 16, 1), np.uint8)))
        faces.append(cache.path(face))
    rows = library.database.connection().execute(
        "SELECT hash, folder, name, mtime_ns FROM files JOIN photos USING (photo_id)"
    )
    root = library.folders()[0].folder
    for number, (digest, inside, name, mtime_ns) in enumerate(rows):
        path = root / os.fsdecode(inside) / os.fsdecode(name)
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as file:
            file.truncate(FILE_BYTES)
        os.utime(path, ns=(mtime_ns, mtime_ns))
        small = cache.path(digest)
        small.parent.mkdir(exist_ok=True)
        small.hardlink_to(faces[number % FACES])


def probe(library: Path, scenario: str, **plan: Any) -> dict[str, Any]:
    """Run the window of a library through a scenario and return what was measured."""
    plan |= {"library": str(library), "scenario": scenario, "started": time.time()}
    command = [sys.executable, "-m", "tests.benchmarks.window_probe", json.dumps(plan)]
    paths = os.pathsep.join([str(HERE), str(HERE / "app")])
    # An installed program is not compiled at each start, whatever is set where it is developed.
    kept = {"PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "twinlens-benchmarks")}
    env = {**os.environ, **kept, "PYTHONPATH": paths}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    ran = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE)
    result: dict[str, Any] = json.loads(ran.stdout)
    return result


def measure_start(library: Path, rounds: int) -> None:
    """From the start of the process, best of some rounds."""
    runs = [probe(library, "start") for _ in range(rounds)]
    for name in ("shown", "opened", "grid", "thumbnails", "ready"):
        say(
            f"start.{name}",
            [run[name] for run in runs],
            "s",
            work=min(run[f"{name}_work"] for run in runs),
        )
    say("start.peak", [run["peak"] / MEGABYTE for run in runs], "MB")


def measure_drop(library: Path, place: Path, rounds: int) -> None:
    """From the drop to the first tiles, and to the whole screen."""
    with tempfile.TemporaryDirectory(dir=place) as folder:
        new = write_photos(Path(folder) / "new", TWELVE_MEGAPIXELS, 4, rounds, seed=2)
        known = sorted((place / "real").iterdir())
        plan = {"new": [str(path) for path in new], "known": [str(path) for path in known] * 2}
        drops = probe(library, "drop", drops=plan)["drops"]
    for kind, taken in drops.items():
        warm = taken[1:]
        for name in ("answered", "first", "full", "work"):
            say(f"drop.{kind}.{name}", [1000 * run[name] for run in warm], "ms")


def measure_index(
    library: Path, place: Path, photos: tuple[int, int], *, busy: bool = True
) -> None:
    """Gaps of the window's thread, and memory, while photos are indexed into a copy."""
    with tempfile.TemporaryDirectory(dir=place) as folder:
        mine = Path(folder) / "library"
        shutil.copytree(library, mine, copy_function=_link_thumbnails)
        new = Path(folder) / "new"
        large, small = photos
        write_photos(new / "large", TWELVE_MEGAPIXELS, 12, large // 12, seed=3)
        write_photos(new / "small", ONE_MEGAPIXEL, 40, small // 40, seed=4)
        count = large // 12 * 12 + small // 40 * 40
        run = probe(mine, "index", folder=str(new), photos=count, busy=busy)
    got = run["indexing"]
    gaps = np.array([gap for _, gap in got["gaps"]]) * 1000
    say("index.seconds", [got["seconds"]], "s", work=got["work"])
    say("index.gap_p99", [time_weighted(gaps, 99)], "ms")
    say("index.gap_p99_of_ticks", [float(np.percentile(gaps, 99))], "ms")
    say("index.gap_max", [float(gaps.max())], "ms")
    say("index.peak", [run["peak"] / MEGABYTE], "MB")
    worst = sorted(got["gaps"], key=lambda item: -item[1])[:8]
    tell("longest: " + ", ".join(f"{1000 * gap:.0f} ms at {at:.1f} s" for at, gap in worst))
    tell("saves: " + ", ".join(f"{took:.2f} s at {at:.1f} s" for at, took in got["saves"]))


def time_weighted(gaps: np.ndarray[Any, np.dtype[np.float64]], percent: float) -> float:
    """Return the gap in which, or in a shorter one, that part of the time is spent."""
    ordered = np.sort(gaps)
    share = np.cumsum(ordered) / ordered.sum()
    return float(ordered[np.searchsorted(share, percent / 100)])


def _link_thumbnails(source: str, target: str) -> str:
    """Copy a file; a thumbnail, which is only ever replaced, is linked."""
    if source.endswith(".jpg"):
        os.link(source, target)
        return target
    return str(shutil.copy2(source, target))


def say(name: str, values: Iterable[float], unit: str, work: float | None = None) -> None:
    """Print the best and the median of some values."""
    got = sorted(values)
    median, rest = float(np.median(got)), ""
    if work is not None:
        rest = f"  (processor {work:.2f} s)"
    tell(f"{name:28} best {got[0]:8.2f}  median {median:8.2f}  worst {got[-1]:8.2f} {unit}{rest}")


def tell(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Make or find the library and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=[], help="start, drop, index")
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="keep the library here, or use the one there")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--photos", type=int, nargs=2, default=(96, 400), help="12 MP, 1 MP")
    wanted = parser.parse_args()
    names = wanted.names or ["start", "drop", "index"]
    with tempfile.TemporaryDirectory(prefix="twinlens-window-") as temporary:
        place = wanted.keep or Path(temporary)
        place.mkdir(parents=True, exist_ok=True)
        library = place / "library"
        if not library.exists():
            make_library(place, wanted.size)
        tell(f"load {os.getloadavg()[0]:.1f}")
        if "start" in names:
            measure_start(library, wanted.rounds)
        if "drop" in names:
            measure_drop(library, place, wanted.rounds)
        if "index" in names:
            measure_index(library, place, tuple(wanted.photos))
        tell(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
