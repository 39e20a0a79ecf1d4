"""Measures groups of duplicates: on edited photos, and how long a large library takes.

python -m tests.benchmarks.duplicates quality FOLDER [PHOTOS]
python -m tests.benchmarks.duplicates time [SIZE]
python -m tests.benchmarks.duplicates pairs FOLDER…

`time` invents descriptors and codes; two photos of a hundred are copies. Keypoints are those of 64
generated pictures and of an edit of each, so that comparing costs what it does on photos. `pairs`
tells how many pairs real photos ask for, which `time` tells of the invented ones.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from unittest.mock import patch

import numpy as np
from PIL import Image, ImageOps

from tests.edits import EDITS
from tests.unit.matching.pictures import busy
from twinlens.bench.libraries import library_like
from twinlens.curate import finding
from twinlens.imaging.keypoints import Keypoints, detect
from twinlens.library import Library
from twinlens.matching.kept import SHORTLIST
from twinlens.matching.match_class import Verdict, judge
from twinlens.matching.shortlist import CODE_BYTES
from twinlens.store import embeddings

PICTURES = 64
#: Photos that come later, one by one.
NEW = 5
#: One photo in so many has a copy, the next one.
EVERY = 50
#: Share of the bits in which the codes of copies differ.
FLIPPED = 0.25


def measure_quality(folder: Path, edited: int = 60) -> None:
    """Print how pure the groups are, and which copies are grouped with their original."""
    parts = (folder / "clothing", folder / "grocery" / "val")
    paths = sorted(path for part in parts for path in part.rglob("*.jpg"))
    chosen = paths[:: max(1, len(paths) // edited)][:edited]
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        family = {path: str(path) for path in paths}
        for number, path in enumerate(chosen):
            with Image.open(path) as opened:
                image = ImageOps.exif_transpose(opened).convert("RGB")
            for kind, (edit, _) in enumerate(EDITS.values()):
                target = place / "edits" / str(kind) / f"{number}.jpg"
                target.parent.mkdir(parents=True, exist_ok=True)
                edit(image).save(target, quality=85)
                family[target] = str(path)
        with Library(place / "library", writer=True) as library:
            for part in (*parts, place / "edits"):
                library.add_folder(part)
            library.index_folders(closer=True)
            started = time.monotonic()
            groups = library.duplicates()
            seconds = time.monotonic() - started
    group_of = {member.path: n for n, group in enumerate(groups) for member in group.members}
    pairs = [
        family[a.path] == family[b.path]
        for group in groups
        for a, b in combinations(group.members, 2)
    ]
    found: Counter[str] = Counter()
    for kind, title in enumerate(EDITS):
        for number, path in enumerate(chosen):
            copy = place / "edits" / str(kind) / f"{number}.jpg"
            found[title] += copy in group_of and group_of[copy] == group_of.get(path)
    total = sum(found.values()) / (len(chosen) * len(EDITS))
    print(f"{len(family)} photos, {seconds:.0f} s: {total:.3f} of the copies with their original")  # noqa: T201
    print(f"{sum(pairs) / len(pairs):.4f} of {len(pairs)} pairs in a group are of one family")  # noqa: T201
    print({title: round(count / len(chosen), 2) for title, count in found.items()})  # noqa: T201


def measure_time(size: int = 100_000) -> None:
    """Print how long the first and the second run take, and each after one new photo."""
    pool = [detect(np.asarray(busy(seed))) for seed in range(PICTURES)]
    edits = [detect(np.asarray(EDITS["JPEG 30"][0](busy(seed)))) for seed in range(PICTURES)]
    with Library(library_like(size), writer=True) as library, _pairs_counted(library):
        engine = library._works.engines.current()
        ids = np.array(library.photo_ids())
        new = ids[-NEW:]
        engine.features.put(SHORTLIST, invented_codes(ids[:-NEW]))
        copies = set(ids[1::EVERY].tolist())

        def keypoints(wanted: Sequence[int]) -> dict[int, bytes]:
            return {
                n: edits[(n - 1) % PICTURES] if n in copies else pool[n % PICTURES] for n in wanted
            }

        vars(engine.verifier)["keypoints"] = keypoints
        _ = engine.index
        _hide(library, new)
        for title in ("first", "again"):
            _report(title, library)
        for number in range(NEW):
            _hide(library, new[number + 1 :])
            engine.features.put(SHORTLIST, invented_codes(new[number : number + 1]))
            _report("one new photo", library)


def measure_pairs(*folders: Path) -> None:
    """Print how many pairs of real photos are compared."""
    with (
        tempfile.TemporaryDirectory() as name,
        Library(Path(name) / "library", writer=True) as library,
        _pairs_counted(library),
    ):
        for folder in folders:
            library.add_folder(folder)
        library.index_folders(closer=True)
        _report("first", library)


@contextmanager
def _pairs_counted(library: Library) -> Iterator[None]:
    """Print how many pairs were looked at and how many judged, when all is done."""
    judged = []

    def counted(query: Keypoints, candidate: Keypoints) -> Verdict:
        judged.append(1)
        return judge(query, candidate)

    with patch.object(finding, "judge", counted):
        yield
    photos, looked = len(library.photo_ids()), len(library._listing().verdicts)
    said = f"{looked / photos:.2f} pairs a photo looked at, {len(judged) / photos:.3f} judged"
    print(f"{photos} photos: {said}")  # noqa: T201


def invented_codes(ids: np.ndarray[tuple[int], np.dtype[np.int64]]) -> dict[int, bytes]:
    """Return codes that agree by chance, except those of copies."""
    codes = {n: np.random.default_rng(n).bytes(CODE_BYTES) for n in ids.tolist()}
    for one, other in zip(ids[::EVERY].tolist(), ids[1::EVERY].tolist(), strict=False):
        bits = np.unpackbits(np.frombuffer(codes[one], np.uint8))
        flipped = np.random.default_rng(other).random(len(bits)) < FLIPPED
        codes[other] = np.packbits(bits ^ flipped).tobytes()
    return codes


def _hide(library: Library, ids: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
    """Let a library have no file of these photos, and of all others."""
    with library.database.transaction() as connection:
        connection.execute("UPDATE photos SET orphaned_at = NULL")
        for photo_id in ids.tolist():
            connection.execute("UPDATE photos SET orphaned_at = 1 WHERE photo_id = ?", (photo_id,))
    model = library._works.engines.current().model
    assert not np.isin(ids, embeddings.live_ids(library.database.connection(), model)).any()


def _report(title: str, library: Library) -> None:
    started, worked = time.monotonic(), time.process_time()
    groups = library.duplicates()
    seconds, work = time.monotonic() - started, time.process_time() - worked
    said = f"{title}: {seconds:.2f} s, {work:.2f} s of processor time, {len(groups)} groups"
    print(said, flush=True)  # noqa: T201


if __name__ == "__main__":
    if sys.argv[1] == "time":
        measure_time(*map(int, sys.argv[2:]))
    elif sys.argv[1] == "pairs":
        measure_pairs(*map(Path, sys.argv[2:]))
    else:
        measure_quality(Path(sys.argv[2]), *map(int, sys.argv[3:]))
