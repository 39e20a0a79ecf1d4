"""Which devices are asked for, as a table."""

import pytest

from twinlens.errors import UsageError
from twinlens.inference import devices
from twinlens.inference.devices import choose_devices

LINUX_GPU = ("TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider")
PLAIN = ("AzureExecutionProvider", "CPUExecutionProvider")
MAC = ("CoreMLExecutionProvider", "CPUExecutionProvider")
WINDOWS = ("DmlExecutionProvider", "CPUExecutionProvider")
INTEL = ("OpenVINOExecutionProvider", "CPUExecutionProvider")

ANY = frozenset({"cuda", "tensorrt", "migraphx", "rocm", "directml", "coreml", "openvino"})
NO_NVIDIA = ANY - {"cuda", "tensorrt"}


@pytest.mark.parametrize(
    ("available", "wished", "usable", "expected", "told"),
    [
        (LINUX_GPU, "auto", ANY, "cuda cpu", False),
        (LINUX_GPU, "auto", NO_NVIDIA, "cpu", False),
        (PLAIN, "auto", ANY, "cpu", False),
        (MAC, "auto", ANY, "coreml cpu", False),
        (WINDOWS, "auto", ANY, "directml cpu", False),
        (INTEL, "auto", ANY, "cpu", False),
        (LINUX_GPU, "cpu", ANY, "cpu", False),
        (LINUX_GPU, " CUDA ", ANY, "cuda cpu", False),
        (LINUX_GPU, "cuda", NO_NVIDIA, "cpu", True),
        (PLAIN, "cuda", ANY, "cpu", True),
        (LINUX_GPU, "tensorrt", ANY, "tensorrt cuda cpu", False),
        (LINUX_GPU, "tensorrt", NO_NVIDIA, "cpu", True),
        (INTEL, "openvino", ANY, "openvino cpu", False),
        (MAC, "directml", ANY, "cpu", True),
        ((), "auto", ANY, "cpu", False),
    ],
)
def test_choice(
    available: tuple[str, ...], wished: str, usable: frozenset[str], expected: str, told: bool
) -> None:
    choice = choose_devices(available, wished, usable.__contains__)
    assert " ".join(device.name for device in choice.devices) == expected
    assert bool(choice.notice) == told


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"no device called gpu.*auto, cuda,.*cpu"):
        choose_devices(LINUX_GPU, "gpu", ANY.__contains__)


def test_the_driver_is_not_asked_for_providers_that_are_absent() -> None:
    asked: list[str] = []

    def usable(name: str) -> bool:
        asked.append(name)
        return True

    choose_devices(PLAIN, "auto", usable)
    choose_devices(PLAIN, "cuda", usable)
    assert asked == []


def test_only_nvidia_devices_need_nvidia(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "nvidia_device_count", lambda: 0)
    assert not devices.is_usable("cuda")
    assert not devices.is_usable("tensorrt")
    assert devices.is_usable("coreml")


def test_a_missing_driver_counts_no_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr("ctypes.CDLL", missing)
    assert devices.nvidia_device_count() == 0
