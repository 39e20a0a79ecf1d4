"""Tells a copy that was only saved again from one whose colours or sharpness were changed. Pure."""

import cv2
import numpy as np

from twinlens.imaging.keypoints import BANDS, Floats, Keypoints
from twinlens.matching.pixels import Agreement

#: Levels by which a re-encoded picture may differ: nearly everywhere, and at most anywhere.
TONE = 24.0
#: Levels within which the very same pixels stay when they are made small in different ways.
SAME_TONE = 4.0
#: A change of colours is systematic when a linear function of them explains it to this share.
EXPLAINED = 0.5
SMALL_TONE = 2.0
#: Ratios of the finest detail beyond which a picture was blurred, sharpened or made noisy.
FINE_RMS, FINE_MEAN = 1.4, 1.9


def colours_apart(laid: Agreement) -> float:
    """Return the most by which colours differ, in levels, but for the last hundredth."""
    difference = _smooth(laid.ours) - _smooth(laid.theirs)
    return float(np.quantile(np.abs(difference).max(axis=2)[laid.mask], 0.99))


def _smooth(pixels: Floats) -> Floats:
    return cv2.GaussianBlur(pixels, (0, 0), 2.0)


def same_colours(laid: Agreement) -> bool:
    """Whether colours differ only as compression makes them differ: here and there, not by rule."""
    if colours_apart(laid) > TONE:
        return False
    ours, theirs = _smooth(laid.ours)[laid.mask], _smooth(laid.theirs)[laid.mask]
    difference = ours - theirs
    before = float(np.sqrt(np.mean(difference**2)))
    if before < SMALL_TONE:
        return True
    ones = np.ones((len(ours), 1), np.float32)
    return min(_unexplained(ours, theirs, ones), _unexplained(theirs, ours, ones)) > (
        EXPLAINED * before
    )


def _unexplained(ours: Floats, theirs: Floats, ones: Floats) -> float:
    """Return the root mean square that a linear function of the colours leaves."""
    given = np.hstack([ours, ones]).astype(np.float64)
    gram = given.T @ given
    # A grey picture's channels are the same three times.
    gram += np.eye(4) * (1e-6 * np.trace(gram))
    rest = given @ np.linalg.solve(gram, given.T @ theirs) - theirs
    return float(np.sqrt(np.mean(rest**2)))


def same_detail(query: Keypoints, candidate: Keypoints) -> bool:
    """Whether both have about as much of the finest detail that both could have."""
    octaves = np.log2(max(candidate.width, candidate.height) / max(query.width, query.height))
    ours, theirs = (query, candidate) if octaves >= 0 else (candidate, query)
    at = abs(float(octaves))
    if at > BANDS - 1:
        return True
    bands = np.arange(BANDS)
    finest = np.log(np.maximum(ours.detail[:, 0], 1e-3))
    logs = np.log(np.maximum(theirs.detail, 1e-3))
    rms, mean = (abs(float(finest[n] - np.interp(at, bands, logs[n]))) for n in (0, 1))
    return bool(rms < np.log(FINE_RMS) and mean < np.log(FINE_MEAN))
