"""Lays one small picture on another and says where they agree. Pure; any thread.

Agreement is normalised correlation in a small window around each place (Lewis, 1995): blind to
tone and contrast, so that edits pass, and strict about shapes, so that another shot does not.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from twinlens.imaging.keypoints import Floats, Keypoints, Pixels
from twinlens.matching.verify import Matrix, project, zoom_of

#: Width of the window, in pixels of the thumbnail (standard deviation of a Gaussian).
WINDOW = 3.0
#: Both pictures are smoothed this much first: noise and blocks are no shapes.
SMOOTHING = 1.0
#: Below this deviation, in levels, a place has no shape to compare.
FLAT = 2.0
#: Correlation from which a place agrees, and from which it does so closely.
AGREES, CLOSELY = 0.7, 0.85
#: Fewer pixels in common say nothing.
SMALLEST = 400
#: Side to which pictures are squeezed to be compared as wholes.
TINY = 24
_STEPS = 30


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two aligned pictures compare.

    `shaped` is the share of the common area where both have shapes, `share` how much of these
    shapes agrees, strong ones counting more, and `close` how much agrees closely. `strict` is
    `share` where either has shapes, so that what only one of them shows counts against it.
    `overlap` is the common area as a share of the query's and of the candidate's picture. `ours`
    and `theirs` are the aligned pictures, (h, w, 3) float32, and `mask` is what they have in
    common.
    """

    shaped: float
    share: float
    close: float
    strict: float
    overlap: tuple[float, float]
    ours: Floats
    theirs: Floats
    mask: NDArray[np.bool_]


def agreement(query: Keypoints, candidate: Keypoints, matrix: Matrix) -> Agreement | None:
    """Compare two pictures under a transform of working pixels; None when too little is common."""
    between = _scaling(candidate) @ matrix @ np.linalg.inv(_scaling(query))
    laid = overlay(query.thumbnail, candidate.thumbnail, between)
    if laid is None:
        return None
    ours, theirs, mask, overlap = laid
    local, weak, strong = _correlation(_grey(ours), _grey(theirs), mask)
    agrees = local > AGREES
    weak, strong = weak * (mask & (weak > FLAT)), strong * (mask & (strong > FLAT))
    return Agreement(
        float(np.count_nonzero(weak)) / float(mask.sum()),
        _share(agrees, weak),
        _share(local > CLOSELY, weak),
        _share(agrees, strong),
        overlap,
        ours,
        theirs,
        mask,
    )


def share_within(query: Keypoints, candidate: Keypoints, matrix: Matrix, outline: Floats) -> float:
    """Return how much agrees, as `Agreement.strict`, inside a convex outline of the candidate.

    Args:
        matrix: (3, 3), from the query's working pixels to the candidate's.
        outline: (n, 1, 2) float32, in the candidate's working pixels.
    """
    inside = np.zeros(candidate.thumbnail.shape[:2], np.uint8)
    points = project(_scaling(candidate), outline.reshape(-1, 2))
    cv2.fillConvexPoly(inside, np.round(points).astype(np.int32), 1)
    # The outline is carried along as a colour of its own, whichever picture is moved.
    laid = overlay(
        np.dstack([query.thumbnail, np.zeros(query.thumbnail.shape[:2], np.uint8)]),
        np.dstack([candidate.thumbnail, inside]),
        _scaling(candidate) @ matrix @ np.linalg.inv(_scaling(query)),
    )
    if laid is None:
        return 0.0
    ours, theirs, common, _ = laid
    local, _, strong = _correlation(_grey(ours[..., :3]), _grey(theirs[..., :3]), common)
    counts = common & (theirs[..., 3] > 0.5) & (strong > FLAT)
    return _share(local > AGREES, strong * counts)


def refine(query: Keypoints, candidate: Keypoints, matrix: Matrix) -> Matrix:
    """Return the transform corrected by the pixels (Evangelidis & Psarakis, TPAMI 2008).

    What cannot be corrected comes back as it was.
    """
    scale_q, scale_c = _scaling(query), _scaling(candidate)
    between = scale_c @ matrix @ np.linalg.inv(scale_q)
    ours = _grey(query.thumbnail.astype(np.float32))
    theirs = _grey(candidate.thumbnail.astype(np.float32))
    start = (between / between[2, 2])[:2].astype(np.float32)
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, _STEPS, 1e-4)
    try:
        _, found = cv2.findTransformECC(ours, theirs, start, cv2.MOTION_AFFINE, criteria, None, 5)
    except cv2.error:  # it did not converge
        return matrix
    affine = np.vstack([found, [0, 0, 1]]).astype(np.float64)
    corrected: Matrix = np.linalg.inv(scale_c) @ affine @ scale_q
    return corrected


def overlay(
    ours: Pixels, theirs: Pixels, between: Matrix
) -> tuple[Floats, Floats, NDArray[np.bool_], tuple[float, float]] | None:
    """Return both pictures in the coarser one's pixels, with what they have in common."""
    zoom = zoom_of(between / between[2, 2])
    if zoom <= 1:
        return _placed(ours, theirs, between, zoom)
    # In perspective both directions may seem to enlarge, so the other zoom follows from this one.
    laid = _placed(theirs, ours, np.linalg.inv(between).astype(np.float64), 1 / zoom)
    return laid and (laid[1], laid[0], laid[2], (laid[3][1], laid[3][0]))


def _placed(
    ours: Pixels, theirs: Pixels, between: Matrix, zoom: float
) -> tuple[Floats, Floats, NDArray[np.bool_], tuple[float, float]] | None:
    """Return the first picture in the pixels of the second, where it is `zoom` times as large."""
    height, width = theirs.shape[:2]
    outline = project(between, corners(ours.shape[1], ours.shape[0]) - 0.5) + 0.5
    low = np.clip(np.floor(outline.min(axis=0)), 0, [width, height]).astype(int)
    high = np.clip(np.ceil(outline.max(axis=0)), 0, [width, height]).astype(int)
    size = high - low
    if size.min() < 4:
        return None
    shift = np.array([[1.0, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]])
    fine = ours.astype(np.float32)
    if zoom < 0.9:
        fine = cv2.GaussianBlur(fine, (0, 0), 0.5 * np.sqrt(1 / zoom**2 - 1))
    placed = (int(size[0]), int(size[1]))
    moved = cv2.warpPerspective(
        fine, shift @ between, placed, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    inside = cv2.warpPerspective(
        np.ones(ours.shape[:2], np.uint8), shift @ between, placed, flags=cv2.INTER_NEAREST
    )
    mask = cv2.erode(inside, np.ones((3, 3), np.uint8), borderValue=1).astype(bool)
    common = float(mask.sum())
    if common < SMALLEST * min(1.0, width * height / 4000):
        return None
    part = theirs[low[1] : high[1], low[0] : high[0]].astype(np.float32)
    share = float(inside.sum())
    return (
        moved,
        part,
        mask,
        (min(1.0, share / (zoom**2 * ours.shape[0] * ours.shape[1])), share / (width * height)),
    )


def tiny(grey: Pixels) -> Floats | None:
    """Return a (TINY, TINY) grey picture as a whole, of mean 0 and length 1; None if it is flat."""
    small = cv2.resize(grey, (TINY, TINY), interpolation=cv2.INTER_AREA).astype(np.float32)
    small -= small.mean()
    length = float(np.linalg.norm(small))
    return None if length < TINY else small / length


def corners(width: float, height: float) -> Matrix:
    """Return the corners of a picture, (4, 2), clockwise from the top left."""
    return np.array([[0.0, 0], [width, 0], [width, height], [0, height]])


def _scaling(picture: Keypoints) -> Matrix:
    """Return what takes working pixels to those of the thumbnail; both count from pixel centres."""
    height, width = picture.thumbnail.shape[:2]
    across, down = width / picture.width, height / picture.height
    scaling = [[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2], [0, 0, 1]]
    return np.array(scaling, np.float64)


def _grey(pixels: Floats) -> Floats:
    grey: Floats = pixels @ np.array([0.299, 0.587, 0.114], np.float32)
    return grey


def _correlation(
    ours: Floats, theirs: Floats, mask: NDArray[np.bool_]
) -> tuple[Floats, Floats, Floats]:
    """Return (correlation, weaker deviation, stronger deviation) of each pixel's surroundings."""
    inside = mask.astype(np.float32)
    weight: Floats = np.maximum(_mean(inside), np.float32(1e-3))

    def mean(values: Floats) -> Floats:
        return (_mean(values * inside) / weight).astype(np.float32)

    a, b = _shapes(ours), _shapes(theirs)
    mean_a, mean_b = mean(a), mean(b)
    spread_a = np.maximum(mean(a * a) - mean_a**2, 0)
    spread_b = np.maximum(mean(b * b) - mean_b**2, 0)
    product: Floats = mean(a * b) - mean_a * mean_b
    correlation: Floats = product / np.sqrt(np.maximum(spread_a * spread_b, 1e-3))
    weaker: Floats = np.sqrt(np.sqrt(spread_a * spread_b))
    stronger: Floats = np.sqrt(np.maximum(spread_a, spread_b))
    return correlation, weaker, stronger


def _shapes(grey: Floats) -> Floats:
    """Return the picture without noise and without gradients, which look alike everywhere."""
    shapes: Floats = cv2.GaussianBlur(grey, (0, 0), SMOOTHING) - cv2.GaussianBlur(
        grey, (0, 0), 2 * WINDOW
    )
    return shapes


def _share(agrees: NDArray[np.bool_], weights: Floats) -> float:
    total = float(weights.sum())
    return float(weights[agrees].sum()) / total if total > 0 else 0.0


def _mean(values: Floats) -> Floats:
    return cv2.GaussianBlur(values, (0, 0), WINDOW)
