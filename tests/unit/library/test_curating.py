"""Duplicates and sets through the door: what is shown, what is left out, what is suggested."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageFilter

from tests.edits import EDITS
from tests.unit.inference.tiny_model import write_model
from tests.unit.matching.pictures import busy
from twinlens.errors import UsageError
from twinlens.inference import model_spec
from twinlens.library import Library
from twinlens.records import MatchClass
from twinlens.reports import Group


def written(path: Path, image: Image.Image, taken: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    if taken:
        exif[0x0110] = "Test camera"
        exif.get_ifd(0x8769)[0x9003] = taken
    image.save(path, quality=92, exif=exif)
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two folders: at home a photo and two copies of it, a bracket and another photo; a card."""
    monkeypatch.setenv("TWINLENS_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(model_spec, "user_data_path", lambda *_, **__: tmp_path / "none")
    write_model(tmp_path / "models" / "colours")
    home, card = tmp_path / "home", tmp_path / "card"
    photo = written(home / "photo.jpg", busy(1))
    written(home / "small.jpg", EDITS["half size"][0](busy(1)))
    written(home / "cut.jpg", EDITS["crop 75 %"][0](busy(1)))
    (card / "DCIM").mkdir(parents=True)
    (card / "DCIM" / "again.jpg").write_bytes(photo.read_bytes())
    for number, kind in enumerate(("darker", "contrast", "lighter")):
        shot = EDITS[kind][0](busy(2))
        written(home / f"IMG_000{number + 1}.JPG", shot, f"2024:05:01 10:00:0{number}")
    live = written(home / "IMG_0100.jpg", busy(3))
    live.with_suffix(".MOV").write_bytes(b"\0\0\0\x14ftypqt  " + bytes(100))
    return home


@pytest.fixture
def library(home: Path, tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library", writer=True) as opened:
        opened.use_model("colours")
        opened.add_folder(home)
        opened.add_folder(tmp_path / "card")
        opened.index_folders(closer=True)
        yield opened


def names(groups: list[Group]) -> list[set[str]]:
    return [{member.path.name for member in group.members} for group in groups]


PICTURE = {"photo.jpg", "again.jpg", "small.jpg", "cut.jpg"}


def test_copies_come_together_and_a_bracket_does_not(library: Library) -> None:
    (group,) = library.duplicates()
    assert names([group]) == [PICTURE]
    assert group.match is MatchClass.EDITED
    matches = {member.path.name: member.match for member in group.members}
    assert matches["again.jpg"] is matches["photo.jpg"] is MatchClass.SAME_BYTES
    assert matches["cut.jpg"] is MatchClass.EDITED
    assert group.best.name in {"photo.jpg", "again.jpg"}
    reasons = {member.path.name: member.reasons[0] for member in group.members}
    assert "240 × 180, not 480 × 360" in reasons["small.jpg"]
    assert "part" in reasons["cut.jpg"]


def test_the_share_of_the_work_is_told_and_what_is_stopped_goes_on(library: Library) -> None:
    shares: list[float] = []
    stopped = library.duplicates(told=shares.append, should_stop=lambda: bool(shares))
    assert shares == sorted(shares)
    assert shares[-1] < 1
    # What is known by its bytes alone needs no looking.
    assert names(stopped) == [{"photo.jpg", "again.jpg"}]
    shares.clear()
    (group,) = library.duplicates(told=shares.append)
    assert names([group]) == [PICTURE]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_of_two_versions_the_one_with_the_notes_of_a_camera_is_suggested(
    library: Library, home: Path
) -> None:
    edits = (
        lambda image: image.filter(ImageFilter.UnsharpMask(3, 200)),
        EDITS["contrast"][0],
        EDITS["white border"][0],
    )
    for number, edit in enumerate(edits, start=5):
        written(home / f"{number} original.jpg", busy(number), "2020:05:01 10:00:00")
        written(home / f"{number} edit.jpg", edit(busy(number)))
    library.index_folders(closer=True)
    best = {group.best.name for group in library.duplicates()}
    assert best >= {f"{number} original.jpg" for number in range(5, 5 + len(edits))}


def test_a_lossless_file_of_what_a_jpeg_holds_is_not_suggested(
    library: Library, home: Path
) -> None:
    with Image.open(home / "photo.jpg") as photo:
        photo.save(home / "photo.png")
    library.index_folders(closer=True)
    (group,) = library.duplicates()
    assert group.best.name in {"photo.jpg", "again.jpg"}
    reasons = {member.path.name: member.reasons[0] for member in group.members}
    assert reasons["photo.png"] == "PNG made of a JPEG"


def test_bursts_are_shown_on_request_with_the_sharpest_shot_first(
    library: Library, home: Path
) -> None:
    blurred, lighter = EDITS["blur"][0], EDITS["lighter"][0]
    for number, (image, second) in enumerate(
        ((blurred(busy(7)), 1), (busy(7), 2), (blurred(busy(7)), 3), (lighter(busy(7)), 55))
    ):
        written(home / "bursts" / f"shot-{number}.jpg", image, f"2024:05:01 12:00:{second:02}")
    library.index_folders(closer=True)
    found = library.duplicates(bursts=True)
    assert {f"shot-{n}.jpg" for n in range(3)} in names(found)
    assert not any("shot-3.jpg" in group or "photo.jpg" in group for group in names(found))
    (burst,) = (group for group in found if group.best.parent.name == "bursts")
    assert burst.best.name == "shot-1.jpg"
    # None of them is called a copy, so none goes unless somebody says so.
    assert burst.match is MatchClass.SAME_SCENE
    assert not library.plan([burst], keep=False).going
    assert PICTURE in names(library.duplicates())


def test_the_weakest_relation_that_counts_can_be_chosen(library: Library) -> None:
    assert names(library.duplicates(least=MatchClass.SAME_BYTES)) == [{"photo.jpg", "again.jpg"}]
    close = library.duplicates(least=MatchClass.RE_ENCODED)
    assert names(close) == [PICTURE - {"cut.jpg"}]
    with pytest.raises(UsageError, match="alike"):
        library.duplicates(least=MatchClass.ALIKE)


def test_folders_narrow_the_groups(library: Library, home: Path, tmp_path: Path) -> None:
    assert names(library.duplicates(within=home)) == [PICTURE - {"again.jpg"}]
    assert library.duplicates(within=tmp_path / "card") == []
    assert names(library.duplicates(across=tmp_path / "card")) == [PICTURE]
    (home / "photo.jpg").unlink()
    (home / "small.jpg").unlink()
    (home / "cut.jpg").unlink()
    library.index_folders()
    assert library.duplicates(across=tmp_path / "card") == []


def test_a_preferred_folder_holds_the_best(library: Library, tmp_path: Path) -> None:
    rules = ["intact", "resolution", "folder"]
    for folder, best in (("card", "again.jpg"), ("home", "photo.jpg")):
        (group,) = library.duplicates(rules=rules, preferred=[tmp_path / folder])
        assert group.best.name == best
    with pytest.raises(UsageError, match="beauty"):
        library.duplicates(rules=["beauty"])


def test_a_new_copy_joins_its_group(library: Library, home: Path) -> None:
    (before,) = library.duplicates()
    written(home / "turned.jpg", EDITS["turn 90"][0](busy(1)))
    library.index_folders(closer=True)
    (after,) = library.duplicates()
    assert names([after]) == [PICTURE | {"turned.jpg"}]
    assert after.group == before.group


def test_what_belongs_together_is_listed(library: Library) -> None:
    library.duplicates()
    kinds = {group.kept_as: group for group in library.kept_sets()}
    assert names([kinds["bracket"]]) == [{f"IMG_000{n}.JPG" for n in (1, 2, 3)}]
    assert names([kinds["live-photo"]]) == [{"IMG_0100.jpg"}]
    assert kinds["live-photo"].members[0].reasons == ("with IMG_0100.MOV",)
    assert set(kinds) == {"bracket", "live-photo"}


def test_photos_without_a_closer_look_are_counted(library: Library, home: Path) -> None:
    assert library.unseen_count() == 0
    written(home / "new.jpg", busy(9))
    library.index_folders()
    assert library.unseen_count() == 1
