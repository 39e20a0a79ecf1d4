"""One measured number, and how numbers are taken. Runs on the thread that measures."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; `limit` is its budget, None where it has none.

    A recall and a share of a limit are to be at least their budget, all else at most.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None


def seconds_of(act: Callable[[], object]) -> float:
    """Return how long one call took."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def median(values: Iterable[float]) -> float:
    """Return the middle value, which a busy machine moves least."""
    return float(np.median(list(values)))


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value that `share` percent of all do not exceed."""
    return float(np.percentile(list(values), share))
