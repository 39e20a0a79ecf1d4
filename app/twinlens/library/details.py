"""What a closer look makes of a photo with one model. Runs on the workers of the closer look."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from twinlens.imaging.preprocess import preprocess
from twinlens.inference.labels import evidence, labels_kind
from twinlens.inference.regions import regions_kind
from twinlens.ingest.closer import Maker
from twinlens.library.engine import Engine
from twinlens.matching.kept import BOUND, KEYPOINTS, SHORTLIST, look_closer
from twinlens.search.regions import describe_photo

#: Smaller pictures are icons and samples, which a network takes for clocks and rulers.
SMALLEST = 64


def makers_of(engine: Engine) -> tuple[Maker, ...]:
    """Return the makers of all features that a search with this model uses."""
    makers = (labels_maker(engine), regions_maker(engine), keypoints_maker())
    return tuple(maker for maker in makers if maker is not None)


def labels_maker(engine: Engine) -> Maker | None:
    """Return what makes the evidence of what a photo shows; None for a model without labels."""
    spec = engine.spec
    if spec.logits is None or spec.classes is None or spec.calibration is None:
        return None
    kind = labels_kind(spec.model_id)

    def make(pixels: NDArray[np.uint8]) -> Mapping[str, bytes]:
        if min(pixels.shape[:2]) < SMALLEST:
            return {kind: b""}
        batch = preprocess(pixels, spec.preprocessing)[np.newaxis]
        return {kind: evidence(engine.extractor.logits(batch).reshape(-1))}

    return Maker(kind, make)


def regions_maker(engine: Engine) -> Maker | None:
    """Return what describes the parts of a photo; None for a model without a feature map."""
    if engine.spec.feature_map is None:
        return None
    kind = regions_kind(engine.spec.model_id)

    def make(pixels: NDArray[np.uint8]) -> Mapping[str, bytes]:
        return {kind: describe_photo(engine.extractor, engine.projection, pixels)}

    return Maker(kind, make)


def keypoints_maker() -> Maker:
    """Return what finds the keypoints that copies are recognised by."""
    return Maker(SHORTLIST, look_closer, {KEYPOINTS: BOUND})
