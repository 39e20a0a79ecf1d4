"""Facts in words: paths that are not text, numbers and dates of the language, scores."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale

from twinlens.gui import wording
from twinlens.records import MatchClass


@pytest.fixture
def german() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German, QLocale.Country.Germany))
    yield
    QLocale.setDefault(before)


@pytest.fixture
def american() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    yield
    QLocale.setDefault(before)


def test_numbers_of_the_language(german: None) -> None:
    assert wording.pixel_size(4032, 3024) == "4.032 × 3.024 (12,2 megapixels)"
    assert wording.pixel_size(200, 150) == "200 × 150"
    assert wording.file_size(3_712_345) == "3,7 MB"
    assert wording.photo_count(12480) == "12.480 photos"


def test_place_in_each_hemisphere(american: None) -> None:
    assert wording.place(59.9139, 10.7522) == "59.9139° N, 10.7522° E"
    assert wording.place(-33.8688, -70.6693) == "33.8688° S, 70.6693° W"


def test_moment(american: None) -> None:
    assert wording.moment("2024-06-01").endswith("June 1, 2024")
    assert wording.moment("2024-06-01T10:20:30").replace("\u202f", " ").endswith("10:20 AM")
    assert wording.moment("long ago") == "long ago"


def test_counts() -> None:
    assert wording.photo_count(1) == "1 photo"
    assert wording.photo_count(0) == "0 photos"


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_not_text_can_be_shown() -> None:
    path = Path(os.fsdecode(b"/photos/caf\xe9.jpg"))
    assert wording.path_text(path) == "/photos/caf\ufffd.jpg"
    assert wording.name_text(path) == "caf\ufffd.jpg"


def test_scores_are_two_digits_and_never_negative() -> None:
    assert [wording.score_text(value) for value in (0.982, 1.0001, -0.3, 0.004)] == [
        "98",
        "100",
        "0",
        "0",
    ]
    tip = wording.score_tip(0.98213, MatchClass.SAME_BYTES)
    assert "0.9821" in tip
    assert "byte for byte" in tip


def test_nothing_short_of_certain_is_said_to_be_certain() -> None:
    said = [wording.chance_text(chance) for chance in (0.9999, 1.0, 0.29, 0.004)]
    assert said == [
        "99 % likely the same thing",
        "100 % likely the same thing",
        "29 % likely the same thing",
        "Less than 1 % likely the same thing",
    ]
    tip = wording.score_tip(0.91, MatchClass.EDITED, 0.876)
    assert tip.splitlines()[1:] == ["87 % likely the same thing", "An edited version"]


@pytest.mark.parametrize("match", list(MatchClass))
def test_every_match_has_words(match: MatchClass) -> None:
    assert wording.match_text(match)
