"""Measures whether the same thing elsewhere is told from another thing in the same place.

python -m tests.benchmarks.things PHOTOS [THINGS]

Packshots and photos are laid, as prints, on backgrounds that are real photos, each seen a little
from the side, in other light, and saved as JPEG. A thing lies on four backgrounds, and on each
background lie several things, so that both are in common with something.
"""

import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from twinlens.evaluation import evaluate
from twinlens.imaging.decode import decode

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

#: Backgrounds that each thing lies on.
EACH = 4
#: Things to a background, on average.
SHARED = 10
#: Width of the pictures made; photos that have nothing to do with it have this long a side.
WIDTH = 800


def make(root: Path, place: Path, things: int, others: int = 0, seed: int = 3) -> None:
    """Write the pictures into a folder a thing, and other photos into one each.

    Args:
        root: the folder of labelled photos.
        place: where the folders are made.
    """
    chance = np.random.default_rng(seed)
    packshots = sorted((root / "grocery/iconic/Packages").rglob("*.jpg"))[: things // 3]
    photos = [*(root / "clothing/validation").rglob("*.jpg")]
    prints = [*photos, *(root / "grocery/val/Packages").rglob("*.jpg")]
    chosen = [*packshots, *_some(prints, things - len(packshots), chance)]
    scenes = [*(root / "clothing/test").rglob("*.jpg"), *(root / "grocery/val").rglob("*.jpg")]
    backgrounds = _some(scenes, max(EACH, things * EACH // SHARED), chance)
    for number, path in enumerate(chosen):
        for where in chance.permutation(len(backgrounds))[:EACH].tolist():
            picture = _laid(_cut(_read(path)), _read(backgrounds[where]), chance)
            file = place / f"thing-{number:02d}" / f"{where:02d}.jpg"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture).save(file, quality=int(chance.integers(70, 92)))
    for number, path in enumerate(_some([p for p in photos if p not in chosen], others, chance)):
        file = place / f"other-{number:03d}" / "photo.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(_read(path)).save(file, quality=88)


def _some(paths: list[Path], count: int, chance: np.random.Generator) -> list[Path]:
    return [sorted(paths)[place] for place in chance.permutation(len(paths))[:count].tolist()]


def _read(path: Path) -> Pixels:
    image = Image.fromarray(decode(path.read_bytes(), min_side=480, max_pixels=10**8).pixels)
    image.thumbnail((WIDTH, WIDTH))
    return np.asarray(image)


def _cut(thing: Pixels) -> Pixels:
    """Return a thing without the white around it."""
    there = thing.min(axis=2) < 245
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    return thing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _laid(thing: Pixels, background: Pixels, chance: np.random.Generator) -> Pixels:
    """Return a thing on a background, both seen from the side."""
    height = round(WIDTH * background.shape[0] / background.shape[1])
    size = (WIDTH, height)
    behind = _corners(background) * 0.84 + _corners(background)[2] * 0.08
    behind += chance.uniform(-0.07, 0.07, (4, 2)) * background.shape[1::-1]
    full = np.array([[0, 0], [WIDTH, 0], [WIDTH, height], [0, height]])
    canvas = _seen(background, behind, full, size) * chance.uniform(0.85, 1.1)
    place = _placed(thing, size, chance)
    light = chance.uniform(0.8, 1.15) * chance.uniform(0.94, 1.06, 3)
    print_ = _seen(thing, _corners(thing), place, size) * light
    white = np.full(thing.shape, 255, np.uint8)
    cover = cv2.GaussianBlur(_seen(white, _corners(thing), place, size), (0, 0), 1) / 255
    canvas = canvas * (1 - cover) + print_ * cover
    blurred = cv2.GaussianBlur(canvas.astype(np.float32), (0, 0), chance.uniform(0.3, 1.1))
    grain = chance.normal(0, 3, blurred.shape)
    return np.clip(blurred + grain, 0, 255).astype(np.uint8)


def _placed(
    thing: Pixels, size: tuple[int, int], chance: np.random.Generator
) -> NDArray[np.float64]:
    """Return where the corners of a thing lie that takes an eighth to half of a picture."""
    tall, wide = thing.shape[:2]
    area = chance.uniform(0.12, 0.5) * size[0] * size[1]
    zoom = min((area / (tall * wide)) ** 0.5, 0.9 * size[0] / wide, 0.9 * size[1] / tall)
    turn = np.deg2rad(chance.uniform(-20, 20))
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = _corners(thing) + chance.uniform(-0.07, 0.07, (4, 2)) * (wide, tall)
    corners = (corners - corners.mean(axis=0)) * zoom @ turned.T
    reach = corners.max(axis=0) - corners.min(axis=0)
    corners *= min(1.0, 0.95 * float((np.array(size) / reach).min()))
    low, high = corners.min(axis=0), corners.max(axis=0)
    placed: NDArray[np.float64] = corners - low + chance.uniform(0, 1, 2) * (size - (high - low))
    return placed


def _corners(picture: Pixels) -> NDArray[np.float64]:
    height, width = picture.shape[:2]
    return np.array([[0.0, 0], [width, 0], [width, height], [0, height]])


def _seen(
    picture: Pixels, corners: NDArray[np.float64], place: NDArray[np.float64], size: tuple[int, int]
) -> Floats:
    """Return a picture whose corners come to lie at a place in a picture of a size."""
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), place.astype(np.float32))
    moved: Floats = cv2.warpPerspective(
        picture.astype(np.float32), matrix, size, flags=cv2.INTER_LINEAR
    )
    return moved


def main(folder: str, things: int = 60) -> None:
    """Print the quality of each order."""
    with tempfile.TemporaryDirectory() as made:
        make(Path(folder), Path(made), things, others=250)
        for found in evaluate(Path(made), verify=True) or []:
            print(f"{found.method}: mAP {found.map:.3f}, R@1 {found.r1:.3f}")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
