"""A first look refuses pictures of different things, and never copies."""

from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from tests.edits import EDITS
from tests.unit.matching.pictures import busy
from twinlens.imaging.keypoints import detect
from twinlens.matching.screen import unlike
from twinlens.matching.sketch import Sketch, sketch, sketches


def sketched(image: Image.Image) -> Sketch:
    found = sketch(detect(np.ascontiguousarray(np.asarray(image.convert("RGB")))))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def originals() -> list[Sketch]:
    return [sketched(busy(seed)) for seed in range(12)]


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_worth_a_closer_look(originals: list[Sketch], edit: str) -> None:
    pairs = [(sketched(EDITS[edit][0](busy(seed))), originals[seed]) for seed in range(3)]
    pairs += [(other, one) for one, other in pairs]
    assert not unlike(pairs).any()


def test_different_pictures_are_mostly_refused(originals: list[Sketch]) -> None:
    assert unlike(list(combinations(originals, 2))).mean() > 0.8


def test_what_is_said_of_a_pair_does_not_depend_on_the_others(originals: list[Sketch]) -> None:
    pairs = [(one, other) for one in originals for other in originals]
    together = unlike(pairs)
    assert together.tolist() == [bool(unlike([pair])[0]) for pair in pairs]
    assert not together[:: len(originals) + 1].any()


def test_pictures_without_keypoints_are_held_against_each_other_as_wholes() -> None:
    fading = Image.fromarray(np.tile(np.linspace(0, 255, 96, dtype=np.uint8), (64, 1)))
    flat = Image.new("RGB", (96, 64), "grey")
    one, other = sketched(fading), sketched(fading.rotate(180))
    assert one.words.shape == (2, 0)
    assert unlike([(one, other), (one, sketched(flat)), (sketched(flat), one)]).tolist() == [
        False,
        True,
        True,
    ]


def test_no_pairs_are_no_trouble() -> None:
    assert unlike([]).shape == (0,)


def test_a_damaged_body_gives_no_sketch() -> None:
    body = detect(np.asarray(busy(1)))
    assert sketch(body[:-1]) is None
    assert sketch(b"") is None


def test_sketches_made_together_are_those_made_alone() -> None:
    pictures = [busy(1), Image.new("RGB", (96, 64), "grey"), busy(2, 200, 300), busy(3)]
    bodies = [detect(np.asarray(one)) for one in pictures]
    together = sketches([bodies[0], b"", *bodies[1:]])
    assert together.pop(1) is None
    for one, other in zip(together, map(sketch, bodies), strict=True):
        assert one is not None
        assert other is not None
        assert one.side == other.side
        assert np.array_equal(one.words, other.words)
        assert np.array_equal(one.starts, other.starts)
        assert np.array_equal(one.turns, other.turns)
        assert np.array_equal(one.sizes, other.sizes)
        assert np.array_equal(one.places, other.places)
        assert np.array_equal(one.whole, other.whole)
        # A sum in another order may fall on the other side of a limit.
        assert np.bitwise_count(one.signs ^ other.signs).sum() <= 2
