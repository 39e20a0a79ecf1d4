"""Opens a network in ONNX Runtime and runs it. Opened on one thread, run on any.

ONNX Runtime is imported when the first session opens, so that commands without inference start
fast; what it would write to the terminal by itself is held back.
"""

import contextlib
import io
import logging
import os
import re
import threading
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from twinlens.errors import DeviceError, DeviceMemoryError, ModelError
from twinlens.inference.devices import (
    CPU,
    DEVICES,
    Choice,
    Device,
    choose_devices,
    device_called,
    is_usable,
)
from twinlens.inference.model_spec import ModelSpec, verify_onnx

if TYPE_CHECKING:
    import onnxruntime

log = logging.getLogger(__name__)

_MODEL_HINT = "Mend its spec.toml or choose another model."
_OUT_OF_MEMORY = re.compile(r"out of memory|failed to allocate|alloc_failed|bad_alloc", re.I)
_FATAL_ONLY = 4


class Session(Protocol):
    """What an extractor needs of a network; `device` and `notice` are for the user's eyes.

    `batch` is the only batch size the network accepts, None when it accepts any; `flexible` says
    whether it accepts pictures of other sizes than the model's own.
    """

    @property
    def device(self) -> str: ...
    @property
    def notice(self) -> str: ...
    @property
    def batch(self) -> int | None: ...
    @property
    def flexible(self) -> bool: ...
    def run(self, output: str, pixels: NDArray[Any]) -> NDArray[np.float32]:
        """Return one output for a batch in the layout of the network.

        Raises:
            DeviceMemoryError: the batch does not fit.
            DeviceError: the device failed in another way.
        """
        ...


class OnnxSession:
    """A network in ONNX Runtime; see `open_session`."""

    def __init__(
        self, spec: ModelSpec, session: "onnxruntime.InferenceSession", device: Device, notice: str
    ) -> None:
        self._session = session
        self._input = spec.input
        # What a run of a larger picture takes, the arena keeps: for one at a time it is 60 MB.
        self._own_size = 3 * spec.preprocessing.width * spec.preprocessing.height
        self._large = threading.Lock()
        self.device = device.label
        self.notice = notice
        self.batch = _check_network(spec, session)
        self.flexible = not any(isinstance(n, int) for n in _sides(spec, session))
        # DirectML forbids calls of run that overlap.
        self._turn = threading.Lock() if device.name == "directml" else contextlib.nullcontext()

    def run(self, output: str, pixels: NDArray[Any]) -> NDArray[np.float32]:
        """Return one output for a batch; see `Session`."""
        large = pixels[0].size > self._own_size
        try:
            with self._turn, self._large if large else contextlib.nullcontext():
                return self._session.run([output], {self._input: pixels})[0]
        except runtime_errors() as error:
            raise device_error(error, self.device) from error


def open_session(spec: ModelSpec, device: str = "auto") -> OnnxSession:
    """Open the network of a model on the best device there is, or on the named one.

    Where the wish is not granted the CPU serves, and `notice` of the result says so.

    Raises:
        ModelError: the file is missing or damaged, or its inputs or outputs contradict the spec.
        UsageError: there is no device of that name.
    """
    verify_onnx(spec)
    runtime = load_runtime()
    choice = choose_devices(runtime.get_available_providers(), device, is_usable)
    session = _create(spec, choice)
    granted = _granted(choice, session)
    notice = choice.notice
    if not notice and granted != choice.devices[0]:
        notice = (
            f"{choice.devices[0].label} could not be used, although its driver was found; "
            f"{granted.label} is used instead. The libraries of the device may be missing."
        )
    if notice:
        log.warning("%s", notice)
    return OnnxSession(spec, session, granted, notice)


@cache
def load_runtime() -> ModuleType:
    """Import ONNX Runtime, whose telemetry is switched off.

    In silence: it may warn on the terminal about absent graphics cards.
    """
    # Read once, as the library is loaded: its function comes too late for the number that it gives
    # this computer, the file of events that it keeps, and the first event that it would send.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    with _quiet_terminal():
        import onnxruntime

        onnxruntime.set_default_logger_severity(_FATAL_ONLY)
        onnxruntime.disable_telemetry_events()
    return onnxruntime


@cache
def usable_devices() -> list[str]:
    """Return the names of the devices that this computer and this runtime offer, the CPU last."""
    available = load_runtime().get_available_providers()
    return [
        device.name for device in DEVICES if device.provider in available and is_usable(device.name)
    ]


def runtime_errors() -> tuple[type[Exception], ...]:
    """Return what ONNX Runtime raises; its exceptions have no common base of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    kinds = [kind for kind in vars(state).values() if isinstance(kind, type)]
    return (RuntimeError, MemoryError, *(kind for kind in kinds if issubclass(kind, Exception)))


def session_options(device: Device) -> "onnxruntime.SessionOptions":
    """Return options under which parallelism comes from the callers and waiting costs nothing.

    The memory arena stays on: without it every run asks the system for the same pages anew, which
    costs up to half the speed for batches and, measured, more memory rather than less.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = _FATAL_ONLY
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    if device.name == "directml":
        options.enable_mem_pattern = False
    return options


def _create(spec: ModelSpec, choice: Choice) -> "onnxruntime.InferenceSession":
    """Create the session on the devices in turn; the CPU is the last of them."""
    import onnxruntime

    first = choice.devices[0]
    providers = [(device.provider, _provider_options(device)) for device in choice.devices]
    silence = contextlib.nullcontext() if first.name == CPU else _quiet_terminal()
    with silence:
        if first.name in ("cuda", "tensorrt"):
            with contextlib.redirect_stdout(io.StringIO()):
                onnxruntime.preload_dlls()
        try:
            return onnxruntime.InferenceSession(
                str(spec.onnx), session_options(first), providers, enable_fallback=False
            )
        except runtime_errors() as error:
            if first.name == CPU:
                raise ModelError(
                    f"The network of model {spec.name} cannot be opened ({error}).", _MODEL_HINT
                ) from error
            log.warning("%s refused the network of %s: %s", first.label, spec.name, error)
    return _create(spec, Choice(choice.devices[1:]))


def _provider_options(device: Device) -> dict[str, str]:
    if device.name == "cuda":
        # The default search tries every algorithm anew for each new input size.
        return {
            "cudnn_conv_algo_search": "HEURISTIC",
            "arena_extend_strategy": "kSameAsRequested",
        }
    return {}


def _granted(choice: Choice, session: "onnxruntime.InferenceSession") -> Device:
    providers = session.get_providers()
    granted = [device for device in choice.devices if device.provider in providers]
    return granted[0] if granted else device_called(CPU)


def _check_network(spec: ModelSpec, session: "onnxruntime.InferenceSession") -> int | None:
    """Compare inputs and outputs with the spec and return the batch size, None when it is free."""
    inputs = {item.name: item for item in session.get_inputs()}
    if list(inputs) != [spec.input]:
        raise _mismatch(spec, f"its inputs are {', '.join(inputs)}, not {spec.input}")
    network = inputs[spec.input]
    wanted = "tensor(uint8)" if spec.preprocessing.in_graph else "tensor(float)"
    if network.type != wanted:
        raise _mismatch(spec, f"its input is a {network.type}, not a {wanted}")
    facts = spec.preprocessing
    shape: list[int | None] = [None, facts.height, facts.width, 3]
    if spec.layout == "nchw":
        shape = [None, 3, facts.height, facts.width]
    if not _fits(network.shape, shape):
        raise _mismatch(spec, f"its input has the shape {network.shape}")
    _check_outputs(spec, session)
    batch = network.shape[0]
    return batch if isinstance(batch, int) else None


def _sides(spec: ModelSpec, session: "onnxruntime.InferenceSession") -> list[int | str | None]:
    """Return the height and width of the input; a number where no other is accepted."""
    shape = session.get_inputs()[0].shape
    return shape[1:3] if spec.layout == "nhwc" else shape[2:4]


def _check_outputs(spec: ModelSpec, session: "onnxruntime.InferenceSession") -> None:
    outputs = {item.name: item for item in session.get_outputs()}
    for name in (spec.descriptor, spec.feature_map, spec.logits):
        if name is not None and name not in outputs:
            raise _mismatch(spec, f"it has no output called {name}")
        if name is not None and outputs[name].type != "tensor(float)":
            raise _mismatch(spec, f"its output {name} is a {outputs[name].type}")
    shape = outputs[spec.descriptor].shape
    # Axes of length 1 after the second do no harm: many networks keep them after pooling.
    if len(shape) < 2 or not _fits(shape, [None, spec.dim] + [1] * (len(shape) - 2)):
        raise _mismatch(spec, f"its descriptor has the shape {shape}, not (n, {spec.dim})")


def _fits(found: list[int | str | None], wanted: list[int | None]) -> bool:
    return len(found) == len(wanted) and all(
        want is None or not isinstance(have, int) or have == want
        for have, want in zip(found, wanted, strict=True)
    )


def _mismatch(spec: ModelSpec, difference: str) -> ModelError:
    return ModelError(
        f"The network of model {spec.name} does not match its spec.toml: {difference}.",
        _MODEL_HINT,
    )


def device_error(error: Exception, device: str) -> DeviceError:
    """Return what a failure of ONNX Runtime means; it tells lack of memory by its words alone."""
    if isinstance(error, MemoryError) or _OUT_OF_MEMORY.search(str(error)):
        return DeviceMemoryError(
            f"The network ran out of memory on {device}.", "Close other programs and try again."
        )
    return DeviceError(
        f"The network failed on {device} ({error}).",
        "Choose another device, for instance with TWINLENS_DEVICE=cpu.",
    )


@contextlib.contextmanager
def _quiet_terminal() -> Iterator[None]:
    """Hold back what native code writes to the standard error stream."""
    with contextlib.ExitStack() as stack:
        try:
            kept = os.dup(2)
        except OSError:  # A windowed program on Windows has no such stream.
            yield
            return
        stack.callback(os.close, kept)
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
            os.dup2(nowhere.fileno(), 2)
        stack.callback(os.dup2, kept, 2)
        yield
