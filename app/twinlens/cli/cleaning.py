"""The verbs that put a library in order: decide, plan, apply, undo. Runs on the main thread."""

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twinlens.cli.common import (
    BAD_ANSWER,
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
    unless,
    verb,
)
from twinlens.errors import LibraryLockedError, UsageError
from twinlens.records import MatchClass
from twinlens.reports import CleanUp, Outcome, Plan

if TYPE_CHECKING:
    from twinlens.library import Library

#: Decisions about photos, and about folders.
OF_PHOTOS = ["keep", "keep-one", "trash", "not-duplicates", "keep-all", "forget"]
OF_FOLDERS = ["protect", "unprotect"]


@click.command()
@click.option("--within", type=ArgumentPath(), metavar="FOLDER", help="Only files in this folder.")
@click.option(
    "--match",
    type=click.Choice(MATCHES),
    default=MatchClass.RE_ENCODED.value,
    show_default=True,
    help="The weakest relation that makes a copy.",
)
@click.option(
    "--across",
    type=ArgumentPath(),
    metavar="FOLDER",
    help="Only copies of which one lies in this folder and one does not.",
)
@click.option(
    "--prefer",
    type=ArgumentPath(),
    multiple=True,
    metavar="FOLDER",
    help="Keep the file in this folder sooner (repeatable).",
)
@click.option("--show", is_flag=True, help="Show the plan that waits; make none.")
@click.option("--discard", is_flag=True, help="Throw the plan away that waits; make none.")
@click.option("--dry-run", is_flag=True, help="Show a plan without keeping it.")
@verb
def plan(
    within: Path | None,
    match: str,
    across: Path | None,
    prefer: tuple[Path, ...],
    show: bool,
    discard: bool,
    dry_run: bool,
    library_folder: Path | None,
    as_json: bool,
) -> int:
    """Plan which copies could go to the trash, and why; 'apply' carries it out.

    Nothing is moved. The plan is kept in the library folder until it is carried out, thrown away or
    replaced.
    """
    if show and discard:
        raise UsageError("Choose one of --show and --discard.")
    with open_library(library_folder) as library, stopping() as should_stop:
        if discard:
            there = library.discard_plan()
            tell("The plan was thrown away." if there else "No plan waits.")
            return DONE
        if show:
            made = library.saved_plan()
        else:
            with share_bar("Looking for duplicates") as told:
                look = partial(library.duplicates, should_stop=should_stop, told=told)
                look = partial(look, least=MatchClass(match), preferred=prefer)
                groups = look(within=within, across=across)
            if should_stop():
                # Of some groups only, nobody asked for one.
                tell("Stopped; no plan was made. What was compared need not be again.")
                return INTERRUPTED
            with share_bar("Making the plan") as told:
                made = library.plan(groups, keep=not dry_run, told=unless(should_stop, told))
    if made is None:
        tell("No plan waits; 'twinlens plan' makes one.")
        return DONE
    _put_plan(made, as_json)
    if not show and not dry_run and made.going:
        tell("Nothing was moved: 'twinlens apply' does it, 'twinlens plan --discard' forgets it.")
    return DONE


@click.command()
@click.option("--dry-run", is_flag=True, help="Check every file and move none.")
@verb
def apply(dry_run: bool, library_folder: Path | None, as_json: bool) -> int:
    """Move what the plan says to the trash; 'undo' takes it back."""
    with open_library(library_folder, writer=not dry_run) as library, stopping() as should_stop:
        outcomes = library.apply_plan(should_stop=should_stop, dry_run=dry_run)
        waits = library.saved_plan() is not None and not dry_run
    done = "would go to the trash" if dry_run else "went to the trash"
    _put_outcomes(outcomes, as_json, dry_run=dry_run, done=done, stayed="stays")
    if waits:
        tell("The rest of the plan waits: 'twinlens apply' goes on with it.")
        return INTERRUPTED
    return DONE


@click.command()
@click.argument("act", required=False)
@click.option("--review", is_flag=True, help="All acts of the plan that the act belongs to.")
@click.option("--list", "list_acts", is_flag=True, help="List what can be undone, newest first.")
@click.option("--dry-run", is_flag=True, help="Check every file and move none.")
@verb
def undo(
    act: str | None,
    review: bool,
    list_acts: bool,
    dry_run: bool,
    library_folder: Path | None,
    as_json: bool,
) -> int:
    """Take the newest act back, or the ACT that --list names.

    Files come back from the trash to where they were; a decision gives way to what held before it.
    """
    if list_acts and (act or review or dry_run):
        raise UsageError("--list goes with nothing else.")
    try:
        # With the writer's lock what was known of the files comes back with them.
        opened = open_library(library_folder, writer=not (list_acts or dry_run))
        with opened as library:
            acts = library.clean_ups()
            wanted = [] if list_acts else _chosen(acts, act, review)
            outcomes = library.undo_clean_ups(wanted, dry_run=dry_run)
    except LibraryLockedError:
        with open_library(library_folder) as library:
            acts = library.clean_ups()
            wanted = _chosen(acts, act, review)
            outcomes = library.undo_clean_ups(wanted, dry_run=dry_run)
    if list_acts:
        for item in acts:
            _put_act(item, as_json)
    if not acts:
        tell("There is nothing to undo.")
    if list_acts or not acts:
        return DONE
    done = "would be back" if dry_run else "is back"
    _put_outcomes(outcomes, as_json, dry_run=dry_run, done=done, stayed="stays in the trash")
    return BAD_ANSWER if any(outcome.problem for outcome in outcomes) else DONE


@click.command()
@click.argument("decision", type=click.Choice([*OF_PHOTOS, *OF_FOLDERS]), required=False)
@click.argument("paths", nargs=-1, type=ArgumentPath())
@click.option("--export", type=click.Path(path_type=Path), help="Write decisions to this file.")
@click.option(
    "--import", "taken_in", type=click.Path(path_type=Path), help="Take decisions in from a file."
)
@verb
def decide(
    decision: str | None,
    paths: tuple[Path, ...],
    export: Path | None,
    taken_in: Path | None,
    library_folder: Path | None,
    as_json: bool,
) -> None:
    """Decide about photos for good: what stays, what goes, what is no copy of what.

    'keep', 'keep-one' (of its copies), 'trash' and 'forget' are about each photo, 'not-duplicates'
    and 'keep-all' about all named together, 'protect' and 'unprotect' about folders. Decisions know
    photos by content, so they hold after a rename, and in another library that imports them.
    """
    if (decision is None) == (export is None and taken_in is None) or bool(paths) != bool(decision):
        raise UsageError("Give a decision with paths, or --export FILE, or --import FILE.")
    with open_library(library_folder) as library:
        if decision in OF_FOLDERS:
            for path in paths:
                library.protect(path, protected=decision == "protect")
            said = f"{len(paths)} folders: {decision}"
        elif decision is not None:
            contents = library.contents_of(paths)
            if decision == "forget":
                said = f"{library.take_back(contents)} decisions taken back"
            else:
                # How many copies lie elsewhere is not known here; the one that is named stays.
                named = zip(contents, paths, strict=True) if decision == "keep-one" else ()
                stay = {content: [path] for content, path in named}
                library.decide(decision, contents, files=0 if stay else len(paths), staying=stay)
                said = f"{len(paths)} photos: {decision}"
        else:
            said = _carry(library, export, taken_in)
    if as_json:
        put_json({"decision": decision, "paths": [fsname(path) for path in paths], "said": said})
    else:
        put_line(said)


def _put_plan(made: Plan, as_json: bool) -> None:
    from twinlens.library.planning import fields_of

    for row in made.rows:
        if as_json:
            put_json(fields_of(row))
        elif row.act == "trash" or row.refused:
            note = f"; stays: {row.refused}" if row.refused else ""
            put_line(f"{row.act:6} {row.path}  ({row.why}{note})")
    refused = sum(bool(row.refused) for row in made.rows)
    tell(
        f"{len(made.going):,} of {len(made.rows):,} files would go to the trash, "
        f"{made.gained / 1e6:,.1f} MB; {refused:,} refused."
        if made.rows
        else "There are no copies to plan for."
    )


def _put_outcomes(
    outcomes: list[Outcome], as_json: bool, *, dry_run: bool, done: str, stayed: str
) -> None:
    for outcome in outcomes:
        if as_json:
            put_json(
                {
                    "path": None if outcome.path is None else fsname(outcome.path),
                    "act": outcome.act,
                    "done": not outcome.problem and not dry_run,
                    "problem": outcome.problem or None,
                    "bytes": outcome.size,
                }
            )
        else:
            name = "a decision" if outcome.path is None else str(outcome.path)
            put_line(f"{name} {f'{stayed}: {outcome.problem}' if outcome.problem else done}")
    well = [outcome for outcome in outcomes if not outcome.problem]
    megabytes = sum(outcome.size for outcome in well) / 1e6
    left = len(outcomes) - len(well)
    tell(
        f"{len(well):,} {'checked' if dry_run else 'done'}, {megabytes:,.1f} MB; {left:,} not done."
    )


def _put_act(item: CleanUp, as_json: bool) -> None:
    if as_json:
        put_json(
            {
                "act": item.act,
                "review": item.review or None,
                "at": item.at,
                "files": len(item.paths),
                "decisions": item.decisions,
                "paths": [fsname(path) for path in item.paths],
            }
        )
    else:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(item.at))
        what = f"{item.decisions} decisions" if item.decisions else f"{len(item.paths)} files"
        put_line(f"{item.act}  {when}  {what}")


def _carry(library: "Library", export: Path | None, taken_in: Path | None) -> str:
    """Write decisions to a file, or take them in from one; return what was done."""
    try:
        if export is not None:
            lines = library.export_decisions()
            export.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
            return f"{len(lines)} decisions written to {export}"
        assert taken_in is not None
        with taken_in.open(encoding="utf-8") as stream:
            taken, bad = library.import_decisions(stream)
    except (OSError, UnicodeError) as error:
        raise UsageError(f"{export or taken_in} cannot be used ({error}).") from error
    return f"{taken} decisions taken in" + (f", {bad} lines are none" if bad else "")


def _chosen(acts: list[CleanUp], act: str | None, review: bool) -> list[CleanUp]:
    found = [item for item in acts if act is None or item.act == act][:1]
    if act is not None and not found:
        raise UsageError(
            f"There is no act {act}; nothing was undone.", "See 'twinlens undo --list'."
        )
    if review and found and found[0].review:
        return [item for item in acts if item.review == found[0].review]
    return found
