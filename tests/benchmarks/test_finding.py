"""The verified search finds the original of an edit, families of copies, and the same thing."""

from pathlib import Path

import pytest

from tests.benchmarks.finding import families_of, find_edits, find_families, rotation
from tests.benchmarks.things import EACH, make
from tests.support import PHOTOS, needs_photos
from twinlens.evaluation import evaluate
from twinlens.library import Library

pytestmark = [
    pytest.mark.model,
    pytest.mark.photos,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    needs_photos,
]

#: What the searches choose from: copies and pictures that are alike.
PARTS = ("copies", "odd/modes", "clothing/test/dress")


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("library")
    with Library(place, writer=True) as library:
        for part in PARTS:
            library.add_folder(PHOTOS / part)
        library.index_folders(closer=True)
    return place


def test_edits_find_their_original_first(looked_at: Path) -> None:
    paths = sorted((PHOTOS / "clothing" / "test" / "dress").glob("*.jpg"))[:9]
    found = find_edits(looked_at, {}, rotation(paths, 2))
    assert len(found) == 18
    assert [one for one in found if not one.first] == []
    assert sum(one.right for one in found) >= 0.9 * len(found)


def test_copies_find_their_family(looked_at: Path) -> None:
    recalls = find_families(looked_at, families_of(PHOTOS), every=6)
    assert len(recalls) >= 5
    assert {path: recall for path, recall in recalls.items() if recall < 1} == {}


def test_the_same_thing_elsewhere_comes_before_other_things_in_the_same_place(
    tmp_path: Path,
) -> None:
    make(PHOTOS, tmp_path, 15)
    _, refined, verified = evaluate(tmp_path, verify=True) or []
    assert verified.queries == 15 * EACH
    assert refined.r1 < 0.3
    assert verified.r1 > 0.8
    assert verified.map > refined.map + 0.3
