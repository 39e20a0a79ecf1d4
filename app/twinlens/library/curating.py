"""What the door offers for seeing what belongs together: duplicates and sets. On any thread."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twinlens.curate import sets
from twinlens.curate.best import RULES, Choice, Rule
from twinlens.curate.duplicates import STRENGTH, Star, is_enough, weakest
from twinlens.curate.finding import CANDIDATES_SHARE, Finder, Grouping, Sources, Stopped
from twinlens.curate.neighbours import Told
from twinlens.curate.pairs import Candidates, Verdicts
from twinlens.curate.sets import Shot
from twinlens.errors import UsageError
from twinlens.library.asking import Asking
from twinlens.library.engine import Engine
from twinlens.library.facts import Facts
from twinlens.matching.kept import SHORTLIST, KeptCodes
from twinlens.records import FailureCode, Filters, MatchClass
from twinlens.reports import Group
from twinlens.store import embeddings, files, photos

Ids = NDArray[np.int64]
#: Two pictures with at least this share of each in common have the same frame.
WHOLE = 0.95
#: Groups whose descriptors are read at once.
_AT_ONCE = 256


class Curating(Asking):
    """Groups of photos."""

    _finder: tuple[Engine, Finder] | None = None

    def duplicates(
        self,
        *,
        least: MatchClass = MatchClass.EDITED,
        within: Path | None = None,
        across: Path | None = None,
        rules: Sequence[str] = (),
        preferred: Sequence[Path] = (),
        bursts: bool = False,
        should_stop: Callable[[], bool] = lambda: False,
        told: Told = lambda _: None,
    ) -> list[Group]:
        """Return the groups of files that show the same, none of them in two.

        What two photos are to each other is kept: the next call compares what is new.

        Args:
            least: the weakest relation to the reference that counts, `SAME_SCENE` at most.
            within: only files in this folder.
            across: only groups with a file in this folder and one outside of it.
            rules: names of `Rule`, most important first, by which the best is chosen; none named:
                all of them.
            preferred: folders in which a file is better kept.
            bursts: instead of copies, shots that one camera took within seconds of each other and
                that show the same; `least` says nothing then, and none is said to be a copy.
            should_stop: ends the work; groups found until then are returned, and what was compared
                is kept.
            told: called now and then with the share, 0 to 1, of what is done.

        Raises:
            UsageError: a rule or relation is none that can be asked for.
        """
        if STRENGTH[least] > STRENGTH[MatchClass.SAME_SCENE]:
            raise UsageError(f"Photos that are merely {least} form no groups.")
        unknown = [rule for rule in rules if rule not in RULES]
        if unknown:
            raise UsageError(
                f"There is no rule '{unknown[0]}'.", f"The rules are {', '.join(RULES)}."
            )
        choice = Choice([Rule(rule) for rule in rules] or RULES, preferred)
        facts = Facts(self.database)
        key = tuple(rules), tuple(preferred), bursts
        if bursts:
            least = MatchClass.SAME_SCENE
        grouped = self._stars(facts, choice, least, within, key, (should_stop, told))
        if bursts:
            # What else a shot of a burst is to another one is chance: they were taken one by one.
            grouped = [Star(one.reference, dict.fromkeys(one.members, least)) for one in grouped]
        else:
            taken = {n for star in grouped for n in (star.reference, *star.members)}
            repeated = files.repeated(self.database.connection()).tolist()
            grouped += [Star(photo_id) for photo_id in repeated if photo_id not in taken]
        return [
            group
            for group in self._groups(grouped, facts, choice, within)
            if len(group.members) > 1 and (across is None or _crosses(group, across))
        ]

    def unseen_count(self) -> int:
        """Return how many photos were not looked at closely, by which far copies are found."""
        engine = self._works.engines.current()
        live = embeddings.live_ids(self.database.connection(), engine.model)
        return len(engine.features.missing(SHORTLIST, live))

    def kept_sets(self) -> list[Group]:
        """Return the files that belong together and are no duplicates, by name, time and folder.

        A RAW with its JPEG, the still of a Live Photo, and frames shot in a row.
        """
        facts = Facts(self.database)
        facts.learn(self.photo_ids())
        shots = [shot for photo_id in facts.known for shot in facts.shots(photo_id)]
        verdicts = self._found(self._works.engines.current()).verdicts
        found = [self._set(sets.RAW_JPEG, pair, facts) for pair in sets.raw_pairs(shots)]
        for row in sets.rows(shots):
            seen = [verdicts.get(facts.photo_of(a), facts.photo_of(b)) for a, b in pairwise(row)]
            kind = sets.kind_of_row([(one.match, one.share) for one in seen if one is not None])
            found.append(self._set(kind, row, facts))
        films = {
            sets.stem_key(failure.path): failure.path
            for failure in files.failures(self.database.connection())
            if failure.code == FailureCode.VIDEO
        }
        for shot in shots:
            film = films.get(sets.stem_key(shot.path))
            if film is not None:
                found.append(self._set(sets.LIVE_PHOTO, [shot], facts, f"with {film.name}"))
        return found

    def _stars(
        self,
        facts: Facts,
        choice: Choice,
        least: MatchClass,
        within: Path | None,
        key: tuple[object, ...],
        meanwhile: tuple[Callable[[], bool], Told],
    ) -> list[Star]:
        should_stop, told = meanwhile
        finder = self._found(self._works.engines.current())
        allowed: set[int] | None = None
        if within is not None:
            connection = self.database.connection()
            allowed = set(photos.matching_ids(connection, Filters(folder=within)).tolist())

        def order(part: Sequence[int]) -> list[int]:
            there = [n for n in part if allowed is None or n in allowed]
            ordered = choice.origins([copy for n in there for copy in facts.copies(n)])
            return list(dict.fromkeys(copy.photo_id for copy in ordered))

        inside = None if allowed is None else tuple(sorted(allowed))
        apart = facts.no_burst if key[-1] else facts.apart
        how = Grouping((key, least, inside), least, facts.learn, order, apart)

        def looked(share: float) -> None:
            if should_stop():
                raise Stopped
            told(CANDIDATES_SHARE * share)

        def compared(share: float) -> None:
            told(CANDIDATES_SHARE + (1 - CANDIDATES_SHARE) * share)

        with finder.lock:
            try:
                near = finder.refresh(looked)
            except Stopped:
                return []
            return finder.group(near, how, should_stop, compared)

    def _found(self, engine: Engine) -> Finder:
        """Return what groups the photos of an engine; it remembers what it found."""
        if self._finder is None or self._finder[0] is not engine:
            features, database = engine.features, self.database

            def nearest(
                ids: Ids, k: int, told: Told
            ) -> Iterator[tuple[Ids, Ids, NDArray[np.float32]]]:
                indexed = ids[np.isin(ids, engine.index.labels())]
                return engine.neighbours.nearest(indexed, k, told)

            sources = Sources(
                lambda: embeddings.live_ids(database.connection(), engine.model),
                nearest,
                KeptCodes(features),
                engine.verifier.keypoints,
                engine.verifier.same_pixels,
            )
            finder = Finder(
                sources,
                Candidates(features, f"neighbours/1/{engine.spec.model_id}"),
                Candidates(features, "collisions/1"),
                Verdicts(features),
            )
            self._finder = engine, finder
        return self._finder[1]

    def _groups(
        self, stars: Sequence[Star], facts: Facts, choice: Choice, within: Path | None
    ) -> Iterator[Group]:
        shown = [n for star in stars for n in (star.reference, *star.members)]
        facts.learn(shown)
        facts.look(shown, self._works.features.heads)
        for start in range(0, len(stars), _AT_ONCE):
            for star, scores in self._scored(stars[start : start + _AT_ONCE]):
                yield self._group(star, facts, choice, within, scores)

    def _group(
        self,
        star: Star,
        facts: Facts,
        choice: Choice,
        within: Path | None,
        scores: Mapping[int, float],
    ) -> Group:
        """Return the files of a star's photos, the best first."""
        matches = {star.reference: MatchClass.SAME_BYTES, **star.members}
        verdicts = self._found(self._works.engines.current()).verdicts
        altered = set()
        for photo_id, match in star.members.items():
            finding = verdicts.get(star.reference, photo_id)
            share = 1.0 if finding is None else finding.share
            # Another shot of the scene is a picture of its own, with nothing changed.
            same = is_enough(match, MatchClass.RE_ENCODED) and share >= WHOLE
            if not same and match is not MatchClass.SAME_SCENE:
                altered.add(photo_id)
        copies = [
            replace(copy, intact=photo_id not in altered)
            for photo_id in matches
            for copy in facts.copies(photo_id)
            if within is None or copy.path.is_relative_to(within)
        ]
        members = [
            facts.member(
                ranked.copy,
                matches[ranked.copy.photo_id],
                scores.get(ranked.copy.photo_id, 1.0),
                ranked.reasons,
            )
            for ranked in (choice.ranked(copies) if copies else ())
        ]
        return Group(
            facts.known[star.reference].hash.hex()[:16],
            weakest(member.match for member in members),
            star.reference,
            members[0].path if members else Path(),
            tuple(members),
        )

    def _scored(self, stars: Sequence[Star]) -> Iterator[tuple[Star, dict[int, float]]]:
        """Yield stars, each with the cosines of its photos to the reference, if there are."""
        model = self._works.engines.current().model
        wanted = [n for star in stars if star.members for n in (star.reference, *star.members)]
        ids, rows = embeddings.fetch(self.database.connection(), model, wanted)
        row_of = dict(zip(ids.tolist(), rows, strict=True))
        for star in stars:
            there = [n for n in (star.reference, *star.members) if n in row_of]
            if not star.members or star.reference not in row_of:
                yield star, {}
                continue
            cosines = np.stack([row_of[n] for n in there]) @ row_of[star.reference]
            yield star, dict(zip(there, np.clip(cosines, -1.0, 1.0).tolist(), strict=True))

    def _set(self, kind: str, shots: Iterable[Shot], facts: Facts, reason: str = "") -> Group:
        members = [
            facts.member(copy, MatchClass.SAME_SCENE, 1.0, (reason,) if reason else ())
            for shot in shots
            for copy in facts.copies(facts.photo_of(shot))
            if copy.path == shot.path
        ]
        first = members[0]
        return Group(
            first.hash.hex()[:16],
            MatchClass.SAME_SCENE,
            first.photo_id,
            first.path,
            tuple(members),
            kind,
        )


def _crosses(group: Group, folder: Path) -> bool:
    inside = {member.path.is_relative_to(folder) for member in group.members}
    return len(inside) == 2
