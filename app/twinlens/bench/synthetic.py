"""Invented descriptors that are spread like those of photos. Pure; any thread.

A descriptor is the sum of a mean that all share, the centre of a cluster, and what sets it apart
inside its cluster, each along the same axes; the variance falls as a power of the axis' number.
The constants were fitted to 1,090 labelled photos under EfficientNet-Lite0: mean length .53,
median cosine .24, cosine of the first neighbour .76 and of the tenth .63, intrinsic dimension 11.5
by the ratio of the first two distances (Facco et al. 2017). The invented ones give .55, .33, .85,
.72 and 12.4.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from twinlens.index.exact import Vectors, normalise

MEAN = 0.53
AXES = 256
CLUSTER = 20
DECAY = -0.94
DECAY_INSIDE = -1.5
CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Scene:
    """What all descriptors of one library share.

    `centres` is (clusters, dim) with the mean added; `inside` is (axes, dim), from standard normal
    numbers to what sets a photo apart.
    """

    centres: Vectors
    inside: Vectors


def make_scene(photos: int, dim: int, seed: int = 0) -> Scene:
    """Return what the descriptors of a library of so many photos share."""
    generator = np.random.default_rng(seed)
    count = min(AXES, dim - 1)
    square = generator.standard_normal((dim, count + 1))
    basis = np.linalg.qr(square)[0].T.astype(np.float32)
    axes = basis[:count]
    clusters = max(2, photos // CLUSTER)
    centres = generator.standard_normal((clusters, count), dtype=np.float32)
    return Scene(
        centres @ (_spread(count, DECAY) * axes) + MEAN * basis[count],
        _spread(count, DECAY_INSIDE) * axes,
    )


def descriptors(scene: Scene, n: int, seed: int) -> Vectors:
    """Return (n, dim) float32 descriptors of length 1, other ones for each seed."""
    result = np.empty((n, scene.inside.shape[1]), dtype=np.float32)
    start = 0
    for part in descriptor_parts(scene, n, seed):
        result[start : start + len(part)] = part
        start += len(part)
    return result


def descriptor_parts(scene: Scene, n: int, seed: int) -> Iterator[Vectors]:
    """Yield what `descriptors` returns, some thousand rows at a time."""
    generator = np.random.default_rng(seed)
    for start in range(0, n, CHUNK):
        count = min(CHUNK, n - start)
        chosen = generator.integers(len(scene.centres), size=count)
        apart = generator.standard_normal((count, len(scene.inside)), dtype=np.float32)
        yield normalise(scene.centres[chosen] + apart @ scene.inside)


def _spread(count: int, decay: float) -> Vectors:
    """Return (count, 1) standard deviations: half of the variance that the mean leaves."""
    variance = np.arange(1, count + 1, dtype=np.float32) ** np.float32(decay)
    variance *= (1 - MEAN**2) / 2 / variance.sum()
    spread: Vectors = np.sqrt(variance)[:, np.newaxis]
    return spread
