"""What `pip install` brings: the program, its models and its resources."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.model
def test_the_wheel_is_complete(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("twinlens-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for name in ("efficientnet-lite0", "efficientnet-lite2"):
        for file in ("spec.toml", "model.json", "model.onnx", "projection.npy"):
            assert f"twinlens/_models/{name}/{file}" in names
    assert "twinlens/_models/imagenet_classes.tsv" in names
    assert "twinlens/_models/imagenet_kinds.toml" in names
    assert "twinlens/_resources/licences/efficientnet-lite.txt" in names
    assert "twinlens/inference/session.py" in names
    assert not [name for name in names if name.startswith(("models/", "tests/", "packaging/"))]
