"""The command line: `twinlens` and its verbs. Runs on the main thread."""

import sys
from pathlib import Path

import click

from twinlens import __version__
from twinlens.cli import asking, indexing, keeping, measuring
from twinlens.cli.common import UNUSABLE, ArgumentPath, library_option, tell
from twinlens.errors import AppError


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="twinlens")
@click.option(
    "--add", multiple=True, type=ArgumentPath(), metavar="FOLDER", help="Add a folder first."
)
@library_option
@click.pass_context
def main(ctx: click.Context, add: tuple[Path, ...], library_folder: Path | None) -> None:
    """Find the photos on your own disks that look like the one in your hand.

    Without a verb the same is done headless: the folders are indexed, some photos are asked
    with, and the ranked results are written as a picture, contact-sheet.png.
    """
    if ctx.invoked_subcommand is not None:
        return
    try:
        raise SystemExit(measuring.headless(add, library_folder))
    except AppError as error:
        tell(str(error))
        raise SystemExit(UNUSABLE) from error


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


def run() -> None:
    """Run the command line of this process."""
    # File names are bytes; what is not valid text goes out as it came in.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]
    main(prog_name="twinlens")
