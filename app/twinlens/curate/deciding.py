"""Record, undo, export and take in what a person decided. Functions inside a transaction."""

import json
import uuid
from collections.abc import Iterable
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


def choose(
    connection: Connection,
    journal: Path,
    choice: Choice,
    contents: Iterable[bytes],
    *,
    files: int = 0,
    review: str = "",
) -> str:
    """Record what was decided about contents, in a transaction, as one act that can be undone.

    Args:
        choice: KEEP and TRASH are about each content, the later one holds; NOT_DUPLICATES and
            KEEP_ALL about all of them together.
        contents: hashes, 32 bytes each.
        files: how many files a set has.
        review: the plan it belongs to.

    Returns: the name of the act.

    Raises:
        LibraryError: the journal cannot be written.
    """
    changes: list[tuple[str, str, str | None]] = []
    hashes = sorted(set(contents))
    if choice in SETS:
        changes.append((choice, set_key(hashes), _body(hashes, files)))
    for digest in hashes if choice in SINGLE else ():
        other = Choice.TRASH if choice is Choice.KEEP else Choice.KEEP
        changes += [(other, digest.hex(), None), (choice, digest.hex(), _body([digest], 0))]
    return _decide(connection, journal, changes, review)


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
    """Let what held before an act of deciding hold again, in a transaction.

    What was decided anew since stays.

    Returns: how many decisions changed.
    """
    changed = 0
    for kind, key, before, after in _steps(_body_of(connection, ACT, act)):
        if _body_of(connection, kind, key) == after != before:
            decisions.decide(connection, journal, kind, key, before)
            changed += 1
    decisions.decide(connection, journal, ACT, act, None)
    return changed


def acts(connection: Connection) -> list[tuple[str, str, float, int]]:
    """Return (act, review, Unix time, decisions) of each act of deciding, oldest first."""
    found = [
        (item.key, _review(item.body), item.at, len(_steps(item.body)))
        for item in decisions.decisions(connection, ACT)
    ]
    return sorted(found, key=lambda act: act[2])


def exported(connection: Connection) -> list[dict[str, Any]]:
    """Return every decision about contents as {decision, hashes, files, at}, for JSON lines."""
    return [
        {
            "decision": item.choice.value,
            "hashes": sorted(digest.hex() for digest in item.hashes),
            "files": item.files,
            "at": item.at,
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
        choice, hashes, files = found
        key = set_key(hashes) if choice in SETS else hashes[0].hex()
        kinds = (choice,) if choice in SETS else SINGLE
        if not any((kind, key) in known for kind in kinds):
            known.add((choice, key))
            changes.append((choice, key, _body(hashes, files)))
    if changes:
        _decide(connection, journal, changes, "")
    return len(changes), bad


def _decide(
    connection: Connection,
    journal: Path,
    changes: list[tuple[str, str, str | None]],
    review: str,
) -> str:
    steps = [(k, key, _body_of(connection, k, key), body) for k, key, body in changes]
    act = uuid.uuid4().hex
    body = json.dumps({"review": review, "steps": steps})
    # Before the decisions: should a kill come between, undoing finds nothing that it changes.
    decisions.decide(connection, journal, ACT, act, body)
    for kind, key, before, after in steps:
        if before != after:
            decisions.decide(connection, journal, kind, key, after)
    return act


def _body_of(connection: Connection, kind: str, key: str) -> str | None:
    held = decisions.decision(connection, kind, key)
    return None if held is None else held.body


def _steps(body: str | None) -> list[Step]:
    try:
        said: Any = json.loads(body or "")
        return [(Choice(kind), str(key), old, new) for kind, key, old, new in said["steps"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []


def _review(body: str | None) -> str:
    try:
        said: Any = json.loads(body or "")
        return str(said["review"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def _parsed(line: str) -> tuple[Choice, list[bytes], int] | None:
    try:
        said: Any = json.loads(line)
        choice = Choice(said["decision"])
        hashes = sorted(hashes_of(said["hashes"]))
        files = int(said.get("files", 0))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if choice is Choice.PROTECTED or (choice in SINGLE and len(hashes) != 1):
        return None
    return choice, hashes, files


def _body(hashes: Iterable[bytes], files: int) -> str:
    return json.dumps({"hashes": [digest.hex() for digest in hashes], "files": files})


def set_key(hashes: Iterable[bytes]) -> str:
    """Return what a set of contents is known by, in whatever order they come."""
    return blake3(b"".join(sorted(set(hashes)))).hexdigest()
