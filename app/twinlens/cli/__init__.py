"""The command line: `twinlens` and its verbs. Runs on the main thread."""

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from twinlens import __version__
from twinlens.cli import asking, indexing, keeping, measuring
from twinlens.cli.common import (
    DONE,
    INTERRUPTED,
    UNUSABLE,
    ArgumentPath,
    OutputFault,
    library_option,
    tell,
)
from twinlens.errors import AppError
from twinlens.settings import default_library_folder as default_folder

#: Takes the library folder and the folders to add; returns an exit status.
OpenWindow = Callable[[Path, tuple[Path, ...]], int | None]


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="twinlens")
@click.option(
    "--add", multiple=True, type=ArgumentPath(), metavar="FOLDER", help="Add a folder first."
)
@library_option
@click.pass_context
def main(ctx: click.Context, add: tuple[Path, ...], library_folder: Path | None) -> None:
    """Find the photos on your own disks that look like the one in your hand.

    Without a verb the window opens. Where there is no display, the same is done headless: the
    folders are indexed, some photos are asked with, and the ranked results are written as a
    picture, contact-sheet.png.
    """
    if ctx.invoked_subcommand is not None:
        return
    try:
        status = None if ctx.obj is None else ctx.obj(library_folder or default_folder(), add)
        if status is None:
            status = measuring.headless(add, library_folder)
    except AppError as error:
        tell(str(error))
        status = UNUSABLE
    raise SystemExit(status)


for command in (
    indexing.index,
    indexing.watch,
    indexing.folders,
    indexing.forget,
    indexing.failures,
    asking.search,
    asking.compare,
    keeping.stats,
    keeping.verify,
    keeping.rebuild,
    keeping.models,
    measuring.evaluate,
    measuring.bench,
):
    main.add_command(command)


def run(window: OpenWindow | None = None) -> int:
    """Run the command line of this process and return its exit status.

    Args:
        window: opens the window; returns None where none can be shown.
    """
    _prepare_streams()
    try:
        main(prog_name="twinlens", standalone_mode=False, obj=window)
    except click.Abort:
        return INTERRUPTED
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx is not None else "twinlens"
        tell(f"{error.format_message()} See '{where} --help'.")
        return UNUSABLE
    except OutputFault as fault:
        # Python must not complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not fault.closed:
            tell(f"The answer could not be written ({fault.reason}).")
        return DONE if fault.closed else UNUSABLE
    except SystemExit as end:
        # click's own way to end when a pipe closes while it prints a help text.
        if type(sys.stdout).__name__ == "PacifyFlushWrapper":
            return DONE
        return end.code if isinstance(end.code, int) else DONE
    return DONE


def _prepare_streams() -> None:
    """Let names that are not valid text go out as they came in; stand in for closed streams."""
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="surrogateescape")
