"""Measures verdicts on real photos: edits against their originals, and different photos.

python -m tests.benchmarks.matching FOLDER [PHOTOS] [PAIRS]
"""

import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from tests.edits import EDITS
from twinlens.imaging.decode import CLOSE_SIDE, decode
from twinlens.imaging.keypoints import Keypoints, detect, unpack
from twinlens.matching.match_class import judge
from twinlens.matching.shortlist import encode, nearness, stack
from twinlens.records import MatchClass

COPY = {MatchClass.RE_ENCODED, MatchClass.EDITED}
#: Of the nearest by the code of their keypoints, so many are judged for each photo.
NEAREST = 40


@dataclass(slots=True)
class Figures:
    """What was judged, of `edits` and of `pairs` of different photos."""

    edits: int = 0
    copies: int = 0
    right: int = 0
    pairs: int = 0
    wrong: list[tuple[Path, Path]] = field(default_factory=list)
    by_edit: Counter[str] = field(default_factory=Counter)


def keypoints(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Keypoints:
    """Return the keypoints of a picture as the library keeps them."""
    found = unpack(detect(np.ascontiguousarray(pixels)))
    assert found is not None
    return found


def opened(path: Path) -> Image.Image:
    """Return a photo as it is looked at closely."""
    data = path.read_bytes()
    return Image.fromarray(decode(data, min_side=CLOSE_SIDE, max_pixels=10**9).pixels)


def judge_edits(paths: list[Path], figures: Figures) -> None:
    """Judge every edit of each photo against the photo."""
    for path in paths:
        image = opened(path)
        original = keypoints(np.asarray(image))
        for name, (edit, expected) in EDITS.items():
            match = judge(keypoints(np.asarray(edit(image))), original).match
            figures.edits += 1
            figures.copies += match in COPY
            figures.right += match == expected
            figures.by_edit[name] += match == expected


def judge_pairs(paths: list[Path], most: int, figures: Figures) -> None:
    """Judge different photos: first each with its nearest, then others at random."""
    photos = [keypoints(np.asarray(opened(path))) for path in paths]
    coded = [n for n, one in enumerate(photos) if len(one)]
    codes = stack([encode(photos[n]) for n in coded])
    near = {
        (max(n, coded[m]), min(n, coded[m]))
        for n in coded
        for m in np.argsort(-nearness(photos[n], codes), kind="stable")[: NEAREST + 1]
        if n != coded[m]
    }
    rest = [(a, b) for a in range(len(photos)) for b in range(a) if (a, b) not in near]
    order = np.random.default_rng(0).permutation(len(rest))[: max(0, most - len(near))]
    for a, b in [*sorted(near), *(rest[n] for n in order)][:most]:
        figures.pairs += 1
        if judge(photos[a], photos[b]).match in COPY:
            figures.wrong.append((paths[a], paths[b]))


def main(folder: str, photos: int = 100, pairs: int = 200_000) -> None:
    """Print the figures of every photo of the labelled folders."""
    root, figures = Path(folder), Figures()
    paths = sorted(p for part in ("clothing", "grocery") for p in (root / part).rglob("*.jpg"))
    judge_edits(paths[:: max(1, len(paths) // photos)][:photos], figures)
    print(f"{figures.copies / figures.edits:.3f} copies, {figures.right / figures.edits:.3f} right")  # noqa: T201
    print(figures.by_edit)  # noqa: T201
    judge_pairs(paths, pairs, figures)
    print(f"{figures.pairs} pairs of different photos, wrong: {figures.wrong}")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
