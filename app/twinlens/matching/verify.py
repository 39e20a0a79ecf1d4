"""Finds the transform that takes one picture onto another, from their keypoints. Pure; any thread.

Each pair of keypoints that look alike proposes a similarity by itself, since both know their place,
size and direction; all proposals are tried and the best are refined to an affinity and, where that
explains more, a homography (Lowe, IJCV 2004; Philbin et al., CVPR 2007; Chum et al., DAGM 2003).
Nothing is drawn at random, so the same pair always gets the same answer.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from twinlens.imaging.keypoints import Floats, Keypoints, mirrored

Matrix = NDArray[np.float64]
Numbers = NDArray[np.int64]

#: The best of a pair of descriptors must be this much nearer than the second best (Lowe 2004).
RATIO = 0.85
#: Pairs that may propose a transform, the most distinctive first.
PROPOSALS = 100
#: Proposals that are refined.
REFINED = 4
#: Shares of the long side within which a keypoint counts as met, while the transform is refined.
TOLERANCES = (0.06, 0.03, 0.016, 0.01)
#: How far sizes (octaves) and directions (radians) of a pair may differ from the transform's.
SIZE_SLACK = 0.75
TURN_SLACK = 0.5
FEWEST = 4
#: Fewer pairs that agree roughly with a proposal lead to nothing that could prove anything.
PROMISING = 6
#: With so many inliers, and this share of the matches, a picture needs no look in the mirror.
SURE, SURE_SHARE = 50, 0.6
#: A proposal that agrees with the best transform is refined only if it had clearly more pairs.
NO_BETTER = 0.8
#: A transform that squeezes one direction more than the other by this much shows no picture.
MOST_SQUEEZED = 3.0
LARGEST_ZOOM = 12.0
#: A homography replaces the affinity when it explains this many times more pairs.
BETTER = 1.15


@dataclass(frozen=True, slots=True)
class Alignment:
    """How a query picture lies on a candidate.

    `matrix` (3, 3) float64 takes pixels of the query's working picture to those of the
    candidate's; its determinant is negative when one of them is mirrored. `inliers` pairs of
    keypoints agree with it, out of `matches` that look alike. `ours` and `theirs` (inliers, 2)
    are where they lie. `residual` is their median distance from where they should be, as a share
    of the long side.
    """

    matrix: Matrix
    inliers: int
    matches: int
    ours: Floats
    theirs: Floats
    residual: float


def align(query: Keypoints, candidate: Keypoints) -> Alignment | None:
    """Return the best way to lay the query on the candidate; None when there is none."""
    if min(len(query), len(candidate)) < FEWEST:
        return None
    best: Alignment | None = None
    for flipped in (False, True):
        ours = mirrored(query) if flipped else query
        found = _align(ours, candidate)
        if found is not None and (best is None or found.inliers > best.inliers):
            best = _unflipped(found, query.width) if flipped else found
        if best is not None and best.inliers >= max(SURE, SURE_SHARE * best.matches):
            break
    return best


def _align(query: Keypoints, candidate: Keypoints) -> Alignment | None:
    ours, theirs = look_alikes(query.descriptors, candidate.descriptors)
    if len(ours) < FEWEST:
        return None
    points, targets = query.positions[ours], candidate.positions[theirs]
    zoom = np.log2(candidate.sizes[theirs] / query.sizes[ours])
    turn = candidate.angles[theirs] - query.angles[ours]
    side = float(max(candidate.width, candidate.height))
    proposals = _similarities(points, targets, zoom, turn)[:PROPOSALS]
    close = _close(proposals, points, targets, zoom, turn, side)
    best, met = None, np.empty(0, bool)
    counts = close.sum(axis=1)
    for number in np.argsort(-counts, kind="stable")[:REFINED]:
        if counts[number] < max(PROMISING, met.sum()):
            continue
        if met.any() and met[number] and met.sum() >= NO_BETTER * counts[number]:
            continue
        matrix, inside = _refine(proposals[number], close[number], points, targets, zoom, side)
        if inside.sum() > met.sum() and is_plausible(matrix):
            best, met = matrix, inside
    if best is None or met.sum() < FEWEST:
        return None
    best, met = _bent(best, met, points, targets, zoom, side, candidate)
    errors = _errors(best, points[met], targets[met]) / np.sqrt(zoom_of(best))
    return Alignment(
        best, int(met.sum()), len(ours), points[met], targets[met], float(np.median(errors)) / side
    )


def look_alikes(query: Floats, candidate: Floats) -> tuple[Numbers, Numbers]:
    """Return pairs that are each other's nearest and clearly nearer than the next, best first."""
    likeness = query @ candidate.T
    nearest = likeness.argmax(axis=1)
    first = likeness[np.arange(len(query)), nearest]
    # Finding where the largest of a column stands takes three times as long as finding it.
    rows = np.flatnonzero(first >= likeness.max(axis=0)[nearest])
    nearest, first = nearest[rows], first[rows]
    chosen = likeness[rows]
    chosen[np.arange(len(rows)), nearest] = -1
    second = chosen.max(axis=1)
    ratio = np.sqrt(np.maximum(1 - first, 0) / np.maximum(1 - second, 1e-6))
    order = np.argsort(ratio, kind="stable")
    order = order[ratio[order] < RATIO]
    return rows[order], nearest[order]


def is_plausible(matrix: Matrix) -> bool:
    """Whether a transform could have made a picture of the other: no folding, no extremes."""
    if not np.isfinite(matrix).all():
        return False
    large, small = np.linalg.svd(matrix[:2, :2], compute_uv=False)
    return bool(
        small * MOST_SQUEEZED > large
        and small > 1 / LARGEST_ZOOM
        and large < LARGEST_ZOOM
        and np.linalg.det(matrix[:2, :2]) > 0
    )


def zoom_of(matrix: Matrix) -> float:
    """Return how many times larger things are in the candidate than in the query."""
    return float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))


def project(matrix: Matrix, points: NDArray[np.floating]) -> Matrix:
    """Return (n, 2) points taken through a (3, 3) transform."""
    moved = points @ matrix[:2, :2].T + matrix[:2, 2]
    depth = points @ matrix[2, :2] + matrix[2, 2]
    result: Matrix = moved / depth[:, np.newaxis]
    return result


def _similarities(points: Floats, targets: Floats, zoom: Floats, turn: Floats) -> Matrix:
    """Return (n, 3, 3): what each pair proposes by itself."""
    scale = np.exp2(zoom.astype(np.float64))
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    matrices = np.zeros((len(points), 3, 3))
    matrices[:, 0, 0], matrices[:, 0, 1] = cos, -sin
    matrices[:, 1, 0], matrices[:, 1, 1] = sin, cos
    matrices[:, :2, 2] = targets - np.einsum("nij,nj->ni", matrices[:, :2, :2], points)
    matrices[:, 2, 2] = 1
    return matrices


def _close(
    proposals: Matrix, points: Floats, targets: Floats, zoom: Floats, turn: Floats, side: float
) -> NDArray[np.bool_]:
    """Return (proposals, pairs): which pairs agree roughly with which proposal."""
    # A similarity multiplies complex numbers and adds one.
    factor = proposals[:, 0, 0] + 1j * proposals[:, 1, 0]
    shift = proposals[:, 0, 2] + 1j * proposals[:, 1, 2]
    off = factor[:, None] * (points[:, 0] + 1j * points[:, 1])
    off += shift[:, None] - (targets[:, 0] + 1j * targets[:, 1])
    far = np.square(off.real) + np.square(off.imag)
    count = len(proposals)
    zooms, turns = zoom[:count, None], turn[:count, None]
    limit = np.square(TOLERANCES[0] * side) * np.exp2(zooms)
    other = np.abs((turn - turns + np.pi) % (2 * np.pi) - np.pi)
    agree: NDArray[np.bool_] = (
        (far < limit) & (np.abs(zoom - zooms) < SIZE_SLACK) & (other < TURN_SLACK)
    )
    return agree


def _refine(
    matrix: Matrix,
    met: NDArray[np.bool_],
    points: Floats,
    targets: Floats,
    zoom: Floats,
    side: float,
) -> tuple[Matrix, NDArray[np.bool_]]:
    """Fit an affinity to the pairs met and look for more, ever more strictly."""
    for tolerance in (*TOLERANCES[1:], TOLERANCES[-1]):
        if met.sum() < FEWEST:
            break
        matrix = _affinity(points[met], targets[met])
        met = _met(matrix, points, targets, zoom, tolerance * side)
    return matrix, met


def _met(
    matrix: Matrix, points: Floats, targets: Floats, zoom: Floats, tolerance: float
) -> NDArray[np.bool_]:
    scale = max(zoom_of(matrix), 1e-6)
    near: NDArray[np.bool_] = _errors(matrix, points, targets) < tolerance * np.sqrt(scale)
    sized: NDArray[np.bool_] = np.abs(zoom - np.log2(scale)) < SIZE_SLACK
    return np.logical_and(near, sized)


def _errors(matrix: Matrix, points: Floats, targets: Floats) -> Matrix:
    lengths: Matrix = np.linalg.norm(project(matrix, points) - targets, axis=1)
    return lengths


def _affinity(points: Floats, targets: Floats) -> Matrix:
    """Return the least-squares affinity, pulled towards a similarity when pairs are few."""
    centre, aim = points.mean(axis=0, dtype=np.float64), targets.mean(axis=0, dtype=np.float64)
    p, t = points - centre, targets - aim
    # The similarity of least squares, as complex numbers; its residue is fitted with a ridge.
    z, w = p[:, 0] + 1j * p[:, 1], t[:, 0] + 1j * t[:, 1]
    power = float(np.sum(np.abs(z) ** 2)) + 1e-9
    s = np.sum(np.conj(z) * w) / power
    linear = np.array([[s.real, -s.imag], [s.imag, s.real]])
    spread = p.T @ p + np.eye(2) * (power / len(p))
    linear = linear + np.linalg.solve(spread, p.T @ (t - p @ linear.T)).T
    matrix = np.eye(3)
    matrix[:2, :2] = linear
    matrix[:2, 2] = aim - linear @ centre
    return matrix


def _bent(
    matrix: Matrix,
    met: NDArray[np.bool_],
    points: Floats,
    targets: Floats,
    zoom: Floats,
    side: float,
    candidate: Keypoints,
) -> tuple[Matrix, NDArray[np.bool_]]:
    """Return a homography instead where it explains clearly more pairs."""
    if met.sum() < 3 * FEWEST:
        return matrix, met
    wide = _met(matrix, points, targets, zoom, 2 * TOLERANCES[-1] * side)
    found, _ = cv2.findHomography(points[wide], targets[wide], cv2.USAC_MAGSAC, 4.0)
    if found is None or not is_plausible(found):
        return matrix, met
    centred = found / project_depth(found, points[met])
    bent = _met(centred, points, targets, zoom, TOLERANCES[-1] * side)
    return (centred, bent) if bent.sum() > BETTER * met.sum() else (matrix, met)


def project_depth(matrix: Matrix, points: Floats) -> float:
    return float(np.mean(points @ matrix[2, :2] + matrix[2, 2]))


def _unflipped(found: Alignment, width: int) -> Alignment:
    flip = np.array([[-1.0, 0, width - 1], [0, 1, 0], [0, 0, 1]])
    ours = found.ours.copy()
    ours[:, 0] = width - 1 - ours[:, 0]
    return Alignment(
        found.matrix @ flip, found.inliers, found.matches, ours, found.theirs, found.residual
    )
