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


def compare_colours(laid: Agreement) -> tuple[bool, float]:
    """Return whether colours differ only as compression makes them differ, and by how much at most.

    Compression differs here and there, not by rule. The difference, in levels, leaves out the last
    hundredth.
    """
    ours, theirs = _smooth(laid.ours), _smooth(laid.theirs)
    # Along so short an axis one maximum after the other is far quicker than `max`.
    red, green, blue = np.abs(ours - theirs).transpose(2, 0, 1)
    most = np.maximum(np.maximum(red, green), blue)[laid.mask]
    apart = float(np.quantile(most, 0.99))
    return apart <= TONE and not _changed(ours[laid.mask], theirs[laid.mask]), apart


def _smooth(pixels: Floats) -> Floats:
    return cv2.GaussianBlur(pixels, (0, 0), 2.0)


def _changed(ours: Floats, theirs: Floats) -> bool:
    """Whether a rule turns the colours of one, (n, 3), into those of the other."""
    before = float(np.sqrt(np.mean((ours - theirs) ** 2)))
    if before < SMALL_TONE:
        return False
    ones = np.ones((len(ours), 1), np.float32)
    unexplained = min(_unexplained(ours, theirs, ones), _unexplained(theirs, ours, ones))
    return unexplained <= EXPLAINED * before


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
