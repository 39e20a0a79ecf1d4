"""Which photos show what: finds photos by a word. Runs on any thread."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twinlens.inference.labels import FLOOR, SURE, Calibration, labels_of, read_evidence
from twinlens.inference.vocabulary import Vocabulary
from twinlens.store.features import FeatureStore

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Table:
    """The evidence of all photos: one entry a photo and class.

    `ids` are the (n,) photos, ascending; `photo` tells for each entry which of them it is about.
    """

    ids: Ids
    photo: NDArray[np.int32]
    number: NDArray[np.uint16]
    share: NDArray[np.float16]

    def only(self, keep: NDArray[np.bool_]) -> "_Table":
        """Return what is about those (n,) photos that are to be kept."""
        entries = keep[self.photo]
        seats = (np.cumsum(keep) - 1).astype(np.int32)
        return _Table(
            self.ids[keep], seats[self.photo[entries]], self.number[entries], self.share[entries]
        )

    def joined(self, other: "_Table") -> "_Table":
        """Return both tables, of different photos, as one."""
        ids = np.concatenate([self.ids, other.ids])
        order = np.argsort(ids)
        seats = np.empty(len(ids), dtype=np.int32)
        seats[order] = np.arange(len(ids), dtype=np.int32)
        return _Table(
            ids[order],
            seats[np.concatenate([self.photo, other.photo + len(self.ids)])],
            np.concatenate([self.number, other.number]),
            np.concatenate([self.share, other.share]),
        )


class LabelIndex:
    """Finds the photos that show what a word stands for.

    The evidence of 100,000 photos takes about 16 MB; what is new is read when it is asked for.

    Args:
        features: where the evidence is kept.
        kind: what it is called there.
        vocabulary: the words of the network that made it.
        calibration: what its probabilities are worth.
    """

    def __init__(
        self, features: FeatureStore, kind: str, vocabulary: Vocabulary, calibration: Calibration
    ) -> None:
        self.kind = kind
        self.vocabulary = vocabulary
        self._features = features
        self._calibration = calibration
        self._lock = threading.Lock()
        self._state: tuple[int, int] | None = None
        self._table = _tabled(())

    def find(self, text: str, least: float = SURE) -> tuple[Ids, Floats]:
        """Return the photos that show what `text` names and the confidence of each, surest first.

        Raises:
            UsageError: no label is called so.
        """
        classes = self.vocabulary.find(text)
        table = self._current()
        named = np.zeros(self.vocabulary.class_count, dtype=bool)
        named[list(classes)] = True
        chosen = np.flatnonzero(named[table.number])
        weights = np.maximum(table.share[chosen].astype(np.float32) - FLOOR, 0)
        sums = np.bincount(table.photo[chosen], weights, len(table.ids)).astype(np.float32)
        sure = self._calibration.confidence(sums, is_kind=len(classes) > 1)
        found = np.flatnonzero(sure >= least)
        found = found[np.lexsort((table.ids[found], -sure[found]))]
        return table.ids[found], sure[found]

    def of(self, photo_id: int) -> list[tuple[str, float]] | None:
        """Return what a photo shows, surest first, and the confidence of each name.

        None while it has not been looked at; empty where nothing is sure enough.
        """
        body = self._features.get(self.kind, [photo_id]).get(photo_id)
        return None if body is None else labels_of(body, self.vocabulary, self._calibration)

    def common(self, groups: Sequence[Ids], least: float = SURE) -> list[str | None]:
        """Return what each group shows as a whole: the narrowest label that fits its average photo.

        None where none is sure enough, or no photo of the group was looked at.

        Args:
            groups: photos, none of them in two groups.
            least: the least confidence.
        """
        table = self._current()
        classes = self.vocabulary.class_count
        group_of = np.full(len(table.ids), -1, dtype=np.int64)
        for number, photos in enumerate(groups):
            places = np.searchsorted(table.ids, photos)
            places = places[places < len(table.ids)]
            group_of[places[np.isin(table.ids[places], photos)]] = number
        of = group_of[table.photo]
        cells = of[of >= 0] * classes + table.number[of >= 0]
        weights = np.maximum(table.share[of >= 0].astype(np.float32) - FLOOR, 0)
        sums = np.bincount(cells, weights, len(groups) * classes).reshape(-1, classes)
        counts = np.bincount(group_of[group_of >= 0], minlength=len(groups))
        means = sums / np.maximum(counts, 1)[:, np.newaxis]
        found: list[str | None] = [None] * len(groups)
        best = np.full((len(groups), 2), -np.inf)
        for label in self.vocabulary.labels:
            shares = means[:, list(label.classes)].sum(axis=1).astype(np.float32)
            sure = self._calibration.confidence(shares, is_kind=label.is_kind)
            width = -len(label.classes)
            better = (width > best[:, 0]) | ((width == best[:, 0]) & (sure > best[:, 1]))
            for number in np.flatnonzero((sure >= least) & better).tolist():
                found[number] = label.name
                best[number] = width, sure[number]
        return found

    def photo_count(self) -> int:
        """Return how many photos were looked at so far; no evidence is read for that."""
        return len(self._features.ids(self.kind))

    def _current(self) -> _Table:
        with self._lock:
            # The size tells what another process has added.
            state = (self._features.revision, self._features.size(self.kind))
            if state != self._state:
                self._table = self._followed(self._table)
                self._state = state
            return self._table

    def _followed(self, table: _Table) -> _Table:
        """Return the table without the photos that went, and with those that came.

        What was found out about a photo never changes: its content has no other.
        """
        there = self._features.ids(self.kind)
        new = np.setdiff1d(there, table.ids, assume_unique=True)
        if len(new) > len(table.ids):
            chunks = self._features.stream(self.kind)
            return _tabled((row for chunk in chunks for row in chunk), self.vocabulary.class_count)
        keep = np.isin(table.ids, there, assume_unique=True)
        table = table if keep.all() else table.only(keep)
        if not len(new):
            return table
        rows = self._features.get(self.kind, new.tolist())
        return table.joined(_tabled(rows.items(), self.vocabulary.class_count))


def _tabled(rows: Iterable[tuple[int, bytes]], class_count: int = 0) -> _Table:
    ids: list[int] = []
    bodies: list[bytes] = []
    for photo_id, body in rows:
        ids.append(photo_id)
        bodies.append(body)
    parts = [read_evidence(body) for body in bodies]
    counts = [len(numbers) for numbers, _ in parts]
    number = np.concatenate([np.empty(0, np.uint16), *(numbers for numbers, _ in parts)])
    share = np.concatenate([np.empty(0, np.float16), *(shares for _, shares in parts)])
    photo = np.repeat(np.arange(len(ids), dtype=np.int32), counts)
    known = number < class_count
    return _Table(
        np.array(ids, dtype=np.int64),
        photo[known],
        number[known],
        share[known].astype(np.float16),
    )
