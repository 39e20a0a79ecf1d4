"""Finds the photos that contain a thing, also when it is a small part of them.

Runs on the thread that searches. Descriptors of regions are read chunk by chunk for each query and
never held: those of 100,000 photos take 600 MB.
"""

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twinlens.imaging.preprocess import preprocess
from twinlens.index.exact import Ids, Vectors, normalise, top_positions
from twinlens.index.projection import Projection
from twinlens.inference import regions
from twinlens.inference.extractor import Extractor
from twinlens.records import Region
from twinlens.store.features import FeatureStore

log = logging.getLogger(__name__)

#: A thing stands out of a photo by the similarity of the best window less this share of the mean
#: of all: what is like everything in a photo is no thing in it.
SHARE_OF_REST = 0.5
#: Photos that come by the whole for one that comes by its parts: one where the rectangle is tiny,
#: and more by this times its share of the query picture. Who takes most of a picture means it.
WHOLES = 4.0
#: A whole photo this near to a thing is a picture of just that, another version of it at most.
JUST_THAT = 0.97
#: Smaller pictures are icons, and have no parts.
SMALLEST = 64
#: Photos read at once; a chunk takes 30 MB while it is compared.
CHUNK = 512


@dataclass(frozen=True, slots=True)
class Seen:
    """How a thing was seen in n photos: `ids` ascending, cosine of the `best` window of each,
    mean cosine of `all` its windows, and which `window` was the best."""

    ids: Ids
    best: Vectors
    all: Vectors
    window: NDArray[np.uint8]

    @property
    def standing(self) -> Vectors:
        """How much the thing stands out of each photo."""
        return self.best - SHARE_OF_REST * self.all

    def likeliest(self, count: int) -> Ids:
        """Return the photos that should be considered, whatever they look like as a whole."""
        either = [top_positions(values, count) for values in (self.standing, self.best)]
        return self.ids[np.unique(np.concatenate(either))]

    def region(self, photo_id: int) -> Region | None:
        """Return where the thing was seen; None where that is the whole photo or nothing."""
        place = int(np.searchsorted(self.ids, photo_id))
        if place == len(self.ids) or self.ids[place] != photo_id or self.window[place] == 0:
            return None
        return regions.window(int(self.window[place]))


class RegionSearch:
    """Looks for a thing in the parts of all photos.

    Args:
        features: where the descriptors of regions are kept.
        extractor: the network.
        projection: that of whole photos; its leading values are used.
    """

    def __init__(
        self, features: FeatureStore, extractor: Extractor, projection: Projection
    ) -> None:
        self._features = features
        self._extractor = extractor
        self._projection = projection.leading(regions.DIMS)
        self._kind = regions.regions_kind(extractor.model_id)

    def look(self, thing: NDArray[np.uint8], allowed: Ids | None = None) -> Seen:
        """Compare a thing with every window of the photos that were looked at closely.

        Args:
            thing: (h, w, 3) pixels cut out of a picture.
            allowed: ids, ascending, of the photos that count; None for all.
        """
        query = describe_thing(self._extractor, self._projection, thing)
        parts = [_NOTHING]
        damaged = 0
        for rows in self._features.stream(self._kind, CHUNK):
            ids = np.array([photo_id for photo_id, _ in rows], dtype=np.int64)
            wanted = np.ones(len(ids), bool) if allowed is None else np.isin(ids, allowed)
            whole = regions.are_regions([body for _, body in rows], len(query))
            damaged += sum(bool(rows[place][1]) for place in np.flatnonzero(~whole))
            use = np.flatnonzero(wanted & whole)
            if len(use):
                found = regions.similarities([rows[place][1] for place in use], query)
                parts.append(_seen(ids[use], found))
        if damaged:
            log.warning("the regions of %d photos are damaged and were passed over", damaged)
        return Seen(
            np.concatenate([part.ids for part in parts]),
            np.concatenate([part.best for part in parts]),
            np.concatenate([part.all for part in parts]),
            np.concatenate([part.window for part in parts]),
        )


def describe_photo(
    extractor: Extractor, projection: Projection, pixels: NDArray[np.uint8]
) -> bytes:
    """Return the windows of an upright (h, w, 3) photo as they are kept.

    Empty where nothing can be told: the photo is tiny, or the network takes one size only.
    """
    if min(pixels.shape[:2]) < SMALLEST or not extractor.flexible:
        return b""
    facts = regions.facts_for(extractor.preprocessing, pixels.shape[0], pixels.shape[1])
    feature_map = extractor.feature_map(preprocess(pixels, facts)[np.newaxis])[0]
    return regions.describe_regions(feature_map, projection.leading(regions.DIMS).apply)


def describe_thing(
    extractor: Extractor, projection: Projection, thing: NDArray[np.uint8]
) -> Vectors:
    """Return the (d,) descriptor, of length 1, that windows are compared with.

    The thing is embedded as a picture of its own, as small as it would be in a photo, and mirrored;
    at the network's own size it would look closer than it ever does in a window.
    """
    views = []
    for side in regions.QUERY_SIDES:
        facts = regions.facts_for(extractor.preprocessing, thing.shape[0], thing.shape[1], side)
        upright = preprocess(thing, facts)
        views.append(extractor.embed(np.stack([upright, upright[:, ::-1]])))
    mean = normalise(np.concatenate(views).sum(axis=0, keepdims=True))
    described: Vectors = projection.apply(mean)[0]
    return described


def regions_order(ids: Ids, scores: Vectors, seen: Seen, share: float) -> Ids:
    """Return the order of candidates as positions, each at the better of two ranks.

    One rank is by how much the thing stands out of a photo, which finds it where it is small; the
    other by the best window and the whole photo together, for photos of nothing else. The more of
    its picture the thing takes, the fewer come by the former. A photo that was not looked at
    closely is taken to have no window better than the whole of it.

    Args:
        ids: (n,) distinct.
        scores: (n,) cosines of the whole photos.
        share: of the query picture's area, that the thing takes.
    """
    best = scores.astype(np.float32, copy=True)
    standing = np.full(len(ids), -np.inf, dtype=np.float32)
    if len(seen.ids):
        places = np.minimum(np.searchsorted(seen.ids, ids), len(seen.ids) - 1)
        known = seen.ids[places] == ids
        best[known] = seen.best[places[known]]
        standing[known] = seen.standing[places[known]]
    wholes = 1 + WHOLES * share
    by_part = wholes * (_ranks(np.lexsort((ids, -standing))) + 1)
    by_part[np.isneginf(standing)] = np.inf
    by_whole = _ranks(np.lexsort((ids, -(best + scores)))) + 1.0
    better = np.minimum(by_part, by_whole)
    # Photos of just the thing and nothing else come before all others.
    others = np.where(scores >= JUST_THAT, -scores, 0)
    return np.lexsort((ids, by_part > by_whole, better, others)).astype(np.int64)


def _ranks(order: NDArray[np.int64]) -> NDArray[np.int64]:
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order))
    return ranks


def _seen(ids: Ids, found: Vectors) -> Seen:
    window = found.argmax(axis=1)
    best = np.take_along_axis(found, window[:, np.newaxis], axis=1)[:, 0]
    return Seen(ids, best, found.mean(axis=1, dtype=np.float32), window.astype(np.uint8))


_NOTHING = _seen(np.empty(0, np.int64), np.empty((0, regions.WINDOWS), np.float32))
