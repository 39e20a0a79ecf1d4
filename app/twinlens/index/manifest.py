"""The manifest of a snapshot: what must be equal for a graph file to be used; any thread."""

import json
import re
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from blake3 import blake3

from twinlens.errors import IndexDamagedError
from twinlens.index.hnsw import EF_CONSTRUCTION, SPACE, M

FORMAT = 1
GRAPH_NAME = re.compile(r"graph-\d+-[0-9a-f]{16}\.bin")


def _hnswlib_version() -> str:
    try:
        return version("hnswlib")
    except PackageNotFoundError:  # a frozen application may carry no package metadata
        return "bundled"


HNSWLIB_VERSION = _hnswlib_version()


@dataclass(frozen=True, slots=True)
class SnapshotFacts:
    """Whose snapshot it is; `seq` is the last change of the store that the index has seen."""

    library_id: str
    model_id: str
    seq: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that must be equal for a graph file to be used."""

    format: int
    library_id: str
    model_id: str
    seq: int
    hnswlib: str
    space: str
    dim: int
    m: int
    ef_construction: int
    ef: int
    file: str
    size: int
    digest: str
    live: int
    dead: tuple[int, ...]

    def to_json(self) -> str:
        """Return the text of the manifest, which carries its own digest."""
        values = asdict(self)
        return json.dumps({**values, "check": _check(values)})


def _check(values: dict[str, object]) -> str:
    return blake3(json.dumps(values, sort_keys=True).encode()).hexdigest()


def parse_manifest(folder: Path, text: str) -> Manifest:
    """Read a manifest, or raise IndexDamagedError when it is not one of ours."""
    try:
        values = json.loads(text)
        check = values.pop("check")
        if check != _check(values):
            raise ValueError("its digest differs")
        manifest = Manifest(**{**values, "dead": tuple(values["dead"])})
        if not GRAPH_NAME.fullmatch(manifest.file):
            raise ValueError(f"it names {manifest.file!r}")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise damaged(folder, f"its manifest cannot be read: {error}") from error
    return manifest


def check_agrees(
    folder: Path, manifest: Manifest, library_id: str, model_id: str, max_seq: int, dim: int
) -> None:
    """Raise IndexDamagedError unless the snapshot is of this program, library and model."""
    wanted = {
        "format": FORMAT,
        "library_id": library_id,
        "model_id": model_id,
        "hnswlib": HNSWLIB_VERSION,
        "space": SPACE,
        "dim": dim,
        "m": M,
        "ef_construction": EF_CONSTRUCTION,
    }
    for name, value in wanted.items():
        found = getattr(manifest, name)
        if found != value:
            raise damaged(folder, f"its {name} is {found!r}, not {value!r}")
    if manifest.seq > max_seq:
        raise damaged(folder, f"it knows change {manifest.seq} of a library at {max_seq}")


def damaged(folder: Path, reason: str) -> IndexDamagedError:
    """Return the error that says why a snapshot is thrown away."""
    return IndexDamagedError(
        f"The saved search index in {folder} cannot be used ({reason}).",
        "It is rebuilt from the stored descriptors; nothing needs to be done.",
    )
