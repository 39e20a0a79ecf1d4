"""What a file is called matters less than what is in it."""

import struct

import pytest
from PIL import Image

from tests.unit.imaging.samples import dng, encode, read, scene
from twinlens.errors import UnreadableImageError
from twinlens.imaging.decode import HEAD_BYTES, sniff
from twinlens.imaging.formats import recognise
from twinlens.records import FailureCode


def _box(kind: bytes, brand: bytes, *more: bytes) -> bytes:
    body = brand + bytes(4) + b"".join(more)
    return struct.pack(">I", 8 + len(body)) + kind + body + bytes(64)


@pytest.mark.parametrize(
    "kind",
    ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "HEIF", "AVIF", "ICO", "PPM", "QOI", "SGI"],
)
@pytest.mark.parametrize("name", ["", "photo", "photo.jpg", "notes.txt", "film.mp4", "x.png.bak"])
def test_a_picture_is_one_under_any_name(kind: str, name: str) -> None:
    head = encode(scene(), kind)[:HEAD_BYTES]
    assert sniff(head, name) is None
    assert recognise(head, name).format == kind


@pytest.mark.parametrize(
    ("head", "name", "code"),
    [
        (b"", "photo.jpg", FailureCode.EMPTY),
        (b"", "PHOTO.JPG", FailureCode.EMPTY),
        (b"", "", FailureCode.EMPTY),
        (b"", "notes.txt", FailureCode.NOT_AN_IMAGE),
        (b"", "film.mp4", FailureCode.VIDEO),
        (b"Dear diary,\n", "notes.txt", FailureCode.NOT_AN_IMAGE),
        (b"import os\n", "code.py", FailureCode.NOT_AN_IMAGE),
        (b"Dear diary,\n", "notes.jpg", FailureCode.DAMAGED),
        (bytes(4096), "hole.jpg", FailureCode.DAMAGED),
        (b"\x89HDF\r\n\x1a\n" + bytes(50), "data.h5", FailureCode.NOT_AN_IMAGE),
        (b"%PDF-1.7\n", "paper.pdf", FailureCode.NOT_AN_IMAGE),
        (b"%PDF-1.7\n", "paper.jpg", FailureCode.UNSUPPORTED),
        (b"<!DOCTYPE html><html>", "index.html", FailureCode.NOT_AN_IMAGE),
        (b"<!DOCTYPE html><html>", "download.jpg", FailureCode.UNSUPPORTED),
        (b"PK\x03\x04" + bytes(50), "album.zip", FailureCode.NOT_AN_IMAGE),
        (b"\x00\x05\x16\x07" + bytes(50), "._photo.jpg", FailureCode.NOT_AN_IMAGE),
        (b"<svg xmlns='x'>", "logo.svg", FailureCode.UNSUPPORTED),
        (b"<?xml version='1.0'?>\n<!-- made by hand -->\n<svg>", "x", FailureCode.UNSUPPORTED),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "logo.eps", FailureCode.UNSUPPORTED),
        (b"gimp xcf file\0", "drawing.xcf", FailureCode.UNSUPPORTED),
        (bytes(128) + b"DICM" + bytes(50), "scan.dcm", FailureCode.UNSUPPORTED),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "film.avi", FailureCode.VIDEO),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "song.wav", FailureCode.NOT_AN_IMAGE),
        (b"\x1a\x45\xdf\xa3" + bytes(50), "film.mkv", FailureCode.VIDEO),
        (b"\x1a\x45\xdf\xa3" + bytes(50), "film.jpg", FailureCode.VIDEO),
        (_box(b"ftyp", b"isom", b"mp41"), "film.mp4", FailureCode.VIDEO),
        (_box(b"ftyp", b"qt  "), "film.mov", FailureCode.VIDEO),
        (_box(b"moov", b"    "), "old.mov", FailureCode.VIDEO),
        (b"\x00\x00\x01\xba" + bytes(50), "film.mpg", FailureCode.VIDEO),
        ((b"G" + bytes(187)) * 4, "film.ts", FailureCode.VIDEO),
        (b"ID3\x04" + bytes(50), "song.mp3", FailureCode.NOT_AN_IMAGE),
    ],
)
def test_what_is_no_picture_has_its_reason(head: bytes, name: str, code: FailureCode) -> None:
    assert sniff(head, name) is code
    with pytest.raises(UnreadableImageError) as caught:
        read(head, name)
    assert caught.value.code == code.value
    assert len(caught.value.message) > 15
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (_box(b"ftyp", b"heic", b"mif1"), "x", "HEIF"),
        (_box(b"ftyp", b"mif1", b"miaf", b"heic"), "x", "HEIF"),
        (_box(b"ftyp", b"mif1", b"avif"), "x", "AVIF"),
        (_box(b"ftyp", b"avis"), "x", "AVIF"),
        (_box(b"ftyp", b"crx "), "x", "RAW"),
        (b"FUJIFILMCCD-RAW 0201", "x.jpg", "RAW"),
        (b"II*\0\x10\0\0\0CR\x02\0", "x", "RAW"),
        (b"IIU\0" + bytes(50), "x", "RAW"),
        (b"\xff\x0a" + bytes(30), "x", "JXL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "x", "JXL"),
        (dng()[:HEAD_BYTES], "photo.DNG", "RAW"),
        (dng()[:HEAD_BYTES], "photo.nef", "RAW"),
        (dng()[:HEAD_BYTES], "photo.tif", "TIFF"),
    ],
)
def test_relatives_are_told_apart(head: bytes, name: str, kind: str) -> None:
    assert recognise(head, name).format == kind


@pytest.mark.parametrize("content", ["P6 is a road, 3 miles long", "BMW", "GIF87", "RIFF", "II*"])
def test_text_that_begins_like_a_picture_is_text(content: str) -> None:
    assert sniff(content.encode(), "notes.txt") is FailureCode.NOT_AN_IMAGE


def test_formats_outside_the_list_are_not_tried() -> None:
    """Pillow itself would open these: an icon set and a game texture."""
    for kind in ("DDS", "ICNS"):
        data = encode(Image.new("RGBA", (64, 64)), kind)
        assert sniff(data[:HEAD_BYTES], "x") is FailureCode.UNSUPPORTED
