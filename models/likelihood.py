"""Fits the [probability] lines of a model's spec on folders of photos; needs no labels.

    python -m models.likelihood MODEL FOLDER...

Each folder counts as a library of its own and each weighs the same. Generated versions of a photo
stand for the same thing, its nearest neighbours for other things: give folders with few copies.
"""

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from twinlens.errors import UnreadableImageError
from twinlens.imaging.decode import CLOSE_SIDE, decode
from twinlens.imaging.preprocess import preprocess
from twinlens.inference.extractor import Extractor, load_extractor
from twinlens.inference.likelihood import NEIGHBOURS, way
from twinlens.inference.model_spec import find_model

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

#: Photos of a folder that get versions, neighbours of each that count as other things, and the
#: share of the same thing among the results of a query. This share cannot be learnt without labels;
#: where it was checked, on products with three to six photos each, it is this.
SAMPLE = 90
OTHERS = 20
SHARE = 0.15
#: Backgrounds: the median, and what few exceed.
TYPICAL, LARGEST = 50, 97.5


def versions(image: Image.Image, chance: np.random.Generator) -> Iterator[Image.Image]:
    """Yield what a person or another program may have made of a picture."""
    width, height = image.size

    def crop(share: float) -> Image.Image:
        across, down = (round(side * share**0.5) for side in image.size)
        left = int(chance.integers(0, width - across + 1))
        top = int(chance.integers(0, height - down + 1))
        return image.crop((left, top, left + across, top + down))

    def toned(picture: Image.Image) -> Image.Image:
        for kind, low, high in (
            (ImageEnhance.Brightness, 0.6, 1.5),
            (ImageEnhance.Color, 0.3, 1.8),
            (ImageEnhance.Contrast, 0.6, 1.5),
        ):
            picture = kind(picture).enhance(float(chance.uniform(low, high)))
        return picture

    def seen_aslant(picture: Image.Image) -> Image.Image:
        across, down = picture.size
        corners = np.array([0, 0, 0, down, across, down, across, 0], dtype=float)
        corners += chance.uniform(-0.15, 0.15, 8) * np.tile([across, down], 4)
        return picture.transform(
            picture.size, Image.Transform.QUAD, tuple(corners), Image.Resampling.BILINEAR
        )

    poor = io.BytesIO()
    image.save(poor, "JPEG", quality=8)
    yield Image.open(poor).convert("RGB")
    yield from (crop(share) for share in (0.75, 0.5, 0.35))
    yield image.filter(ImageFilter.GaussianBlur(max(image.size) / 120))
    yield image.transpose(Image.Transpose.ROTATE_90)
    yield ImageOps.mirror(image)
    yield toned(image)
    yield ImageOps.expand(image, max(image.size) // 8, (255, 255, 255))
    yield ImageOps.grayscale(image).convert("RGB")
    yield image.resize((max(64, width // 5), max(64, height // 5)))
    yield seen_aslant(image)
    yield seen_aslant(toned(crop(0.6)))
    yield toned(ImageOps.mirror(crop(0.5)))


def fit(ways: Doubles, same: NDArray[np.bool_], weights: Doubles) -> tuple[float, float]:
    """Return (offset, slope) of the weighted logistic of (n,) ways, by Newton's method."""
    design = np.column_stack([np.ones(len(ways)), ways])
    found = np.zeros(2)
    for _ in range(100):
        said = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        gradient = design.T @ (weights * (same - said)) - 1e-3 * found
        curvature = (design * (weights * said * (1 - said))[:, None]).T @ design
        step = np.linalg.solve(curvature + 1e-3 * np.eye(2), gradient)
        found += step
        if np.abs(step).max() < 1e-9:
            break
    return float(found[0]), float(found[1])


def weigh(same: NDArray[np.bool_], share: float = SHARE) -> Doubles:
    """Return weights that sum to 1 and give what is the same `share` of it."""
    result: Doubles = np.where(same, share / same.sum(), (1 - share) / (~same).sum())
    return result


class Sample:
    """The photos of one folder: pairs with what `way` gives for them, and all backgrounds."""

    def __init__(self, extractor: Extractor, folder: Path, seed: int = 0) -> None:
        chance = np.random.default_rng(seed)
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        pictures = {path: image for path in paths if (image := _read(path)) is not None}
        if len(pictures) <= NEIGHBOURS:
            raise SystemExit(f"{folder} has {len(pictures)} photos; more than {NEIGHBOURS} tell.")
        rows = np.stack([_embed(extractor, [image])[0] for image in pictures.values()])
        scores = np.clip(rows @ rows.T, -1, 1)
        np.fill_diagonal(scores, -2)
        nearest = -np.sort(-scores, axis=1)
        self.backgrounds = nearest[:, NEIGHBOURS // 2 : NEIGHBOURS].mean(axis=1)
        ways: list[Doubles] = []
        same: list[bool] = []
        chosen = set(chance.permutation(len(rows))[:SAMPLE].tolist())
        for number, image in enumerate(pictures.values()):
            if number not in chosen:
                continue
            made = _embed(extractor, list(versions(image, chance))) @ rows[number]
            background = float(self.backgrounds[number])
            ways += [way(made, background), way(nearest[number, :OTHERS], background)]
            same += [True] * len(made) + [False] * OTHERS
        self.ways, self.same = np.concatenate(ways), np.array(same)


def _read(path: Path) -> Image.Image | None:
    try:
        data = path.read_bytes()
        pixels = decode(data, min_side=CLOSE_SIDE, max_pixels=10**8, name=str(path)).pixels
    except UnreadableImageError:
        return None
    image = Image.fromarray(pixels)
    image.thumbnail((2 * CLOSE_SIDE, 2 * CLOSE_SIDE))
    return image


def _embed(extractor: Extractor, images: list[Image.Image]) -> Floats:
    pixels = [preprocess(np.asarray(image), extractor.preprocessing) for image in images]
    return extractor.embed(np.stack(pixels))


def main(say: Callable[[str], object] = sys.stdout.write) -> None:
    """Print the lines for a spec."""
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    extractor = load_extractor(find_model(sys.argv[1]), "cpu")
    samples = [Sample(extractor, Path(folder)) for folder in sys.argv[2:]]
    offset, slope = fit(
        np.concatenate([sample.ways for sample in samples]),
        np.concatenate([sample.same for sample in samples]),
        1000 * np.concatenate([weigh(sample.same) for sample in samples]),
    )
    backgrounds = np.concatenate([sample.backgrounds for sample in samples])
    typical, largest = np.percentile(backgrounds, [TYPICAL, LARGEST])
    say(f"[probability]\noffset = {offset:.1f}\nslope = {slope:.1f}\n")
    say(f"background = [{typical:.2f}, {largest:.2f}]\n")


if __name__ == "__main__":
    main()
