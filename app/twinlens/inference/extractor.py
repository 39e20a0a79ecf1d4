"""Turns batches of pictures into descriptors. Runs on every thread that embeds."""

import logging
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twinlens.errors import DeviceMemoryError, ModelError
from twinlens.inference.devices import CPU, device_called
from twinlens.inference.model_spec import ModelSpec
from twinlens.inference.session import Session, open_session

log = logging.getLogger(__name__)


class Extractor:
    """A model ready to run; safe to use from several threads at once.

    Args:
        spec: the model.
        session: its network.
        open_on_cpu: opens the network on the CPU for when the device has too little memory for
            even one picture; None where there is no such way out.
    """

    def __init__(
        self,
        spec: ModelSpec,
        session: Session,
        open_on_cpu: Callable[[], Session] | None = None,
    ) -> None:
        self.spec = spec
        self.model_id = spec.model_id
        self.dim = spec.dim
        self.preprocessing = spec.preprocessing
        self._session = session
        self._open_on_cpu = open_on_cpu
        self._notice = session.notice
        self._limit: int | None = None
        self._lock = threading.Lock()

    @property
    def device(self) -> str:
        """The device in use, for the user's eyes; it changes when memory runs out."""
        return self._session.device

    @property
    def notice(self) -> str:
        """One sentence when the device is not the wished one, else empty."""
        return self._notice

    @property
    def flexible(self) -> bool:
        """Whether pictures may have another size than the model's own."""
        return self._session.flexible

    def embed(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        """Return the (n, dim) descriptors, rows of length 1, of n preprocessed pictures.

        Args:
            batch: (n, h, w, 3) as `preprocess` makes them: uint8 levels, or float32 for a model
                that does not normalise by itself. h and w may exceed the model's own size.

        Raises:
            DeviceMemoryError: not even one picture fits.
            DeviceError: the device failed.
            ModelError: the network gave values that are not numbers.
        """
        if len(batch) == 0:
            return np.empty((0, self.dim), np.float32)
        rows = self._run(self.spec.descriptor, batch).reshape(len(batch), self.dim)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not np.isfinite(lengths).all():
            raise ModelError(
                f"The model {self.spec.name} gave a descriptor that is not a number.",
                "Choose another model or another device.",
            )
        result: NDArray[np.float32] = rows / np.maximum(lengths, np.finfo(np.float32).tiny)
        return result

    def feature_map(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        """Return the last feature map (n, channels, y, x); see `embed`."""
        return self._run(self._output(self.spec.feature_map, "feature map"), batch)

    def logits(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        """Return the (n, classes) scores before softmax; see `embed`."""
        return self._run(self._output(self.spec.logits, "class scores"), batch)

    def _output(self, name: str | None, what: str) -> str:
        if name is None:
            raise ModelError(f"The model {self.spec.name} gives no {what}.", "Choose another.")
        return name

    def _run(self, output: str, batch: NDArray[Any]) -> NDArray[np.float32]:
        pixels = batch if self.spec.layout == "nhwc" else batch.transpose(0, 3, 1, 2)
        parts = []
        start = 0
        while start < len(pixels):
            session = self._session
            size = min(n for n in (len(pixels) - start, session.batch, self._limit) if n)
            part = np.ascontiguousarray(pixels[start : start + size])
            try:
                parts.append(_run_part(session, output, part))
                start += size
            except DeviceMemoryError:
                if not self._use_less_memory(session, size):
                    raise
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _use_less_memory(self, session: Session, size: int) -> bool:
        """Halve the batch or move to the CPU for the rest of this process; False if neither can."""
        with self._lock:
            if session is not self._session:
                return True
            if size > 1:
                self._limit = min(size // 2, self._limit or size)
                log.warning("out of memory with %d pictures; now at most %d", size, self._limit)
                return True
            if self._open_on_cpu is None or session.device == device_called(CPU).label:
                return False
            replacement = self._open_on_cpu()
            self._notice = (
                f"{session.device} has too little memory for this model; "
                f"{replacement.device} is used until Twinlens is started again."
            )
            log.warning("%s", self._notice)
            self._session, self._limit = replacement, None
            return True


def _run_part(session: Session, output: str, part: NDArray[Any]) -> NDArray[np.float32]:
    """Run a part that may be smaller than the only batch size a network accepts."""
    missing = (session.batch or 0) - len(part)
    if missing <= 0:
        return session.run(output, part)
    padding = np.zeros((missing, *part.shape[1:]), part.dtype)
    return session.run(output, np.concatenate([part, padding]))[: len(part)]


def load_extractor(spec: ModelSpec, device: str = "auto") -> Extractor:
    """Open a model on a device ("auto" or a name such as "cpu" or "cuda").

    Raises:
        ModelError: the model is missing, damaged or does not match its spec.
        UsageError: there is no device of that name.
    """
    return Extractor(spec, open_session(spec, device), lambda: open_session(spec, CPU))
