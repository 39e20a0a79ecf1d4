"""Decides the order of the candidates. Pure."""

import numpy as np
import numpy.typing as npt


def rerank(ids: npt.NDArray[np.int64], scores: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Return the order of (n,) candidates as positions: by score descending, ties by id."""
    return np.lexsort((ids, -scores)).astype(np.int64)
