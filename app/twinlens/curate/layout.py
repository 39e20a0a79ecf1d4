"""A map of photos: places in the plane such that neighbours lie near each other. Pure; any thread.

t-distributed stochastic neighbour embedding (van der Maaten and Hinton 2008) of the graph of
neighbours, the repulsion of all from all read off a grid by Fourier transforms (FIt-SNE, Linderman
et al. 2019). Nothing is drawn by chance, so the same photos lie at the same places.

Places are complex numbers, x + iy.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twinlens.curate.clusters import Graph, neighbour_graph, neighbour_weights

Ids = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]
Places = npt.NDArray[np.complex128]
Floats = npt.NDArray[np.float64]

#: Every neighbour counts, the nearest one three times as much as the farthest: shares of a weight.
EVENLY = 0.5
#: At most so large a share of all photos are neighbours of one, where that is not too few.
MOST_NEAR, FEWEST_NEAR = 0.2, 3
#: Rounds with attraction stronger by a factor, so that what belongs together finds together, and
#: rounds without (Kobak and Berens 2019).
EARLY, STRONGER = 100, 12.0
LATE = 200
#: Of each step so much goes on in the next round, early and late.
MOMENTUM = (0.5, 0.8)
#: What a step grows by where its direction stays, and shrinks to where it turns (Jacobs 1988).
GROWS, SHRINKS, LEAST_GAIN = 0.2, 0.8, 0.01
#: How far the first places are spread.
SPREAD = 1e-2
#: Shifts of the mean until a newcomer has its place.
SHIFTS = 5
#: Distance of the points of the grid, and the most of them along a side.
MESH, MOST_CELLS = 0.25, 512
#: The least sum of pushes that is more than a rounding of single precision.
TINY = 1e-6
#: Room around the places, in cells.
MARGIN = 3


def lay_out(
    graph: Graph,
    start: Places,
    told: Callable[[float], None] = lambda _: None,
    *,
    early: int = EARLY,
    late: int = LATE,
) -> Places:
    """Return the place of each node.

    Args:
        graph: who is whose neighbour, and how much that counts.
        start: (nodes,) places to begin with, no two the same.
        told: called after each round with the share, 0 to 1, of all rounds.
        early: rounds with stronger attraction; 0 for places that are settled already.
        late: rounds without.
    """
    places = start.copy()
    if graph.nodes < 2 or not len(graph.rows):
        return places
    links = _links(graph)
    repulsion = _Repulsion()
    step = np.zeros_like(places)
    gains = np.ones((2, graph.nodes))
    rounds = early + late
    # Belkina et al. 2019.
    rate = graph.nodes / STRONGER
    for number in range(rounds):
        factor = STRONGER if number < early else 1.0
        slope = factor * links.attraction(places) - repulsion.of(places)
        momentum = MOMENTUM[0] if number < early else MOMENTUM[1]
        for axis, (along, before) in enumerate(((slope.real, step.real), (slope.imag, step.imag))):
            turned = (along > 0) == (before > 0)
            gains[axis] = np.where(turned, gains[axis] * SHRINKS, gains[axis] + GROWS)
        np.maximum(gains, LEAST_GAIN, out=gains)
        pull = slope.real * gains[0] + 1j * (slope.imag * gains[1])
        step = momentum * step - 4.0 * rate * pull
        places += step
        places -= places.mean()
        told((number + 1) / rounds)
    return places


def layout_graph(nearest: Ids, similar: Vectors) -> Graph:
    """Return the graph of neighbours that a map follows.

    For its arguments see `neighbour_graph`. A map has to keep whole neighbourhoods, where galleries
    ask who is nearest: weights fall more slowly here, and not to 0. Of few photos most would be
    neighbours of each other, which tells nothing apart: no more than a share of all count.
    """
    width = max(FEWEST_NEAR, int(MOST_NEAR * len(nearest)))
    return neighbour_graph(nearest[:, :width], similar[:, :width], map_weights)


def map_weights(similar: Vectors) -> Floats:
    """Return how strongly (n, k) neighbours count on a map, 0 where there is none."""
    weights = np.sqrt(neighbour_weights(similar)) + EVENLY
    return np.where(np.isfinite(similar), weights, 0.0)


def between(near: Places, weights: Floats) -> Places:
    """Return a place for each of n newcomers: where most of its neighbours are, not between groups.

    The mode of the neighbours' places under the kernel of the map, found by shifting the mean
    (Comaniciu and Meer 2002).

    Args:
        near: (n, k) places of neighbours.
        weights: (n, k) how strongly they count, 0 for one without a place; one counts at least.
    """
    apart = np.abs(near[:, :, np.newaxis] - near[:, np.newaxis, :])
    crowd = (weights[:, np.newaxis, :] / (1 + apart**2)).sum(axis=2)
    best = np.where(weights > 0, crowd, -1.0).argmax(axis=1)
    places = np.take_along_axis(near, best[:, np.newaxis], axis=1)
    for _ in range(SHIFTS):
        pull = weights / (1 + np.abs(near - places) ** 2)
        places = (near * pull).sum(axis=1, keepdims=True) / pull.sum(axis=1, keepdims=True)
    found: Places = places[:, 0]
    return found


def turned_to(places: Places, before: Places) -> Places:
    """Return places turned and moved as a whole to where the same photos were before, best."""
    middle, target = places.mean(), before.mean()
    agree = ((before - target) * (places - middle).conj()).sum()
    turn = agree / abs(agree) if abs(agree) > 0 else 1.0
    found: Places = (places - middle) * turn + target
    return found


def first_places(vectors: Vectors) -> Places:
    """Return places to begin with: the two main axes of (n, dim) vectors.

    Each axis points to where the largest coordinate of its own is positive.
    """
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T.astype(np.float64) @ centred)
    main = axes[:, -2:]
    main = main * np.sign(main[np.abs(main).argmax(axis=0), range(main.shape[1])])
    found = centred @ main
    places: Places = found[:, -1] + 1j * found[:, 0]
    return places * (SPREAD / max(float(places.real.std()), 1e-12))


@dataclass(frozen=True, slots=True)
class _Links:
    """The edges of a graph by row; (edges,) `columns` and `weights`, which sum to 1 over all."""

    starts: Ids
    counts: Ids
    heads: Ids
    columns: Ids
    weights: Vectors
    nodes: int

    def attraction(self, places: Places) -> Places:
        """Return the pull on each node by its neighbours, as the slope of what is to fall."""
        here = places.astype(np.complex64)
        apart = np.repeat(here[self.heads], self.counts) - np.take(here, self.columns)
        pull = self.weights / (1 + apart.real**2 + apart.imag**2)
        result = np.zeros(self.nodes, dtype=np.complex128)
        result[self.heads] = np.add.reduceat(apart * pull, self.starts)
        return result


def _links(graph: Graph) -> _Links:
    starts = np.flatnonzero(np.append(True, graph.rows[1:] != graph.rows[:-1]))
    counts = np.diff(np.append(starts, len(graph.rows)))
    weights = (graph.weights / graph.weights.sum()).astype(np.float32)
    return _Links(starts, counts, graph.rows[starts], graph.columns, weights, graph.nodes)


class _Repulsion:
    """The push of all from all under the kernel of Student's t with one degree of freedom.

    With q(i, j) = 1 / (1 + |y_i - y_j|²) and Z its sum over all pairs, the push on i is the sum of
    q² (y_i - y_j) over j, over Z. As q² (y_i - y_j) is minus half the slope of q, one convolution
    gives both: the photos are spread over the points of a grid, the grid is convolved with q, and
    the slope is read at the photos.
    """

    def __init__(self) -> None:
        self._cells, self._mesh = 0, MESH
        self._kernel: npt.NDArray[np.complexfloating] = np.zeros((0, 0), dtype=np.complex64)

    def of(self, places: Places) -> Places:
        """Return the push on each place."""
        low = complex(places.real.min(), places.imag.min())
        span = max(np.ptp(places.real), np.ptp(places.imag))
        self._fit(float(span))
        size = self._cells
        where = (places - low) / self._mesh + MARGIN * (1 + 1j)
        cell = where.real.astype(np.int64) * size + where.imag.astype(np.int64)
        x, y = where.real % 1, where.imag % 1
        corners = (0, 1, size, size + 1)
        shares = ((1 - x) * (1 - y), (1 - x) * y, x * (1 - y), x * y)
        mass = sum(
            np.bincount(cell + corner, share, size * size)
            for corner, share in zip(corners, shares, strict=True)
        )
        padded = np.fft.rfft2(
            np.asarray(mass, dtype=np.float32).reshape(size, size), s=(2 * size, 2 * size)
        )
        field = np.fft.irfft2(padded * self._kernel, s=(2 * size, 2 * size))[:size, :size]
        slope = np.empty((size, size), dtype=np.complex128)
        slope.real, slope.imag = np.gradient(field, self._mesh)
        flat, flat_slope = np.ascontiguousarray(field).ravel(), slope.ravel()
        sums = np.zeros(len(places))
        push = np.zeros(len(places), dtype=np.complex128)
        for corner, share in zip(corners, shares, strict=True):
            sums += share * flat[cell + corner]
            push += share * flat_slope[cell + corner]
        total = float((sums - self._own(x, y)).sum())
        # Where rounding leaves nothing, all are too far apart to push.
        return push / (-2 * total) if total > TINY else np.zeros_like(push)

    def _own(self, x: Floats, y: Floats) -> Floats:
        """Return what of the sum at each place comes from the place itself, spread as it is."""
        beside, across = (1 / (1 + steps * self._mesh**2) for steps in (1, 2))
        along_x, along_y = 2 * x * (1 - x), 2 * y * (1 - y)
        here = (1 - along_x) * (1 - along_y)
        near = along_x * (1 - along_y) + along_y * (1 - along_x)
        found: Floats = here + near * beside + along_x * along_y * across
        return found

    def _fit(self, span: float) -> None:
        """Have a grid that holds places so far apart, no finer than needed."""
        mesh = MESH
        while span / mesh + 2 * MARGIN > MOST_CELLS:
            mesh *= 2**0.5
        cells = 32
        while cells < span / mesh + 2 * MARGIN:
            cells = cells * 3 // 2 if cells & (cells - 1) == 0 else cells // 3 * 4
        if cells == self._cells and mesh == self._mesh:
            return
        self._cells, self._mesh = cells, mesh
        steps = np.minimum(np.arange(2 * cells), 2 * cells - np.arange(2 * cells)) * mesh
        kernel = 1 / (1 + steps[:, np.newaxis] ** 2 + steps[np.newaxis, :] ** 2)
        self._kernel = np.fft.rfft2(kernel.astype(np.float32))
