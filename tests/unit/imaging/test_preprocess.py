"""From pixels to the network's input, and regions."""

import numpy as np
import pytest
from PIL import Image

from tests.unit.imaging.samples import difference, scene
from twinlens.errors import ModelError
from twinlens.imaging.preprocess import crop_region, preprocess
from twinlens.records import Preprocessing, Region


def test_squash_takes_the_whole_picture() -> None:
    made = preprocess(scene(640, 480), Preprocessing(width=80, height=40))
    assert made.shape == (40, 80, 3)
    assert made.dtype == np.uint8
    wanted = Image.fromarray(scene(640, 480)).resize((80, 40), Image.Resampling.BOX)
    assert difference(made.astype(np.uint8), np.asarray(wanted)) < 2.0


def test_crop_takes_the_middle() -> None:
    pixels = np.zeros((100, 300, 3), dtype=np.uint8)
    pixels[:, 100:200] = 200
    made = preprocess(pixels, Preprocessing(width=50, height=50, resize="crop"))
    assert made.shape == (50, 50, 3)
    assert made[:, 1:-1].min() == 200
    tall = preprocess(
        pixels.transpose(1, 0, 2).copy(), Preprocessing(width=50, height=50, resize="crop")
    )
    assert tall[1:-1].min() == 200


def test_what_already_fits_is_untouched() -> None:
    pixels = scene(224, 224)
    assert np.array_equal(preprocess(pixels, Preprocessing(width=224, height=224)), pixels)


def test_shrinking_averages_instead_of_picking() -> None:
    stripes = np.zeros((512, 512, 3), dtype=np.uint8)
    stripes[:, ::2] = 255
    made = preprocess(stripes, Preprocessing(width=64, height=64))
    assert np.abs(made.astype(int) - 127).max() <= 2


def test_normalised_outside_the_graph() -> None:
    facts = Preprocessing(
        width=32,
        height=32,
        in_graph=False,
        mean=(100.0, 110.0, 120.0),
        scale=(10.0, 20.0, 40.0),
    )
    made = preprocess(np.full((64, 64, 3), 130, dtype=np.uint8), facts)
    assert made.dtype == np.float32
    assert np.allclose(made[5, 5], [3.0, 1.0, 0.25])


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic", "lanczos", "box", "hamming"])
def test_each_interpolation_works(interpolation: str) -> None:
    facts = Preprocessing(width=48, height=32, interpolation=interpolation)
    wanted = Image.fromarray(scene(960, 640)).resize((48, 32), Image.Resampling.BOX)
    made = preprocess(scene(960, 640), facts)
    assert difference(made.astype(np.uint8), np.asarray(wanted)) < 5.0


@pytest.mark.parametrize("wrong", [{"resize": "stretch"}, {"interpolation": "nearest-ish"}])
def test_an_unknown_mode_is_refused(wrong: dict[str, str]) -> None:
    facts = Preprocessing(width=32, height=32, **wrong)  # type: ignore[arg-type]
    with pytest.raises(ModelError) as caught:
        preprocess(scene(), facts)
    assert next(iter(wrong.values())) in caught.value.message
    assert "spec.toml" in caught.value.hint


@pytest.mark.parametrize(
    ("region", "rows", "columns"),
    [
        (Region(0.0, 0.0, 1.0, 1.0), slice(0, 64), slice(0, 96)),
        (Region(0.5, 0.25, 0.25, 0.5), slice(16, 48), slice(48, 72)),
        (Region(-1.0, -1.0, 9.0, 9.0), slice(0, 64), slice(0, 96)),
        (Region(0.9, 0.9, 0.5, 0.5), slice(58, 64), slice(86, 96)),
        (Region(0.5, 0.5, 0.0, 0.0), slice(32, 33), slice(48, 49)),
        (Region(1.0, 1.0, 0.5, 0.5), slice(63, 64), slice(95, 96)),
        (Region(0.5, 0.5, -0.5, -0.5), slice(32, 33), slice(48, 49)),
        (Region(7.0, 7.0, 1.0, 1.0), slice(63, 64), slice(95, 96)),
        (Region(float("nan"), 0.0, 1.0, float("inf")), slice(0, 64), slice(0, 96)),
    ],
)
def test_regions(region: Region, rows: slice, columns: slice) -> None:
    cut = crop_region(scene(), region)
    assert np.array_equal(cut, scene()[rows, columns])
    assert cut.flags.c_contiguous
