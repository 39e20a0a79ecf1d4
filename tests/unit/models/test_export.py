"""The exporter: same bytes each time, whole or absent, and the arithmetic of the paper."""

import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from models import export
from models.efficientnet_lite import same_padding
from models.legacy_checkpoint import read_checkpoint

from tests.unit.models import reference

NAMES = ("efficientnet-lite0", "efficientnet-lite2")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model folder as it is before its first export."""
    target = tmp_path / NAMES[0]
    shutil.copytree(
        export.FOLDER / NAMES[0], target, ignore=shutil.ignore_patterns("model.*", "*.tmp")
    )
    return target


@pytest.mark.parametrize(
    ("side", "kernel", "stride", "expected"),
    [
        (224, 3, 2, (0, 1)),
        (112, 5, 2, (1, 2)),
        (65, 3, 2, (1, 1)),
        (33, 5, 2, (2, 2)),
        (14, 5, 1, (2, 2)),
        (7, 1, 1, (0, 0)),
    ],
)
def test_odd_padding_goes_to_the_end(
    side: int, kernel: int, stride: int, expected: tuple[int, int]
) -> None:
    assert same_padding(side, kernel, stride) == expected


@pytest.mark.model
def test_a_second_export_writes_nothing_and_a_new_one_the_same_bytes(folder: Path) -> None:
    assert export.export_model(folder)
    first = (folder / "model.onnx").read_bytes()
    assert not export.export_model(folder)
    (folder / "model.json").unlink()
    assert export.export_model(folder)
    assert (folder / "model.onnx").read_bytes() == first
    assert first == (export.FOLDER / NAMES[0] / "model.onnx").read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == [
        "model.json",
        "model.onnx",
        "projection.npy",
        "spec.toml",
    ]


@pytest.mark.model
@pytest.mark.parametrize("damage", ["network", "facts", "recipe"])
def test_a_damaged_or_older_export_is_made_anew(folder: Path, damage: str) -> None:
    export.export_model(folder)
    network, facts = folder / "model.onnx", folder / "model.json"
    whole = network.read_bytes()
    if damage == "network":
        network.write_bytes(whole[:-1])
    elif damage == "facts":
        facts.write_text("{", encoding="utf-8")
    else:
        facts.write_text(json.dumps({**json.loads(facts.read_text()), "recipe": 0}))
    assert export.export_model(folder)
    assert network.read_bytes() == whole


def test_other_weights_than_the_named_ones_are_refused(folder: Path) -> None:
    spec = folder / "spec.toml"
    text = spec.read_text(encoding="utf-8")
    digest = export.read_spec(folder).sha256
    spec.write_text(text.replace(digest, "0" * 64), encoding="utf-8")
    with pytest.raises(export.ExportError, match=r"not the file that spec\.toml names"):
        export.export_model(folder)
    assert not (folder / "model.onnx").exists()


def test_missing_weights_say_what_to_install(folder: Path) -> None:
    spec = folder / "spec.toml"
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace('package = "efficientnet', 'package = "no-such'), encoding="utf-8")
    with pytest.raises(export.ExportError, match="pip install no-such"):
        export.export_model(folder)


@pytest.mark.model
@pytest.mark.parametrize("name", NAMES)
def test_the_graph_computes_what_plain_numpy_computes(name: str) -> None:
    folder = export.FOLDER / name
    weights = read_checkpoint(export.find_weights(export.read_spec(folder)))
    side = {"efficientnet-lite0": 224, "efficientnet-lite2": 260}[name]
    picture = np.random.default_rng(7).integers(0, 256, (side, side, 3), np.uint8)
    session = onnxruntime.InferenceSession(
        str(folder / "model.onnx"), providers=["CPUExecutionProvider"]
    )
    outputs = ["descriptor", "feature_map", "logits"]
    descriptor, feature_map, logits = session.run(outputs, {"pixels": picture[None]})
    expected_map, expected_logits = reference.forward(name, weights, picture)
    np.testing.assert_allclose(feature_map[0], expected_map, atol=2e-3)
    np.testing.assert_allclose(descriptor[0], expected_map.mean(axis=(1, 2)), atol=1e-3)
    np.testing.assert_allclose(logits[0], expected_logits, atol=5e-3)


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_projection_is_the_one_of_the_weights(name: str) -> None:
    folder = export.FOLDER / name
    spec = export.read_spec(folder)
    rows = np.load(folder / spec.projection)
    assert rows.shape == (256, 1280)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows @ rows.T, np.eye(256), atol=1e-5)
    weights = read_checkpoint(export.find_weights(spec))
    fresh = export.data_free_projection(weights["_fc.weight"].astype(np.float32), 256)
    np.testing.assert_allclose(np.abs((rows * fresh).sum(axis=1)), 1, atol=1e-3)
