"""Examples become one descriptor, or a sentence that says why not."""

import math
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import encoded, picture
from tests.unit.search.gallery import Gallery, fill
from twinlens.errors import AppError, UnreadableImageError, UsageError
from twinlens.records import Example, Query, Region
from twinlens.search.pictures import needed_side
from twinlens.search.query import combine

X = np.array([1, 0, 0], dtype=np.float32)
Y = np.array([0, 1, 0], dtype=np.float32)


def test_positives_are_added_and_negatives_taken_away() -> None:
    np.testing.assert_allclose(combine([X, Y], [1, 1]), (X + Y) / math.sqrt(2), atol=1e-6)
    np.testing.assert_allclose(combine([X, Y], [3, -4]), (3 * X - 4 * Y) / 5, atol=1e-6)


@given(st.floats(1e-300, 1e300))
def test_only_the_proportion_of_weights_counts(scale: float) -> None:
    combined = combine([X, Y], [scale, scale / 2])
    np.testing.assert_allclose(combined, combine([X, Y], [1, 0.5]), atol=1e-5)
    assert combined.dtype == np.float32


@pytest.mark.parametrize("weights", [[0, 0], [1, -1], [1, -1 + 1e-5]])
def test_examples_that_cancel_out_are_refused(weights: list[float]) -> None:
    with pytest.raises(UsageError, match="nothing to look for"):
        combine([X, X], weights)


def test_a_region_is_decoded_large_enough_to_fill_the_network() -> None:
    assert needed_side(224, None) == 224
    assert needed_side(224, Region(0, 0, 0.5, 0.25)) == 896
    assert needed_side(224, Region(0, 0, 1e-9, 1)) < 1 << 30


@pytest.mark.parametrize(
    "example",
    [
        Example(),
        Example(path=Path("a"), photo_id=1),
        Example(data=b"", weight=-1),
        Example(data=b"", weight=math.nan),
        Example(data=b"", weight=math.inf),
        Example(photo_id=1, region=Region(0, 0, 0, 1)),
        Example(photo_id=1, region=Region(1, 0, 0.5, 0.5)),
        Example(photo_id=1, region=Region(-0.1, 0, 0.5, 0.5)),
        Example(photo_id=1, region=Region(0, 0, math.nan, 0.5)),
        Example(photo_id=1, region=Region(0, 0, 2, 0.5)),
        Example(photo_id=1, negative=True),
        Example(photo_id=1, weight=0),
        Example(photo_id=999),
    ],
)
def test_examples_without_meaning_are_refused(gallery: Gallery, example: Example) -> None:
    fill(gallery, 2)
    with pytest.raises(UsageError):
        gallery.search(example)


@pytest.mark.parametrize("k", [0, -3])
def test_no_results_wanted_is_refused(gallery: Gallery, k: int) -> None:
    with pytest.raises(UsageError, match="at least one"):
        gallery.search(Example(data=encoded(picture(0))), k=k)


def test_a_query_without_examples_is_refused(gallery: Gallery) -> None:
    with pytest.raises(UsageError, match="at least one picture"):
        gallery.searcher.search(Query(()), 5)


def make_folder(path: Path) -> None:
    path.mkdir()


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: None, "unreadable"),
        (make_folder, "not-an-image"),
        pytest.param(
            make_pipe,
            "not-an-image",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes"),
        ),
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: path.write_bytes(b"just words, no picture"), None),
        (lambda path: path.write_bytes(encoded(picture(1))[:200]), "damaged"),
        (lambda path: path.write_bytes(b"\0\0\0\x18ftypmp42" + bytes(8192)), "video"),
        (lambda path: path.write_bytes(encoded(picture(1, 4000, 3000))), "too-large"),
    ],
)
def test_an_unusable_file_is_named_with_its_reason(
    gallery: Gallery, make: object, code: str | None
) -> None:
    path = gallery.folder / "holiday.png"
    assert callable(make)
    make(path)
    with pytest.raises(UnreadableImageError, match=r"holiday\.png cannot be used\. \S") as caught:
        gallery.search(Example(path=path))
    assert code in (None, caught.value.code)


def test_unusable_data_has_no_name_to_give(gallery: Gallery) -> None:
    with pytest.raises(UnreadableImageError, match=r"^The picture cannot be used"):
        gallery.search(Example(data=b"words"))


def test_a_photo_of_the_library_needs_neither_inference_nor_its_file(gallery: Gallery) -> None:
    ids = fill(gallery, 4)
    (gallery.folder / "002.png").unlink()
    runs = gallery.session.runs
    hits = gallery.search(Example(photo_id=ids[2]))
    assert hits[0].photo_id == ids[2]
    assert hits[0].score == pytest.approx(1, abs=1e-3)
    assert gallery.session.runs == runs


def test_a_region_of_a_photo_is_read_from_whichever_copy_is_there(gallery: Gallery) -> None:
    (photo_id,) = fill(gallery, 1)
    gallery.add("sub/copy.png", (gallery.folder / "000.png").read_bytes())
    (gallery.folder / "000.png").unlink()
    example = Example(photo_id=photo_id, region=Region(0, 0, 1, 1))
    assert gallery.search(example)[0].score == pytest.approx(1, abs=1e-3)
    (gallery.folder / "sub" / "copy.png").unlink()
    with pytest.raises(AppError, match=r"cannot be reached.*Connect the drive"):
        gallery.search(example)
