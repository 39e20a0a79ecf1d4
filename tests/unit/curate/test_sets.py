"""Files that belong together are told by folder, name and time."""

from dataclasses import replace
from pathlib import Path

import pytest

from twinlens.curate.sets import (
    BRACKET,
    BURST,
    PANORAMA,
    RAW_JPEG,
    Shot,
    kept_together,
    kind_of_row,
    raw_pairs,
    rows,
)
from twinlens.records import MatchClass

FIRST = Shot(Path("/card/IMG_0001.JPG"), "JPEG", 4000, 3000, "2020-05-01T10:00:00", "Canon R5")
NEXT = replace(FIRST, path=Path("/card/IMG_0002.JPG"), taken="2020-05-01T10:00:02")
RAW = replace(FIRST, path=Path("/card/IMG_0001.CR3"), format="RAW")


def test_a_raw_belongs_to_the_jpeg_of_its_name() -> None:
    assert kept_together(FIRST, RAW) == kept_together(RAW, FIRST) == RAW_JPEG
    assert kept_together(NEXT, RAW) is None
    assert raw_pairs([NEXT, FIRST, RAW]) == [[RAW, FIRST]]


def test_frames_shot_in_a_row_belong_together() -> None:
    assert kept_together(FIRST, NEXT) == BURST
    assert rows([NEXT, RAW, FIRST]) == [[FIRST, NEXT]]


@pytest.mark.parametrize(
    "copy",
    [
        replace(NEXT, path=Path("/card/IMG_0001 (1).JPG")),
        replace(NEXT, path=Path("/card/IMG_0001-edited.JPG")),
        replace(NEXT, path=Path("/backup/IMG_0002.JPG")),
        replace(NEXT, path=Path("/card/IMG_0040.JPG")),
        replace(NEXT, width=2000, height=1500),
        replace(NEXT, taken="2020-05-01T10:00:09"),
        replace(NEXT, taken=None),
        replace(NEXT, camera="Nikon Z6"),
        replace(NEXT, camera=None),
    ],
)
def test_copies_and_other_photos_are_no_frames_of_a_row(copy: Shot) -> None:
    assert kept_together(FIRST, copy) is None
    assert rows([FIRST, copy]) == []


@pytest.mark.parametrize(
    ("pairs", "kind"),
    [
        ([(MatchClass.EDITED, 1.0), (MatchClass.RE_ENCODED, 0.99)], BRACKET),
        ([(MatchClass.SAME_SCENE, 0.5), (MatchClass.SAME_SCENE, 0.6)], PANORAMA),
        ([(MatchClass.SAME_SCENE, 0.95)], BURST),
        ([(None, 0.0)], BURST),
        ([], BURST),
    ],
)
def test_what_a_row_is_shows_in_its_pairs(
    pairs: list[tuple[MatchClass | None, float]], kind: str
) -> None:
    assert kind_of_row(pairs) == kind
