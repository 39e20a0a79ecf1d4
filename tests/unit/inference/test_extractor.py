"""Batches in, descriptors out, whatever the device has room for."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.inference.tiny_model import FakeSession, mean_colour, write_model
from twinlens.errors import DeviceMemoryError, ModelError
from twinlens.inference.extractor import Extractor, load_extractor
from twinlens.inference.model_spec import ModelSpec, load_spec


@pytest.fixture
def spec(tmp_path: Path) -> ModelSpec:
    return load_spec(write_model(tmp_path / "mine"))


def pictures(count: int) -> NDArray[np.float32]:
    return np.random.default_rng(count).random((count, 6, 8, 3), np.float32)


def test_rows_have_length_one_and_keep_their_order(spec: ModelSpec) -> None:
    extractor = load_extractor(spec, "cpu")
    rows = extractor.embed(pictures(5))
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, mean_colour(pictures(5)), atol=1e-6)
    assert (extractor.model_id, extractor.dim, extractor.device) == (spec.model_id, 3, "CPU")


def test_no_pictures_give_no_rows(spec: ModelSpec) -> None:
    assert load_extractor(spec, "cpu").embed(pictures(0)).shape == (0, 3)


def test_a_network_of_one_batch_size_takes_any_number(tmp_path: Path) -> None:
    extractor = load_extractor(load_spec(write_model(tmp_path / "mine", batch=4)), "cpu")
    for count in (1, 4, 9):
        rows = extractor.embed(pictures(count))
        np.testing.assert_allclose(rows, mean_colour(pictures(count)), atol=1e-6)


def test_out_of_memory_halves_the_batch_and_remembers(spec: ModelSpec) -> None:
    session = FakeSession(room=3)
    extractor = Extractor(spec, session, lambda: FakeSession(device="CPU"))
    np.testing.assert_allclose(extractor.embed(pictures(9)), mean_colour(pictures(9)), atol=1e-6)
    assert session.sizes == [9, 4, 2, 2, 2, 2, 1]
    session.sizes.clear()
    extractor.embed(pictures(5))
    assert session.sizes == [2, 2, 1]
    assert (extractor.device, extractor.notice) == ("CUDA", "")


def test_where_not_one_picture_fits_the_cpu_takes_over_aloud(spec: ModelSpec) -> None:
    extractor = Extractor(spec, FakeSession(room=0), lambda: FakeSession(device="CPU"))
    np.testing.assert_allclose(extractor.embed(pictures(3)), mean_colour(pictures(3)), atol=1e-6)
    assert extractor.device == "CPU"
    assert "CUDA has too little memory" in extractor.notice


def test_the_cpu_has_no_way_out(spec: ModelSpec) -> None:
    extractor = Extractor(spec, FakeSession(0, "CPU"), lambda: FakeSession(device="CPU"))
    with pytest.raises(DeviceMemoryError):
        extractor.embed(pictures(2))


def test_callers_in_parallel_all_get_their_own_rows(spec: ModelSpec) -> None:
    extractor = Extractor(spec, FakeSession(room=0), lambda: FakeSession(room=2, device="CPU"))
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda count: extractor.embed(pictures(count)), range(1, 20)))
    for count, rows in enumerate(results, 1):
        np.testing.assert_allclose(rows, mean_colour(pictures(count)), atol=1e-6)


def test_outputs_that_a_model_lacks_are_refused(spec: ModelSpec) -> None:
    extractor = load_extractor(spec, "cpu")
    with pytest.raises(ModelError, match="feature map"):
        extractor.feature_map(pictures(1))
    with pytest.raises(ModelError, match="class scores"):
        extractor.logits(pictures(1))


class BrokenSession(FakeSession):
    def run(self, output: str, pixels: NDArray[Any]) -> NDArray[np.float32]:
        return np.full((len(pixels), 3), np.nan, np.float32)


def test_a_descriptor_that_is_not_a_number_is_refused(spec: ModelSpec) -> None:
    with pytest.raises(ModelError, match="not a number"):
        Extractor(spec, BrokenSession()).embed(pictures(2))
