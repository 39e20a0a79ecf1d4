"""Writes the photos of the grid as a table for other programs. Pure; runs on any thread."""

import csv
import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from twinlens.errors import AppError, DiskFullError
from twinlens.records import Tile

HEADER = ("rank", "path", "score", "match", "width", "height", "taken", "copies")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(tiles: Iterable[Tile], target: Path) -> int:
    """Write one line a photo, in order, as UTF-8 without a mark; return how many.

    A file that was there before is replaced only once the new one is complete. Paths whose bytes
    are not valid text keep their bytes.

    Raises:
        AppError: the file cannot be written.
    """
    temporary = target.with_name(f".{target.name}.part")
    count = 0
    try:
        with temporary.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            for line in _lines(tiles):
                writer.writerow(line)
                count += 1
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        kind = DiskFullError if error.errno == errno.ENOSPC else AppError
        raise kind(
            f"The list could not be saved as {target} ({error.strerror}).",
            "Choose another folder, or make room on its disk.",
        ) from error
    return count


def _lines(tiles: Iterable[Tile]) -> Iterator[Sequence[object]]:
    for rank, tile in enumerate(tiles, start=1):
        yield (
            rank,
            _harmless(os.fspath(tile.path)),
            "" if tile.score is None else f"{tile.score:.4f}",
            tile.match or "",
            tile.width,
            tile.height,
            _harmless(tile.taken or ""),
            tile.copies,
        )


def _harmless(text: str) -> str:
    """Keep spreadsheets from taking a text for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
