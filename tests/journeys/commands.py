"""Run `twinlens` as a person or a script would: in a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Prepended to what the child runs, such as a guard against opening sockets.
NOTHING = ""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a finished command said."""

    status: int
    lines: list[dict[str, Any]]
    out: bytes
    errors: str


def program(*arguments: str | bytes | Path, before: str = NOTHING) -> list[str | bytes | Path]:
    """Return the command line of a child that runs `twinlens` after `before`."""
    code = f"{before}\nimport runpy\nrunpy.run_module('twinlens', run_name='__main__')"
    return [sys.executable, "-c", code, *arguments]


def environment() -> dict[str, str]:
    """Return the environment of a child: this checkout's package, no user library."""
    inside = Path(__file__).parents[2] / "app"
    return {**os.environ, "PYTHONPATH": str(inside), "PYTHONWARNINGS": "default"}


def twinlens(
    *arguments: str | bytes | Path,
    library: Path | None = None,
    before: str = NOTHING,
    as_json: bool = True,
) -> Ran:
    """Run one command to its end and read its JSON lines."""
    options: list[str | Path] = []
    if library is not None:
        options = ["--library", library]
    if as_json:
        options.append("--json")
    ran = subprocess.run(
        program(*arguments, *options, before=before),
        capture_output=True,
        check=False,
        env=environment(),
        stdin=subprocess.DEVNULL,
    )
    lines = [json.loads(line) for line in ran.stdout.splitlines()] if as_json else []
    return Ran(ran.returncode, lines, ran.stdout, ran.stderr.decode(errors="replace"))
