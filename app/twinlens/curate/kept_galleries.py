"""Galleries that a person named or pinned: decisions, bound to the contents of their photos.

Any thread; changes inside a transaction of the database.
"""

import json
import logging
from dataclasses import dataclass
from pathlib import Path

from twinlens.store import decisions
from twinlens.store.database import Connection, Database

log = logging.getLogger(__name__)

KIND = "gallery"
#: A gallery's name ends with so many bits that tell its level.
LEVEL_BITS = 3


@dataclass(frozen=True, slots=True)
class Kept:
    """A gallery that a person named or pinned; its photos stay together.

    `hashes` are those of their contents (BLAKE3, 32 bytes), `title` None is the one it would get.
    """

    name: int
    title: str | None
    pinned: bool
    hashes: tuple[bytes, ...]

    @property
    def level(self) -> int:
        """The level that it was found at."""
        return level_of(self.name)


def keep(database: Database, journal: Path, kept: Kept) -> None:
    """Remember that a person named or pinned a gallery."""
    body = {
        "title": kept.title,
        "pinned": kept.pinned,
        "photos": [digest.hex() for digest in kept.hashes],
    }
    _decide(database, journal, kept.name, json.dumps(body))


def release(database: Database, journal: Path, name: int) -> None:
    """Forget what a person said of a gallery; it is like any other from now on."""
    _decide(database, journal, name, None)


def kept_galleries(connection: Connection) -> dict[int, Kept]:
    """Return the galleries that a person named or pinned, by name."""
    found: dict[int, Kept] = {}
    for decision in decisions.decisions(connection, KIND):
        try:
            body = json.loads(decision.body or "")
            name = name_of(decision.key)
            title = None if body["title"] is None else str(body["title"])
            hashes = tuple(bytes.fromhex(digits) for digits in body["photos"])
        except (ValueError, KeyError, TypeError) as error:
            log.warning("the gallery %r cannot be read: %r", decision.key, error)
        else:
            found[name] = Kept(name, title, bool(body["pinned"]), hashes)
    return found


def level_of(name: int) -> int:
    """Return the level of a gallery, 0 the finest."""
    return name & ((1 << LEVEL_BITS) - 1)


def text_of(name: int) -> str:
    """Return the name of a gallery as people and programs see it, 16 hexadecimal digits."""
    return f"{name:016x}"


def name_of(text: str) -> int:
    """Return the name that `text_of` wrote.

    Raises:
        ValueError: it is none.
    """
    name = int(text, 16)
    if len(text) != 16 or not 0 <= name < 2**63:
        raise ValueError(f"{text!r} names no gallery")
    return name


def _decide(database: Database, journal: Path, name: int, body: str | None) -> None:
    with database.transaction() as connection:
        decisions.decide(connection, journal, KIND, text_of(name), body)
