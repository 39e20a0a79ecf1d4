"""Makes of stars the groups that are shown, and keeps them while nothing of them changes.

One thread at a time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from twinlens.curate.best import LOSSY, Choice
from twinlens.curate.duplicates import Star, is_enough, weakest
from twinlens.curate.pairs import Verdicts
from twinlens.imaging.keypoints import HEAD_BYTES, sharpness
from twinlens.library.engine import Engine
from twinlens.library.facts import Facts
from twinlens.matching.kept import KEYPOINTS
from twinlens.records import MatchClass
from twinlens.reports import Group
from twinlens.store import embeddings

#: Two pictures with at least this share of each in common have the same frame.
WHOLE = 0.95
#: Groups whose descriptors are read at once.
_AT_ONCE = 256


class Showing:
    """The groups that were shown last, at 1.2 kB a file, three quarters of it what was handed out.

    A group shows what its star is, the files of its photos, and how sharp these are; the rest of
    what is known of a photo goes by its content, and never changes.

    Args:
        verdicts: what pairs were found to be.
    """

    def __init__(self, engine: Engine, verdicts: Verdicts) -> None:
        self._engine = engine
        self._verdicts = verdicts
        self._shown: dict[int, tuple[Star, Group]] = {}
        self._shown_as: object = None
        self._changed: set[int] = set()
        #: Photos of which is not known how sharp they are, as of a state of what is kept.
        self._dull: set[int] = set()
        self._state = engine.features.state(KEYPOINTS)

    def forget(self, photo_ids: Iterable[int]) -> None:
        """Make the groups of these photos anew the next time."""
        self._changed.update(photo_ids)

    def groups(
        self,
        stars: Sequence[Star],
        facts: Facts,
        choice: Choice,
        within: Path | None,
        key: object,
    ) -> list[Group]:
        """Return the groups of stars, each the best file first.

        Args:
            within: only files in this folder.
            key: tells this way of showing from others.
        """
        if key != self._shown_as:
            self._shown.clear()
            self._shown_as = key
        self._look_again()
        new = [star for star in stars if not self._is_shown(star)]
        photo_ids = [n for star in new for n in (star.reference, *star.members)]
        facts.learn(photo_ids)
        facts.look(photo_ids, self._engine.features.heads)
        self._dull.update(n for n in photo_ids if not facts.is_sharpness_known(n))
        for start in range(0, len(new), _AT_ONCE):
            for star, scores in self._scored(new[start : start + _AT_ONCE]):
                group = self._group(star, facts, choice, within, scores)
                self._shown[star.reference] = star, group
        self._shown = {star.reference: self._shown[star.reference] for star in stars}
        self._changed.clear()
        return [group for _, group in self._shown.values()]

    def _is_shown(self, star: Star) -> bool:
        """Return whether the group of a star is as it was shown last."""
        shown = self._shown.get(star.reference)
        if shown is None or star.reference in self._changed:
            return False
        same = shown[0] is star or shown[0] == star
        return same and self._changed.isdisjoint(star.members)

    def _look_again(self) -> None:
        """Forget groups with photos that were looked at closely meanwhile."""
        features = self._engine.features
        state = features.state(KEYPOINTS)
        if state != self._state:
            heads = features.heads(KEYPOINTS, self._dull, HEAD_BYTES)
            seen = {n for n, head in heads.items() if sharpness(head) is not None}
            self.forget(seen)
            self._dull -= seen
            self._state = state

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
        altered = set()
        for photo_id, match in star.members.items():
            finding = self._verdicts.get(star.reference, photo_id)
            share = 1.0 if finding is None else finding.share
            # Another shot of the scene is a picture of its own, with nothing changed.
            same = is_enough(match, MatchClass.RE_ENCODED) and share >= WHOLE
            if not same and match is not MatchClass.SAME_SCENE:
                altered.add(photo_id)
        decoded = self._decoded(list(matches), facts)
        copies = [
            replace(copy, intact=photo_id not in altered, decoded=photo_id in decoded)
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

    def _decoded(self, photo_ids: Sequence[int], facts: Facts) -> set[int]:
        """Return the photos known to have just the pixels of a JPEG among them."""
        jpegs = [n for n in photo_ids if any(copy.format in LOSSY for copy in facts.copies(n))]
        found = ((n, self._verdicts.get(n, jpeg)) for jpeg in jpegs for n in photo_ids if n != jpeg)
        return {n for n, one in found if one is not None and one.match is MatchClass.SAME_PIXELS}

    def _scored(self, stars: Sequence[Star]) -> Iterator[tuple[Star, dict[int, float]]]:
        """Yield stars, each with the cosines of its photos to the reference, if there are."""
        wanted = [n for star in stars if star.members for n in (star.reference, *star.members)]
        connection = self._engine.database.connection()
        ids, rows = embeddings.fetch(connection, self._engine.model, wanted)
        row_of = dict(zip(ids.tolist(), rows, strict=True))
        for star in stars:
            there = [n for n in (star.reference, *star.members) if n in row_of]
            if not star.members or star.reference not in row_of:
                yield star, {}
                continue
            cosines = np.stack([row_of[n] for n in there]) @ row_of[star.reference]
            yield star, dict(zip(there, np.clip(cosines, -1.0, 1.0).tolist(), strict=True))
