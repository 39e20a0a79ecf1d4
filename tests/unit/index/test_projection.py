"""The projection keeps short descriptors, shortens long ones and refuses what does not fit."""

from pathlib import Path

import numpy as np
import pytest

from twinlens.errors import ModelError
from twinlens.index.exact import normalise
from twinlens.index.projection import Projection


def rows(n: int, dim: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.random.default_rng(3).standard_normal((n, dim)).astype(np.float32)


def test_short_descriptors_stay_as_they_are() -> None:
    projection = Projection.for_model(None, 512)
    descriptors = normalise(rows(4, 512))
    assert projection.dim_out == 512
    np.testing.assert_allclose(projection.apply(descriptors), descriptors, atol=1e-6)


def test_long_descriptors_are_shortened_alike_every_time() -> None:
    first, second = Projection.for_model(None, 1280), Projection.for_model(None, 1280)
    descriptors = rows(5, 1280)
    assert first.dim_out == 256
    np.testing.assert_array_equal(first.apply(descriptors), second.apply(descriptors))


def test_seeded_projection_nearly_keeps_angles() -> None:
    base = rows(1, 1280)
    near = base + 0.3 * rows(20, 1280)
    compact = Projection.for_model(None, 1280).apply(np.concatenate([base, near]))
    full = normalise(np.concatenate([base, near]))
    np.testing.assert_allclose(compact[1:] @ compact[0], full[1:] @ full[0], atol=0.1)


@pytest.mark.parametrize("transposed", [False, True])
def test_a_model_brings_its_own(tmp_path: Path, transposed: bool) -> None:
    matrix = rows(8, 3)
    path = tmp_path / "projection.npy"
    np.save(path, matrix.T if transposed else matrix)
    projection = Projection.for_model(path, 8)
    descriptors = rows(2, 8)
    assert projection.dim_out == 3
    expected = normalise(descriptors @ matrix)
    np.testing.assert_allclose(projection.apply(descriptors), expected, atol=1e-6)


def test_result_rows_have_length_one_and_zeros_stay() -> None:
    compact = Projection.for_model(None, 600).apply(np.vstack([rows(2, 600), np.zeros((1, 600))]))
    assert np.linalg.norm(compact, axis=1).tolist() == pytest.approx([1, 1, 0], abs=1e-5)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not an array",
        np.arange(6).tobytes(),
    ],
)
def test_garbage_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "projection.npy"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"projection\.npy"):
        Projection.for_model(path, 8)


@pytest.mark.parametrize(
    "matrix",
    [
        np.zeros((7, 3), dtype=np.float32),
        np.zeros((8, 9), dtype=np.float32),
        np.zeros(8, dtype=np.float32),
        np.zeros((8, 3), dtype=np.int32),
        np.full((8, 3), np.nan, dtype=np.float32),
        np.array([{"a": 1}], dtype=object),
    ],
)
def test_a_matrix_that_does_not_fit_is_refused(
    tmp_path: Path, matrix: np.ndarray[tuple[int, ...], np.dtype[np.generic]]
) -> None:
    path = tmp_path / "projection.npy"
    np.save(path, matrix)
    with pytest.raises(ModelError):
        Projection.for_model(path, 8)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        Projection.for_model(tmp_path / "absent.npy", 8)


def test_descriptors_of_another_length_are_a_bug() -> None:
    with pytest.raises(ValueError, match="shape"):
        Projection.for_model(None, 8).apply(rows(2, 9))
