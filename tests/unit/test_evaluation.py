"""Figures are what their definitions say; classes are folders or come from a file of pairs."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support import encoded, scene
from twinlens.errors import UsageError
from twinlens.evaluation import average_precision, bootstrap, evaluate, read_pairs


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
    plain, refined = evaluate(tmp_path / "photos") or []
    assert (plain.method, refined.method) == ("plain", "re-ranked")
    for found in (plain, refined):
        assert found.queries == 9
        assert (found.map, found.map_low, found.map_high, found.r1) == (1.0, 1.0, 1.0, 1.0)
        assert found.p10 == pytest.approx(0.2)


@pytest.mark.model
def test_verified_copies_come_before_what_only_looks_like_them(tmp_path: Path) -> None:
    for kind in range(6):
        folder = tmp_path / f"class {kind}"
        folder.mkdir()
        whole = scene(kind, 400, 300)
        grey = Image.fromarray(whole).convert("L").convert("RGB")
        part = np.rot90(np.asarray(grey)[30:230, 60:260])
        (folder / "whole.png").write_bytes(encoded(whole, "PNG"))
        (folder / "part.png").write_bytes(encoded(part, "PNG"))
    found = {one.method: one for one in evaluate(tmp_path, verify=True) or []}
    assert list(found) == ["plain", "re-ranked", "verified"]
    assert found["plain"].r1 < 0.8
    assert found["verified"].r1 == 1.0


@pytest.fixture
def paired(tmp_path: Path) -> Path:
    """Return a folder of copies, and beside it a picture that asks for them."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.jpg").write_bytes(encoded(scene(number), "JPEG"))
        (folder / f"{number} copy.jpg").write_bytes(encoded(scene(number), "JPEG", quality=60))
    (tmp_path / "outside.jpg").write_bytes(encoded(scene(2), "JPEG", quality=50))
    return folder


@pytest.mark.model
def test_a_file_of_pairs_says_what_is_relevant(paired: Path) -> None:
    pairs = paired / "pairs.csv"
    pairs.write_text(
        "query,relevant\n0.jpg,0 copy.jpg\n../outside.jpg,2.jpg\n../outside.jpg,2 copy.jpg\n"
        "1.jpg,3.jpg\n"
    )
    plain, refined = evaluate(pairs) or []
    for found in (plain, refined):
        assert found.queries == 3
        # Two of three find theirs first; the third is asked for what does not look like it.
        assert found.r1 == pytest.approx(2 / 3)
        assert 2 / 3 < found.map < 0.9
        assert found.map_low <= found.map <= found.map_high
        assert found.p10 == pytest.approx((1 + 2 + 1) / 30)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("query,relevant\n0.jpg,absent.jpg\n", r"absent\.jpg, which does not exist"),
        ("a,b\n0.jpg,1.jpg\n", "each line"),
        ("query,relevant\n0.jpg\n", "each line"),
        ("query,relevant\n\0", "cannot be read|each line"),
    ],
)
def test_a_file_of_pairs_that_makes_no_sense_is_refused(
    paired: Path, text: str, complaint: str
) -> None:
    (paired / "pairs.csv").write_text(text)
    with pytest.raises(UsageError, match=complaint):
        read_pairs(paired / "pairs.csv")


@pytest.mark.model
@pytest.mark.parametrize("row", ["0.jpg,../outside.jpg", "0.jpg,0.jpg", ""])
def test_pairs_that_cannot_be_found_are_refused(paired: Path, row: str) -> None:
    (paired / "pairs.csv").write_text(f"query,relevant\n{row}\n")
    with pytest.raises(UsageError, match=r"nothing (was|to) measure"):
        evaluate(paired / "pairs.csv")


def test_nothing_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder or file"):
        evaluate(tmp_path / "absent")


def test_the_interval_holds_the_mean_and_narrows_with_more_queries() -> None:
    values = np.random.default_rng(4).random(1000)
    few, many = bootstrap(values[:50]), bootstrap(values)
    assert few == bootstrap(values[:50])
    for (low, high), mean in ((few, values[:50].mean()), (many, values.mean())):
        assert low < mean < high
    # The mean of n uniform values lies within 1.96 / sqrt(12 n) of a half.
    assert many[1] - many[0] == pytest.approx(2 * 1.96 / np.sqrt(12 * 1000), rel=0.15)
    assert few[1] - few[0] > 3 * (many[1] - many[0])


@pytest.mark.model
def test_photos_without_company_cannot_be_measured(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "a.jpg").write_bytes(encoded(scene(1), "JPEG"))
    with pytest.raises(UsageError, match="nothing to measure"):
        evaluate(photos)
