"""What is known of pairs of photos: who may relate to whom, and what was found. Any one thread.

Kept beside the other features, by photo and without any order between runs: the pairs of a photo
stand with the younger one, so that a new photo adds a row and changes none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twinlens.curate.parts import Links
from twinlens.records import MatchClass
from twinlens.store.features import FeatureStore

Ids = NDArray[np.int64]
Pair = tuple[int, int]

#: A change of `judge` that changes verdicts takes a new number.
VERDICTS = "verdicts/2"
_VERDICT = np.dtype([("other", "<i8"), ("match", "u1"), ("share", "u1")])
_MATCHES = tuple(MatchClass)
#: What has no class: nothing was proven, a first look refused it, or a first look was not enough.
_NOTHING, _REFUSED, _UNSURE = 255, 254, 253
#: Whether `same-pixels` was looked for is part of the verdict; shares are kept as percent.
_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """What a pair was found to be; `share` of the lesser frame shows what both have in common."""

    match: MatchClass | None
    share: float = 0.0


#: What a first look at a pair says, until it is judged.
REFUSED, UNSURE = Finding(None), Finding(None)
_BRIEF = {_REFUSED: REFUSED, _UNSURE: UNSURE}


class Marks:
    """A set of photos, at a byte a photo where a `set` takes a hundred."""

    def __init__(self) -> None:
        self._flags = np.zeros(0, dtype=np.bool_)

    def add(self, ids: Ids) -> None:
        """Mark photos."""
        surplus = int(ids.max(initial=-1)) + 1 - len(self._flags)
        if surplus > 0:
            self._flags = np.pad(self._flags, (0, surplus))
        self._flags[ids] = True

    def remove(self, ids: Ids) -> None:
        """Take marks away from photos that have them."""
        self._flags[ids] = False

    def __contains__(self, photo_id: int) -> bool:
        return photo_id < len(self._flags) and bool(self._flags[photo_id])

    def missing(self, ids: Ids) -> Ids:
        """Return those of the ids that are not marked, in their order."""
        known = ids < len(self._flags)
        known[known] = self._flags[ids[known]]
        return ids[~known]


class Candidates:
    """Photos that may relate, found one way; a photo without a body was not looked at yet.

    Args:
        kind: the name of the feature.
    """

    def __init__(self, features: FeatureStore, kind: str) -> None:
        self._features = features
        self._kind = kind
        self._done = Marks()
        self.near = Links()
        for rows in features.stream(kind):
            self._done.add(np.array([photo_id for photo_id, _ in rows], dtype=np.int64))
            for photo_id, body in rows:
                for other in np.frombuffer(body, "<i8").tolist():
                    self.near.link(photo_id, other)

    def new(self, ids: Ids) -> Ids:
        """Return those of the ids, ascending, that were not looked at."""
        return self._done.missing(ids)

    def put(self, found: Mapping[int, Iterable[int]], final: Ids) -> None:
        """Note whom photos may relate to; those of `final` need not be looked at again."""
        for photo_id, others in found.items():
            for other in others:
                self.near.link(photo_id, other)
        self._done.add(final)
        bodies = {n: np.array(sorted(found[n]), "<i8").tobytes() for n in final.tolist()}
        self._features.put(self._kind, bodies)


class Verdicts:
    """Findings by pair; the order of the two does not count."""

    def __init__(self, features: FeatureStore) -> None:
        self._features = features
        self._known: dict[Pair, Finding] = {}
        self._unsaved: dict[int, dict[int, Finding]] = {}
        for rows in features.stream(VERDICTS):
            for photo_id, body in rows:
                for other, finding in _unpacked(body):
                    self._known[other, photo_id] = finding

    def __len__(self) -> int:
        return len(self._known)

    def get(self, one: int, other: int) -> Finding | None:
        """Return what a pair was found to be; None where it was not judged."""
        found = self._known.get((min(one, other), max(one, other)))
        return None if found is UNSURE else found

    def refused(self, one: int, other: int) -> bool | None:
        """Return whether a first look refused a pair; None where nobody looked."""
        found = self._known.get((min(one, other), max(one, other)))
        return None if found is None else found is REFUSED

    def put(self, one: int, other: int, finding: Finding) -> None:
        """Remember a finding; `save` keeps it."""
        older, younger = min(one, other), max(one, other)
        self._known[older, younger] = finding
        self._unsaved.setdefault(younger, {})[older] = finding

    def save(self) -> None:
        """Keep what is new."""
        unsaved, self._unsaved = self._unsaved, {}
        bodies = self._features.get(VERDICTS, unsaved)
        self._features.put(
            VERDICTS,
            {
                photo_id: _packed({**dict(_unpacked(bodies.get(photo_id, b""))), **findings})
                for photo_id, findings in unsaved.items()
            },
        )


def _packed(findings: Mapping[int, Finding]) -> bytes:
    rows = [
        (other, _match(finding), round(finding.share * _PERCENT))
        for other, finding in sorted(findings.items())
    ]
    return np.array(rows, dtype=_VERDICT).tobytes()


def _match(finding: Finding) -> int:
    if finding.match is not None:
        return _MATCHES.index(finding.match)
    return next((n for n, brief in _BRIEF.items() if finding is brief), _NOTHING)


def _unpacked(body: bytes) -> list[tuple[int, Finding]]:
    if len(body) % _VERDICT.itemsize:
        return []
    return [
        (other, _BRIEF[match] if match in _BRIEF else _finding(match, share))
        for other, match, share in np.frombuffer(body, _VERDICT).tolist()
    ]


def _finding(match: int, share: int) -> Finding:
    return Finding(_MATCHES[match] if match < len(_MATCHES) else None, share / _PERCENT)
