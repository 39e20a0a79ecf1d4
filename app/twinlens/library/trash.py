"""Move files to the system's trash and back. Runs on the caller's thread.

Nothing is ever deleted for good: where there is no trash, the file stays and the user is told. The
place in the trash is found and recorded, so that an act can be undone, after a restart too.
"""

import json
import logging
import os
import sys
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import unquote

from send2trash import TrashPermissionError, send2trash

from twinlens.errors import AppError
from twinlens.reports import TrashReport
from twinlens.store import decisions
from twinlens.store.database import Database

log = logging.getLogger(__name__)

KIND = "trashed"


@dataclass(frozen=True, slots=True)
class Trashed:
    """One file in the trash; `note` is the file beside it that the system keeps, if any."""

    act: str
    path: str
    place: str
    note: str | None


def can_trash(path: Path) -> bool:
    """Return whether the volume of a file has a trash that can be written to."""
    if not path.exists():
        return False
    if sys.platform in ("win32", "darwin"):
        return not str(path).startswith("\\\\")
    home = _home_trash()
    anchor = home
    while not anchor.exists():
        anchor = anchor.parent
    if path.parent.stat().st_dev == anchor.stat().st_dev:
        return os.access(path.parent, os.W_OK)
    top = _mount_of(path)
    own = top / f".Trash-{os.getuid()}"
    writable = own if own.exists() else top
    return os.access(path.parent, os.W_OK) and os.access(writable, os.W_OK)


def move_to_trash(database: Database, journal: Path, paths: list[Path]) -> TrashReport:
    """Move files to the trash as one act that can be undone.

    A file that cannot be moved stays where it is and is named in the report.
    """
    act = uuid.uuid4().hex
    moved: list[Path] = []
    refused: list[tuple[Path, str]] = []
    for path in paths:
        before = set(_places(path))
        try:
            if not can_trash(path):
                raise OSError("its drive has no trash that can be written to")
            send2trash(os.fspath(path))
        except (OSError, TrashPermissionError, UnicodeError) as error:
            log.info("not moved to the trash: %s: %s", path, error)
            refused.append((path, str(error)))
            continue
        place, note = next((item for item in _places(path) if item not in before), (None, None))
        moved.append(path)
        if place is None:
            log.warning("%s is in the trash, but its place there was not found", path)
            continue
        entry = Trashed(act, str(path), str(place), None if note is None else str(note))
        with database.transaction() as connection:
            decisions.decide(connection, journal, KIND, str(path), json.dumps(asdict(entry)))
    return TrashReport(tuple(moved), tuple(refused))


def last_act(database: Database) -> list[Trashed]:
    """Return the files of the newest act that is not undone; empty when there is none."""
    entries = sorted(decisions.decisions(database.connection(), KIND), key=lambda d: d.at)
    trashed = [item for entry in entries for item in _entries(entry.body or "")]
    return [item for item in trashed if item.act == trashed[-1].act] if trashed else []


def undo(database: Database, journal: Path) -> list[Path]:
    """Put the files of the newest act back where they were; return them.

    Raises:
        AppError: a file is not in the trash any more, or its old place is taken. The files
            before it are back.
    """
    back: list[Path] = []
    for item in last_act(database):
        path, place = Path(item.path), Path(item.place)
        problem = None
        if not place.exists():
            problem = "it is not in the trash any more"
        elif path.exists():
            problem = "another file has its name now"
        else:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                place.rename(path)
                if item.note is not None:
                    Path(item.note).unlink(missing_ok=True)
                back.append(path)
            except OSError as error:
                problem = str(error.strerror)
        with database.transaction() as connection:
            decisions.decide(connection, journal, KIND, item.path, None)
        if problem is not None:
            raise AppError(
                f"{path} could not be put back: {problem}. {len(back)} files are back.",
                "Look for it in the trash." if place.exists() else "",
            )
    return back


def _entries(body: str) -> list[Trashed]:
    """Return what a decision says of one file; nothing where it is not readable."""
    try:
        item = Trashed(**json.loads(body))
    except (ValueError, TypeError, RecursionError):
        log.warning("an entry of the trash is not readable in the decisions and was passed over")
        return []
    return (
        [item] if all(isinstance(text, str) for text in (item.act, item.path, item.place)) else []
    )


def _places(path: Path) -> Iterator[tuple[Path, Path | None]]:
    """Yield where the trash holds a file that lay at `path`, with the note beside each."""
    if sys.platform == "win32":
        yield from _windows_places(path)
    elif sys.platform == "darwin":
        for folder in (Path.home() / ".Trash", _mount_of(path) / ".Trashes" / str(os.getuid())):
            if folder.is_dir():
                # A second file of a name gets a time appended by the system.
                for found in folder.glob(f"{_escaped(path.stem)}*{_escaped(path.suffix)}"):
                    yield found, None
    else:
        yield from _freedesktop_places(path)


def _freedesktop_places(path: Path) -> Iterator[tuple[Path, Path | None]]:
    """Read the notes of the trash folders (freedesktop.org Trash specification 1.0)."""
    top = _mount_of(path)
    folders = [_home_trash(), top / ".Trash" / str(os.getuid()), top / f".Trash-{os.getuid()}"]
    for folder in folders:
        # Names in the trash start with the file's own, so few notes have to be read.
        for note in (folder / "info").glob(f"{_escaped(path.stem)}*.trashinfo"):
            try:
                lines = note.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
            except OSError:
                continue
            named = next((line[5:] for line in lines if line.startswith("Path=")), "")
            original = Path(unquote(named, errors="surrogateescape"))
            if (original if original.is_absolute() else top / original) == path:
                yield folder / "files" / note.name.removesuffix(".trashinfo"), note


def _windows_places(path: Path) -> Iterator[tuple[Path, Path | None]]:
    """Read the $I notes of the recycle bin: version, size, time, and from byte 28 the old path."""
    for note in Path(path.anchor, "$Recycle.Bin").glob("*/$I*"):
        try:
            data = note.read_bytes()
        except OSError:
            continue
        if data[28:].decode("utf-16-le", errors="replace").rstrip("\0") == str(path):
            yield note.with_name("$R" + note.name[2:]), note


def _home_trash() -> Path:
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "Trash"


def _mount_of(path: Path) -> Path:
    place = path.absolute().parent
    while not place.is_mount():
        place = place.parent
    return place


def _escaped(text: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in text)
