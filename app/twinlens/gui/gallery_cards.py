"""Galleries as the window lists them: order, titles, what belongs to none. Pure; any thread."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

import numpy as np
from PySide6.QtCore import QDate, QLocale

from twinlens.gui.text import tr
from twinlens.gui.wording import photo_count
from twinlens.records import Gallery

#: Photos that a card shows.
ON_CARD = 3


class Sort(StrEnum):
    """What decides the order of galleries; pinned ones come first in any."""

    SIZE = "size"
    DATE = "date"
    TITLE = "title"


def arranged(galleries: Iterable[Gallery], sort: Sort, text: str = "") -> list[Gallery]:
    """Return the galleries whose title has a text, in an order; what is of no gallery comes last.

    SIZE is the largest first, DATE the newest first with undated ones last, TITLE by alphabet.
    """
    wanted = text.strip().casefold()
    found = [one for one in galleries if wanted in one.title.casefold()]
    if sort is Sort.DATE:
        found.sort(key=lambda one: one.last or "", reverse=True)
    elif sort is Sort.TITLE:
        found.sort(key=lambda one: one.title.casefold())
    else:
        found.sort(key=lambda one: -len(one.photos))
    found.sort(key=lambda one: (is_rest(one), not one.pinned))
    return found


def rest_of(photo_ids: Sequence[int], galleries: Iterable[Gallery], level: int) -> Gallery | None:
    """Return the photos that are in none of the galleries as if they were one; None for none."""
    inside = [np.array(one.photos, dtype=np.int64) for one in galleries]
    ids = np.array(photo_ids, dtype=np.int64)
    left = np.setdiff1d(ids, np.concatenate(inside)) if inside else ids
    if not len(left):
        return None
    photos = tuple(left.tolist())
    title = tr("In no gallery")
    return Gallery("", level, title, None, None, None, photos, photos[-1], None)


def is_rest(gallery: Gallery) -> bool:
    """Tell whether it is what `rest_of` returns."""
    return not gallery.gallery


def on_card(gallery: Gallery) -> list[int]:
    """Return the photos that a card shows: the cover, then others from all over the gallery."""
    others = [number for number in gallery.photos if number != gallery.cover]
    step = max(1, len(others) // (ON_CARD - 1))
    return [gallery.cover, *others[step // 2 :: step]][:ON_CARD]


def facts(gallery: Gallery) -> str:
    """Return how many photos there are and when they were taken, in short."""
    days = days_text(gallery)
    count = photo_count(len(gallery.photos))
    return f"{count} · {days}" if days else count


def days_text(gallery: Gallery) -> str:
    """Return the first and last day on which nearly all were taken; empty where none is known."""
    days = [
        QDate.fromString((time or "")[:10], "yyyy-MM-dd") for time in (gallery.first, gallery.last)
    ]
    if not all(day.isValid() for day in days):
        return ""
    first, last = (QLocale().toString(day, QLocale.FormatType.ShortFormat) for day in days)
    return first if first == last else f"{first} – {last}"


def spoken(gallery: Gallery) -> str:
    """Return what a screen reader says of a gallery."""
    words = [gallery.title, facts(gallery)]
    if gallery.pinned:
        words.append(tr("pinned"))
    return ", ".join(words)
