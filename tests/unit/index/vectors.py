"""Seeded vectors for the tests of the index."""

import numpy as np

from twinlens.index.exact import Ids, Vectors, normalise


def clustered(n: int, dim: int, *, seed: int = 0, clusters: int | None = None) -> Vectors:
    """Return (n, dim) normalised vectors that lie in clusters, as descriptors do."""
    generator = np.random.default_rng(seed)
    centres = generator.standard_normal((clusters or max(1, n // 50), dim))
    noise = 0.6 * generator.standard_normal((n, dim))
    return normalise((centres[generator.integers(len(centres), size=n)] + noise).astype(np.float32))


def numbers(start: int, stop: int) -> Ids:
    """Return consecutive ids."""
    return np.arange(start, stop, dtype=np.int64)


def recall(found: Ids, true: Ids) -> float:
    """Return the share of true neighbours that were found."""
    return len(np.intersect1d(found, true)) / len(true)
