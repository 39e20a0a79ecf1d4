"""A kill at any instant: reopened, store = index = disk after the next scan."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.journeys.commands import environment, program, twinlens
from tests.support import encoded, picture
from twinlens.settings import Settings, save_settings

KILLS = 20
PHOTOS_A_ROUND = 12

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(900)]


def write_photo(folder: Path, number: int) -> None:
    (folder / f"{number:04}.jpg").write_bytes(encoded(picture(number, 96, 64), "JPEG"))


def change_something(folder: Path, chance: random.Random, next_number: int) -> int:
    """Add photos, rename one, remove one, change one; return the next free number."""
    present = sorted(folder.glob("*.jpg"))
    if len(present) > PHOTOS_A_ROUND:
        renamed, removed, changed = chance.sample(present, 3)
        renamed.rename(renamed.with_name(f"renamed-{next_number}-{renamed.name}"))
        removed.unlink()
        changed.write_bytes(encoded(picture(next_number + 50_000, 96, 64), "JPEG"))
    for number in range(next_number, next_number + PHOTOS_A_ROUND):
        write_photo(folder, number)
    return next_number + PHOTOS_A_ROUND


def small_graph(library: Path) -> None:
    """Let the graph and its snapshots begin with 20 photos, so that kills meet them too."""
    library.mkdir()
    save_settings(library, Settings(graph_from=20))


def kill_after(command: list[str | bytes | Path], seconds: float) -> bool:
    """Start a command and kill it after a while; return whether it was still running."""
    child = subprocess.Popen(
        command,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        return True
    return False


def test_indexing_survives_kills_at_random_instants(tmp_path: Path) -> None:
    photos, library = tmp_path / "photos", tmp_path / "library"
    photos.mkdir()
    small_graph(library)
    chance = random.Random(4)
    command = program("index", photos, "--library", library)
    began = time.monotonic()
    next_number = change_something(photos, chance, 0)
    assert twinlens("index", photos, library=library).status == 0
    whole = time.monotonic() - began
    killed = 0
    while killed < KILLS:
        next_number = change_something(photos, chance, next_number)
        killed += kill_after(command, chance.uniform(0.3, 1.1) * whole)
        if killed % 10 == 0:
            check = twinlens("index", library=library)
            assert check.status == 0, check.errors
            report = twinlens("verify", library=library)
            assert report.lines[0]["ok"], report.lines[0]["problems"]
    final = twinlens("index", photos, library=library)
    assert final.status == 0, final.errors
    report = twinlens("verify", library=library)
    on_disk = len(list(photos.glob("*.jpg")))
    assert report.status == 0
    assert report.lines[0] == {
        "ok": True,
        "files": on_disk,
        "photos": on_disk,
        "embeddings": on_disk,
        "indexed": on_disk,
        "problems": [],
    }
    again = twinlens("index", photos, library=library)
    assert again.lines[0]["unchanged"] == again.lines[0]["found"] == on_disk
    assert not list(library.glob("damaged-*"))


def test_what_was_committed_before_a_kill_is_not_embedded_again(tmp_path: Path) -> None:
    photos, library = tmp_path / "photos", tmp_path / "library"
    photos.mkdir()
    for number in range(150):
        write_photo(photos, number)
    command = program("index", photos, "--library", library)
    stored = 0
    for seconds in (0.8, 1.2, 1.6, 2.0, 2.5, 3.0):
        if not kill_after(command, seconds):
            break
        stats = twinlens("verify", library=library).lines
        stored = stats[0]["embeddings"] if stats else 0
        if stored:
            break
    final = twinlens("index", photos, library=library).lines[0]
    assert final["unchanged"] == stored
    assert final["added"] == 150 - stored


def test_watching_survives_a_kill(tmp_path: Path) -> None:
    photos, library = tmp_path / "photos", tmp_path / "library"
    photos.mkdir()
    small_graph(library)
    for number in range(30):
        write_photo(photos, number)
    assert twinlens("index", photos, library=library).status == 0
    child = subprocess.Popen(
        program("watch", "--library", library, "--json"),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert child.stdout is not None
    write_photo(photos, 100)
    event = json.loads(child.stdout.readline())
    assert (event["event"], event["path"]) == ("added", str(photos / "0100.jpg"))
    for number in range(101, 110):
        write_photo(photos, number)
    child.kill()
    child.wait()
    child.stdout.close()
    assert twinlens("index", library=library).status == 0
    report = twinlens("verify", library=library).lines[0]
    assert report["ok"], report["problems"]
    assert report["indexed"] == 40


@pytest.mark.parametrize("fault", ["truncated", "overwritten", "gone", "no manifest"])
def test_a_damaged_index_is_rebuilt_without_embedding(tmp_path: Path, fault: str) -> None:
    photos, library = tmp_path / "photos", tmp_path / "library"
    photos.mkdir()
    small_graph(library)
    for number in range(30):
        write_photo(photos, number)
    assert twinlens("index", photos, library=library).status == 0
    snapshot = next((library / "index").glob("*.bin"))
    data = bytearray(snapshot.read_bytes())
    if fault == "truncated":
        snapshot.write_bytes(data[: len(data) // 2])
    elif fault == "overwritten":
        data[len(data) // 2 : len(data) // 2 + 64] = b"\xa5" * 64
        snapshot.write_bytes(data)
    elif fault == "gone":
        snapshot.unlink()
    else:
        (library / "index" / "manifest.json").unlink()
    query = photos / "0003.jpg"
    found = twinlens("search", query, library=library)
    assert found.lines[0]["path"] == str(query)
    again = twinlens("index", library=library)
    assert again.lines[0]["unchanged"] == 30
    assert again.lines[0]["added"] == 0
    report = twinlens("verify", library=library).lines[0]
    assert report["ok"], report["problems"]


def test_a_damaged_database_is_moved_aside_and_rebuilt_from_the_photos(tmp_path: Path) -> None:
    photos, library = tmp_path / "photos", tmp_path / "library"
    photos.mkdir()
    for number in range(10):
        write_photo(photos, number)
    assert twinlens("index", photos, library=library).status == 0
    database = library / "library.sqlite3"
    database.write_bytes(b"\x5a" * database.stat().st_size)
    for suffix in ("-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    reading = twinlens("search", photos / "0001.jpg", library=library)
    assert reading.status == 2
    assert "damaged" in reading.errors
    assert "Traceback" not in reading.errors
    mended = twinlens("index", library=library)
    assert mended.status == 0
    assert "moved to" in mended.errors
    assert mended.lines[0]["added"] == 10
    assert len(list(library.glob("damaged-*.sqlite3"))) == 1
    assert twinlens("verify", library=library).status == 0


def test_a_lost_database_knows_its_folders_from_the_decisions(tmp_path: Path) -> None:
    photos, library = tmp_path / "photos", tmp_path / "library"
    photos.mkdir()
    write_photo(photos, 1)
    assert twinlens("index", photos, library=library).status == 0
    for path in library.glob("library.sqlite3*"):
        path.unlink()
    shutil.rmtree(library / "index", ignore_errors=True)
    again = twinlens("index", library=library)
    assert again.lines[0]["added"] == 1
