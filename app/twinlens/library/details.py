"""What a closer look makes of a photo with one model. Runs on the workers of the closer look."""

from twinlens.ingest.closer import Maker
from twinlens.library.engine import Engine
from twinlens.library.labelling import labels_maker


def makers_of(engine: Engine) -> tuple[Maker, ...]:
    """Return the makers of all features that a search with this model uses."""
    makers = (labels_maker(engine.spec, lambda: engine.extractor),)
    return tuple(maker for maker in makers if maker is not None)
