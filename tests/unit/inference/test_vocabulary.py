"""The words by which photos are found."""

from pathlib import Path

import pytest

from twinlens.errors import ModelError, UsageError
from twinlens.inference.model_spec import load_spec
from twinlens.inference.vocabulary import Vocabulary, read_vocabulary

MODELS = Path(__file__).parents[3] / "models"


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    return read_vocabulary(MODELS / "imagenet_classes.tsv", MODELS / "imagenet_kinds.toml")


def names(words: Vocabulary, text: str) -> list[str]:
    return [words.labels[number].name for number in words.find(text)]


def test_a_kind_holds_all_its_classes(words: Vocabulary) -> None:
    dogs = names(words, "dog")
    assert len(dogs) == 118
    assert {"beagle", "pug", "standard poodle"} <= set(dogs)
    assert not {"tabby", "timber wolf", "hotdog"} & set(dogs)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("dogs", "dog"),
        ("Puppies", "dog"),
        ("  SHOES ", "shoe"),
        ("buses", "bus"),
        ("wolves", "wolf"),
        ("butterflies", "butterfly"),
        ("auto", "car"),
        ("truck", "lorry"),
        ("airplanes", "aeroplane"),
        ("t shirts", "T-shirt"),
        ("bike", "bicycle"),
    ],
)
def test_plurals_and_other_words_mean_the_same(words: Vocabulary, said: str, meant: str) -> None:
    assert words.find(said) == words.find(meant)


def test_a_word_of_two_meanings_finds_both(words: Vocabulary) -> None:
    assert names(words, "crane") == ["crane (bird)", "crane (machine)"]


def test_an_everyday_word_means_the_everyday_thing(words: Vocabulary) -> None:
    assert names(words, "plane") == ["airliner", "plane (tool)", "warplane"]
    assert names(words, "tie") == ["bolo tie", "bow tie", "suit", "Windsor tie"]


def test_part_of_a_name_finds_it_only_as_a_whole_word(words: Vocabulary) -> None:
    assert names(words, "owl") == ["great grey owl"]
    assert "carton" not in names(words, "car")


def test_an_unknown_word_is_answered_with_those_like_it(words: Vocabulary) -> None:
    with pytest.raises(UsageError, match="no word for 'elefant'") as caught:
        words.find("elefant")
    assert "elephant" in caught.value.hint
    with pytest.raises(UsageError) as caught:
        words.find("xyzzy")
    assert "more general word" in caught.value.hint


@pytest.mark.parametrize("nothing", ["", "   ", "-"])
def test_no_word_finds_nothing(words: Vocabulary, nothing: str) -> None:
    with pytest.raises(UsageError, match="Say what"):
        words.find(nothing)


def test_what_is_typed_is_completed_with_kinds_first(words: Vocabulary) -> None:
    assert words.complete("mus")[0] == "musical instrument"
    assert "terrier" in words.complete("terr")
    assert "bicycle" in words.complete("bik")
    assert words.complete("zzz") == []
    # A whole word first, also in the plural, before longer names of the same beginning.
    assert [words.complete(text)[0] for text in ("dog", "dogs", "Beach")] == [
        "dog",
        "dog",
        "seashore",
    ]
    assert len(words.complete("b", limit=5)) == 5


def test_every_completion_and_every_name_can_be_found(words: Vocabulary) -> None:
    for label in words.labels:
        assert set(label.classes) <= set(words.find(label.name)), label.name


def test_both_networks_come_with_words_and_a_calibration() -> None:
    for name in ("efficientnet-lite0", "efficientnet-lite2"):
        spec = load_spec(MODELS / name)
        assert spec.classes is not None
        assert spec.calibration is not None
        assert read_vocabulary(spec.classes, spec.kinds).class_count == 1000


@pytest.mark.parametrize(
    "kinds",
    [
        '[[kind]]\nname = "all"\nclasses = "0-9"',
        '[[kind]]\nname = "all"\nclasses = "one"',
        '[[kind]]\nclasses = "0"',
        '[words]\n"fish" = ["x"]',
        '[names]\n7 = "x"',
        "kind = 3",
        "not toml",
    ],
)
def test_words_that_do_not_fit_the_classes_are_refused(tmp_path: Path, kinds: str) -> None:
    (tmp_path / "classes.tsv").write_text("n1\tdog\nn2\tcat\n", encoding="utf-8")
    (tmp_path / "kinds.toml").write_text(kinds, encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be read"):
        read_vocabulary(tmp_path / "classes.tsv", tmp_path / "kinds.toml")


def test_a_network_without_kinds_is_found_by_its_classes(tmp_path: Path) -> None:
    (tmp_path / "classes.tsv").write_text("n1\tdog\nn2\tcat\n", encoding="utf-8")
    assert read_vocabulary(tmp_path / "classes.tsv", None).find("cats") == (1,)
