"""Average precision is what its definition says; classes are folders."""

from pathlib import Path

import numpy as np
import pytest

from tests.support import encoded, scene
from twinlens.errors import UsageError
from twinlens.evaluation import average_precision, evaluate_folder


@pytest.mark.parametrize(
    ("ranking", "value"),
    [
        ([1, 1, 0, 0], 1.0),
        ([0, 1], 0.5),
        ([1, 0, 1, 0, 0, 1], (1 / 1 + 2 / 3 + 3 / 6) / 3),
        ([0, 0, 0, 1], 0.25),
    ],
)
def test_average_precision(ranking: list[int], value: float) -> None:
    assert average_precision(np.array(ranking, dtype=bool)) == pytest.approx(value)


@pytest.mark.model
def test_copies_in_class_folders_rank_first(tmp_path: Path) -> None:
    for kind in range(3):
        folder = tmp_path / "photos" / f"class {kind}"
        folder.mkdir(parents=True)
        for quality in (60, 75, 90):
            data = encoded(scene(kind), "JPEG", quality=quality)
            (folder / f"{quality}.jpg").write_bytes(data)
    alone = tmp_path / "photos" / "alone"
    alone.mkdir()
    (alone / "a.jpg").write_bytes(encoded(scene(9), "JPEG"))
    found = evaluate_folder(tmp_path / "photos")
    assert found is not None
    assert found.queries == 9
    assert (found.map, found.r1) == (1.0, 1.0)
    assert found.p10 == pytest.approx(0.2)


@pytest.mark.model
def test_photos_without_company_cannot_be_measured(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "a.jpg").write_bytes(encoded(scene(1), "JPEG"))
    with pytest.raises(UsageError, match="nothing to measure"):
        evaluate_folder(photos)
