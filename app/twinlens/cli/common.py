"""What every verb shares: options, output, and errors in one sentence. Runs on the main thread."""

import errno
import functools
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twinlens.errors import AppError
from twinlens.logs import start_logging, stop_logging
from twinlens.records import MatchClass
from twinlens.settings import default_library_folder

if TYPE_CHECKING:
    from twinlens.library import Library

log = logging.getLogger(__name__)

DONE, BAD_ANSWER, UNUSABLE, INTERRUPTED = 0, 1, 2, 130
#: Relations by which files can stand for each other, from the strongest.
MATCHES = [match.value for match in MatchClass if match is not MatchClass.ALIKE]

Command = Callable[..., Any]


class OutputFault(Exception):  # noqa: N818 - not the program's error
    """What stdout leads to takes no more."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(str(cause))
        self.closed = cause.errno == errno.EPIPE
        self.reason = cause.strerror


class ArgumentPath(click.Path):
    """A path taken as the raw argument, made absolute without resolving links."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the absolute path of an argument."""
        try:
            return Path(os.path.abspath(os.fsdecode(value)))  # noqa: PTH100 - resolve follows links
        except FileNotFoundError:
            self.fail("the folder you are in does not exist any more.", param, ctx)


def library_option(command: Command) -> Command:
    """Add `--library DIR`."""
    return click.option(
        "--library",
        "library_folder",
        type=ArgumentPath(),
        metavar="DIR",
        help="The library folder (default: TWINLENS_LIBRARY, else one for this user).",
    )(command)


def json_option(command: Command) -> Command:
    """Add `--json`."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON object a line, nothing else."
    )(command)


def verb(command: Command) -> Command:
    """Give a verb the options of all that report, and turn the environment's faults into exit 2."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        if kwargs.get("library_folder") is None:
            # `twinlens --library DIR VERB` means the same as `twinlens VERB --library DIR`.
            root = click.get_current_context().find_root()
            kwargs["library_folder"] = root.params.get("library_folder")
        try:
            status = command(*args, **kwargs)
        except AppError as error:
            tell(str(error))
            status = UNUSABLE
        except KeyboardInterrupt:
            status = INTERRUPTED
        if status:
            raise SystemExit(status)

    return library_option(json_option(run))


@contextmanager
def open_library(folder: Path | None, *, writer: bool = False) -> Iterator["Library"]:
    """Open the library for one verb, logging into it."""
    chosen = folder or default_library_folder()
    # Loading the engine takes longer than answering --help or opening the window.
    from twinlens.library import Library

    library = Library(chosen, writer=writer, notify=lambda notice: tell(str(notice)))
    try:
        start_logging(library.folder)
        yield library
    finally:
        library.close()
        stop_logging()


@contextmanager
def stopping() -> Iterator[Callable[[], bool]]:
    """Yield a question that turns true at the first Ctrl+C or SIGTERM; a second one is final."""
    asked: list[int] = []

    def ask(number: int, _frame: object) -> None:
        if asked:
            os._exit(INTERRUPTED)
        asked.append(number)
        tell("Stopping at the end of this batch …")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def share_bar(what: str) -> Iterator[Callable[[float], None]]:
    """Yield what is told of a share, 0 to 1; on a terminal's stderr a bar shows it meanwhile."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    # Most of what is run needs none of it.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share: bar.update(task, completed=share)


def unless(
    should_stop: Callable[[], bool], told: Callable[[float], None]
) -> Callable[[float], None]:
    """Return what hears of a share and ends the work where somebody wants it to."""

    def hear(share: float) -> None:
        if should_stop():
            raise KeyboardInterrupt
        told(share)

    return hear


def tell(sentence: str) -> None:
    """Say something to the person, on stderr."""
    click.echo(printable(sentence), err=True)


def put_json(fields: Mapping[str, object]) -> None:
    """Print one JSON object on a line of stdout."""
    _write(json.dumps(fields))


def put_line(text: str) -> None:
    """Print one line for a person on stdout."""
    _write(printable(text))


def _write(line: str) -> None:
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except OSError as error:
        raise OutputFault(error) from error


def printable(text: str) -> str:
    """Return text with control characters replaced: a file name must not steer the terminal."""
    return "".join(c if c.isprintable() or "\udc80" <= c <= "\udcff" else "�" for c in text)


def fsname(path: Path | str) -> str:
    """Return a path as JSON carries it."""
    return os.fsdecode(path)
