"""What can be asked of a library: photos like others, and what is known of one. On any thread."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from twinlens.errors import UsageError
from twinlens.library import browsing, labelling, previews, saved
from twinlens.library.works import Works
from twinlens.records import (
    Comparison,
    Example,
    Filters,
    Hit,
    Photo,
    Query,
    SavedSearch,
    Tile,
)
from twinlens.reports import HeatMaps, Pair, Sighting
from twinlens.search import chances, heatmap
from twinlens.settings import Settings
from twinlens.store import decisions, files, photos
from twinlens.store.database import Database


class Asking:
    """The questions of the door."""

    def __init__(self, works: Works) -> None:
        self._works = works

    @property
    def database(self) -> Database:
        """The open database."""
        return self._works.database

    @property
    def settings(self) -> Settings:
        """The user's choices."""
        return self._works.settings

    def get_ready(self) -> None:
        """Load network and index, so that the first query waits for neither; watching does too."""
        self._works.updater.get_ready()

    def search(self, query: Query, k: int = 20) -> list[Hit]:
        """Return the k best files for a query, best first."""
        engine = self._works.engines.answering()
        filters = labelling.resolved(query.filters, lambda: engine.labels)
        return engine.searcher.search(replace(query, filters=filters), k)

    def verified_tiles(self, query: Query, k: int = 200) -> Generator[list[Tile], None, None]:
        """Yield the best photos for a query as the grid shows them, then with more verified.

        The first come as soon as they are found, and nothing comes after them where the query does
        not ask for verification. Whoever has enough closes the iterator: indexing waits at the next
        photo until then.
        """
        engine = self._works.engines.answering()
        filters = labelling.resolved(query.filters, lambda: engine.labels)
        self._works.updater.gate.close()
        try:
            for hits in engine.searcher.answers(replace(query, filters=filters), k):
                yield browsing.tiles_of_hits(self.database, hits)
        finally:
            self._works.updater.gate.open()

    def browse(self, filters: Filters, order: str = "date", most: int | None = None) -> list[Tile]:
        """Return every photo that satisfies the filters.

        Args:
            filters: what a photo must satisfy.
            order: "date" is newest first, "name" by file name, "label" the surest to show what
                `filters.label` names first; without a label that is by date.
            most: only so many of them, the first; the newest of the library come at once.
        """
        filters = labelling.resolved(filters, lambda: self._works.engines.current().labels)
        return browsing.browse(self.database, filters, order, most)

    def sightings(self, filters: Filters, k: int | None = None) -> list[Sighting]:
        """Return the files that show what `filters.label` names, surest first.

        Raises:
            UsageError: no label is called so; the hint names what comes close.
        """
        labels = self._works.engines.current().labels
        return labelling.sightings(self.database, labels, filters, k)

    def preview(self, example: Example, long_side: int) -> tuple[bytes, int, int]:
        """Return (RGB bytes, width, height) of an example, upright, at most `long_side` long.

        Raises:
            UnreadableImageError, AppError: it cannot be shown; the sentence says why.
        """
        return previews.preview(
            self.database, self._works.thumbnails, example, long_side, self.settings
        )

    def compare(self, a: Example, b: Example) -> Comparison:
        """Return how alike two images are, in the library or not."""
        return self._works.engines.current().searcher.compare(a, b)

    def pairs_to_judge(self, n: int = 20) -> list[Pair]:
        """Return pairs of photos to ask a person about: do they show the same thing?"""
        return self._works.engines.current().searcher.chances.pairs_to_judge(n)

    def judge(self, a: int, b: int, same: bool | None) -> None:
        """Remember whether two photos show the same thing; None takes it back.

        Probabilities follow what was said.

        Raises:
            UsageError: the photos are one, or one of them is not in the library.
        """
        journal = self._works.folder / decisions.FILE_NAME
        chances.judge(self.database, journal, a, b, same)

    def judged_count(self) -> int:
        """Return how many pairs a person has judged."""
        return len(decisions.decisions(self.database.connection(), chances.JUDGED))

    def forget_judgements(self) -> int:
        """Take all judgements back, so that the model's own fit holds; return how many."""
        return chances.forget_judgements(self.database, self._works.folder / decisions.FILE_NAME)

    def heat_maps(self, a: Example, b: Example) -> HeatMaps:
        """Return both images under colours that show what drives their similarity."""
        return self._works.engines.current().searcher.heat_maps(a, b)

    def heat_map(self, a: Example, b: Example) -> bytes:
        """Return a PNG of both images that shows what drives their similarity, with a legend."""
        return heatmap.draw_pair(self.heat_maps(a, b))

    def recall(self, samples: int = 50) -> float | None:
        """Return the measured recall at 10 of the search against an exact one; None when empty."""
        engine = self._works.engines.current()
        return engine.searcher.recall_at(10, samples=samples) if engine.index.count else None

    def mend_recall(self, samples: int = 50) -> float | None:
        """Measure the recall and search wider from now on where it falls short; return it."""
        engine = self._works.engines.current()
        return engine.searcher.mend_recall(samples) if engine.index.count else None

    def saved_searches(self) -> list[SavedSearch]:
        """Return the searches kept under a name, in the order of names."""
        return saved.saved_searches(self.database, self._works.folder)

    def saved_search(self, name: str) -> SavedSearch:
        """Return one of them.

        Raises:
            UsageError: there is none of that name.
        """
        return saved.saved_search(self.database, self._works.folder, name)

    def save_search(self, name: str, query: Query) -> None:
        """Keep a query under a name, in the place of one of the same name."""
        settings = self.settings
        saved.save_search(self.database, self._works.folder, name, query, settings.max_pixels)

    def rename_search(self, name: str, new: str) -> None:
        """Keep a search under another name, which must be free."""
        saved.rename_search(self.database, self._works.folder, name, new)

    def forget_search(self, name: str) -> None:
        """Keep a search no longer."""
        saved.forget_search(self.database, self._works.folder, name)

    # Look

    def photo(self, photo_id: int) -> Photo | None:
        """Return what is known of one photo."""
        return photos.photo(self.database.connection(), photo_id)

    def photo_at(self, path: Path) -> int:
        """Return the photo that lies at a path.

        Raises:
            UsageError: there is no searchable photo of the library.
        """
        row = files.row_of(self.database.connection(), path)
        if row is None or row.photo_id is None:
            raise UsageError(
                f"{path} is no photo of this library; nothing was kept.",
                "Run 'twinlens index' if it is new.",
            )
        return row.photo_id

    def photo_ids(self) -> list[int]:
        """Return the photos that have a file, in the order they came."""
        return [int(n) for n in photos.matching_ids(self.database.connection(), Filters())]

    def labels(self, photo_id: int) -> list[tuple[str, float]] | None:
        """Return what a photo shows and how sure each is, surest first.

        None while it has not been looked at; empty where nothing is sure enough.
        """
        engine = self._works.engines.current()
        return engine.labels.of(photo_id) if engine.spec.calibration else []

    def complete_label(self, prefix: str) -> list[str]:
        """Return the labels that a word so begun may become."""
        return self._works.engines.current().labels.vocabulary.complete(prefix)

    def labelled_count(self) -> int:
        """Return how many photos were looked at for labels so far."""
        return self._works.engines.current().labels.photo_count()

    def thumbnail(self, photo_id: int) -> bytes | None:
        """Return a small JPEG of a photo, made again where the cache has dropped it."""
        return previews.thumbnail(self.database, self._works.thumbnails, photo_id, self.settings)

    def paths(self, photo_id: int) -> list[Path]:
        """Return the files where one photo lies."""
        return photos.paths_of(self.database.connection(), [photo_id]).get(photo_id, [])

    def photo_count(self) -> int:
        """Return the number of photos that have a file."""
        return photos.live_count(self.database.connection())
