"""Work off the GUI thread: delivery, superseding, failure, and the end."""

import threading
from collections.abc import Generator, Iterator

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Expected
from twinlens.errors import AppError
from twinlens.gui.tasks import Tasks


@pytest.fixture
def tasks() -> Iterator[Tasks]:
    made = Tasks()
    yield made
    made.close()


def test_result_arrives_on_the_gui_thread(tasks: Tasks, qtbot: QtBot) -> None:
    arrived: list[tuple[int, threading.Thread]] = []
    worked_on: list[threading.Thread] = []

    def work() -> int:
        worked_on.append(threading.current_thread())
        return 42

    tasks.run("look", work, lambda value: arrived.append((value, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(arrived))
    assert arrived == [(42, threading.main_thread())]
    assert worked_on[0] is not threading.main_thread()


def test_a_newer_search_supersedes_a_running_and_a_queued_one(tasks: Tasks, qtbot: QtBot) -> None:
    go = threading.Event()
    started = threading.Event()
    ran: list[str] = []
    arrived: list[str] = []

    def slow() -> str:
        started.set()
        go.wait(30)
        return "first"

    def queued() -> str:
        ran.append("second")
        return "second"

    tasks.run("search", slow, arrived.append)
    assert started.wait(30)
    tasks.run("search", queued, arrived.append)
    tasks.run("search", lambda: "third", arrived.append)
    go.set()
    qtbot.waitUntil(lambda: bool(arrived))
    assert arrived == ["third"]
    assert not ran


def test_previews_supersede_only_their_own_key(tasks: Tasks, qtbot: QtBot) -> None:
    go = threading.Event()
    arrived: list[str] = []

    def wait_and(say: str) -> str:
        go.wait(30)
        return say

    tasks.run("look", lambda: wait_and("a"), arrived.append, key="inspector")
    tasks.run("look", lambda: wait_and("b"), arrived.append, key="viewer")
    tasks.run("look", lambda: wait_and("c"), arrived.append, key="inspector")
    go.set()
    qtbot.waitUntil(lambda: len(arrived) == 2)
    assert sorted(arrived) == ["b", "c"]


def test_library_work_runs_in_order_and_is_never_dropped(tasks: Tasks, qtbot: QtBot) -> None:
    arrived: list[int] = []
    for number in range(20):
        tasks.run("library", lambda number=number: number, arrived.append)  # type: ignore[misc]
    qtbot.waitUntil(lambda: len(arrived) == 20)
    assert arrived == list(range(20))


def test_an_expected_error_goes_to_who_asked_or_to_the_window(tasks: Tasks, qtbot: QtBot) -> None:
    def fail() -> None:
        raise AppError("The disk is full.", "Make room.")

    heard: list[AppError] = []
    tasks.run("library", fail, lambda _: None, heard.append)
    with qtbot.waitSignal(tasks.refused) as default:
        tasks.run("library", fail, lambda _: None)
    assert heard[0].hint == "Make room."
    assert str(default.args[0]) == "The disk is full. Make room."


def test_a_bug_is_logged_and_reported_even_when_superseded(
    tasks: Tasks, qtbot: QtBot, expect_warning: Expected
) -> None:
    expect_warning("work on the search lane failed")
    go = threading.Event()
    started = threading.Event()

    def broken() -> None:
        started.set()
        go.wait(30)
        raise KeyError("nothing there")

    arrived: list[str] = []
    with qtbot.waitSignal(tasks.crashed) as crashed:
        tasks.run("search", broken, lambda _: arrived.append("broken"))
        assert started.wait(30)
        tasks.run("search", lambda: "next", arrived.append)
        go.set()
    qtbot.waitUntil(lambda: bool(arrived))
    assert "nothing there" in crashed.args[0]
    assert arrived == ["next"]


def test_closing_drops_results_and_later_work(qtbot: QtBot) -> None:
    tasks = Tasks()
    arrived: list[int] = []
    tasks.run("library", lambda: 1, arrived.append)
    tasks.close()
    assert not tasks.run("library", lambda: 2, arrived.append).running
    qtbot.wait(0)
    assert not arrived


def test_a_newer_search_closes_one_that_goes_on_giving(tasks: Tasks, qtbot: QtBot) -> None:
    go, closed = threading.Event(), threading.Event()
    arrived: list[str] = []
    ends: list[None] = []

    def counting() -> Generator[str, None, None]:
        try:
            yield "first"
            go.wait(30)
            yield "second"
            yield "third"
        finally:
            closed.set()

    tasks.follow("search", counting, arrived.append, ends.append)
    qtbot.waitUntil(lambda: arrived == ["first"])
    tasks.run("search", lambda: "newer", arrived.append)
    go.set()
    qtbot.waitUntil(lambda: arrived == ["first", "newer"])
    assert closed.is_set()
    assert not ends
    tasks.follow("search", counting, arrived.append, ends.append)
    qtbot.waitUntil(lambda: ends == [None])
    assert arrived[2:] == ["first", "second", "third"]
