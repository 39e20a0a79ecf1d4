"""On real photos: each finds itself and its copies first; what cannot be read is explained."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from tests.journeys.commands import twinlens
from twinlens.evaluation import evaluate_folder
from twinlens.library import Library
from twinlens.records import Example, Query

PHOTOS = os.environ.get("TWINLENS_PHOTOS")

pytestmark = [
    pytest.mark.model,
    pytest.mark.photos,
    pytest.mark.slow,
    pytest.mark.skipif(not PHOTOS, reason="set TWINLENS_PHOTOS to a folder of labelled photos"),
]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a library of all labelled photos."""
    place = tmp_path_factory.mktemp("library")
    ran = twinlens("index", str(PHOTOS), library=place)
    assert ran.status == 0, ran.errors
    assert "Traceback" not in ran.errors
    return place


def test_every_file_is_searchable_or_explained(everything: Path) -> None:
    root = Path(str(PHOTOS)).resolve()
    explained = {line["path"]: line for line in twinlens("failures", library=everything).lines}
    assert all(line["reason"].strip().endswith(".") for line in explained.values())
    with Library(everything) as library:
        known = {str(path) for number in library.photo_ids() for path in library.paths(number)}
    for path in (p for part in ("odd", "copies") for p in (root / part).rglob("*") if p.is_file()):
        assert (str(path) in known) != (str(path) in explained)


def test_photos_find_themselves_then_their_kind(everything: Path) -> None:
    root = Path(str(PHOTOS)).resolve()
    queries = sorted((root / "clothing" / "test").rglob("*.jpg"))[::40]
    ran = twinlens("search", *queries, "--each", "-k", "5", library=everything)
    first = [line for line in ran.lines if line["rank"] == 1]
    assert [line["path"] for line in first] == [str(path) for path in queries]
    assert all(line["score"] >= 0.999 for line in first)
    assert all(line["match"] == "same-bytes" for line in first)


@pytest.mark.parametrize("variant", ["re-encoded", "half size", "turned by EXIF"])
def test_copies_of_real_photos_find_their_original(
    everything: Path, tmp_path: Path, variant: str
) -> None:
    root = Path(str(PHOTOS)).resolve()
    originals = [
        *sorted((root / "clothing").rglob("*.jpg"))[::12],
        *sorted((root / "grocery" / "val").rglob("*.jpg"))[::12],
    ]
    copy = tmp_path / "copy.jpg"
    missed = []
    with Library(everything) as library:
        for original in originals:
            with Image.open(original) as opened:
                image = ImageOps.exif_transpose(opened).convert("RGB")
            if variant == "half size":
                image.resize((image.width // 2, image.height // 2)).save(copy, quality=90)
            elif variant == "turned by EXIF":
                exif = Image.Exif()
                exif[0x0112] = 6
                image.transpose(Image.Transpose.ROTATE_90).save(copy, exif=exif, quality=90)
            else:
                image.save(copy, quality=50)
            hits = library.search(Query((Example(path=copy),)), 3)
            # A set may hold the same photo twice: any file of the best score is the answer.
            best = {hit.path for hit in hits if hit.score >= hits[0].score - 1e-6}
            if original not in best:
                missed.append(original.name)
    assert missed == []


@pytest.mark.parametrize(
    ("folder", "model", "lowest"),
    [
        ("clothing/test", "efficientnet-lite0", 0.565),
        ("clothing/test", "efficientnet-lite2", 0.59),
        ("grocery/val", "efficientnet-lite0", 0.705),
        ("grocery/val", "efficientnet-lite2", 0.715),
    ],
)
def test_quality_does_not_fall(folder: str, model: str, lowest: float) -> None:
    found = evaluate_folder(Path(str(PHOTOS)) / folder, model)
    assert found is not None
    assert found.map >= lowest
    assert found.recall_at_10 >= 0.98
    assert np.isfinite([found.p10, found.r1]).all()
