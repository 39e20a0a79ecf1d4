"""A small library for the tests of search: a real store, a real index, real files."""

from pathlib import Path
from typing import Any

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from tests.support import DIM, GridSession, encoded, grid_extractor, picture
from twinlens.imaging.decode import decode
from twinlens.imaging.preprocess import preprocess
from twinlens.index.compact import CompactIndex
from twinlens.index.exact import normalise
from twinlens.index.projection import Projection
from twinlens.records import Example, Filters, Hit, Metadata, Query
from twinlens.search.searcher import Searcher
from twinlens.store import embeddings, files, photos
from twinlens.store.database import Database
from twinlens.store.folders import put_root, put_volume


class Gallery:
    """Pictures in one folder, stored and indexed as the program does it."""

    def __init__(self, tmp_path: Path, graph_from: int = 5000) -> None:
        self.folder = tmp_path / "photos"
        self.folder.mkdir()
        self.database = Database(tmp_path / "library.sqlite3")
        self.session = GridSession()
        self.extractor = grid_extractor(self.session)
        self.projection = Projection.for_model(None, DIM)
        self.index = CompactIndex(self.projection.dim_out, graph_from)
        with self.database.transaction() as connection:
            self.model = embeddings.put_model(connection, "grid-0", "grid", DIM)
            volume = put_volume(connection, "disk", "Disk", tmp_path)
            self.root = put_root(connection, volume, b"photos")
        self.searcher = self.searcher_with()

    def searcher_with(self, **more: Any) -> Searcher:
        """Return what searches the library, with more to look into photos than descriptors."""
        return Searcher(
            self.database,
            self.index,
            self.projection,
            self.extractor,
            self.model,
            max_pixels=10_000_000,
            **more,
        )

    def add(self, name: str, data: bytes, taken: str | None = None) -> int:
        """Write a file below the folder and index it; return its photo id."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        decoded = decode(data, min_side=32, max_pixels=10_000_000)
        batch = preprocess(decoded.pixels, self.extractor.preprocessing)[np.newaxis]
        row = self.extractor.embed(batch)
        with self.database.transaction() as connection:
            photo_id = photos.put_photo(
                connection,
                blake3(data).digest(),
                decoded.width,
                decoded.height,
                decoded.format,
                len(data),
                Metadata(taken=taken),
            )
            parent, _, last = name.rpartition("/")
            files.put_file(
                connection, self.root, parent.encode(), last.encode(), len(data), 0, photo_id
            )
            embeddings.put_embedding(connection, self.model, photo_id, row[0])
        self.index.add(np.array([photo_id]), self.projection.apply(row))
        return photo_id

    def add_vectors(self, vectors: NDArray[np.float32], *, every_other: bytes = b"") -> list[int]:
        """Store photos that are known by descriptor only, one file each.

        Args:
            vectors: (n, 48) float32.
            every_other: a folder for every second one.
        """
        rows = normalise(vectors)
        ids: list[int] = []
        with self.database.transaction() as connection:
            for row in rows:
                digest = blake3(row.tobytes()).digest()
                photo_id = photos.put_photo(connection, digest, 4, 3, "PNG", 1, Metadata())
                folder = every_other if len(ids) % 2 else b""
                name = f"v{photo_id:06d}.png".encode()
                files.put_file(connection, self.root, folder, name, 1, 0, photo_id)
                embeddings.put_embedding(connection, self.model, photo_id, row)
                ids.append(photo_id)
        self.index.add(np.array(ids), self.projection.apply(rows))
        self.index.consolidate(len(ids))
        return ids

    def forget(self, photo_id: int) -> None:
        """Remove the files of a photo from the store, and leave the index behind."""
        with self.database.transaction() as connection:
            rows = files.files_below(connection, self.root, b"")
            files.remove_files(connection, [r.file_id for r in rows if r.photo_id == photo_id])
            photos.settle_orphans(connection, [photo_id], now=0.0)

    def search(
        self,
        *examples: Example,
        k: int = 10,
        filters: Filters | None = None,
        rerank: bool = True,
    ) -> list[Hit]:
        """Search with examples."""
        return self.searcher.search(Query(examples, filters or Filters(), rerank=rerank), k)


def fill(gallery: Gallery, count: int) -> list[int]:
    """Add pictures 000.png, 001.png …; return their photo ids."""
    return [gallery.add(f"{n:03d}.png", encoded(picture(n))) for n in range(count)]
