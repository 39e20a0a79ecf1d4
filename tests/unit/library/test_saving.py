"""An index that is damaged, or cannot be saved, costs time and nothing else."""

from pathlib import Path

import pytest

from tests.support import encoded, picture
from tests.unit.inference.tiny_model import write_model
from twinlens.inference import model_spec
from twinlens.library import Library, updating
from twinlens.reports import Notice
from twinlens.search.searcher import Searcher
from twinlens.settings import Settings, save_settings


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with 30 photos, a small model, and a library that keeps a graph from 20 on."""
    monkeypatch.setenv("TWINLENS_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(model_spec, "user_data_path", lambda *_, **__: tmp_path / "none")
    write_model(tmp_path / "models" / "one")
    (tmp_path / "photos").mkdir()
    for number in range(30):
        (tmp_path / "photos" / f"{number}.png").write_bytes(encoded(picture(number)))
    (tmp_path / "library").mkdir()
    save_settings(tmp_path / "library", Settings(graph_from=20))
    with Library(tmp_path / "library", writer=True) as library:
        library.use_model("one")
        library.add_folder(tmp_path / "photos")
    return tmp_path


def test_a_run_that_cannot_save_the_index_still_counts(place: Path) -> None:
    (place / "library" / "index" / ".lock").mkdir(parents=True)
    notices: list[Notice] = []
    with Library(place / "library", writer=True, notify=notices.append) as library:
        assert library.index_folders().added == 30
    (notice,) = notices
    assert "could not be saved" in notice.sentence
    (place / "library" / "index" / ".lock").rmdir()
    with Library(place / "library", writer=True, notify=notices.append) as library:
        assert library.index_folders().unchanged == 30
        assert library.verify().ok
    assert len(notices) == 1
    assert list((place / "library" / "index").glob("graph-*.bin"))


def test_a_watcher_that_cannot_save_the_index_ends_well(place: Path) -> None:
    (place / "library" / "index" / ".lock").mkdir(parents=True)
    notices: list[Notice] = []
    with Library(place / "library", writer=True, notify=notices.append) as library:
        worker = library.start_watching()
        assert worker.wait_idle(60)
        library.stop_watching()
        assert worker.error is None
    assert "could not be saved" in notices[0].sentence


def test_a_watcher_searches_wider_where_large_changes_leave_the_graph_worse(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def recall_at(searcher: Searcher, *_: object) -> float:
        return 1.0 if searcher._index.ef >= 256 else 0.5

    monkeypatch.setattr(Searcher, "recall_at", recall_at)
    with Library(place / "library", writer=True) as library:
        library.index_folders()
        library._works.engines.current().index.ef = 64
        worker = library.start_watching()
        for number, large, ef in ((30, 1000, 64), (31, 1, 256)):
            assert worker.wait_idle(60)
            monkeypatch.setattr(updating, "LARGE_CHANGE", large)
            (place / "photos" / f"{number}.png").write_bytes(encoded(picture(number)))
            library.rescan()
            assert worker.wait_idle(60)
            assert library.photo_count() == number + 1
            assert library._works.engines.current().index.ef == ef
    with Library(place / "library") as library:
        assert library._works.engines.current().index.ef == 256


def test_a_reader_promises_nothing_about_a_damaged_index(place: Path) -> None:
    with Library(place / "library", writer=True) as library:
        library.index_folders()
    snapshot = next((place / "library" / "index").glob("graph-*.bin"))
    snapshot.write_bytes(b"damaged")
    notices: list[Notice] = []
    with Library(place / "library", notify=notices.append) as library:
        assert not library.verify().ok
    (notice,) = notices
    assert "ignored" in notice.sentence
    assert "until indexing has built it again" in notice.sentence
    assert snapshot.read_bytes() == b"damaged"
    with Library(place / "library", writer=True) as library:
        library.index_folders()
        assert library.verify().ok
