"""Galleries of real photos, from a terminal: they follow their kinds and outlive what comes."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.galleries import adjusted_rand, mutual_information
from tests.journeys.commands import twinlens
from tests.support import PHOTOS, needs_photos
from twinlens.library import Library

pytestmark = [pytest.mark.model, pytest.mark.photos, pytest.mark.slow, needs_photos]


@pytest.fixture(scope="module")
def groceries(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a library of photos of groceries and the folder that they lie in."""
    place = tmp_path_factory.mktemp("galleries")
    shutil.copytree(PHOTOS / "grocery" / "val", place / "photos")
    # Of one kind some come later.
    (place / "later").mkdir()
    for path in sorted((place / "photos").rglob("Banana/*.jpg"))[::2]:
        path.rename(place / "later" / path.name)
    ran = twinlens("index", place / "photos", "--quick", library=place / "library")
    assert ran.status == 0, ran.errors
    return place / "library", place / "photos"


def test_galleries_follow_the_kinds_of_real_photos(groceries: tuple[Path, Path]) -> None:
    library, _ = groceries
    ran = twinlens("galleries", "--coarse", "0", library=library)
    assert ran.status == 0, ran.errors
    paths = [Path(path) for line in ran.lines for path in line["paths"]]
    assert len(set(paths)) == len(paths)
    assert all(line["cover"] in line["paths"] for line in ran.lines)
    assert all(line["title"] for line in ran.lines)
    found = np.repeat(np.arange(len(ran.lines)), [len(line["paths"]) for line in ran.lines])
    kinds = np.unique([str(path.parent) for path in paths], return_inverse=True)[1]
    assert adjusted_rand(found, kinds) > 0.6
    assert mutual_information(found, kinds) > 0.88


def test_levels_lie_within_each_other(groceries: tuple[Path, Path]) -> None:
    library, _ = groceries
    fine = twinlens("galleries", "--coarse", "1", library=library).lines
    coarse = {line["gallery"]: line for line in twinlens("galleries", library=library).lines}
    assert len(fine) > len(coarse)
    for line in fine:
        parent = coarse.get(line["parent"])
        assert parent is None or set(line["paths"]) <= set(parent["paths"])


def test_a_named_gallery_stays_when_photos_come(groceries: tuple[Path, Path]) -> None:
    library, folder = groceries
    before = twinlens("galleries", "--coarse", "0", library=library).lines
    mine = next(line for line in before if "Banana" in line["title"])
    named = ["--coarse", "0", "--name", mine["gallery"], "For the cake", "--pin", mine["gallery"]]
    assert twinlens("galleries", *named, library=library).lines[0]["title"] == "For the cake"
    for path in (folder.parent / "later").iterdir():
        shutil.copy(path, folder / "Fruit" / "Banana" / path.name)
    assert twinlens("index", "--quick", library=library).lines[-1]["added"] > 0
    joined = twinlens("galleries", "--coarse", "0", library=library).lines[0]
    anew = twinlens("galleries", "--coarse", "0", "--anew", library=library).lines[0]
    for after in (joined, anew):
        assert (after["gallery"], after["title"]) == (mine["gallery"], "For the cake")
        assert set(mine["paths"]) <= set(after["paths"])
        assert after["pinned"]
        assert after["named"]
    free = ["--coarse", "0", "--unpin", mine["gallery"], "--name", mine["gallery"], ""]
    released = twinlens("galleries", *free, library=library).lines
    assert not any(line["pinned"] or line["named"] for line in released)


def test_what_cannot_be_asked_is_said_in_a_sentence(groceries: tuple[Path, Path]) -> None:
    library, _ = groceries
    for options in (["--pin", "nonsense"], ["--coarse", "9"], ["--name", "0" * 16, "Nobody"]):
        ran = twinlens("galleries", *options, library=library)
        assert ran.status == 2
        assert not ran.lines
        assert "Traceback" not in ran.errors


def test_a_new_photo_moves_nobody(groceries: tuple[Path, Path], tmp_path: Path) -> None:
    library, _ = groceries
    with Library(library) as opened:
        before = {number: one.gallery for one in opened.galleries() for number in one.photos}
    shutil.copy(next(PHOTOS.rglob("clothing/test/shoes/*.jpg")), tmp_path)
    assert twinlens("index", tmp_path, "--quick", library=library).status == 0
    with Library(library) as opened:
        after = {number: one.gallery for one in opened.galleries() for number in one.photos}
    assert {number: after[number] for number in before} == before
