"""The verbs that measure, and the headless job. Runs on the main thread."""

from pathlib import Path

import click

from twinlens.bench import BENCHMARKS, run_benchmark
from twinlens.cli.common import (
    INTERRUPTED,
    UNUSABLE,
    ArgumentPath,
    open_library,
    put_json,
    put_line,
    stopping,
    tell,
    verb,
)
from twinlens.cli.indexing import progress_bar, summary
from twinlens.contact_sheet import SHEET_NAME, write_contact_sheet
from twinlens.evaluation import check_model, evaluate_folder


@click.command()
@click.argument("folder", type=ArgumentPath())
@click.option("--model", metavar="MODEL", help="The model to measure (default: the usual one).")
@click.option("--compare", multiple=True, metavar="MODEL", help="Also measure this model.")
@verb
def evaluate(
    folder: Path,
    model: str | None,
    compare: tuple[str, ...],
    library_folder: Path | None,
    as_json: bool,
) -> int:
    """Measure the quality of the ranking on labelled photos: class = the folder a photo is in."""
    # A name that is wrong is said before the first minutes are spent.
    chosen = [check_model(name) for name in (model, *compare)]
    with stopping() as should_stop:
        for name in chosen:
            found = evaluate_folder(folder, name, should_stop=should_stop)
            if found is None:
                return INTERRUPTED
            fields = {
                "model": found.model,
                "queries": found.queries,
                "map": round(found.map, 4),
                "p10": round(found.p10, 4),
                "r1": round(found.r1, 4),
                "recall_at_10": round(found.recall_at_10, 4),
                "seconds": round(found.seconds, 1),
            }
            if as_json:
                put_json(fields)
            else:
                put_line("  ".join(f"{key} {value}" for key, value in fields.items()))
    return 0


@click.command()
@click.argument("name", nargs=-1, type=click.Choice(sorted(BENCHMARKS)), metavar="[NAME]...")
@click.option(
    "--size",
    type=click.IntRange(min=1000),
    default=100_000,
    show_default=True,
    help="How many photos the library is made of.",
)
@verb
def bench(name: tuple[str, ...], size: int, library_folder: Path | None, as_json: bool) -> None:
    """Measure this machine against the budgets, in a temporary library."""
    for chosen in name or tuple(BENCHMARKS):
        for figure in run_benchmark(chosen, size):
            if as_json:
                put_json(
                    {
                        "name": figure.name,
                        "value": round(figure.value, 6),
                        "unit": figure.unit,
                        "limit": figure.limit,
                    }
                )
            else:
                limit = "" if figure.limit is None else f"  (limit {figure.limit:g})"
                put_line(f"{figure.name:48} {figure.value:12.4g} {figure.unit}{limit}")


def headless(add: tuple[Path, ...], library_folder: Path | None) -> int:
    """Do the window's job without one: index, ask, and write the answers as a picture."""
    with open_library(library_folder, writer=True) as library, stopping() as should_stop:
        for folder in add:
            library.add_folder(folder)
        if not library.folders():
            tell("There is nothing to look at yet. Name a folder: make run PHOTOS=~/Pictures")
            return UNUSABLE
        with progress_bar(library):
            counts = library.index_folders(should_stop=should_stop)
        if should_stop():
            return INTERRUPTED
        tell(summary(counts))
        target = Path.cwd() / SHEET_NAME
        asked = write_contact_sheet(library, target)
    if not asked:
        tell("No photo could be read, so there is nothing to ask with: see 'twinlens failures'.")
        return UNUSABLE
    put_line(f"{target}: {asked} photos asked with, each followed by what looks like it.")
    return 0
