"""Why there are no galleries, and no map, to show. Runs on the GUI thread."""

from twinlens.gui.empty_state import Emptiness
from twinlens.gui.text import tr

#: The level with the fewest and largest galleries; 0 is the finest.
COARSEST = 4


def getting_ready() -> Emptiness:
    """Return what is shown until photos can be compared."""
    sentence = tr("Photos can be compared in a moment.")
    return Emptiness("galleries", tr("Getting ready …"), sentence)


def sorting(share: float = 0.0) -> Emptiness:
    """Return what is shown while galleries are made; `share` of the photos was compared."""
    sentence = tr(
        "Photos that look alike are put together. Of a large library that takes a minute or two "
        "the first time; you can go on with something else."
    )
    link = ("all_photos", tr("Show all photos"))
    return Emptiness("galleries", tr("Making galleries …"), sentence, link=link, share=share)


def no_photos() -> Emptiness:
    """Return what is shown where there is nothing to sort."""
    return Emptiness(
        "galleries",
        tr("Galleries are made of your photos."),
        tr("Add a folder: photos that look alike come together here by themselves."),
        ("add_folder", tr("Add a folder …")),
    )


def no_gallery(level: int) -> Emptiness:
    """Return what is shown where no photos are alike enough at a level."""
    sentence = tr("A gallery takes at least three photos that look alike.")
    link = ("all_photos", tr("Show all photos"))
    if level < COARSEST:
        primary = ("coarser", tr("Make them coarser"))
        return Emptiness("galleries", tr("No galleries at this level."), sentence, primary, link)
    return Emptiness("galleries", tr("No galleries yet."), sentence, link, None)


def no_title(text: str) -> Emptiness:
    """Return what is shown where no gallery has such a title."""
    return Emptiness(
        "search",
        tr("No gallery is called “{0}”.").format(text),
        tr("Another level may have one."),
        ("clear_titles", tr("Show all galleries")),
    )


def trouble(sentence: str, hint: str) -> Emptiness:
    """Return what is shown where galleries, or the map, could not be made."""
    return Emptiness("circle-alert", sentence, hint, ("again", tr("Try again")))
