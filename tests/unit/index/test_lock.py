"""The read-write lock shares among readers, isolates writers and serves in order."""

import threading

from twinlens.index.lock import ReadWriteLock


def test_readers_share() -> None:
    lock = ReadWriteLock()
    both_inside = threading.Barrier(2)

    def read() -> None:
        with lock.read():
            both_inside.wait(timeout=30)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not both_inside.broken


def test_writers_are_alone_and_nobody_starves() -> None:
    lock = ReadWriteLock()
    inside: list[str] = []
    seen: set[tuple[str, ...]] = set()
    done: list[str] = []

    def work(name: str, *, alone: bool) -> None:
        for _ in range(300):
            with lock.write() if alone else lock.read():
                inside.append(name)
                seen.add(tuple(sorted(inside)))
                inside.remove(name)
        done.append(name)

    threads = [
        threading.Thread(target=work, args=(f"{kind}{n}",), kwargs={"alone": kind == "w"})
        for kind in "rw"
        for n in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 4
    assert all(len(together) == 1 for together in seen if any(n[0] == "w" for n in together))


def test_a_waiting_writer_goes_before_later_readers() -> None:
    lock = ReadWriteLock()
    order: list[str] = []

    def write() -> None:
        with lock.write():
            order.append("writer")

    def read() -> None:
        with lock.read():
            order.append("reader")

    with lock.read():
        writer = threading.Thread(target=write)
        writer.start()
        while not lock.waiting:
            pass
        reader = threading.Thread(target=read)
        reader.start()
        while lock.waiting < 2:
            pass
    writer.join()
    reader.join()
    assert order == ["writer", "reader"]
