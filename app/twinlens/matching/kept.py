"""What is kept of a photo that was looked at closely, and under which names. Any thread."""

import threading

import numpy as np
from numpy.typing import NDArray

from twinlens.imaging.keypoints import Keypoints, detect, unpack
from twinlens.matching.shortlist import CODE_BYTES, Codes, encode, stack
from twinlens.store.features import FeatureStore

Ids = NDArray[np.int64]

KEYPOINTS = "keypoints/1"
SHORTLIST = "shortlist/1"
#: The most bytes of keypoints that are kept; those of 38,000 photos.
BOUND = 1 << 30
#: Codes read at once.
_READ = 4096


class KeptCodes:
    """The codes for the shortlist of all photos, held in memory."""

    def __init__(self, features: FeatureStore) -> None:
        self._features = features
        self._lock = threading.Lock()
        self._revision = -1
        #: All that have a body, then those whose body is a code.
        self._seen: Ids = np.empty(0, dtype=np.int64)
        self._ids: Ids = np.empty(0, dtype=np.int64)
        self._codes = stack([])

    def all(self) -> tuple[Ids, Codes]:
        """Return the codes of all photos, ids ascending; only what is new is read."""
        with self._lock:
            if self._revision != self._features.revision:
                revision = self._features.revision
                there = self._features.ids(SHORTLIST)
                self._revision = revision
                # Whatever else was kept, or codes that are damaged, changed nothing here.
                if np.array_equal(there, self._seen):
                    return self._ids, self._codes
                self._seen = there
                known = np.isin(self._ids, there)
                # Codes are copied as seldom as can be: they are the most of what is in memory.
                if not known.all():
                    self._ids, self._codes = self._ids[known], self._codes[known]
                ids, codes = [self._ids], [self._codes]
                new = np.setdiff1d(there, self._ids)
                for start in range(0, len(new), _READ):
                    part = self._features.get(SHORTLIST, new[start : start + _READ].tolist())
                    whole = {n: body for n, body in part.items() if len(body) == CODE_BYTES}
                    ids.append(np.array(list(whole), dtype=np.int64))
                    codes.append(stack(list(whole.values())))
                self._ids, self._codes = np.concatenate(ids), np.concatenate(codes)
                if (self._ids[1:] < self._ids[:-1]).any():
                    order = np.argsort(self._ids)
                    self._ids, self._codes = self._ids[order], self._codes[order]
            return self._ids, self._codes


def find_keypoints(pixels: NDArray[np.uint8]) -> Keypoints:
    """Return the keypoints of a picture, as those of photos are kept."""
    found = unpack(detect(pixels))
    assert found is not None
    return found


def look_closer(pixels: NDArray[np.uint8]) -> dict[str, bytes]:
    """Return what verification keeps of an upright (h, w, 3) photo."""
    body = detect(pixels)
    return {SHORTLIST: code_of(body), KEYPOINTS: body}


def code_of(body: bytes) -> bytes:
    """Return the code for the shortlist of packed keypoints."""
    points = unpack(body)
    return encode(points) if points is not None else b""
