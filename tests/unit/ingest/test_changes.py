"""No event is lost, whatever the order; half-written files wait."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.ingest.shelf import Clock
from twinlens.ingest.changes import (
    LONGEST,
    QUIET,
    ChangeSet,
    EventKind,
    Look,
    QuietWindow,
    RawEvent,
)

PATHS = [b"/r/a", b"/r/b", b"/r/d/a", b"/r/d/e/a", b"/r/d", b"/r/d/e", b"/r/da"]


def event(
    kind: EventKind, path: bytes, at: float = 100.0, *, folder: bool = False, target: bytes = b""
) -> RawEvent:
    return RawEvent(kind, path, at, is_folder=folder, target=target)


@st.composite
def events(draw: st.DrawFn) -> RawEvent:
    kind = draw(st.sampled_from([kind for kind in EventKind if kind is not EventKind.OVERFLOW]))
    path, target = draw(st.lists(st.sampled_from(PATHS), min_size=2, max_size=2, unique=True))
    at = draw(st.floats(90, 100))
    folder = draw(st.booleans())
    return event(kind, path, at, folder=folder, target=target if kind is EventKind.MOVED else b"")


def window_of(clock: Clock, look: Callable[[bytes], Look] = lambda _path: (1, 1)) -> QuietWindow:
    return QuietWindow(clock, look)


def covers(changes: ChangeSet, path: bytes) -> bool:
    """Return whether carrying out the set looks at a path."""
    if path in changes.files | changes.gone:
        return True
    return any(
        path == top or path.startswith(top + b"/") for top in changes.folders | changes.roots
    )


@settings(deadline=None)
@given(st.lists(events(), min_size=1, max_size=30))
def test_every_path_with_an_event_is_looked_at(raw: list[RawEvent]) -> None:
    clock = Clock()
    window = window_of(clock)
    window.add(raw)
    clock.sleep(QUIET)
    changes = window.take()
    assert not window.waiting
    for item in raw:
        if item.is_folder and item.kind is EventKind.MODIFIED:
            continue
        assert covers(changes, item.path)
        assert not item.target or covers(changes, item.target)


@settings(deadline=None)
@given(st.lists(events(), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_order_does_not_change_what_is_looked_at(raw: list[RawEvent], random: object) -> None:
    shuffled = list(raw)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    looked = []
    for order in (raw, shuffled):
        clock = Clock()
        window = window_of(clock)
        window.add(order)
        clock.sleep(QUIET)
        changes = window.take()
        looked.append({path for path in PATHS if covers(changes, path)})
    touched = {item.path for item in raw} | {item.target for item in raw if item.target}
    folders_only = {item.path for item in raw if item.is_folder and item.kind is EventKind.MODIFIED}
    wanted = touched - folders_only
    assert wanted <= looked[0]
    assert wanted <= looked[1]


@settings(deadline=None)
@given(st.lists(events(), max_size=30))
def test_parts_of_a_set_do_not_overlap(raw: list[RawEvent]) -> None:
    clock = Clock()
    window = window_of(clock)
    window.add(raw)
    clock.sleep(QUIET)
    changes = window.take()
    parts = [changes.files, changes.gone, changes.folders, changes.roots]
    assert sum(map(len, parts)) == len(frozenset().union(*parts))
    for path in changes.files | changes.gone | changes.folders:
        for top in changes.folders | changes.roots:
            assert not path.startswith(top + b"/")


def test_path_is_due_after_its_quiet_time_only() -> None:
    clock = Clock()
    window = window_of(clock)
    window.add([event(EventKind.CREATED, b"/r/a")])
    clock.sleep(QUIET / 3)
    assert not window.take()
    assert window.waiting == {b"/r/a"}
    clock.sleep(QUIET)
    assert window.take().files == {b"/r/a"}
    assert not window.waiting
    assert not window.take()


def test_busy_path_is_looked_at_in_the_end() -> None:
    clock = Clock()
    window = window_of(clock)
    waited = 0.0
    while not window.take():
        window.add([event(EventKind.MODIFIED, b"/r/a", clock.now)])
        clock.sleep(QUIET / 2)
        waited += QUIET / 2
        assert waited < 2 * LONGEST
    assert waited >= LONGEST


def test_half_written_file_waits_until_it_rests() -> None:
    clock = Clock()
    size = 1
    window = window_of(clock, lambda _path: (size, size))
    window.add([event(EventKind.CREATED, b"/r/a")])
    for _ in range(20):
        size += 1
        clock.sleep(QUIET)
        assert not window.take()
    clock.sleep(QUIET)
    assert window.take().files == {b"/r/a"}


def test_file_looked_at_too_early_waits_until_it_is_time_or_an_event_comes() -> None:
    clock = Clock()
    window = window_of(clock)
    for path in (b"/r/a", b"/r/b"):
        window.again(path, clock.now, 3.0)
    clock.sleep(2.9)
    window.add([event(EventKind.CREATED, b"/r/c", clock.now - QUIET)])
    assert window.take().files == {b"/r/c"}
    window.add([event(EventKind.MODIFIED, b"/r/b", clock.now)])
    window.again(b"/r/b", clock.now, 50.0)
    clock.sleep(0.2)
    assert window.take().files == {b"/r/a"}
    clock.sleep(QUIET)
    assert window.take().files == {b"/r/b"}
    assert not window.waiting


def test_file_that_went_meanwhile_is_gone() -> None:
    clock = Clock()
    window = window_of(clock, lambda _path: None)
    window.add([event(EventKind.MODIFIED, b"/r/a")])
    clock.sleep(QUIET)
    assert window.take() == ChangeSet(gone=frozenset({b"/r/a"}), last_events=((b"/r/a", 100.0),))


def test_move_keeps_where_it_came_from() -> None:
    clock = Clock()
    window = window_of(clock)
    window.add([event(EventKind.MOVED, b"/r/a", target=b"/r/b")])
    window.add([event(EventKind.MOVED, b"/r/b", target=b"/r/c")])
    window.add([event(EventKind.MODIFIED, b"/r/c")])
    clock.sleep(QUIET)
    changes = window.take()
    assert changes.moves == ((b"/r/a", b"/r/c"),)
    assert changes.gone == {b"/r/a", b"/r/b"}
    assert changes.files == {b"/r/c"}


def test_two_halves_of_a_rename_are_taken_together() -> None:
    clock = Clock()
    window = window_of(clock)
    window.add([event(EventKind.DELETED, b"/r/a", 100.0)])
    window.add([event(EventKind.CREATED, b"/s/a", 100.1)])
    clock.sleep(QUIET)
    changes = window.take()
    assert changes.gone | changes.files == {b"/r/a", b"/s/a"}


def test_lost_events_mean_the_whole_root() -> None:
    clock = Clock()
    window = window_of(clock)
    window.add([event(EventKind.CREATED, b"/r/a"), event(EventKind.OVERFLOW, b"/r", folder=True)])
    window.add([event(EventKind.CREATED, b"/r", folder=True)])
    clock.sleep(QUIET)
    changes = window.take()
    assert changes.roots == {b"/r"}
    assert not changes.files | changes.folders
