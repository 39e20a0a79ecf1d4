"""Duplicates from a terminal: copies of real photos are grouped with their original, no others."""

import csv
import os
import shutil
from itertools import combinations
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from tests.edits import EDITS
from tests.journeys.commands import twinlens
from tests.support import PHOTOS, needs_photos

pytestmark = [pytest.mark.model, pytest.mark.photos, pytest.mark.slow, needs_photos]


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, str]:
    """Return photos with the family of each: labelled ones, generated ones and loners."""
    place = tmp_path_factory.mktemp("photos")
    found: dict[Path, str] = {}
    with (PHOTOS / "families.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            target = place / "labelled" / row["path"]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(PHOTOS / row["path"], target)
            found[target] = row["family"]
    chosen = sorted((PHOTOS / "clothing" / "test").rglob("*.jpg"))[::6]
    for number, path in enumerate(chosen):
        family = f"generated {number}"
        with Image.open(path) as opened:
            image = ImageOps.exif_transpose(opened).convert("RGB")
        for kind, (edit, _) in EDITS.items() if number < 3 else ():
            target = place / "generated" / kind.replace(" ", "-").replace("%", "") / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            edit(image).save(target, quality=85)
            found[target] = family
        target = place / "originals" / path.name
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(path, target)
        found[target] = family
    return found


@pytest.fixture(scope="module")
def library(families: dict[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("library")
    folder = Path(os.path.commonpath(families))
    ran = twinlens("index", folder, library=place)
    assert ran.status == 0, ran.errors
    return place


def test_copies_are_grouped_with_their_original_and_with_nothing_else(
    families: dict[Path, str], library: Path
) -> None:
    ran = twinlens("duplicates", library=library)
    assert ran.status == 0, ran.errors
    group_of: dict[Path, str] = {}
    pairs = right = 0
    for group in ran.lines:
        paths = [Path(path) for path in group["paths"]]
        assert group["best"] == group["paths"][0]
        assert [Path(member["path"]) for member in group["members"]] == paths
        assert all(member["reasons"] for member in group["members"])
        for one, other in combinations(paths, 2):
            pairs += 1
            right += families[one] == families[other]
        for path in paths:
            assert path not in group_of
            group_of[path] = group["group"]
    assert right / pairs >= 0.99
    originals = {
        family: path
        for path, family in families.items()
        if path.parent.name == "originals" and family.startswith("generated")
    }
    copies = [path for path in families if path.parent.parent.name == "generated"]
    together = [
        path for path in copies if group_of.get(path) == group_of.get(originals[families[path]], "")
    ]
    assert len(together) / len(copies) >= 0.95


def test_asking_again_says_the_same_and_filters_hold(
    families: dict[Path, str], library: Path
) -> None:
    everything = twinlens("duplicates", library=library)
    assert twinlens("duplicates", library=library).lines == everything.lines
    originals = next(path.parent for path in families if path.parent.name == "originals")
    across = twinlens("duplicates", "--across", originals, library=library)
    assert 0 < len(across.lines) < len(everything.lines)
    for group in across.lines:
        assert len({Path(path).is_relative_to(originals) for path in group["paths"]}) == 2
    refused = twinlens("duplicates", "--rule", "beauty", library=library)
    assert refused.status == 2
    assert "no rule 'beauty'" in refused.errors
