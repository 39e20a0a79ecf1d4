"""Thumbnails: the right picture for every photo, whatever arrives when; bounded and closed."""

import logging
import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Expected
from tests.gui.grid import Shelf, colour_of, thumbnail
from twinlens.errors import AppError
from twinlens.gui.thumbnail_loader import MOST_WAITING, Target, ThumbnailLoader, picture

Make = Callable[..., ThumbnailLoader]


@pytest.fixture
def make(qapp: QApplication) -> Iterator[Make]:
    loaders: list[ThumbnailLoader] = []

    def build(
        fetch: Callable[[int], bytes | None], threads: int = 2, budget: int = 64_000_000
    ) -> ThumbnailLoader:
        loaders.append(ThumbnailLoader(fetch, threads=threads, budget=budget))
        return loaders[-1]

    yield build
    for loader in loaders:
        loader.close()


def shows(pixmap: QPixmap | None, photo_id: int) -> bool:
    if pixmap is None:
        return False
    middle = pixmap.toImage().pixelColor(pixmap.width() // 2, pixmap.height() // 2)
    return middle == colour_of(photo_id)


def test_pictures_that_arrive_out_of_order_land_on_their_photos(make: Make, qtbot: QtBot) -> None:
    shelf = Shelf(held={1, 2, 3})
    loader = make(shelf.fetch, threads=3)
    arrived: list[int] = []
    loader.loaded.connect(arrived.append)
    loader.request([1, 2, 3])
    qtbot.waitUntil(lambda: len(shelf.fetched) == 3)
    for photo_id in (3, 1, 2):
        with qtbot.waitSignal(loader.loaded):
            shelf.release(photo_id)
    assert arrived == [3, 1, 2]
    assert all(shows(loader.pixmap(photo_id), photo_id) for photo_id in (1, 2, 3))


def test_what_is_asked_for_first_comes_first(make: Make, qtbot: QtBot) -> None:
    shelf = Shelf(held={99})
    loader = make(shelf.fetch, threads=1)
    loader.request([99])
    qtbot.waitUntil(lambda: shelf.fetched == [99])
    loader.request([5, 3, 4, 3])
    shelf.release()
    qtbot.waitUntil(lambda: loader.pixmap(4) is not None)
    assert shelf.fetched == [99, 5, 3, 4]


def test_what_left_the_screen_is_not_loaded(make: Make, qtbot: QtBot) -> None:
    shelf = Shelf(held={99})
    loader = make(shelf.fetch, threads=1)
    loader.request([99])
    qtbot.waitUntil(lambda: shelf.fetched == [99])
    loader.request(range(100, 150))
    loader.request([7])
    shelf.release()
    qtbot.waitUntil(lambda: loader.pixmap(7) is not None)
    assert shelf.fetched == [99, 7]


def test_what_is_loaded_or_loading_is_not_asked_for_again(make: Make, qtbot: QtBot) -> None:
    shelf = Shelf(held={1})
    loader = make(shelf.fetch)
    loader.request([1])
    qtbot.waitUntil(lambda: shelf.fetched == [1])
    loader.request([1])
    with qtbot.waitSignal(loader.loaded):
        shelf.release()
    loader.request([1])
    assert loader.waiting == 0
    assert shelf.fetched == [1]


def test_the_queue_is_bounded(make: Make, qtbot: QtBot) -> None:
    shelf = Shelf(held={0})
    loader = make(shelf.fetch, threads=1)
    loader.request([0])
    qtbot.waitUntil(lambda: shelf.fetched == [0])
    loader.request(range(1, 5000))
    assert loader.waiting == MOST_WAITING
    loader.request([])
    shelf.release()


def test_the_oldest_pixmaps_go_when_the_budget_is_spent(make: Make, qtbot: QtBot) -> None:
    one = 64 * 48 * 4
    loader = make(Shelf().fetch, threads=1, budget=3 * one)
    loader.set_target(Target(side=64))
    for photo_id in (1, 2, 3):
        with qtbot.waitSignal(loader.loaded):
            loader.request([photo_id])
    assert loader.pixmap(1) is not None  # looked at: now the youngest
    with qtbot.waitSignal(loader.loaded):
        loader.request([4])
    assert loader.pixmap(2) is None
    assert all(loader.pixmap(key) is not None for key in (1, 3, 4))
    assert loader.cached_bytes <= 3 * one


def test_another_size_is_loaded_again_and_the_old_one_serves_until_then(
    make: Make, qtbot: QtBot
) -> None:
    loader = make(Shelf().fetch)
    loader.set_target(Target(side=64))
    with qtbot.waitSignal(loader.loaded):
        loader.request([1])
    loader.set_target(Target(side=128))
    old = loader.pixmap(1)
    assert old is not None
    assert old.width() == 64
    with qtbot.waitSignal(loader.loaded):
        loader.request([1])
    new = loader.pixmap(1)
    assert new is not None
    assert new.width() == 128
    assert loader.cached_bytes == 128 * 96 * 4


def refuse(_photo_id: int) -> bytes | None:
    raise AppError("The folder is gone.")


@pytest.mark.parametrize(
    "fetch", [lambda _id: None, lambda _id: b"no picture", refuse], ids=["none", "junk", "error"]
)
def test_a_photo_without_a_thumbnail_is_asked_for_once(
    make: Make, qtbot: QtBot, fetch: Callable[[int], bytes | None]
) -> None:
    calls: list[int] = []

    def counted(photo_id: int) -> bytes | None:
        calls.append(photo_id)
        return fetch(photo_id)

    loader = make(counted)
    with qtbot.waitSignal(loader.loaded):
        loader.request([1])
    loader.request([1])
    assert (loader.is_absent(1), loader.pixmap(1), loader.waiting) == (True, None, 0)
    loader.forget()
    with qtbot.waitSignal(loader.loaded):
        loader.request([1])
    assert calls == [1, 1]


def test_a_bug_in_one_thumbnail_is_logged_and_the_others_come(
    make: Make, qtbot: QtBot, caplog: pytest.LogCaptureFixture, expect_warning: Expected
) -> None:
    expect_warning("loading the thumbnail of photo 1 failed")

    def fetch(photo_id: int) -> bytes:
        return thumbnail(photo_id + 1 // (photo_id - 1))

    loader = make(fetch, threads=1)
    loader.request([1, 2])
    qtbot.waitUntil(lambda: loader.pixmap(2) is not None)
    assert loader.is_absent(1)
    assert any(record.levelno == logging.ERROR for record in caplog.records)


def test_after_close_no_thread_lives_and_nothing_is_delivered(
    make: Make, qtbot: QtBot, qapp: QApplication
) -> None:
    shelf = Shelf(held={1, 2, 3})
    loader = make(shelf.fetch, threads=2)
    before = {thread for thread in threading.enumerate() if "thumbnails" in thread.name}
    arrived: list[int] = []
    loader.loaded.connect(arrived.append)
    loader.request([1, 2, 3])
    qtbot.waitUntil(lambda: len(shelf.fetched) == 2)
    shelf.release()
    loader.close()
    qapp.sendPostedEvents()
    assert not any(thread.is_alive() for thread in before)
    assert arrived == []
    loader.request([5])
    assert loader.pixmap(5) is None


def test_pictures_are_fitted_whole_with_round_corners(qapp: QApplication) -> None:
    tall = picture(thumbnail(3, (100, 200)), Target(side=80, radius=8))
    assert tall is not None
    assert (tall.width(), tall.height()) == (40, 80)
    assert tall.pixelColor(0, 0).alpha() == 0
    assert tall.pixelColor(20, 40) == colour_of(3)
    line = picture(thumbnail(3, (4000, 2)), Target(side=80))
    assert line is not None
    assert (line.width(), line.height()) == (80, 1)
