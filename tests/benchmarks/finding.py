"""Measures the whole verified search on real photos: edits of some of them, and families of copies.

python -m tests.benchmarks.finding LIBRARY PHOTOS [COUNT]

LIBRARY holds the photos of the folder PHOTOS and has looked closer at them.
"""

import csv
import io
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from tests.edits import EDITS
from twinlens.errors import AppError
from twinlens.imaging.decode import decode
from twinlens.library import Library
from twinlens.records import Example, Hit, MatchClass, Query

#: Kinds that each photo is edited in, in rotation.
KINDS = 12
#: From one kind to the next that a photo is edited in; prime, so that all have their turn.
STRIDE = 5
#: Edits that are a way of saving, with the format; all others are saved as most programs do.
SAVED = {
    "JPEG 5": ("JPEG", 5),
    "JPEG 10": ("JPEG", 10),
    "JPEG 30": ("JPEG", 30),
    "WebP 60": ("WEBP", 60),
    "PNG": ("PNG", 100),
}
USUAL = ("JPEG", 90)


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a search for an edit had the photo or a copy of it first, and its right class."""

    path: Path
    kind: str
    first: bool
    right: bool
    found: str


def edited(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], kind: str) -> bytes:
    """Return the file of an edited picture."""
    image = Image.fromarray(pixels)
    image_format, quality = SAVED.get(kind, USUAL)
    if kind not in SAVED:
        image = EDITS[kind][0](image)
    buffer = io.BytesIO()
    image.save(buffer, format=image_format, quality=quality)
    return buffer.getvalue()


def expected(kind: str) -> MatchClass:
    """Return the class that a search must give to an edit saved without loss, or with."""
    return MatchClass.SAME_PIXELS if kind == "PNG" else EDITS[kind][1]


def find_edits(
    library_folder: Path, families: dict[Path, str], tasks: list[tuple[Path, list[str]]]
) -> list[Finding]:
    """Search for the edits of photos, each from a file outside of the library."""
    found = []
    with Library(library_folder) as library, tempfile.TemporaryDirectory() as folder:
        for path, kinds in tasks:
            try:
                pixels = decode(path.read_bytes(), min_side=10**6, max_pixels=10**8).pixels
            except AppError:
                continue
            for kind in kinds:
                file = Path(folder) / "query"
                file.write_bytes(edited(pixels, kind))
                found.append(finding(path, kind, verified(library, file), families))
    return found


def finding(path: Path, kind: str, hits: list[Hit], families: dict[Path, str]) -> Finding:
    """Compare what a search found with what it should have found first."""
    hit = hits[0]
    first = hit.path == path or (path in families and families[path] == families.get(hit.path))
    # A copy that comes first may be another edit; the class is asked of the photo itself.
    own = next((one for one in hits if one.path == path), hit)
    right = first and own.match == expected(kind)
    return Finding(path, kind, first, right, f"{own.match} {own.path}")


def verified(library: Library, path: Path) -> list[Hit]:
    """Return the best few for a file, verified."""
    return library.search(Query((Example(path=path),), verify=True), 50)


def families_of(root: Path) -> dict[Path, str]:
    """Return the family of each file of which it is known."""
    with (root / "families.csv").open(newline="") as file:
        return {root / row["path"]: row["family"] for row in csv.DictReader(file)}


def rotation(paths: Iterable[Path], kinds: int = KINDS) -> list[tuple[Path, list[str]]]:
    """Return which edits to make of each photo, so that all come equally often."""
    names = list(EDITS)
    # Few photos do not only get the first kinds: neighbours in the list are alike.
    return [
        (path, [names[(n * kinds + k) * STRIDE % len(names)] for k in range(kinds)])
        for n, path in enumerate(paths)
    ]


def find_families(
    library_folder: Path, families: dict[Path, str], every: int = 1
) -> dict[Path, float]:
    """Search for files that have relatives; return which share of those each finds first."""
    recalls = {}
    with Library(library_folder) as library:
        known = {path: n for n in library.photo_ids() for path in library.paths(n)}
        members = defaultdict(set)
        for path in families.keys() & known.keys():
            members[families[path]].add(known[path])
        asked = [path for path in families if path in known and len(members[families[path]]) > 1]
        for path in asked[::every]:
            relatives = members[families[path]] - {known[path]}
            query = Query((Example(photo_id=known[path]),), verify=True)
            found = dict.fromkeys(hit.photo_id for hit in library.search(query, 100))
            others = [number for number in found if number != known[path]]
            recalls[path] = len(relatives & set(others[: len(relatives)])) / len(relatives)
    return recalls


def choose(root: Path, count: int) -> list[Path]:
    """Return photos to edit; the same ones each time."""
    paths = sorted(
        path
        for part in ("clothing", "grocery", "copies")
        for path in (root / part).rglob("*")
        if path.suffix.lower() in {".jpg", ".jpeg", ".png"}
    )
    order = np.random.default_rng(1).permutation(len(paths))
    return [paths[n] for n in order[:count]]


def main(library: str, folder: str, count: int = 100) -> None:
    """Print the figures of edits by kind, then of families."""
    root = Path(folder)
    families = families_of(root)
    tasks = rotation(choose(root, count))
    with ProcessPoolExecutor(2) as pool:
        parts = pool.map(partial(find_edits, Path(library), families), [tasks[::2], tasks[1::2]])
        found = [one for part in parts for one in part]
    for kind in EDITS:
        of_kind = [one for one in found if one.kind == kind]
        firsts, rights = sum(o.first for o in of_kind), sum(o.right for o in of_kind)
        print(f"| {kind} | {len(of_kind)} | {firsts} | {rights} |")  # noqa: T201
    print(len(found), np.mean([o.first for o in found]), np.mean([o.right for o in found]))  # noqa: T201
    for one in found:
        if not one.right:
            print(one.kind, "first" if one.first else "LOST", one.path, one.found)  # noqa: T201
    recalls = find_families(Path(library), families)
    print(f"{len(recalls)} files find {np.mean(list(recalls.values())):.3f} of their family")  # noqa: T201
    for path, recall in recalls.items():
        if recall < 1:
            print(path, recall)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
