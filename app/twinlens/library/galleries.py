"""What the door offers for browsing by likeness: galleries. On any thread, one at a time."""

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twinlens.curate import galleries, titles
from twinlens.curate.clusters import FEWEST, typical
from twinlens.curate.galleries import LEVELS, Assignment
from twinlens.curate.kept_galleries import (
    Kept,
    keep,
    kept_galleries,
    level_of,
    name_of,
    release,
    text_of,
)
from twinlens.curate.neighbours import Nearest, Told
from twinlens.errors import UsageError
from twinlens.library.asking import Asking
from twinlens.library.engine import Engine
from twinlens.records import Filters, Gallery
from twinlens.store import decisions, embeddings, photos

Ids = NDArray[np.int64]

#: The level that is shown where none is asked for.
LEVEL = 2
#: Who asks second waits for the first, and finds its work done.
_one_at_a_time = threading.Lock()


class Arranging(Asking):
    """Galleries of photos that look alike."""

    def galleries(
        self, coarse: int = LEVEL, *, anew: bool = False, told: Told = lambda _: None
    ) -> list[Gallery]:
        """Return the galleries of a level, pinned ones first, then the largest.

        They are brought in step first: a few new photos join where their neighbours are, many have
        all photos clustered anew. A photo that is like too few others is in none.

        Args:
            coarse: the level, 0 (few photos each) to 4 (many).
            anew: cluster all photos in any case.
            told: called now and then with the share, 0 to 1, of the photos that were compared;
                what it raises ends the work.

        Raises:
            UsageError: there is no such level.
        """
        if not 0 <= coarse < LEVELS:
            raise UsageError(f"Galleries are between 0 (fine) and {LEVELS - 1} (coarse).")
        assignment = self._assignment(anew=anew, told=told)
        kept = kept_galleries(self.database.connection())
        found = [
            (name, ids, cover)
            for name, ids, cover in assignment.members(coarse)
            if len(ids) >= FEWEST or name in kept
        ]
        return self._described(found, kept, assignment, coarse)

    def name_gallery(self, gallery: str, title: str | None) -> None:
        """Call a gallery by a title of one's own, from then on it keeps its photos.

        None or nothing but spaces gives it the title that it would get.

        Raises:
            UsageError: there is no such gallery.
        """
        self._keep(gallery, title=(title or "").strip() or None)

    def pin_gallery(self, gallery: str, pinned: bool = True) -> None:
        """Have a gallery come first, from then on it keeps its photos; or no longer.

        Raises:
            UsageError: there is no such gallery.
        """
        self._keep(gallery, pinned=pinned)

    def typical_photos(self, photo_ids: Sequence[int], most: int = 4) -> list[int]:
        """Return a few photos that stand for many: near their middle, and not copies."""
        index = self._engine().index
        ids = np.array(photo_ids, dtype=np.int64)
        ids = ids[np.isin(ids, index.labels())]
        if not len(ids):
            return [int(number) for number in photo_ids[:most]]
        chosen: list[int] = ids[typical(index.vectors(ids), most)].tolist()
        return chosen

    def places(self, photo_ids: Iterable[int]) -> dict[int, list[Path]]:
        """Return the files where photos lie."""
        return photos.paths_of(self.database.connection(), photo_ids)

    def _keep(self, gallery: str, **changes: object) -> None:
        """Change what is kept of a gallery; what is neither named nor pinned is released."""
        try:
            name = name_of(gallery)
        except ValueError:
            raise _no_gallery(gallery) from None
        connection = self.database.connection()
        before = kept_galleries(connection).get(name, Kept(name, None, False, ()))
        assignment = galleries.read(self._works.features, self._kind(self._engine()))
        level = min(level_of(name), LEVELS - 1)
        ids = assignment.ids[assignment.names[:, level] == name].tolist()
        hashes = {*before.hashes, *photos.hashes(connection, ids).values()}
        if not hashes:
            raise _no_gallery(gallery)
        after = replace(before, hashes=tuple(sorted(hashes)), **changes)  # type: ignore[arg-type]
        journal = self._works.folder / decisions.FILE_NAME
        if after.title is None and not after.pinned:
            release(self.database, journal, name)
        else:
            keep(self.database, journal, after)

    def _assignment(self, *, anew: bool, told: Told) -> Assignment:
        engine = self._engine()
        with _one_at_a_time:
            return galleries.assign(
                self.database,
                self._works.features,
                self._kind(engine),
                self._indexed(engine),
                self._nearest(engine, told, anew=anew),
                anew=anew,
            )

    def _indexed(self, engine: Engine) -> Ids:
        """Return the photos that have a file and are in the index."""
        live = embeddings.live_ids(self.database.connection(), engine.model)
        found: Ids = live[np.isin(live, engine.index.labels())]
        return found

    def _nearest(self, engine: Engine, told: Told, *, anew: bool) -> Nearest:
        """Return what knows the neighbours of photos; `anew` has all of them asked for again."""
        if anew:
            engine.neighbours.forget()
        return lambda ids, k: engine.neighbours.nearest(ids, k, told)

    def _described(
        self,
        found: list[tuple[int, Ids, int]],
        kept: dict[int, Kept],
        assignment: Assignment,
        level: int,
    ) -> list[Gallery]:
        """Return galleries with what people see of them."""
        known = {
            photo_id: (file, time)
            for photo_id, _, file, *_, time in photos.overview(
                self.database.connection(), Filters()
            )
        }
        # A file's own time is often that of a download, which no title should tell.
        times = photos.times_taken(self.database.connection())
        engine = self._engine()
        labels: list[str | None] = [None] * len(found)
        if engine.spec.calibration:
            labels = engine.labels.common([ids for _, ids, _ in found])
        repeated = {label for label, count in Counter(labels).items() if count > 1}
        parents = _parents(assignment, level)
        described = []
        for (name, ids, cover), label in zip(found, labels, strict=True):
            there = [number for number in ids.tolist() if number in known]
            there.sort(key=lambda number: (known[number][1] or "", number))
            if not there:
                continue
            first, last = titles.span([times.get(number) for number in there])
            folder = titles.common_folder([known[number][0] for number in there])
            mine = kept.get(name)
            named = mine.title if mine is not None else None
            described.append(
                Gallery(
                    gallery=text_of(name),
                    level=level,
                    title=named
                    or titles.made_title(label, folder, first, last, with_folder=label in repeated),
                    label=label,
                    first=first,
                    last=last,
                    photos=tuple(there),
                    cover=cover if cover in known else there[0],
                    parent=parents.get(name),
                    pinned=mine is not None and mine.pinned,
                    named=named is not None,
                )
            )
        described.sort(key=lambda one: (not one.pinned, -len(one.photos), one.gallery))
        return self._told_apart(described)

    def _told_apart(self, described: list[Gallery]) -> list[Gallery]:
        """Return galleries of which no two that nobody named have one title."""
        made = [None if one.named else one.title for one in described]
        often = Counter(made)
        engine = self._engine()
        hints: list[str | None] = [None] * len(described)
        wanted = [n for n, title in enumerate(made) if often[title] > 1]
        if wanted and engine.spec.calibration:
            covers = [np.array([described[n].cover]) for n in wanted]
            for n, hint in zip(wanted, engine.labels.common(covers), strict=True):
                hints[n] = hint
        apart = titles.told_apart(made, hints)
        return [
            one if title is None else replace(one, title=title)
            for one, title in zip(described, apart, strict=True)
        ]

    def _engine(self) -> Engine:
        return self._works.engines.answering()

    def _kind(self, engine: Engine) -> str:
        return galleries.galleries_kind(engine.spec.model_id)


def _parents(assignment: Assignment, level: int) -> dict[int, str]:
    """Return the gallery of the next level that most photos of each gallery are in."""
    if level + 1 == LEVELS:
        return {}
    pairs, counts = np.unique(assignment.names[:, level : level + 2], axis=0, return_counts=True)
    return {int(pairs[place, 0]): text_of(int(pairs[place, 1])) for place in np.argsort(counts)}


def _no_gallery(gallery: str) -> UsageError:
    return UsageError(f"There is no gallery {gallery!r}.", "See 'twinlens galleries'.")
