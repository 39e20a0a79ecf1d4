"""Why there is no map to show. Runs on the GUI thread."""

from twinlens.gui.empty_state import Emptiness
from twinlens.gui.text import tr

#: With fewer photos there is nothing to find one's way in.
FEWEST = 4


def drawing(share: float = 0.0) -> Emptiness:
    """Return what is shown while the map is made; `share` of the work is done."""
    sentence = tr(
        "Photos that look alike are laid beside each other. Of a large library that takes a minute "
        "or two the first time; you can go on with something else."
    )
    link = ("all_photos", tr("Show all photos"))
    return Emptiness("scatter", tr("Drawing the map …"), sentence, link=link, share=share)


def too_few() -> Emptiness:
    """Return what is shown where there are too few photos for a map."""
    return Emptiness(
        "scatter",
        tr("A map takes a few more photos."),
        tr("Add a folder: photos that look alike come to lie near each other."),
        ("add_folder", tr("Add a folder …")),
        ("all_photos", tr("Show all photos")),
    )
