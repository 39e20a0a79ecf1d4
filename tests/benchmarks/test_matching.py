"""On real photos edits are recognised for what they are, and different photos never are copies."""

import pytest

from tests.benchmarks.matching import Figures, judge_edits, judge_pairs
from tests.support import PHOTOS, needs_photos

pytestmark = [pytest.mark.photos, pytest.mark.slow, needs_photos]


def test_edits_are_recognised() -> None:
    figures = Figures()
    paths = sorted((PHOTOS / "clothing" / "test").rglob("*.jpg"))[::130]
    paths += sorted((PHOTOS / "grocery" / "val").rglob("*.jpg"))[::130]
    judge_edits(paths, figures)
    assert figures.copies >= 0.95 * figures.edits
    assert figures.right >= 0.9 * figures.edits


def test_different_photos_are_no_copies() -> None:
    figures = Figures()
    paths = sorted((PHOTOS / "grocery").rglob("*.jpg"))[::6]
    judge_pairs(paths, 2000, figures)
    # Pairs of one product are left out.
    assert figures.pairs > 1500
    assert figures.wrong == []
