"""Order, staged batches, the gate, and what stopping leaves."""

import threading
from collections.abc import Iterator

import pytest

from tests.unit.ingest.shelf import Clock, Shelf
from twinlens.ingest import reading
from twinlens.ingest.pipeline import Pipeline
from twinlens.ingest.progress import Gate, Progress
from twinlens.ingest.reading import Job, Outcome, Reader, Reading


def jobs_of(shelf: Shelf, count: int) -> list[Job]:
    return [
        Job(shelf.root.root_id, b"", path.name.encode(), path, 1, 1) for path in shelf.fill(count)
    ]


@pytest.fixture
def reader(shelf: Shelf) -> Reader:
    """A reader of the shelf's library."""
    return Reader(shelf.database, shelf.extractor, shelf.model, shelf.thumbnails, shelf.settings)


def results(pipeline: Pipeline, jobs: Iterator[Job | None]) -> list[Reading]:
    return [item for item in pipeline.run(jobs, lambda: False) if item is not None]


def test_results_come_in_order(shelf: Shelf, reader: Reader) -> None:
    jobs = jobs_of(shelf, 30)
    pipeline = Pipeline(reader, shelf.extractor, Gate(), 3)
    found = results(pipeline, iter(jobs))
    pipeline.close()
    assert [item.job.path for item in found] == [job.path for job in jobs]
    assert {item.outcome for item in found} == {Outcome.EMBEDDED}


def test_device_with_its_own_memory_gets_batches(shelf: Shelf, reader: Reader) -> None:
    jobs = jobs_of(shelf, 70)
    alone = Pipeline(reader, shelf.extractor, Gate(), 2)
    one_by_one = results(alone, iter(jobs))
    alone.close()
    reader.claims.clear()
    shelf.session.device = "CUDA"
    runs = shelf.session.runs
    staged = Pipeline(reader, shelf.extractor, Gate(), 2)
    in_batches = results(staged, iter(jobs))
    staged.close()
    assert shelf.session.runs - runs < 35
    assert [item.job for item in in_batches] == [item.job for item in one_by_one]
    for a, b in zip(one_by_one, in_batches, strict=True):
        assert a.vector is not None
        assert b.vector is not None
        assert float(a.vector @ b.vector) > 0.9999


def test_look_ahead_is_bounded(shelf: Shelf, reader: Reader) -> None:
    jobs = jobs_of(shelf, 40)
    taken = 0

    def counted() -> Iterator[Job]:
        nonlocal taken
        for job in jobs:
            taken += 1
            yield job

    pipeline = Pipeline(reader, shelf.extractor, Gate(), 2)
    run = pipeline.run(counted(), lambda: False)
    while next(run) is None:
        pass
    assert taken <= 7
    run.close()
    pipeline.close()


def test_closed_gate_starts_no_photo_and_lets_stopping_through(
    shelf: Shelf, reader: Reader
) -> None:
    gate, stop = Gate(), threading.Event()
    gate.close()
    pipeline = Pipeline(reader, shelf.extractor, gate, 2)
    run = pipeline.run(iter(jobs_of(shelf, 5)), stop.is_set)
    assert [next(run) for _ in range(5)] == [None] * 5
    assert shelf.session.runs == 0
    stop.set()
    assert {item.outcome for item in run if item is not None} <= {Outcome.STOPPED}
    stop.clear()
    gate.open()
    assert len(results(pipeline, iter(jobs_of(shelf, 5)))) == 5
    pipeline.close()


def test_gate_needs_as_many_openings_as_closings() -> None:
    gate = Gate()
    gate.close()
    gate.close()
    gate.open()
    assert gate.is_closed
    gate.open()
    assert gate.wait(lambda: False)


def test_big_files_are_hashed_in_pieces_with_the_same_result(
    shelf: Shelf, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = jobs_of(shelf, 1)[0]
    small = reader.read(job, lambda: True)
    reader.claims.clear()
    monkeypatch.setattr(reading, "BIG", 5000)
    big = reader.read(job, lambda: True)
    assert (big.outcome, big.digest) == (Outcome.EMBEDDED, small.digest)


def test_file_beyond_all_sense_is_not_read(
    shelf: Shelf, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LARGEST", 5000)
    answer = reader.read(jobs_of(shelf, 1)[0], lambda: True)
    assert (answer.outcome, answer.code) == (Outcome.FAILED, "too-large")


def test_out_of_memory_costs_one_file(
    shelf: Shelf, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhausted(*_args: object, **_kwargs: object) -> None:
        raise MemoryError

    monkeypatch.setattr("twinlens.ingest.reading.decode", exhausted)
    answer = reader.read(jobs_of(shelf, 1)[0], lambda: True)
    assert (answer.outcome, answer.code) == (Outcome.FAILED, "memory")


def test_rate_and_time_left_are_known_once_measurable() -> None:
    clock = Clock()
    progress = Progress(clock)
    progress.begin("indexing")
    progress.worked(5, 5)
    assert (progress.status.rate, progress.status.seconds_left) == (0.0, None)
    progress.count(100)
    clock.sleep(5)
    progress.worked(45, 50)
    assert progress.status.rate == pytest.approx(10)
    assert progress.status.seconds_left == pytest.approx(5)
    progress.passed(50)
    assert progress.status.done == 100
    progress.end()
    assert progress.status.activity == "idle"


def test_live_changes_do_not_move_a_finished_bar() -> None:
    progress = Progress(Clock())
    revision = progress.status.revision
    progress.worked(3, 10)
    progress.passed(3)
    assert (progress.status.done, progress.status.photos) == (0, 10)
    assert progress.status.revision > revision
