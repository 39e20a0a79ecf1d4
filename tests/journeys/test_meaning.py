"""On real photos: labels are right as often as they say, and so are probabilities."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support import PHOTOS, needs_photos
from twinlens.imaging.decode import decode
from twinlens.imaging.preprocess import preprocess
from twinlens.inference.extractor import load_extractor
from twinlens.inference.labels import evidence, labels_of
from twinlens.inference.likelihood import NEIGHBOURS, Likelihood
from twinlens.inference.model_spec import find_model
from twinlens.inference.vocabulary import Vocabulary, read_vocabulary

pytestmark = [pytest.mark.model, pytest.mark.photos, pytest.mark.slow, needs_photos]

#: What neither names the thing nor is wrong about the photo: the cloth, the shop, the box it is in.
BESIDE = {"velvet", "wool", "quilt", "bib", "bath towel", "grocery store", "shop", "crate"}
BESIDE |= {"packaging", "butcher shop", "confectionery", "bakery", "shopping basket"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the network makes of some photos: (n, dim) descriptors and n bodies of evidence."""

    paths: list[Path]
    descriptors: NDArray[np.float32]
    bodies: list[bytes]


@cache
def see(part: str) -> Seen:
    """Look at the photos below one folder with the default model."""
    extractor = load_extractor(find_model(), "cpu")
    facts = extractor.preprocessing
    paths = sorted((PHOTOS / part).rglob("*.jpg"))
    # Clothes are many of a few kinds: half of them tell as much.
    paths = paths[::2] if part.startswith("clothing") else paths
    rows, bodies = [], []
    for path in paths:
        pixels = decode(path.read_bytes(), min_side=facts.width, max_pixels=10**8).pixels
        batch = preprocess(pixels, facts)[np.newaxis]
        rows.append(extractor.embed(batch)[0])
        bodies.append(evidence(extractor.logits(batch)[0]))
    return Seen(paths, np.stack(rows), bodies)


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    spec = find_model()
    assert spec.classes is not None
    return read_vocabulary(spec.classes, spec.kinds)


def named(words: Vocabulary, body: bytes) -> list[tuple[str, float]]:
    calibration = find_model().calibration
    assert calibration is not None
    return labels_of(body, words, calibration)


@pytest.mark.parametrize(
    ("part", "kind", "right_share", "found_share"),
    [
        ("clothing/test", "clothing", 0.93, 0.7),
        ("grocery/val/Fruit", "food", 0.85, 0.4),
        ("grocery/val/Vegetables", "food", 0.75, 0.4),
    ],
)
def test_labels_are_seldom_wrong(
    words: Vocabulary, part: str, kind: str, right_share: float, found_share: float
) -> None:
    inside = set(words.find(kind)) | set(words.find("fruit") if kind == "food" else ())
    members = {label.name: set(label.classes) for label in words.labels}
    seen = see(part)
    given = [[name for name, _ in named(words, body)] for body in seen.bodies]
    judged = [members[name] <= inside for names in given for name in names if name not in BESIDE]
    assert np.mean(judged) >= right_share
    found = [any(members[name] <= inside for name in names) for names in given]
    assert np.mean(found) >= found_share


def test_a_word_finds_its_folder(words: Vocabulary) -> None:
    seen = see("clothing/test")
    shown = [
        path.parent.name
        for path, body in zip(seen.paths, seen.bodies, strict=True)
        if "shoe" in dict(named(words, body))
    ]
    there = sum(path.parent.name == "shoes" for path in seen.paths)
    assert shown.count("shoes") >= 0.95 * len(shown)
    assert shown.count("shoes") >= 0.6 * there


def chances(
    likelihood: Likelihood, rows: NDArray[np.float32], k: int = 20
) -> list[list[tuple[float, int]]]:
    """Return for each photo what is said of its k nearest others, with their places."""
    scores = np.clip(rows @ rows.T, -1, 1)
    np.fill_diagonal(scores, -2)
    said = []
    for own in scores:
        order = np.argsort(-own)
        background = likelihood.background(own[order[:NEIGHBOURS]])
        near = order[:k]
        found = likelihood.probability(own[near], background)
        said.append([(float(c), int(n)) for c, n in zip(found, near, strict=True)])
    return said


def test_probabilities_are_what_they_say_on_products() -> None:
    # The fit has seen generated versions of single photos, and no product's name.
    likelihood = find_model().likelihood
    assert likelihood is not None
    seen = see("grocery/val")
    said, same = [], []
    for number, pairs in enumerate(chances(likelihood, seen.descriptors)):
        for chance, other in pairs:
            said.append(chance)
            same.append(seen.paths[number].parent == seen.paths[other].parent)
    chance_of, right = np.array(said), np.array(same, dtype=float)
    gap = 0.0
    for low in np.arange(0, 1, 0.1):
        inside = (chance_of >= low) & (chance_of < low + 0.1)
        if inside.any():
            gap += inside.mean() * abs(chance_of[inside].mean() - right[inside].mean())
    assert gap <= 0.06
    base = right.mean()
    assert np.mean((chance_of - right) ** 2) <= 0.85 * base * (1 - base)


def test_strangers_are_never_called_the_same_thing() -> None:
    likelihood = find_model().likelihood
    assert likelihood is not None
    clothes, groceries = see("clothing/test"), see("grocery/val")
    across = clothes.descriptors @ groceries.descriptors.T
    own = -np.sort(-(clothes.descriptors @ clothes.descriptors.T), axis=1)
    for row, others in zip(own, across, strict=True):
        background = likelihood.background(row[:NEIGHBOURS])
        assert likelihood.probability(others, background).max() < 0.5
