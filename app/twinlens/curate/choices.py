"""What a person decided about photos, bound to their contents. Pure, but for reading it.

A decision is known by the hashes of the contents it is about, so it holds after a rename, in a new
library and on another computer. Only a protected folder is known by its path, and of a content with
several files those that stay, which nothing else tells apart.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from twinlens.records import MatchClass
from twinlens.reports import Group, Member
from twinlens.store import decisions
from twinlens.store.database import Connection


class Choice(StrEnum):
    """What was decided; the values are kinds of decisions in the journal and never change."""

    KEEP = "keep"
    KEEP_ONE = "keep-one"
    TRASH = "trash"
    NOT_DUPLICATES = "not-duplicates"
    KEEP_ALL = "keep-all"
    PROTECTED = "protected"
    STAYS = "stays"


#: Decided of each content, where the later one holds, and of a set of contents.
SINGLE = (Choice.KEEP, Choice.KEEP_ONE, Choice.TRASH)
SETS = (Choice.NOT_DUPLICATES, Choice.KEEP_ALL)

HASH_BYTES = 32
#: From the weakest relation to the strongest.
_WEAKEST_FIRST = list(reversed(MatchClass))

Hashes = frozenset[bytes]


@dataclass(frozen=True, slots=True)
class Contents:
    """A decision about contents; `files` is how many files a set had, 0 where that is unknown.

    `paths` are the files that stay of a content.
    """

    choice: Choice
    key: str
    hashes: Hashes
    files: int
    at: float
    paths: frozenset[Path] = frozenset()


@dataclass(frozen=True, slots=True)
class Choices:
    """Every decision that holds; `keep_one` says how many files each such content had, 0 where
    that is unknown, `staying` which files were chosen of contents with several."""

    keep: Hashes = frozenset()
    trash: Hashes = frozenset()
    sets: tuple[Contents, ...] = ()
    protected: tuple[Path, ...] = ()
    keep_one: Mapping[bytes, int] = field(default_factory=dict)
    staying: frozenset[Path] = frozenset()
    _by_hash: dict[bytes, list[Contents]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for decided in self.sets:
            for digest in decided.hashes:
                self._by_hash.setdefault(digest, []).append(decided)

    def open_parts(self, group: Group) -> list[Group]:
        """Return what of a group is still to be decided.

        Contents that were called no duplicates of the reference's leave the group; only their own
        copies are left to look at. A set that was decided to stay returns with a new content, or
        with one file more.
        """
        digest = next((m.hash for m in group.members if m.photo_id == group.reference), b"")
        known = self._by_hash.get(digest, [])
        apart = {h for s in known if s.choice is Choice.NOT_DUPLICATES for h in s.hashes} - {digest}
        parts = [tuple(member for member in group.members if member.hash not in apart)]
        for content in sorted(apart):
            copies = (member for member in group.members if member.hash == content)
            parts.append(tuple(replace(copy, match=MatchClass.SAME_BYTES) for copy in copies))
        return [
            _part(group, members)
            for members in parts
            if len(members) > 1 and not self._is_settled(members)
        ]

    def fates(self, group: Group) -> tuple[str, ...]:
        """Return what was decided of each file of a group: "keep", "trash", or "" for nothing.

        Files that were chosen stay, unless their content goes. Of a content of which one file is
        enough no others do; where none was chosen, the best of them. With one more file than there
        was they are to be decided about again. Copies of a content that goes are told apart by
        nothing but their places: of nothing but such, the best stays.
        """
        files = Counter(member.hash for member in group.members)
        stays: dict[bytes, Path] = {}
        for member in group.members:
            if member.path == group.best or member.hash not in stays:
                stays[member.hash] = member.path
        chosen = {member.hash for member in group.members if member.path in self.staying}
        spared = group.best if len(files) == 1 else None
        found: list[str] = []
        for member in group.members:
            known = self.keep_one.get(member.hash)
            one = known is not None and not (known and files[member.hash] > known)
            kept = member.path in self.staying
            if one and member.hash not in chosen:
                kept = member.path == stays[member.hash]
            if member.hash in self.trash:
                kept, one = member.path == spared, True
            if member.hash in self.keep or kept:
                found.append(Choice.KEEP.value)
            else:
                found.append(Choice.TRASH.value if one else "")
        return tuple(found)

    def _is_settled(self, members: tuple[Member, ...]) -> bool:
        contents = {member.hash for member in members}
        return any(
            decided.choice is Choice.KEEP_ALL
            and contents <= decided.hashes
            and not (decided.files and len(members) > decided.files)
            for decided in self._by_hash.get(members[0].hash, [])
        )

    def protects(self, path: Path) -> Path | None:
        """Return the protected folder that a file lies in, if any."""
        return next((folder for folder in self.protected if path.is_relative_to(folder)), None)


def _part(group: Group, members: tuple[Member, ...]) -> Group:
    """Return a group with only these of its members."""
    if len(members) == len(group.members):
        return group
    paths = [member.path for member in members]
    reference = group.reference
    name = group.group
    if all(member.photo_id != reference for member in members):
        reference = members[0].photo_id
        name = members[0].hash.hex()[:16]
    return replace(
        group,
        group=name,
        reference=reference,
        members=members,
        best=group.best if group.best in paths else paths[0],
        match=min((member.match for member in members), key=_WEAKEST_FIRST.index),
    )


def choices(connection: Connection) -> Choices:
    """Return every decision that holds now."""
    made = about_contents(connection)
    return Choices(
        keep=frozenset(h for item in made if item.choice is Choice.KEEP for h in item.hashes),
        keep_one={
            h: item.files for item in made if item.choice is Choice.KEEP_ONE for h in item.hashes
        },
        trash=frozenset(h for item in made if item.choice is Choice.TRASH for h in item.hashes),
        sets=tuple(item for item in made if item.choice in SETS),
        staying=frozenset(path for item in made for path in item.paths),
        protected=tuple(
            Path(item.key) for item in decisions.decisions(connection, Choice.PROTECTED)
        ),
    )


def about_contents(connection: Connection) -> list[Contents]:
    """Return the decisions about contents that hold now and can be read."""
    found: list[Contents] = []
    for choice in (*SINGLE, *SETS, Choice.STAYS):
        for item in decisions.decisions(connection, choice):
            try:
                said: Any = json.loads(item.body or "")
                hashes = hashes_of(said["hashes"])
                paths = frozenset(Path(str(path)) for path in said.get("paths", ()))
                files = int(said["files"])
                found.append(Contents(choice, item.key, hashes, files, item.at, paths))
            except (ValueError, KeyError, TypeError, RecursionError):
                continue
    return found


def hashes_of(texts: list[str]) -> Hashes:
    """Return the contents that hexadecimal texts name; ValueError where one names none."""
    found = frozenset(bytes.fromhex(text) for text in texts)
    if not found or any(len(digest) != HASH_BYTES for digest in found):
        raise ValueError("not the hashes of contents")
    return found
