"""Settings that change while a library is open."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import encoded, picture
from twinlens.library import Library
from twinlens.settings import Settings, load_settings


def test_choices_are_kept_only_where_that_is_asked_for(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        library.set_settings(Settings(workers=1), keep=False)
        assert load_settings(library.folder).workers == 0
        library.set_settings(Settings(theme="dark"))
        assert load_settings(library.folder).theme == "dark"


def test_the_processor_can_always_be_chosen(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        assert library.devices()[-1] == "cpu"


@pytest.mark.model
def test_a_watcher_takes_other_choices_up_at_once(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "a.png").write_bytes(encoded(picture(1)))
    with Library(tmp_path / "library", writer=True) as library:
        library.add_folder(photos)
        first = library.start_watching()
        assert first.wait_idle(60)
        library.set_settings(replace(library.settings, theme="dark"))
        assert library.start_watching() is first
        library.set_settings(replace(library.settings, workers=1, device="cpu"))
        second = library.start_watching()
        assert second is not first
        assert not first.alive
        (photos / "b.png").write_bytes(encoded(picture(2)))
        library.rescan()
        assert second.wait_idle(60)
        assert library.photo_count() == 2
