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
    offer_text,
    parse_mime,
    photo_mime,
)
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
    assert not payload.reason


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
    assert alone.reason == "notes.txt is not a picture and was left out."
    mixed = parse_mime(urls(file_url(notes), file_url(photo)))
    assert mixed.examples == (Example(path=photo),)
    assert "notes.txt" in mixed.reason


def test_an_unknown_ending_is_left_to_the_decoder(tmp_path: Path) -> None:
    path = tmp_path / "IMG_0001.strange"
    path.write_bytes(encoded())
    assert parse_mime(urls(file_url(path))).examples == (Example(path=path),)


def test_files_that_are_gone_are_named_or_counted(tmp_path: Path) -> None:
    one = parse_mime(urls(file_url(tmp_path / "gone.jpg")))
    assert one == Payload(reason="gone.jpg cannot be found. Check that its drive is connected.")
    two = parse_mime(urls(file_url(tmp_path / "a.jpg"), file_url(tmp_path / "b.jpg")))
    assert two.reason.startswith("2 files cannot be found.")


def test_photos_of_the_own_grid_come_by_id(photo: Path) -> None:
    tiles = [Tile(7, photo, 1, 10, 10, None), Tile(12, photo, 1, 10, 10, None)]
    mime = photo_mime(tiles)
    assert parse_mime(mime).examples == (Example(photo_id=7), Example(photo_id=12))
    assert [Path(url.toLocalFile()) for url in mime.urls()] == [photo, photo]
    assert bytes(mime.data(PHOTO_FORMAT).data()) == b"7\n12"


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
    assert offer_text(two, occupied=False) == "Find photos like these"
    folder = parse_mime(urls(file_url(tmp_path)))
    assert offer_text(folder, occupied=True) == "Add this folder"
    nothing = parse_mime(QMimeData())
    assert offer_text(nothing, occupied=False) == nothing.reason
