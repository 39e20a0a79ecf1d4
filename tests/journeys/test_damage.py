"""A library that is damaged, or not one's own: one sentence, or mended in one run."""

import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.commands import environment, program, twinlens
from tests.support import encoded, picture

pytestmark = pytest.mark.model

PAGE = 16384
PHOTOS = 5


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for number in range(PHOTOS):
        (folder / f"{number}.png").write_bytes(encoded(picture(number)))
    return folder


@pytest.fixture
def library(photos: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    assert twinlens("index", photos, library=folder).status == 0
    return folder


def spoil(library: Path) -> None:
    """Put garbage at the start of every page but the first."""
    database = library / "library.sqlite3"
    with database.open("r+b") as stream:
        for offset in range(PAGE, database.stat().st_size, PAGE):
            stream.seek(offset)
            stream.write(random.Random(offset).randbytes(800))


def one_sentence(errors: str) -> bool:
    return "Traceback" not in errors and len(errors.strip().splitlines()) == 1


def test_readers_say_it_and_indexing_mends_it(library: Path, photos: Path) -> None:
    spoil(library)
    for verb in (["folders"], ["search", photos / "1.png"], ["failures"], ["stats"]):
        ran = twinlens(*verb, library=library)
        assert ran.status == 2
        assert one_sentence(ran.errors)
        assert "Run 'twinlens index'" in ran.errors
    checked = twinlens("verify", library=library)
    assert checked.status in (1, 2)
    assert "Traceback" not in checked.errors
    ran = twinlens("index", library=library)
    assert ran.status == 0
    assert ran.lines[0]["added"] == PHOTOS
    assert one_sentence(ran.errors)
    assert "moved to damaged-" in ran.errors
    assert twinlens("verify", library=library).status == 0
    again = twinlens("index", library=library)
    assert (again.lines[0]["unchanged"], again.errors) == (PHOTOS, "")


def test_damage_under_a_watcher_ends_it_with_a_sentence(library: Path, photos: Path) -> None:
    with subprocess.Popen(
        program("watch", "--library", library, "--json"),
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stderr is not None
        assert b"Watching" in child.stderr.readline()
        spoil(library)
        # Whatever it reads next, it reads from memory or from the damaged file.
        (photos / "new.png").write_bytes(encoded(picture(99)))
        (photos / "new.png").unlink()
        try:
            errors = child.communicate(timeout=20)[1].decode()
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGINT)
            errors = child.communicate()[1].decode()
    assert "Traceback" not in errors
    assert twinlens("index", library=library).lines[0]["found"] == PHOTOS
    assert twinlens("verify", library=library).status == 0


@pytest.mark.parametrize("taken", ["settings.json", "lock", "decisions.jsonl"])
def test_a_folder_in_the_place_of_a_file_is_one_sentence(library: Path, taken: str) -> None:
    (library / taken).unlink(missing_ok=True)
    (library / taken).mkdir()
    ran = twinlens("index", library=library)
    assert ran.status == 2
    assert one_sentence(ran.errors)
    assert taken in ran.errors


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such permission there")
def test_a_library_nobody_may_write_to_can_be_searched(library: Path, photos: Path) -> None:
    # The superuser may write everywhere, unless that is taken away.
    humble = [shutil.which("setpriv"), "--bounding-set=-dac_override,-dac_read_search"]
    if os.geteuid() == 0 and humble[0] is None:
        pytest.skip("run as somebody other than root, or with setpriv")
    prefix = humble if os.geteuid() == 0 else []
    before = sorted(library.iterdir())
    library.chmod(0o555)
    try:
        found, refused = (
            subprocess.run(
                [*prefix, *program(*verb, "--library", library)],  # type: ignore[list-item]
                capture_output=True,
                check=False,
                env=environment(),
            )
            for verb in (["search", photos / "1.png", "-k", "1"], ["index"])
        )
    finally:
        library.chmod(0o755)
    assert found.returncode == 0, found.stderr
    assert os.fsencode(photos / "1.png") in found.stdout
    assert refused.returncode == 2
    assert b"may not be written to" in refused.stderr
    assert sorted(library.iterdir()) == before
