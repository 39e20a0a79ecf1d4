"""What the door offers of the map, on which photos that look alike lie together. On any thread."""

import threading

import numpy as np
from numpy.typing import NDArray

from twinlens.curate import photo_map
from twinlens.curate.neighbours import Told
from twinlens.library.galleries import Arranging

Ids = NDArray[np.int64]
Places = NDArray[np.float32]

#: Who asks second waits for the first, and finds its work done.
_one_at_a_time = threading.Lock()


class Mapping(Arranging):
    """Photos as places in the plane."""

    def photo_map(self, *, anew: bool = False, told: Told = lambda _: None) -> tuple[Ids, Places]:
        """Return (n,) photos, ascending, and the (n, 2) places where they lie.

        The map is brought in step first: a few new photos go where their neighbours are, many have
        all photos laid out anew, from where they are.

        Args:
            anew: lay all photos out from nothing.
            told: called now and then with the share, 0 to 1, of what is done; what it raises ends
                the work.
        """
        engine = self._engine()
        with _one_at_a_time:
            found = photo_map.photo_map(
                self._works.features,
                photo_map.map_kind(engine.spec.model_id),
                self._indexed(engine),
                self._nearest(
                    engine, lambda share: told(share * photo_map.NEIGHBOURS_SHARE), anew=anew
                ),
                engine.index.vectors,
                told,
                anew=anew,
            )
        places = np.stack([found.places.real, found.places.imag], axis=1)
        return found.ids, places.astype(np.float32)
