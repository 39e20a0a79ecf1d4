"""Chooses the execution provider that runs the network. Runs on every thread."""

import ctypes
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass

from twinlens.errors import UsageError

AUTO = "auto"
CPU = "cpu"


@dataclass(frozen=True, slots=True)
class Device:
    """A kind of device: the name users write, ONNX Runtime's provider, the name users read."""

    name: str
    provider: str
    label: str


#: In order of preference for "auto". TensorRT spends minutes on each new input size before the
#: first answer and OpenVINO runs on the same processor: both only by name.
DEVICES = (
    Device("cuda", "CUDAExecutionProvider", "CUDA"),
    Device("migraphx", "MIGraphXExecutionProvider", "MIGraphX"),
    Device("rocm", "ROCMExecutionProvider", "ROCm"),
    Device("directml", "DmlExecutionProvider", "DirectML"),
    Device("coreml", "CoreMLExecutionProvider", "Core ML"),
    Device("tensorrt", "TensorrtExecutionProvider", "TensorRT"),
    Device("openvino", "OpenVINOExecutionProvider", "OpenVINO"),
    Device(CPU, "CPUExecutionProvider", "CPU"),
)
_NOT_AUTOMATIC = frozenset({"tensorrt", "openvino"})
_NVIDIA = frozenset({"cuda", "tensorrt"})


@dataclass(frozen=True, slots=True)
class Choice:
    """The devices to ask for, best first and the CPU last, and what the user must be told."""

    devices: tuple[Device, ...]
    notice: str = ""


def choose_devices(
    available: Collection[str], wished: str, usable: Callable[[str], bool]
) -> Choice:
    """Intersect the order of preference with what is available.

    Args:
        available: names of the providers this build of ONNX Runtime has.
        wished: "auto" or the name of a device, in any case.
        usable: tells of a device's name whether this computer has what its provider needs; it
            is asked only for providers that are available.

    Raises:
        UsageError: there is no device of that name.
    """
    wish = wished.strip().lower()
    cpu = DEVICES[-1]
    if wish == AUTO:
        granted = [
            device
            for device in DEVICES[:-1]
            if device.name not in _NOT_AUTOMATIC
            and device.provider in available
            and usable(device.name)
        ]
        return Choice((*granted, cpu))
    device = device_called(wish)
    if device is cpu:
        return Choice((cpu,))
    if device.provider not in available:
        return Choice(
            (cpu,),
            f"The installed ONNX Runtime cannot use {device.label}; the CPU is used instead.",
        )
    if not usable(device.name):
        return Choice(
            (cpu,),
            f"No device or driver for {device.label} was found; the CPU is used instead.",
        )
    if device.name == "tensorrt" and "CUDAExecutionProvider" in available:
        return Choice((device, device_called("cuda"), cpu))
    return Choice((device, cpu))


def device_called(name: str) -> Device:
    """Return the device of that name.

    Raises:
        UsageError: there is none.
    """
    for device in DEVICES:
        if device.name == name:
            return device
    names = ", ".join([AUTO, *(device.name for device in DEVICES)])
    raise UsageError(f"There is no device called {name}.", f"Choose one of: {names}.")


def is_usable(name: str) -> bool:
    """Tell whether this computer has what a device's provider needs; silent in any case.

    ONNX Runtime prints errors when it is asked for CUDA without a driver, so the driver is asked
    first. Other providers fail silently and are judged by what they grant.
    """
    return nvidia_device_count() > 0 if name in _NVIDIA else True


def nvidia_device_count() -> int:
    """Return how many devices NVIDIA's driver offers to this process; 0 without a driver."""
    name = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        driver = ctypes.CDLL(name)
        count = ctypes.c_int(0)
        if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
            return 0
    except (OSError, AttributeError):
        return 0
    return count.value
