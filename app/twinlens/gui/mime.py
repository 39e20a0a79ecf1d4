"""Reads what was dropped or pasted into examples and folders. Pure; runs on the GUI thread."""

import base64
import binascii
import os
import platform
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes
from uuid import uuid4

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QCoreApplication,
    QIODevice,
    QMimeData,
    QMimeDatabase,
    QUrl,
)
from PySide6.QtGui import QImage, QImageWriter

from twinlens.gui.wording import name_text
from twinlens.records import Example, Tile

PHOTO_FORMAT = "application/x-twinlens-photo"
"""Photos of the library, dragged from the grid: whose library, then their ids as decimal text."""

ENCODED_FORMATS = ("image/png", "image/jpeg", "image/webp", "image/avif", "image/tiff", "image/bmp")
"""Picture files that programs hand over as bytes, the one without loss first."""

MAX_DATA_URL = 64_000_000
_DATA_URL = re.compile(r"data:image/[\w.+-]+(?:;[\w=-]+)*,[^\s\"'<>]+", re.IGNORECASE)
_NO_PICTURE = ("text/", "audio/", "video/", "font/", "application/")
_UNKNOWN_TYPE = "application/octet-stream"
#: An id means another photo in another library, so it is only taken from this very program.
_OWN = uuid4().hex.encode("ascii")
_mime_types = QMimeDatabase()


@dataclass(frozen=True, slots=True)
class Payload:
    """What a drop or a paste brings.

    `others` are files that are no photos, `gone` are files that cannot be found; where nothing at
    all was named that could be used, `reason` says why.
    """

    examples: tuple[Example, ...] = ()
    folders: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()
    gone: tuple[Path, ...] = ()
    reason: str = ""

    @property
    def usable(self) -> bool:
        """Whether there is anything to take."""
        return bool(self.examples or self.folders)


def parse_mime(mime: QMimeData, *, hovering: bool = False) -> Payload:
    """Return what can be used of dropped or pasted data.

    Args:
        mime: the data, from a file manager, a browser, the clipboard or the grid.
        hovering: only foresee what a drop would bring. Pictures handed over as data are not read
            then, as that may take long; they stand as an example with empty `data`.
    """
    ids = _photo_ids(mime)
    if ids:
        return Payload(tuple(Example(photo_id=item) for item in ids))
    paths, remote = _addresses(mime)
    if paths:
        return _payload_of(paths)
    if (data := _picture(mime, hovering=hovering)) is not None:
        return Payload((Example(data=data),))
    if remote:
        return Payload(reason=_remote_sentence())
    return Payload(reason=_unusable_sentence(mime))


def photo_mime(tiles: Iterable[Tile]) -> QMimeData:
    """Return the data of photos dragged out of or copied from Twinlens, for it and for others."""
    tiles = list(tiles)
    mime = QMimeData()
    mime.setUrls([file_url(tile.path) for tile in tiles])
    ids = [str(tile.photo_id).encode("ascii") for tile in tiles]
    mime.setData(PHOTO_FORMAT, QByteArray(b"\n".join([_OWN, *ids])))
    return mime


def file_url(path: Path) -> QUrl:
    """Return the address of a file, whose name need not be valid text."""
    if sys.platform == "win32":
        return QUrl.fromLocalFile(str(path))
    return QUrl.fromEncoded(b"file://" + quote_from_bytes(os.fsencode(path)).encode("ascii"))


def png_bytes(image: QImage) -> bytes:
    """Return a picture as a PNG file."""
    store = QByteArray()
    buffer = QBuffer(store)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"png"))
    # Little compression: the bytes only travel to the decoder.
    writer.setQuality(80)
    writer.write(image)
    return bytes(store.data())


def _bytes(mime: QMimeData, kind: str) -> bytes:
    return bytes(mime.data(kind).data())


def _photo_ids(mime: QMimeData) -> list[int]:
    owner, *ids = _bytes(mime, PHOTO_FORMAT).split() or [b""]
    return [int(word) for word in ids if word.isdigit()] if owner == _OWN else []


def _addresses(mime: QMimeData) -> tuple[list[Path], bool]:
    """Return the local paths that the data names, and whether it names anything on the network."""
    lines: list[bytes] = []
    for line in _bytes(mime, "text/uri-list").splitlines():
        if line and not line.startswith(b"#"):
            lines.append(line.strip())
    if not lines and mime.hasText() and not mime.hasHtml():
        lines = [os.fsencode(line.strip().strip('"')) for line in mime.text().splitlines()[:1000]]
    paths = [path for line in lines if (path := _local_path(line)) is not None]
    remote = any(line.lower().startswith((b"http://", b"https://", b"ftp://")) for line in lines)
    html = mime.html() if mime.hasHtml() and not paths else ""
    return paths, remote or bool(re.search(r"<img[^>]+src=[\"']?https?:", html, re.IGNORECASE))


def _local_path(address: bytes) -> Path | None:
    if address.lower().startswith(b"file:"):
        if sys.platform == "win32":
            return Path(QUrl.fromEncoded(QByteArray(address)).toLocalFile())
        # Not through QUrl: names that are not valid text have to survive.
        rest = address[len("file:") :]
        host, slash, path_bytes = rest.removeprefix(b"//").partition(b"/")
        if not slash or host not in (b"", b"localhost", platform.node().encode()):
            return None
        return Path(os.fsdecode(b"/" + unquote_to_bytes(path_bytes)))
    text = os.fsdecode(address)
    if text.startswith("~/") or text.startswith("~\\"):
        return Path(text).expanduser()
    path = Path(text)
    return path if path.is_absolute() and len(text) < 4096 and "\0" not in text else None


def _payload_of(paths: list[Path]) -> Payload:
    examples: list[Example] = []
    folders: list[Path] = []
    others: list[Path] = []
    gone: list[Path] = []
    for path in dict.fromkeys(paths):
        try:
            is_folder, is_file = path.is_dir(), path.is_file()
        except OSError:
            is_folder = is_file = False
        if is_folder:
            folders.append(path)
        elif not is_file:
            gone.append(path)
        elif _may_be_picture(path):
            examples.append(Example(path=path))
        else:
            others.append(path)
    return Payload(tuple(examples), tuple(folders), tuple(others), tuple(gone))


def _may_be_picture(path: Path) -> bool:
    found = _mime_types.mimeTypeForFile(name_text(path), QMimeDatabase.MatchMode.MatchExtension)
    # What is not known by its name may still be a picture: the decoder looks inside.
    return found.name() == _UNKNOWN_TYPE or not found.name().startswith(_NO_PICTURE)


def _picture(mime: QMimeData, *, hovering: bool) -> bytes | None:
    """Return the bytes of a picture that came as data; empty bytes while hovering."""
    for kind in ENCODED_FORMATS:
        if mime.hasFormat(kind):
            if hovering:
                return b""
            if data := _bytes(mime, kind):
                return data
    if mime.hasImage():
        if hovering:
            return b""
        image = mime.imageData()
        if isinstance(image, QImage) and not image.isNull():
            return png_bytes(image)
    return _data_url(mime)


def _data_url(mime: QMimeData) -> bytes | None:
    """Return the picture inside the first data: address in the text of the data."""
    texts = (
        _bytes(mime, "text/uri-list").decode("ascii", "replace"),
        unescape(mime.html()) if mime.hasHtml() else "",
        mime.text() if mime.hasText() else "",
    )
    for text in texts:
        found = _DATA_URL.search(text) if len(text) < MAX_DATA_URL else None
        if found is None:
            continue
        head, _, body = found.group().partition(",")
        data = unquote_to_bytes(body)
        if head.lower().endswith(";base64"):
            try:
                data = base64.b64decode(data + b"=" * (-len(data) % 4))
            except binascii.Error:
                continue
        if data:
            return data
    return None


def _tr(text: str) -> str:
    return QCoreApplication.translate("Drop", text)


def _remote_sentence() -> str:
    return _tr(
        "This is only an address; Twinlens does not download. "
        "Copy the image itself (right click, Copy image) and paste it."
    )


def _unusable_sentence(mime: QMimeData) -> str:
    if not mime.formats():
        return _tr("There is nothing to paste. Copy a photo or its path first.")
    return _tr("There is no picture in this. Drop or paste a photo, or the path of one.")
