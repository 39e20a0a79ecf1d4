"""Tiles and thumbnails made from nothing, for the tests of the grid."""

import threading
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage, QImageWriter

from twinlens.records import MatchClass, Tile


def tile(
    photo_id: int,
    *,
    name: str = "",
    taken: str | None = None,
    score: float | None = None,
    match: MatchClass | None = None,
    copies: int = 1,
    size: tuple[int, int] = (400, 300),
    offline: bool = False,
) -> Tile:
    """Return a tile; its name is made from the id when none is given."""
    path = Path("/photos") / (name or f"IMG_{photo_id:06d}.jpg")
    return Tile(photo_id, path, copies, *size, taken, score, match, offline)


def tiles(count: int, *, first: int = 1) -> list[Tile]:
    """Return tiles with a score, best first, eight a month."""
    return [
        tile(
            first + number,
            taken=f"{2024 - number // 96:04d}-{12 - number // 8 % 12:02d}-10T10:00:00",
            score=1 - number / (2 * count),
            match=MatchClass.ALIKE,
        )
        for number in range(count)
    ]


def colour_of(photo_id: int) -> QColor:
    """Return the colour of a photo's thumbnail."""
    return QColor(QColor.fromHsv(photo_id * 47 % 360, 255, 200).rgb())


def thumbnail(photo_id: int, size: tuple[int, int] = (256, 192)) -> bytes:
    """Return a PNG of one colour, told by the photo id."""
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(colour_of(photo_id))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


class Shelf:
    """Thumbnails that arrive when the test lets them.

    Args:
        held: photos that wait for `release`.
    """

    def __init__(self, held: set[int] | None = None) -> None:
        self.fetched: list[int] = []
        self._gates = {photo_id: threading.Event() for photo_id in held or ()}

    def fetch(self, photo_id: int) -> bytes | None:
        """Return a thumbnail, after its release when it is held."""
        self.fetched.append(photo_id)
        gate = self._gates.get(photo_id)
        if gate is not None:
            gate.wait()
        return thumbnail(photo_id)

    def release(self, *photo_ids: int) -> None:
        """Let thumbnails arrive; all that are held without an argument."""
        for photo_id in photo_ids or self._gates:
            self._gates[photo_id].set()
