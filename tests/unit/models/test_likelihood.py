"""The fit behind a model's probabilities."""

from pathlib import Path

import numpy as np
import pytest
from models.likelihood import OTHERS, SAMPLE, Sample, fit, versions, weigh
from PIL import Image

from tests.support import encoded, grid_extractor, scene

COUNT = 110


def test_the_fit_finds_what_made_the_answers() -> None:
    chance = np.random.default_rng(0)
    ways = chance.uniform(-0.2, 1, 20_000)
    same = chance.random(len(ways)) < 1 / (1 + np.exp(6 - 9 * ways))
    offset, slope = fit(ways, same, np.ones(len(ways)))
    assert offset == pytest.approx(-6, abs=0.4)
    assert slope == pytest.approx(9, abs=0.6)


def test_weights_give_the_same_thing_its_share() -> None:
    same = np.array([True] * 7 + [False] * 2)
    weights = weigh(same, 0.15)
    assert weights.sum() == pytest.approx(1)
    assert weights[same].sum() == pytest.approx(0.15)


def test_every_version_differs_from_the_picture() -> None:
    image = Image.fromarray(scene(3))
    made = list(versions(image, np.random.default_rng(0)))
    assert len(made) == 14
    for version in made:
        again = np.asarray(version.resize(image.size).convert("RGB"), dtype=int)
        assert np.abs(again - np.asarray(image, dtype=int)).mean() > 0.5


def test_versions_come_further_than_neighbours(tmp_path: Path) -> None:
    for number in range(COUNT):
        (tmp_path / f"{number}.png").write_bytes(encoded(scene(number, 96, 72)))
    (tmp_path / "notes.txt").write_text("no picture", encoding="utf-8")
    sample = Sample(grid_extractor(), tmp_path)
    assert len(sample.backgrounds) == COUNT
    assert len(sample.same) == len(sample.ways) == SAMPLE * (14 + OTHERS)
    assert np.median(sample.ways[sample.same]) > np.median(sample.ways[~sample.same])


def test_a_folder_without_a_background_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.png").write_bytes(encoded(scene(1)))
    with pytest.raises(SystemExit, match="has 1 photos"):
        Sample(grid_extractor(), tmp_path)
