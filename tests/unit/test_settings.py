"""Settings are read with their defaults, refused when damaged, and written whole."""

import json
from pathlib import Path

import pytest

from twinlens.errors import LibraryError
from twinlens.settings import (
    FILE_NAME,
    Settings,
    default_library_folder,
    load_settings,
    save_settings,
)


@pytest.fixture(autouse=True)
def no_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TWINLENS_DEVICE", raising=False)


def test_absent_means_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == Settings()


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    chosen = Settings(device="cpu", workers=3, rescan_minutes=5.0)
    save_settings(tmp_path, chosen)
    assert load_settings(tmp_path) == chosen
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_whole_numbers_serve_as_minutes_and_unknown_names_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(json.dumps({"rescan_minutes": 5, "of a later version": 1}))
    assert load_settings(tmp_path) == Settings(rescan_minutes=5.0)


@pytest.mark.parametrize("text", ["{", "[]", '{"workers": "two"}', '{"workers": true}'])
def test_damaged_settings_are_a_sentence_that_names_the_file(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(LibraryError, match=r"settings\.json cannot be read"):
        load_settings(tmp_path)
    assert (tmp_path / FILE_NAME).read_text() == text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("workers", -1),
        ("max_pixels", 0),
        ("min_side", 0),
        ("graph_from", 0),
        ("thumbnail_budget", -1),
        ("rescan_minutes", 0),
        ("rescan_minutes", float("nan")),
        ("rescan_minutes", float("inf")),
        ("rescan_minutes", 10**400),
        ("cpu_share", 0.0),
        ("cpu_share", 2.0),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(tmp_path: Path, name: str, value: float) -> None:
    (tmp_path / FILE_NAME).write_text(json.dumps({name: value}))
    with pytest.raises(LibraryError, match="cannot be read"):
        load_settings(tmp_path)


def test_the_refusal_names_the_choice_and_its_range(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('{"workers": -1}')
    with pytest.raises(LibraryError, match=r"workers must be from 0 to 1024"):
        load_settings(tmp_path)


def test_a_file_that_is_none_or_bottomless_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("[" * 100_000)
    with pytest.raises(LibraryError, match=r"settings\.json cannot be read"):
        load_settings(tmp_path)
    (tmp_path / FILE_NAME).unlink()
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(LibraryError, match=r"settings\.json cannot be read"):
        load_settings(tmp_path)
    with pytest.raises(LibraryError, match="could not be written"):
        save_settings(tmp_path, Settings())


def test_the_environment_chooses_device_and_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWINLENS_DEVICE", "cuda")
    monkeypatch.setenv("TWINLENS_LIBRARY", str(tmp_path / "mine"))
    assert load_settings(tmp_path).device == "cuda"
    assert default_library_folder() == tmp_path / "mine"
    monkeypatch.delenv("TWINLENS_LIBRARY")
    assert default_library_folder().name == "library"


def test_a_library_below_a_file_has_no_settings_to_complain_of(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert load_settings(tmp_path / "file" / "library") == Settings()
