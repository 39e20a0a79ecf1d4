"""The verb for browsing by likeness. Runs on the main thread."""

from pathlib import Path

import click

from twinlens.cli.common import fsname, open_library, put_json, put_line, share_bar, tell, verb
from twinlens.errors import UsageError
from twinlens.library.galleries import LEVEL


@click.command()
@click.option(
    "--coarse",
    type=click.IntRange(0, 4),
    default=LEVEL,
    show_default=True,
    metavar="N",
    help="From 0, many galleries of few photos, to 4, few of many.",
)
@click.option("--name", nargs=2, metavar="GALLERY TITLE", help="Call a gallery so; '' undoes it.")
@click.option("--pin", metavar="GALLERY", help="Have a gallery come first and keep its photos.")
@click.option("--unpin", metavar="GALLERY", help="The opposite.")
@click.option("--anew", is_flag=True, help="Look at all photos again, not only at new ones.")
@verb
def galleries(
    coarse: int,
    name: tuple[str, str] | None,
    pin: str | None,
    unpin: str | None,
    anew: bool,
    library_folder: Path | None,
    as_json: bool,
) -> None:
    """List groups of photos that look alike, titled by what they show and when."""
    if pin is not None and pin == unpin:
        raise UsageError("A gallery is either pinned or not; nothing was done.")
    with open_library(library_folder) as library:
        if name is not None:
            library.name_gallery(*name)
        if pin is not None:
            library.pin_gallery(pin)
        if unpin is not None:
            library.pin_gallery(unpin, pinned=False)
        with share_bar("Making galleries") as told:
            found = library.galleries(coarse, anew=anew, told=told)
        places = library.places(number for one in found for number in one.photos)
    for one in found:
        paths = [fsname(path) for number in one.photos for path in places.get(number, [])]
        if as_json:
            put_json(
                {
                    "gallery": one.gallery,
                    "title": one.title,
                    "paths": paths,
                    "cover": next(map(fsname, places.get(one.cover, [])), None),
                    "parent": one.parent,
                    "pinned": one.pinned,
                    "named": one.named,
                }
            )
        else:
            pinned = "  (pinned)" if one.pinned else ""
            put_line(f"{one.gallery}  {len(paths):6,}  {one.title}{pinned}")
    if not found:
        tell("No photos are alike enough to make a gallery; --coarse 4 asks for the least.")
