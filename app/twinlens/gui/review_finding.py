"""What looking for groups comes to. Runs off the GUI thread."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from twinlens.gui.review_filters import SETS, Scope
from twinlens.reports import Review

if TYPE_CHECKING:
    from twinlens.library import Library


@dataclass(frozen=True, slots=True)
class Found:
    """The groups, how many photos were not looked at closely, and whether all were compared.

    `staying` are the files that were chosen of contents with several; `size` counts the photos and
    files of the library of which these are the groups.
    """

    reviews: list[Review]
    unseen: int
    stopped: bool
    staying: frozenset[Path]
    size: tuple[int, int]


def find_groups(
    library: "Library",
    scope: Scope,
    should_stop: Callable[[], bool],
    told: Callable[[float], None],
) -> Found:
    """Return the groups of a scope; for the rest see `Library.duplicates`."""
    # Counted before: what comes meanwhile is offered rather than lost.
    size = library.photo_count(), sum(folder.files for folder in library.folders())
    if scope.state == SETS:
        groups = library.kept_sets()
    else:
        groups = library.duplicates(
            least=scope.least,
            within=scope.within,
            across=scope.across,
            rules=scope.rules,
            preferred=scope.preferred,
            bursts=scope.bursts,
            should_stop=should_stop,
            told=told,
        )
    reviews, unseen = library.reviewed(groups), library.unseen_count()
    return Found(reviews, unseen, should_stop(), library.decided().staying, size)
