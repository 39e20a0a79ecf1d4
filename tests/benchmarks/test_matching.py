"""On real photos edits are recognised for what they are, and different photos never are copies."""

import os
from pathlib import Path

import pytest

from tests.benchmarks.matching import Figures, judge_edits, judge_pairs

PHOTOS = os.environ.get("TWINLENS_PHOTOS")

pytestmark = [
    pytest.mark.photos,
    pytest.mark.slow,
    pytest.mark.skipif(not PHOTOS, reason="set TWINLENS_PHOTOS to a folder of labelled photos"),
]


def test_edits_are_recognised() -> None:
    figures = Figures()
    paths = sorted((Path(str(PHOTOS)) / "clothing" / "test").rglob("*.jpg"))[::130]
    paths += sorted((Path(str(PHOTOS)) / "grocery" / "val").rglob("*.jpg"))[::130]
    judge_edits(paths, figures)
    assert figures.copies >= 0.95 * figures.edits
    assert figures.right >= 0.9 * figures.edits


def test_different_photos_are_no_copies() -> None:
    figures = Figures()
    paths = sorted((Path(str(PHOTOS)) / "grocery").rglob("*.jpg"))[::6]
    judge_pairs(paths, 2000, figures)
    # Pairs of one product are left out.
    assert figures.pairs > 1500
    assert figures.wrong == []
