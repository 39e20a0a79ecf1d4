"""Learns from marked photos what a search is after. Pure."""

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

#: Marks below this number say too little to learn from.
FEWEST = 3
#: The penalty of a mark. Few marks in 1280 dimensions can always be told apart, and a larger
#: penalty does so by chance features (10 loses .1 to .3 of mAP to this one); a smaller one makes
#: every mark count in full, which loses where classes are small.
PENALTY = 1.0
#: The penalty of a photo of the background, as a share of that of a mark: it is unlike what is
#: looked for only most probably.
BACKGROUND_SHARE = 0.02
#: How many photos of the library stand for all others.
BACKGROUND = 200
_ROUNDS = 50
_SETTLED = 1e-4


def learn(positives: Vectors, negatives: Vectors, background: Vectors) -> Vectors:
    """Return the direction (dim,), of length 1, in which photos become what is looked for.

    A linear support vector machine with the hinge loss (Cortes and Vapnik 1995), solved by
    coordinate descent in the dual (Hsieh et al. 2008), with a penalty for each photo: one for
    marks, less for the background, and the two sides in balance.

    Args:
        positives: (p, dim) of length 1, p > 0, what is looked for.
        negatives: (n, dim) what is not.
        background: (b, dim) any photos of the library.
    """
    rows = np.concatenate([positives, negatives, background]).astype(np.float64)
    signs = np.ones(len(rows))
    signs[len(positives) :] = -1.0
    penalties = np.full(len(rows), PENALTY)
    penalties[len(positives) + len(negatives) :] *= BACKGROUND_SHARE
    against = penalties[len(positives) :].sum()
    if against > 0:
        penalties[: len(positives)] *= against / penalties[: len(positives)].sum()
    # The offset is one more dimension, in which all are 1.
    rows = np.hstack([rows, np.ones((len(rows), 1))])
    direction = _solve(rows * signs[:, None], penalties)[:-1]
    length = float(np.linalg.norm(direction))
    if length < np.finfo(np.float32).eps:
        # What is marked on both sides is the same.
        direction, length = rows[0, :-1], float(np.linalg.norm(rows[0, :-1]))
    result: Vectors = (direction / length).astype(np.float32)
    return result


def _solve(rows: NDArray[np.float64], penalties: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weights (dim,) that leave (n, dim) rows on the right side, as far as they can."""
    squares = np.einsum("ij,ij->i", rows, rows)
    shares = np.zeros(len(rows))
    weights = np.zeros(rows.shape[1])
    chance = np.random.default_rng(0)
    for _ in range(_ROUNDS):
        largest = 0.0
        for number in chance.permutation(len(rows)):
            gradient = rows[number] @ weights - 1.0
            share = min(max(shares[number] - gradient / squares[number], 0.0), penalties[number])
            step = share - shares[number]
            if step:
                shares[number] = share
                weights += step * rows[number]
                largest = max(largest, abs(step) / penalties[number])
        if largest < _SETTLED:
            break
    return weights
