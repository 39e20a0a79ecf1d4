"""Names what a photo shows, by the network's own class scores. Runs on every thread.

What is kept of a photo is the evidence, the likeliest classes and their probabilities; what that
is worth is decided when it is read, so that a better calibration or another word for a kind needs
no photo to be looked at again.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twinlens.inference.vocabulary import Vocabulary

Floats = NDArray[np.float32]

#: Classes kept of a photo, and the least probability that is kept and counted: what every class
#: gets of an unclear photo would otherwise make the largest kind the likeliest one.
KEPT = 32
FLOOR = 0.005
#: From this confidence on, a label is shown and found.
SURE = 0.7

_CLASS = np.dtype("<u2")
_SHARE = np.dtype("<f2")


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns the network's probability into the share of photos for which the label is right.

    Platt's logistic (1999) on the log-odds: (offset, slope), one for single classes and one for
    kinds. On photos unlike those a network was trained on, a class is right far less often than
    its probability says, and a kind more often, because what is mixed up is mostly of one kind.
    """

    single: tuple[float, float]
    kind: tuple[float, float]

    def confidence(self, share: Floats, *, is_kind: bool) -> Floats:
        """Return the confidence, in 0..1, of labels with these (n,) sums of probabilities."""
        offset, slope = self.kind if is_kind else self.single
        inside = np.clip(np.asarray(share, dtype=np.float64), 1e-6, 1 - 1e-6)
        odds = offset + slope * np.log(inside / (1 - inside))
        result: Floats = np.where(share > 0, 1 / (1 + np.exp(-odds)), 0.0).astype(np.float32)
        return result


def labels_kind(model_id: str) -> str:
    """Return what a model's evidence is called where it is kept."""
    return f"labels/1/{model_id}"


def evidence(scores: Floats) -> bytes:
    """Return the likeliest classes of (classes,) scores before softmax, likeliest first.

    Up to `KEPT` class numbers as 16-bit little-endian, then their probabilities as 16-bit floats.
    """
    shares = np.exp(scores - scores.max(), dtype=np.float64)
    shares /= shares.sum()
    order = np.argsort(-shares, kind="stable")[:KEPT]
    order = order[: max(1, int(np.count_nonzero(shares[order] >= FLOOR)))]
    body: bytes = order.astype(_CLASS).tobytes() + shares[order].astype(_SHARE).tobytes()
    return body


def read_evidence(body: bytes) -> tuple[NDArray[np.uint16], Floats]:
    """Return the class numbers and probabilities that `evidence` wrote."""
    count = len(body) // (_CLASS.itemsize + _SHARE.itemsize)
    numbers = np.frombuffer(body, _CLASS, count)
    shares = np.frombuffer(body, _SHARE, count, count * _CLASS.itemsize)
    return numbers, shares.astype(np.float32)


def labels_of(
    body: bytes, vocabulary: Vocabulary, calibration: Calibration, least: float = SURE
) -> list[tuple[str, float]]:
    """Return the names that fit a photo and the confidence of each, surest first.

    No name is given below `least`. Where names tie, the narrower one comes first.
    """
    shares = np.zeros(vocabulary.class_count, dtype=np.float32)
    numbers, found = read_evidence(body)
    known = numbers < vocabulary.class_count
    shares[numbers[known]] = np.maximum(found[known] - FLOOR, 0)
    named: list[tuple[float, int, str]] = []
    for label in vocabulary.labels:
        share = np.atleast_1d(shares[list(label.classes)].sum())
        confidence = float(calibration.confidence(share, is_kind=label.is_kind)[0])
        if confidence >= least:
            named.append((-round(confidence, 3), len(label.classes), label.name))
    return [(name, -minus) for minus, _, name in sorted(named)]
