"""Keeps small pictures by content hash on disk, within a budget. Any thread, several at once."""

import contextlib
import io
import logging
import math
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

log = logging.getLogger(__name__)

LONG_SIDE = 256
QUALITY = 85
#: Trimming stops below the budget, so that it is needed once in many writes, not at each.
TRIM_TO = 0.9
#: A use is written down (as the file's time) at most this often, in seconds.
TOUCH_AFTER = 3600.0
#: A temporary file this old, in seconds, was left behind by a kill.
ABANDONED_AFTER = 3600.0


class ThumbnailCache:
    """JPEG thumbnails under `folder`, the least recently used dropped beyond `budget` bytes.

    It is a cache: whatever goes wrong is logged, and the thumbnail is made again when wanted.
    """

    def __init__(self, folder: Path, budget: int) -> None:
        self._folder = folder
        self._budget = budget
        #: When a thumbnail was last asked for, monotonic seconds: somebody looks at photos.
        self.read_at = -math.inf
        self._total: int | None = None
        self._counting = threading.Lock()
        self._trimming = threading.Lock()

    def path(self, content_hash: bytes) -> Path:
        """Return where the thumbnail of this content is or would be."""
        name = content_hash.hex()
        return self._folder / name[:2] / f"{name}.jpg"

    def put(self, content_hash: bytes, pixels: NDArray[np.uint8]) -> bool:
        """Write the thumbnail of (h, w, 3) uint8 pixels; False when the disk did not take it."""
        data = _encode(pixels)
        path = self.path(content_hash)
        temporary = path.with_name(f"{path.stem}-{os.getpid()}-{threading.get_ident()}.tmp")
        try:
            total = self.total_bytes()
            replaced = _size(path)
            try:
                temporary.write_bytes(data)
            except FileNotFoundError:
                path.parent.mkdir(parents=True, exist_ok=True)
                temporary.write_bytes(data)
            temporary.replace(path)
        except OSError as error:
            log.warning("thumbnail %s not written: %s", path.name, error)
            with contextlib.suppress(OSError):
                temporary.unlink()
            return False
        with self._counting:
            self._total = total = (self._total or 0) + len(data) - replaced
        if total > self._budget:
            self.trim()
        return True

    def get(self, content_hash: bytes) -> bytes | None:
        """Return the JPEG bytes, or None when there is no whole thumbnail of this content."""
        self.read_at = time.monotonic()
        path = self.path(content_hash)
        try:
            data = path.read_bytes()
            # A power cut can leave a file with a name and no content.
            if not (data.startswith(b"\xff\xd8") and data.endswith(b"\xff\xd9")):
                return None
            if time.time() - path.stat().st_mtime > TOUCH_AFTER:
                os.utime(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            log.debug("thumbnail %s: %s", path.name, error)
            return None
        return data

    def remove(self, content_hash: bytes) -> None:
        """Forget the thumbnail of this content; fine when there is none."""
        self._delete(self.path(content_hash))

    def total_bytes(self) -> int:
        """Return what all thumbnails take on disk; the folder is walked the first time only."""
        with self._counting:
            if self._total is None:
                self._total = sum(size for _, size, _ in self._files())
            return self._total

    def trim(self) -> int:
        """Delete the least recently used thumbnails beyond the budget; return how many went."""
        if not self._trimming.acquire(blocking=False):
            return 0
        try:
            found = sorted(self._files())
            total = sum(size for _, size, _ in found)
            with self._counting:
                self._total = total
            gone = 0
            target = self._budget * TRIM_TO if total > self._budget else total
            for _, size, path in found:
                if total <= target:
                    break
                self._delete(path)
                total -= size
                gone += 1
            return gone
        finally:
            self._trimming.release()

    def _delete(self, path: Path) -> None:
        size = _size(path)
        try:
            path.unlink()
        except FileNotFoundError:
            return
        except OSError as error:
            log.warning("thumbnail %s not removed: %s", path.name, error)
            return
        with self._counting:
            if self._total is not None:
                self._total = max(0, self._total - size)

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        """Yield (last use, size, path) of each thumbnail, sweeping up what a kill left behind."""
        for shard in _entries(self._folder):
            for entry in _entries(Path(shard.path)) if len(shard.name) == 2 else ():
                try:
                    facts = entry.stat(follow_symlinks=False)
                    if entry.name.endswith(".jpg"):
                        yield facts.st_mtime, facts.st_size, Path(entry.path)
                    elif time.time() - facts.st_mtime > ABANDONED_AFTER:
                        Path(entry.path).unlink()
                except OSError as error:
                    log.debug("thumbnail %s: %s", entry.name, error)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _encode(pixels: NDArray[np.uint8]) -> bytes:
    image = Image.fromarray(pixels)
    scale = LONG_SIDE / max(image.size)
    if scale < 1.0:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        # Made for shrinking: as sharp as bicubic here at the cost of bilinear. Whole factors are
        # averaged away first, which halves the time and cannot be seen at this size.
        image = image.resize(size, Image.Resampling.HAMMING, reducing_gap=1.0)
    target = io.BytesIO()
    image.save(target, "JPEG", quality=QUALITY)
    return target.getvalue()
