"""Tells a copy that was only saved again from one whose colours or sharpness were changed. Pure."""

import cv2
import numpy as np

from twinlens.imaging.keypoints import BANDS, Floats, Keypoints
from twinlens.matching.pixels import Agreement

#: Levels by which a re-encoded picture may differ: nearly everywhere, and at most anywhere.
TONE = 24.0
#: A change of colours is systematic when a linear function of them explains it to this share.
EXPLAINED = 0.5
SMALL_TONE = 2.0
#: Ratios of the finest detail beyond which a picture was blurred, sharpened or made noisy.
FINE_RMS, FINE_MEAN = 1.4, 1.9


def same_colours(laid: Agreement) -> bool:
    """Whether colours differ only as compression makes them differ: here and there, not by rule."""
    ours = cv2.GaussianBlur(laid.ours, (0, 0), 2.0)[laid.mask]
    theirs = cv2.GaussianBlur(laid.theirs, (0, 0), 2.0)[laid.mask]
    difference = ours - theirs
    if float(np.quantile(np.abs(difference).max(axis=1), 0.99)) > TONE:
        return False
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
