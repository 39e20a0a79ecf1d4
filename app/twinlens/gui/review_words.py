"""What the pages of duplicates say of themselves. Pure; runs on the GUI thread."""

from collections.abc import Sequence

from twinlens.errors import AppError
from twinlens.gui.empty_state import Emptiness
from twinlens.gui.review_filters import DECIDED, SETS, Scope
from twinlens.gui.text import files, tr
from twinlens.gui.wording import name_text, percent, photo_count
from twinlens.reports import Outcome


def elsewhere() -> str:
    """Return why nothing can be decided here."""
    return tr("Another Twinlens uses this library, so decisions can only be made there.")


def looking(share: float | None = None) -> Emptiness:
    """Return what is shown while photos are compared; `share` of the work is done."""
    said = tr("What was compared once is remembered, so the next time is quick.")
    stop = ("stop", tr("Stop (Esc)"))
    title = tr("Looking for duplicates …")
    return Emptiness("copy-check", title, said, link=stop, share=share or 0.0)


def busy(share: float | None = None) -> str:
    """Return what is said below groups while photos are compared again."""
    title = tr("Looking for duplicates …")
    return title if share is None else f"{title} {percent(share)}"


def failed(error: AppError) -> Emptiness:
    """Return what is shown where photos cannot be compared."""
    return Emptiness("circle-alert", error.message, error.hint, ("again", tr("Try again")))


def nothing(scope: Scope, *, photos: int, has_groups: bool) -> Emptiness:
    """Return why no group is shown; `has_groups` where there are some in another state."""
    if not photos:
        said = tr("Add a folder: copies of the same picture come together here, to choose from.")
        add = ("add_folder", tr("Add a folder …"))
        return Emptiness("copy-check", tr("Duplicates are found among your photos."), said, add)
    back = ("open", tr("Back to duplicates"))
    if scope.state == SETS:
        said = tr("A RAW with its JPEG, a Live Photo, a bracket or a burst is a set.")
        return Emptiness("layers", tr("No sets were found."), said, link=back)
    if scope.state == DECIDED:
        return Emptiness("list-checks", tr("Nothing is decided yet."), link=back)
    if has_groups:
        said = tr("Nothing has been moved: the plan shows first what would happen.")
        plan = ("plan", tr("Plan the clean-up …"))
        seen = ("decided", tr("See what was decided"))
        return Emptiness("circle-check", tr("Every group is decided."), said, plan, seen)
    if scope.narrows:
        clear = ("clear-scope", tr("Look in all folders"))
        return Emptiness("list-filter", tr("No duplicates in these folders."), "", clear)
    if scope.bursts:
        said = tr("A burst is alike shots that one camera took within seconds.")
        copies = ("copies", tr("Look for copies"))
        return Emptiness("layers", tr("No bursts were found."), said, copies)
    said = tr("Every photo is there once, or you decided that its copies stay.")
    every = ("all_photos", tr("Show all photos"))
    return Emptiness("circle-check", tr("No duplicates."), said, link=every)


def notices(*, stopped: bool, stale: bool, unseen: int, read_only: bool) -> tuple[str, bool]:
    """Return what has to be said below the groups, and whether looking again would help."""
    said = []
    if stopped:
        said.append(tr("Stopped: these are the groups found so far."))
    if stale:
        said.append(tr("Photos have come or gone."))
    if unseen:
        said.append(
            tr(
                "{0} still wait for a closer look, so cropped and turned copies of them may be "
                "missing. It is taken while nothing else is to do; look again later."
            ).format(photo_count(unseen))
        )
    offer = bool(said)
    if read_only:
        said.append(elsewhere())
    return " ".join(said), offer


def applied(outcomes: Sequence[Outcome], *, stopped: bool) -> str:
    """Return what came of a clean-up."""
    moved = sum(not outcome.problem for outcome in outcomes)
    said = [tr("Moved {0} to the trash.").format(files(moved))]
    said += _stayed(outcomes, tr("{0} stayed; {1}: {2}."))
    if stopped:
        said.append(tr("Stopped; the rest of the plan waits."))
    return " ".join(said)


def undone(outcomes: Sequence[Outcome]) -> str:
    """Return what came of taking acts back; empty where nothing did."""
    back = sum(one.path is not None and not one.problem for one in outcomes)
    said = []
    if back == 1:
        said.append(tr("1 file is back where it was."))
    elif back:
        said.append(tr("{0} are back where they were.").format(files(back)))
    if any(one.path is None for one in outcomes):
        said.append(tr("What was decided is taken back."))
    said += _stayed(outcomes, tr("{0} stayed in the trash; {1}: {2}."))
    return " ".join(said)


def _stayed(outcomes: Sequence[Outcome], sentence: str) -> list[str]:
    stayed = [outcome for outcome in outcomes if outcome.problem]
    if not stayed:
        return []
    path = stayed[0].path
    name = name_text(path) if path is not None else ""
    return [sentence.format(files(len(stayed)), name, stayed[0].problem)]
