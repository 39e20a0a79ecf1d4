"""The command line: `twinlens` and its verbs. Runs on the main thread."""

import importlib
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from twinlens import __version__
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

#: Takes the library folder, the folders to add, and whether to start in the tray; returns an exit
#: status, None where no window can be shown.
OpenWindow = Callable[[Path, tuple[Path, ...], bool], int | None]

#: Which module of this package holds a verb.
VERBS = {
    "index": "indexing",
    "watch": "indexing",
    "folders": "indexing",
    "forget": "indexing",
    "failures": "indexing",
    "search": "asking",
    "searches": "searches",
    "compare": "asking",
    "duplicates": "duplicates",
    "decide": "cleaning",
    "plan": "cleaning",
    "apply": "cleaning",
    "undo": "cleaning",
    "galleries": "galleries",
    "stats": "keeping",
    "verify": "keeping",
    "rebuild": "keeping",
    "models": "keeping",
    "judge": "measuring",
    "evaluate": "measuring",
    "bench": "measuring",
}


class Verbs(click.Group):
    """Imports a verb when it is called: the window must not wait for what it does not use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all verbs."""
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one verb; None when there is none of that name."""
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"twinlens.cli.{VERBS[cmd_name]}")
        found: click.Command = getattr(module, cmd_name)
        return found


@click.group(
    cls=Verbs,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="twinlens")
@click.option(
    "--add", multiple=True, type=ArgumentPath(), metavar="FOLDER", help="Add a folder first."
)
@click.option("--in-tray", is_flag=True, help="Start without showing the window.")
@library_option
@click.pass_context
def main(
    ctx: click.Context, add: tuple[Path, ...], in_tray: bool, library_folder: Path | None
) -> None:
    """Find the photos on your own disks that look like the one in your hand.

    Without a verb the window opens. Where there is no display, the same is done headless: the
    folders are indexed, some photos are asked with, and the ranked results are written as a
    picture, contact-sheet.png.
    """
    if ctx.invoked_subcommand is not None:
        return
    try:
        status = None
        if ctx.obj is not None:
            status = ctx.obj(library_folder or default_folder(), add, in_tray)
        if status is None:
            from twinlens.cli.measuring import headless

            status = headless(add, library_folder)
    except AppError as error:
        tell(str(error))
        status = UNUSABLE
    raise SystemExit(status)


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
