"""Wherever the database is damaged, readers say so and one indexing run mends it."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import encoded, picture
from twinlens.errors import AppError, LibraryError, LibraryLockedError, StoreDamagedError
from twinlens.library import Library
from twinlens.records import Example, Filters, Query
from twinlens.reports import Notice
from twinlens.store import decisions
from twinlens.store.database import FILE_NAME

PAGE = 16384
PHOTOS = 5


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for number in range(PHOTOS):
        (folder / f"{number}.png").write_bytes(encoded(picture(number)))
    return folder


@pytest.fixture(scope="module")
def indexed(gallery: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("indexed")
    with Library(folder, writer=True) as library:
        library.add_folder(gallery, ("raw",))
        library.index_folders()
    return folder


@pytest.fixture
def copy(indexed: Path, tmp_path: Path) -> Path:
    return shutil.copytree(indexed, tmp_path / "library")


def spoil(library: Path, offset: int, length: int = 800) -> None:
    with (library / FILE_NAME).open("r+b") as stream:
        stream.seek(offset)
        stream.write(random.Random(offset).randbytes(length))


def offsets(indexed: Path) -> Iterator[int]:
    size = (indexed / FILE_NAME).stat().st_size
    for page in range(0, size, PAGE):
        # The list of a page's cells is at its start, the cells begin at its end.
        yield page
        yield page + PAGE - 810


def read(library: Path, query: Path) -> None:
    with Library(library) as reader:
        reader.folders()
        reader.failures()
        reader.browse(Filters())
        reader.search(Query((Example(path=query),)), 10)


def mended(library: Path, gallery: Path) -> bool:
    """Bring a library up to date; return whether its database was started afresh."""
    said: list[Notice] = []
    with Library(library, writer=True, notify=said.append) as writer:
        counts = writer.index_folders()
        assert counts.found == PHOTOS
        assert [(item.folder, item.files) for item in writer.folders()] == [(gallery, PHOTOS)]
        assert writer.folders()[0].excludes == ("raw",)
    afresh = bool(list(library.glob("damaged-*.sqlite3")))
    assert len(said) == afresh
    return afresh


@pytest.mark.model
def test_every_offset_is_mended_in_one_run(indexed: Path, gallery: Path, tmp_path: Path) -> None:
    query = gallery / "3.png"
    afresh = 0
    for number, offset in enumerate(offsets(indexed)):
        library = shutil.copytree(indexed, tmp_path / str(number))
        spoil(library, offset)
        noticed = False
        try:
            read(library, query)
        except AppError:
            # A row that was lost without a trace may look like a model that is missing.
            noticed = True
        assert mended(library, gallery) >= noticed
        afresh += bool(list(library.glob("damaged-*.sqlite3")))
        assert not (library / "damaged").exists()
        read(library, query)
        with Library(library) as reader:
            assert reader.verify().problems == ()
    assert afresh > 10


@pytest.mark.model
def test_damage_met_in_the_middle_of_a_run_is_mended_in_it(copy: Path, gallery: Path) -> None:
    said: list[Notice] = []
    with Library(copy, writer=True, notify=said.append) as library:
        library.folders()
        size = (copy / FILE_NAME).stat().st_size
        for page in range(2 * PAGE, size, PAGE):
            spoil(copy, page)
        assert library.index_folders([gallery]).added == PHOTOS
        assert library.photo_count() == PHOTOS
        hits = library.search(Query((Example(path=gallery / "1.png"),)), 1)
        assert hits[0].path == gallery / "1.png"
        with pytest.raises(LibraryLockedError):
            Library(copy, writer=True)
    assert len(said) == 1
    assert "moved to damaged-" in said[0].sentence


@pytest.mark.model
def test_what_verify_finds_the_next_writer_mends(copy: Path, gallery: Path) -> None:
    # The index of file names is read by few.
    with Library(copy) as reader:
        row = reader.database.connection().execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'files_photo'"
        )
        page = int(row.fetchone()[0])
    spoil(copy, page * PAGE - 40, 40)
    with Library(copy) as reader:
        report = reader.verify()
    assert not report.ok
    assert report.problems[0].startswith("database: ")
    assert mended(copy, gallery)


def test_a_reader_neither_mends_nor_moves(copy: Path) -> None:
    spoil(copy, 0)
    with pytest.raises(StoreDamagedError, match="is damaged"):
        Library(copy)
    assert not list(copy.glob("damaged-*"))


@pytest.mark.parametrize("name", ["lock", decisions.FILE_NAME, "settings.json", FILE_NAME])
def test_a_folder_in_the_place_of_a_file_is_a_sentence(copy: Path, name: str) -> None:
    (copy / name).unlink(missing_ok=True)
    (copy / name).mkdir()
    with pytest.raises(LibraryError, match="cannot be"):
        Library(copy, writer=True).close()
