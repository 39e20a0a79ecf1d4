"""Folders in, ranked photos out, through the command line and the real network."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from tests.journeys.commands import environment, program, twinlens
from tests.support import encoded, picture, scene

pytestmark = pytest.mark.model

NO_SOCKETS = """
import sys
def guard(event, arguments):
    if event.startswith("socket.") and event != "socket.gethostname":
        import os, traceback
        traceback.print_stack()
        os._exit(77)
sys.addaudithook(guard)
"""

NO_QT = """
import sys
for name in ("PySide6", "shiboken6"):
    sys.modules[name] = None
"""


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of 20 photos, three of them in a folder below it."""
    folder = tmp_path_factory.mktemp("photos")
    (folder / "sub").mkdir()
    for number in range(20):
        place = folder / "sub" if number >= 17 else folder
        data = encoded(scene(number), "JPEG", quality=92)
        (place / f"{number:02}.jpg").write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def library(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a library that knows them."""
    place = tmp_path_factory.mktemp("library")
    ran = twinlens("index", photos, library=place, before=NO_SOCKETS + NO_QT)
    assert ran.status == 0, ran.errors
    assert ran.lines[0]["added"] == 20
    return place


def test_a_photo_finds_itself_first_without_network_or_qt(photos: Path, library: Path) -> None:
    query = photos / "05.jpg"
    ran = twinlens("search", query, "-k", "5", library=library, before=NO_SOCKETS + NO_QT)
    assert ran.status == 0, ran.errors
    assert ran.errors == ""
    assert [line["rank"] for line in ran.lines] == [1, 2, 3, 4, 5]
    first = ran.lines[0]
    assert set(first) == {
        "query", "rank", "path", "score", "match", "photo_id", "probability", "region",
    }  # fmt: skip
    assert (first["query"], first["path"]) == (str(query), str(query))
    assert first["score"] == pytest.approx(1.0, abs=1e-6)
    assert first["match"] == "same-bytes"
    scores = [line["score"] for line in ran.lines]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("variant", ["re-encoded", "half size", "turned by EXIF", "another format"])
def test_the_same_photo_in_another_form_is_found_first(
    photos: Path, library: Path, tmp_path: Path, variant: str
) -> None:
    original = photos / "07.jpg"
    query = tmp_path / "query.jpg"
    with Image.open(original) as image:
        if variant == "re-encoded":
            image.save(query, quality=40)
        elif variant == "half size":
            image.resize((image.width // 2, image.height // 2)).save(query)
        elif variant == "another format":
            query = query.with_suffix(".webp")
            image.save(query)
        else:
            exif = Image.Exif()
            exif[0x0112] = 6
            image.transpose(Image.Transpose.ROTATE_90).save(query, exif=exif, quality=95)
    ran = twinlens("search", query, "-k", "1", library=library)
    assert [line["path"] for line in ran.lines] == [str(original)]
    assert ran.lines[0]["match"] is None


def test_k_beyond_the_library_returns_every_file_ranked(photos: Path, library: Path) -> None:
    ran = twinlens("search", photos / "00.jpg", "-k", "1000", library=library)
    assert len(ran.lines) == 20
    assert len({line["path"] for line in ran.lines}) == 20


def test_compare_equals_search(photos: Path, library: Path) -> None:
    a, b = photos / "01.jpg", photos / "02.jpg"
    found = {
        line["path"]: line["score"]
        for line in twinlens("search", a, "-k", "1000", library=library).lines
    }
    compared = twinlens("compare", a, b, library=library).lines[0]
    assert compared["score"] == pytest.approx(found[str(b)], abs=1e-4)
    assert set(compared) == {"a", "b", "score", "match", "inliers", "probability", "region"}


def test_compare_draws_a_heat_map(photos: Path, library: Path, tmp_path: Path) -> None:
    target = tmp_path / "map.png"
    ran = twinlens(
        "compare", photos / "01.jpg", photos / "02.jpg", "--heatmap", target, library=library
    )
    assert ran.status == 0
    with Image.open(target) as image:
        assert image.format == "PNG"
        assert image.width > image.height


def test_several_examples_weights_and_negatives(photos: Path, library: Path) -> None:
    a, b = photos / "03.jpg", photos / "04.jpg"
    both = twinlens("search", a, b, "-k", "2", library=library)
    assert {line["path"] for line in both.lines} == {str(a), str(b)}
    assert {line["query"] for line in both.lines} == {str(a)}
    heavy = twinlens("search", a, b, "--weight", "1", "--weight", "5", "-k", "1", library=library)
    assert heavy.lines[0]["path"] == str(b)
    without = twinlens("search", a, "--not", b, "-k", "1000", library=library)
    plain = twinlens("search", a, "-k", "1000", library=library)
    score = {line["path"]: line["score"] for line in without.lines}
    assert score[str(b)] < {line["path"]: line["score"] for line in plain.lines}[str(b)]


def test_a_region_is_a_query_of_its_own(photos: Path, library: Path, tmp_path: Path) -> None:
    wide = tmp_path / "wide.png"
    with Image.open(photos / "08.jpg") as left, Image.open(photos / "09.jpg") as right:
        canvas = Image.new("RGB", (640, 240))
        canvas.paste(left, (0, 0))
        canvas.paste(right, (320, 0))
        canvas.save(wide)
    for region, name in (("0,0,0.5,1", "08.jpg"), ("0.5,0,0.5,1", "09.jpg")):
        ran = twinlens("search", wide, "--region", region, "-k", "1", library=library)
        assert ran.lines[0]["path"] == str(photos / name)


def test_each_answers_the_readable_and_says_so(photos: Path, library: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff not a photo")
    a, b = photos / "01.jpg", photos / "02.jpg"
    ran = twinlens("search", a, broken, b, "--each", "-k", "1", library=library)
    assert ran.status == 1
    assert [line["query"] for line in ran.lines] == [str(a), str(b)]
    assert "broken.jpg" in ran.errors
    alone = twinlens("search", broken, library=library)
    assert alone.status == 2
    assert alone.lines == []
    assert "broken.jpg" in alone.errors


@pytest.mark.parametrize(
    "arguments",
    [
        ["search"],
        ["search", "a.jpg", "--each", "--weight", "2"],
        ["search", "a.jpg", "--each", "--not", "b.jpg"],
        ["search", "a.jpg", "--region", "0,0,2,1"],
        ["search", "a.jpg", "--region", "nonsense"],
        ["search", "a.jpg", "--weight", "1", "--weight", "2"],
        ["search", "no-such-file.jpg"],
        ["search", "a.jpg", "-k", "0"],
        ["index", "no-such-folder"],
        ["forget", "no-such-folder"],
        ["models", "use", "no-such-model"],
        ["frobnicate"],
        ["evaluate", "no-such-folder"],
    ],
)
def test_bad_arguments_are_one_sentence_and_exit_2(library: Path, arguments: list[str]) -> None:
    options = [] if arguments == ["frobnicate"] else ["--library", str(library)]
    ran = twinlens(*arguments, *options, as_json=False)
    assert ran.status == 2
    assert ran.out == b""
    assert ran.errors.strip()
    assert "Traceback" not in ran.errors


def test_the_library_at_a_glance(photos: Path, library: Path) -> None:
    stats = twinlens("stats", library=library).lines[0]
    assert (stats["photos"], stats["files"], stats["failed"], stats["offline"]) == (20, 20, 0, 0)
    assert stats["model_id"].startswith("efficientnet-lite0")
    assert stats["recall_at_10"] >= 0.98
    assert twinlens("folders", library=library).lines == [
        {"folder": str(photos), "state": "up-to-date", "files": 20, "note": ""}
    ]
    models = {line["name"]: line for line in twinlens("models", library=library).lines}
    assert models["efficientnet-lite0"]["in_use"] is True
    assert models["efficientnet-lite2"]["in_use"] is False
    rebuilt = twinlens("rebuild", library=library).lines[0]
    assert rebuilt["indexed"] == 20


def test_changes_on_disk_are_told_apart(tmp_path: Path) -> None:
    photos, library = tmp_path / "photos", tmp_path / "library"
    photos.mkdir()
    for number in range(6):
        (photos / f"{number}.jpg").write_bytes(encoded(picture(number), "JPEG"))
    assert twinlens("index", photos, library=library).lines[0]["added"] == 6
    (photos / "0.jpg").rename(photos / "moved.jpg")
    (photos / "1.jpg").unlink()
    (photos / "2.jpg").write_bytes(encoded(picture(102), "JPEG"))
    (photos / "new.jpg").write_bytes(encoded(picture(103), "JPEG"))
    (photos / "bad.jpg").write_bytes(b"")
    (photos / "notes.txt").write_text("not a photo")
    counts = twinlens(
        "index",
        library=library,
    ).lines[0]
    expected = {
        "found": 7, "added": 1, "updated": 1, "unchanged": 3, "renamed": 1, "removed": 1,
        "failed": 1, "skipped": 1,
    }  # fmt: skip
    assert {name: counts[name] for name in expected} == expected
    assert twinlens("index", "--strict", library=library).status == 1
    failures = {
        Path(line["path"]).name: line for line in twinlens("failures", library=library).lines
    }
    assert set(failures) == {"bad.jpg", "notes.txt"}
    assert failures["bad.jpg"]["code"] == "empty"
    assert failures["bad.jpg"]["reason"]


def test_forgetting_a_folder_leaves_its_files(tmp_path: Path) -> None:
    photos, library = tmp_path / "photos", tmp_path / "library"
    (photos / "inner").mkdir(parents=True)
    (photos / "a.jpg").write_bytes(encoded(picture(1), "JPEG"))
    (photos / "inner" / "b.jpg").write_bytes(encoded(picture(2), "JPEG"))
    assert twinlens("index", photos, library=library).lines[0]["added"] == 2
    nested = twinlens("index", photos / "inner", library=library).lines[0]
    assert (nested["unchanged"], nested["added"]) == (1, 0)
    assert twinlens("stats", library=library).lines[0]["files"] == 2
    assert twinlens("forget", photos, library=library).status == 0
    assert twinlens("stats", library=library).lines[0]["files"] == 1
    assert (photos / "a.jpg").exists()
    found = twinlens("search", photos / "a.jpg", library=library).lines
    assert [line["path"] for line in found] == [str(photos / "inner" / "b.jpg")]


def test_a_folder_that_vanished_is_offline_and_still_searchable(tmp_path: Path) -> None:
    photos, library = tmp_path / "photos", tmp_path / "library"
    photos.mkdir()
    query = tmp_path / "query.jpg"
    for path in (photos / "a.jpg", query):
        path.write_bytes(encoded(picture(1), "JPEG"))
    twinlens("index", photos, library=library)
    photos.rename(tmp_path / "unplugged")
    counts = twinlens("index", library=library)
    assert counts.status == 0
    assert counts.lines[0]["removed"] == 0
    assert twinlens("folders", library=library).lines[0]["state"] == "offline"
    assert twinlens("search", query, library=library).lines[0]["path"] == str(photos / "a.jpg")
    (tmp_path / "unplugged").rename(photos)
    back = twinlens("index", library=library).lines[0]
    assert (back["unchanged"], back["added"]) == (1, 0)


def test_copies_stand_at_adjacent_ranks_and_share_one_photo(tmp_path: Path) -> None:
    photos, library = tmp_path / "photos", tmp_path / "library"
    photos.mkdir()
    for number in range(5):
        (photos / f"{number}.jpg").write_bytes(encoded(picture(number), "JPEG"))
    (photos / "copy of 2.jpg").write_bytes((photos / "2.jpg").read_bytes())
    twinlens("index", photos, library=library)
    lines = twinlens("search", photos / "2.jpg", library=library).lines
    assert [Path(line["path"]).name for line in lines[:2]] == ["2.jpg", "copy of 2.jpg"]
    assert lines[0]["photo_id"] == lines[1]["photo_id"]
    assert {line["match"] for line in lines[:2]} == {"same-bytes"}
    assert twinlens("stats", library=library).lines[0]["photos"] == 5


def test_names_that_are_not_text_go_in_and_out_unchanged(tmp_path: Path) -> None:
    photos, library = tmp_path / "photos", tmp_path / "library"
    photos.mkdir()
    names = [b"not \xff utf-8.jpg", b"new\nline.jpg", b"n" * 251 + b".jpg"]
    for number, name in enumerate(names):
        path = Path(os.fsdecode(os.fsencode(photos) + b"/" + name))
        path.write_bytes(encoded(picture(number), "JPEG"))
    assert twinlens("index", photos, library=library).lines[0]["added"] == 3
    for name in names:
        raw = os.fsencode(photos) + b"/" + name
        ran = twinlens("search", raw, "-k", "1", library=library)
        assert ran.out.isascii()
        assert os.fsencode(ran.lines[0]["path"]) == raw
        assert os.fsencode(ran.lines[0]["query"]) == raw
        shown = twinlens("search", raw, "-k", "1", library=library, as_json=False)
        assert len(shown.out.splitlines()) == 1


def test_a_second_writer_is_told_and_reading_goes_on(photos: Path, library: Path) -> None:
    with subprocess.Popen(
        program("watch", "--library", library, "--json"),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as writer:
        assert writer.stderr is not None
        assert b"Watching" in writer.stderr.readline()
        second = twinlens("index", library=library)
        assert second.status == 2
        assert "Another Twinlens is writing" in second.errors
        reading = twinlens("search", photos / "01.jpg", "-k", "1", library=library)
        assert reading.lines[0]["path"] == str(photos / "01.jpg")
        writer.send_signal(signal.SIGINT)
        assert writer.wait() == 130
        assert writer.stdout is not None
        writer.stdout.read()


def test_ctrl_c_keeps_what_was_done_and_exits_130(tmp_path: Path) -> None:
    photos, library = tmp_path / "photos", tmp_path / "library"
    photos.mkdir()
    for number in range(300):
        (photos / f"{number:03}.png").write_bytes(encoded(picture(number, 400, 300)))
    with subprocess.Popen(
        program("index", photos, "--library", library, "--json"),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        while not list((library / "thumbnails").glob("*/*")) and child.poll() is None:
            os.sched_yield()
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate()
    assert child.returncode == 130
    assert b"Traceback" not in errors
    report = twinlens("verify", library=library).lines[0]
    assert report["embeddings"] == report["indexed"] == report["files"]
    again = twinlens("index", library=library).lines[0]
    assert again["unchanged"] == report["files"]
    assert again["added"] == 300 - report["files"]


def test_a_closed_pipe_ends_silently(photos: Path, library: Path) -> None:
    child = subprocess.Popen(
        program("search", photos / "01.jpg", "--library", library, "--json"),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.close()
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait() == 0


def test_the_photos_are_not_touched(tmp_path: Path) -> None:
    photos, library = tmp_path / "photos", tmp_path / "library"
    photos.mkdir()
    path = photos / "a.jpg"
    path.write_bytes(encoded(picture(1), "JPEG"))
    path.chmod(0o444)
    os.utime(path, ns=(1_000_000_000, 1_000_000_000))
    photos.chmod(0o555)
    before = (
        path.read_bytes(),
        path.stat().st_mtime_ns,
        path.stat().st_ino,
        sorted(photos.iterdir()),
    )
    twinlens("index", photos, library=library)
    twinlens("search", path, library=library)
    assert (
        path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino, sorted(photos.iterdir())
    ) == before  # fmt: skip
    photos.chmod(0o755)


def test_another_model_takes_over_once_everything_is_embedded(tmp_path: Path) -> None:
    photos, library = tmp_path / "photos", tmp_path / "library"
    photos.mkdir()
    for number in range(4):
        (photos / f"{number}.jpg").write_bytes(encoded(picture(number), "JPEG"))
    twinlens("index", photos, library=library)
    chosen = twinlens("models", "use", "efficientnet-lite2", library=library)
    assert chosen.status == 0
    assert chosen.lines[0]["in_use"] is False
    still = twinlens("stats", library=library).lines[0]
    assert still["model_id"].startswith("efficientnet-lite0")
    assert twinlens("search", photos / "1.jpg", library=library).lines[0]["score"] >= 0.999
    assert twinlens("index", library=library).lines[0]["unchanged"] == 4
    now = twinlens("stats", library=library).lines[0]
    assert now["model_id"].startswith("efficientnet-lite2")
    assert twinlens("search", photos / "1.jpg", library=library).lines[0]["score"] >= 0.999
    dropped = twinlens("models", "drop", "efficientnet-lite0", library=library)
    assert dropped.lines[0]["dropped"] == 4
    assert twinlens("models", "drop", "efficientnet-lite2", library=library).status == 2


def test_nothing_indexed_yet_is_a_sentence_not_an_error(tmp_path: Path) -> None:
    query = tmp_path / "query.jpg"
    query.write_bytes(encoded(picture(1), "JPEG"))
    ran = twinlens("search", query, library=tmp_path / "library")
    assert ran.status == 0
    assert ran.lines == []
    assert "empty" in ran.errors


def test_the_library_may_be_named_before_the_verb(library: Path) -> None:
    ran = twinlens("--library", library, "stats", "--json", as_json=False)
    assert b'"photos": 20' in ran.out
