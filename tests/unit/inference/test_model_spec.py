"""Finding models and reading their specs."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.inference.tiny_model import write_model
from twinlens.errors import ModelError
from twinlens.inference import model_spec
from twinlens.inference.model_spec import (
    DEFAULT_MODEL,
    find_model,
    find_models,
    load_spec,
    verify_onnx,
)

CHECKOUT = Path(__file__).parents[3] / "models"


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """A copy of the default model with a stand-in for its network."""
    folder = tmp_path / DEFAULT_MODEL
    shutil.copytree(CHECKOUT / DEFAULT_MODEL, folder, ignore=shutil.ignore_patterns("model.*"))
    (folder / "model.onnx").write_bytes(b"network")
    facts = {
        "weights_sha256": "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        "recipe": 1,
        "onnx_sha256": "dc13e1ac0dbd16f8f11cb3d1ad23f0b5d1a6d0cb1b4eb62b8b3b3c5d4f7fca05",
    }
    (folder / "model.json").write_text(json.dumps(facts), encoding="utf-8")
    return folder


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "spec.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The folder that TWINLENS_MODELS names and the one below the user's data."""
    named, user = tmp_path / "named", tmp_path / "user"
    monkeypatch.setenv("TWINLENS_MODELS", str(named))
    monkeypatch.setattr(model_spec, "user_data_path", lambda *_, **__: user)
    return named, user / "models"


def test_a_named_folder_comes_before_the_users_and_both_before_ours(
    places: tuple[Path, Path],
) -> None:
    named, user = places
    write_model(user / "mine")
    assert find_model("mine").folder == user / "mine"
    write_model(named / "mine")
    assert find_model("mine").folder == named / "mine"
    write_model(named / DEFAULT_MODEL)
    assert find_model().folder == named / DEFAULT_MODEL
    assert [spec.name for spec in find_models()].count("mine") == 1


def test_an_unknown_name_lists_the_known_ones(places: tuple[Path, Path]) -> None:
    write_model(places[0] / "mine")
    with pytest.raises(ModelError, match=r"no model called yours.*mine"):
        find_model("yours")


def test_a_broken_model_is_left_out_of_the_list_and_refused_by_name(
    places: tuple[Path, Path],
) -> None:
    folder = write_model(places[0] / "mine")
    (folder / "model.onnx").unlink()
    assert "mine" not in [spec.name for spec in find_models()]
    with pytest.raises(ModelError, match=r"no model\.onnx"):
        find_model("mine")


@pytest.mark.model
def test_the_bundled_models_say_all_that_is_needed() -> None:
    for name, side in (("efficientnet-lite0", 224), ("efficientnet-lite2", 260)):
        spec = load_spec(CHECKOUT / name)
        verify_onnx(spec)
        assert (spec.preprocessing.width, spec.preprocessing.height) == (side, side)
        assert spec.dim == 1280
        assert spec.licence == "Apache-2.0"
        assert spec.projection is not None
        assert spec.projection.is_file()
        assert spec.classes is not None
        assert len(spec.classes.read_text(encoding="utf-8").splitlines()) == 1000


def test_the_id_follows_everything_that_changes_descriptors(exported: Path) -> None:
    before = load_spec(exported).model_id
    assert before.startswith("efficientnet-lite0-")
    edit(exported, 'title = "EfficientNet-Lite0"', 'title = "Another title"')
    assert load_spec(exported).model_id == before
    edit(exported, 'resize = "squash"', 'resize = "crop"')
    cropped = load_spec(exported).model_id
    assert cropped != before
    edit(exported, 'precision = "float32"', 'precision = "int8"')
    assert load_spec(exported).model_id not in (before, cropped)


def test_the_id_of_a_users_model_follows_its_file(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "mine")
    before = load_spec(folder).model_id
    assert load_spec(folder).model_id == before
    write_model(folder, batch=1)
    assert load_spec(folder).model_id != before


def test_a_model_that_is_not_exported_says_how(exported: Path) -> None:
    (exported / "model.json").unlink()
    with pytest.raises(ModelError, match=r"not exported yet.*make models"):
        load_spec(exported)


@pytest.mark.parametrize(
    "facts", ["{", "[]", "{}", '{"onnx_sha256": "0", "recipe": 0, "weights_sha256": "1"}']
)
def test_an_export_of_something_else_is_refused(exported: Path, facts: str) -> None:
    (exported / "model.json").write_text(facts, encoding="utf-8")
    with pytest.raises(ModelError, match="make models"):
        load_spec(exported)


def test_a_damaged_network_is_refused(exported: Path) -> None:
    with pytest.raises(ModelError, match="damaged or was exchanged"):
        verify_onnx(load_spec(exported))
    gone = replace(load_spec(exported), onnx=exported / "gone.onnx")
    with pytest.raises(ModelError, match="cannot be read"):
        verify_onnx(gone)


def test_a_damaged_projection_is_refused(exported: Path) -> None:
    with (exported / "projection.npy").open("r+b") as file:
        file.seek(1000)
        file.write(b"damage")
    with pytest.raises(ModelError, match=r"projection\.npy"):
        load_spec(exported)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('name = "mine"', 'name = "yours"', "lies in the folder mine"),
        ('name = "mine"', "", "name is missing"),
        ("width = 8", 'width = "8"', "width must be a int"),
        ("width = 8", "width = 0", "width must be a whole number"),
        ("dim = 3", "", "dim is missing"),
        ("scale = [127.5, 127.5, 127.5]", "scale = [1, 0, 1]", "scale must not be 0"),
        ("mean = [127.5, 127.5, 127.5]", "mean = [1, 2]", "three numbers"),
        ("[input]", '[input]\nlayout = "hwcn"', "layout must be one of"),
        ("[outputs]", "[outputs", "not a valid model spec"),
        ("[outputs]", '[projection]\nfile = "no.npy"\n[outputs]', r"no\.npy is missing"),
    ],
)
def test_a_spec_that_makes_no_sense_is_refused(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    folder = write_model(tmp_path / "mine")
    edit(folder, old, new)
    with pytest.raises(ModelError, match=reason) as caught:
        load_spec(folder)
    assert caught.value.hint


def test_a_folder_without_a_spec_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        load_spec(tmp_path)
