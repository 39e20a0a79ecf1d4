"""Verifies the likeliest photos of an answer by keypoints and pixels, and puts proven ones first.

Runs on the thread that searches, which alone touches the stores; workers of its own read, detect
and compare.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from twinlens.errors import AppError, UnreadableImageError
from twinlens.imaging.decode import CLOSE_SIDE, decode
from twinlens.imaging.keypoints import Keypoints, detect, unpack
from twinlens.index.exact import Ids, Vectors
from twinlens.matching.kept import (
    BOUND,
    KEYPOINTS,
    SHORTLIST,
    KeptCodes,
    code_of,
    find_keypoints,
)
from twinlens.matching.match_class import Verdict, judge
from twinlens.matching.shortlist import nearness
from twinlens.records import Example, Hit, MatchClass
from twinlens.search.pictures import EVERY_PIXEL, read_picture
from twinlens.search.query import Describer
from twinlens.store import photos
from twinlens.store.database import Database
from twinlens.store.features import FeatureStore

log = logging.getLogger(__name__)

Pixels = NDArray[np.uint8]
Flags = NDArray[np.bool_]

#: Photos verified for a query: the first of the ranking and of the shortlist, each.
VERIFIED = 30
#: Verified before anything is shown, and then at a time.
FIRST, STEP = 10, 25
#: Probability from which pictures without proof are called alike.
ALIKE = 0.5
_WORKERS = 2

_STRENGTH = {match: place for place, match in enumerate(MatchClass)}


@dataclass(frozen=True, slots=True)
class Asked:
    """The one picture that photos are held against; `read` gives its file when it is whole."""

    keypoints: Keypoints
    read: Callable[[], bytes] | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found out so far, by photo."""

    verdicts: dict[int, Verdict] = field(default_factory=dict)

    @property
    def proven(self) -> list[int]:
        """Photos that show the same, strongest first."""
        found = [
            (_STRENGTH[verdict.match], -verdict.strength, number)
            for number, verdict in self.verdicts.items()
            if verdict.match is not None
        ]
        return [number for _, _, number in sorted(found)]

    def mark(self, hits: list[Hit]) -> list[Hit]:
        """Return the hits with what was found out about them."""
        return [self._marked(hit) for hit in hits]

    def settle(self, hits: list[Hit]) -> list[Hit]:
        """Return the hits of which nothing was proven, but which are likely, as alike."""
        return [
            replace(hit, match=MatchClass.ALIKE)
            if hit.match is None and hit.photo_id in self.verdicts and is_alike(hit.probability)
            else hit
            for hit in hits
        ]

    def _marked(self, hit: Hit) -> Hit:
        verdict = self.verdicts.get(hit.photo_id)
        if verdict is None:
            return hit
        theirs = verdict.theirs
        return replace(
            hit,
            match=hit.match or verdict.match,
            inliers=verdict.inliers,
            region=hit.region if theirs is None else theirs.region,
            outline=theirs,
            query_outline=verdict.ours,
        )


class Verifier:
    """Holds photos of the library against a picture; safe to use from several threads.

    Args:
        database: where photos and their files are looked up.
        features: where keypoints and codes are kept.
        max_pixels: pictures with more are passed over.
    """

    def __init__(self, database: Database, features: FeatureStore, max_pixels: int) -> None:
        self._database = database
        self._features = features
        self._max_pixels = max_pixels
        self._codes = KeptCodes(features)

    def shortlist(self, asked: Asked, count: int, allowed: Ids | None = None) -> list[int]:
        """Return the photos whose keypoints are most like the picture's, best first."""
        ids, codes = self._codes.all()
        if allowed is not None:
            keep = np.isin(ids, allowed)
            ids, codes = ids[keep], codes[keep]
        bits = nearness(asked.keypoints, codes)
        order = np.lexsort((ids, -bits))[:count]
        found: list[int] = ids[order].tolist()
        return found

    def verify(self, asked: Asked, ids: Sequence[int]) -> Iterator[Verified]:
        """Hold photos against the picture, and yield all that is known after each few of them.

        Photos that cannot be read now are passed over.
        """
        known: dict[int, Verdict] = {}
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="verify") as workers:
            start, end = 0, FIRST
            while start < len(ids):
                known.update(self._judged(asked, ids[start:end], workers))
                yield Verified(dict(known))
                start, end = end, end + STEP

    def ask(self, describer: Describer, example: Example) -> Asked:
        """Return what photos are held against for an example."""
        if example.photo_id is not None and example.region is None:
            body = self._features.get(KEYPOINTS, [example.photo_id]).get(example.photo_id, b"")
            known = unpack(body)
            if known is not None:
                return Asked(known, lambda: describer.content(example))
        return asked_of(describer, example)

    def _judged(
        self, asked: Asked, ids: Sequence[int], workers: ThreadPoolExecutor
    ) -> dict[int, Verdict]:
        """Return verdicts on those photos that can be looked at."""
        connection = self._database.connection()
        bodies = self._features.get(KEYPOINTS, ids)
        absent = [number for number in ids if number not in bodies]
        paths = photos.paths_of(connection, ids)
        digests = photos.hashes(connection, absent)

        def look(number: int) -> tuple[int, bytes, Verdict] | None:
            body = bodies.get(number)
            if body is None:
                body = self._detected(paths.get(number, ()), digests.get(number, b""))
            points = unpack(body) if body else None
            if body is None or points is None:
                return None
            verdict = judge(asked.keypoints, points)
            if asked.read is not None and verdict.exact:
                verdict = self._exact(asked.read(), paths.get(number, ()), verdict)
            return number, body, verdict

        found = [one for one in workers.map(look, ids) if one is not None]
        self._keep({number: body for number, body, _ in found if number not in bodies})
        return {number: verdict for number, _, verdict in found}

    def keypoints(self, ids: Sequence[int]) -> dict[int, bytes]:
        """Return the packed keypoints of photos; those that cannot be looked at are left out."""
        found = self._features.get(KEYPOINTS, ids)
        absent = [number for number in ids if number not in found]
        connection = self._database.connection()
        paths = photos.paths_of(connection, absent)
        digests = photos.hashes(connection, absent)

        def look(number: int) -> bytes | None:
            return self._detected(paths.get(number, ()), digests.get(number, b""))

        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="keypoints") as workers:
            looked = zip(absent, workers.map(look, absent), strict=True)
            made = {number: body for number, body in looked if body is not None}
        self._keep(made)
        return found | made

    def same_pixels(self, one: int, other: int) -> bool:
        """Return whether every pixel of two photos is the same; False where one is out of reach."""
        paths = photos.paths_of(self._database.connection(), (one, other))
        try:
            ours, theirs = (
                self._decoded(read_picture(path), path.name, EVERY_PIXEL)
                for path in (paths[one][0], paths[other][0])
            )
        except (KeyError, UnreadableImageError) as error:
            log.debug("photos %d and %d cannot be compared in full: %s", one, other, error)
            return False
        return np.array_equal(ours, theirs)

    def _keep(self, made: dict[int, bytes]) -> None:
        if made:
            self._features.put(KEYPOINTS, made, bound=BOUND)
            self._features.put(SHORTLIST, {n: code_of(body) for n, body in made.items()})

    def _detected(self, paths: Sequence[Path], digest: bytes) -> bytes | None:
        for path in paths:
            try:
                data = read_picture(path)
                if blake3(data).digest() == digest:
                    return detect(self._decoded(data, path.name, CLOSE_SIDE))
            except UnreadableImageError as error:
                log.debug("%s cannot be verified: %s", path, error.message)
        return None

    def _exact(self, data: bytes, paths: Sequence[Path], verdict: Verdict) -> Verdict:
        """Return the verdict on a copy that looks the same, with all its pixels compared."""
        for path in paths:
            try:
                ours = self._decoded(data, "", EVERY_PIXEL)
                theirs = self._decoded(read_picture(path), path.name, EVERY_PIXEL)
            except UnreadableImageError as error:
                log.debug("%s cannot be compared in full: %s", path, error.message)
                continue
            same = np.array_equal(ours, theirs)
            return replace(verdict, match=MatchClass.SAME_PIXELS) if same else verdict
        return verdict

    def _decoded(self, data: bytes, name: str, side: int) -> Pixels:
        return decode(data, min_side=side, max_pixels=self._max_pixels, name=name).pixels


def is_alike(probability: float | None) -> bool:
    """Whether pictures of which nothing is proven rather show the same kind of thing."""
    return probability is not None and probability >= ALIKE


def candidates(ranked: Sequence[int], shortlisted: Sequence[int]) -> list[int]:
    """Return the photos to verify, those of both lists in turns, none twice."""
    both = zip_longest(ranked[:VERIFIED], shortlisted[:VERIFIED])
    return list(dict.fromkeys(one for pair in both for one in pair if one is not None))


def promote(
    proven: Sequence[int], ids: Ids, scores: Vectors, enough: Flags
) -> tuple[Ids, Vectors, Flags]:
    """Return a ranking with the proven photos first; what is proven is always good enough.

    Those that were not in the ranking come with a score of nan.
    """
    first = np.array(proven, dtype=np.int64)
    known = dict(zip(ids.tolist(), scores.tolist(), strict=True))
    ahead = np.array([known.get(number, np.nan) for number in proven], dtype=np.float32)
    rest = ~np.isin(ids, first)
    return (
        np.concatenate([first, ids[rest]]),
        np.concatenate([ahead, scores[rest]]),
        np.concatenate([np.ones(len(first), bool), enough[rest]]),
    )


def verdict_on(describer: Describer, a: Example, b: Example) -> Verdict:
    """Return how two pictures relate; nothing is proven of a photo that is out of reach."""
    try:
        one, two = asked_of(describer, a), asked_of(describer, b)
        verdict = judge(one.keypoints, two.keypoints)
        if verdict.exact and one.read is not None and two.read is not None:
            same = np.array_equal(describer.every_pixel(a), describer.every_pixel(b))
            return replace(verdict, match=MatchClass.SAME_PIXELS) if same else verdict
    except AppError as error:
        log.info("compared by descriptors alone: %s", error.message)
        return Verdict(None)
    return verdict


def asked_of(describer: Describer, example: Example) -> Asked:
    """Return what photos are held against for an example, found anew."""
    keypoints = find_keypoints(describer.close_up(example))
    if example.region is not None:
        return Asked(keypoints)
    return Asked(keypoints, lambda: describer.content(example))
