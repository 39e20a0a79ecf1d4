"""Invented descriptors that are spread like those of photos. Pure; any thread.

A descriptor is the sum of a mean that all share, a kind of picture, a group within that kind, and
what sets the photo apart within its group; each is normally distributed along the same axes, with
a variance that falls as a power of the axis' number. The constants were fitted to labelled photos
under EfficientNet-Lite0, as compact vectors; benchmarks.md compares the two.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from twinlens.index.exact import Vectors, normalise

AXES = 256
CHUNK = 4096
#: Length of the mean of all descriptors: unrelated photos are somewhat alike, too.
MEAN = 0.5
#: Photos of a kind, and of a group, on average.
KIND = 300
GROUP = 20
#: Shares of the variance that the mean leaves, and how it falls along the axes.
OF_KIND, OF_GROUP, OF_PHOTO = 0.5, 0.25, 0.25
DECAY = -0.94
DECAY_IN_GROUP = -1.2


@dataclass(frozen=True, slots=True)
class Scene:
    """What all descriptors of one library share.

    `groups` is (groups, dim): mean, kind and group added up. `apart` is (axes, dim), from standard
    normal numbers to what sets a photo apart.
    """

    groups: Vectors
    apart: Vectors


def make_scene(photos: int, dim: int, seed: int = 0) -> Scene:
    """Return what the descriptors of a library of so many photos share."""
    generator = np.random.default_rng(seed)
    count = min(AXES, dim - 1)
    square = generator.standard_normal((dim, count + 1))
    basis = np.linalg.qr(square)[0].T.astype(np.float32)
    axes = basis[:count]
    groups = max(2, photos // GROUP)
    kinds = max(2, photos // KIND)
    kind_of = generator.integers(kinds, size=groups)
    latent = _spread(count, DECAY, OF_KIND) * _normal(generator, kinds, count)[kind_of]
    latent += _spread(count, DECAY, OF_GROUP) * _normal(generator, groups, count)
    apart = _spread(count, DECAY_IN_GROUP, OF_PHOTO)[:, np.newaxis] * axes
    return Scene(latent @ axes + MEAN * basis[count], apart)


def descriptors(scene: Scene, n: int, seed: int) -> Vectors:
    """Return (n, dim) float32 descriptors of length 1, other ones for each seed."""
    result = np.empty((n, scene.apart.shape[1]), dtype=np.float32)
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
        chosen = generator.integers(len(scene.groups), size=count)
        apart = _normal(generator, count, len(scene.apart)) @ scene.apart
        yield normalise(scene.groups[chosen] + apart)


def _normal(generator: np.random.Generator, rows: int, columns: int) -> Vectors:
    return generator.standard_normal((rows, columns), dtype=np.float32)


def _spread(count: int, decay: float, share: float) -> Vectors:
    """Return (count,) standard deviations whose squares add up to a share of the variance."""
    variance = np.arange(1, count + 1, dtype=np.float32) ** np.float32(decay)
    variance *= share * (1 - MEAN**2) / variance.sum()
    spread: Vectors = np.sqrt(variance)
    return spread
