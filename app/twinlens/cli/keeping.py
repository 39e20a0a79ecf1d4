"""The verbs that check and look after the library itself. Runs on the main thread."""

from pathlib import Path

import click

from twinlens.cli.common import (
    BAD_ANSWER,
    open_library,
    put_json,
    put_line,
    tell,
    verb,
)

SHOWN_PROBLEMS = 20


@click.command()
@verb
def stats(library_folder: Path | None, as_json: bool) -> None:
    """Show the library at a glance."""
    with open_library(library_folder) as library:
        found = library.stats()
        fields = {
            "photos": found.photos,
            "files": found.files,
            "failed": found.failed,
            "offline": found.offline,
            "model_id": found.model_id,
            "device": found.device,
            "bytes": found.bytes,
            "recall_at_10": found.recall_at_10,
        }
    if as_json:
        put_json(fields)
        return
    for name, value in fields.items():
        put_line(f"{name:13} {value}")


@click.command()
@verb
def verify(library_folder: Path | None, as_json: bool) -> int:
    """Check that store, index and disk agree."""
    with open_library(library_folder) as library:
        report = library.verify()
    if as_json:
        put_json(
            {
                "ok": report.ok,
                "files": report.files,
                "photos": report.photos,
                "embeddings": report.embeddings,
                "indexed": report.indexed,
                "problems": list(report.problems),
            }
        )
    else:
        state = "agree" if report.ok else "do not agree"
        put_line(
            f"Store, index and disk {state}: {report.files} files, {report.photos} photos, "
            f"{report.embeddings} embeddings, {report.indexed} indexed."
        )
        for problem in report.problems[:SHOWN_PROBLEMS]:
            put_line(f"  {problem}")
        if len(report.problems) > SHOWN_PROBLEMS:
            put_line("  and more: --json lists them.")
    if not report.ok:
        tell("'twinlens index' brings everything in step; 'twinlens rebuild' makes a new index.")
    return 0 if report.ok else BAD_ANSWER


@click.command()
@verb
def rebuild(library_folder: Path | None, as_json: bool) -> None:
    """Build the index afresh from the stored descriptors."""
    with open_library(library_folder) as library:
        indexed, seconds = library.rebuild()
    if as_json:
        put_json({"indexed": indexed, "seconds": round(seconds, 3)})
    else:
        put_line(f"{indexed:,} photos indexed in {seconds:.1f} s")


@click.group(invoke_without_command=True)
@click.pass_context
@verb
def models(ctx: click.Context, library_folder: Path | None, as_json: bool) -> None:
    """List the models, and which one is in use."""
    if ctx.invoked_subcommand is not None:
        ctx.obj = (library_folder, as_json)
        return
    with open_library(library_folder) as library:
        listed = library.models()
    for item in listed:
        if as_json:
            put_json(
                {
                    "name": item.name,
                    "model_id": item.model_id,
                    "dim": item.dim,
                    "in_use": item.in_use,
                    "licence": item.licence,
                    "note": item.note,
                }
            )
        else:
            mark = "*" if item.in_use else " "
            put_line(f"{mark} {item.name:22} {item.dim:5}  {item.licence}  {item.note}")


@models.command("use")
@click.argument("name")
@verb
def models_use(name: str, library_folder: Path | None, as_json: bool) -> None:
    """Choose a model; it takes over once every photo has been embedded with it."""
    with open_library(library_folder) as library:
        sentence = library.use_model(name)
        in_use = next((item for item in library.models() if item.in_use), None)
    if as_json:
        put_json({"name": name, "in_use": in_use is not None and in_use.name == name})
        tell(sentence)
    else:
        put_line(sentence)
    if in_use is None or in_use.name != name:
        tell("Run 'twinlens index' to embed the photos with it now.")


@models.command("drop")
@click.argument("name")
@verb
def models_drop(name: str, library_folder: Path | None, as_json: bool) -> None:
    """Delete the descriptors of a model that is not in use any more."""
    with open_library(library_folder) as library:
        dropped = library.drop_model(name)
    if as_json:
        put_json({"name": name, "dropped": dropped})
    else:
        put_line(f"{dropped:,} descriptors of {name} deleted.")
