"""Full descriptors, float16, keyed by photo and model. Functions over an open connection."""

import sqlite3
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from twinlens.store.faults import odd_value
from twinlens.store.files import id_array, one_of, slices

Ids = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]

CHUNK = 2048
#: float16 moves the length of a descriptor by less than a thousandth.
_LENGTH_SLACK = 0.05


def put_model(connection: sqlite3.Connection, model_id: str, name: str, dim: int) -> int:
    """Record a model; return its key, the same each time."""
    connection.execute(
        "INSERT INTO models (model_id, name, dim) VALUES (?, ?, ?)"
        " ON CONFLICT (model_id) DO NOTHING",
        (model_id, name, dim),
    )
    row = connection.execute("SELECT model FROM models WHERE model_id = ?", (model_id,)).fetchone()
    return int(row[0])


def model_key(connection: sqlite3.Connection, model_id: str) -> int | None:
    """Return the key of a model that this library has embeddings of, else None."""
    row = connection.execute("SELECT model FROM models WHERE model_id = ?", (model_id,)).fetchone()
    return None if row is None else int(row[0])


def models_named(connection: sqlite3.Connection, name: str) -> list[tuple[int, str]]:
    """Return (key, model_id) of every model of that name with descriptors here."""
    rows = connection.execute("SELECT model, model_id FROM models WHERE name = ?", (name,))
    return [(int(row[0]), str(row[1])) for row in rows]


def put_embedding(
    connection: sqlite3.Connection, model: int, photo_id: int, vector: Vectors
) -> None:
    """Store one L2-normalised descriptor, shape (dim,), as float16."""
    connection.execute(
        "INSERT OR REPLACE INTO embeddings (model, photo_id, vector) VALUES (?, ?, ?)",
        (model, photo_id, vector.astype("<f2").tobytes()),
    )


def has_embedding(connection: sqlite3.Connection, model: int, photo_id: int) -> bool:
    """Return whether a photo has a descriptor of this model."""
    row = connection.execute(
        "SELECT 1 FROM embeddings WHERE model = ? AND photo_id = ?", (model, photo_id)
    ).fetchone()
    return row is not None


def live_ids(connection: sqlite3.Connection, model: int, among: Iterable[int] | None = None) -> Ids:
    """Return the ids of photos (of `among` only) that have a file and a descriptor, sorted."""
    return id_array(
        connection,
        f"SELECT photo_id FROM embeddings WHERE model = ? AND {one_of(among)} AND photo_id NOT IN"
        " (SELECT photo_id FROM photos WHERE orphaned_at IS NOT NULL) ORDER BY photo_id",
        (model,),
    )


def missing_ids(connection: sqlite3.Connection, model: int) -> list[int]:
    """Return the live photos that have no descriptor of this model yet."""
    rows = connection.execute(
        "SELECT photo_id FROM photos WHERE orphaned_at IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM embeddings e WHERE e.model = ? AND e.photo_id = photos.photo_id)",
        (model,),
    )
    return [row[0] for row in rows]


def fetch(connection: sqlite3.Connection, model: int, ids: Iterable[int]) -> tuple[Ids, Vectors]:
    """Return descriptors of photos.

    Returns: (ids (n,) int64 sorted, vectors (n, dim) float32 of unit length); an unknown id is
    left out.

    Raises:
        StoreDamagedError: what is stored is no descriptor.
    """
    rows: list[tuple[int, bytes]] = []
    for part in slices(sorted(int(number) for number in ids)):
        rows += connection.execute(
            "SELECT photo_id, vector FROM embeddings"
            f" WHERE model = ? AND photo_id IN ({part}) ORDER BY photo_id",
            (model,),
        ).fetchall()
    found = np.array([row[0] for row in rows], dtype=np.int64)
    return found, _matrix(connection, [row[1] for row in rows])


def stream(
    connection: sqlite3.Connection, model: int, ids: Ids, chunk: int = CHUNK
) -> Iterator[tuple[Ids, Vectors]]:
    """Yield the descriptors of many photos, at most `chunk` at a time, in the order of ids."""
    ordered = np.sort(ids)
    for start in range(0, len(ordered), chunk):
        yield fetch(connection, model, ordered[start : start + chunk].tolist())


def drop_model(connection: sqlite3.Connection, model: int) -> int:
    """Delete every descriptor of one model; return how many there were."""
    removed = connection.execute("DELETE FROM embeddings WHERE model = ?", (model,)).rowcount
    connection.execute("DELETE FROM models WHERE model = ?", (model,))
    return removed


def _matrix(connection: sqlite3.Connection, blobs: list[bytes]) -> Vectors:
    """Return descriptors at the unit length that rounding to float16 took from them."""
    if not blobs:
        return np.zeros((0, 0), dtype=np.float32)
    lengths_in_bytes = set(map(len, blobs))
    if len(lengths_in_bytes) > 1 or len(blobs[0]) % 2:
        raise odd_value(connection, "descriptors of one model differ in length")
    joined = np.frombuffer(b"".join(blobs), dtype="<f2").reshape(len(blobs), -1)
    vectors = joined.astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    # A network may answer nothing at all; anything else has the length it was stored with.
    lengths[lengths == 0] = 1.0
    if not np.all(np.abs(lengths - 1.0) < _LENGTH_SLACK):
        raise odd_value(connection, "a descriptor is none")
    vectors /= lengths[:, None]
    return vectors
