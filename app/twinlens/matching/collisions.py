"""Finds, among many codes of the shortlist, pairs that agree, without comparing all with all. Pure.

Locality-sensitive hashing by sampled bits (Indyk & Motwani, STOC 1998): two copies agree in the
signs of a word's strongest axes for some of the 64 words, two other pictures for none or by chance.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from twinlens.matching.shortlist import WORDS, Codes

Ids = NDArray[np.int64]
Counts = NDArray[np.int64]

#: The strongest axes of a word make its key, enough of them that few share one by chance: about
#: as many as it takes to number the photos. The first bytes of a code are theirs.
LEAST_BITS, MOST_BITS = 12, 24
#: So many words must agree before codes are compared as wholes.
COLLISIONS = 2
#: A key that more photos share tells nothing.
CROWDED = 256
#: Pairs compared at once, and rows: what stays in the cache of a processor.
_CHUNK, _ROWS = 1 << 15, 2048
#: So many new rows are compared with all others faster than keys are sorted.
FEW = 4


def colliding(codes: Codes, new: NDArray[np.bool_]) -> tuple[Ids, Ids, Counts]:
    """Return pairs of rows that agree in at least `COLLISIONS` words.

    Args:
        codes: (n, WORDS) machine words.
        new: (n,) rows of which one must stand in each pair.

    Returns: (rows, greater rows, number of words), each (pairs,).
    """
    total = len(codes)
    bits = min(max(total.bit_length(), LEAST_BITS), MOST_BITS)
    rows = np.flatnonzero(new)
    if len(rows) <= FEW:
        found = [_pairs_of(row, codes, new, bits) for row in rows.tolist()]
    else:
        found = list(_pairs_by_word(codes, new, bits))
    pairs, counts = np.unique(np.concatenate([np.empty(0, np.int64), *found]), return_counts=True)
    enough = counts >= COLLISIONS
    return pairs[enough] // total, pairs[enough] % total, counts[enough]


def _pairs_by_word(codes: Codes, new: NDArray[np.bool_], bits: int) -> Iterator[Ids]:
    """Yield the pairs that share a key, word by word, each as one number."""
    total = len(codes)
    for word in range(WORDS):
        # Packed bits start with the highest of the first byte.
        keys = (codes[:, word].byteswap() >> np.uint64(64 - bits)).astype(np.int64)
        wanted = np.zeros(1 << bits, np.bool_)
        wanted[keys[new]] = True
        # A word that a picture lacks has no bits.
        wanted[0] = False
        rows = np.flatnonzero(wanted[keys])
        order = np.argsort(keys[rows], kind="stable")
        rows = rows[order]
        for one, other in _within_runs(keys[rows]):
            pairs = np.minimum(rows[one], rows[other]) * total + np.maximum(rows[one], rows[other])
            yield pairs[new[rows[one]] | new[rows[other]]]


def _pairs_of(row: int, codes: Codes, new: NDArray[np.bool_], bits: int) -> Ids:
    """Return the same pairs of one row, found in one pass over the codes as they lie in memory."""
    mask = np.uint64(((1 << bits) - 1) << (64 - bits)).byteswap()
    shared = [
        start * WORDS + np.flatnonzero((codes[start : start + _ROWS] ^ codes[row]) & mask == 0)
        for start in range(0, len(codes), _ROWS)
    ]
    rows, words = np.divmod(np.concatenate(shared), WORDS)
    telling = (np.bincount(words, minlength=WORDS) <= CROWDED) & (codes[row] & mask != 0)
    # Of two new rows the lesser one gives the pair.
    rows = rows[telling[words] & (rows != row) & ~(new[rows] & (rows < row))]
    pairs: Ids = np.minimum(rows, row) * len(codes) + np.maximum(rows, row)
    return pairs


def _within_runs(keys: Ids) -> Iterator[tuple[Ids, Ids]]:
    """Yield (places, later places) of equal keys in a sorted array, those `gap` apart at a time."""
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.empty(0, int)
    sizes = np.diff(np.r_[starts, len(keys)])
    crowded = np.repeat(sizes > CROWDED, sizes)
    places = np.flatnonzero(~crowded)
    for gap in range(1, int(sizes[sizes <= CROWDED].max(initial=1))):
        places = places[places + gap < len(keys)]
        places = places[keys[places] == keys[places + gap]]
        if not len(places):
            return
        yield places, places + gap


def agreement(codes: Codes, rows: Ids, others: Ids) -> NDArray[np.float32]:
    """Return for pairs of rows the share of bits that agree, of the words that both have."""
    shares = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _CHUNK):
        ours, theirs = codes[rows[start : start + _CHUNK]], codes[others[start : start + _CHUNK]]
        both = (ours != 0) & (theirs != 0)
        bits = np.where(both, np.bitwise_count(~(ours ^ theirs)), 0).sum(axis=1, dtype=np.int64)
        shares[start : start + _CHUNK] = bits / np.maximum(both.sum(axis=1) * 64, 1)
    return shares
