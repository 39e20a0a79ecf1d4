"""Finding photos by a word."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from twinlens.errors import UsageError
from twinlens.inference.labels import Calibration, evidence
from twinlens.inference.vocabulary import Label, Vocabulary
from twinlens.search.labels import LabelIndex
from twinlens.store.features import FeatureStore

KIND = "labels/1/test"
BEAGLE, PUG, TABBY, CAR = range(4)
WORDS = Vocabulary(
    (
        Label("beagle", (BEAGLE,)),
        Label("pug", (PUG,)),
        Label("tabby", (TABBY,)),
        Label("car", (CAR,)),
        Label("dog", (BEAGLE, PUG), ("puppy",)),
    ),
    4,
)
CALIBRATION = Calibration(single=(0.0, 1.0), kind=(1.0, 1.0))


def body(*shares: float) -> bytes:
    """Return the evidence of a photo with these probabilities of the four classes."""
    return evidence(np.log(np.array(shares, np.float32) + 1e-6))


@pytest.fixture
def features(tmp_path: Path) -> Iterator[FeatureStore]:
    store = FeatureStore(tmp_path / "features.sqlite3", "library")
    yield store
    store.close()


@pytest.fixture
def index(features: FeatureStore) -> LabelIndex:
    features.put(
        KIND,
        {
            11: body(0.97, 0.01, 0.01, 0.01),
            5: body(0.48, 0.48, 0.02, 0.02),
            8: body(0.02, 0.02, 0.95, 0.01),
            9: b"",
        },
    )
    return LabelIndex(features, KIND, WORDS, CALIBRATION)


def test_a_kind_finds_the_photos_of_any_of_its_classes(index: LabelIndex) -> None:
    ids, sure = index.find("puppies")
    assert ids.tolist() == [11, 5]
    assert (np.diff(sure) <= 0).all()
    assert sure[-1] > 0.9


def test_a_class_finds_only_photos_sure_to_show_it(index: LabelIndex) -> None:
    assert index.find("beagle")[0].tolist() == [11]
    assert index.find("car")[0].tolist() == []
    assert index.find("beagle", least=0.4)[0].tolist() == [11, 5]


def test_a_photo_says_what_it_shows(index: LabelIndex) -> None:
    assert [name for name, _ in index.of(5) or ()] == ["dog"]
    assert [name for name, _ in index.of(11) or ()] == ["dog", "beagle"]
    assert index.of(9) == []
    assert index.of(404) is None


def test_the_same_confidence_is_found_and_shown(index: LabelIndex) -> None:
    ids, sure = index.find("dog")
    for photo_id, confidence in zip(ids.tolist(), sure.tolist(), strict=True):
        assert dict(index.of(photo_id) or ())["dog"] == pytest.approx(confidence, abs=2e-3)


def test_photos_looked_at_later_are_found(index: LabelIndex, features: FeatureStore) -> None:
    assert index.photo_count() == 4
    features.put(KIND, {20: body(0.01, 0.01, 0.01, 0.97)})
    assert index.find("cars")[0].tolist() == [20]
    features.keep_only(np.array([8, 11]))
    assert index.find("cars")[0].tolist() == []
    assert index.photo_count() == 2


def test_photos_that_come_and_go_at_once_are_told_apart(
    index: LabelIndex, features: FeatureStore
) -> None:
    assert index.find("dog")[0].tolist() == [11, 5]
    features.keep_only(np.array([8, 9, 11]))
    features.put(KIND, {7: body(0.55, 0.4, 0.03, 0.02), 4: body(0.0, 0.0, 0.0, 1.0), 30: b""})
    assert index.find("dog")[0].tolist() == [11, 7]
    assert index.find("car")[0].tolist() == [4]
    assert index.find("tabby")[0].tolist() == [8]
    groups = [np.array(ids) for ids in ([4], [7], [8], [11])]
    assert index.common(groups) == ["car", "dog", "tabby", "beagle"]


def test_only_what_is_new_is_read(
    index: LabelIndex, features: FeatureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.find("dog")
    read: list[int] = []
    get = features.get

    def noted(kind: str, ids: Iterable[int]) -> dict[int, bytes]:
        read.extend(wanted := list(ids))
        return get(kind, wanted)

    monkeypatch.setattr(features, "get", noted)
    monkeypatch.setattr(features, "stream", None)
    features.put(KIND, {20: body(0.01, 0.01, 0.01, 0.97)})
    assert index.find("cars")[0].tolist() == [20]
    assert read == [20]


def test_what_another_process_adds_is_found(index: LabelIndex, tmp_path: Path) -> None:
    assert index.find("tabby")[0].tolist() == [8]
    other = FeatureStore(tmp_path / "features.sqlite3", "library")
    other.put(KIND, {21: body(0.0, 0.0, 1.0, 0.0)})
    other.close()
    assert index.find("tabby")[0].tolist() == [21, 8]


def test_a_word_nobody_knows_is_refused_before_anything_is_read(index: LabelIndex) -> None:
    with pytest.raises(UsageError, match="no word for 'sofa'"):
        index.find("sofa")


def test_a_group_shows_the_narrowest_that_fits_its_average_photo(
    features: FeatureStore, index: LabelIndex
) -> None:
    features.put(
        KIND,
        {
            20: body(0.97, 0.01, 0.01, 0.01),
            21: body(0.96, 0.02, 0.01, 0.01),
            30: body(0.95, 0.03, 0.01, 0.01),
            31: body(0.03, 0.95, 0.01, 0.01),
            40: body(0.95, 0.03, 0.01, 0.01),
            41: body(0.02, 0.02, 0.95, 0.01),
            42: body(0.02, 0.02, 0.95, 0.01),
        },
    )
    groups = [[20, 21], [30, 31], [40, 41, 42], [9], [1000], []]
    found = index.common([np.array(ids, dtype=np.int64) for ids in groups])
    assert found == ["beagle", "dog", None, None, None, None]
