"""The codes held in memory are those that are kept, whatever comes and goes in between."""

from pathlib import Path

import numpy as np

from twinlens.matching.kept import KEYPOINTS, SHORTLIST, KeptCodes
from twinlens.matching.shortlist import CODE_BYTES
from twinlens.store.features import FeatureStore


def code(photo_id: int) -> bytes:
    return bytes([photo_id]) * CODE_BYTES


def check(kept: KeptCodes, ids: list[int]) -> None:
    found, codes = kept.all()
    assert found.tolist() == ids
    assert codes.tobytes() == b"".join(map(code, ids))


def test_codes_follow_what_comes_and_goes(tmp_path: Path) -> None:
    features = FeatureStore(tmp_path / "features.sqlite3", "library")
    kept = KeptCodes(features)
    check(kept, [])
    features.put(SHORTLIST, {n: code(n) for n in (2, 5, 7)})
    check(kept, [2, 5, 7])
    features.put(SHORTLIST, {9: code(9), 8: b""})
    check(kept, [2, 5, 7, 9])
    features.put(SHORTLIST, {3: code(3), 10: b"damaged"})
    check(kept, [2, 3, 5, 7, 9])
    features.put(KEYPOINTS, {2: b"something else"})
    check(kept, [2, 3, 5, 7, 9])
    features.keep_only(np.array([3, 9]))
    features.put(SHORTLIST, {4: code(4)})
    check(kept, [3, 4, 9])
    features.close()
