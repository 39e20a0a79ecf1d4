"""The rows that are compared one by one; its owner guards it with a lock."""

import numpy as np

from twinlens.index.exact import Ids, Vectors

GONE = -1


class Tail:
    """Labels beside a float32 matrix that grows by doubling and drops rows lazily.

    What `view` hands out stays valid while rows are added and dropped, because a row is never
    written twice and compaction moves to new arrays.

    Args:
        dim: length of the vectors.
    """

    def __init__(self, dim: int) -> None:
        self._dim = dim
        self._row_of: dict[int, int] = {}
        self._start = 0
        self._end = 0
        self._labels: Ids = np.empty(0, dtype=np.int64)
        self._matrix: Vectors = np.empty((0, dim), dtype=np.float32)

    def __len__(self) -> int:
        return len(self._row_of)

    def __contains__(self, label: int) -> bool:
        return label in self._row_of

    def view(self) -> tuple[Ids, Vectors]:
        """Return labels (m,), `GONE` where a row was dropped, and the (m, dim) matrix."""
        span = slice(self._start, self._end)
        return self._labels[span].copy(), self._matrix[span]

    def labels(self) -> Ids:
        """Return the labels, (n,) int64 in no order."""
        return np.fromiter(self._row_of, dtype=np.int64, count=len(self._row_of))

    def row(self, label: int) -> Vectors:
        """Return one (dim,) vector."""
        row: Vectors = self._matrix[self._row_of[label]]
        return row

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Append rows whose labels are not in the tail."""
        end = self._end + len(ids)
        if end > len(self._labels):
            self._move(max(64, 2 * (len(self) + len(ids))))
            end = self._end + len(ids)
        self._labels[self._end : end] = ids
        self._matrix[self._end : end] = vectors
        self._row_of.update(zip(ids.tolist(), range(self._end, end), strict=True))
        self._end = end

    def drop(self, ids: Ids) -> None:
        """Forget rows; unknown labels are ignored."""
        for label in ids.tolist():
            row = self._row_of.pop(label, None)
            if row is not None:
                self._labels[row] = GONE
        while self._start < self._end and self._labels[self._start] == GONE:
            self._start += 1
        if self._end - self._start > 2 * len(self) + 64:
            self._move(max(64, 2 * len(self)))

    def sample(self, limit: int, random: np.random.Generator) -> tuple[Ids, Vectors]:
        """Return copies of up to `limit` rows, chosen at random."""
        rows = np.flatnonzero(self._labels[self._start : self._end] != GONE) + self._start
        if limit < len(rows):
            rows = rows[random.choice(len(rows), limit, replace=False)]
        return self._labels[rows], self._matrix[rows]

    def _move(self, capacity: int) -> None:
        kept = np.flatnonzero(self._labels[self._start : self._end] != GONE) + self._start
        kept_labels, kept_vectors = self._labels[kept], self._matrix[kept]
        count = len(kept_labels)
        self._labels = np.empty(capacity, dtype=np.int64)
        self._matrix = np.empty((capacity, self._dim), dtype=np.float32)
        self._labels[:count] = kept_labels
        self._matrix[:count] = kept_vectors
        self._row_of = dict(zip(kept_labels.tolist(), range(count), strict=True))
        self._start, self._end = 0, count
