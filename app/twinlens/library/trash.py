"""Move files to the system's trash and back. Runs on the caller's thread.

Nothing is ever deleted for good: where there is no trash, the file stays and the user is told. What
is about to happen is in the journal before it happens, and the place in the trash after it, so that
an act can be continued or undone after a kill at any instant, and after a restart too.
"""

import errno
import json
import logging
import os
import shutil
import uuid
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from send2trash import TrashPermissionError, send2trash

from twinlens.errors import AppError
from twinlens.library.trash_places import can_trash, places_of
from twinlens.reports import TrashReport
from twinlens.store import decisions
from twinlens.store.database import Connection, Database

log = logging.getLogger(__name__)

KIND = "trashed"


@dataclass(frozen=True, slots=True)
class Trashed:
    """One file in the trash, or on its way there while `place` is empty.

    `note` is the file beside it that the system keeps, if any. `review` names the plan that several
    acts may carry out. `hash` (hexadecimal), `size` and `mtime_ns` are what the library knew of the
    file; empty and -1 where it knew nothing.
    """

    act: str
    path: str
    place: str
    note: str | None
    review: str = ""
    hash: str = ""
    size: int = -1
    mtime_ns: int = -1


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the trash as the journal holds it; `at` is Unix time."""

    key: str
    at: float
    item: Trashed


def move_to_trash(database: Database, journal: Path, paths: list[Path]) -> TrashReport:
    """Move files to the trash as one act that can be undone.

    A file that cannot be moved stays where it is and is named in the report.
    """
    act = uuid.uuid4().hex
    moved: list[Path] = []
    refused: list[tuple[Path, str]] = []
    for path in paths:
        problem = move_one(database, journal, Trashed(act, str(path), "", None))
        if problem is None:
            moved.append(path)
        else:
            refused.append((path, problem))
    return TrashReport(tuple(moved), tuple(refused))


def move_one(database: Database, journal: Path, item: Trashed) -> str | None:
    """Move a file to the trash; return why it stays, None when it went.

    Raises:
        LibraryError: the journal cannot be written; the file stays.
    """
    path = Path(item.path)
    try:
        if not can_trash(path):
            raise OSError("its drive has no trash that can be written to")
        before = set(places_of(path))
        if item.size < 0:
            facts = path.lstat()
            item = replace(item, size=facts.st_size, mtime_ns=facts.st_mtime_ns)
    except (OSError, UnicodeError) as error:
        log.info("not moved to the trash: %s: %s", path, error)
        return str(error)
    key = f"{item.act}:{item.path}"
    _write(database, journal, key, item)
    try:
        send2trash(os.fspath(path))
    except (OSError, TrashPermissionError, UnicodeError) as error:
        log.info("not moved to the trash: %s: %s", path, error)
        if os.path.lexists(path):
            _write(database, journal, key, None)
            return str(error)
    place, note = next((found for found in places_of(path) if found not in before), (None, None))
    if place is None:
        log.warning("%s is in the trash, but its place there was not found", path)
        _write(database, journal, key, None)
    else:
        _write(database, journal, key, _at(item, place, note))
    return None


def entries(database: Database, journal: Path | None = None) -> list[Entry]:
    """Return what is in the trash by this library, oldest first.

    With the journal, what a kill left open is settled before: a file that never went, or that came
    back before the journal heard of it, is taken out, one that went is found in the trash.
    """
    known = _entries(database.connection())
    if journal is None:
        return [entry for entry in known if entry.item.place]
    taken = {entry.item.place for entry in known}
    for entry in known:
        if entry.item.place and not os.path.lexists(entry.item.place) and _is_still(entry.item):
            _write(database, journal, entry.key, None)
        elif not entry.item.place:
            found = _find(entry.item, taken)
            _write(database, journal, entry.key, found)
            if found is not None:
                taken.add(found.place)
    return _entries(database.connection())


def last_act(database: Database) -> list[Trashed]:
    """Return the files of the newest act that is not undone; empty when there is none."""
    trashed = [entry.item for entry in _entries(database.connection())]
    return [item for item in trashed if item.act == trashed[-1].act] if trashed else []


def undo(database: Database, journal: Path) -> list[Path]:
    """Put the files of the newest act back where they were; return them.

    Raises:
        AppError: a file is not in the trash any more, or its old place is taken. The files
            before it are back.
    """
    back: list[Path] = []
    known = entries(database, journal)
    for entry in known:
        if entry.item.act != known[-1].item.act:
            continue
        path = Path(entry.item.path)
        problem = put_back(entry.item)
        _write(database, journal, entry.key, None)
        if problem is not None:
            raise AppError(
                f"{path} could not be put back: {problem}. {len(back)} files are back.",
                "Look for it in the trash." if Path(entry.item.place).exists() else "",
            )
        back.append(path)
    return back


def forget(connection: Connection, journal: Path, entry: Entry) -> None:
    """Take a file out of the journal, in a transaction: it is back, or lost for good."""
    decisions.decide(connection, journal, KIND, entry.key, None)


def put_back(item: Trashed, *, dry_run: bool = False) -> str | None:
    """Put a file back where it was; return why that could not be done, None when it is back."""
    path, place = Path(item.path), Path(item.place)
    if not item.place or not os.path.lexists(place):
        # A kill may have come after the move and before the journal heard of it.
        return None if _is_still(item) else "it is not in the trash any more"
    if os.path.lexists(path):
        return "another file has its name now"
    if dry_run:
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _move(place, path)
        if item.note is not None:
            Path(item.note).unlink(missing_ok=True)
    except OSError as error:
        return str(error.strerror)
    return None


def _move(place: Path, path: Path) -> None:
    """Rename, or copy to another drive: the file has its name once it is whole."""
    try:
        place.rename(path)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = path.with_name(f".{uuid.uuid4().hex}.part")
        try:
            shutil.copy2(place, part)
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)
        place.unlink()


def _find(item: Trashed, taken: set[str]) -> Trashed | None:
    """Return where a file is that was on its way to the trash; None where it never went."""
    if _is_still(item):
        return None
    free = [
        (place, note)
        for place, note in places_of(Path(item.path))
        if str(place) not in taken and place.exists() and place.stat().st_size == item.size
    ]
    if not free:
        log.warning("%s is gone, and not to be found in the trash", item.path)
        return None
    # The time at which a file was renamed is that of its entry's last change.
    place, note = max(free, key=lambda found: found[0].stat().st_ctime_ns)
    return _at(item, place, note)


def _is_still(item: Trashed) -> bool:
    """Return whether the very file lies where it was."""
    try:
        facts = Path(item.path).lstat()
    except OSError:
        return False
    return (facts.st_size, facts.st_mtime_ns) == (item.size, item.mtime_ns)


def _at(item: Trashed, place: Path, note: Path | None) -> Trashed:
    return replace(item, place=str(place), note=None if note is None else str(note))


def _write(database: Database, journal: Path, key: str, item: Trashed | None) -> None:
    body = None if item is None else json.dumps(asdict(item))
    with database.transaction() as connection:
        decisions.decide(connection, journal, KIND, key, body)


def _entries(connection: Connection) -> list[Entry]:
    found: list[Entry] = []
    for decision in sorted(decisions.decisions(connection, KIND), key=lambda d: d.at):
        item = _parsed(decision.body or "")
        if item is None:
            log.warning("an entry of the trash is not readable in the decisions; passed over")
        else:
            found.append(Entry(decision.key, decision.at, item))
    return found


_FIELDS = tuple(field.name for field in fields(Trashed))


def _parsed(body: str) -> Trashed | None:
    """Return what a decision says of one file; None where it is not readable."""
    try:
        said: Any = json.loads(body)
        item = Trashed(**{name: said[name] for name in _FIELDS if name in said})
    except (ValueError, TypeError, RecursionError):
        return None
    texts = (item.act, item.path, item.place, item.review, item.hash)
    numbers = (item.size, item.mtime_ns)
    sound = all(isinstance(text, str) for text in texts) and isinstance(item.note, str | None)
    return item if sound and all(isinstance(number, int) for number in numbers) else None
