"""How likely two photos show the same thing, given how alike a network finds them. Pure.

"The same thing" is: one is a version of the other (re-encoded, cropped, turned, toned …), or both
are shots of the same object, product or scene. Two different dogs are alike, not the same thing.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

#: The ranks whose mean score is a query's background, and the photos from which on it is trusted.
NEIGHBOURS = 100
ENOUGH = 200

#: How far answers may move the fit: standard deviations of a normal prior around it. Twenty answers
#: that agree move the point of 50 % by about as much as photo sets differ; no number of them makes
#: a higher score less likely.
_OFFSET_DEVIATION = 1.0
_SLOPE_DEVIATION = 0.2
_LEAST_SLOPE = 0.5


@dataclass(frozen=True, slots=True)
class Likelihood:
    """A logistic of a score and the background of its query.

    The background is the mean cosine of the query's neighbours at ranks 51 to 100, which differs
    from library to library and from query to query far more than what sets the same thing apart.
    What counts is how much of the way from there to 1 a score has come (a normalisation by a
    background set as in copy detection, Douze et al. 2021; logistic as by Platt 1999).

    `typical` is the background of a usual photo among many, for libraries too small to have one,
    and `largest` bounds it, for queries with so many relatives that these fill the background.
    """

    offset: float
    slope: float
    typical: float
    largest: float

    def background(self, scores: Floats) -> float:
        """Return the background of a query.

        Args:
            scores: (n,) cosines of its `NEIGHBOURS` nearest photos, or of all where there are
                fewer, in any order.
        """
        count = len(scores)
        if count == 0:
            return self.typical
        far = float(np.sort(scores)[: max(1, count // 2)].mean())
        trust = min(1.0, count / ENOUGH) if count < NEIGHBOURS else 1.0
        return min(trust * far + (1 - trust) * self.typical, self.largest)

    def probability(self, scores: Floats, background: float) -> Floats:
        """Return the probabilities, in 0..1, of (n,) cosines of one query."""
        odds = self.offset + self.slope * way(scores, background)
        result: Floats = (1 / (1 + np.exp(-odds))).astype(np.float32)
        return result

    def score(self, probability: float, background: float) -> float:
        """Return the cosine that has this probability, which lies inside 0..1."""
        odds = float(np.log(probability / (1 - probability)))
        return background + (1 - background) * (odds - self.offset) / self.slope

    def refined(self, ways: NDArray[np.float64], same: NDArray[np.bool_]) -> "Likelihood":
        """Return the likelihood after somebody has judged pairs of photos.

        Args:
            ways: (n,) what `way` gives for the pairs.
            same: (n,) whether they show the same thing.

        The maximum a posteriori fit, by Newton's method.
        """
        if len(ways) == 0:
            return self
        start = np.array([self.offset, self.slope])
        spread = np.array([_OFFSET_DEVIATION, _SLOPE_DEVIATION * self.slope])
        found = start.copy()
        design = np.column_stack([np.ones(len(ways)), ways])
        for _ in range(50):
            said = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
            gradient = design.T @ (same - said) - (found - start) / spread**2
            curvature = (design * (said * (1 - said))[:, None]).T @ design
            step = np.linalg.solve(curvature + np.diag(spread**-2.0), gradient)
            found += step
            if np.abs(step).max() < 1e-9:
                break
        slope = max(float(found[1]), _LEAST_SLOPE * self.slope)
        return replace(self, offset=float(found[0]), slope=slope)


def way(scores: NDArray[np.floating], background: float) -> NDArray[np.float64]:
    """Return how much of the way from the background to 1 scores have come; below it negative."""
    result: NDArray[np.float64] = (np.asarray(scores, np.float64) - background) / (1 - background)
    return result
