"""The words for what a network can name: its classes, and kinds that hold several of them.

Pure once read; runs on every thread.
"""

import difflib
import tomllib
from dataclasses import dataclass
from pathlib import Path

from twinlens.errors import ModelError, UsageError
from twinlens.inference.toml_values import SpecError, Table, text_list, value

#: How many names an unknown word is answered with, and how like it they must be.
_SUGGESTIONS = 4
_LIKE = 0.72


@dataclass(frozen=True, slots=True)
class Label:
    """One thing that can be named: a class of the network, or a kind made of several.

    `classes` are the numbers of its classes in the network's order, ascending; `words` are other
    names for it.
    """

    name: str
    classes: tuple[int, ...]
    words: tuple[str, ...] = ()

    @property
    def is_kind(self) -> bool:
        """Whether it holds more than one class."""
        return len(self.classes) > 1


class Vocabulary:
    """Finds labels by the words that people use.

    Args:
        labels: every class in the network's order, then the kinds.
        class_count: how many of them are classes.
    """

    def __init__(self, labels: tuple[Label, ...], class_count: int) -> None:
        self.labels = labels
        self.class_count = class_count
        self._by_word: dict[str, list[Label]] = {}
        for label in labels:
            for word in (label.name, _without_note(label.name), *label.words):
                found = self._by_word.setdefault(_folded(word), [])
                if label not in found:
                    found.append(label)

    def find(self, text: str) -> tuple[int, ...]:
        """Return the classes that a word stands for, ascending.

        Names and their other words come first, in the singular or plural and however they are
        written; otherwise a word finds every name that holds it ("owl": the great grey owl).

        Raises:
            UsageError: nothing is called so; the hint names what comes close.
        """
        if not _folded(text):
            raise UsageError("Say what the photos should show, such as dog or car.")
        for wanted in _readings(text):
            found = self._by_word.get(wanted)
            if found is None:
                found = [label for label in self.labels if _holds(label, wanted)]
            if found:
                return tuple(sorted({number for label in found for number in label.classes}))
        near = self._near(text)
        raise UsageError(
            f"The network has no word for '{text.strip()}', so no photo can be found by it.",
            f"Did you mean {', '.join(near[:-1])} or {near[-1]}?"
            if len(near) > 1
            else f"Did you mean {near[0]}?"
            if near
            else "Try a more general word, such as dog, car, clothing or food.",
        )

    def complete(self, prefix: str, limit: int = 8) -> list[str]:
        """Return the names of labels of which a word begins with `prefix`.

        What is called exactly so comes first, also in the plural; then kinds before single classes.
        """
        start = _folded(prefix)
        if not start:
            return []
        meant = next(
            (self._by_word[text] for text in _readings(prefix) if text in self._by_word), []
        )
        ordered = (*self.labels[self.class_count :], *self.labels[: self.class_count])
        ranked = sorted(
            (rank, n, label.name)
            for n, label in enumerate(ordered)
            if (rank := -1 if label in meant else _begins(label, start)) is not None
        )
        return [name for _, _, name in ranked[:limit]]

    def _near(self, text: str) -> list[str]:
        begun = self.complete(text, _SUGGESTIONS) if len(_folded(text)) > 1 else []
        near = difflib.get_close_matches(_folded(text), self._by_word, _SUGGESTIONS, _LIKE)
        names = [*begun, *(self._by_word[word][0].name for word in near)]
        return list(dict.fromkeys(names))[:_SUGGESTIONS]


def read_vocabulary(classes: Path, kinds: Path | None) -> Vocabulary:
    """Read the names of classes, one a line after an identifier and a tab, and the kinds.

    Raises:
        ModelError: a file is missing or does not say what it should.
    """
    try:
        lines = classes.read_text(encoding="utf-8").splitlines()
        names = [line.rpartition("\t")[2] for line in lines if line.strip()]
        values = {} if kinds is None else tomllib.loads(kinds.read_text(encoding="utf-8"))
        return _vocabulary(names, values)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, SpecError) as error:
        raise ModelError(
            f"The names of what the network knows cannot be read ({error}).",
            "Export the model again with `make models`, or install Twinlens again.",
        ) from error


def _vocabulary(names: list[str], values: Table) -> Vocabulary:
    for number, name in value(values, "names", dict, {}).items():
        names[_class_number(number, len(names))] = str(name)
    words: Table = value(values, "words", dict, {})
    if unknown := sorted(words.keys() - set(names)):
        raise SpecError(f"there is no class called {unknown[0]}")
    labels = [Label(name, (n,), text_list(words, name)) for n, name in enumerate(names)]
    for kind in value(values, "kind", list, []):
        numbers = _numbers(value(kind, "classes", str), len(names))
        labels.append(Label(value(kind, "name", str), numbers, text_list(kind, "words")))
    return Vocabulary(tuple(labels), len(names))


def _numbers(text: str, count: int) -> tuple[int, ...]:
    """Read "1, 4-6" as 1, 4, 5, 6."""
    numbers: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        start = _class_number(first, count)
        numbers.update(range(start, _class_number(last or first, count) + 1))
    return tuple(sorted(numbers))


def _class_number(text: str, count: int) -> int:
    if not text.strip().isdigit() or not 0 <= int(text) < count:
        raise SpecError(f"'{text.strip()}' is no class")
    return int(text)


def _folded(text: str) -> str:
    """Return text as it is compared: small letters, one space between words."""
    return " ".join(text.casefold().replace("-", " ").replace("'", "").split())


def _without_note(name: str) -> str:
    """Return a name without what tells it from another: "crane (bird)" is a crane."""
    return name.partition(" (")[0]


def _readings(text: str) -> list[str]:
    """Return what may have been meant: the text itself, then the singular of its last word."""
    whole = _folded(text)
    start, _, last = whole.rpartition(" ")
    readings = [whole] if whole else []
    for ending, instead in (("ies", "y"), ("ves", "f"), ("es", ""), ("s", "")):
        if last.endswith(ending) and len(last) > len(ending) + 1:
            readings.append(f"{start} {last[: -len(ending)]}{instead}".strip())
    return readings


def _holds(label: Label, wanted: str) -> bool:
    return any(f" {wanted} " in f" {_folded(name)} " for name in (label.name, *label.words))


def _begins(label: Label, start: str) -> int | None:
    """Return 0 where the name begins so, 1 where one of its words or other names does."""
    name = _folded(label.name)
    if name.startswith(start):
        return 0
    others = (name, *(_folded(word) for word in label.words))
    return 1 if any(f" {start}" in f" {other}" for other in others) else None
