"""Searches kept under a name: they outlive their files, the session and the database."""

from pathlib import Path

import pytest

from tests.support import encoded, picture, scene
from twinlens.errors import UsageError
from twinlens.library import Library
from twinlens.records import Example, Filters, Query, Region

pytestmark = pytest.mark.model


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.png").write_bytes(encoded(scene(number)))
    return folder


def opened(tmp_path: Path, photos: Path) -> Library:
    library = Library(tmp_path / "library", writer=True)
    library.add_folder(photos)
    library.index_folders()
    return library


def names(library: Library, name: str, k: int = 20) -> list[str]:
    return [hit.path.name for hit in library.search(library.saved_search(name).query, k)]


def test_a_kept_search_finds_the_photos_of_today(tmp_path: Path, photos: Path) -> None:
    with opened(tmp_path, photos) as library:
        query = Query(
            (
                Example(path=photos / "1.png", region=Region(0.1, 0.1, 0.8, 0.8), weight=2.0),
                Example(data=encoded(scene(40)), negative=True),
            ),
            Filters(folder=photos, name=".png"),
        )
        library.save_search("towers", query)
        before = names(library, "towers")
        (photos / "copy.png").write_bytes(encoded(scene(1)[:-1]))
        library.index_folders()
        kept = library.saved_search("towers").query
        assert kept.filters == query.filters
        assert [(e.negative, e.weight, e.region) for e in kept.examples] == [
            (e.negative, e.weight, e.region) for e in query.examples
        ]
        assert set(names(library, "towers")) == {*before, "copy.png"}


def test_it_outlives_the_files_it_was_made_from(tmp_path: Path, photos: Path) -> None:
    outside = tmp_path / "outside.png"
    outside.write_bytes(encoded(scene(3)))
    with opened(tmp_path, photos) as library:
        library.save_search("a", Query((Example(path=outside), Example(data=encoded(scene(5))))))
        expected = names(library, "a")
        outside.unlink()
        assert names(library, "a") == expected
    with Library(tmp_path / "library") as again:
        assert [search.name for search in again.saved_searches()] == ["a"]
        assert names(again, "a") == expected


def test_it_comes_back_when_the_database_was_lost(tmp_path: Path, photos: Path) -> None:
    with opened(tmp_path, photos) as library:
        library.save_search("a", Query((Example(path=photos / "2.png"),)))
    for lost in (tmp_path / "library").glob("library.sqlite3*"):
        lost.unlink()
    with Library(tmp_path / "library", writer=True) as library:
        library.index_folders()
        assert names(library, "a", 1) == ["2.png"]


def test_saving_again_replaces_and_forgetting_leaves_nothing(tmp_path: Path, photos: Path) -> None:
    with opened(tmp_path, photos) as library:
        library.save_search("a", Query((Example(data=encoded(picture(8))),)))
        library.save_search("a", Query((Example(path=photos / "2.png"),)))
        assert names(library, "a", 1) == ["2.png"]
        library.forget_search("a")
        assert library.saved_searches() == []
        assert list((tmp_path / "library" / "searches").iterdir()) == []
        with pytest.raises(UsageError):
            library.forget_search("a")


def test_a_large_picture_is_kept_small_and_means_the_same(tmp_path: Path, photos: Path) -> None:
    large = encoded(scene(2, 3000, 2000), "PNG", compress_level=0)
    with opened(tmp_path, photos) as library:
        query = Query((Example(data=large),))
        expected = library.search(query, 3)
        library.save_search("a", query)
        (kept,) = (tmp_path / "library" / "searches").iterdir()
        assert kept.stat().st_size < len(large) / 10
        for hit, same in zip(
            library.search(library.saved_search("a").query, 3), expected, strict=True
        ):
            assert hit.path == same.path
            assert hit.score == pytest.approx(same.score, abs=0.05)


def test_a_search_needs_a_name_and_a_meaning(tmp_path: Path, photos: Path) -> None:
    with opened(tmp_path, photos) as library:
        with pytest.raises(UsageError):
            library.save_search("  ", Query((Example(path=photos / "2.png"),)))
        with pytest.raises(UsageError):
            library.save_search("a", Query(()))


def test_a_search_gets_another_name_and_keeps_its_pictures(tmp_path: Path, photos: Path) -> None:
    with opened(tmp_path, photos) as library:
        library.save_search("a", Query((Example(data=encoded(scene(5))),)))
        library.save_search("b", Query((Example(path=photos / "1.png"),)))
        before = names(library, "a")
        library.rename_search("a", " towers ")
        assert [search.name for search in library.saved_searches()] == ["b", "towers"]
        assert names(library, "towers") == before
        with pytest.raises(UsageError, match="'b' already"):
            library.rename_search("towers", "b")
        with pytest.raises(UsageError, match="no search called 'a'"):
            library.rename_search("a", "c")
        with pytest.raises(UsageError, match="needs a name"):
            library.rename_search("b", "  ")
    with Library(tmp_path / "library") as library:
        assert [search.name for search in library.saved_searches()] == ["b", "towers"]
