"""The searchable compact vectors: an exact tail, and a graph for large libraries; any thread."""

import threading
from collections.abc import Iterator

import numpy as np

from twinlens.index.exact import Ids, Vectors, best_of, normalise, sorted_once, top_positions
from twinlens.index.hnsw import DEFAULT_EF, SLICE, HnswIndex
from twinlens.index.tail import GONE, Tail

#: Live photos from which a graph pays.
GRAPH_FROM = 5000
REBUILD_SHARE = 0.3
#: Queries asked at once.
_MANY = 512


class CompactIndex:
    """Vectors by photo id, with the nearest ones to a query.

    New vectors go to the tail, which is compared row by row, so they count at once. `consolidate`
    moves them to the graph, a slice at a time; below `graph_from` live ids there is no graph.
    A search takes the tail first and the graph second, and a move inserts before it drops: what is
    moved meanwhile is seen twice, never missed.

    Args:
        dim: length of the vectors.
        graph_from: live ids from which the graph is built.
        threads: threads that insert into the graph.
    """

    def __init__(self, dim: int, graph_from: int = GRAPH_FROM, *, threads: int = 1) -> None:
        self.dim = dim
        self.graph_from = graph_from
        self._threads = threads
        self._ef = DEFAULT_EF
        # Taken in this order: one change at a time, then the state that searches look at.
        self._changing = threading.Lock()
        self._state = threading.Lock()
        self._tail = Tail(dim)
        self._graph: HnswIndex | None = None
        self._count = 0
        # Photos arrive folder by folder, and a graph built in that order finds less: what is
        # alike would be linked among itself before the rest is there.
        self._random = np.random.default_rng(0)

    @classmethod
    def from_graph(cls, graph: HnswIndex, graph_from: int = GRAPH_FROM) -> "CompactIndex":
        """Return an index around a loaded graph."""
        self = cls(graph.dim, graph_from)
        self._graph = graph
        self._ef = graph.ef
        self._count = graph.count
        self._leave_graph_if_small()
        return self

    @property
    def graph(self) -> HnswIndex | None:
        """The graph, for the snapshot."""
        return self._graph

    @property
    def count(self) -> int:
        """Live ids."""
        return self._count

    @property
    def graph_count(self) -> int:
        """Live ids in the graph."""
        graph = self._graph
        return 0 if graph is None else graph.count

    @property
    def tail_count(self) -> int:
        """Ids in the tail."""
        with self._state:
            return len(self._tail)

    @property
    def ef(self) -> int:
        """Least search width of the graph."""
        return self._ef

    @ef.setter
    def ef(self, value: int) -> None:
        with self._state:
            self._ef = value
            if self._graph is not None:
                self._graph.ef = value

    @property
    def needs_rebuild(self) -> bool:
        """True when so much of the graph is deleted that `rebuild` pays."""
        graph = self._graph
        return graph is not None and (
            graph.dead_count > REBUILD_SHARE * (graph.count + graph.dead_count)
        )

    def contains(self, photo_id: int) -> bool:
        """Tell whether an id is live."""
        with self._state:
            return photo_id in self._tail or (self._graph is not None and photo_id in self._graph)

    def labels(self) -> Ids:
        """Return the live ids, (n,) int64 ascending."""
        with self._state:
            tail = self._tail.labels()
            graph = self._graph
        return sorted_once(tail if graph is None else np.concatenate([tail, graph.labels()]))

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Add (n, dim) vectors; known ids are ignored, since an id always means the same vector.

        Raises:
            ValueError: shapes do not match, an id is negative, or a value is not finite.
        """
        ids = np.asarray(ids, dtype=np.int64)
        vectors = np.asarray(vectors, dtype=np.float32)
        if vectors.shape != (len(ids), self.dim):
            raise ValueError(f"{len(ids)} ids beside vectors of shape {vectors.shape}")
        if (ids < 0).any() or not np.isfinite(vectors).all():
            raise ValueError("negative id or non-finite vector")
        with self._changing:
            self._add(ids, normalise(vectors))

    def _add(self, ids: Ids, vectors: Vectors) -> None:
        graph = self._graph
        fresh: dict[int, int] = {}
        returning: list[int] = []
        for row, label in enumerate(ids.tolist()):
            if label in self._tail:
                continue
            if graph is None or not graph.holds(label):
                fresh.setdefault(label, row)
            elif label not in graph:
                returning.append(row)
        if graph is not None and returning:
            before = graph.count
            graph.add(ids[returning], vectors[returning])
            with self._state:
                self._count += graph.count - before
        rows = list(fresh.values())
        with self._state:
            self._tail.add(ids[rows], vectors[rows])
            self._count += len(rows)

    def remove(self, ids: Ids) -> None:
        """Forget ids; unknown ones are ignored."""
        ids = np.asarray(ids, dtype=np.int64)
        with self._changing:
            with self._state:
                before = len(self._tail)
                self._tail.drop(ids)
                self._count -= before - len(self._tail)
            graph = self._graph
            if graph is not None:
                before = graph.count
                graph.remove(ids)
                with self._state:
                    self._count -= before - graph.count
            self._leave_graph_if_small()

    def consolidate(self, limit: int = SLICE) -> int:
        """Move up to `limit` rows from the tail to the graph.

        Returns:
            How many were moved; 0 when there is nothing to do.
        """
        with self._changing:
            if self._graph is None and self._count < self.graph_from:
                return 0
            moved = 0
            while moved < limit:
                with self._state:
                    ids, vectors = self._tail.sample(min(SLICE, limit - moved), self._random)
                if len(ids) == 0:
                    break
                graph = self._graph or HnswIndex(
                    self.dim, capacity=2 * self.graph_from, ef=self._ef, threads=self._threads
                )
                graph.add(ids, vectors)
                with self._state:
                    self._graph = graph
                    self._tail.drop(ids)
                moved += len(ids)
            return moved

    def rebuild(self) -> None:
        """Leave the graph with its deleted rows; `consolidate` then builds a fresh one.

        Until it has, searches are exact.
        """
        with self._changing:
            self._leave_graph()

    def _leave_graph_if_small(self) -> None:
        if self._graph is not None and self._count < self.graph_from:
            self._leave_graph()

    def _leave_graph(self) -> None:
        graph = self._graph
        if graph is None:
            return
        parts = list(graph.fetch(graph.labels()))
        with self._state:
            for ids, vectors in parts:
                self._tail.add(ids, vectors)
            self._graph = None

    def search(
        self, query: Vectors, k: int, *, allowed: Ids | None = None, exact: bool = False
    ) -> tuple[Ids, Vectors]:
        """Return up to `k` ids with their cosines, descending, ties by id.

        Args:
            query: (dim,) float32.
            k: how many are wanted; more than there are returns all.
            allowed: only these ids, compared one by one; None means all.
            exact: compare every vector, also those of the graph, which is slow.
        """
        query = normalise(np.asarray(query, dtype=np.float32))
        if query.shape != (self.dim,):
            raise ValueError(f"a query of shape {query.shape}, not ({self.dim},)")
        if allowed is not None:
            allowed = np.unique(np.asarray(allowed, dtype=np.int64))
        with self._state:
            labels, matrix = self._tail.view()
            graph = self._graph
        ids, scores = _search_tail(query, labels, matrix, k, allowed)
        if graph is None:
            return ids, scores
        if allowed is not None or exact:
            more, more_scores = graph.search_exact(query, k, allowed)
        else:
            more, more_scores = graph.search(query, k)
        return best_of(np.concatenate([ids, more]), np.concatenate([scores, more_scores]), k)

    def neighbours(self, ids: Ids, k: int, threads: int = 1) -> Iterator[tuple[Ids, Ids, Vectors]]:
        """Yield, some hundred live ids at a time: those, their `k` nearest, and the cosines.

        Shapes (n,), (n, k) and (n, k), nearest first; an id is among its own nearest. Where there
        are fewer than `k`, all are given.
        """
        for start in range(0, len(ids), _MANY):
            part = ids[start : start + _MANY]
            queries = self.vectors(part)
            with self._state:
                labels, matrix = self._tail.view()
                graph = self._graph
            scores = np.where(labels == GONE, -2.0, queries @ matrix.T).astype(np.float32)
            near = np.broadcast_to(labels, scores.shape)
            if graph is not None and graph.count:
                more = graph.search_many(queries, min(k, graph.count), threads)
                near, scores = np.hstack([near, more[0]]), np.hstack([scores, more[1]])
            live = min(k, int((scores > -2.0).sum(axis=1).min(initial=k)))
            best = np.argpartition(-scores, max(live - 1, 0), axis=1)[:, :live]
            best = np.take_along_axis(
                best, np.argsort(-np.take_along_axis(scores, best, 1), axis=1, kind="stable"), 1
            )
            yield part, np.take_along_axis(near, best, 1), np.take_along_axis(scores, best, 1)

    def vectors(self, ids: Ids) -> Vectors:
        """Return the (n, dim) vectors of live ids, in their order.

        Raises:
            KeyError: an id is not live.
        """
        unique, inverse = np.unique(np.asarray(ids, dtype=np.int64), return_inverse=True)
        rows = np.empty((len(unique), self.dim), dtype=np.float32)
        place = {label: row for row, label in enumerate(unique.tolist())}
        with self._state:
            for label in [label for label in place if label in self._tail]:
                rows[place.pop(label)] = self._tail.row(label)
            graph = self._graph
        rest = np.fromiter(place, dtype=np.int64, count=len(place))
        for labels, found in graph.fetch(rest) if graph is not None else ():
            rows[[place.pop(label) for label in labels.tolist()]] = found
        if place:
            raise KeyError(next(iter(place)))
        return rows[inverse]


def _search_tail(
    query: Vectors, labels: Ids, matrix: Vectors, k: int, allowed: Ids | None
) -> tuple[Ids, Vectors]:
    wanted = labels != GONE
    if allowed is not None:
        wanted &= np.isin(labels, allowed)
        # Few rows: copying them out is cheaper than comparing all.
        labels, matrix = labels[wanted], matrix[wanted]
        return best_of(labels, matrix @ query, k)
    scores = matrix @ query
    if not wanted.all():
        labels, scores = labels[wanted], scores[wanted]
    chosen = top_positions(scores, k)
    order = np.lexsort((labels[chosen], -scores[chosen]))
    return labels[chosen][order], scores[chosen][order]
