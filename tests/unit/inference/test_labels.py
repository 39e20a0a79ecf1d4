"""What a photo shows, and how sure that is."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from twinlens.inference.labels import (
    KEPT,
    SURE,
    Calibration,
    evidence,
    labels_of,
    read_evidence,
)
from twinlens.inference.vocabulary import Vocabulary, read_vocabulary

MODELS = Path(__file__).parents[3] / "models"
CALIBRATION = Calibration(single=(0.27, 0.69), kind=(1.72, 1.03))


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    return read_vocabulary(MODELS / "imagenet_classes.tsv", MODELS / "imagenet_kinds.toml")


def scores(shares: dict[int, float]) -> NDArray[np.float32]:
    """Return the scores of a network that gives classes these probabilities."""
    rest = (1 - sum(shares.values())) / (1000 - len(shares))
    found = np.full(1000, rest)
    for number, share in shares.items():
        found[number] = share
    result: NDArray[np.float32] = np.log(found).astype(np.float32)
    return result


def test_the_likeliest_classes_are_kept_with_their_probabilities() -> None:
    numbers, shares = read_evidence(evidence(scores({162: 0.5, 254: 0.3, 3: 0.1})))
    assert numbers.tolist() == [162, 254, 3]
    np.testing.assert_allclose(shares, [0.5, 0.3, 0.1], atol=1e-3)


def test_evidence_stays_small_whatever_the_photo() -> None:
    assert len(evidence(np.zeros(1000, np.float32))) == 4
    spread = evidence(scores({number: 0.9 / 60 for number in range(60)}))
    assert len(spread) == 4 * KEPT


def test_an_unsure_breed_is_surely_a_dog(words: Vocabulary) -> None:
    body = evidence(scores({number: 0.085 for number in range(151, 161)}))
    named = dict(labels_of(body, words, CALIBRATION))
    assert named["dog"] > 0.9
    assert set(named) == {"dog", "animal"}


def test_the_narrower_of_two_equally_sure_names_comes_first(words: Vocabulary) -> None:
    named = labels_of(evidence(scores({608: 0.97})), words, CALIBRATION)
    assert [name for name, _ in named] == ["clothing", "jeans"]
    kinds = labels_of(evidence(scores({162: 0.5, 166: 0.45})), words, CALIBRATION)
    assert [name for name, _ in kinds] == ["dog", "animal"]


def test_an_unclear_photo_has_no_label(words: Vocabulary) -> None:
    assert labels_of(evidence(np.zeros(1000, np.float32)), words, CALIBRATION) == []
    # A little of everything is mostly animal, because 398 of the classes are.
    chance = np.random.default_rng(0).normal(0, 1, 1000).astype(np.float32)
    assert labels_of(evidence(chance), words, CALIBRATION) == []
    assert labels_of(b"", words, CALIBRATION) == []


def test_a_wider_name_is_never_less_sure(words: Vocabulary) -> None:
    chance = np.random.default_rng(1)
    for _ in range(20):
        body = evidence(chance.normal(0, 2.5, 1000).astype(np.float32))
        sure = dict(labels_of(body, words, CALIBRATION, least=0.2))
        for narrow in words.labels:
            for wide in words.labels[1000:]:
                if narrow.name in sure and set(narrow.classes) <= set(wide.classes):
                    assert sure[wide.name] >= sure[narrow.name]


def test_confidence_grows_with_the_probability_and_stays_inside() -> None:
    shares = np.array([0, 0.01, 0.3, 0.6, 0.99, 1.0], np.float32)
    for is_kind in (False, True):
        sure = CALIBRATION.confidence(shares, is_kind=is_kind)
        assert sure[0] == 0
        assert (np.diff(sure) >= 0).all()
        assert sure[-1] <= 1
        assert (sure >= SURE).any()
