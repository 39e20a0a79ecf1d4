"""What a closer look makes of a photo with one model. Runs on the workers of the closer look."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from twinlens.inference.regions import regions_kind
from twinlens.ingest.closer import Maker
from twinlens.library.engine import Engine
from twinlens.library.labelling import labels_maker
from twinlens.search import verification
from twinlens.search.regions import describe_photo


def makers_of(engine: Engine) -> tuple[Maker, ...]:
    """Return the makers of all features that a search with this model uses."""
    makers = (
        labels_maker(engine.spec, lambda: engine.extractor),
        regions_maker(engine),
        keypoints_maker(),
    )
    return tuple(maker for maker in makers if maker is not None)


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
    bounds = {verification.KEYPOINTS: verification.BOUND}
    return Maker(verification.SHORTLIST, verification.look_closer, bounds)
