"""Searches that are taught and kept, from a terminal."""

from pathlib import Path

import pytest
from PIL import Image

from tests.gui.generated import write_photos
from tests.journeys.commands import Ran, twinlens

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_photos(tmp_path_factory.mktemp("photos"))


@pytest.fixture(scope="module")
def library(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("library")
    assert twinlens("index", photos, "--quick", library=place).status == 0
    return place


def families(ran: Ran, first: int) -> list[str]:
    return [Path(line["path"]).name.split("-")[0] for line in ran.lines[:first]]


def test_marks_turn_the_order_to_what_was_called_right(photos: Path, library: Path) -> None:
    query = photos / "sunset-0.jpg"
    good = [photos / f"forest-{n}.jpg" for n in range(3)]
    bad = [photos / f"checker-{n}.jpg" for n in range(2)]
    taught = twinlens(
        "search",
        query,
        *(part for path in good for part in ("--good", path)),
        *(part for path in bad for part in ("--bad", path)),
        library=library,
    )
    assert taught.status == 0, taught.errors
    plain = families(twinlens("search", query, library=library), 12)
    assert families(taught, 12).count("forest") > plain.count("forest")
    assert "checker" not in families(taught, 9)
    few = twinlens("search", query, "--good", good[0], library=library)
    assert "from 3 on" in few.errors
    assert families(few, 12) == plain


def test_a_search_is_kept_listed_asked_again_and_forgotten(
    photos: Path, library: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "mine.jpg"
    outside.write_bytes((photos / "circles-1.jpg").read_bytes() + b"\0")
    marks = [photos / f"circles-{n}.jpg" for n in range(3)]
    options = [part for path in marks for part in ("--good", path)]
    first = twinlens("search", outside, *options, "--save", "rings", library=library)
    assert first.status == 0, first.errors
    assert "'rings'" in first.errors
    outside.unlink()
    listed = twinlens("searches", library=library)
    assert listed.lines == [{"name": "rings", "examples": 1, "marks": 3, "missing": 0}]
    again = twinlens("search", "--saved", "rings", library=library)
    assert [line["path"] for line in again.lines] == [line["path"] for line in first.lines]
    assert {line["query"] for line in again.lines} == {"rings"}
    forgotten = twinlens("searches", "--forget", "rings", library=library)
    assert forgotten.lines == [{"name": "rings", "forgotten": True}]
    assert twinlens("searches", library=library).lines == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--saved", "nothing"], "no search called 'nothing'"),
        (["--saved", "a", "b.jpg"], "examples of its own"),
        (["--good", "b.jpg"], "Name an image"),
        (["--label", "dog", "--save", "a"], "without an image"),
        (["a.jpg", "--each", "--save", "b"], "with --each"),
        (["a.jpg", "--save", " "], "needs a name"),
    ],
)
def test_what_has_no_meaning_is_refused(
    photos: Path, library: Path, arguments: list[str], said: str
) -> None:
    named = [str(photos / "sunset-0.jpg") if item == "a.jpg" else item for item in arguments]
    ran = twinlens("search", *named, library=library)
    assert ran.status == 2
    assert said in ran.errors
    assert not twinlens("searches", library=library).lines


def test_forgetting_what_was_never_kept_says_so(library: Path) -> None:
    ran = twinlens("searches", "--forget", "never", library=library)
    assert ran.status == 2
    assert "no search called 'never'" in ran.errors


def test_a_least_match_lists_only_what_is_proven(
    photos: Path, library: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again.jpg"
    with Image.open(photos / "sunset-0.jpg") as image:
        image.save(again, quality=60)
    (hit,) = twinlens("search", again, "--match", "edited", library=library).lines
    assert Path(hit["path"]).name == "sunset-0.jpg"
    assert hit["match"] in ("same-pixels", "re-encoded", "edited")
    none = twinlens("search", again, "--match", "same-bytes", library=library)
    assert (none.status, none.lines) == (0, [])
    assert twinlens("search", "--match", "edited", library=library).status == 2
