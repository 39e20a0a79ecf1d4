"""What drops and pastes bring: files, folders, pictures as data, addresses, and nothing."""

import base64
import io
import os
import sys
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QByteArray, QMimeData, QUrl
from PySide6.QtGui import QColor, QImage

from tests.gui.generated import picture
from twinlens.gui.mime import (
    PHOTO_FORMAT,
    Payload,
    file_url,
    parse_mime,
    photo_mime,
)
from twinlens.gui.offers import LONGEST_NAME, left_out_text, offer_text
from twinlens.records import Example, Tile


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "sun set #1 ü.jpg"
    picture("sunset", 0).save(path)
    return path


def encoded(kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    picture("forest", 1).save(buffer, kind)
    return buffer.getvalue()


def urls(*items: QUrl) -> QMimeData:
    mime = QMimeData()
    mime.setUrls(list(items))
    return mime


def with_data(**formats: bytes) -> QMimeData:
    mime = QMimeData()
    for name, data in formats.items():
        mime.setData(name.replace("_", "/"), QByteArray(data))
    return mime


def test_files_and_folders_from_a_file_manager(photo: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.PNG"
    picture("circles", 0).save(other)
    folder = tmp_path / "holiday"
    folder.mkdir()
    payload = parse_mime(urls(*map(file_url, (photo, folder, other, photo))))
    assert payload.examples == (Example(path=photo), Example(path=other))
    assert payload.folders == (folder,)
    assert not left_out_text(payload)


@pytest.mark.skipif(sys.platform != "linux", reason="only there names are bytes")
def test_a_name_that_is_not_valid_text_survives(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.jpg")
    picture("checker", 0).save(path)
    assert parse_mime(urls(file_url(path))).examples == (Example(path=path),)


def test_a_raw_uri_list_with_comments_and_the_own_host(photo: Path) -> None:
    address = bytes(file_url(photo).toEncoded().data()).replace(b"file:///", b"file://localhost/")
    mime = with_data(text_uri_list=b"")
    mime.setData("text/uri-list", QByteArray(b"# a comment\r\n" + address + b"\r\n"))
    assert parse_mime(mime).examples == (Example(path=photo),)


def test_a_file_of_another_kind_is_refused_by_name(photo: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture")
    alone = parse_mime(urls(file_url(notes)))
    assert not alone.usable
    assert left_out_text(alone) == "notes.txt is not a photo and was left out."
    mixed = parse_mime(urls(file_url(notes), file_url(photo)))
    assert mixed.examples == (Example(path=photo),)
    assert "notes.txt" in left_out_text(mixed)


def test_an_unknown_ending_is_left_to_the_decoder(tmp_path: Path) -> None:
    path = tmp_path / "IMG_0001.strange"
    path.write_bytes(encoded())
    assert parse_mime(urls(file_url(path))).examples == (Example(path=path),)


def test_files_that_are_gone_are_named_or_counted(tmp_path: Path) -> None:
    one = parse_mime(urls(file_url(tmp_path / "gone.jpg")))
    assert not one.usable
    assert left_out_text(one) == "gone.jpg cannot be found. Check that its drive is connected."
    two = parse_mime(urls(file_url(tmp_path / "a.jpg"), file_url(tmp_path / "b.jpg")))
    assert left_out_text(two).startswith("2 of 2 files cannot be found.")


def test_photos_of_the_own_grid_come_by_id(photo: Path) -> None:
    tiles = [Tile(7, photo, 1, 10, 10, None), Tile(12, photo, 1, 10, 10, None)]
    mime = photo_mime(tiles)
    assert parse_mime(mime).examples == (Example(photo_id=7), Example(photo_id=12))
    assert [Path(url.toLocalFile()) for url in mime.urls()] == [photo, photo]


def test_photos_of_another_window_come_as_files_not_by_the_ids_of_its_library(photo: Path) -> None:
    mime = photo_mime([Tile(7, photo, 1, 10, 10, None)])
    _own, ids = bytes(mime.data(PHOTO_FORMAT).data()).split(b"\n", 1)
    mime.setData(PHOTO_FORMAT, QByteArray(b"another-program\n" + ids))
    assert parse_mime(mime).examples == (Example(path=photo),)


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_a_picture_file_as_data_is_taken_as_it_is(kind: str) -> None:
    data = encoded(kind.upper())
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/cat")])
    mime.setData(f"image/{kind}", QByteArray(data))
    assert parse_mime(mime).examples == (Example(data=data),)


def test_a_bitmap_keeps_its_pixels() -> None:
    image = QImage(5, 3, QImage.Format.Format_RGB32)
    image.fill(QColor(10, 200, 30))
    mime = QMimeData()
    mime.setImageData(image)
    (example,) = parse_mime(mime).examples
    assert example.data is not None
    with Image.open(io.BytesIO(example.data)) as opened:
        assert opened.size == (5, 3)
        assert opened.convert("RGB").getpixel((2, 1)) == (10, 200, 30)


def test_while_hovering_a_picture_is_not_read() -> None:
    mime = QMimeData()
    mime.setImageData(QImage(5, 3, QImage.Format.Format_RGB32))
    assert parse_mime(mime, hovering=True).examples == (Example(data=b""),)


def test_a_file_is_preferred_to_the_bitmap_beside_it(photo: Path) -> None:
    mime = urls(file_url(photo))
    mime.setImageData(QImage(5, 3, QImage.Format.Format_RGB32))
    assert parse_mime(mime).examples == (Example(path=photo),)


def test_data_addresses_in_html_in_text_and_in_the_uri_list() -> None:
    data = encoded("JPEG")
    address = "data:image/jpeg;base64," + base64.b64encode(data).decode()
    html = QMimeData()
    html.setHtml(f'<meta charset="utf-8"><img alt="a &amp; b" src="{address}">')
    text = QMimeData()
    text.setText(address)
    listed = with_data()
    listed.setData("text/uri-list", QByteArray(address.encode()))
    for mime in (html, text, listed):
        assert parse_mime(mime).examples == (Example(data=data),)


def test_a_path_as_text(photo: Path, tmp_path: Path) -> None:
    for text in (str(photo), f' "{photo}" \n', file_url(photo).toString(), f"{photo}\n{photo}"):
        mime = QMimeData()
        mime.setText(text)
        assert parse_mime(mime).examples == (Example(path=photo),), text
    mime = QMimeData()
    mime.setText(str(tmp_path))
    assert parse_mime(mime).folders == (tmp_path,)


@pytest.mark.parametrize("address", ["https://example.org/cat.jpg", "http://example.org/"])
def test_an_address_on_the_network_gets_a_sentence(address: str) -> None:
    html = QMimeData()
    html.setHtml(f'<a href="x"><img src="{address}"></a>')
    text = QMimeData()
    text.setText(address)
    for mime in (urls(QUrl(address)), html, text):
        payload = parse_mime(mime)
        assert not payload.usable
        assert "Twinlens does not download" in payload.reason
        assert "Copy image" in payload.reason


def test_nothing_usable_gets_a_sentence() -> None:
    text = QMimeData()
    text.setText("Dear diary,")
    assert "no picture in this" in parse_mime(text).reason
    assert "nothing to paste" in parse_mime(QMimeData()).reason
    assert not parse_mime(text).usable
    broken = QMimeData()
    broken.setText("data:image/png;base64,A")
    assert not parse_mime(broken).usable


def test_what_a_drop_would_do_is_said_before(photo: Path, tmp_path: Path) -> None:
    one = parse_mime(urls(file_url(photo)))
    assert offer_text(one, occupied=False) == "Find photos like this"
    assert offer_text(one, occupied=True) == "Add as another example"
    two = Payload((*one.examples, Example(photo_id=3)))
    assert offer_text(two, occupied=False) == "Find photos like these 2"
    assert offer_text(two, occupied=True) == "Add 2 examples"
    folder = parse_mime(urls(file_url(tmp_path)))
    assert offer_text(folder, occupied=True) == f"Add the folder {tmp_path.name}"
    nothing = parse_mime(QMimeData())
    assert offer_text(nothing, occupied=False) == nothing.reason


def test_what_a_drop_leaves_out_is_foretold_and_then_told(photo: Path, tmp_path: Path) -> None:
    others = [tmp_path / name for name in ("notes.txt", "song.mp3")]
    for path in others:
        path.write_text("no picture")
    folders = [tmp_path / "Holiday", tmp_path / "Garden"]
    for path in folders:
        path.mkdir()
    gone = tmp_path / "gone.jpg"

    def said(*paths: Path) -> tuple[str, str]:
        payload = parse_mime(urls(*map(file_url, paths)), hovering=True)
        return offer_text(payload, occupied=False), left_out_text(payload)

    assert said(photo, *others) == (
        "Find photos like this; 2 of 3 files are not photos",
        "2 of 3 files are not photos and were left out.",
    )
    assert said(photo, others[0], folders[0]) == (
        "Find photos like this; add the folder Holiday; notes.txt is not a photo",
        "notes.txt is not a photo and was left out.",
    )
    assert said(*folders, photo, gone)[0] == (
        "Find photos like this; add 2 folders; gone.jpg cannot be found"
    )
    assert said(*folders) == ("Add 2 folders", "")
    assert said(others[0])[0] == "notes.txt is not a photo"
    assert said(*others)[0] == "2 of 2 files are not photos"


def test_a_very_long_name_does_not_fill_the_target(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 200 + " the end.txt")
    path.write_text("no picture")
    text = offer_text(parse_mime(urls(file_url(path))), occupied=False)
    assert "the end.txt is not a photo" in text
    assert len(text) <= LONGEST_NAME + len(" is not a photo")
