"""The verbs that answer with photos. Runs on the main thread."""

from dataclasses import replace
from pathlib import Path

import click

from twinlens.cli.common import (
    BAD_ANSWER,
    UNUSABLE,
    ArgumentPath,
    fsname,
    open_library,
    put_json,
    put_line,
    tell,
    verb,
)
from twinlens.cli.searches import Kept, kept_options
from twinlens.errors import AppError, UnreadableImageError, UsageError
from twinlens.library import Library
from twinlens.records import Comparison, Example, Filters, Hit, MatchClass, Query, Region
from twinlens.reports import Sighting


@click.command()
@click.argument("image", nargs=-1, type=ArgumentPath())
@click.option(
    "--not",
    "negative",
    multiple=True,
    type=ArgumentPath(),
    metavar="IMAGE",
    help="An example of what it should not look like (repeatable).",
)
@click.option(
    "--weight",
    multiple=True,
    type=float,
    metavar="W",
    help="Weight of the n-th example, those of --not last (repeatable; default 1).",
)
@click.option(
    "--region",
    multiple=True,
    metavar="X,Y,W,H",
    help="Part of the n-th image, in fractions of the upright picture; - for all of it.",
)
@click.option(
    "-k",
    "k",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="How many files to list.",
)
@click.option(
    "--label",
    metavar="WORD",
    help="Only photos that show this, such as dog; without an image, all of them, surest first.",
)
@click.option(
    "--min-probability",
    type=click.FloatRange(0, 1, max_open=True),
    metavar="P",
    help="Only photos at least so likely to show the same thing, from 0 up to 1.",
)
@click.option(
    "--match",
    type=click.Choice([match.value for match in MatchClass]),
    help="Only photos that are at least so closely related, such as edited; checks the best hits.",
)
@click.option("--rerank/--no-rerank", default=True, help="Refine the order (on).")
@click.option(
    "--verify/--no-verify", default=False, help="Check the best hits point by point (off)."
)
@click.option("--each", is_flag=True, help="Every image is a query of its own.")
@kept_options
@verb
def search(
    image: tuple[Path, ...],
    negative: tuple[Path, ...],
    weight: tuple[float, ...],
    region: tuple[str, ...],
    k: int,
    label: str | None,
    min_probability: float | None,
    match: str | None,
    rerank: bool,
    verify: bool,
    each: bool,
    kept: Kept,
    library_folder: Path | None,
    as_json: bool,
) -> int:
    """Find the photos that look like the images, or show what --label says, best first."""
    of_images = bool(negative or weight or region or each)
    least = min_probability is not None or match is not None
    kept.check(bool(image), of_images, label, least=least)
    if each and (negative or weight or kept != Kept()):
        raise UsageError("Only --region and filters have a meaning with --each.")
    regions = [parse_region(text) for text in region]
    if len(regions) > (1 if each else len(image)):
        raise UsageError("There are more --region than images; nothing was searched.")
    if len(weight) > len(image) + len(negative):
        raise UsageError("There are more --weight than examples; nothing was searched.")
    with open_library(library_folder) as library:
        if not library.photo_count():
            tell("The library is empty. Add a folder: twinlens index FOLDER.")
        filters = Filters(
            label=label,
            min_probability=min_probability,
            match=None if match is None else MatchClass(match),
        )
        if not image and kept.saved is None:
            _put_sightings(library, filters, k, as_json)
            return 0
        query = Query((), filters, rerank=rerank, verify=verify)
        if each:
            return _search_each(library, image, regions, k, query, as_json)
        query = replace(query, examples=_examples(image, negative, weight, regions))
        query = kept.asked(library, query)
        _put_hits(kept.saved or image[0], library.search(query, k), as_json)
        kept.keep(library, query)
    return 0


def _examples(
    images: tuple[Path, ...],
    negative: tuple[Path, ...],
    weight: tuple[float, ...],
    regions: list[Region | None],
) -> tuple[Example, ...]:
    examples = [
        Example(path=path, region=regions[n] if n < len(regions) else None)
        for n, path in enumerate(images)
    ]
    examples += [Example(path=path, negative=True) for path in negative]
    weights = [*weight, *[1.0] * (len(examples) - len(weight))]
    return tuple(replace(e, weight=w) for e, w in zip(examples, weights, strict=True))


def _search_each(
    library: Library,
    images: tuple[Path, ...],
    regions: list[Region | None],
    k: int,
    asked: Query,
    as_json: bool,
) -> int:
    region = regions[0] if regions else None
    answered = 0
    for path in images:
        query = replace(asked, examples=(Example(path=path, region=region),))
        try:
            hits = library.search(query, k)
        except UnreadableImageError as error:
            tell(str(error))
            continue
        if not as_json:
            put_line(f"{path}:")
        _put_hits(path, hits, as_json)
        answered += 1
    if answered == len(images):
        return 0
    return BAD_ANSWER if answered else UNUSABLE


@click.command()
@click.argument("a", type=ArgumentPath())
@click.argument("b", type=ArgumentPath())
@click.option(
    "--heatmap",
    type=ArgumentPath(),
    metavar="PNG",
    help="Write a picture of what drove the similarity.",
)
@verb
def compare(
    a: Path, b: Path, heatmap: Path | None, library_folder: Path | None, as_json: bool
) -> None:
    """Say how alike two images are; neither has to be in the library."""
    with open_library(library_folder) as library:
        found = library.compare(Example(path=a), Example(path=b))
        if heatmap is not None:
            _write(heatmap, library.heat_map(Example(path=a), Example(path=b)))
    if as_json:
        put_json({"a": fsname(a), "b": fsname(b), **_comparison_fields(found)})
    else:
        chance = "" if found.probability is None else f", probability {found.probability:.2f}"
        put_line(
            f"score {found.score:.4f}{chance}{f', {found.match.value}' if found.match else ''}"
        )


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise AppError(
            f"The heat map could not be written to {path} ({error.strerror}).",
            "Name a file in a folder you may write to.",
        ) from error


def parse_region(text: str) -> Region | None:
    """Read "X,Y,W,H" in fractions; "-" is the whole picture.

    Raises:
        UsageError: not four numbers that lie inside the picture.
    """
    if text == "-":
        return None
    try:
        x, y, width, height = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(
            f"'{text}' is not a region; nothing was searched.",
            "Give X,Y,W,H in fractions of the picture, such as 0.25,0.1,0.5,0.5.",
        ) from None
    inside = 0 <= x < 1 and 0 <= y < 1 and width > 0 and height > 0
    if not (inside and x + width <= 1 + 1e-6 and y + height <= 1 + 1e-6):
        raise UsageError(
            f"The region {text} does not lie inside the picture; nothing was searched.",
            "Fractions run from 0 to 1, from the top left.",
        )
    return Region(x, y, width, height)


def hit_fields(query: Path | str, hit: Hit) -> dict[str, object]:
    """Return the JSON fields of one hit."""
    return {
        "query": fsname(query),
        "rank": hit.rank,
        "path": fsname(hit.path),
        "score": round(hit.score, 6),
        "match": None if hit.match is None else hit.match.value,
        "photo_id": hit.photo_id,
        "probability": hit.probability,
        "region": _region_fields(hit.region),
    }


def _put_hits(query: Path | str, hits: list[Hit], as_json: bool) -> None:
    for hit in hits:
        if as_json:
            put_json(hit_fields(query, hit))
        else:
            match = hit.match.value if hit.match else ""
            put_line(f"{hit.rank:4}  {hit.score:.4f}  {match:10}  {hit.path}")
    if not hits:
        tell(f"Nothing was found for {query}.")


def _put_sightings(library: Library, filters: Filters, k: int, as_json: bool) -> None:
    found = library.sightings(filters, k)
    for sighting in found:
        if as_json:
            put_json(sighting_fields(filters.label, sighting))
        else:
            put_line(f"{sighting.rank:4}  {sighting.confidence:.2f}  {sighting.path}")
    if not found:
        tell(f"No photo surely shows {filters.label}.")
    waiting = library.photo_count() - library.labelled_count()
    if waiting > 0:
        tell(f"{waiting} photos have not been looked at for labels yet; 'twinlens index' does it.")


def sighting_fields(label: str | None, sighting: Sighting) -> dict[str, object]:
    """Return the JSON fields of a file found by a word: those of a hit, without a score."""
    return {
        "query": None,
        "rank": sighting.rank,
        "path": fsname(sighting.path),
        "score": None,
        "match": None,
        "photo_id": sighting.photo_id,
        "probability": None,
        "region": None,
        "label": label,
        "confidence": round(sighting.confidence, 4),
    }


def _comparison_fields(found: Comparison) -> dict[str, object]:
    return {
        "score": round(found.score, 6),
        "match": None if found.match is None else found.match.value,
        "inliers": found.inliers,
        "probability": found.probability,
        "region": _region_fields(found.region),
    }


def _region_fields(region: Region | None) -> list[float] | None:
    return None if region is None else [region.x, region.y, region.width, region.height]
