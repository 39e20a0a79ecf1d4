"""Plan, apply and undo from a terminal: what goes comes back, after a kill at any point too."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.commands import NOTHING, Ran, environment, program, twinlens
from tests.support import encoded, scene
from tests.unit.library.cleaning_place import groups, photo, prepare
from twinlens.library import Library
from twinlens.library.opening import LOCK_NAME

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the trash of other systems"),
]

#: Ends the child the way a power cut would, at the n-th call of a function.
DEADLY = """
import os, signal, send2trash
left = {count}
def deadly(real):
    def call(*arguments):
        global left
        left -= 1
        if left == 0 and {early}:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*arguments)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return call
{where} = deadly({where})
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder with a library of six pictures and two copies of each but one."""
    folder = tmp_path_factory.mktemp("place")
    with pytest.MonkeyPatch.context() as patch:
        prepare(folder, patch)
        for family in range(6):
            for number in range(3 if family else 1):
                path = folder / "photos" / f"{family}-{number}.png"
                path.write_bytes(photo(family, number % 2))
        with Library(folder / "library", writer=True) as library:
            assert library.index_folders().added == 16
        yield folder


def on_disk(place: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (place / "photos").iterdir()}


def make_plan(place: Path) -> int:
    with Library(place / "library") as library:
        return len(library.plan(groups(library)).going)


def ask(place: Path, *arguments: str | Path, before: str = NOTHING) -> Ran:
    return twinlens(*arguments, library=place / "library", before=before)


def unchanged(place: Path) -> int:
    counts = ask(place, "index").lines[0]
    assert counts["found"] == counts["unchanged"]
    return int(counts["found"])


def test_a_plan_is_rehearsed_applied_and_undone_one_object_a_file(place: Path) -> None:
    before = on_disk(place)
    assert make_plan(place) == 10
    shown = ask(place, "plan", "--show")
    assert len(shown.lines) == 15
    assert {line["act"] for line in shown.lines} == {"keep", "trash"}
    rehearsed = ask(place, "apply", "--dry-run")
    assert [line["done"] for line in rehearsed.lines] == [False] * 10
    assert on_disk(place) == before
    applied = ask(place, "apply")
    assert applied.status == 0, applied.errors
    assert [line["path"] for line in applied.lines] == [
        line["path"] for line in shown.lines if line["act"] == "trash"
    ]
    assert all(line["done"] for line in applied.lines)
    assert len(on_disk(place)) == 6
    assert unchanged(place) == 6
    assert ask(place, "apply").status == 2
    (act,) = ask(place, "undo", "--list").lines
    assert act["files"] == 10
    assert len(ask(place, "undo", act["act"], "--dry-run").lines) == 10
    assert len(on_disk(place)) == 6
    undone = ask(place, "undo", act["act"])
    assert undone.status == 0, undone.errors
    assert all(line["done"] for line in undone.lines)
    assert on_disk(place) == before
    assert unchanged(place) == 16
    assert ask(place, "verify").lines[0]["ok"]
    assert ask(place, "undo", "--list").lines == []


@pytest.mark.parametrize(
    ("where", "count", "early", "then"),
    [
        ("send2trash.send2trash", 3, True, "apply"),
        ("send2trash.send2trash", 3, False, "apply"),
        ("send2trash.send2trash", 10, False, "undo"),
        ("os.fsync", 1, False, "undo"),
        ("os.fsync", 6, True, "undo"),
    ],
)
def test_a_kill_in_the_middle_is_continued_or_undone(
    place: Path, where: str, count: int, early: bool, then: str
) -> None:
    before = on_disk(place)
    assert make_plan(place) == 10
    deadly = DEADLY.format(where=where, count=count, early=early)
    killed = ask(place, "apply", before=deadly)
    assert killed.status == -signal.SIGKILL
    trash = place / "data" / "Trash" / "files"
    lying = {**on_disk(place), **{path.name: path.read_bytes() for path in trash.iterdir()}}
    assert lying == before
    if then == "apply":
        assert ask(place, "apply").status == 0
        assert len(on_disk(place)) == 6
        assert unchanged(place) == 6
    gone = len(before) - len(on_disk(place))
    undone = ask(place, "undo", "--review")
    assert undone.status == 0, undone.errors
    assert len(undone.lines) == gone
    assert on_disk(place) == before
    assert ask(place, "undo", "--list").lines == []
    ask(place, "index")
    assert unchanged(place) == 16
    assert ask(place, "verify").lines[0]["ok"]
    ask(place, "plan", "--discard")


def test_apply_needs_the_writers_lock_and_undo_does_not(place: Path) -> None:
    make_plan(place)
    assert ask(place, "apply").status == 0
    with Library(place / "library", writer=True):
        assert (place / "library" / LOCK_NAME).exists()
        refused = ask(place, "apply")
        assert refused.status == 2
        assert "Another Twinlens" in refused.errors
        assert ask(place, "undo").status == 0
    assert len(on_disk(place)) == 16
    ask(place, "index")


def test_decisions_are_kept_exported_and_taken_in_elsewhere(place: Path, tmp_path: Path) -> None:
    one, other = place / "photos" / "1-0.png", place / "photos" / "1-1.png"
    assert ask(place, "decide", "not-duplicates", one, other).status == 0
    assert ask(place, "decide", "keep", place / "photos" / "2-1.png").status == 0
    assert ask(place, "decide", "keep", place / "nowhere.png").status == 2
    assert make_plan(place) == 8
    file = tmp_path / "decisions.jsonl"
    assert ask(place, "decide", "--export", file).status == 0
    said = [json.loads(line) for line in file.read_text().splitlines()]
    assert sorted(item["decision"] for item in said) == ["keep", "not-duplicates"]
    assert str(place) not in file.read_text()
    for _ in range(2):
        assert ask(place, "undo").lines == [
            {"path": None, "act": "taken-back", "done": True, "problem": None, "bytes": 0}
        ]
    assert make_plan(place) == 10
    with file.open("a") as stream:
        stream.write('{"decision": "protected", "hashes": []}\nnonsense\n')
    taken = ask(place, "decide", "--import", file)
    assert "2 decisions taken in, 2 lines are none" in taken.lines[0]["said"]
    one.rename(one.with_name("1-9.png"))
    ask(place, "index")
    assert make_plan(place) == 8
    one.with_name("1-9.png").rename(one)
    ask(place, "index")
    assert ask(place, "undo").status == 0
    assert make_plan(place) == 10
    protected = ask(place, "decide", "protect", place / "photos")
    assert protected.status == 0
    assert make_plan(place) == 0
    assert ask(place, "decide", "unprotect", place / "photos").status == 0


@pytest.mark.model
def test_a_settled_group_returns_only_with_a_new_member(tmp_path: Path) -> None:
    photos, library = tmp_path / "photos", tmp_path / "library"
    photos.mkdir()
    pixels = scene(3)
    pair = [photos / "a.png", photos / "b.jpg"]
    pair[0].write_bytes(encoded(pixels))
    pair[1].write_bytes(encoded(pixels, "JPEG", quality=80))
    assert twinlens("index", photos, library=library).status == 0

    def shown(*options: str) -> list[list[str]]:
        lines = twinlens("duplicates", *options, library=library).lines
        return [sorted(Path(path).name for path in line["paths"]) for line in lines]

    assert shown() == [["a.png", "b.jpg"]]
    planned = twinlens("plan", library=library).lines
    assert {Path(line["path"]).name: line["act"] for line in planned} == {
        "a.png": "keep",
        "b.jpg": "trash",
    }
    assert twinlens("decide", "keep-all", *pair, library=library).status == 0
    assert shown() == []
    assert shown("--all") == [["a.png", "b.jpg"]]
    assert twinlens("plan", library=library).lines == []
    (photos / "c.jpg").write_bytes(encoded(pixels, "JPEG", quality=60))
    assert twinlens("index", library=library).status == 0
    assert shown() == [["a.png", "b.jpg", "c.jpg"]]


#: Makes each comparison take long enough to be interrupted.
SLOW = """
import time
import twinlens.curate.finding as finding
def slowly(*pictures, real=finding.judge):
    time.sleep(0.5)
    return real(*pictures)
finding.judge = slowly
"""


@pytest.mark.parametrize("verb", ["duplicates", "plan"])
def test_on_a_terminal_a_share_is_shown_and_ctrl_c_does_no_harm(place: Path, verb: str) -> None:
    (place / "library" / "features.sqlite3").unlink(missing_ok=True)
    with Library(place / "library") as library:
        library.discard_plan()
    master, slave = os.openpty()
    command = program(verb, "--library", place / "library", before=SLOW)
    environ = {**environment(), "TERM": "xterm"}
    with subprocess.Popen(command, stderr=slave, stdout=subprocess.PIPE, env=environ) as child:
        os.close(slave)
        seen = b""
        while not re.search(rb"Looking for duplicates.*[1-9]%", seen, re.DOTALL):
            seen += os.read(master, 4096)
        child.send_signal(signal.SIGINT)
        while b"Stopped" not in seen:
            seen += os.read(master, 4096)
        child.communicate(timeout=120)
    os.close(master)
    assert child.returncode == 130
    with Library(place / "library") as library:
        assert library.saved_plan() is None
        assert len(library.duplicates()) == 5
