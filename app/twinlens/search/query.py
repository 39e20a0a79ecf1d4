"""Turns the examples of a query into one descriptor. Runs on the thread that searches."""

import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from twinlens.errors import AppError, UnreadableImageError, UsageError
from twinlens.imaging.decode import CLOSE_SIDE, decode
from twinlens.imaging.preprocess import crop_region, preprocess
from twinlens.inference.extractor import Extractor
from twinlens.records import Example, Query, Region
from twinlens.search.pictures import EVERY_PIXEL, needed_side, read_picture, unusable
from twinlens.store import embeddings, photos
from twinlens.store.database import Database

Vector = NDArray[np.float32]
Pixels = NDArray[np.uint8]

#: A region with fewer pixels across says nothing.
SMALLEST_REGION = 8

#: A combined descriptor shorter than this is rounding noise: positives and negatives cancel out.
#: A stored descriptor, being float16, lies some 3e-4 from the same one computed anew.
SHORTEST = 2e-3

#: A view that comes nearer by this factor is the way up: of pictures turned by hand all but a few,
#: of others none in two thousand.
CLEARLY_NEARER = 0.6


@dataclass(frozen=True, slots=True)
class Described:
    """What one example looks like to the network.

    `descriptor` is (dim,) float32 of length 1; `digest` is the BLAKE3 of the file's content when
    the example is a whole picture, None for a region. `pixels` are those that were looked at, None
    for a photo whose descriptor was known.
    """

    descriptor: Vector
    digest: bytes | None
    pixels: Pixels | None = None


class Describer:
    """Describes examples with one model; safe to use from several threads.

    Args:
        database: where photos of the library are looked up.
        extractor: the network.
        model: the database's key of the model.
        max_pixels: pictures with more are refused.
    """

    def __init__(
        self, database: Database, extractor: Extractor, model: int, max_pixels: int
    ) -> None:
        self._database = database
        self._extractor = extractor
        self._model = model
        self._max_pixels = max_pixels

    def describe(self, example: Example) -> Described:
        """Return the descriptor of one example; a whole photo of the library needs no inference.

        Raises:
            UsageError: the example makes no sense.
            UnreadableImageError: its picture cannot be used; the message names it.
            AppError: every file of the photo is out of reach.
        """
        check_example(example)
        if example.photo_id is not None and example.region is None:
            stored = self._stored(example.photo_id)
            if stored is not None:
                return stored
        pixels, digest = self.picture(example)
        return Described(self._embed([pixels])[0], digest, pixels)

    def turned(self, described: Described) -> Vector | None:
        """Return the (3, dim) descriptors of a whole picture turned by right angles.

        None for a region, which is cut from a picture the right way up, and for a known photo.
        """
        if described.pixels is None or described.digest is None:
            return None
        return self._embed([np.rot90(described.pixels, turn) for turn in (1, 2, 3)])

    def _embed(self, pictures: list[Pixels]) -> Vector:
        facts = self._extractor.preprocessing
        batch = [preprocess(np.ascontiguousarray(pixels), facts) for pixels in pictures]
        return self._extractor.embed(np.stack(batch))

    def picture(self, example: Example) -> tuple[Pixels, bytes | None]:
        """Return the pixels that stand for an example, and the digest of a whole picture."""
        facts = self._extractor.preprocessing
        pixels, data = self._cut_out(example, max(facts.width, facts.height))
        return pixels, None if example.region is not None else blake3(data).digest()

    def close_up(self, example: Example) -> Pixels:
        """Return the pixels of an example as large as its details are looked at."""
        return self._cut_out(example, CLOSE_SIDE)[0]

    def every_pixel(self, example: Example) -> Pixels:
        """Return the pixels of an example at full size."""
        return self._cut_out(example, EVERY_PIXEL)[0]

    def _cut_out(self, example: Example, side: int) -> tuple[Pixels, bytes]:
        name, data = self._content(example)
        try:
            decoded = decode(
                data,
                min_side=needed_side(side, example.region),
                max_pixels=self._max_pixels,
                name=name,
            )
        except UnreadableImageError as error:
            raise unusable(name, error.code, error.message, error.hint) from error
        if example.region is not None:
            return _cut(decoded.pixels, example.region), data
        return decoded.pixels, data

    def _stored(self, photo_id: int) -> Described | None:
        connection = self._database.connection()
        ids, rows = embeddings.fetch(connection, self._model, [photo_id])
        digests = photos.hashes(connection, [photo_id])
        if len(ids) == 0 or photo_id not in digests:
            return None
        return Described(rows[0], digests[photo_id])

    def _content(self, example: Example) -> tuple[str, bytes]:
        if example.data is not None:
            return "", example.data
        if example.path is not None:
            return os.fspath(example.path), read_picture(example.path)
        assert example.photo_id is not None
        return self._photo_content(example.photo_id)

    def _photo_content(self, photo_id: int) -> tuple[str, bytes]:
        connection = self._database.connection()
        paths = photos.paths_of(connection, [photo_id]).get(photo_id)
        if not paths:
            raise UsageError(
                f"Photo {photo_id} is not in the library; nothing was searched.",
                "Choose another photo.",
            )
        reason: AppError | None = None
        for path in paths:
            try:
                return os.fspath(path), read_picture(path)
            except UnreadableImageError as error:
                reason = error
        raise AppError(
            f"The photo {paths[0]} cannot be reached, so nothing was searched.",
            "Connect the drive or share that it lies on, and try again.",
        ) from reason


def check_query(query: Query, k: int) -> None:
    """Refuse a query that has no meaning.

    Raises:
        UsageError: with the reason.
    """
    if k < 1:
        raise UsageError(f"{k} results were asked for; ask for at least one.")
    if all(example.negative for example in query.examples):
        raise UsageError(
            "A query needs at least one picture to look for; nothing was searched.",
            "Add a picture that results should look like.",
        )
    for example in (*query.examples, *query.marks):
        check_example(example)


def check_example(example: Example) -> None:
    """Refuse an example that has no meaning.

    Raises:
        UsageError: with the reason.
    """
    given = [value is not None for value in (example.path, example.data, example.photo_id)]
    if sum(given) != 1:
        raise UsageError("An example is either a file, or image data, or a photo of the library.")
    if not math.isfinite(example.weight) or example.weight < 0:
        raise UsageError(
            f"The weight {example.weight} has no meaning; nothing was searched.",
            "Weights are numbers from 0 up; use a negative example to move away from a picture.",
        )
    region = example.region
    if region is None:
        return
    values = (region.x, region.y, region.width, region.height)
    inside = all(math.isfinite(value) and 0 <= value <= 1 for value in values)
    if not inside or min(region.width, region.height) <= 0 or max(region.x, region.y) >= 1:
        raise UsageError(
            f"The region {','.join(f'{value:g}' for value in values)} does not lie on the picture; "
            "nothing was searched.",
            "Give x,y,width,height as fractions from 0 to 1 of the upright picture.",
        )


def combine(descriptors: Iterable[Vector], weights: Iterable[float]) -> Vector:
    """Return the weighted sum of descriptors, negative examples with weights below 0.

    Args:
        descriptors: (dim,) float32 each, of length 1.
        weights: one each.

    Returns:
        (dim,) float32 of length 1.

    Raises:
        UsageError: the examples cancel each other out.
    """
    signed = np.asarray(list(weights), dtype=np.float64)
    # Relative weights are all that counts, and enormous ones would overflow.
    signed = signed / max(float(np.abs(signed).max()), np.finfo(np.float64).tiny)
    total = signed @ np.stack(list(descriptors)).astype(np.float64)
    length = float(np.linalg.norm(total))
    if length < SHORTEST:
        raise UsageError(
            "The examples cancel each other out, so there is nothing to look for.",
            "Change the weights, or remove an example.",
        )
    combined: Vector = (total / length).astype(np.float32)
    return combined


def right_way_up(
    described: Described, turned: Vector | None, nearest: Callable[[Vector], float]
) -> Vector:
    """Return the descriptor of an example the way up that the library knows it, if that is clear.

    A network sees little in common between a picture and the same one on its side. A turned view
    is taken when it comes much nearer to some photo than the picture does as it was given.

    Args:
        turned: (n, dim) other ways up; None for none.
        nearest: gives the cosine of the photo nearest to a descriptor.
    """
    if turned is None:
        return described.descriptor
    found = [nearest(view) for view in turned]
    best = int(np.argmax(found))
    if 1 - found[best] < CLEARLY_NEARER * (1 - nearest(described.descriptor)):
        view: Vector = turned[best]
        return view
    return described.descriptor


def single_whole(query: Query) -> bool:
    """Tell whether the query is one whole picture, so that a hit can be that very picture."""
    return len(query.examples) == 1 and query.examples[0].region is None


def unweighted(example: Example) -> Example:
    """Return the example as a plain positive one."""
    return replace(example, negative=False, weight=1.0)


def _cut(pixels: Pixels, region: Region) -> Pixels:
    part = crop_region(pixels, region)
    if min(part.shape[:2]) < SMALLEST_REGION:
        raise UsageError(
            "The region is too small to show anything; nothing was searched.",
            "Choose a larger part of the picture.",
        )
    return part
