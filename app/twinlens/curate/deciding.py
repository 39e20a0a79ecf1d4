"""Record, undo, export and take in what a person decided. Functions inside a transaction."""

import json
import os
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blake3 import blake3

from twinlens.curate.choices import SETS, SINGLE, Choice, about_contents, hashes_of
from twinlens.store import decisions
from twinlens.store.database import Connection

#: An act of deciding: what holds instead once it is undone.
ACT = "decided"

#: Kind, key, and the body before and after; None is no decision.
Step = tuple[str, str, str | None, str | None]


@dataclass(slots=True)
class _Act:
    """An act of deciding as the journal holds it; `at` is Unix time."""

    name: str
    review: str
    at: float
    steps: list[Step]

    def step(self, kind: str, key: str) -> int | None:
        """Return which step is about a decision, if any."""
        found = (place for place, step in enumerate(self.steps) if step[:2] == (kind, key))
        return next(found, None)

    def body(self) -> str:
        """Return it as text."""
        return json.dumps({"review": self.review, "at": self.at, "steps": self.steps})


def choose(
    connection: Connection,
    journal: Path,
    choice: Choice,
    contents: Iterable[bytes],
    *,
    files: int = 0,
    review: str = "",
    staying: Mapping[bytes, Iterable[Path]] | None = None,
) -> str:
    """Record what was decided about contents, in a transaction, as one act that can be undone.

    Args:
        choice: KEEP, KEEP_ONE and TRASH are about each content, the later one holds;
            NOT_DUPLICATES and KEEP_ALL about all of them together.
        contents: hashes, 32 bytes each.
        files: how many files a set has, or each content of which one is enough.
        review: the plan it belongs to.
        staying: see `stay`.

    Returns: the name of the act.

    Raises:
        LibraryError: the journal cannot be written.
    """
    changes: list[tuple[str, str, str | None]] = []
    hashes = sorted(set(contents))
    if choice in SETS:
        changes.append((choice, set_key(hashes), _body(hashes, files)))
    for digest in hashes if choice in SINGLE else ():
        changes += [(other, digest.hex(), None) for other in SINGLE if other is not choice]
        known = files if choice is Choice.KEEP_ONE else 0
        changes.append((choice, digest.hex(), _body([digest], known)))
    return _decide(connection, journal, [*changes, *_stays(staying or {})], review)


def stay(
    connection: Connection,
    journal: Path,
    staying: Mapping[bytes, Iterable[Path]],
    *,
    review: str = "",
) -> str:
    """Record which files stay of contents with several, in a transaction; return the act.

    Without a path the content's files are told apart by nothing again.
    """
    return _decide(connection, journal, _stays(staying), review)


def _stays(staying: Mapping[bytes, Iterable[Path]]) -> list[tuple[str, str, str | None]]:
    changes: list[tuple[str, str, str | None]] = []
    for digest, paths in sorted(staying.items()):
        names = sorted(os.fsdecode(path) for path in paths)
        changes.append((Choice.STAYS, digest.hex(), _body([digest], 0, names) if names else None))
    return changes


def protect(connection: Connection, journal: Path, folder: Path, *, protected: bool = True) -> str:
    """Let no plan take a file of a folder, or allow it again, in a transaction; return the act."""
    body = "" if protected else None
    return _decide(connection, journal, [(Choice.PROTECTED, str(folder), body)], "")


def take_back(connection: Connection, journal: Path, contents: Iterable[bytes]) -> int:
    """Take back each decision about any of these contents, in a transaction; return how many."""
    hashes = set(contents)
    gone = [item for item in about_contents(connection) if item.hashes & hashes]
    if gone:
        _decide(connection, journal, [(item.choice, item.key, None) for item in gone], "")
    return len(gone)


def undo(connection: Connection, journal: Path, act: str) -> int:
    """Take an act of deciding back, in a transaction: what held before it holds again.

    Where a later act decided the same anew, that one stays, and gives way to what held before this
    one once it is undone itself.

    Returns: how many decisions changed.
    """
    known = _known(connection)
    undone = next((item for item in known if item.name == act), None)
    if undone is None:
        return 0
    later = known[known.index(undone) + 1 :]
    heirs: dict[str, _Act] = {}
    restored: list[tuple[str, str, str | None]] = []
    for kind, key, before, after in undone.steps:
        heir = next((item for item in later if item.step(kind, key) is not None), None)
        if heir is not None:
            place = heir.step(kind, key)
            assert place is not None
            heir.steps[place] = (kind, key, before, heir.steps[place][3])
            heirs[heir.name] = heir
        elif _body_of(connection, kind, key) == after != before:
            restored.append((kind, key, before))
    rewritten = [(ACT, heir.name, heir.body()) for heir in heirs.values()]
    decisions.decide_all(connection, journal, [*restored, *rewritten, (ACT, act, None)])
    return len(restored)


def acts(connection: Connection) -> list[tuple[str, str, float, int]]:
    """Return (act, review, Unix time, decisions) of each act of deciding, oldest first."""
    return [(item.name, item.review, item.at, len(item.steps)) for item in _known(connection)]


def exported(connection: Connection) -> list[dict[str, Any]]:
    """Return every decision about contents as {decision, hashes, files, at}, for JSON lines.

    Where files stay of a content with several, `paths` are theirs.
    """
    return [
        {
            "decision": item.choice.value,
            "hashes": sorted(digest.hex() for digest in item.hashes),
            "files": item.files,
            "at": item.at,
            **({"paths": sorted(os.fsdecode(path) for path in item.paths)} if item.paths else {}),
        }
        for item in about_contents(connection)
    ]


def taken_in(connection: Connection, journal: Path, lines: Iterable[str]) -> tuple[int, int]:
    """Take in decisions as `exported` gives them, one JSON object a line, in a transaction.

    What has been decided here already stays as it is.

    Returns: (decisions taken in, lines that are none).
    """
    known = {(item.choice, item.key) for item in about_contents(connection)}
    changes: list[tuple[str, str, str | None]] = []
    bad = 0
    for line in lines:
        if not line.strip():
            continue
        found = _parsed(line)
        if found is None:
            bad += 1
            continue
        choice, hashes, files, paths = found
        key = set_key(hashes) if choice in SETS else hashes[0].hex()
        kinds = SINGLE if choice in SINGLE else (choice,)
        if not any((kind, key) in known for kind in kinds):
            known.add((choice, key))
            changes.append((choice, key, _body(hashes, files, paths)))
    if changes:
        _decide(connection, journal, changes, "")
    return len(changes), bad


def _decide(
    connection: Connection,
    journal: Path,
    changes: list[tuple[str, str, str | None]],
    review: str,
) -> str:
    known = [(k, key, _body_of(connection, k, key), body) for k, key, body in changes]
    # Taking back what nobody decided is no step.
    steps = [step for step in known if step[2] is not None or step[3] is not None]
    act = _Act(uuid.uuid4().hex, review, time.time(), steps)
    new = [(kind, key, after) for kind, key, before, after in steps if before != after]
    decisions.decide_all(connection, journal, [(ACT, act.name, act.body()), *new])
    return act.name


def _known(connection: Connection) -> list[_Act]:
    """Return the acts that can be undone, oldest first."""
    found: list[_Act] = []
    for item in decisions.decisions(connection, ACT):
        try:
            said: Any = json.loads(item.body or "")
            steps = [(Choice(kind), str(key), old, new) for kind, key, old, new in said["steps"]]
            found.append(_Act(item.key, str(said["review"]), float(said["at"]), list(steps)))
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return sorted(found, key=lambda act: act.at)


def _body_of(connection: Connection, kind: str, key: str) -> str | None:
    held = decisions.decision(connection, kind, key)
    return None if held is None else held.body


def _parsed(line: str) -> tuple[Choice, list[bytes], int, list[str]] | None:
    try:
        said: Any = json.loads(line)
        choice = Choice(said["decision"])
        hashes = sorted(hashes_of(said["hashes"]))
        files = int(said.get("files", 0))
        paths = [str(path) for path in said.get("paths", ())]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if choice is Choice.PROTECTED or (choice not in SETS and len(hashes) != 1):
        return None
    if (choice is Choice.STAYS) != bool(paths):
        return None
    return choice, hashes, files, paths


def _body(hashes: Iterable[bytes], files: int, paths: Sequence[str] = ()) -> str:
    said = {"hashes": [digest.hex() for digest in hashes], "files": files}
    return json.dumps({**said, "paths": list(paths)} if paths else said)


def set_key(hashes: Iterable[bytes]) -> str:
    """Return what a set of contents is known by, in whatever order they come."""
    return blake3(b"".join(sorted(set(hashes)))).hexdigest()
