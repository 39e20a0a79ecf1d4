"""Probabilities through the door: what is printed, what is left out, what people have judged."""

from pathlib import Path

import numpy as np
import pytest

from tests.journeys.commands import twinlens
from tests.support import encoded
from tests.unit.inference.tiny_model import write_model
from twinlens.errors import ModelError
from twinlens.inference import model_spec
from twinlens.inference.model_spec import load_spec
from twinlens.library import Library
from twinlens.records import Example, Query

PROBABILITY = "[probability]\noffset = -6.0\nslope = 9.0\nbackground = [0.5, 0.9]"
SHADES = range(0, 256, 15)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library of pictures from red to green."""
    monkeypatch.setenv("TWINLENS_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(model_spec, "user_data_path", lambda *_, **__: tmp_path / "none")
    write_model(tmp_path / "models" / "colours", more=PROBABILITY)
    photos = tmp_path / "photos"
    photos.mkdir()
    for shade in SHADES:
        pixels = np.full((40, 50, 3), (255 - shade, shade, 0), np.uint8)
        (photos / f"{shade:03d}.png").write_bytes(encoded(pixels))
    with Library(tmp_path / "library", writer=True) as library:
        library.use_model("colours")
        library.add_folder(photos)
        library.index_folders()
    return tmp_path


def total(place: Path) -> float:
    with Library(place / "library") as library:
        hits = library.search(Query((Example(path=place / "photos" / "000.png"),)), 100)
        return sum(hit.probability or 0 for hit in hits)


def test_a_search_prints_probabilities_and_keeps_to_the_least(place: Path) -> None:
    query = place / "photos" / "000.png"
    every = twinlens("search", query, library=place / "library").lines
    assert len(every) == len(SHADES)
    assert every[0]["probability"] == 1.0
    some = twinlens("search", query, "--min-probability", "0.6", library=place / "library").lines
    assert 1 < len(some) < len(every)
    assert {line["path"] for line in some} == {
        line["path"] for line in every if line["probability"] >= 0.6
    }
    other = place / "photos" / "015.png"
    compared = twinlens("compare", query, other, library=place / "library").lines[0]
    listed = next(line for line in every if line["path"] == str(other))
    assert compared["probability"] == pytest.approx(listed["probability"], abs=1e-3)
    wrong = twinlens("search", query, "--min-probability", "1", library=place / "library")
    assert wrong.status == 2


def test_judgements_outlive_the_database(place: Path) -> None:
    before = total(place)
    with Library(place / "library", writer=True) as library:
        for pair in library.pairs_to_judge(6):
            library.judge(pair.a, pair.b, same=False)
    lower = total(place)
    assert lower < before
    for file in (place / "library").glob("library.sqlite3*"):
        file.unlink()
    with Library(place / "library", writer=True) as library:
        library.index_folders()
    assert total(place) == pytest.approx(lower, abs=1e-6)


@pytest.mark.parametrize(
    "lines",
    [
        PROBABILITY.replace("9.0", "-1.0"),
        PROBABILITY.replace("[0.5, 0.9]", "[0.5, 1.0]"),
        PROBABILITY.replace("[0.5, 0.9]", "[0.9, 0.5]"),
        PROBABILITY.replace("offset = -6.0\n", ""),
    ],
)
def test_a_spec_with_a_senseless_fit_is_refused(tmp_path: Path, lines: str) -> None:
    folder = write_model(tmp_path / "odd", more=lines)
    with pytest.raises(ModelError, match="not a valid model spec"):
        load_spec(folder)


def test_all_judgements_can_be_taken_back(place: Path) -> None:
    before = total(place)
    with Library(place / "library", writer=True) as library:
        for pair in library.pairs_to_judge(6):
            library.judge(pair.a, pair.b, same=False)
        assert library.judged_count() == 6
    assert total(place) < before
    with Library(place / "library", writer=True) as library:
        assert library.forget_judgements() == 6
        assert library.judged_count() == 0
    assert total(place) == pytest.approx(before)


def test_pairs_are_listed_judged_and_taken_back_by_commands(place: Path) -> None:
    library = place / "library"
    before = total(place)
    listed = twinlens("judge", "-n", "3", library=library).lines
    assert len(listed) == 3
    for pair in listed:
        assert 0 <= pair["probability"] <= 1
        said = twinlens("judge", pair["a"], pair["b"], "--different", library=library)
        assert said.status == 0, said.errors
    assert said.lines == [{"judged": 3}]
    assert total(place) < before
    first = listed[0]
    assert twinlens("judge", first["a"], first["b"], "--forget", library=library).lines == [
        {"judged": 2}
    ]
    assert twinlens("judge", "--forget", library=library).lines == [{"judged": 0}]
    assert total(place) == pytest.approx(before)


@pytest.mark.parametrize(
    "arguments",
    [("a.png",), ("--same",), ("a.png", "b.png"), ("a.png", "b.png", "--same", "--forget")],
)
def test_a_judgement_without_meaning_is_refused(place: Path, arguments: tuple[str, ...]) -> None:
    said = twinlens("judge", *arguments, library=place / "library")
    assert said.status == 2
    assert "nothing was kept" in said.errors


def test_only_photos_of_the_library_are_judged(place: Path, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger.png"
    known = place / "photos" / "015.png"
    said = twinlens("judge", known, stranger, "--same", library=place / "library")
    assert said.status == 2
    assert "stranger.png is no photo of this library" in said.errors
