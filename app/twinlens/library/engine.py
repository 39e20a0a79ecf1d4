"""Models at work on one library: network, projection and index, each loaded when needed.

Runs on any thread; what is loaded once is guarded by one lock.
"""

import logging
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from twinlens.curate.neighbours import Ids, KeptNeighbours, Scores, neighbours_kind
from twinlens.errors import IndexDamagedError, ModelError
from twinlens.index.compact import CompactIndex
from twinlens.index.projection import Projection
from twinlens.index.snapshot import SnapshotFacts, load_snapshot, save_snapshot
from twinlens.inference.extractor import Extractor, load_extractor
from twinlens.inference.model_spec import ModelSpec
from twinlens.ingest.reconcile import reconcile_index
from twinlens.library import models
from twinlens.library.labelling import label_index
from twinlens.reports import Notice, Notify
from twinlens.search.labels import LabelIndex
from twinlens.search.regions import RegionSearch
from twinlens.search.searcher import Searcher
from twinlens.search.verification import Verifier
from twinlens.settings import Settings
from twinlens.store import embeddings, photos
from twinlens.store.database import Database
from twinlens.store.features import FeatureStore

log = logging.getLogger(__name__)


class Engine:
    """What answers queries with one model."""

    def __init__(
        self,
        database: Database,
        index_folder: Path,
        spec: ModelSpec,
        settings: Settings,
        notify: Notify,
        features: FeatureStore,
    ) -> None:
        self.database = database
        self.features = features
        self.spec = spec
        self.index_folder = index_folder
        self._settings = settings
        self._notify = notify
        #: Whether the index differs from its snapshot since it was loaded.
        self.is_unsaved = False
        self._lock = threading.RLock()
        self._extractor: Extractor | None = None
        self._index: CompactIndex | None = None
        self._searcher: Searcher | None = None
        self._labels: LabelIndex | None = None
        self._verifier: Verifier | None = None
        self._model: int | None = None
        #: Who is near whom, for all that groups photos.
        self.neighbours = KeptNeighbours(
            features, neighbours_kind(spec.model_id), lambda: self.index.labels(), self._ask_index
        )
        self.projection = Projection.for_model(spec.projection, spec.dim)

    @property
    def model(self) -> int:
        """The database's key of this model, recorded at first use."""
        with self._lock:
            if self._model is None:
                found = embeddings.model_key(self.database.connection(), self.spec.model_id)
                if found is None:
                    with self.database.transaction() as connection:
                        found = embeddings.put_model(
                            connection, self.spec.model_id, self.spec.name, self.spec.dim
                        )
                self._model = found
            return self._model

    @property
    def extractor(self) -> Extractor:
        """The network, on the device that was granted."""
        with self._lock:
            if self._extractor is None:
                self._extractor = load_extractor(self.spec, self._settings.device)
                if self._extractor.notice:
                    self._notify(Notice(self._extractor.notice))
            return self._extractor

    @property
    def index(self) -> CompactIndex:
        """The index, in step with the store at the moment it was loaded."""
        with self._lock:
            if self._index is None:
                self._index = self._load_index()
            return self._index

    @property
    def searcher(self) -> Searcher:
        """What turns a query into hits."""
        with self._lock:
            if self._searcher is None:
                self._searcher = Searcher(
                    self.database,
                    self.index,
                    self.projection,
                    self.extractor,
                    self.model,
                    max_pixels=self._settings.max_pixels,
                    regions=self._region_search(),
                    verifier=self.verifier,
                )
            return self._searcher

    @property
    def verifier(self) -> Verifier:
        """What holds photos against a picture."""
        with self._lock:
            if self._verifier is None:
                self._verifier = Verifier(self.database, self.features, self._settings.max_pixels)
            return self._verifier

    @property
    def labels(self) -> LabelIndex:
        """What finds photos by a word.

        Raises:
            UsageError: the model gives no labels.
        """
        with self._lock:
            if self._labels is None:
                self._labels = label_index(self.spec, self.features)
            return self._labels

    def save_index(self) -> None:
        """Write a snapshot, if an index was loaded at all.

        The log is moved into the database first, so that after a power cut the store is never
        behind the index.
        """
        if self._index is None:
            return
        self.database.checkpoint()
        save_snapshot(self._index, self.index_folder, self._facts())
        self.is_unsaved = False

    def keep_in_step(self) -> None:
        """Bring the index in step with the store, if one was loaded at all."""
        if self._index is not None:
            self._fill(self._index)

    def rebuild_index(self) -> tuple[int, float]:
        """Build the index afresh from the stored descriptors and save it.

        Returns: (photos indexed, seconds).
        """
        started = time.monotonic()
        with self._lock:
            self._index = self._empty()
            self._searcher = None
            self._fill(self._index)
            while self._index.consolidate():
                pass
            self.save_index()
            return self._index.count, time.monotonic() - started

    def read_snapshot(self) -> CompactIndex | None:
        """Return the index as it lies on disk; None when there is none.

        Raises:
            IndexDamagedError: it does not match its manifest or the store.
        """
        loaded = load_snapshot(
            self.index_folder,
            library_id=self.database.library_id,
            model_id=self.spec.model_id,
            max_seq=self.database.seq,
            dim=self.projection.dim_out,
            graph_from=self._settings.graph_from,
        )
        return None if loaded is None else loaded[0]

    def _load_index(self) -> CompactIndex:
        try:
            # A model on its way to be used has none; what is saved is that of another one.
            in_use = self.database.meta(models.IN_USE_ID) in (None, self.spec.model_id)
            index = (self.read_snapshot() if in_use else None) or self._empty()
            self._fill(index)
        except IndexDamagedError as error:
            log.warning("the saved index is ignored: %s", error.message)
            self._notify(
                Notice(
                    f"{error.message} It is ignored: photos are compared without it until "
                    "indexing has built it again; none has to be embedded again."
                )
            )
            index = self._empty()
            self._fill(index)
        return index

    def _fill(self, index: CompactIndex) -> None:
        changed = reconcile_index(self.database, index, self.projection, self.model)
        self.is_unsaved = self.is_unsaved or changed > 0

    def _empty(self) -> CompactIndex:
        return CompactIndex(self.projection.dim_out, graph_from=self._settings.graph_from)

    def _ask_index(self, ids: Ids, k: int) -> Iterator[tuple[Ids, Ids, Scores]]:
        return self.index.neighbours(ids, k, os.cpu_count() or 1)

    def _region_search(self) -> RegionSearch | None:
        usable = self.spec.feature_map is not None and self.extractor.flexible
        return RegionSearch(self.features, self.extractor, self.projection) if usable else None

    def _facts(self) -> SnapshotFacts:
        return SnapshotFacts(self.database.library_id, self.spec.model_id, self.database.seq)


class Engines:
    """The engine of the model in use, made anew when another one takes over."""

    def __init__(
        self,
        database: Database,
        index_folder: Path,
        settings: Settings,
        notify: Notify,
        features: FeatureStore,
    ) -> None:
        self._database = database
        self._features = features
        self._folder = index_folder
        self._settings = settings
        self._notify = notify
        self._lock = threading.Lock()
        self._current: Engine | None = None

    def use(self, settings: Settings) -> None:
        """Take other choices; another device has the network loaded anew."""
        with self._lock:
            if settings.device != self._settings.device:
                self._current = None
            self._settings = settings

    def of(self, spec: ModelSpec) -> Engine:
        """Return an engine for a model, whether it is in use or not."""
        return Engine(
            self._database, self._folder, spec, self._settings, self._notify, self._features
        )

    def current(self) -> Engine:
        """Return the engine of the model in use, also after another process has switched."""
        in_use = self._database.meta(models.IN_USE_ID)
        with self._lock:
            if self._current is None or in_use not in (None, self._current.spec.model_id):
                spec = models.model_in_use(self._database)
                if self._current is None or self._current.spec.model_id != spec.model_id:
                    self._current = self.of(spec)
            return self._current

    def ready(self) -> Engine:
        """Return the current engine for indexing; a library without a model gets this one.

        Where the model in use cannot be used any more, one that the user chose takes its place.
        """
        successor = models.succeed_unusable(self._database)
        if successor is not None:
            self._notify(
                Notice(
                    f"{successor.title} is in use from now on, because the model used before "
                    "cannot be used any more; every photo is embedded with it."
                )
            )
        engine = self.current()
        models.remember_model(self._database, engine.spec)
        return engine

    def answering(self) -> Engine:
        """Return the current engine for a query.

        Raises:
            ModelError: there are photos, but none is embedded with the model as it is now.
        """
        engine = self.current()
        if engine.index.count == 0 and photos.live_count(self._database.connection()):
            raise ModelError(
                f"The photos have not been embedded with {engine.spec.title} as it is now, so "
                "nothing can be found yet.",
                "Run 'twinlens index'.",
            )
        return engine

    def adopt(self, engine: Engine) -> None:
        """Let an engine that is complete answer from now on."""
        with self._lock:
            self._current = engine
