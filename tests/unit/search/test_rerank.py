"""The plain order: by score, ties by photo."""

import numpy as np

from twinlens.search.rerank import rerank


def test_order_is_by_score_then_id() -> None:
    ids = np.array([7, 3, 9, 1], dtype=np.int64)
    scores = np.array([0.5, 0.5, 0.9, -0.2], dtype=np.float32)
    assert ids[rerank(ids, scores)].tolist() == [9, 3, 7, 1]
