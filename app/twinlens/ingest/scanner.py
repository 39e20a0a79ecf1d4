"""Walks the folders of one root, without following links. Runs on the ingest thread."""

import logging
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from twinlens.ingest.exclusions import LeftOut, Rules, join
from twinlens.store.folders import from_slashes

log = logging.getLogger(__name__)

# Windows: the bytes are elsewhere and would be fetched on reading (or already on opening).
_RECALL = 0x0000_1000 | 0x0004_0000 | 0x0040_0000
_HIDDEN = 0x0000_0002
_MOUNT_POINT_TAG = 0xA000_0003
# macOS: the same for files that iCloud and the like have evicted.
_DATALESS = 0x4000_0000


class Entry(NamedTuple):
    """One file of a folder. A tuple because a scan makes one for every file of the disk."""

    name: bytes
    size: int
    mtime_ns: int
    online_only: bool


@dataclass(frozen=True, slots=True)
class FolderListing:
    """The files of one folder, sorted by name. With `error` set nothing is known of it."""

    folder: bytes
    entries: tuple[Entry, ...]
    subfolders: tuple[bytes, ...]
    error: OSError | None = None


def walk(
    root: bytes, rules: Rules, left_out: Counter[LeftOut], start: bytes = b""
) -> Iterator[FolderListing]:
    """Yield every folder from `start` down, parents first, sorted.

    Args:
        root: absolute path as the file system gives it.
        rules: what to leave out.
        left_out: counts what was left out, by reason.
        start: relative path with '/', b"" for the whole root.
    """
    waiting: list[tuple[bytes, frozenset[tuple[int, int]]]] = [(start, frozenset())]
    while waiting:
        folder, above = waiting.pop()
        try:
            identity = _identity(root, folder)
            if identity in above:
                # A mount of a folder inside itself would be walked for ever.
                left_out[LeftOut.LINK] += 1
                continue
            listing = _list(root, folder, rules, left_out)
        except OSError as error:
            log.warning("folder %r in %r cannot be listed: %s", folder, root, error)
            yield FolderListing(folder, (), (), error)
            continue
        yield listing
        chain = above | {identity}
        waiting += [(join(folder, name), chain) for name in reversed(listing.subfolders)]


def count_files(root: bytes, rules: Rules, should_stop: Callable[[], bool]) -> int:
    """Return how many files a walk will yield; cheaper, since none is asked for its size."""
    total = 0
    waiting = [b""]
    while waiting and not should_stop():
        folder = waiting.pop()
        try:
            with os.scandir(_absolute(root, folder)) as found:
                for entry in found:
                    reason = _left_out(entry, folder, rules)
                    if reason is not None:
                        continue
                    if entry.is_file(follow_symlinks=False):
                        total += 1
                    elif join(folder, entry.name) not in rules.nested:
                        waiting.append(join(folder, entry.name))
        except OSError as error:
            log.debug("not counted: %r: %s", folder, error)
    return total


def look_at(path: bytes) -> Entry | None:
    """Return what a walk would say of one file, None when there is no regular file there."""
    try:
        facts = os.lstat(path)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(facts.st_mode):
        return None
    name = os.path.basename(path)  # noqa: PTH119 - bytes
    return Entry(name, facts.st_size, facts.st_mtime_ns, is_online_only(facts))


def is_online_only(facts: os.stat_result) -> bool:
    """Return whether reading the file would download it.

    Linux has no such mark: a file there without blocks may simply be sparse or stored inline.
    """
    attributes = getattr(facts, "st_file_attributes", 0)
    flags = getattr(facts, "st_flags", 0)
    return bool(attributes & _RECALL or flags & _DATALESS)


def _list(root: bytes, folder: bytes, rules: Rules, left_out: Counter[LeftOut]) -> FolderListing:
    entries: list[Entry] = []
    subfolders: list[bytes] = []
    with os.scandir(_absolute(root, folder)) as found:
        for entry in found:
            reason = _left_out(entry, folder, rules)
            if reason is not None:
                left_out[reason] += 1
            elif entry.is_file(follow_symlinks=False):
                try:
                    facts = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                entries.append(
                    Entry(entry.name, facts.st_size, facts.st_mtime_ns, is_online_only(facts))
                )
            elif join(folder, entry.name) not in rules.nested:
                subfolders.append(entry.name)
    entries.sort()
    subfolders.sort()
    return FolderListing(folder, tuple(entries), tuple(subfolders))


def _left_out(entry: "os.DirEntry[bytes]", folder: bytes, rules: Rules) -> LeftOut | None:
    if entry.is_file(follow_symlinks=False):
        reason = rules.file(folder, entry.name)
    elif entry.is_symlink():
        return LeftOut.LINK
    elif entry.is_dir(follow_symlinks=False):
        reason = rules.folder(folder, entry.name)
    else:
        return LeftOut.SPECIAL
    if reason is None and os.name == "nt":
        return _left_out_on_windows(entry)
    return reason


def _left_out_on_windows(entry: "os.DirEntry[bytes]") -> LeftOut | None:
    facts = entry.stat(follow_symlinks=False)
    if getattr(facts, "st_file_attributes", 0) & _HIDDEN:
        return LeftOut.HIDDEN
    if getattr(facts, "st_reparse_tag", 0) == _MOUNT_POINT_TAG:
        return LeftOut.LINK
    return None


def _identity(root: bytes, folder: bytes) -> tuple[int, int]:
    facts = os.stat(_absolute(root, folder))  # noqa: PTH116 - bytes
    # A file system without inode numbers says 0: then nothing can be concluded from them.
    return (facts.st_dev, facts.st_ino) if facts.st_ino else (-1, hash(folder))


def _absolute(root: bytes, folder: bytes) -> bytes:
    return os.path.join(root, from_slashes(folder)) if folder else root  # noqa: PTH118 - bytes
