"""The linear map from full descriptors to the compact vectors that are indexed; any thread."""

from pathlib import Path

import numpy as np

from twinlens.errors import ModelError
from twinlens.index.exact import Vectors, normalise

#: Descriptors up to this length are indexed as they are.
IDENTITY_LIMIT = 512
#: Length of compact vectors of models that bring no projection.
COMPACT_DIM = 256
SEED = 20_240_601


class Projection:
    """A fixed (dim, dim_out) matrix, or the identity.

    Args:
        matrix: (dim, dim_out) float32; None keeps descriptors as they are.
        dim: length of the descriptors.
    """

    def __init__(self, matrix: Vectors | None, dim: int) -> None:
        self._matrix = matrix
        self.dim = dim
        self.dim_out = dim if matrix is None else matrix.shape[1]

    @classmethod
    def for_model(cls, path: Path | None, dim: int) -> "Projection":
        """Read a model's projection; without one use the identity or a seeded orthogonal matrix.

        Raises:
            ModelError: the file cannot be read or does not fit descriptors of this length.
        """
        if path is not None:
            return cls(_read(path, dim), dim)
        return cls(None if dim <= IDENTITY_LIMIT else _orthogonal(dim, COMPACT_DIM), dim)

    def apply(self, descriptors: Vectors) -> Vectors:
        """Map (n, dim) float32 descriptors to (n, dim_out) float32 rows of length 1."""
        if descriptors.ndim != 2 or descriptors.shape[1] != self.dim:
            raise ValueError(f"descriptors of shape {descriptors.shape}, not (n, {self.dim})")
        rows = descriptors.astype(np.float32, copy=False)
        return normalise(rows if self._matrix is None else rows @ self._matrix)

    def leading(self, count: int) -> "Projection":
        """Return the projection to at most `count` values, the most telling ones."""
        if self.dim_out <= count:
            return self
        if self._matrix is None:
            return Projection(_orthogonal(self.dim, count), self.dim)
        return Projection(np.ascontiguousarray(self._matrix[:, :count]), self.dim)


def _read(path: Path, dim: int) -> Vectors:
    hint = "Export the model again, or choose another one."
    try:
        with path.open("rb") as file:
            matrix = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ModelError(f"The projection {path} cannot be read ({error}).", hint) from error
    fits = isinstance(matrix, np.ndarray) and matrix.ndim == 2 and matrix.dtype.kind == "f"
    if fits and matrix.shape[0] != dim and matrix.shape[1] == dim:
        matrix = matrix.T
    if not fits or matrix.shape[0] != dim or not 0 < matrix.shape[1] <= dim:
        raise ModelError(f"The projection {path} does not fit descriptors of length {dim}.", hint)
    if not np.isfinite(matrix).all():
        raise ModelError(f"The projection {path} holds values that are not numbers.", hint)
    return np.ascontiguousarray(matrix, dtype=np.float32)


def _orthogonal(dim: int, dim_out: int) -> Vectors:
    gaussian = np.random.default_rng(SEED).standard_normal((dim, dim_out))
    columns, triangle = np.linalg.qr(gaussian)
    # The signs of a QR decomposition are the library's choice; fixing them makes it unique.
    columns *= np.where(np.diagonal(triangle) < 0, -1.0, 1.0)
    return np.ascontiguousarray(columns, dtype=np.float32)
