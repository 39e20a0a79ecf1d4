"""What photos show, in words: the evidence of a closer look, and its index. On any thread."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from twinlens.imaging.preprocess import preprocess
from twinlens.inference.extractor import Extractor
from twinlens.inference.labels import evidence, labels_kind
from twinlens.inference.model_spec import ModelSpec
from twinlens.inference.vocabulary import read_vocabulary
from twinlens.ingest.closer import Maker
from twinlens.search.labels import LabelIndex
from twinlens.store.features import FeatureStore

#: Smaller pictures are icons and samples, which a network takes for clocks and rulers.
SMALLEST = 64


def labels_maker(spec: ModelSpec, extractor: Callable[[], Extractor]) -> Maker | None:
    """Return what makes the evidence of a photo; None for a model that gives no labels.

    Args:
        spec: the model.
        extractor: returns its network; asked for when the first photo is looked at.
    """
    if spec.logits is None or spec.classes is None or spec.calibration is None:
        return None
    kind = labels_kind(spec.model_id)

    def make(pixels: NDArray[np.uint8]) -> Mapping[str, bytes]:
        if min(pixels.shape[:2]) < SMALLEST:
            return {kind: b""}
        batch = preprocess(pixels, spec.preprocessing)[np.newaxis]
        return {kind: evidence(extractor().logits(batch)[0])}

    return Maker(kind, make)


def label_index(spec: ModelSpec, features: FeatureStore) -> LabelIndex | None:
    """Return what finds photos by a word; None for a model that gives no labels.

    Raises:
        ModelError: the words of the model cannot be read.
    """
    if spec.logits is None or spec.classes is None or spec.calibration is None:
        return None
    vocabulary = read_vocabulary(spec.classes, spec.kinds)
    return LabelIndex(features, labels_kind(spec.model_id), vocabulary, spec.calibration)
