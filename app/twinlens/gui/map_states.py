"""Why there is no map to show. Runs on the GUI thread."""

from twinlens.gui.empty_state import Emptiness
from twinlens.gui.text import tr
from twinlens.gui.wording import percent

#: With fewer photos there is nothing to find one's way in.
FEWEST = 4


def drawing(share: float | None = None) -> Emptiness:
    """Return what is shown while the map is made; `share` of the work is done."""
    sentence = tr(
        "Photos that look alike are laid beside each other. Of a large library that takes a minute "
        "or two the first time; you can go on with something else."
    )
    if share is not None:
        done = tr("Done: {0}").format(percent(share))
        # On a line of its own, so that a number that changes moves nothing.
        sentence = f"{done}\n{sentence}"
    title = tr("Drawing the map …")
    return Emptiness("scatter", title, sentence, link=("all_photos", tr("Show all photos")))


def too_few() -> Emptiness:
    """Return what is shown where there are too few photos for a map."""
    return Emptiness(
        "scatter",
        tr("A map takes a few more photos."),
        tr("Add a folder: photos that look alike come to lie near each other."),
        ("add_folder", tr("Add a folder …")),
        ("all_photos", tr("Show all photos")),
    )
