"""The verbs that look after folders. Runs on the main thread."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from twinlens.cli.common import (
    BAD_ANSWER,
    INTERRUPTED,
    ArgumentPath,
    fsname,
    open_library,
    put_json,
    put_line,
    stopping,
    tell,
    verb,
)
from twinlens.errors import UsageError
from twinlens.library import Library
from twinlens.records import SKIPPED_CODES
from twinlens.reports import ChangeEvent, IndexCounts, Status

NAMED_SKIPPED = 5
ACTIVITIES = {"closer": "Looking closer"}


@click.command()
@click.argument("folder", nargs=-1, type=ArgumentPath())
@click.option("--strict", is_flag=True, help="Exit with 1 when a file could not be read.")
@click.option("--retry", is_flag=True, help="Try the files that failed before once more.")
@click.option(
    "--quick",
    is_flag=True,
    help="Stop when all is searchable; leave the closer look at the photos to a later run.",
)
@click.option(
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    help="Leave out files and folders of that name in the folders named (repeatable; '' for none).",
)
@verb
def index(
    folder: tuple[Path, ...],
    strict: bool,
    retry: bool,
    quick: bool,
    exclude: tuple[str, ...],
    library_folder: Path | None,
    as_json: bool,
) -> int:
    """Add the folders (none: all known ones) and bring them up to date."""
    if exclude and not folder:
        raise UsageError("--exclude has no meaning without a folder; nothing was done.")
    patterns = tuple(pattern for pattern in exclude if pattern) if exclude else None
    with open_library(library_folder, writer=True) as library, stopping() as should_stop:
        wanted = [library.add_folder(item, patterns).folder for item in folder]
        if not library.folders():
            tell("The library has no folders yet. Add one: twinlens index FOLDER.")
        with progress_bar(library):
            counts = library.index_folders(
                wanted, should_stop=should_stop, retry=retry, closer=not quick
            )
        stopped = should_stop()
        offline = [item for item in library.folders() if item.state == "offline"]
    if as_json:
        put_json(counts_fields(counts))
    else:
        put_line(summary(counts))
    for item in offline:
        tell(item.note or f"{item.folder} is offline; its photos stay searchable.")
    if counts.failed and not as_json:
        tell(f"{counts.failed} files could not be read: see 'twinlens failures'.")
    if stopped:
        tell("Interrupted; everything up to here is kept. Run the same again to go on.")
        return INTERRUPTED
    return BAD_ANSWER if strict and counts.failed else 0


@click.command()
@verb
def watch(library_folder: Path | None, as_json: bool) -> int:
    """Keep all folders up to date until interrupted."""
    with open_library(library_folder, writer=True) as library, stopping() as should_stop:
        if not library.folders():
            tell("The library has no folders yet. Add one: twinlens index FOLDER.")
            return 2
        worker = library.start_watching()
        tell("Watching; Ctrl+C stops.")
        notes: dict[Path, str] = {}
        while not should_stop() and worker.alive:
            for event in worker.events(timeout=0.2):
                _put_event(event, as_json)
            for item in library.folders():
                if item.note and notes.get(item.folder) != item.note:
                    notes[item.folder] = item.note
                    tell(item.note)
        library.stop_watching()
        for event in worker.events(timeout=0):
            _put_event(event, as_json)
        if worker.error is not None:
            raise worker.error
    return INTERRUPTED


@click.command()
@verb
def folders(library_folder: Path | None, as_json: bool) -> None:
    """List the folders of the library and what they are doing."""
    with open_library(library_folder) as library:
        for item in library.folders():
            if as_json:
                put_json(
                    {
                        "folder": fsname(item.folder),
                        "state": item.state.value,
                        "files": item.files,
                        "note": item.note,
                    }
                )
            else:
                put_line(f"{item.state.value:12} {item.files:9,}  {item.folder}  {item.note}")


@click.command()
@click.argument("folder", type=ArgumentPath())
@verb
def forget(folder: Path, library_folder: Path | None, as_json: bool) -> None:
    """Stop knowing a folder. Its files stay where they are."""
    with open_library(library_folder) as library:
        library.forget_folder(folder)
    if as_json:
        put_json({"folder": fsname(folder), "forgotten": True})
    else:
        put_line(f"{folder} is forgotten; its files were not touched.")


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also name every file left out on purpose.")
@verb
def failures(everything: bool, library_folder: Path | None, as_json: bool) -> None:
    """Say which files are not searchable, and why."""
    with open_library(library_folder) as library:
        found = library.failures()
    skipped: dict[str, list[str]] = {}
    for item in found:
        if as_json:
            put_json(
                {
                    "path": fsname(item.path),
                    "code": item.code,
                    "reason": item.reason,
                    "hint": item.hint,
                }
            )
        elif item.code in SKIPPED_CODES and not everything:
            skipped.setdefault(item.code, []).append(str(item.path))
        else:
            put_line(str(item.path))
            put_line(f"    {item.reason} {item.hint}".rstrip())
    for code, names in skipped.items():
        more = f" and {len(names) - NAMED_SKIPPED} more" if len(names) > NAMED_SKIPPED else ""
        put_line(f"Left out, {code}: {', '.join(names[:NAMED_SKIPPED])}{more}")
    if not found:
        tell("Every file could be read.")


def counts_fields(counts: IndexCounts) -> dict[str, object]:
    """Return the JSON fields of an index run."""
    return {
        "found": counts.found,
        "added": counts.added,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "renamed": counts.renamed,
        "removed": counts.removed,
        "failed": counts.failed,
        "skipped": counts.skipped,
        "seconds": round(counts.seconds, 3),
        "photos_per_second": round(counts.photos_per_second, 1),
        "looked_closer": counts.looked_closer,
        "closer_seconds": round(counts.closer_seconds, 3),
    }


def summary(counts: IndexCounts) -> str:
    """Return what an index run did, in one line."""
    parts = [
        f"{number:,} {word}"
        for word, number in (
            ("added", counts.added),
            ("updated", counts.updated),
            ("renamed", counts.renamed),
            ("unchanged", counts.unchanged),
            ("removed", counts.removed),
            ("failed", counts.failed),
            ("left out", counts.skipped),
        )
        if number
    ]
    line = f"{counts.found:,} photos: {', '.join(parts) or 'nothing'}; {counts.seconds:.1f} s"
    if counts.looked_closer:
        line += f"; looked closer at {counts.looked_closer:,} in {counts.closer_seconds:.1f} s"
    return line


@contextmanager
def progress_bar(library: Library) -> Iterator[None]:
    """Show a bar with rate and time left on a terminal's stderr while the body runs."""
    if not sys.stderr.isatty():
        yield
        return
    done = threading.Event()
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Looking at folders", total=None, rate="")

        def poll() -> None:
            while not done.wait(0.1):
                status = library.status()
                bar.update(
                    task,
                    description=ACTIVITIES.get(status.activity, status.activity.capitalize()),
                    completed=status.done,
                    total=status.total or None,
                    rate=pace(status),
                )

        thread = threading.Thread(target=poll, name="progress-bar")
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def pace(status: Status) -> str:
    """Return "96 photos/s · 1 min 37 s left", as far as it is known."""
    parts = [f"{status.rate:,.0f} photos/s"] if status.rate else []
    if status.seconds_left is not None:
        minutes, seconds = divmod(round(status.seconds_left), 60)
        hours, minutes = divmod(minutes, 60)
        if hours:
            parts.append(f"{hours} h {minutes} min left")
        elif minutes:
            parts.append(f"{minutes} min {seconds} s left")
        else:
            parts.append(f"{seconds} s left")
    return " · ".join(parts)


def _put_event(event: ChangeEvent, as_json: bool) -> None:
    if as_json:
        put_json(
            {
                "event": event.event.value,
                "path": fsname(event.path),
                "from": None if event.source is None else fsname(event.source),
                "seconds": round(event.seconds, 3),
                "time": time.time(),
            }
        )
        return
    source = f" (from {event.source})" if event.source else ""
    put_line(f"{event.event.value:8} {event.path}{source}  {event.seconds:.1f} s")
    sys.stdout.flush()
