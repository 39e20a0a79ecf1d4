"""What the door offers for seeing what belongs together: duplicates and sets. On any thread."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from twinlens.curate import sets
from twinlens.curate.best import RULES, Rule
from twinlens.curate.duplicates import STRENGTH
from twinlens.curate.neighbours import Told
from twinlens.curate.sets import Shot
from twinlens.errors import UsageError
from twinlens.library.asking import Asking
from twinlens.library.facts import Facts
from twinlens.library.listing import Asked, Listing
from twinlens.matching.kept import SHORTLIST
from twinlens.records import FailureCode, MatchClass
from twinlens.reports import Group
from twinlens.store import embeddings, files


class Curating(Asking):
    """Groups of photos."""

    _listed: Listing | None = None

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
        asked = Asked(
            MatchClass.SAME_SCENE if bursts else least,
            within,
            tuple(Rule(rule) for rule in rules) or RULES,
            tuple(preferred),
            bursts,
        )
        found = self._listing().groups(asked, should_stop, told)
        return [group for group in found if across is None or _crosses(group, across)]

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
        verdicts = self._listing().verdicts
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

    def _listing(self) -> Listing:
        """Return what lists the groups of the model in use; it remembers what it found."""
        engine = self._works.engines.current()
        if self._listed is None or self._listed.engine is not engine:
            self._listed = Listing(engine)
        return self._listed

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
