"""Photos found by what they show; the network is a real, very small one that knows colours."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.journeys.commands import twinlens
from tests.support import encoded
from tests.unit.inference.tiny_model import write_model
from twinlens.errors import UsageError
from twinlens.inference import model_spec
from twinlens.library import Library
from twinlens.records import Example, Filters, Query

CLASSES = "r\tred\ng\tgreen\nb\tblue\n"
KINDS = '[[kind]]\nname = "warm"\nclasses = "0-1"\nwords = ["sunny"]\n'
LABELS = "[labels]\nsingle = [0.0, 3.0]\nkind = [-3.0, 3.0]"
COLOURS = {
    "red": (255, 0, 0),
    "reddish": (255, 90, 90),
    "green": (0, 255, 0),
    "grey": (128, 128, 128),
}


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    monkeypatch.setenv("TWINLENS_MODELS", str(folder))
    monkeypatch.setattr(model_spec, "user_data_path", lambda *_, **__: tmp_path / "none")
    colours = write_model(folder / "colours", more=LABELS)
    spec = (colours / "spec.toml").read_text(encoding="utf-8")
    spec = spec.replace("[preprocessing]", 'classes = "names.tsv"\nkinds = "kinds.toml"\n$', 1)
    spec = spec.replace("$", "\n[preprocessing]", 1)
    spec = spec.replace("[outputs]", '[outputs]\nlogits = "colour"')
    (colours / "spec.toml").write_text(spec, encoding="utf-8")
    (colours / "names.tsv").write_text(CLASSES, encoding="utf-8")
    (colours / "kinds.toml").write_text(KINDS, encoding="utf-8")
    write_model(folder / "silent")
    return folder


@pytest.fixture
def library(tmp_path: Path, models: Path) -> Iterator[Library]:
    photos = tmp_path / "photos"
    photos.mkdir()
    for name, colour in COLOURS.items():
        pixels = np.full((80, 100, 3), colour, np.uint8)
        (photos / f"{name}.png").write_bytes(encoded(pixels))
    icon = np.full((40, 40, 3), COLOURS["red"], np.uint8)
    (photos / "icon.png").write_bytes(encoded(icon))
    (photos / "red2.png").write_bytes((photos / "red.png").read_bytes())
    with Library(tmp_path / "library", writer=True) as opened:
        opened.use_model("colours")
        opened.add_folder(photos)
        opened.index_folders(closer=True)
        yield opened


def seen(library: Library, word: str, **more: str) -> list[str]:
    return [s.path.stem for s in library.sightings(Filters(label=word, **more))]  # type: ignore[arg-type]


def test_photos_are_found_by_a_word_surest_first(library: Library) -> None:
    assert seen(library, "red") == ["red", "red2", "reddish"]
    assert set(seen(library, "sunny")) == {"red", "red2", "green", "reddish"}
    assert seen(library, "blue") == []
    found = library.sightings(Filters(label="red"))
    assert [s.rank for s in found] == [1, 2, 3]
    assert found[0].confidence == found[1].confidence > found[2].confidence >= 0.7


def test_other_filters_and_the_limit_count_too(library: Library) -> None:
    assert seen(library, "red", name="red2") == ["red2"]
    assert len(library.sightings(Filters(label="warm"), 2)) == 2


def test_a_picture_too_small_to_tell_has_no_label(library: Library) -> None:
    assert "icon" not in seen(library, "red")
    assert library.labelled_count() == library.photo_count() == 5


def test_a_search_and_the_grid_keep_to_what_the_label_says(library: Library) -> None:
    photo = next(s for s in library.sightings(Filters(label="green")))
    query = Query((Example(photo_id=photo.photo_id),), Filters(label="red"))
    assert {hit.path.stem for hit in library.search(query)} == {"red", "red2", "reddish"}
    tiles = library.browse(Filters(label="red"), "name")
    assert [tile.path.stem for tile in tiles] == ["red", "reddish"]
    assert library.browse(Filters(label="blue")) == []


def test_the_grid_lists_what_surely_shows_a_word_first(library: Library) -> None:
    every = tuple(library.photo_ids())
    for filters in (Filters(label="red"), Filters(label="red", among=every[::-1])):
        assert [tile.path.stem for tile in library.browse(filters, "label")] == ["red", "reddish"]
    by_date = [tile.photo_id for tile in library.browse(Filters())]
    assert [tile.photo_id for tile in library.browse(Filters(), "label")] == by_date


def test_a_photo_tells_what_it_shows(library: Library) -> None:
    by_name = {tile.path.stem: tile.photo_id for tile in library.browse(Filters())}
    shown = library.labels(by_name["green"])
    assert shown is not None
    assert [name for name, _ in shown] == ["green", "warm"]
    assert library.labels(by_name["grey"]) == []
    assert library.complete_label("su") == ["warm"]


def test_a_photo_not_looked_at_is_told_from_one_that_shows_nothing(library: Library) -> None:
    (library.folder.parent / "photos" / "new.png").write_bytes(
        encoded(np.full((80, 100, 3), (0, 0, 255), np.uint8))
    )
    library.index_folders()
    (new,) = library.browse(Filters(name="new"))
    assert library.labels(new.photo_id) is None
    assert (library.labelled_count(), library.photo_count()) == (5, 6)
    library.index_folders(closer=True)
    assert [name for name, _ in library.labels(new.photo_id) or ()] == ["blue"]
    assert library.labelled_count() == 6


def test_an_unknown_word_is_refused_everywhere(library: Library) -> None:
    photo = next(s.photo_id for s in library.sightings(Filters(label="green")))
    filters = Filters(label="purple")
    with pytest.raises(UsageError, match="no word for 'purple'"):
        library.sightings(filters)
    with pytest.raises(UsageError, match="no word for 'purple'"):
        library.browse(filters)
    with pytest.raises(UsageError, match="no word for 'purple'"):
        library.search(Query((Example(photo_id=photo),), filters))


def test_a_network_without_words_says_so(library: Library) -> None:
    library.use_model("silent")
    library.index_folders(closer=True)
    with pytest.raises(UsageError, match="does not say what a photo shows"):
        library.sightings(Filters(label="red"))
    assert library.labels(library.photo_ids()[0]) == []


def test_the_command_line_lists_what_a_word_finds(library: Library) -> None:
    ran = twinlens("search", "--label", "red", "-k", "2", library=library.folder)
    assert [Path(line["path"]).stem for line in ran.lines] == ["red", "red2"]
    assert all(line["score"] is None and line["query"] is None for line in ran.lines)
    assert all(line["confidence"] >= 0.7 and line["label"] == "red" for line in ran.lines)
    like = ran.lines[0]["path"]
    both = twinlens("search", like, "--label", "green", library=library.folder)
    assert [Path(line["path"]).stem for line in both.lines] == ["green"]
    assert both.lines[0]["score"] is not None
    assert twinlens("search", "--label", "blue", library=library.folder).lines == []


def test_the_command_line_refuses_what_has_no_meaning(library: Library) -> None:
    unknown = twinlens("search", "--label", "purple", library=library.folder)
    assert unknown.status == 2
    assert "no word for 'purple'" in unknown.errors
    assert twinlens("search", library=library.folder).status == 2
    assert twinlens("search", "--label", "red", "--each", library=library.folder).status == 2
