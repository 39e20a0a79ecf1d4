"""Runs the program's own commands as processes and watches them. On the caller's thread."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import twinlens
from twinlens.errors import AppError

#: Seconds between two looks at a process.
PERIOD = 0.02


@dataclass(frozen=True, slots=True)
class Memory:
    """What a process held in memory, in bytes: at each look, and at most."""

    held: tuple[int, ...]
    peak: int


def command_seconds(*arguments: str) -> float:
    """Return how long a command takes, from its start to its end.

    Raises:
        AppError: it failed.
    """
    started = time.perf_counter()
    with _start(arguments) as process:
        _finish(process, arguments)
    return time.perf_counter() - started


def command_memory(*arguments: str) -> Memory | None:
    """Run a command and return what it held in memory; None where that cannot be seen.

    It is read from /proc, so it is known on Linux only.

    Raises:
        AppError: it failed.
    """
    held: list[int] = []
    peak = 0
    with _start(arguments) as process:
        status = Path(f"/proc/{process.pid}/status")
        while process.poll() is None:
            facts = _facts(status)
            if "VmRSS" in facts:
                held.append(facts["VmRSS"])
                peak = max(peak, facts.get("VmHWM", 0))
            time.sleep(PERIOD)
        _finish(process, arguments)
    return Memory(tuple(held), peak) if held else None


def _start(arguments: tuple[str, ...]) -> subprocess.Popen[bytes]:
    program = (
        [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "twinlens"]
    )
    inside = Path(twinlens.__file__).parents[1]
    path = os.pathsep.join([str(inside), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(
        [*program, *arguments],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _finish(process: subprocess.Popen[bytes], arguments: tuple[str, ...]) -> None:
    # A command says little on stderr, so it never waits for a reader.
    _, said = process.communicate()
    if process.returncode:
        last = said.decode(errors="replace").strip().rpartition("\n")[2]
        raise AppError(
            f"'twinlens {' '.join(arguments)}' ended with status {process.returncode}: {last}"
        )


def _facts(status: Path) -> dict[str, int]:
    """Return the sizes in a process' status file, in bytes; nothing when it has ended."""
    try:
        lines = status.read_text(encoding="ascii").splitlines()
    except OSError:
        return {}
    words = [line.split() for line in lines if line.endswith(" kB")]
    return {word[0].rstrip(":"): 1024 * int(word[1]) for word in words}
