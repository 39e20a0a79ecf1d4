"""A real database in a temporary folder, with a folder and a model to hang photos on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from twinlens.records import Metadata
from twinlens.store import embeddings, files, folders, photos
from twinlens.store.database import FILE_NAME, Database

DIM = 8


@dataclass(frozen=True, slots=True)
class Shelf:
    """An open database with one root and one model."""

    database: Database
    root_id: int
    model: int

    def put(self, name: str, content: str, folder: str = "", taken: str | None = None) -> int:
        """Record a photo of that content at a place."""
        with self.database.transaction() as connection:
            photo_id = photos.put_photo(
                connection, content.encode().ljust(32), 40, 30, "JPEG", 100, Metadata(taken)
            )
            vector = np.random.default_rng(photo_id).normal(size=DIM).astype(np.float32)
            embeddings.put_embedding(
                connection, self.model, photo_id, vector / np.linalg.norm(vector)
            )
            files.put_file(
                connection, self.root_id, folder.encode(), name.encode(), 100, 1, photo_id
            )
            photos.settle_orphans(connection, [photo_id], now=1.0)
        return photo_id


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """Return a database whose only root is tmp_path/"photos"."""
    database = Database(tmp_path / FILE_NAME)
    with database.transaction() as connection:
        volume = folders.put_volume(connection, "disk-1", "Disk", tmp_path)
        root_id = folders.put_root(connection, volume, b"photos")
        model = embeddings.put_model(connection, "net-1", "net", DIM)
    yield Shelf(database, root_id, model)
    database.close()
