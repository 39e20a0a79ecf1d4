"""Models that come, go and break under a library; each is a real, very small network."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import encoded, picture
from tests.unit.inference.tiny_model import write_model
from twinlens.errors import ModelError
from twinlens.inference import model_spec
from twinlens.library import Library
from twinlens.records import Example, Query
from twinlens.reports import Notice
from twinlens.store import decisions


class Bookshelf:
    """Photos, a library that is opened for each act, and the models "one" and "two"."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.models = place / "models"
        self.photos = place / "photos"
        self.photos.mkdir()
        self.notices: list[Notice] = []
        for name in ("one", "two"):
            write_model(self.models / name, more=f'[made]\nfor = "{name}"')
        for number in range(3):
            self.put(number)
        with self.open() as library:
            library.use_model("one")
            library.add_folder(self.photos)
            library.index_folders()

    def put(self, number: int) -> None:
        (self.photos / f"{number}.png").write_bytes(encoded(picture(number)))

    def open(self) -> Library:
        return Library(self.place / "library", writer=True, notify=self.notices.append)

    def found(self, library: Library) -> list[str]:
        query = Query((Example(path=self.photos / "1.png"),))
        return sorted(hit.path.name for hit in library.search(query))


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bookshelf:
    monkeypatch.setenv("TWINLENS_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(model_spec, "user_data_path", lambda *_, **__: tmp_path / "none")
    return Bookshelf(tmp_path)


EVERY = ["0.png", "1.png", "2.png"]


def break_network(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"no network")


def break_spec(folder: Path) -> None:
    (folder / "spec.toml").write_text("name = ", encoding="utf-8")


Spoil = Callable[[Path], object]


def test_a_complete_model_takes_the_place_of_one_that_is_gone(shelf: Bookshelf) -> None:
    with shelf.open() as library:
        library.use_model("two")
        library.index_folders()
        assert library.stats().model_id.startswith("two")
    shutil.rmtree(shelf.models / "two")
    with shelf.open() as library:
        with pytest.raises(ModelError, match="models use"):
            library.stats()
        (missing,) = [item for item in library.models() if item.in_use]
        assert missing.name == "two"
        assert "cannot be used" in missing.note
        assert "from now on" in library.use_model("one")
        assert library.stats().model_id.startswith("one")
        assert shelf.found(library) == EVERY


@pytest.mark.parametrize("spoil", [shutil.rmtree, break_spec])
def test_indexing_goes_on_with_the_chosen_model_where_the_old_one_is_gone(
    shelf: Bookshelf, spoil: Spoil
) -> None:
    spoil(shelf.models / "one")
    with shelf.open() as library:
        assert "cannot be used any more" in library.use_model("two")
        with pytest.raises(ModelError, match="goes on with two"):
            shelf.found(library)
        assert library.index_folders().unchanged == 3
        assert library.stats().model_id.startswith("two")
        assert shelf.found(library) == EVERY
        assert library.verify().ok


@pytest.mark.parametrize("spoil", [shutil.rmtree, break_spec, break_network])
def test_a_chosen_model_that_broke_stops_no_indexing(shelf: Bookshelf, spoil: Spoil) -> None:
    shelf.put(3)
    with shelf.open() as library:
        assert "takes over once" in library.use_model("two")
        spoil(shelf.models / "two")
        counts = library.index_folders()
        assert (counts.added, counts.unchanged) == (1, 3)
        assert len(shelf.found(library)) == 4
    (notice,) = shelf.notices
    assert "one goes on answering" in notice.sentence
    assert not notice.news


@pytest.mark.parametrize("spoil", [shutil.rmtree, break_network])
def test_a_chosen_model_that_broke_stops_no_watching(shelf: Bookshelf, spoil: Spoil) -> None:
    with shelf.open() as library:
        library.use_model("two")
        spoil(shelf.models / "two")
        worker = library.start_watching()
        assert worker.wait_idle(60)
        shelf.put(3)
        library.rescan()
        assert worker.wait_idle(60)
        library.rescan()
        assert worker.wait_idle(60)
        assert worker.alive
        assert len(shelf.found(library)) == 4
    assert len(shelf.notices) == 1


def test_a_watcher_goes_on_with_a_model_that_took_over_at_once(shelf: Bookshelf) -> None:
    with shelf.open() as library:
        library.use_model("two")
        library.index_folders()
        worker = library.start_watching()
        assert worker.wait_idle(60)
        assert "from now on" in library.use_model("one")
        for number in (3, 4):
            shelf.put(number)
            library.rescan()
            assert worker.wait_idle(60)
        library.rescan()
        assert worker.wait_idle(60)
        assert len(shelf.found(library)) == 5


@pytest.mark.parametrize("spoil", [shutil.rmtree, break_spec, break_network])
def test_a_model_that_cannot_be_used_is_refused_at_once(shelf: Bookshelf, spoil: Spoil) -> None:
    spoil(shelf.models / "two")
    with shelf.open() as library:
        with pytest.raises(ModelError):
            library.use_model("two")
        library.index_folders()
        assert library.stats().model_id.startswith("one")
    assert shelf.notices == []


def test_models_that_cannot_be_used_are_listed_with_the_reason(shelf: Bookshelf) -> None:
    break_spec(shelf.models / "two")
    with shelf.open() as library:
        notes = {item.name: item.note for item in library.models()}
        assert notes["one"] == ""
        assert "cannot be used" in notes["two"]
        assert "spec" in notes["two"]
        assert not next(item for item in library.models() if item.name == "two").in_use


def test_a_model_on_its_way_is_not_shown_as_the_one_that_answers(shelf: Bookshelf) -> None:
    with shelf.open() as library:
        library.index_folders()
        before = library.status()
        library.use_model("two")
        library.index_folders(should_stop=lambda: library.status().activity == "embedding")
        during = library.status()
    assert (during.model, during.photos) == (before.model, before.photos)


def test_a_library_whose_database_is_lost_goes_on_with_the_chosen_model(shelf: Bookshelf) -> None:
    with shelf.open() as library:
        library.use_model("two")
        library.index_folders()
    for path in (shelf.place / "library").glob("library.sqlite3*"):
        path.unlink()
    with shelf.open() as library:
        assert [item.name for item in library.models() if item.in_use] == ["two"]
        assert library.index_folders().added == 3
        assert library.stats().model_id.startswith("two")
        assert shelf.found(library) == EVERY


def test_a_choice_that_only_the_journal_knows_takes_over_with_the_next_run(
    shelf: Bookshelf,
) -> None:
    journal = shelf.place / "library" / decisions.FILE_NAME
    choice = {"kind": "model", "key": "chosen", "body": "two", "at": 1.0}
    with journal.open("a", encoding="ascii") as stream:
        stream.write(json.dumps(choice) + "\n")
    with shelf.open() as library:
        assert library.stats().model_id.startswith("one")
        assert shelf.found(library) == EVERY
        library.index_folders()
        assert library.stats().model_id.startswith("two")
    assert shelf.notices == [Notice("two is in use from now on.", news=True)]


def test_choosing_the_model_in_use_withdraws_the_other_choice_for_good(shelf: Bookshelf) -> None:
    with shelf.open() as library:
        library.use_model("two")
        assert library.use_model("one") == "one is in use."
    (shelf.place / "library" / "library.sqlite3").unlink()
    with shelf.open() as library:
        library.index_folders()
        assert library.stats().model_id.startswith("one")
    assert shelf.notices == []
