"""Titles of galleries."""

import pytest

from twinlens.curate.titles import common_folder, made_title, span, told_apart


@pytest.mark.parametrize(
    ("first", "last", "title"),
    [
        ("2019-06-12T09:00:00", "2019-06-12T18:00:00", "Beagle, 12 June 2019"),
        ("2019-06-12T09:00:00", "2019-06-30", "Beagle, June 2019"),
        ("2019-01-02T09:00:00", "2019-06-30", "Beagle, 2019"),
        ("2017-01-02T09:00:00", "2019-06-30", "Beagle, 2017–2019"),
        (None, None, "Beagle"),
        ("no time", "2019-06-30", "Beagle"),
    ],
)
def test_a_title_says_what_and_when(first: str | None, last: str | None, title: str) -> None:
    assert made_title("beagle", "Holidays", first, last) == title


def test_without_a_label_the_folder_tells() -> None:
    paths = ["/photos/Rome/1.jpg", "/photos/Rome/2.jpg", "/photos/Oslo/3.jpg"]
    assert made_title(None, common_folder(paths), None, None) == "Rome"
    assert common_folder(paths[1:]) is None
    assert made_title(None, None, None, None) == "Photos alike"


def test_a_single_wrong_clock_does_not_stretch_the_time() -> None:
    times = ["1970-01-01", *["2019-06-12"] * 60, None]
    assert span(times) == ("2019-06-12", "2019-06-12")
    assert span(["2019-06-12", None, None]) == (None, None)
    assert span(["1970-01-01", "2019-06-12"]) == ("1970-01-01", "2019-06-12")


def test_galleries_of_one_label_are_told_apart_by_their_folder() -> None:
    assert made_title("dog", "Rex", None, None, with_folder=True) == "Dog, Rex"
    assert made_title("dog", "dog", None, None, with_folder=True) == "Dog"
    assert made_title("dog", None, "2019-06-12", "2019-06-12", with_folder=True) == (
        "Dog, 12 June 2019"
    )


def test_titles_that_are_the_same_are_told_apart() -> None:
    made = ["Clothing", "Fruit", "Clothing", None, "Clothing", "Photos alike", "Photos alike"]
    hints = ["jersey", "apple", "jean", "jean", "jersey", None, None]
    assert told_apart(made, hints) == [
        "Clothing: jersey",
        "Fruit",
        "Clothing: jean",
        None,
        "Clothing: jersey (2)",
        "Photos alike",
        "Photos alike (2)",
    ]
    assert told_apart(["Clothing", "Clothing"], ["clothing", None]) == ["Clothing", "Clothing (2)"]
