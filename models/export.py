"""Exports every model of this folder to ONNX from published weights. Runs at build time.

`python -m models.export` exports what is absent or out of date. Beside each `model.onnx` a
`model.json` with its digest is written last, so that its presence means that the file is whole.
"""

import argparse
import hashlib
import importlib.metadata
import json
import os
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.efficientnet_lite import OPSET, Weights, build_model
from models.legacy_checkpoint import CheckpointError, read_checkpoint

#: Grows with every change that alters what an exported network computes.
RECIPE = 1
FOLDER = Path(__file__).resolve().parent


class ExportError(Exception):
    """A model cannot be exported; the message is one sentence for the person who builds."""


@dataclass(frozen=True, slots=True)
class ExportSpec:
    """The lines of a spec.toml that the export needs."""

    name: str
    package: str
    file: str
    sha256: str
    precision: str
    uint8_input: bool
    projection: str
    projection_dim: int


def model_folders(root: Path = FOLDER) -> list[Path]:
    """Return the folders that hold a spec.toml."""
    return sorted(path.parent for path in root.glob("*/spec.toml"))


def read_spec(folder: Path) -> ExportSpec:
    """Read spec.toml of one model.

    Raises:
        ExportError: it belongs to another version of this exporter.
    """
    values = tomllib.loads((folder / "spec.toml").read_text(encoding="utf-8"))
    weights, projection = values["weights"], values["projection"]
    if weights["recipe"] != RECIPE:
        raise ExportError(
            f"{folder.name}/spec.toml asks for export recipe {weights['recipe']}, "
            f"but this exporter follows recipe {RECIPE}."
        )
    return ExportSpec(
        name=values["name"],
        package=weights["package"],
        file=weights["file"],
        sha256=weights["sha256"],
        precision=values["precision"],
        uint8_input=values["preprocessing"]["in_graph"],
        projection=projection["file"],
        projection_dim=projection["dim"],
    )


def find_weights(spec: ExportSpec) -> Path:
    """Return the weights file of the installed package, without importing the package.

    Raises:
        ExportError: the package is not installed, or its file is not the one the spec names.
    """
    try:
        files = importlib.metadata.files(spec.package) or []
    except importlib.metadata.PackageNotFoundError as error:
        raise ExportError(
            f"The weights of {spec.name} are not installed. Run: pip install {spec.package}"
        ) from error
    paths = [Path(str(file.locate())) for file in files if file.name == spec.file]
    if not paths or not paths[0].is_file():
        raise ExportError(f"The installed {spec.package} holds no {spec.file}.")
    if file_digest(paths[0]) != spec.sha256:
        raise ExportError(f"{spec.file} of {spec.package} is not the file that spec.toml names.")
    return paths[0]


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_current(folder: Path, spec: ExportSpec) -> bool:
    """Tell whether model.onnx is whole and is what `export_model` would write."""
    try:
        facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        return bool(
            {**facts, "onnx_sha256": "", "onnx_bytes": 0} == _facts(spec, "", 0)
            and file_digest(folder / "model.onnx") == facts["onnx_sha256"]
        )
    except (OSError, ValueError, TypeError, KeyError):
        return False


def export_model(folder: Path) -> bool:
    """Write model.onnx and model.json unless they are up to date; return whether it did.

    Raises:
        ExportError: the weights are missing or not the expected ones.
    """
    spec = read_spec(folder)
    if is_current(folder, spec):
        return False
    weights = _read_weights(spec)
    model = build_model(spec.name, weights, uint8_input=spec.uint8_input)
    content = model.SerializeToString(deterministic=True)
    facts = _facts(spec, hashlib.sha256(content).hexdigest(), len(content))
    (folder / "model.json").unlink(missing_ok=True)
    _write(folder / "model.onnx", content)
    _write(folder / "model.json", (json.dumps(facts, indent=2) + "\n").encode())
    return True


def export_all(root: Path = FOLDER) -> list[str]:
    """Export what is absent or out of date, and return the names of what was written."""
    return [folder.name for folder in model_folders(root) if export_model(folder)]


def data_free_projection(classifier: NDArray[np.float32], dim: int) -> NDArray[np.float32]:
    """Return the (dim, d) orthonormal rows that keep most of what tells classes apart.

    They are the leading right singular vectors of the (classes, d) classifier matrix after its
    row mean is taken away. Signs are fixed: the largest element of each row is positive.
    """
    centred = classifier.astype(np.float64) - classifier.astype(np.float64).mean(axis=0)
    _, _, rows = np.linalg.svd(centred, full_matrices=False)
    rows = rows[:dim]
    largest = rows[np.arange(len(rows)), np.abs(rows).argmax(axis=1)]
    result: NDArray[np.float32] = (rows * np.sign(largest)[:, None]).astype(np.float32)
    return result


def write_projection(folder: Path) -> str:
    """Write projection.npy anew and return its digest, which belongs into spec.toml.

    The file is kept under version control: a singular value decomposition differs in its last
    digits between processors, and every index of a library must meet the very same projection.
    """
    spec = read_spec(folder)
    classifier = _read_weights(spec)["_fc.weight"].astype(np.float32)
    path = folder / spec.projection
    np.save(path, data_free_projection(classifier, spec.projection_dim))
    return file_digest(path)


def _read_weights(spec: ExportSpec) -> Weights:
    try:
        return read_checkpoint(find_weights(spec))
    except CheckpointError as error:
        raise ExportError(f"The weights of {spec.name} cannot be read: {error}.") from error


def _facts(spec: ExportSpec, digest: str, size: int) -> dict[str, str | int]:
    return {
        "name": spec.name,
        "weights_sha256": spec.sha256,
        "recipe": RECIPE,
        "precision": spec.precision,
        "opset": OPSET,
        "onnx_sha256": digest,
        "onnx_bytes": size,
    }


def _write(path: Path, content: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def main() -> int:
    """Export the models, or with --projections renew the committed projections."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projections", action="store_true", help="renew projection.npy instead")
    arguments = parser.parse_args()
    try:
        if arguments.projections:
            for folder in model_folders():
                sys.stdout.write(f"{folder.name}: {write_projection(folder)}\n")
        else:
            for name in export_all():
                sys.stdout.write(f"exported {name}\n")
    except ExportError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
