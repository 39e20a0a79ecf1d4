"""The exported networks still compute what they computed when they were first checked.

`python -m tests.unit.inference.test_golden` writes the golden descriptors anew, after a change of
the export recipe that is meant.
"""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.support import PHOTOS, needs_photos
from twinlens.inference.extractor import Extractor, load_extractor
from twinlens.inference.model_spec import load_spec

MODELS = Path(__file__).parents[3] / "models"
GOLDEN = Path(__file__).parent / "golden"
NAMES = ("efficientnet-lite0", "efficientnet-lite2")

pytestmark = pytest.mark.model


def pictures(side: int) -> NDArray[np.uint8]:
    """Return (6, side, side, 3) pictures made by whole-number arithmetic alone."""
    y, x = np.mgrid[:side, :side].astype(np.int64)
    centre = side // 2
    distance = (x - centre) ** 2 + (y - centre) ** 2
    disc = distance < (side // 3) ** 2
    cells = np.random.default_rng(2024).integers(0, 256, (8, 8, 3))
    made = [
        np.stack([x * 255 // (side - 1), y * 255 // (side - 1), 255 - x * 255 // (side - 1)], 2),
        np.stack([disc * 230, disc * 120, 40 + 0 * x], 2),
        np.repeat(((x // 16 + y // 16) % 2 * 255)[..., None], 3, 2),
        cells[y * 8 // side, x * 8 // side],
        np.stack([distance // 7 % 256, distance // 11 % 256, x * y % 256], 2),
        np.zeros((side, side, 3), np.int64),
    ]
    return np.stack(made).astype(np.uint8)


def extractor_for(name: str, device: str = "cpu") -> Extractor:
    return load_extractor(load_spec(MODELS / name), device)


@pytest.mark.parametrize("name", NAMES)
def test_descriptors_equal_the_golden_ones(name: str) -> None:
    extractor = extractor_for(name)
    found = extractor.embed(pictures(extractor.preprocessing.width))
    golden = np.load(GOLDEN / f"{name}.npy").astype(np.float32)
    assert ((found * golden).sum(axis=1) > 0.999).all()
    # The pictures are told apart: nearness to the wrong golden row would be no proof.
    assert (found @ golden.T - np.eye(len(golden)) < 0.98).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_has_the_same_descriptor_in_any_company(name: str) -> None:
    extractor = extractor_for(name)
    batch = pictures(extractor.preprocessing.width)
    alone = np.concatenate([extractor.embed(batch[i : i + 1]) for i in range(len(batch))])
    np.testing.assert_allclose(alone, extractor.embed(batch), atol=1e-5)


def test_a_larger_picture_has_a_larger_feature_map() -> None:
    extractor = extractor_for(NAMES[0])
    assert extractor.feature_map(pictures(224)[:1]).shape == (1, 1280, 7, 7)
    assert extractor.feature_map(pictures(448)[:1]).shape == (1, 1280, 14, 14)
    wide = np.ascontiguousarray(pictures(448)[:2, :224])
    pooled = extractor.feature_map(wide).mean(axis=(2, 3))
    pooled /= np.linalg.norm(pooled, axis=1, keepdims=True)
    np.testing.assert_allclose(extractor.embed(wide), pooled, atol=1e-5)


@pytest.mark.gpu
@pytest.mark.parametrize("name", NAMES)
def test_the_gpu_agrees_with_the_golden_descriptors(name: str) -> None:
    extractor = extractor_for(name, "cuda")
    if extractor.device != "CUDA":
        pytest.skip(extractor.notice)
    found = extractor.embed(pictures(extractor.preprocessing.width))
    golden = np.load(GOLDEN / f"{name}.npy").astype(np.float32)
    assert ((found * golden).sum(axis=1) > 0.999).all()


@pytest.mark.photos
@needs_photos
@pytest.mark.parametrize("name", NAMES)
def test_photos_of_fruit_are_named_rightly(name: str) -> None:
    extractor = extractor_for(name)
    assert extractor.spec.classes is not None
    lines = extractor.spec.classes.read_text(encoding="utf-8").splitlines()
    words = [line.split("\t")[1] for line in lines]
    asked = {"Banana": "banana", "Lemon": "lemon", "Granny-Smith": "Granny Smith"}
    right = total = 0
    for label, word in asked.items():
        for path in sorted(PHOTOS.glob(f"grocery/val/**/{label}/*.jpg")):
            logits = extractor.logits(_read(path, extractor.preprocessing.width))[0]
            right += words[int(logits.argmax())] == word
            total += 1
    if not total:
        pytest.skip("TWINLENS_PHOTOS holds no grocery photos")
    assert right / total > 0.6


def _read(path: Path, side: int) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB").resize((side, side), Image.Resampling.BILINEAR))[
            None
        ]


def _write_golden() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for name in NAMES:
        extractor = extractor_for(name)
        rows = extractor.embed(pictures(extractor.preprocessing.width))
        np.save(GOLDEN / f"{name}.npy", rows.astype(np.float16))


if __name__ == "__main__":
    _write_golden()
