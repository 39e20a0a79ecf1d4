"""Folders of real picture files with a real library beside them, for the tests of indexing."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.support import DIM, GridSession, encoded, grid_extractor, picture
from twinlens.imaging.thumbnails import ThumbnailCache
from twinlens.index.compact import CompactIndex
from twinlens.index.projection import Projection
from twinlens.ingest.changes import ChangeSet
from twinlens.ingest.indexer import Again, Indexer
from twinlens.ingest.progress import Progress
from twinlens.ingest.volumes import volume_of
from twinlens.records import FolderState
from twinlens.reports import ChangeEvent, Failure, IndexCounts
from twinlens.settings import Settings
from twinlens.store import embeddings, files, folders, photos
from twinlens.store.database import Database
from twinlens.store.folders import Root, to_slashes


class Clock:
    """Time that passes only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


def on_open(monkeypatch: pytest.MonkeyPatch, folder: Path, act: Callable[[], None]) -> None:
    """Do something each time a file below a folder is opened."""
    plain = Path.open

    def watched(path: Path, *args: object, **kwargs: object) -> object:
        if path.is_relative_to(folder):
            act()
        return plain(path, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", watched)


def never() -> None:
    """Must not be called."""
    pytest.fail("a file was opened")


class Shelf:
    """One library and the folder `photos` as its root."""

    def __init__(self, tmp_path: Path, graph_from: int = 5000) -> None:
        self.tmp_path = Path(os.path.realpath(tmp_path))
        self.folder = self.tmp_path / "photos"
        self.folder.mkdir()
        self.library = self.tmp_path / "library"
        self.library.mkdir()
        self.database = Database(self.library / "library.sqlite3")
        self.session = GridSession()
        self.extractor = grid_extractor(self.session)
        self.projection = Projection.for_model(None, DIM)
        self.index = CompactIndex(self.projection.dim_out, graph_from)
        self.thumbnails = ThumbnailCache(self.library / "thumbnails", 10_000_000)
        self.progress = Progress()
        self.settings = Settings(workers=2)
        with self.database.transaction() as connection:
            self.model = embeddings.put_model(connection, "grid-0", "grid", DIM)
        self.root = self.add_root(self.folder)
        self.indexer = self.new_indexer()

    def new_indexer(self, *, model: int | None = None) -> Indexer:
        """Return another indexer of the same library."""
        return Indexer(
            self.database,
            self.index,
            self.projection,
            self.extractor,
            self.model if model is None else model,
            self.thumbnails,
            self.settings,
            self.progress,
            library_folder=self.library,
        )

    def close(self) -> None:
        """Let everything go."""
        self.indexer.close()
        self.database.close()

    def add_root(self, path: Path, excludes: tuple[str, ...] = ()) -> Root:
        """Know another folder."""
        volume = volume_of(path)
        inside = to_slashes(os.fsencode(path.relative_to(volume.mount)))
        with self.database.transaction() as connection:
            volume_id = folders.put_volume(connection, volume.key, volume.label, volume.mount)
            root_id = folders.put_root(connection, volume_id, inside, excludes)
        return next(root for root in self.roots() if root.root_id == root_id)

    def put(self, name: str, seed: int, folder: Path | None = None) -> Path:
        """Write the picture of a seed."""
        path = (folder or self.folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(picture(seed)))
        return path

    def fill(self, count: int) -> list[Path]:
        """Write pictures 000.png, 001.png …"""
        return [self.put(f"{number:03d}.png", number) for number in range(count)]

    def update(self, *, retry: bool = False) -> IndexCounts:
        """Bring all roots up to date."""
        return self.indexer.update(self.roots(), retry=retry)

    def apply(
        self, *, at: float = 0.0, again: Again | None = None, **changes: object
    ) -> list[ChangeEvent]:
        """Apply a change set given as sets of paths, and (from, to) pairs as `moves`.

        `at` is the monotonic time of all its events.
        """
        moves = changes.pop("moves", ())
        sets = {
            key: frozenset(os.fsencode(path) for path in paths)  # type: ignore[attr-defined]
            for key, paths in changes.items()
        }
        pairs = tuple((os.fsencode(a), os.fsencode(b)) for a, b in moves)  # type: ignore[attr-defined]
        every = frozenset().union(*sets.values())
        times = tuple((path, at) for path in every)
        return self.indexer.apply(ChangeSet(moves=pairs, last_events=times, **sets), again=again)

    def roots(self) -> list[Root]:
        """Return what the store knows of the roots."""
        return folders.roots(self.database.connection())

    def state(self) -> FolderState:
        """Return the state of the first root."""
        return next(r.state for r in self.roots() if r.root_id == self.root.root_id)

    def paths(self) -> list[str]:
        """Return the searchable files, relative to the root, sorted."""
        ids = embeddings.live_ids(self.database.connection(), self.model)
        found = photos.paths_of(self.database.connection(), ids.tolist())
        return sorted(
            os.path.relpath(path, self.folder) for paths in found.values() for path in paths
        )

    def photo_at(self, path: Path) -> int | None:
        """Return the photo that the store knows at a path."""
        relative = to_slashes(os.fsencode(path.relative_to(self.folder)))
        folder, _, name = relative.rpartition(b"/")
        row = files.file_at(self.database.connection(), self.root.root_id, folder, name)
        return None if row is None else row.photo_id

    def failures(self) -> list[Failure]:
        """Return what is not searchable."""
        return list(files.failures(self.database.connection()))

    def agrees(self) -> bool:
        """Return whether index and store hold the same photos."""
        live = embeddings.live_ids(self.database.connection(), self.model)
        return bool(np.array_equal(live, self.index.labels()))
