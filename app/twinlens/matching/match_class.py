"""Judges how one picture relates to another: a copy, an edit, another shot, or nothing. Pure.

Keypoints propose how one lies on the other; pixels, laid on each other that way, decide. A copy
agrees everywhere and to a fraction of a pixel. Another shot of the same things never does: things
at different distances move differently, and what moves is elsewhere.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from twinlens.imaging.keypoints import Floats, Keypoints
from twinlens.matching.alterations import SAME_TONE, compare_colours, same_detail
from twinlens.matching.pixels import Agreement, agreement, corners, refine, share_within, tiny
from twinlens.matching.verify import Alignment, Matrix, align, is_plausible, project
from twinlens.records import MatchClass, Outline

Counts = NDArray[np.int64]

#: A copy lies this exactly (median distance of keypoints as a share of the long side). The share
#: of shapes that must agree rises from `LEAST_SHARE` at 0, where something was put over the rest,
#: to `MOST_SHARE` at `PRECISE`: what another layout of the same things leaves is less exact.
EXACT, PRECISE = 0.0015, 0.0007
LEAST_SHARE, MOST_SHARE = 0.6, 0.9
#: A flat thing seen from elsewhere lies nearly as exactly, but one side of the frame is enlarged
#: this much more than another, which no usual edit does: such must lie even more exactly.
TILTED = 1.1
#: Heavily compressed and blurred copies lie less exactly. They count when they take the whole
#: frame, corners within this share of the sides, and nearly every shape agrees.
WHOLE_FRAME = 0.012
WHOLE_SHARE = 0.88
LOOSE = 0.005
#: Where both are full of keypoints, a copy has inliers in most places, or pixels agree closely.
SUPPORTED, CLOSE_SHARE = 0.5, 0.9
#: Cells across the common area that count as places, keypoints of each picture that fill one, and
#: how many places it takes to say that keypoints would have told.
CELLS, CROWD, TELLING = 6, 4, 6
#: Of shapes that either picture has; frames and lettering shared by different pictures fall short.
STRICT_SHARE = 0.5
#: Fewer keypoints prove no crop.
COPY_INLIERS = 8
#: Less of the common area with shapes proves nothing by pixels alone.
SHAPED = 0.1
#: Inliers must surround this share of the common area: a logo is not the picture.
SPAN = 0.1
#: Chance agrees with fewer inliers than `SCENE_BASE + SCENE_RATE * matches` (Brown & Lowe, 2007).
SCENE_BASE, SCENE_RATE = 5.9, 0.22
SCENE_INLIERS = 12
#: Laid on each other as wholes, small pictures must correlate this much to be looked at.
WORTH_REFINING = 0.85
_NOWHERE: Floats = np.empty((0, 2), np.float32)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found; `match` is None where nothing is proven.

    `ours` and `theirs` outline what both pictures show, in the query and in the candidate.
    `strength` orders verdicts of one class: the share of shapes that agrees, for another shot only
    of those that inliers surround. `exact` says that even the pixels may be the same. Where the
    candidate was held against several pictures, `example` says which one, counted from 0, this is
    about.
    """

    match: MatchClass | None
    inliers: int = 0
    strength: float = 0.0
    ours: Outline | None = None
    theirs: Outline | None = None
    exact: bool = False
    example: int = 0


def judge(query: Keypoints, candidate: Keypoints) -> Verdict:
    """Compare two pictures by keypoints and pixels; the same pair always gets the same verdict."""
    if _same(query, candidate):
        outlines = _outlines(query, candidate, np.eye(3))
        return Verdict(MatchClass.RE_ENCODED, len(query), 1.0, *outlines, exact=True)
    found = align(query, candidate)
    if found is not None:
        laid = agreement(query, candidate, found.matrix) if _may_be_copy(found) else None
        if laid is not None and _is_copy(query, candidate, found, laid):
            return _copy(query, candidate, found.matrix, laid, found.inliers)
    whole = _as_wholes(query, candidate, found)
    if whole is not None:
        return _copy(query, candidate, *whole, found.inliers if found is not None else 0)
    return Verdict(None) if found is None else _scene(query, candidate, found)


def _same(query: Keypoints, candidate: Keypoints) -> bool:
    """Whether nothing differs of what is known, as where only what a file notes was changed."""
    names = ("width", "height", "descriptors", "positions", "thumbnail")
    return len(query) >= COPY_INLIERS and all(
        np.array_equal(getattr(query, name), getattr(candidate, name)) for name in names
    )


def _may_be_copy(found: Alignment) -> bool:
    """Whether pixels are worth asking."""
    return found.inliers >= COPY_INLIERS and _error(found) < LOOSE


def _is_copy(query: Keypoints, candidate: Keypoints, found: Alignment, laid: Agreement) -> bool:
    """Whether keypoints and pixels together prove that one picture was made from the other."""
    if laid.strict < STRICT_SHARE:
        return False
    if _error(found) < (EXACT if _tilt(query, found) < TILTED else PRECISE):
        inexact = min(_error(found) / PRECISE, 1.0)
        asked = LEAST_SHARE + (MOST_SHARE - LEAST_SHARE) * inexact
        if laid.share < asked or span(query, candidate, found) < SPAN:
            return False
        places, met = support(query, candidate, found.matrix, found.theirs)
        return laid.close >= CLOSE_SHARE or places < TELLING or met >= SUPPORTED * places
    return bool(
        laid.share >= WHOLE_SHARE
        and found.inliers >= _by_chance(found)
        and _off_frame(query, candidate, found.matrix)[0] < WHOLE_FRAME
    )


def _error(found: Alignment) -> float:
    """Return how exactly the inliers lie, as a share of the long side.

    Six numbers were fitted to them: with few of them, small distances mean little.
    """
    freedom = 2 * found.inliers
    return found.residual * float(np.sqrt(freedom / max(freedom - 6, 1)))


def _tilt(query: Keypoints, found: Alignment) -> float:
    """Return how many times larger the query is laid on one corner than on another."""
    depth = _frame(query) @ found.matrix[2, :2] + found.matrix[2, 2]
    least = float(depth.min())
    return float(depth.max()) / least if least > 0 else np.inf


def _by_chance(found: Alignment) -> float:
    return SCENE_BASE + SCENE_RATE * found.matches


def support(
    query: Keypoints, candidate: Keypoints, matrix: Matrix, inliers: Floats
) -> tuple[int, int]:
    """Return in how many places both pictures are full of keypoints, and how many hold inliers.

    `inliers` (n, 2) lie in the candidate.
    """
    region = _common(candidate, project(matrix, _frame(query)))
    if region is None:
        return 0, 0
    cell = np.sqrt(float(cv2.contourArea(region))) / CELLS
    low = region.reshape(-1, 2).min(axis=0)

    def count(points: Floats) -> Counts:
        inside = ((points + 0.5 >= 0) & (points < [candidate.width, candidate.height])).all(axis=1)
        places = np.clip((points[inside] - low) // cell, 0, 63).astype(np.int64)
        return np.bincount(places @ np.array([1, 64]), minlength=64 * 64)

    ours = count(project(matrix, query.positions).astype(np.float32))
    full = (ours >= CROWD) & (count(candidate.positions) >= CROWD)
    return int(full.sum()), int((full & (count(inliers) > 0)).sum())


def _as_wholes(
    query: Keypoints, candidate: Keypoints, found: Alignment | None
) -> tuple[Matrix, Agreement] | None:
    """Lay pictures on each other as wholes, turned and mirrored, when keypoints cannot tell."""
    if found is not None and _error(found) < EXACT and found.inliers >= SCENE_INLIERS:
        return None
    starts = _whole_frames(query, candidate)
    if found is not None and _off_frame(query, candidate, found.matrix)[0] < 5 * WHOLE_FRAME:
        starts.insert(0, found.matrix)
    for start in starts[:2]:
        matrix = refine(query, candidate, start)
        if not is_plausible(matrix) or _off_frame(query, candidate, matrix)[0] > WHOLE_FRAME:
            continue
        laid = agreement(query, candidate, matrix)
        if (
            laid is not None
            and laid.shaped >= SHAPED
            and min(laid.share, laid.strict) >= WHOLE_SHARE
            and support(query, candidate, matrix, _NOWHERE)[0] < TELLING
        ):
            return matrix, laid
    return None


def _whole_frames(query: Keypoints, candidate: Keypoints) -> list[Matrix]:
    """Return those of the eight ways to lay frame on frame that look right, best first."""
    ours, theirs = _tiny(query), _tiny(candidate)
    if ours is None or theirs is None:
        return []
    found = []
    frame, target = _frame(query), _frame(candidate)
    for flipped in (False, True):
        for turns in range(4):
            view = np.rot90(ours[:, ::-1] if flipped else ours, turns)
            likeness = float(np.vdot(view, theirs))
            if likeness > WORTH_REFINING:
                found.append((likeness, _onto(frame, target, turns, flipped)))
    return [matrix for _, matrix in sorted(found, key=lambda pair: -pair[0])]


def _onto(frame: Matrix, target: Matrix, turns: int, flipped: bool) -> Matrix:
    """Return the affinity from one frame onto another after a flip and counter-clockwise turns."""
    order = [1, 0, 3, 2] if flipped else [0, 1, 2, 3]
    aims = np.roll(target, -turns, axis=0)[order]
    matrix = np.eye(3)
    origin = frame[0]
    matrix[:2, 0] = (aims[1] - aims[0]) / (frame[1] - frame[0])[0]
    matrix[:2, 1] = (aims[3] - aims[0]) / (frame[3] - frame[0])[1]
    matrix[:2, 2] = aims[0] - matrix[:2, :2] @ origin
    return matrix


def _tiny(picture: Keypoints) -> Floats | None:
    return tiny(cv2.cvtColor(picture.thumbnail, cv2.COLOR_RGB2GRAY))


def _frame(picture: Keypoints) -> Matrix:
    """Return the corners of the working picture; pixel centres are whole numbers."""
    return corners(picture.width, picture.height) - 0.5


def _off_frame(query: Keypoints, candidate: Keypoints, matrix: Matrix) -> tuple[float, bool]:
    """Return how far the query's frame lies from the candidate's, and whether it is upright.

    The distance is that of the farthest corner, as a share of the sides, for the nearest of the
    eight ways to turn and mirror a frame.
    """
    size = np.array([candidate.width, candidate.height])
    moved = (project(matrix, _frame(query)) + 0.5) / size
    unit = corners(1, 1)
    best = (float(np.abs(moved - unit).max()), True)
    for order in (unit, unit[[1, 0, 3, 2]]):
        for turns in range(4):
            off = float(np.abs(moved - np.roll(order, turns, axis=0)).max())
            if off < best[0]:
                best = (off, False)
    return best


def _copy(
    query: Keypoints, candidate: Keypoints, matrix: Matrix, laid: Agreement, inliers: int
) -> Verdict:
    off, upright = _off_frame(query, candidate, matrix)
    same = upright and off < WHOLE_FRAME and same_detail(query, candidate)
    apart = 0.0
    if same:
        same, apart = compare_colours(laid)
    match = MatchClass.RE_ENCODED if same else MatchClass.EDITED
    exact = same and apart < SAME_TONE
    return Verdict(match, inliers, laid.strict, *_outlines(query, candidate, matrix), exact)


def _scene(query: Keypoints, candidate: Keypoints, found: Alignment) -> Verdict:
    area = span(query, candidate, found)
    enough = max(SCENE_INLIERS, _by_chance(found))
    if found.inliers < enough or area < SPAN:
        return Verdict(None, found.inliers)
    outlines = _outlines(query, candidate, found.matrix)
    hull = cv2.convexHull(found.theirs.astype(np.float32))
    agreeing = share_within(query, candidate, found.matrix, hull.astype(np.float32))
    return Verdict(MatchClass.SAME_SCENE, found.inliers, agreeing, *outlines)


def span(query: Keypoints, candidate: Keypoints, found: Alignment) -> float:
    """Return the share of what both frames could show that the inliers surround."""
    region = _common(candidate, project(found.matrix, _frame(query)))
    if region is None:
        return 0.0
    hull = cv2.convexHull(found.theirs.astype(np.float32))
    return float(cv2.contourArea(hull)) / max(float(cv2.contourArea(region)), 1.0)


def _common(candidate: Keypoints, outline: Matrix) -> Floats | None:
    """Return the part of an outline inside the candidate's frame, (n, 1, 2)."""
    target = _frame(candidate).astype(np.float32)
    area, region = cv2.intersectConvexConvex(outline.astype(np.float32), target)
    return region if area > 0 and region is not None else None


def _outlines(
    query: Keypoints, candidate: Keypoints, matrix: Matrix
) -> tuple[Outline | None, Outline | None]:
    """Return what both show, in fractions of the query and of the candidate."""
    region = _common(candidate, project(matrix, _frame(query)))
    if region is None:
        return None, None
    theirs = region.reshape(-1, 2).astype(np.float64)
    ours = project(np.linalg.inv(matrix).astype(np.float64), theirs)
    return _outline(ours, query), _outline(theirs, candidate)


def _outline(points: Matrix, picture: Keypoints) -> Outline:
    shares = np.clip((points + 0.5) / [picture.width, picture.height], 0, 1)
    return Outline(tuple((float(x), float(y)) for x, y in shares))
