"""Reads lines of a TOML table as the kinds they must have. Runs on every thread."""

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")
Table = Mapping[str, object]

LARGEST = 65536


class SpecError(Exception):
    """A line is missing or of the wrong kind; the message names it."""


def table(values: Table, key: str) -> Table:
    """Return a table inside a table."""
    return value(values, key, dict)


def value(values: Table, key: str, kind: type[T], default: T | None = None) -> T:
    """Return the value of a line; without a default the line must be there."""
    found = values.get(key, default)
    if found is None:
        raise SpecError(f"{key} is missing")
    if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
        raise SpecError(f"{key} must be a {kind.__name__}")
    return found


def positive(values: Table, key: str) -> int:
    """Return a whole number from 1 to 65536."""
    number = value(values, key, int)
    if not 0 < number <= LARGEST:
        raise SpecError(f"{key} must be a whole number from 1 to {LARGEST}")
    return number


def triple(values: Table, key: str) -> tuple[float, float, float]:
    """Return three numbers, one a colour channel."""
    items = value(values, key, list)
    numbers = [float(item) for item in items if isinstance(item, int | float)]
    if len(items) != 3 or len(numbers) != 3:
        raise SpecError(f"{key} must be three numbers, one a channel")
    return numbers[0], numbers[1], numbers[2]


def pair(values: Table, key: str) -> tuple[float, float]:
    """Return two numbers."""
    items = value(values, key, list)
    numbers = [float(item) for item in items if isinstance(item, int | float)]
    if len(items) != 2 or len(numbers) != 2:
        raise SpecError(f"{key} must be two numbers")
    return numbers[0], numbers[1]


def text_list(values: Table, key: str) -> tuple[str, ...]:
    """Return a list of texts; none where the line is missing."""
    items = value(values, key, list, [])
    if not all(isinstance(item, str) for item in items):
        raise SpecError(f"{key} must be a list of texts")
    return tuple(items)
