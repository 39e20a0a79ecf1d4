"""Titles of galleries, from what they show and when it was. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import PurePath

#: One photo in so many may have been taken at another time without the title telling.
ODD_ONE_IN = 20
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def span(times: Sequence[str | None]) -> tuple[str | None, str | None]:
    """Return the times (ISO 8601) between which nearly all photos were taken.

    None where less than half of them have one.
    """
    known = sorted(time for time in times if time)
    if not known or 2 * len(known) < len(times):
        return None, None
    odd = len(known) // ODD_ONE_IN // 2
    return known[odd], known[-1 - odd]


def words_of_span(first: str | None, last: str | None) -> str:
    """Return a day, month, year, or years; empty where the times are none."""
    try:
        start, end = (date.fromisoformat((time or "")[:10]) for time in (first, last))
    except ValueError:
        return ""
    if start == end:
        return f"{start.day} {_MONTHS[start.month - 1]} {start.year}"
    if (start.year, start.month) == (end.year, end.month):
        return f"{_MONTHS[start.month - 1]} {start.year}"
    return str(start.year) if start.year == end.year else f"{start.year}–{end.year}"


def common_folder(paths: Sequence[str]) -> str | None:
    """Return the name of the folder that more than half of the files lie in, if there is one."""
    folders = Counter(PurePath(path).parent for path in paths)
    for folder, count in folders.most_common(1):
        if 2 * count > len(paths) and folder.name:
            return folder.name
    return None


def told_apart(made: Sequence[str | None], hints: Sequence[str | None]) -> list[str | None]:
    """Return titles of which no two are the same: what the cover shows is added, else a number.

    Args:
        made: titles in the order in which they are numbered; None stays as it is.
        hints: what is to be added to each where another one is the same.
    """
    often = Counter(made)
    hinted = [
        title
        if title is None or often[title] < 2 or not hint or hint.casefold() in title.casefold()
        else f"{title}: {hint}"
        for title, hint in zip(made, hints, strict=True)
    ]
    seen: Counter[str | None] = Counter()
    found: list[str | None] = []
    for title in hinted:
        seen[title] += 1
        repeated = title is not None and seen[title] > 1
        found.append(f"{title} ({seen[title]})" if repeated else title)
    return found


def made_title(
    label: str | None,
    folder: str | None,
    first: str | None,
    last: str | None,
    *,
    with_folder: bool = False,
) -> str:
    """Return the title of a gallery that nobody named.

    The folder stands in for a label, or with `with_folder` beside one that other galleries have.
    """
    what = [label[:1].upper() + label[1:]] if label else []
    if folder and (with_folder or not what) and folder.casefold() != (label or "").casefold():
        what.append(folder)
    parts = [*what, words_of_span(first, last)]
    return ", ".join(part for part in parts if part) or "Photos alike"
