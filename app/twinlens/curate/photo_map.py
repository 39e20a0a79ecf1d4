"""The map of a library's photos: laid out, kept, and in step as photos come and go.

Where a photo lies is a row in the cache of features. Any thread, one at a time.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twinlens.curate.clusters import NEIGHBOURS
from twinlens.curate.galleries import FEWEST_NEWCOMERS, NEWCOMERS
from twinlens.curate.layout import (
    Places,
    Vectors,
    between,
    first_places,
    lay_out,
    layout_graph,
    map_weights,
    turned_to,
)
from twinlens.curate.neighbours import Nearest, neighbours_of_all, places_of, without_self
from twinlens.store.features import FeatureStore

Ids = NDArray[np.int64]
Told = Callable[[float], None]

NEIGHBOURS_SHARE = 0.4
#: Photos at one place are moved this far apart, so that none covers another for good.
APART = 0.02
#: Turns by this angle never lead back to the same direction (Vogel 1979).
GOLDEN = np.pi * (3 - 5**0.5)
_ROW = np.dtype([("newcomer", "u1"), ("x", "<f4"), ("y", "<f4")])


@dataclass(frozen=True, slots=True)
class PhotoMap:
    """Where (n,) photos lie, `ids` ascending; `newcomers` came since all were last laid out."""

    ids: Ids
    places: Places
    newcomers: NDArray[np.bool_]


def map_kind(model_id: str) -> str:
    """Return what the map made with a model is called where it is kept."""
    return f"map/1/{model_id}"


def photo_map(
    features: FeatureStore,
    kind: str,
    live: Ids,
    nearest: Nearest,
    vectors: Callable[[Ids], Vectors],
    told: Told = lambda _: None,
    *,
    anew: bool = False,
) -> PhotoMap:
    """Return the map of today, having brought what is kept of it in step.

    A few newcomers go where their neighbours are and nobody else moves; many have all photos laid
    out anew, from where they are, so that the map is still the same one.

    Args:
        features: where the map is kept.
        kind: what it is called there.
        live: the photos that have a file and a descriptor.
        nearest: finds neighbours in the index.
        vectors: returns compact vectors.
        told: called now and then with the share, 0 to 1, of what is done.
        anew: begin with nothing.
    """
    before = read(features, kind)
    there = np.isin(before.ids, live)
    known = PhotoMap(before.ids[there], before.places[there], before.newcomers[there])
    missing = np.setdiff1d(live, known.ids)
    newcomers = len(missing) + int(known.newcomers.sum())
    if anew or 2 * len(known.ids) < len(live):
        ids = np.sort(live)
        after = _laid_out(ids, first_places(vectors(ids)), nearest, told) if len(ids) else known
    elif newcomers > max(FEWEST_NEWCOMERS, NEWCOMERS * len(live)):
        grown = _joined(known, missing, nearest)
        after = _laid_out(grown.ids, grown.places, nearest, told, settled=True)
    else:
        after = _joined(known, missing, nearest) if len(missing) else known
    _write(features, kind, before, after)
    return after


def read(features: FeatureStore, kind: str) -> PhotoMap:
    """Return the map as it was kept; bodies that are none are passed over."""
    rows = [row for chunk in features.stream(kind) for row in chunk if len(row[1]) == _ROW.itemsize]
    table = np.frombuffer(b"".join(body for _, body in rows), _ROW)
    places = table["x"].astype(np.float64) + 1j * table["y"].astype(np.float64)
    ids = np.array([photo_id for photo_id, _ in rows], dtype=np.int64)
    usable = np.isfinite(places)
    return PhotoMap(ids[usable], places[usable], table["newcomer"].astype(bool)[usable])


def _laid_out(
    ids: Ids, start: Places, nearest: Nearest, told: Told, *, settled: bool = False
) -> PhotoMap:
    graph = layout_graph(*neighbours_of_all(ids, nearest))

    def tell(share: float) -> None:
        told(NEIGHBOURS_SHARE + (1 - NEIGHBOURS_SHARE) * share)

    early = {"early": 0} if settled else {}
    places = lay_out(graph, _apart(start), tell, **early)
    if settled:
        places = turned_to(places, start)
    return PhotoMap(ids, _as_kept(places), np.zeros(len(ids), dtype=bool))


def _joined(known: PhotoMap, missing: Ids, nearest: Nearest) -> PhotoMap:
    """Put each newcomer where its neighbours are; one without any at the edge."""
    edge = float(np.abs(known.places).max(initial=1.0)) * 1.02
    fresh: Places = edge * np.exp(1j * GOLDEN * missing)
    for part, found, scores in nearest(missing, NEIGHBOURS + 1):
        others, likeness = without_self(part, found, scores)
        if not others.shape[1]:
            continue
        places, there = places_of(known.ids, others)
        weights = np.where(there, map_weights(likeness), 0.0)
        some = weights.sum(axis=1) > 0
        if some.any():
            rows = np.searchsorted(missing, part[some])
            fresh[rows] = between(known.places[places[some]], weights[some])
    ids = np.concatenate([known.ids, missing])
    order = np.argsort(ids, kind="stable")
    spread: Places = np.concatenate([known.places, fresh + APART * np.exp(1j * GOLDEN * missing)])
    newcomers = np.concatenate([known.newcomers, np.ones(len(missing), dtype=bool)])
    return PhotoMap(ids[order], _as_kept(spread[order]), newcomers[order])


def _as_kept(places: Places) -> Places:
    """Return places as exactly as they are kept: what is read again is no other map."""
    return places.astype(np.complex64).astype(np.complex128)


def _apart(places: Places) -> Places:
    """Return places moved a little, each in a direction of its own: equal ones push nobody."""
    size = float(np.abs(places - places.mean()).max(initial=0.0)) or 1.0
    numbers = np.arange(len(places))
    found: Places = places + 1e-4 * size * np.exp(1j * GOLDEN * numbers)
    return found


def _write(features: FeatureStore, kind: str, before: PhotoMap, after: PhotoMap) -> None:
    """Keep the rows that changed; what is gone goes with its photo."""
    table = _table(after)
    places, same = places_of(before.ids, after.ids)
    if len(before.ids):
        same &= _table(before)[places] == table
    changed = ~same
    rows, size = table[changed].tobytes(), _ROW.itemsize
    numbers = after.ids[changed].tolist()
    features.put(
        kind,
        {n: rows[at : at + size] for n, at in zip(numbers, range(0, len(rows), size), strict=True)},
    )


def _table(found: PhotoMap) -> NDArray[np.void]:
    table = np.zeros(len(found.ids), _ROW)
    table["newcomer"] = found.newcomers
    table["x"], table["y"] = found.places.real, found.places.imag
    return table
