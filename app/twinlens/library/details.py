"""What a closer look makes of a photo with one model. Runs on the workers of the closer look."""

from twinlens.ingest.closer import Maker
from twinlens.library.engine import Engine


def makers_of(_engine: Engine) -> tuple[Maker, ...]:
    """Return the makers of all features that a search with this model uses."""
    return ()
