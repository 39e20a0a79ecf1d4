"""Keeps in step with the photos that can be grouped, reading only what changed. One thread."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twinlens.store import changes, embeddings, files, folders
from twinlens.store.database import Database

Ids = NDArray[np.int64]

#: Where more photos changed, all are read.
MANY = 2000


class Following:
    """The photos of a library as they were at the last look.

    Args:
        model: the database's key of the model whose descriptors count.
    """

    def __init__(self, database: Database, model: int) -> None:
        self._database = database
        self._model = model
        self._seq = -1
        #: Those with a file and a descriptor, and those that lie in several places, ascending.
        self.live: Ids = np.empty(0, dtype=np.int64)
        self.repeated: Ids = np.empty(0, dtype=np.int64)
        #: Where the folders of the library lie, by their ids.
        self.places: tuple[tuple[int, Path], ...] = ()

    def catch_up(self) -> Ids:
        """Look again; return the photos that changed since the last look, and maybe more."""
        connection = self._database.connection()
        before = self._seq
        seq, changed = changes.since(connection, before)
        places = [(root.root_id, root.path) for root in folders.roots(connection)]
        if before < 0 or len(changed) > MANY:
            self.live = embeddings.live_ids(connection, self._model)
            self.repeated = files.repeated(connection)
        elif len(changed):
            among = changed.tolist()
            live = embeddings.live_ids(connection, self._model, among)
            self.live = _replaced(self.live, changed, live)
            repeated = files.repeated(connection, among)
            self.repeated = _replaced(self.repeated, changed, repeated)
        self._seq, self.places = seq, tuple(places)
        return changed


def _replaced(ids: Ids, changed: Ids, there: Ids) -> Ids:
    """Return sorted ids, of the changed ones those that are there."""
    return np.sort(np.concatenate([ids[~np.isin(ids, changed)], there]), kind="stable")
