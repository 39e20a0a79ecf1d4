"""A full disk is one sentence, and nothing is torn."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.commands import twinlens
from tests.support import encoded, scene

pytestmark = pytest.mark.model


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of its own that holds 3 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)]
    if (
        sys.platform != "linux"
        or subprocess.run(mount, check=False, capture_output=True).returncode
    ):
        pytest.skip("mounting a small disk needs Linux and root")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_keeps_what_was_committed(small_disk: Path, tmp_path: Path) -> None:
    photos, library = tmp_path / "photos", small_disk / "library"
    photos.mkdir()
    for number in range(260):
        (photos / f"{number:03}.jpg").write_bytes(encoded(scene(number), "JPEG"))
    full = twinlens("index", photos, library=library)
    assert full.status == 2
    assert "is full" in full.errors
    assert "Traceback" not in full.errors
    report = twinlens("verify", library=library).lines[0]
    assert report["files"] == report["embeddings"] == report["indexed"]
    subprocess.run(["mount", "-o", "remount,size=60m", str(small_disk)], check=True)
    again = twinlens("index", library=library)
    assert again.status == 0, again.errors
    assert again.lines[0]["unchanged"] == report["files"]
    assert twinlens("verify", library=library).lines[0]["ok"]
