"""Picks from a whole library the photos worth verifying, by a code of their keypoints. Pure.

A code is the signs of a VLAD (Jégou et al., CVPR 2010) over 64 visual words: for each word, the sum
of what descriptors assigned to it differ from it by, along the 64 directions in which they differ
most. Codes are compared by counting bits; words of which the query has none say nothing.
"""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twinlens.imaging.keypoints import Floats, Keypoints, mirrored

Codes = NDArray[np.uint64]
Counts = NDArray[np.int32]

WORDS = 64
AXES = 64
#: Bytes of a code.
CODE_BYTES = WORDS * AXES // 8
#: Codes compared at once: what stays in the cache of a processor.
_CHUNK = 2048


def encode(keypoints: Keypoints) -> bytes:
    """Return the code of a picture, `CODE_BYTES` long; empty for one without keypoints."""
    if len(keypoints) == 0:
        return b""
    return np.packbits(_vlad(keypoints) > 0, axis=None).tobytes()


def stack(bodies: list[bytes]) -> Codes:
    """Return (n, CODE_BYTES / 8) codes as machine words, for `nearness`."""
    return np.frombuffer(b"".join(bodies), np.uint64).reshape(-1, CODE_BYTES // 8)


def nearness(query: Keypoints, codes: Codes) -> Counts:
    """Return how many bits of each code agree with the query, or with its mirror image."""
    views = [_view(query), _view(mirrored(query))]
    result = np.empty(len(codes), np.int32)
    for start in range(0, len(codes), _CHUNK):
        part = codes[start : start + _CHUNK]
        agree = [_agreeing(part, *view) for view in views]
        result[start : start + _CHUNK] = np.maximum(*agree)
    return result


def agreement_with(query: Keypoints, codes: Codes) -> Floats:
    """Return the share of bits of each code that agree, as `nearness`; about .5 by chance."""
    _, known = _view(query)
    bits = nearness(query, codes).astype(np.float32)
    return bits / np.float32(max(AXES * known.sum(), 1))


def _view(query: Keypoints) -> tuple[Codes, Floats]:
    """Return the query's bits, a machine word for each visual word, and 1 for those it has."""
    sums = _vlad(query)
    bits = np.packbits(sums > 0, axis=None).view(np.uint64)
    return bits, (np.abs(sums).sum(axis=1) > 0).astype(np.float32)


def _agreeing(codes: Codes, bits: Codes, known: Floats) -> Counts:
    # A product of matrices adds up seven times as fast as a sum along the short side; the numbers
    # are small enough to be exact.
    differing = np.bitwise_count(codes ^ bits).astype(np.float32) @ known
    agreeing: Counts = (AXES * known.sum() - differing).astype(np.int32)
    return agreeing


def _vlad(keypoints: Keypoints) -> Floats:
    """Return (WORDS, AXES) sums of residuals; rows of words without descriptors are zero."""
    words, axes = vocabulary()
    found = keypoints.descriptors
    sums = np.zeros((WORDS, words.shape[1]), np.float32)
    nearest = (found @ words.T - 0.5 * np.square(words).sum(axis=1)).argmax(axis=1)
    np.add.at(sums, nearest, found - words[nearest])
    return sums @ axes.T


@cache
def vocabulary() -> tuple[Floats, Floats]:
    """Return words and axes, (64, 128) each, learnt by k-means and principal components.

    From 60,000 RootSIFT descriptors of 422 photos: the validation part of the clothing data set
    (alexeygrigorev/clothing-dataset-small, CC0) and the product pictures of the grocery data set
    (marcusklasson/GroceryStoreDataset, MIT).
    """
    both = np.load(Path(__file__).with_name("visual_words.npy")).astype(np.float32)
    return both[:WORDS], both[WORDS:]
