"""Opening real networks in ONNX Runtime."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto

from tests.unit.inference.tiny_model import mean_colour, write_model
from twinlens.errors import DeviceError, DeviceMemoryError, ModelError, UsageError
from twinlens.inference import devices
from twinlens.inference.model_spec import load_spec
from twinlens.inference.session import device_error, open_session

ROOT = Path(__file__).parents[3]


@pytest.fixture
def no_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "nvidia_device_count", lambda: 0)


@pytest.mark.usefixtures("no_driver")
def test_the_cpu_serves_and_says_nothing(tmp_path: Path) -> None:
    session = open_session(load_spec(write_model(tmp_path / "mine")))
    assert session.device in ("CPU", "Core ML", "DirectML")
    assert session.notice == ""
    assert session.batch is None
    batch = np.random.default_rng(1).random((5, 6, 8, 3), np.float32)
    rows = session.run("colour", batch.transpose(0, 3, 1, 2).copy()).reshape(5, 3)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    np.testing.assert_allclose(rows, mean_colour(batch), atol=1e-6)


@pytest.mark.usefixtures("no_driver")
def test_a_wish_that_is_not_granted_is_said(tmp_path: Path) -> None:
    session = open_session(load_spec(write_model(tmp_path / "mine")), "cuda")
    assert session.device == "CPU"
    assert "CUDA" in session.notice
    assert "CPU is used instead" in session.notice


def test_a_driver_without_libraries_falls_back_aloud_but_prints_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    if devices.nvidia_device_count():
        pytest.skip("this machine has an NVIDIA device")
    monkeypatch.setattr(devices, "nvidia_device_count", lambda: 1)
    session = open_session(load_spec(write_model(tmp_path / "mine")), "cuda")
    assert session.device == "CPU"
    assert "CUDA" in session.notice
    assert capfd.readouterr() == ("", "")


def test_an_unknown_device_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        open_session(load_spec(write_model(tmp_path / "mine")), "abacus")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"input": "picture"}, "its inputs are image, not picture"),
        ({"descriptor": "vector"}, "no output called vector"),
        ({"dim": 4}, r"descriptor has the shape .*, not \(n, 4\)"),
        ({"width": 9}, "input has the shape"),
        ({"element": TensorProto.UINT8}, r"a tensor\(uint8\), not a tensor\(float\)"),
        ({"more": 'logits = "classes"'}, "no output called classes"),
    ],
)
def test_a_network_that_contradicts_its_spec_is_refused(
    tmp_path: Path, options: dict[str, Any], reason: str
) -> None:
    spec = load_spec(write_model(tmp_path / "mine", **options))
    with pytest.raises(ModelError, match=reason) as caught:
        open_session(spec, "cpu")
    assert "mine" in caught.value.message
    assert caught.value.hint


def test_the_only_batch_size_of_a_network_is_known(tmp_path: Path) -> None:
    assert open_session(load_spec(write_model(tmp_path / "mine", batch=4)), "cpu").batch == 4


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "mine")
    (folder / "model.onnx").write_bytes(b"no network")
    with pytest.raises(ModelError, match="cannot be opened"):
        open_session(load_spec(folder), "cpu")


def test_a_file_exchanged_after_the_spec_was_read_is_refused(tmp_path: Path) -> None:
    spec = replace(load_spec(write_model(tmp_path / "mine")), onnx_sha256="0" * 64)
    with pytest.raises(ModelError, match="digest"):
        open_session(spec, "cpu")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("CUDA failure 2: out of memory ; GPU=0 ; expr=cudaMalloc"),
        RuntimeError(
            "BFCArena::AllocateRawInternal Failed to allocate memory for buffer of size 9"
        ),
        RuntimeError("CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED"),
        RuntimeError("std::bad_alloc"),
    ],
)
def test_lack_of_memory_is_told_from_other_failures(error: Exception) -> None:
    assert isinstance(device_error(error, "CUDA"), DeviceMemoryError)
    assert not isinstance(device_error(RuntimeError("unplugged"), "CUDA"), DeviceMemoryError)


def test_a_failing_run_names_the_device(tmp_path: Path) -> None:
    session = open_session(load_spec(write_model(tmp_path / "mine")), "cpu")
    with pytest.raises(DeviceError, match="failed on CPU") as caught:
        session.run("colour", np.zeros((1, 3, 1, 1), np.float32))
    assert "TWINLENS_DEVICE" in caught.value.hint


def test_opening_prints_nothing_on_the_terminal(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "mine")
    program = (
        "import sys; from pathlib import Path\n"
        "from twinlens.inference.model_spec import load_spec\n"
        "from twinlens.inference.extractor import load_extractor\n"
        "assert 'onnxruntime' not in sys.modules\n"
        "load_extractor(load_spec(Path(sys.argv[1])))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "app"), "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == (b"", b"")


def test_the_runtime_leaves_nothing_behind_of_itself(tmp_path: Path) -> None:
    folder, cache = write_model(tmp_path / "mine"), tmp_path / "cache"
    program = (
        "import sys; from pathlib import Path\n"
        "from twinlens.inference.model_spec import load_spec\n"
        "from twinlens.inference.session import open_session\n"
        "open_session(load_spec(Path(sys.argv[1])), 'cpu')\n"
    )
    # On machines of continuous integration it collects nothing by itself.
    kept = {key: os.environ[key] for key in ("PATH", "SYSTEMROOT") if key in os.environ}
    subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        env={
            **kept,
            "PYTHONPATH": str(ROOT / "app"),
            "XDG_CACHE_HOME": str(cache),
            "HOME": str(tmp_path / "home"),
        },
        capture_output=True,
        check=True,
    )
    assert not cache.exists()
    assert not (tmp_path / "home").exists()
