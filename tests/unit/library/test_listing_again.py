"""Duplicates are listed again for little, and whatever changed meanwhile shows at once."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.edits import EDITS
from tests.unit.library.test_curating import PICTURE, home, library, names, written
from tests.unit.matching.pictures import busy
from twinlens.library import Library
from twinlens.matching.kept import KEYPOINTS
from twinlens.reports import Group
from twinlens.store import folders

__all__ = ["home", "library"]


def afresh(library: Library) -> list[Group]:
    """Return what the same library opened anew lists."""
    with Library(library.folder) as again:
        return again.duplicates()


def group_of(library: Library, name: str) -> Group:
    (group,) = (group for group in library.duplicates() if name in names([group])[0])
    return group


def test_what_did_not_change_is_not_made_again(library: Library, home: Path) -> None:
    before = library.duplicates()
    assert library.duplicates()[0] is before[0]
    written(home / "another.jpg", busy(9))
    written(home / "another small.jpg", EDITS["half size"][0](busy(9)))
    library.index_folders(closer=True)
    after = library.duplicates()
    assert after[0] is before[0]
    assert names(after) == [PICTURE, {"another.jpg", "another small.jpg"}]
    assert after == afresh(library)


def renamed(home: Path) -> None:
    (home / "small.jpg").rename(home / "renamed.jpg")


def moved(home: Path) -> None:
    (home / "deeper").mkdir()
    (home / "small.jpg").rename(home / "deeper" / "small.jpg")


def edited(home: Path) -> None:
    with Image.open(home / "small.jpg") as image:
        image.load()
    exif = Image.Exif()
    exif[0x0110] = "Another camera"
    exif.get_ifd(0x8769)[0x9003] = "2001:01:01 10:00:00"
    image.save(home / "small.jpg", quality=92, exif=exif)


def deleted(home: Path) -> None:
    (home / "small.jpg").unlink()


def replaced(home: Path) -> None:
    written(home / "small.jpg", busy(8))


def copied(home: Path) -> None:
    (home / "once more.jpg").write_bytes((home / "small.jpg").read_bytes())


def touched(home: Path) -> None:
    for name in ("photo.jpg", "small.jpg", "cut.jpg"):
        os.utime(home / name, ns=(1, 1))


@pytest.mark.parametrize(
    "change", [renamed, moved, edited, deleted, replaced, copied, touched], ids=lambda f: f.__name__
)
def test_a_change_of_a_file_shows_the_next_time(
    library: Library, home: Path, change: Callable[[Path], None]
) -> None:
    before = library.duplicates()
    change(home)
    library.index_folders(closer=True)
    after = library.duplicates()
    assert after != before or change is touched
    assert after == afresh(library)


def test_a_file_that_goes_and_returns_leaves_its_group_and_joins_it_again(
    library: Library, home: Path
) -> None:
    before = library.duplicates()
    content = (home / "cut.jpg").read_bytes()
    (home / "cut.jpg").unlink()
    library.index_folders()
    assert names(library.duplicates()) == [PICTURE - {"cut.jpg"}]
    (home / "cut.jpg").write_bytes(content)
    library.index_folders()
    assert library.duplicates() == before


@pytest.mark.skipif(sys.platform != "linux", reason="the trash of other systems")
def test_what_goes_to_the_trash_and_back_shows(
    library: Library, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    # The library of the trash reads the variable once, at import.
    monkeypatch.setattr("send2trash.plat_other.HOMETRASH_B", os.fsencode(tmp_path / "data/Trash"))
    before = library.duplicates()
    library.trash([home / "cut.jpg"])
    library.index_folders()
    assert names(library.duplicates()) == [PICTURE - {"cut.jpg"}]
    library.undo_trash()
    library.index_folders()
    assert library.duplicates() == before


def test_older_files_come_first_as_soon_as_they_are_older(library: Library, home: Path) -> None:
    rules = ["format"]
    best = library.duplicates(rules=rules)[0].best.name
    other = next(iter({"photo.jpg", "small.jpg"} - {best}))
    os.utime(home / other, ns=(1, 1))
    library.index_folders()
    assert library.duplicates(rules=rules)[0].best.name == other


def test_frames_that_are_renamed_to_a_row_are_no_copies_any_more(
    library: Library, home: Path
) -> None:
    shots = ((EDITS["darker"][0], 1), (EDITS["lighter"][0], 2))
    for (edit, second), name in zip(shots, ("one.jpg", "other.jpg"), strict=True):
        written(home / name, edit(busy(12)), f"2024:05:01 10:00:0{second}")
    library.index_folders(closer=True)
    assert {"one.jpg", "other.jpg"} in names(library.duplicates())
    (home / "one.jpg").rename(home / "DSC_0001.jpg")
    (home / "other.jpg").rename(home / "DSC_0002.jpg")
    library.index_folders()
    assert names(library.duplicates()) == [PICTURE]


def test_what_another_process_writes_shows(library: Library, home: Path) -> None:
    with Library(library.folder) as window:
        assert names(window.duplicates()) == [PICTURE]
        (home / "small.jpg").rename(home / "renamed.jpg")
        library.index_folders()
        assert names(window.duplicates()) == [PICTURE - {"small.jpg"} | {"renamed.jpg"}]


def test_a_disk_at_another_place_shows(library: Library, tmp_path: Path) -> None:
    assert names(library.duplicates()) == [PICTURE]
    elsewhere = tmp_path / "elsewhere"
    with library.database.transaction() as connection:
        rows = connection.execute("SELECT key, label FROM volumes").fetchall()
        for key, label in rows:
            folders.put_volume(connection, key, label, elsewhere)
    paths = {member.path for group in library.duplicates() for member in group.members}
    assert all(path.is_relative_to(elsewhere) for path in paths)
    assert library.duplicates() == afresh(library)


def test_how_sharp_a_file_is_counts_as_soon_as_it_is_known(library: Library, home: Path) -> None:
    written(home / "b.jpg", EDITS["blur"][0](busy(11)))
    written(home / "sharp.jpg", busy(11))
    os.utime(home / "b.jpg", ns=(1, 1))
    library.index_folders(closer=True)
    assert {"b.jpg", "sharp.jpg"} in names(library.duplicates())
    library._works.features.drop(KEYPOINTS)
    with Library(library.folder, writer=False) as window:

        def best() -> str:
            groups = window.duplicates(rules=["sharpness"])
            return next(group.best.name for group in groups if "b.jpg" in names([group])[0])

        assert best() == "b.jpg"
        # As whoever verifies a search does.
        library._works.engines.current().verifier.keypoints(library.photo_ids())
        assert best() == "sharp.jpg"


def test_other_rules_and_folders_list_other_groups_and_back(
    library: Library, home: Path, tmp_path: Path
) -> None:
    every = library.duplicates()
    assert names(library.duplicates(within=home)) == [PICTURE - {"again.jpg"}]
    (home / "photo.jpg").rename(tmp_path / "card" / "photo.jpg")
    library.index_folders()
    assert names(library.duplicates(within=home)) == [{"small.jpg", "cut.jpg"}]
    assert names(library.duplicates()) == names(every)
    assert library.duplicates() == afresh(library)
