"""Which files and folders below a root are left out unasked. Pure; runs on the ingest thread."""

import fnmatch
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from twinlens.store.folders import Root, to_slashes


class LeftOut(StrEnum):
    """Why an entry of a folder is not looked at."""

    HIDDEN = "hidden"
    SYSTEM = "cache or trash"
    LINK = "link"
    SPECIAL = "not a file"
    PATTERN = "excluded by the user"
    LIBRARY = "the library itself"


#: Lower case. Folders that programs and systems keep beside photos, never photos of a person.
SYSTEM_FOLDERS = frozenset(
    {
        b"@eadir",
        b"#recycle",
        b"$recycle.bin",
        b"__macosx",
        b"cache",
        b"caches",
        b"lost+found",
        b"recycler",
        b"system volume information",
    }
)
SYSTEM_FOLDER_ENDINGS = (b".lrdata",)
SYSTEM_FILES = frozenset({b"thumbs.db", b"ehthumbs.db", b"desktop.ini", b"icon\r"})

_DOT = ord(".")


@dataclass(frozen=True, slots=True)
class Rules:
    """What is left out below one root. Paths are relative to it, with '/'.

    `pattern` matches names and relative paths the user leaves out; `library` is where the library
    folder lies; `nested` are other roots, which look after themselves.
    """

    pattern: re.Pattern[str] | None = None
    library: bytes | None = None
    nested: frozenset[bytes] = frozenset()

    def file(self, folder: bytes, name: bytes) -> LeftOut | None:
        """Return why a file is left out by its name, or None."""
        if name[0] == _DOT:
            return LeftOut.HIDDEN
        if name.lower() in SYSTEM_FILES:
            return LeftOut.SYSTEM
        if self.pattern is not None and self._matches(folder, name):
            return LeftOut.PATTERN
        return None

    def folder(self, folder: bytes, name: bytes) -> LeftOut | None:
        """Return why a folder and all below it is left out by its name, or None."""
        low = name.lower()
        if low in SYSTEM_FOLDERS or low.endswith(SYSTEM_FOLDER_ENDINGS):
            return LeftOut.SYSTEM
        if self.library is not None and join(folder, name) == self.library:
            return LeftOut.LIBRARY
        return self.file(folder, name)

    def admits(self, relative: bytes) -> bool:
        """Return whether neither the entry at this path nor a folder above it is left out."""
        if not relative:
            return True
        *above, name = relative.split(b"/")
        folder = b""
        for part in above:
            if self.folder(folder, part) or join(folder, part) in self.nested:
                return False
            folder = join(folder, part)
        return self.file(folder, name) is None

    def _matches(self, folder: bytes, name: bytes) -> bool:
        assert self.pattern is not None
        return any(
            self.pattern.match(os.path.normcase(os.fsdecode(text)))
            for text in (name, join(folder, name))
        )


def rules_for(root: Root, every_root: Iterable[Root], library_folder: Path | None) -> Rules:
    """Return the rules of one root among all of them."""
    parts = [fnmatch.translate(os.path.normcase(pattern.rstrip("/"))) for pattern in root.excludes]
    nested = (inside(root, other.path) for other in every_root if other.root_id != root.root_id)
    library = None if library_folder is None else Path(os.path.realpath(library_folder))
    return Rules(
        pattern=re.compile("|".join(parts)) if parts else None,
        library=None if library is None else inside(root, library),
        nested=frozenset(path for path in nested if path),
    )


def inside(root: Root, path: Path) -> bytes | None:
    """Return a path relative to the root with '/', b"" for the root; None when it lies outside."""
    if not path.is_relative_to(root.path):
        return None
    return b"" if path == root.path else to_slashes(os.fsencode(path.relative_to(root.path)))


def join(folder: bytes, name: bytes) -> bytes:
    """Return the relative path of an entry of a folder."""
    return folder + b"/" + name if folder else name


def split(relative: bytes) -> tuple[bytes, bytes]:
    """Return (folder, name) of a relative path."""
    folder, _, name = relative.rpartition(b"/")
    return folder, name
