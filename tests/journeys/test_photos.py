"""On real photos: each finds itself and its copies first; what cannot be read is explained."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from tests.journeys.commands import twinlens
from tests.support import PHOTOS, needs_photos
from twinlens.evaluation import average_precision, evaluate
from twinlens.inference.model_spec import DEFAULT_MODEL
from twinlens.library import Library
from twinlens.records import Example, Query
from twinlens.search.rerank import plain_order, rerank
from twinlens.store import embeddings

pytestmark = [pytest.mark.model, pytest.mark.photos, pytest.mark.slow, needs_photos]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a library of all labelled photos."""
    place = tmp_path_factory.mktemp("library")
    ran = twinlens("index", PHOTOS, "--quick", library=place)
    assert ran.status == 0, ran.errors
    assert "Traceback" not in ran.errors
    return place


def test_every_file_is_searchable_or_explained(everything: Path) -> None:
    explained = {line["path"]: line for line in twinlens("failures", library=everything).lines}
    assert all(line["reason"].strip().endswith(".") for line in explained.values())
    with Library(everything) as library:
        known = {str(path) for number in library.photo_ids() for path in library.paths(number)}
    for path in (
        p for part in ("odd", "copies") for p in (PHOTOS / part).rglob("*") if p.is_file()
    ):
        assert (str(path) in known) != (str(path) in explained)


def test_photos_find_themselves_then_their_kind(everything: Path) -> None:
    queries = sorted((PHOTOS / "clothing" / "test").rglob("*.jpg"))[::40]
    ran = twinlens("search", *queries, "--each", "-k", "5", library=everything)
    first = [line for line in ran.lines if line["rank"] == 1]
    assert [line["path"] for line in first] == [str(path) for path in queries]
    assert all(line["score"] >= 0.999 for line in first)
    assert all(line["match"] == "same-bytes" for line in first)


@pytest.mark.parametrize("variant", ["re-encoded", "half size", "turned by EXIF"])
def test_copies_of_real_photos_find_their_original(
    everything: Path, tmp_path: Path, variant: str
) -> None:
    originals = [
        *sorted((PHOTOS / "clothing").rglob("*.jpg"))[::12],
        *sorted((PHOTOS / "grocery" / "val").rglob("*.jpg"))[::12],
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
    ("folder", "model", "lowest", "gain"),
    [
        ("clothing/test", "efficientnet-lite0", 0.565, 0.05),
        ("clothing/test", "efficientnet-lite2", 0.59, 0.045),
        ("grocery/val", "efficientnet-lite0", 0.705, 0.0),
        ("grocery/val", "efficientnet-lite2", 0.715, 0.0),
    ],
)
def test_quality_does_not_fall(folder: str, model: str, lowest: float, gain: float) -> None:
    # A closer look at all takes time, so one set shows that proof takes nothing away.
    verify = (folder, model) == ("clothing/test", DEFAULT_MODEL)
    plain, refined, *verified = evaluate(PHOTOS / folder, model, verify=verify) or []
    assert plain.map >= lowest
    assert refined.map >= plain.map + gain
    assert refined.r1 >= plain.r1 - 0.01
    for proven in verified:
        assert proven.map >= refined.map - 0.001
        assert proven.r1 >= refined.r1 - 0.005
    assert len(verified) == verify
    for found in (plain, refined):
        assert found.recall_at_10 >= 0.98
        assert 0 < found.p10 <= 1


@pytest.mark.parametrize("beside", [0, 300])
@pytest.mark.parametrize("size", [2, 3, 5, 10, 30, 100])
def test_reranking_helps_classes_of_every_size(everything: Path, size: int, beside: int) -> None:
    """So many photos of each kind of clothing, alone or among groceries and test pictures."""
    kinds, rows = described(everything)
    generator = np.random.default_rng(size)
    clothes = [np.flatnonzero(kinds == kind) for kind in np.unique(kinds[kinds != ""])]
    others = np.flatnonzero(kinds == "")
    before: list[float] = []
    after: list[float] = []
    while len(before) < (80 if size > 10 else 200):
        chosen = [*(generator.permutation(kind)[:size] for kind in clothes)]
        library = np.concatenate([*chosen, generator.permutation(others)[:beside]])
        for query in generator.permutation(np.concatenate(chosen))[:40]:
            ranked = library[plain_order(library, rows[library] @ rows[query])]
            scores = rows[ranked] @ rows[query]
            refined = ranked[rerank(ranked, scores, rows[query], rows[ranked])]
            for order, precisions in ((ranked, before), (refined, after)):
                found = order[order != query]
                precisions.append(average_precision(kinds[found] == kinds[query]))
    assert np.mean(after) >= np.mean(before)


def described(library: Path) -> tuple[NDArray[np.str_], NDArray[np.float32]]:
    """Return the kind of clothing ("" of what is none) and the descriptor of each photo."""
    root = PHOTOS / "clothing"
    with Library(library) as opened:
        connection = opened.database.connection()
        (key, _), *_ = embeddings.models_named(connection, DEFAULT_MODEL)
        ids, rows = embeddings.fetch(connection, key, opened.photo_ids())
        paths = [opened.paths(number)[0] for number in ids.tolist()]
    kinds = [path.parent.name if path.is_relative_to(root) else "" for path in paths]
    return np.array(kinds), rows
