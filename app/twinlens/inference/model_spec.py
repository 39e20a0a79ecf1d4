"""Finds models on disk and reads what their spec.toml says. Runs on every thread."""

import hashlib
import json
import logging
import os
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

from platformdirs import user_data_path

from twinlens.errors import ModelError
from twinlens.inference.digests import file_digest
from twinlens.inference.labels import Calibration
from twinlens.inference.likelihood import Likelihood
from twinlens.inference.toml_values import SpecError, Table, pair, positive, table, triple, value
from twinlens.records import Preprocessing

log = logging.getLogger(__name__)

DEFAULT_MODEL = "efficientnet-lite0"
LAYOUTS = ("nhwc", "nchw")
_DIGEST_LENGTH = 12
_EXPORT_AGAIN = "Export it again with `make models`, or install Twinlens again."
_MEND = "Mend or remove that folder, or choose another model."


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model that can be used: one folder with spec.toml and model.onnx.

    `dim` is the length of a descriptor; `descriptor`, `feature_map` and `logits` name outputs of
    the network, None where it has none. `layout` is "nhwc" or "nchw". `onnx_sha256` is what the
    ONNX file must hash to. Embeddings of two specs are comparable if their `model_id` is the same.
    `classes` names what `logits` stand for and `kinds` groups them. `calibration` says how far they
    can be trusted; a model without one gives no labels, and without `likelihood` no probabilities.
    """

    name: str
    title: str
    folder: Path
    onnx: Path
    onnx_sha256: str
    model_id: str
    dim: int
    preprocessing: Preprocessing
    input: str
    layout: str
    descriptor: str
    feature_map: str | None
    logits: str | None
    precision: str
    licence: str
    source: str
    projection: Path | None
    classes: Path | None
    kinds: Path | None = None
    calibration: Calibration | None = None
    likelihood: Likelihood | None = None


def model_folders() -> list[Path]:
    """Return the folders that may hold models, in order of preference."""
    named = os.environ.get("TWINLENS_MODELS")
    package = Path(__file__).resolve().parents[1]
    folders = [Path(named)] if named else []
    folders.append(user_data_path("twinlens", appauthor=False) / "models")
    folders.append(package / "_models")
    folders.append(package.parents[1] / "models")
    return folders


def find_models() -> list[ModelSpec]:
    """Return every usable model; of one name the first that can be used wins."""
    usable, _ = _survey()
    return list(usable.values())


def find_unusable_models() -> dict[str, ModelError]:
    """Return, by name, why a model that lies in one of the folders cannot be used."""
    _, unusable = _survey()
    return unusable


def find_model(name: str = DEFAULT_MODEL) -> ModelSpec:
    """Return the model of that name.

    Raises:
        ModelError: there is none, or it does not match its spec.
    """
    usable, unusable = _survey(name)
    if usable:
        return usable[name]
    if unusable:
        raise unusable[name]
    known = ", ".join(dict.fromkeys(folder.name for folder in _spec_folders()))
    raise ModelError(
        f"There is no model called {name}.",
        f"Choose one of: {known}." if known else _EXPORT_AGAIN,
    )


def load_spec(folder: Path) -> ModelSpec:
    """Read and check spec.toml of a model, and model.json where the model is an exported one.

    The ONNX file of an exported model is hashed when it is opened; a user's own is hashed here,
    because its digest is its identity.

    Raises:
        ModelError: something is missing, contradictory or of the wrong kind.
    """
    path = folder / "spec.toml"
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        return _spec(folder, values)
    except OSError as error:
        raise ModelError(f"The model {folder.name} cannot be read ({error}).", _MEND) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, SpecError) as error:
        raise ModelError(f"{path} is not a valid model spec: {error}.", _MEND) from error


def verify_onnx(spec: ModelSpec) -> None:
    """Check the ONNX file against its digest.

    Raises:
        ModelError: the file is missing or is not the one the spec stands for.
    """
    try:
        digest = file_digest(spec.onnx)
    except OSError as error:
        raise ModelError(
            f"The network of model {spec.name} cannot be read ({error}).", _EXPORT_AGAIN
        ) from error
    if digest != spec.onnx_sha256:
        raise ModelError(
            f"{spec.onnx} is damaged or was exchanged: its digest is not the expected one.",
            _EXPORT_AGAIN,
        )


def _survey(name: str | None = None) -> tuple[dict[str, ModelSpec], dict[str, ModelError]]:
    """Return the models that can be used, and what is wrong with the rest, both by name.

    Args:
        name: the only model to look at; None for all.
    """
    usable: dict[str, ModelSpec] = {}
    unusable: dict[str, ModelError] = {}
    for folder in _spec_folders():
        if folder.name in usable or name not in (None, folder.name):
            continue
        try:
            usable[folder.name] = load_spec(folder)
            unusable.pop(folder.name, None)
        except ModelError as error:
            log.warning("model left out: %s", error)
            unusable.setdefault(folder.name, error)
    return usable, unusable


def _spec_folders() -> list[Path]:
    return [
        path.parent
        for root in model_folders()
        if root.is_dir()
        for path in sorted(root.glob("*/spec.toml"))
    ]


def _spec(folder: Path, values: Table) -> ModelSpec:
    name = value(values, "name", str)
    if name != folder.name:
        raise SpecError(f'it is called "{name}" but lies in the folder {folder.name}')
    preprocessing = _preprocessing(table(values, "preprocessing"))
    outputs = table(values, "outputs")
    network = table(values, "input")
    precision = value(values, "precision", str, "float32")
    weights = table(values, "weights") if "weights" in values else None
    onnx = folder / "model.onnx"
    onnx_sha256 = _own_digest(onnx) if weights is None else _exported_digest(folder, weights)
    identity = {
        "content": onnx_sha256 if weights is None else value(weights, "sha256", str),
        "recipe": 0 if weights is None else value(weights, "recipe", int),
        "preprocessing": asdict(preprocessing),
        "precision": precision,
        "descriptor": value(outputs, "descriptor", str),
    }
    layout = value(network, "layout", str, "nchw")
    if layout not in LAYOUTS:
        raise SpecError(f"layout must be one of {', '.join(LAYOUTS)}, not {layout}")
    return ModelSpec(
        name=name,
        title=value(values, "title", str, name),
        folder=folder,
        onnx=onnx,
        onnx_sha256=onnx_sha256,
        model_id=f"{name}-{_digest(identity)}",
        dim=positive(outputs, "dim"),
        preprocessing=preprocessing,
        input=value(network, "name", str),
        layout=layout,
        descriptor=value(outputs, "descriptor", str),
        feature_map=value(outputs, "feature_map", str, "") or None,
        logits=value(outputs, "logits", str, "") or None,
        precision=precision,
        licence=value(values, "licence", str, "unknown"),
        source=value(values, "source", str, ""),
        projection=_projection(folder, values),
        classes=_beside(folder, values, "classes"),
        kinds=_beside(folder, values, "kinds"),
        calibration=_calibration(values),
        likelihood=_likelihood(values),
    )


def _preprocessing(lines: Table) -> Preprocessing:
    defaults = Preprocessing(0, 0)
    facts = Preprocessing(
        width=positive(lines, "width"),
        height=positive(lines, "height"),
        resize=value(lines, "resize", str, defaults.resize),
        interpolation=value(lines, "interpolation", str, defaults.interpolation),
        mean=triple(lines, "mean"),
        scale=triple(lines, "scale"),
        in_graph=value(lines, "in_graph", bool, False),
    )
    if 0.0 in facts.scale:
        raise SpecError("scale must not be 0")
    return facts


def _own_digest(onnx: Path) -> str:
    if not onnx.is_file():
        raise SpecError(f"there is no {onnx.name} beside it")
    return file_digest(onnx)


def _exported_digest(folder: Path, weights: Table) -> str:
    """Return the digest that the export wrote down, if that export is the one the spec means."""
    try:
        facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"The model {folder.name} is not exported yet.", _EXPORT_AGAIN) from error
    except ValueError as error:
        raise ModelError(f"{folder / 'model.json'} is damaged.", _EXPORT_AGAIN) from error
    wanted = {"weights_sha256": weights.get("sha256"), "recipe": weights.get("recipe")}
    digest = facts.get("onnx_sha256") if isinstance(facts, dict) else None
    if not isinstance(digest, str) or any(facts.get(k) != v for k, v in wanted.items()):
        raise ModelError(
            f"The network of model {folder.name} was exported from something else than its "
            "spec.toml says.",
            _EXPORT_AGAIN,
        )
    return digest


def _projection(folder: Path, values: Table) -> Path | None:
    if "projection" not in values:
        return None
    lines = table(values, "projection")
    path = folder / value(lines, "file", str)
    digest = value(lines, "sha256", str, "")
    if not path.is_file() or (digest and file_digest(path) != digest):
        raise SpecError(f"{path.name} is missing or is not the file the spec names")
    return path


def _beside(folder: Path, values: Table, key: str) -> Path | None:
    name = value(values, key, str, "")
    return (folder / name).resolve() if name else None


def _calibration(values: Table) -> Calibration | None:
    if "labels" not in values:
        return None
    lines = table(values, "labels")
    return Calibration(single=pair(lines, "single"), kind=pair(lines, "kind"))


def _likelihood(values: Table) -> Likelihood | None:
    if "probability" not in values:
        return None
    lines = table(values, "probability")
    typical, largest = pair(lines, "background")
    slope = value(lines, "slope", float)
    if slope <= 0 or not typical <= largest < 1:
        raise SpecError("probability needs a slope above 0 and a background below 1")
    return Likelihood(value(lines, "offset", float), slope, typical, largest)


def _digest(facts: Table) -> str:
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]
