"""Keypoints: they survive packing, turn with the picture, and cover it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support import scene
from twinlens.imaging import keypoints
from twinlens.imaging.keypoints import Keypoints, detect, mirrored, unpack


def found(pixels: NDArray[np.uint8]) -> Keypoints:
    result = unpack(detect(np.ascontiguousarray(pixels)))
    assert result is not None
    return result


def noise(height: int, width: int) -> NDArray[np.uint8]:
    levels = np.random.default_rng(5).integers(0, 256, (height, width, 3))
    return levels.astype(np.uint8)


def test_the_busiest_picture_stays_within_the_size_bound() -> None:
    body = detect(noise(900, 1200))
    assert len(body) <= 36_000
    assert len(found(noise(900, 1200))) == keypoints.MOST


def test_positions_sizes_and_angles_survive_packing() -> None:
    one = found(scene(3, 640, 480))
    assert (one.width, one.height) == (480, 360)
    assert len(one) > 50
    assert np.all((one.positions >= 0) & (one.positions <= [480, 360]))
    assert np.allclose(np.linalg.norm(one.descriptors, axis=1), 1, atol=1e-5)
    assert max(one.thumbnail.shape) == keypoints.THUMBNAIL


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (16, 16), (17, 900), (33, 33), (3000, 20)])
@pytest.mark.parametrize("flat", [True, False])
def test_odd_shapes_are_no_trouble(shape: tuple[int, int], flat: bool) -> None:
    one = found(np.zeros((*shape, 3), np.uint8) if flat else noise(*shape))
    assert one.thumbnail.size > 0
    assert max(one.width, one.height) == min(max(shape), keypoints.LONG_SIDE)


def test_the_mirrored_keypoints_are_those_of_the_mirrored_picture() -> None:
    pixels = scene(7, 480, 360)
    derived, detected = mirrored(found(pixels)), found(pixels[:, ::-1])
    likeness = derived.descriptors @ detected.descriptors.T
    nearest = likeness.argmax(axis=1)
    apart = np.linalg.norm(derived.positions - detected.positions[nearest], axis=1)
    same = apart < 1.0
    assert same.mean() > 0.6
    assert np.median(likeness.max(axis=1)[same]) > 0.98
    turned = derived.angles[same] - detected.angles[nearest][same]
    assert np.median(np.abs((turned + np.pi) % (2 * np.pi) - np.pi)) < 0.03


def test_keypoints_come_from_all_over_the_picture() -> None:
    pixels = scene(9, 480, 480)
    pixels[:240, :240] = noise(240, 240)
    one = found(pixels)
    in_noise = np.all(one.positions < 240, axis=1)
    assert 0.05 < in_noise.mean() < 0.75


def test_a_faint_picture_has_keypoints_too() -> None:
    faint = (scene(11, 480, 360).astype(np.float32) * 0.2 + 100).astype(np.uint8)
    assert len(found(faint)) >= 20


def test_detail_tells_a_blurred_picture_from_a_sharp_one() -> None:
    sharp = noise(300, 300)
    halves = sharp.reshape(150, 2, 150, 2, 3).mean(axis=(1, 3)).astype(np.uint8)
    soft = halves.repeat(2, axis=0).repeat(2, axis=1)
    assert found(soft).detail[0, 0] < 0.7 * found(sharp).detail[0, 0]


def test_bodies_that_cannot_be_read_are_none() -> None:
    body = detect(scene(1))
    assert unpack(b"") is None
    assert unpack(b"\xff" + body[1:]) is None
    assert unpack(body[:-1]) is None
    assert unpack(body[:40]) is None
