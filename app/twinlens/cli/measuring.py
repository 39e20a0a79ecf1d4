"""The verbs that measure, and the headless job. Runs on the main thread."""

from pathlib import Path

import click

from twinlens.bench import BENCHMARKS, run_benchmark
from twinlens.cli.common import (
    INTERRUPTED,
    UNUSABLE,
    ArgumentPath,
    fsname,
    open_library,
    put_json,
    put_line,
    stopping,
    tell,
    verb,
)
from twinlens.cli.indexing import progress_bar, summary
from twinlens.contact_sheet import SHEET_NAME, write_contact_sheet
from twinlens.errors import UsageError
from twinlens.evaluation import Evaluation, check_model
from twinlens.evaluation import evaluate as evaluate_photos
from twinlens.library import Library

TABLE_HEAD = (
    f"{'model':20} {'method':10} {'queries':>8} {'mAP':>6} {'95 %':>12} "
    f"{'P@10':>6} {'R@1':>6} {'recall@10':>9} {'seconds':>8}"
)


@click.command()
@click.argument("place", type=ArgumentPath())
@click.option("--model", metavar="MODEL", help="The model to measure (default: the usual one).")
@click.option("--compare", multiple=True, metavar="MODEL", help="Also measure this model.")
@click.option("--verify", is_flag=True, help="Also measure with copies verified; takes longer.")
@verb
def evaluate(
    place: Path,
    model: str | None,
    compare: tuple[str, ...],
    verify: bool,
    library_folder: Path | None,
    as_json: bool,
) -> int:
    """Measure the quality of the ranking on labelled photos.

    PLACE is a folder, whose photos belong together where they lie in the same folder, or a CSV
    file with the columns query,relevant and paths relative to it.
    """
    # A name that is wrong is said before the first minutes are spent.
    chosen = dict.fromkeys(check_model(name) for name in (model, *compare))
    with stopping() as should_stop:
        for number, name in enumerate(chosen):
            evaluations = evaluate_photos(place, name, verify=verify, should_stop=should_stop)
            if evaluations is None:
                return INTERRUPTED
            # The first answer shows that the photos can be measured at all.
            if number == 0 and not as_json:
                put_line(TABLE_HEAD)
            for found in evaluations:
                if as_json:
                    put_json(evaluation_fields(found))
                else:
                    put_line(_table_line(found))
    return 0


def evaluation_fields(found: Evaluation) -> dict[str, object]:
    """Return the JSON fields of one evaluation."""
    return {
        "model": found.model,
        "method": found.method,
        "queries": found.queries,
        "map": round(found.map, 4),
        "map_low": round(found.map_low, 4),
        "map_high": round(found.map_high, 4),
        "p10": round(found.p10, 4),
        "r1": round(found.r1, 4),
        "recall_at_10": round(found.recall_at_10, 4),
        "seconds": round(found.seconds, 1),
    }


def _table_line(found: Evaluation) -> str:
    interval = f"{found.map_low:.3f}-{found.map_high:.3f}"
    return (
        f"{found.model:20} {found.method:10} {found.queries:8,} {found.map:6.3f} {interval:>12} "
        f"{found.p10:6.3f} {found.r1:6.3f} {found.recall_at_10:9.3f} {found.seconds:8.1f}"
    )


@click.command()
@click.argument("pair", nargs=-1, type=ArgumentPath(), metavar="[A B]")
@click.option("--same/--different", default=None, help="Whether A and B show the same thing.")
@click.option("--forget", is_flag=True, help="Take what was said of A and B back, or everything.")
@click.option(
    "-n", type=click.IntRange(1, 200), default=20, show_default=True, help="Pairs to list."
)
@verb
def judge(
    pair: tuple[Path, ...],
    same: bool | None,
    forget: bool,
    n: int,
    library_folder: Path | None,
    as_json: bool,
) -> None:
    """Say whether two photos show the same thing; probabilities follow what you say.

    Without A and B, list the pairs of which it would tell most.
    """
    if len(pair) not in (0, 2) or (same is not None and (forget or not pair)):
        raise UsageError("Name two photos, and --same, --different or --forget; nothing was kept.")
    if pair and same is None and not forget:
        raise UsageError("Say --same, --different or --forget of the two; nothing was kept.")
    with open_library(library_folder) as library:
        if pair:
            library.judge(library.photo_at(pair[0]), library.photo_at(pair[1]), same)
        elif forget:
            library.forget_judgements()
        else:
            _put_pairs(library, n, as_json)
            return
        count = library.judged_count()
    if as_json:
        put_json({"judged": count})
    else:
        put_line(f"{count} pairs are judged.")


def _put_pairs(library: Library, n: int, as_json: bool) -> None:
    found = library.pairs_to_judge(n)
    for pair in found:
        a, b = (library.paths(photo_id)[0] for photo_id in (pair.a, pair.b))
        if as_json:
            put_json({"a": fsname(a), "b": fsname(b), "probability": pair.probability})
        else:
            put_line(f"{pair.probability:.2f}  {a}  {b}")
    if not found:
        tell("There is no pair of which an answer would tell anything.")


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
