"""The shortlist brings edits of a picture before other pictures."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.edits import EDITS
from tests.unit.matching.pictures import busy, keypoints
from twinlens.matching.shortlist import CODE_BYTES, Codes, encode, nearness, stack


@pytest.fixture(scope="module")
def codes() -> Codes:
    return stack([encode(keypoints(busy(seed))) for seed in range(60, 90)])


@pytest.mark.parametrize(
    "name", ["crop 30 %", "turn 90", "mirror", "mirror, crop 50 %", "screenshot", "JPEG 10"]
)
def test_edits_come_first(codes: Codes, name: str) -> None:
    order = np.argsort(-nearness(keypoints(EDITS[name][0](busy(67))), codes))
    assert order[0] == 7


def test_codes_are_small_and_made_the_same_way_each_time() -> None:
    one = encode(keypoints(busy(1)))
    assert len(one) == CODE_BYTES == 512
    assert one == encode(keypoints(busy(1)))


def test_a_picture_without_keypoints_has_no_code() -> None:
    flat: NDArray[np.uint8] = np.full((100, 100, 3), 128, np.uint8)
    assert encode(keypoints(flat)) == b""


def test_a_picture_without_keypoints_is_near_to_nothing(codes: Codes) -> None:
    flat: NDArray[np.uint8] = np.full((100, 100, 3), 128, np.uint8)
    assert not nearness(keypoints(flat), codes).any()


def test_no_codes_give_no_answer() -> None:
    assert len(nearness(keypoints(busy(1)), stack([]))) == 0
