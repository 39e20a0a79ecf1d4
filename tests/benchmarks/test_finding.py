"""The verified search finds the original of an edit, and copies find all of their family."""

import os
from pathlib import Path

import pytest

from tests.benchmarks.finding import families_of, find_edits, find_families, rotation
from twinlens.library import Library

PHOTOS = os.environ.get("TWINLENS_PHOTOS")

pytestmark = [
    pytest.mark.model,
    pytest.mark.photos,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not PHOTOS, reason="set TWINLENS_PHOTOS to a folder of labelled photos"),
]

#: What the searches choose from: copies and pictures that are alike.
PARTS = ("copies", "odd/modes", "clothing/test/dress")


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("library")
    with Library(place, writer=True) as library:
        for part in PARTS:
            library.add_folder(Path(str(PHOTOS)).resolve() / part)
        library.index_folders(closer=True)
    return place


def test_edits_find_their_original_first(looked_at: Path) -> None:
    paths = sorted((Path(str(PHOTOS)).resolve() / "clothing" / "test" / "dress").glob("*.jpg"))[:9]
    found = find_edits(looked_at, {}, rotation(paths, 2))
    assert len(found) == 18
    assert [one for one in found if not one.first] == []
    assert sum(one.right for one in found) >= 0.9 * len(found)


def test_copies_find_their_family(looked_at: Path) -> None:
    recalls = find_families(looked_at, families_of(Path(str(PHOTOS)).resolve()), every=6)
    assert len(recalls) >= 5
    assert {path: recall for path, recall in recalls.items() if recall < 1} == {}
