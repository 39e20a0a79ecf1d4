"""The verb that shows duplicates. Runs on the main thread."""

from pathlib import Path

import click

from twinlens.cli.common import (
    DONE,
    INTERRUPTED,
    MATCHES,
    ArgumentPath,
    fsname,
    open_library,
    put_json,
    put_line,
    share_bar,
    stopping,
    tell,
    verb,
)
from twinlens.curate.duplicates import to_best
from twinlens.records import MatchClass
from twinlens.reports import Group


@click.command()
@click.option("--within", type=ArgumentPath(), metavar="FOLDER", help="Only files in FOLDER.")
@click.option(
    "--across",
    type=ArgumentPath(),
    metavar="FOLDER",
    help="Only what is in FOLDER and outside of it too: what of a card is here already?",
)
@click.option(
    "--match",
    type=click.Choice(MATCHES),
    default=MatchClass.EDITED.value,
    show_default=True,
    help="The weakest relation that makes a copy; same-scene finds shots of the same.",
)
@click.option(
    "--rule",
    "rules",
    multiple=True,
    metavar="RULE",
    help="What makes the best: intact, metadata, resolution, format, compression, sharpness, date "
    "or folder; repeat it, most important first (default: all, in this order).",
)
@click.option(
    "--prefer",
    multiple=True,
    type=ArgumentPath(),
    metavar="FOLDER",
    help="A folder in which a file is better kept.",
)
@click.option("--all", "settled", is_flag=True, help="Also what you decided to keep as it is.")
@click.option(
    "--bursts",
    is_flag=True,
    help="Instead of copies, alike shots that one camera took within seconds of each other.",
)
@click.option("--sets", is_flag=True, help="Show what belongs together instead, such as RAW+JPEG.")
@verb
def duplicates(
    within: Path | None,
    across: Path | None,
    match: str,
    rules: tuple[str, ...],
    prefer: tuple[Path, ...],
    settled: bool,
    bursts: bool,
    sets: bool,
    library_folder: Path | None,
    as_json: bool,
) -> int:
    """Show files of the same picture, group by group, the best of each first.

    Nothing is changed. What was compared once is remembered.
    """
    with open_library(library_folder) as library, stopping() as should_stop:
        if sets:
            found = library.kept_sets()
        else:
            with share_bar("Looking for duplicates") as told:
                found = library.duplicates(
                    least=MatchClass(match),
                    within=within,
                    across=across,
                    rules=rules,
                    preferred=prefer,
                    bursts=bursts,
                    should_stop=should_stop,
                    told=told,
                )
            found = found if settled else library.open_groups(found)
        waiting = library.unseen_count()
        stopped = should_stop()
    for group in found:
        put_json(fields(group)) if as_json else _put_group(group)
    if waiting:
        tell(
            f"{waiting:,} photos still wait for a closer look, so cropped and turned copies of "
            "them may be missing; 'twinlens index' takes it."
        )
    if stopped:
        tell("Stopped: only some groups are shown. What was compared need not be again.")
    elif not found:
        tell("Nothing was found.")
    return INTERRUPTED if stopped else DONE


def fields(group: Group) -> dict[str, object]:
    """Return the JSON fields of a group; `gain` counts the bytes of all files but the best."""
    sizes = {member.path: member.size for member in group.members}
    return {
        "group": group.group,
        "match": group.match.value,
        "best": fsname(group.best),
        "paths": [fsname(member.path) for member in group.members],
        "members": [
            {
                "path": fsname(member.path),
                "match": member.match.value,
                "to_best": to_best(group, member).value,
                "score": member.score,
                "size": member.size,
                "reasons": list(member.reasons),
            }
            for member in group.members
        ],
        "kept_as": group.kept_as,
        "gain": 0 if group.kept_as else sum(sizes.values()) - sizes[group.best],
    }


#: What a file is to the one that is suggested for keeping.
_TO_BEST = {
    MatchClass.SAME_BYTES: "the same file",
    MatchClass.SAME_PIXELS: "the same pixels",
    MatchClass.RE_ENCODED: "the same picture, saved again",
    MatchClass.EDITED: "an edited version",
    MatchClass.SAME_SCENE: "another shot of the same",
}


def _put_group(group: Group) -> None:
    put_line(f"{group.kept_as or group.match.value}, {len(group.members)} files")
    for member in group.members:
        best = member.path == group.best and not group.kept_as
        put_line(f" {'*' if best else ' '} {fsname(member.path)}")
        if group.kept_as:
            said = list(member.reasons)
        elif best:
            said = ["stays", *member.reasons]
        else:
            said = [_TO_BEST[to_best(group, member)], *member.reasons]
        if said:
            put_line(f"     {'; '.join(said)}")
