"""What photos show, in words: the evidence of a closer look, and its index. On any thread."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from twinlens.errors import UsageError
from twinlens.inference.labels import labels_kind
from twinlens.inference.model_spec import ModelSpec
from twinlens.inference.vocabulary import read_vocabulary
from twinlens.records import Filters
from twinlens.reports import Sighting
from twinlens.search.labels import LabelIndex
from twinlens.store import photos
from twinlens.store.database import Database
from twinlens.store.features import FeatureStore


def label_index(spec: ModelSpec, features: FeatureStore) -> LabelIndex:
    """Return what finds photos by a word.

    Raises:
        UsageError: the model gives no labels.
        ModelError: its words cannot be read.
    """
    if spec.logits is None or spec.classes is None or spec.calibration is None:
        raise UsageError(
            f"{spec.title} does not say what a photo shows, so photos cannot be found by a word.",
            "Choose another model with 'twinlens models use'.",
        )
    vocabulary = read_vocabulary(spec.classes, spec.kinds)
    return LabelIndex(features, labels_kind(spec.model_id), vocabulary, spec.calibration)


def resolved(filters: Filters, labels: Callable[[], LabelIndex]) -> Filters:
    """Return the filters with the photos, surest first, in place of the word for what they show.

    Raises:
        UsageError: no label is called so, or the model gives none.
    """
    if filters.label is None:
        return filters
    ids, _ = labels().find(filters.label)
    if filters.among is not None:
        ids = ids[np.isin(ids, filters.among)]
    return replace(filters, label=None, among=tuple(ids.tolist()))


def sightings(
    database: Database, labels: LabelIndex, filters: Filters, k: int | None = None
) -> list[Sighting]:
    """Return the files that show what `filters.label` names and satisfy the rest, surest first.

    Raises:
        UsageError: no label is called so, or none is given.
    """
    ids, sure = labels.find(filters.label or "")
    connection = database.connection()
    allowed = photos.matching_ids(connection, replace(filters, label=None))
    keep = np.isin(ids, allowed)
    wanted = ids[keep].tolist()[:k]
    places = photos.paths_of(connection, wanted, filters)
    found: list[Sighting] = []
    for photo_id, confidence in zip(wanted, sure[keep].tolist()[:k], strict=True):
        for path in places.get(photo_id, ()):
            found.append(Sighting(len(found) + 1, photo_id, path, confidence))
    return found[:k]
