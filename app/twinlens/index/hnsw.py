"""The HNSW graph of hnswlib behind one read-write lock; safe from any thread.

hnswlib crashes when it is resized beside a query and may raise when it is added to beside one, so
nothing reaches it outside the lock.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import hnswlib
import numpy as np

from twinlens.index.exact import Ids, Vectors, best_of
from twinlens.index.lock import ReadWriteLock

SPACE = "ip"
M = 16
EF_CONSTRUCTION = 200
DEFAULT_EF = 64
#: Rows inserted while searches wait; one insertion takes about half a millisecond.
SLICE = 64
GROWTH = 1.5
#: Rows fetched at a time: hnswlib holds the interpreter lock for some 13 microseconds a row.
FETCH = 256


@dataclass(frozen=True, slots=True)
class GraphFacts:
    """What must be known to load a saved graph; `dead` holds the labels marked as deleted."""

    size: int
    live: int
    dead: tuple[int, ...]


class HnswIndex:
    """A graph over normalised vectors; scores are cosines.

    Args:
        dim: length of the vectors.
        capacity: rows to reserve; it grows by half when full.
        ef: least search width.
        threads: threads that insert one slice.
    """

    def __init__(
        self, dim: int, *, capacity: int = 1024, ef: int = DEFAULT_EF, threads: int = 1
    ) -> None:
        index = hnswlib.Index(SPACE, dim)
        index.init_index(max(capacity, SLICE), M=M, ef_construction=EF_CONSTRUCTION)
        self._take(index, dim, set(), set(), ef, threads)

    @classmethod
    def load(cls, path: bytes, dim: int, dead: Iterable[int], *, ef: int) -> "HnswIndex":
        """Load a saved graph; the caller has checked that the file is whole and of this length.

        Raises:
            RuntimeError: hnswlib cannot read the file.
        """
        self = cls.__new__(cls)
        index = hnswlib.Index(SPACE, dim)
        index.load_index(path)
        gone = set(dead)
        live = set(index.get_ids_list()) - gone
        self._take(index, dim, live, gone, ef, 1)
        return self

    def _take(
        self, index: hnswlib.Index, dim: int, live: set[int], dead: set[int], ef: int, threads: int
    ) -> None:
        self._lock = ReadWriteLock()
        self._index = index
        self._live = live
        self._dead = dead
        self.dim = dim
        self.ef = ef
        self._threads = threads
        # The width hnswlib has now: one value for all queries, and 10 after every load.
        self._width = ef
        index.set_ef(ef)

    @property
    def count(self) -> int:
        """Labels that searches can return."""
        return len(self._live)

    @property
    def dead_count(self) -> int:
        """Labels marked as deleted, which still cost memory and time."""
        return len(self._dead)

    def __contains__(self, label: int) -> bool:
        return label in self._live

    def holds(self, label: int) -> bool:
        """Tell whether the graph has the label, deleted or not."""
        return label in self._live or label in self._dead

    def labels(self) -> Ids:
        """Return the live labels, (n,) int64 in no order."""
        with self._lock.read():
            return np.fromiter(self._live, dtype=np.int64, count=len(self._live))

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Insert (n, dim) normalised vectors; live labels are ignored, deleted ones come back.

        A label always means the same vector, so one that comes back needs no insertion.
        """
        for start in range(0, len(ids), SLICE):
            with self._lock.write():
                self._add_slice(ids[start : start + SLICE], vectors[start : start + SLICE])

    def _add_slice(self, ids: Ids, vectors: Vectors) -> None:
        fresh: dict[int, int] = {}
        for row, label in enumerate(ids.tolist()):
            if label in self._dead:
                self._index.unmark_deleted(label)
                self._dead.remove(label)
                self._live.add(label)
            elif label not in self._live:
                fresh.setdefault(label, row)
        if not fresh:
            return
        needed = self._index.get_current_count() + len(fresh)
        capacity = self._index.get_max_elements()
        if needed > capacity:
            self._index.resize_index(max(needed, int(capacity * GROWTH)))
        rows = list(fresh.values())
        self._index.add_items(vectors[rows], ids[rows], num_threads=self._threads)
        self._live.update(fresh)

    def remove(self, ids: Ids) -> None:
        """Mark labels as deleted; labels that are unknown or deleted are ignored."""
        with self._lock.write():
            for label in ids.tolist():
                if label in self._live:
                    self._index.mark_deleted(label)
                    self._live.remove(label)
                    self._dead.add(label)

    def search(self, query: Vectors, k: int) -> tuple[Ids, Vectors]:
        """Return up to `k` labels near the (dim,) query with their cosines, descending."""
        with self._lock.read():
            k_now = min(k, len(self._live))
            if k_now <= 0:
                return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
            width = max(k_now, self.ef)
            # A wider search than asked is only slower; one much wider is not worth it.
            if width <= self._width <= 4 * width:
                try:
                    return self._query(query, k_now)
                except RuntimeError:
                    pass  # hnswlib found fewer than k: search wider below.
        return self._search_alone(query, k)

    def search_many(self, queries: Vectors, k: int, threads: int = 1) -> tuple[Ids, Vectors]:
        """Return for (n, dim) queries the `k` nearest labels and their cosines, (n, k) each.

        There must be `k` live labels. The whole is one read: give some hundred queries at a time.
        """
        with self._lock.read():
            if k <= self._width:
                try:
                    labels, distances = self._index.knn_query(queries, k=k, num_threads=threads)
                    return labels.astype(np.int64), (1.0 - distances).astype(np.float32)
                except RuntimeError:
                    pass  # One of them found fewer than k: each is searched alone below.
        found = [self.search(query, k) for query in queries]
        return np.stack([ids for ids, _ in found]), np.stack([scores for _, scores in found])

    def _search_alone(self, query: Vectors, k: int) -> tuple[Ids, Vectors]:
        with self._lock.write():
            k_now = min(k, len(self._live))
            total = self._index.get_current_count()
            self._set_width(max(k_now, self.ef))
            while k_now > 0:
                try:
                    return self._query(query, k_now)
                except RuntimeError:
                    if self._width >= total:
                        break
                    self._set_width(min(2 * self._width, total))
        # Some rows cannot be reached from the entry point, which happens among equal vectors.
        return self.search_exact(query, k, None)

    def _set_width(self, ef: int) -> None:
        self._index.set_ef(ef)
        self._width = ef

    def _query(self, query: Vectors, k: int) -> tuple[Ids, Vectors]:
        labels, distances = self._index.knn_query(query.reshape(1, -1), k=k, num_threads=1)
        return labels[0].astype(np.int64), (1.0 - distances[0]).astype(np.float32)

    def search_exact(self, query: Vectors, k: int, ids: Ids | None) -> tuple[Ids, Vectors]:
        """Return the `k` nearest of all labels (None) or of some, compared one by one."""
        found = [np.empty(0, dtype=np.int64)]
        scores = [np.empty(0, dtype=np.float32)]
        for labels, rows in self.fetch(self.labels() if ids is None else ids):
            found.append(labels)
            scores.append(rows @ query)
        return best_of(np.concatenate(found), np.concatenate(scores), k)

    def fetch(self, ids: Ids) -> Iterator[tuple[Ids, Vectors]]:
        """Yield the live ones among `ids` with their vectors, some hundred at a time."""
        for start in range(0, len(ids), FETCH):
            with self._lock.read():
                known = [label for label in ids[start : start + FETCH].tolist() if label in self]
                rows = self._index.get_items(known) if known else None
            if rows is not None:
                yield np.asarray(known, dtype=np.int64), rows

    def save(self, path: bytes) -> GraphFacts:
        """Write the graph to a file; searches go on meanwhile, insertions wait.

        hnswlib reports no failure: the caller compares the file with the returned size.
        """
        with self._lock.read():
            self._index.save_index(path)
            return GraphFacts(
                size=self._index.index_file_size(),
                live=len(self._live),
                dead=tuple(sorted(self._dead)),
            )
