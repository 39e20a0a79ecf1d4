"""Verifies the likeliest photos of an answer by keypoints and pixels.

Runs on the thread that searches, which alone touches the stores; workers of its own read, detect
and compare.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from twinlens.errors import AppError, UnreadableImageError
from twinlens.imaging.decode import CLOSE_SIDE, decode
from twinlens.imaging.keypoints import Keypoints, detect, unpack
from twinlens.index.exact import Ids
from twinlens.matching.kept import (
    BOUND,
    KEYPOINTS,
    SHORTLIST,
    KeptCodes,
    code_of,
    find_keypoints,
)
from twinlens.matching.match_class import Verdict, judge
from twinlens.matching.screen import unlike
from twinlens.matching.shortlist import agreement_with, nearness
from twinlens.matching.sketch import sketch, sketch_of
from twinlens.records import Example, MatchClass
from twinlens.search.pictures import EVERY_PIXEL, pixel_digest, read_picture
from twinlens.search.query import Describer
from twinlens.search.verified import Verified, by_strength
from twinlens.store import photos
from twinlens.store.database import Database
from twinlens.store.features import FeatureStore

log = logging.getLogger(__name__)

Pixels = NDArray[np.uint8]

#: Photos verified for a query: the first of the ranking and of the shortlist, each.
VERIFIED = 30
#: Verified before anything is shown, and then at a time.
FIRST, STEP = 10, 25
#: After the first, a photo whose keypoints are no longer kept is not read again where fewer bits of
#: its code agree: hardly more than by chance.
WORTH_READING = 0.52
_WORKERS = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """A picture that photos are held against; `pixels` gives their digest when it is whole."""

    keypoints: Keypoints
    pixels: Callable[[], bytes] | None = None


class Verifier:
    """Holds photos of the library against pictures; safe to use from several threads.

    Args:
        database: where photos and their files are looked up.
        features: where keypoints and codes are kept.
        max_pixels: pictures with more are passed over.
    """

    def __init__(self, database: Database, features: FeatureStore, max_pixels: int) -> None:
        self._database = database
        self._features = features
        self._max_pixels = max_pixels
        #: The codes of all photos.
        self.codes = KeptCodes(features)

    def shortlist(self, asked: Asked, count: int, allowed: Ids | None = None) -> list[int]:
        """Return the photos whose keypoints are most like the picture's, best first."""
        ids, codes = self.codes.all()
        if allowed is not None:
            keep = np.isin(ids, allowed)
            # Mostly all are, and a copy of their codes would take as long as the comparison.
            if not keep.all():
                ids, codes = ids[keep], codes[keep]
        bits = nearness(asked.keypoints, codes)
        least = -np.partition(-bits, count)[count] if count < len(bits) else 0
        first = np.flatnonzero(bits >= least)
        order = first[np.lexsort((ids[first], -bits[first]))][:count]
        found: list[int] = ids[order].tolist()
        return found

    def verify(self, asked: Sequence[Asked], ids: Sequence[int]) -> Iterator[Verified]:
        """Hold photos against pictures, and yield all that is known after each few of them.

        What is known of a photo is the strongest of its relations to one of the pictures. Photos
        that cannot be read now are passed over.
        """
        known = dict.fromkeys(self._passed_over(asked, ids[FIRST:]), Verdict(None))
        ids = [number for number in ids if number not in known]
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="verify") as workers:
            start, end = 0, FIRST
            while start < len(ids):
                known.update(self._judged(asked, ids[start:end], workers))
                yield Verified(dict(known))
                start, end = end, end + STEP

    def ask(self, describer: Describer, example: Example, digest: bytes | None) -> Asked:
        """Return what photos are held against for an example.

        Args:
            digest: BLAKE3 of the file's content when the example is a whole picture: what is kept
                of a photo of the library serves for any file with its bytes.
        """
        connection = self._database.connection()
        same = None if digest is None else photos.photo_by_hash(connection, digest)
        if same is not None:
            known = unpack(self._features.get(KEYPOINTS, [same]).get(same, b""))
            if known is not None:
                return Asked(known, _all_pixels(describer, example))
        return asked_of(describer, example)

    def _passed_over(self, asked: Sequence[Asked], ids: Sequence[int]) -> list[int]:
        """Return the photos that would have to be read again, most likely for nothing."""
        kept = self._features.heads(KEYPOINTS, ids, 1)
        absent = [number for number in ids if number not in kept]
        if not absent:
            return []
        coded, codes = self.codes.all()
        places = np.flatnonzero(np.isin(coded, absent))
        common = [agreement_with(one.keypoints, codes[places]) for one in asked]
        found: list[int] = coded[places[np.max(common, axis=0) < WORTH_READING]].tolist()
        return found

    def _judged(
        self, asked: Sequence[Asked], ids: Sequence[int], workers: ThreadPoolExecutor
    ) -> dict[int, Verdict]:
        """Return verdicts on those photos that can be looked at."""
        connection = self._database.connection()
        bodies = self._features.get(KEYPOINTS, ids)
        absent = [number for number in ids if number not in bodies]
        paths = photos.paths_of(connection, ids)
        digests = photos.hashes(connection, absent)
        sketches = [sketch_of(one.keypoints) for one in asked]

        def look(number: int) -> tuple[int, bytes, Verdict] | None:
            body = bodies.get(number)
            if body is None:
                body = self._detected(paths.get(number, ()), digests.get(number, b""))
            seen = sketch(body) if body else None
            if body is None or seen is None:
                return None
            refused = unlike([(one, seen) for one in sketches])
            points = None if refused.all() else unpack(body)
            place = paths.get(number, ())
            verdicts = [
                Verdict(None)
                if points is None or refused[example]
                else replace(self._judge(one, points, place), example=example)
                for example, one in enumerate(asked)
            ]
            return number, body, min(verdicts, key=by_strength)

        found = [one for one in workers.map(look, ids) if one is not None]
        self._keep({number: body for number, body, _ in found if number not in bodies})
        return {number: verdict for number, _, verdict in found}

    def _judge(self, asked: Asked, points: Keypoints, paths: Sequence[Path]) -> Verdict:
        verdict = judge(asked.keypoints, points)
        if asked.pixels is not None and verdict.exact:
            return self._exact(asked.pixels, paths, verdict)
        return verdict

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
            ours, theirs = (self._pixels_of(paths[number][0]) for number in (one, other))
        except (KeyError, UnreadableImageError) as error:
            log.debug("photos %d and %d cannot be compared in full: %s", one, other, error)
            return False
        return ours == theirs

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

    def _exact(self, ours: Callable[[], bytes], paths: Sequence[Path], verdict: Verdict) -> Verdict:
        """Return the verdict on a copy that looks the same, with all its pixels compared."""
        for path in paths:
            try:
                same = ours() == self._pixels_of(path)
            except AppError as error:
                log.debug("%s cannot be compared in full: %s", path, error.message)
                continue
            return replace(verdict, match=MatchClass.SAME_PIXELS) if same else verdict
        return verdict

    def _pixels_of(self, path: Path) -> bytes:
        return pixel_digest(lambda: self._decoded(read_picture(path), path.name, EVERY_PIXEL))

    def _decoded(self, data: bytes, name: str, side: int) -> Pixels:
        return decode(data, min_side=side, max_pixels=self._max_pixels, name=name).pixels


def verdict_on(describer: Describer, a: Example, b: Example) -> Verdict:
    """Return how two pictures relate; nothing is proven of a photo that is out of reach."""
    try:
        one, two = asked_of(describer, a), asked_of(describer, b)
        verdict = judge(one.keypoints, two.keypoints)
        if verdict.exact and one.pixels is not None and two.pixels is not None:
            same = one.pixels() == two.pixels()
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
    return Asked(keypoints, _all_pixels(describer, example))


def _all_pixels(describer: Describer, example: Example) -> Callable[[], bytes]:
    """Return what gives the digest of an example's pixels; they are read once, when asked for."""
    return cache(lambda: pixel_digest(lambda: describer.every_pixel(example)))
