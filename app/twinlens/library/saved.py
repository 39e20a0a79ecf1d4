"""Searches kept under a name: asked anew each time, so that they know the photos of today.

Runs on the caller's thread. The pictures of a search are kept with it, reduced where they are
large, so that it outlives the files it was made from.
"""

import io
import json
import logging
import os
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

from blake3 import blake3
from PIL import Image

from twinlens.errors import LibraryError, UsageError
from twinlens.imaging.decode import decode
from twinlens.records import Example, Filters, Query, Region, SavedSearch
from twinlens.search.pictures import read_picture
from twinlens.search.query import check_query
from twinlens.store import decisions, photos
from twinlens.store.database import Connection, Database

log = logging.getLogger(__name__)

KIND = "search"
#: Where the pictures of searches lie, in the library folder.
FOLDER = "searches"
#: Larger pictures are reduced to this long side; network and keypoints see no more of them.
_LONG_SIDE = 1600
_LARGE = 2_000_000
_QUALITY = 92


def save_search(
    database: Database, library_folder: Path, name: str, query: Query, max_pixels: int
) -> None:
    """Keep a query under a name, in the place of one of the same name.

    Raises:
        UsageError: the name is empty, or the query has no meaning.
        UnreadableImageError: a picture of it cannot be read.
        LibraryError: it cannot be written.
    """
    name = name.strip()
    if not name:
        raise UsageError("A search needs a name to be kept under.")
    check_query(query, 1)
    pictures = _Pictures(database, library_folder / FOLDER, max_pixels)
    body = {
        "examples": [pictures.keep(example) for example in query.examples],
        "marks": [pictures.keep(example) for example in query.marks],
        "filters": _filter_fields(query.filters),
        "rerank": query.rerank,
    }
    _decide(database, library_folder, name, json.dumps(body))


def forget_search(database: Database, library_folder: Path, name: str) -> None:
    """Keep a search no longer.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in (decision.key for decision in _kept(database.connection())):
        raise UsageError(f"There is no search called {name!r}.")
    _decide(database, library_folder, name, None)
    _tidy(database, library_folder / FOLDER)


def rename_search(database: Database, library_folder: Path, name: str, new: str) -> None:
    """Keep a search under another name.

    Raises:
        UsageError: there is none of that name, or the other one is empty or taken.
        LibraryError: it cannot be written.
    """
    new = new.strip()
    if not new:
        raise UsageError("A search needs a name to be kept under.")
    bodies = {decision.key: decision.body for decision in _kept(database.connection())}
    if name not in bodies:
        raise UsageError(f"There is no search called {name!r}.")
    if new == name:
        return
    if new in bodies:
        raise UsageError(f"There is a search called {new!r} already.", "Choose another name.")
    journal = library_folder / decisions.FILE_NAME
    with database.transaction() as connection:
        decisions.decide(connection, journal, KIND, new, bodies[name])
        decisions.decide(connection, journal, KIND, name, None)


def saved_searches(database: Database, library_folder: Path) -> list[SavedSearch]:
    """Return the searches by name."""
    found: list[SavedSearch] = []
    for decision in _kept(database.connection()):
        try:
            found.append(_read(database, library_folder / FOLDER, decision))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("the search %r cannot be read: %r", decision.key, error)
    return found


def saved_search(database: Database, library_folder: Path, name: str) -> SavedSearch:
    """Return one search.

    Raises:
        UsageError: there is none of that name.
    """
    for search in saved_searches(database, library_folder):
        if search.name == name:
            return search
    raise UsageError(f"There is no search called {name!r}.", "See 'twinlens searches'.")


class _Pictures:
    """Keeps the pictures of examples in a folder, under the digest of what they were."""

    def __init__(self, database: Database, folder: Path, max_pixels: int) -> None:
        self._database = database
        self._folder = folder
        self._max_pixels = max_pixels

    def keep(self, example: Example) -> dict[str, object]:
        """Keep one and return what to remember of it."""
        data = self._content(example)
        if data is None:
            digest = self._digest(example)
        else:
            digest = blake3(data).digest()
            self._write(digest, data)
        fields: dict[str, object] = {"hash": digest.hex(), "weight": example.weight}
        if example.negative:
            fields["negative"] = True
        if example.path is not None:
            fields["path"] = os.fspath(example.path)
        if example.region is not None:
            fields["region"] = list(asdict(example.region).values())
        return fields

    def _content(self, example: Example) -> bytes | None:
        """Return the file's content; None for a photo of the library that is out of reach."""
        if example.data is not None:
            return example.data
        if example.path is not None:
            return read_picture(example.path)
        assert example.photo_id is not None
        places = photos.paths_of(self._database.connection(), [example.photo_id])
        for path in places.get(example.photo_id, ()):
            try:
                return path.read_bytes()
            except OSError as error:
                log.info("%s is out of reach: %s", path, error)
        return None

    def _digest(self, example: Example) -> bytes:
        assert example.photo_id is not None
        known = photos.hashes(self._database.connection(), [example.photo_id])
        if example.photo_id not in known:
            raise UsageError(
                f"Photo {example.photo_id} is not in the library, so the search was not kept.",
                "Choose another photo.",
            )
        return known[example.photo_id]

    def _write(self, digest: bytes, data: bytes) -> None:
        target = self._folder / digest.hex()
        if target.exists():
            return
        if len(data) > _LARGE:
            data = self._reduced(data)
        partial = target.with_suffix(".part")
        try:
            self._folder.mkdir(exist_ok=True)
            partial.write_bytes(data)
            partial.replace(target)
        except OSError as error:
            raise LibraryError(
                f"The picture of the search cannot be kept in {self._folder} ({error.strerror}); "
                "the search was not kept.",
                "Check that there is room and that you may write there.",
            ) from error

    def _reduced(self, data: bytes) -> bytes:
        picture = Image.fromarray(
            decode(data, min_side=_LONG_SIDE, max_pixels=self._max_pixels).pixels
        )
        picture.thumbnail((_LONG_SIDE, _LONG_SIDE), Image.Resampling.LANCZOS)
        target = io.BytesIO()
        picture.save(target, "JPEG", quality=_QUALITY)
        return target.getvalue()


def _kept(connection: Connection) -> list[decisions.Decision]:
    return decisions.decisions(connection, KIND)


def _decide(database: Database, library_folder: Path, name: str, body: str | None) -> None:
    with database.transaction() as connection:
        decisions.decide(connection, library_folder / decisions.FILE_NAME, KIND, name, body)


def _read(database: Database, folder: Path, decision: decisions.Decision) -> SavedSearch:
    fields = json.loads(decision.body or "")
    examples = [_example(database, folder, item) for item in fields["examples"]]
    marks = [_example(database, folder, item) for item in fields["marks"]]
    query = Query(
        tuple(item for item in examples if item is not None),
        _filters(fields["filters"]),
        rerank=bool(fields["rerank"]),
        marks=tuple(item for item in marks if item is not None),
    )
    return SavedSearch(decision.key, query, missing=sum(item is None for item in examples + marks))


def _example(database: Database, folder: Path, fields: dict[str, object]) -> Example | None:
    """Return a kept example: the photo of the library, else its file, else its kept picture."""
    digest = bytes.fromhex(str(fields["hash"]))
    region = fields.get("region")
    example = Example(
        weight=float(str(fields["weight"])),
        negative=bool(fields.get("negative", False)),
        region=Region(*map(float, region)) if isinstance(region, list) else None,
    )
    photo_id = photos.photo_by_hash(database.connection(), digest)
    if photo_id is not None and photos.paths_of(database.connection(), [photo_id]):
        return replace(example, photo_id=photo_id)
    picture = folder / digest.hex()
    if picture.exists():
        return replace(example, path=picture)
    return None if photo_id is None else replace(example, photo_id=photo_id)


def _filter_fields(filters: Filters) -> dict[str, object]:
    fields = {name: value for name, value in asdict(filters).items() if value is not None}
    if filters.folder is not None:
        fields["folder"] = os.fspath(filters.folder)
    fields.pop("among", None)
    return fields


def _filters(fields: dict[str, object]) -> Filters:
    known = {name: value for name, value in fields.items() if name in Filters.__slots__}
    if "folder" in known:
        known["folder"] = Path(str(known["folder"]))
    return Filters(**known)  # type: ignore[arg-type]


def _tidy(database: Database, folder: Path) -> None:
    """Drop the pictures that no search has any more."""
    used: set[str] = set()
    for decision in _kept(database.connection()):
        used |= set(_hashes(decision.body or ""))
    try:
        for picture in list(folder.iterdir()):
            if picture.name not in used:
                picture.unlink(missing_ok=True)
    except OSError as error:
        log.info("pictures of forgotten searches stay: %s", error)


def _hashes(body: str) -> Iterable[str]:
    fields = json.loads(body)
    for item in [*fields["examples"], *fields["marks"]]:
        yield str(item["hash"])
