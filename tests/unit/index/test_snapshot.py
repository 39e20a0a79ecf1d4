"""A snapshot is loaded whole and of this library, or refused; saving never costs the last one."""

import codecs
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from tests.unit.index.vectors import clustered, numbers
from twinlens.errors import DiskFullError, IndexDamagedError, LibraryError, LibraryLockedError
from twinlens.index import snapshot
from twinlens.index.compact import CompactIndex
from twinlens.index.manifest import Manifest, check_agrees, parse_manifest
from twinlens.index.snapshot import MANIFEST, SnapshotFacts, load_snapshot, save_snapshot

DIM = 16
FACTS = SnapshotFacts("library", "model", 7)
QUERIES = clustered(10, DIM, seed=5)


def filled(n: int = 300, graph_from: int = 100) -> CompactIndex:
    index = CompactIndex(DIM, graph_from)
    index.add(numbers(0, n), clustered(n, DIM))
    index.consolidate(n)
    return index


def load(folder: Path, max_seq: int = 100) -> tuple[CompactIndex, SnapshotFacts] | None:
    return load_snapshot(folder, "library", "model", max_seq, DIM, 100)


def loaded(folder: Path) -> CompactIndex:
    found = load(folder)
    assert found is not None
    return found[0]


def graph_file(folder: Path) -> Path:
    (path,) = folder.glob("graph-*.bin")
    return path


def rewrite(folder: Path, change: Callable[[Manifest], Manifest]) -> None:
    path = folder / MANIFEST
    path.write_text(change(parse_manifest(folder, path.read_text())).to_json())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a saved index of 300 photos, three of them removed."""
    index = filled()
    index.remove(np.array([3, 4, 5]))
    index.ef = 96
    assert save_snapshot(index, tmp_path / "index", FACTS)
    return tmp_path / "index"


def test_what_was_saved_answers_alike(folder: Path) -> None:
    found = load(folder)
    assert found is not None
    index, facts = found
    assert facts == FACTS
    assert index.ef == 96
    assert index.labels().tolist() == [0, 1, 2, *range(6, 300)]
    original = filled()
    original.remove(np.array([3, 4, 5]))
    for query in QUERIES:
        np.testing.assert_array_equal(index.search(query, 10)[0], original.search(query, 10)[0])


def test_a_loaded_index_goes_on_changing(folder: Path) -> None:
    index = loaded(folder)
    index.add(numbers(0, 400), clustered(400, DIM))
    index.remove(numbers(10, 20))
    index.consolidate(400)
    assert (index.count, index.tail_count) == (390, 0)
    assert save_snapshot(index, folder, replace(FACTS, seq=8))
    assert loaded(folder).labels().tolist() == [*range(10), *range(20, 400)]


def test_the_tail_is_not_saved(tmp_path: Path) -> None:
    index = filled(300)
    index.add(numbers(300, 350), clustered(50, DIM, seed=2))
    save_snapshot(index, tmp_path, FACTS)
    assert loaded(tmp_path).labels().tolist() == list(range(300))


def test_only_the_newest_file_stays(folder: Path) -> None:
    (folder / "graph.tmp").write_bytes(b"left by a kill")
    save_snapshot(filled(320), folder, replace(FACTS, seq=9))
    names = sorted(path.name for path in folder.iterdir() if path.name != ".lock")
    assert names == [graph_file(folder).name, MANIFEST]


def test_no_snapshot_is_none(tmp_path: Path) -> None:
    assert load(tmp_path) is None
    assert load(tmp_path / "absent") is None


def test_a_small_library_has_no_snapshot_and_drops_an_old_one(folder: Path) -> None:
    small = CompactIndex(DIM, 100)
    small.add(numbers(0, 50), clustered(50, DIM))
    assert not save_snapshot(small, folder, FACTS)
    assert load(folder) is None
    assert not list(folder.glob("graph*"))


def test_a_snapshot_that_became_small_is_searched_exactly(folder: Path) -> None:
    found = load_snapshot(folder, "library", "model", 100, DIM, graph_from=1000)
    assert found is not None
    assert (found[0].graph_count, found[0].tail_count) == (0, 297)


@pytest.mark.parametrize("name", ["Fotos Übergröße 写真", "bytes\udcff"])
def test_any_folder_name_serves(tmp_path: Path, name: str) -> None:
    save_snapshot(filled(), tmp_path / name, FACTS)
    assert loaded(tmp_path / name).count == 300


def test_a_path_that_hnswlib_cannot_name_is_staged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, when the folder lies outside the ANSI code page."""
    monkeypatch.setattr(snapshot, "native_path", lambda path: None)
    save_snapshot(filled(), tmp_path, FACTS)
    assert loaded(tmp_path).count == 300
    assert not list(tmp_path.glob("*.tmp"))


def test_windows_paths_go_through_the_code_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")

    def lookup(name: str) -> codecs.CodecInfo | None:
        return codecs.lookup("cp1252") if name == "mbcs" else None

    codecs.register(lookup)
    try:
        assert snapshot.native_path(Path("Übung")) == b"\xdcbung"
        assert snapshot.native_path(Path("写真")) is None
    finally:
        codecs.unregister(lookup)


def truncate(folder: Path) -> None:
    path = graph_file(folder)
    os.truncate(path, path.stat().st_size - 100)


def empty(folder: Path) -> None:
    os.truncate(graph_file(folder), 0)


def overwrite_block(folder: Path) -> None:
    with graph_file(folder).open("r+b") as file:
        file.seek(4096)
        file.write(bytes(512))


def remove_bin(folder: Path) -> None:
    graph_file(folder).unlink()


def replace_by_folder(folder: Path) -> None:
    path = graph_file(folder)
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "damage", [truncate, empty, overwrite_block, remove_bin, replace_by_folder]
)
def test_a_damaged_graph_is_refused(folder: Path, damage: Callable[[Path], None]) -> None:
    damage(folder)
    with pytest.raises(IndexDamagedError, match="rebuilt from the stored descriptors"):
        load(folder)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"null",
        b"[1, 2]",
        b'"words"',
        b"{}",
        b'{"check": "no"}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
)
def test_a_garbage_manifest_is_refused(folder: Path, text: bytes) -> None:
    (folder / MANIFEST).write_bytes(text)
    with pytest.raises(IndexDamagedError, match="manifest cannot be read"):
        load(folder)


def test_a_manifest_changed_by_one_digit_is_refused(folder: Path) -> None:
    path = folder / MANIFEST
    values = json.loads(path.read_text())
    values["dead"] = [3, 4, 6]
    path.write_text(json.dumps(values))
    with pytest.raises(IndexDamagedError, match="digest"):
        load(folder)


def test_a_manifest_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).mkdir()
    with pytest.raises(IndexDamagedError):
        load(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: replace(manifest, format=2),
        lambda manifest: replace(manifest, library_id="another"),
        lambda manifest: replace(manifest, model_id="another"),
        lambda manifest: replace(manifest, hnswlib="0.7.0"),
        lambda manifest: replace(manifest, space="l2"),
        lambda manifest: replace(manifest, dim=DIM * 2),
        lambda manifest: replace(manifest, m=8),
        lambda manifest: replace(manifest, seq=101),
        lambda manifest: replace(manifest, live=298),
        lambda manifest: replace(manifest, size=manifest.size + 1),
        lambda manifest: replace(manifest, file="../graph-7-0123456789abcdef.bin"),
    ],
)
def test_a_snapshot_of_something_else_is_refused(
    folder: Path, change: Callable[[Manifest], Manifest]
) -> None:
    rewrite(folder, change)
    with pytest.raises(IndexDamagedError):
        load(folder)


def test_vectors_of_another_length_are_refused(folder: Path) -> None:
    with pytest.raises(IndexDamagedError, match="dim"):
        load_snapshot(folder, "library", "model", 100, DIM + 1)


def test_a_graph_replaced_after_the_manifest_was_read_is_read_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer comes between the reader's two steps, as another process may."""
    calls: list[int] = []

    def write_in_between(*arguments: object) -> None:
        if not calls:
            calls.append(1)
            save_snapshot(filled(350), folder, replace(FACTS, seq=8))
        check_agrees(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("twinlens.index.snapshot.check_agrees", write_in_between)
    found = load(folder)
    assert found is not None
    assert (found[0].count, found[1].seq) == (350, 8)


def test_readers_beside_a_writer_always_get_a_whole_snapshot(tmp_path: Path) -> None:
    save_snapshot(filled(200), tmp_path, replace(FACTS, seq=0))
    stop = threading.Event()
    faults: list[BaseException] = []
    seen: set[int] = set()

    def read() -> None:
        try:
            while not stop.is_set():
                found = load(tmp_path)
                assert found is not None
                assert found[0].count == 200 + found[1].seq
                seen.add(found[1].seq)
        except BaseException as error:  # noqa: BLE001 - the main thread reports it
            faults.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    index = filled(200)
    for seq in range(1, 25):
        index.add(np.array([200 + seq]), clustered(1, DIM, seed=seq))
        index.consolidate()
        save_snapshot(index, tmp_path, replace(FACTS, seq=seq))
    stop.set()
    for reader in readers:
        reader.join()
    assert not faults
    assert len(seen) > 1


def test_a_second_writer_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "LOCK_SECONDS", 0.05)
    with FileLock(folder / ".lock"), pytest.raises(LibraryLockedError, match="another process"):
        save_snapshot(filled(), folder, FACTS)
    assert loaded(folder).count == 297


CHILD = textwrap.dedent(
    """
    import os, sys
    from pathlib import Path
    import numpy as np
    from tests.unit.index.test_snapshot import FACTS, filled
    from twinlens.errors import DiskFullError
    from twinlens.index.snapshot import SnapshotFacts, save_snapshot

    index = filled(400)
    folder = Path(sys.argv[1])
    """
)


def run_child(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[3]
    return subprocess.run(
        [sys.executable, "-c", CHILD + textwrap.dedent(code), str(folder)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "app"), str(root)])},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a POSIX signal")
@pytest.mark.parametrize("step", range(1, 8))
def test_a_kill_at_any_step_leaves_the_old_or_the_new_snapshot(folder: Path, step: int) -> None:
    """The child dies at its n-th flush or rename, so also between the graph and the manifest."""
    done = run_child(
        f"""
        import signal
        steps = 0
        def dying(real):
            def call(*arguments, **options):
                global steps
                steps += 1
                if steps == {step}:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*arguments, **options)
            return call
        os.fsync = dying(os.fsync)
        Path.replace = dying(Path.replace)
        save_snapshot(index, folder, SnapshotFacts("library", "model", 8))
        """,
        folder,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    found = load(folder)
    assert found is not None
    assert (found[1].seq, found[0].count) == ((7, 297) if step <= 5 else (8, 400))
    save_snapshot(filled(310), folder, replace(FACTS, seq=9))
    assert loaded(folder).count == 310
    assert not list(folder.glob("*.tmp"))


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX resource limits")
@pytest.mark.parametrize("limit", [0, 10_000])
def test_a_full_disk_is_said_and_keeps_the_last_snapshot(folder: Path, limit: int) -> None:
    """hnswlib itself reports nothing when its writes fail."""
    done = run_child(
        f"""
        import resource
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, hard))
        try:
            save_snapshot(index, folder, SnapshotFacts("library", "model", 8))
        except DiskFullError as error:
            sys.stdout.write(str(error))
        """,
        folder,
    )
    assert done.returncode == 0, done.stderr
    assert "disk is full" in done.stdout
    assert loaded(folder).count == 297
    assert not list(folder.glob("*.tmp"))


def test_a_disk_that_fills_at_the_manifest_keeps_the_last_snapshot(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, os.strerror(28), str(path))

    monkeypatch.setattr(snapshot, "replace_durably", full)
    with pytest.raises(DiskFullError):
        save_snapshot(filled(400), folder, replace(FACTS, seq=8))
    assert loaded(folder).count == 297


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(LibraryError, match="could not be saved"):
        save_snapshot(filled(), tmp_path / "file" / "index", FACTS)


def test_what_is_in_the_way_is_moved_aside(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    folder.write_bytes(b"mine")
    assert save_snapshot(filled(), folder, FACTS)
    assert (tmp_path / "index.aside-1").read_bytes() == b"mine"
    (folder / MANIFEST).unlink()
    (folder / MANIFEST).mkdir()
    with pytest.raises(IndexDamagedError):
        load(folder)
    assert save_snapshot(filled(), folder, FACTS)
    assert loaded(folder).count == 300
    assert (folder / f"{MANIFEST}.aside-1").is_dir()
