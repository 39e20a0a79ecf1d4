"""Where the trash of each system keeps a file that was put into it. Runs on any thread."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote


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


def places_of(path: Path) -> Iterator[tuple[Path, Path | None]]:
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
