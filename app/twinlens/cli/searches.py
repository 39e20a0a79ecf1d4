"""Searches that are taught and kept: options of `search`, and the verb that lists them."""

import functools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from twinlens.cli.common import ArgumentPath, Command, open_library, put_json, put_line, tell, verb
from twinlens.errors import UsageError
from twinlens.library import Library
from twinlens.records import Example, Query
from twinlens.search.teach import FEWEST


@dataclass(frozen=True, slots=True)
class Kept:
    """What `search` was told to learn from, to keep, and to ask again."""

    good: tuple[Path, ...] = ()
    bad: tuple[Path, ...] = ()
    save: str | None = None
    saved: str | None = None

    def check(self, images: bool, of_images: bool, label: str | None, *, least: bool) -> None:
        """Refuse what has no meaning without an image, or beside a search that was kept.

        Args:
            images: there are images to look for.
            of_images: there are options that are about them.
            label: a word to look for instead.
            least: there is a least probability or match.
        """
        if self.saved is not None and (images or of_images):
            raise UsageError("--saved has examples of its own; nothing was searched.")
        if images or self.saved is not None:
            return
        if label is None:
            raise UsageError("Name an image to look for, or a --label; nothing was searched.")
        if of_images or least or self != Kept():
            raise UsageError("Only --label and -k have a meaning without an image to look for.")

    def asked(self, library: Library, query: Query) -> Query:
        """Return the query with examples, marks and filters of the one that was kept, and marks.

        Raises:
            UsageError: nothing was kept under the name.
        """
        if self.saved is not None:
            found = library.saved_search(self.saved)
            if found.missing:
                tell(f"{found.missing} pictures of {self.saved!r} cannot be had any more.")
            given = {
                name: value
                for name in ("label", "min_probability", "match")
                if (value := getattr(query.filters, name)) is not None
            }
            query = replace(
                found.query,
                filters=replace(found.query.filters, **given),
                rerank=query.rerank and found.query.rerank,
                verify=query.verify,
            )
        marks = [Example(path=path) for path in self.good]
        marks += [Example(path=path, negative=True) for path in self.bad]
        query = replace(query, marks=(*query.marks, *marks))
        if 0 < len(query.marks) < FEWEST:
            tell(f"{len(query.marks)} marked; from {FEWEST} on the order is learnt from them.")
        return query

    def keep(self, library: Library, query: Query) -> None:
        """Keep the query where a name was given."""
        if self.save is not None:
            library.save_search(self.save, query)
            tell(f"The search is kept as {self.save.strip()!r}.")


def kept_options(command: Command) -> Command:
    """Give a verb --good, --bad, --save and --saved, as one argument called `kept`."""

    @functools.wraps(command)
    def run(
        good: tuple[Path, ...],
        bad: tuple[Path, ...],
        save: str | None,
        saved: str | None,
        **others: Any,
    ) -> object:
        return command(kept=Kept(good, bad, save, saved), **others)

    images: dict[str, Any] = {"multiple": True, "type": ArgumentPath(), "metavar": "IMAGE"}
    for option in (
        click.option("--saved", metavar="NAME", help="Ask a search that was kept."),
        click.option("--save", metavar="NAME", help="Keep this search under a name."),
        click.option("--bad", **images, help="A picture that is wrong (repeatable)."),
        click.option(
            "--good",
            **images,
            help="A picture that is right (repeatable): from 3 on, with those of --bad, the order "
            "is learnt from them.",
        ),
    ):
        run = option(run)
    return run


@click.command()
@click.option("--forget", metavar="NAME", help="Keep this one no longer.")
@verb
def searches(forget: str | None, library_folder: Path | None, as_json: bool) -> None:
    """List the searches that are kept under a name; 'search --saved NAME' asks one."""
    with open_library(library_folder) as library:
        if forget is not None:
            library.forget_search(forget)
        found = [] if forget is not None else library.saved_searches()
    if forget is not None:
        if as_json:
            put_json({"name": forget, "forgotten": True})
        else:
            put_line(f"{forget!r} is forgotten; the photos were not touched.")
        return
    for search in found:
        examples, marks = len(search.query.examples), len(search.query.marks)
        if as_json:
            put_json(
                {
                    "name": search.name,
                    "examples": examples,
                    "marks": marks,
                    "missing": search.missing,
                }
            )
        else:
            lost = f", {search.missing} missing" if search.missing else ""
            put_line(f"{search.name}  ({examples} examples, {marks} marks{lost})")
    if not found:
        tell("No search is kept yet: 'search IMAGE --save NAME' keeps one.")
