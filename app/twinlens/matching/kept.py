"""What is kept of a photo that was looked at closely, and under which names. Any thread."""

import threading

import numpy as np
from numpy.typing import NDArray

from twinlens.imaging.keypoints import Keypoints, detect, unpack
from twinlens.index.exact import sorted_once
from twinlens.matching.shortlist import CODE_BYTES, Codes, encode, stack
from twinlens.store.features import FeatureStore, State

Ids = NDArray[np.int64]

KEYPOINTS = "keypoints/1"
SHORTLIST = "shortlist/1"
#: The most bytes of keypoints that are kept; those of 38,000 photos.
BOUND = 1 << 30
#: Codes read at once.
_READ = 4096
#: Room for one more code in so many.
_SPARE = 8


class KeptCodes:
    """The codes for the shortlist of all photos, held in memory, 520 bytes each."""

    def __init__(self, features: FeatureStore) -> None:
        self._features = features
        self._lock = threading.Lock()
        self._state = State(0, 0.0)
        #: All that have a body, then those whose body is a code.
        self._seen: Ids = np.empty(0, dtype=np.int64)
        self._ids: Ids = np.empty(0, dtype=np.int64)
        #: The codes, and room for more: they are the most of what is in memory, and seldom copied.
        self._room = stack([])

    def all(self) -> tuple[Ids, Codes]:
        """Return the codes of all photos, ids ascending; only what is new is read."""
        with self._lock:
            state = self._features.state(SHORTLIST)
            if state != self._state:
                recent = self._features.ids(SHORTLIST, since=self._state.latest)
                there = sorted_once(np.concatenate([self._seen, recent]))
                if len(there) != state.bodies:
                    there = self._features.ids(SHORTLIST)
                    self._keep_only(there)
                    recent = there
                self._add(recent[~np.isin(recent, self._ids)])
                self._seen, self._state = there, state
            return self._ids, self._room[: len(self._ids)]

    def _keep_only(self, there: Ids) -> None:
        known = np.isin(self._ids, there)
        if not known.all():
            self._room = self._room[: len(self._ids)][known]
            self._ids = self._ids[known]

    def _add(self, new: Ids) -> None:
        """Read codes; what others hold of the room so far stays as it is."""
        held, total = len(self._ids), len(self._ids) + len(new)
        if total > len(self._room):
            room = np.empty((total + total // _SPARE, self._room.shape[1]), self._room.dtype)
            room[:held] = self._room[:held]
            self._room = room
        ids = [self._ids]
        for start in range(0, len(new), _READ):
            part = self._features.get(SHORTLIST, new[start : start + _READ].tolist())
            whole = {n: body for n, body in part.items() if len(body) == CODE_BYTES}
            ids.append(np.array(list(whole), dtype=np.int64))
            self._room[held : held + len(whole)] = stack(list(whole.values()))
            held += len(whole)
        self._ids = np.concatenate(ids)
        if (self._ids[1:] < self._ids[:-1]).any():
            order = np.argsort(self._ids)
            self._ids, self._room = self._ids[order], self._room[order]


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
