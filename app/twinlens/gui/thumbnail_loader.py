"""Loads thumbnails off the GUI thread, what is visible first, and keeps the latest as pixmaps.

Used on the GUI thread; `fetch`, decoding and scaling run on the loader's own threads, which make
QImage only. Everything is addressed by photo id, so a late picture cannot land on another photo.
"""

import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QIODevice,
    QObject,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QImage, QImageReader, QPainter, QPainterPath, QPixmap

from twinlens.errors import AppError

log = logging.getLogger(__name__)

CACHE_BYTES = 64_000_000
THREADS = max(2, min(4, (os.cpu_count() or 2) - 1))
MOST_WAITING = 400
"""Two screens of small tiles on a large display."""


@dataclass(frozen=True, slots=True)
class Target:
    """How a thumbnail is wanted: the side of its square and its corner radius, device pixels."""

    side: int = 256
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class _Job:
    photo_id: int
    target: Target


class ThumbnailLoader(QObject):
    """Keeps thumbnails of the photos on screen.

    Args:
        fetch: returns the encoded thumbnail of a photo, None when there is none; thread-safe.
        budget: bytes of pixmaps to keep.

    Signals:
        loaded(photo_id): its pixmap is there, or it is known to have none; see `is_absent`.
    """

    loaded = Signal(object)
    _decoded = Signal(object, object)

    def __init__(
        self,
        fetch: Callable[[int], bytes | None],
        parent: QObject | None = None,
        *,
        budget: int = CACHE_BYTES,
        threads: int = THREADS,
    ) -> None:
        super().__init__(parent)
        self._fetch = fetch
        self._budget = budget
        self._bytes = 0
        self._pixmaps: OrderedDict[int, tuple[QPixmap, Target]] = OrderedDict()
        self._absent: set[int] = set()
        self._target = Target()
        self._change = threading.Condition()
        self._waiting: list[_Job] = []
        self._running: set[_Job] = set()
        self._closed = False
        self._decoded.connect(self._keep, Qt.ConnectionType.QueuedConnection)
        self._threads = [
            threading.Thread(target=self._work, name=f"thumbnails-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def set_target(self, target: Target) -> None:
        """Say how thumbnails are wanted from the next request on."""
        self._target = target

    def request(self, photo_ids: Sequence[int]) -> None:
        """Load these photos, the first ones first; what was asked for before and has not begun
        is dropped, as it has left the screen."""
        target = self._target
        wanted = []
        for photo_id in photo_ids:
            kept = self._pixmaps.get(photo_id)
            if photo_id in self._absent or (kept is not None and kept[1] == target):
                continue
            wanted.append(_Job(photo_id, target))
        with self._change:
            jobs = dict.fromkeys(job for job in wanted if job not in self._running)
            # The threads take from the end.
            self._waiting = list(jobs)[:MOST_WAITING][::-1]
            self._change.notify_all()

    def pixmap(self, photo_id: int) -> QPixmap | None:
        """Return the pixmap of a photo, perhaps still at an earlier size; None when not loaded."""
        kept = self._pixmaps.get(photo_id)
        if kept is None:
            return None
        self._pixmaps.move_to_end(photo_id)
        return kept[0]

    def is_absent(self, photo_id: int) -> bool:
        """Tell whether a photo was found to have no thumbnail."""
        return photo_id in self._absent

    def forget(self) -> None:
        """Try again where there was no thumbnail; what is loaded stays."""
        self._absent.clear()

    @property
    def cached_bytes(self) -> int:
        """Bytes of pixmaps kept now."""
        return self._bytes

    @property
    def waiting(self) -> int:
        """Number of photos asked for and not begun."""
        with self._change:
            return len(self._waiting)

    def close(self) -> None:
        """Stop the threads and wait for what they are doing; nothing is delivered afterwards."""
        with self._change:
            self._closed = True
            self._waiting.clear()
            self._change.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while True:
            with self._change:
                while not self._waiting and not self._closed:
                    self._change.wait()
                if self._closed:
                    return
                job = self._waiting.pop()
                self._running.add(job)
            image = self._load(job)
            with self._change:
                self._running.discard(job)
                if self._closed:
                    return
                self._decoded.emit(job, image)

    def _load(self, job: _Job) -> QImage | None:
        try:
            data = self._fetch(job.photo_id)
        except (AppError, OSError) as error:
            log.info("no thumbnail of photo %d: %s", job.photo_id, error)
            return None
        except Exception:
            log.exception("loading the thumbnail of photo %d failed", job.photo_id)
            return None
        if data is None:
            return None
        image = picture(data, job.target)
        if image is None:
            log.info("the thumbnail of photo %d cannot be decoded", job.photo_id)
        return image

    @Slot(object, object)
    def _keep(self, job: _Job, image: QImage | None) -> None:
        if self._closed:
            return
        if image is None:
            self._absent.add(job.photo_id)
        else:
            self._store(job, QPixmap.fromImage(image))
        self.loaded.emit(job.photo_id)

    def _store(self, job: _Job, pixmap: QPixmap) -> None:
        old = self._pixmaps.pop(job.photo_id, None)
        if old is not None:
            self._bytes -= _size(old[0])
        self._pixmaps[job.photo_id] = (pixmap, job.target)
        self._bytes += _size(pixmap)
        while self._bytes > self._budget and len(self._pixmaps) > 1:
            _, (dropped, _target) = self._pixmaps.popitem(last=False)
            self._bytes -= _size(dropped)


def picture(data: bytes, target: Target) -> QImage | None:
    """Return an encoded picture as large as fits the target's square, its corners rounded."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    # The reader lets other Python threads run while it decodes and scales; QImage does not.
    reader = QImageReader(buffer)
    full = reader.size()
    if not full.isValid():
        return None
    size = full.scaled(target.side, target.side, Qt.AspectRatioMode.KeepAspectRatio)
    # A panorama keeps at least one line.
    size = size.expandedTo(QSize(1, 1))
    reader.setScaledSize(size)
    image = reader.read()
    if image.isNull():
        return None
    result = QImage(image.size(), QImage.Format.Format_ARGB32_Premultiplied)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    outline = QPainterPath()
    outline.addRoundedRect(QRectF(result.rect()), target.radius, target.radius)
    painter.setClipPath(outline)
    painter.drawImage(0, 0, image)
    painter.end()
    return result


def _size(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * pixmap.depth() // 8
