"""The graph on disk: one file named by its digest, and a manifest written last; any thread.

A snapshot counts only when its manifest agrees with the file, with this program and with the
library; everything else is thrown away and rebuilt, so a kill at any instant costs time only.
"""

import logging
import os
import sys
import tempfile
from pathlib import Path

from blake3 import blake3
from filelock import FileLock, Timeout

from twinlens.errors import DiskFullError, LibraryError, LibraryLockedError
from twinlens.index.compact import GRAPH_FROM, CompactIndex
from twinlens.index.files import full_disk, replace_durably, room_for, sync_folder
from twinlens.index.hnsw import EF_CONSTRUCTION, SPACE, GraphFacts, HnswIndex, M
from twinlens.index.manifest import (
    FORMAT,
    GRAPH_NAME,
    HNSWLIB_VERSION,
    Manifest,
    SnapshotFacts,
    check_agrees,
    damaged,
    parse_manifest,
)

__all__ = ["SnapshotFacts", "load_snapshot", "save_snapshot"]

log = logging.getLogger(__name__)

MANIFEST = "manifest.json"
TEMPORARY = "graph.tmp"
LOCK_SECONDS = 30.0
READ_ATTEMPTS = 5


def save_snapshot(index: CompactIndex, folder: Path, facts: SnapshotFacts) -> bool:
    """Write the graph of an index; the tail is refilled from the store at the next start.

    A kill or a full disk at any instant leaves the previous snapshot in place. An index without a
    graph needs no snapshot, so an old one is removed. What stands in the way without being ours
    is moved aside.

    Returns:
        True when a snapshot was written.

    Raises:
        DiskFullError: there is no room; the previous snapshot is intact.
        LibraryLockedError: another process is writing a snapshot.
        LibraryError: the folder cannot be written.
    """
    try:
        if not folder.is_dir():
            _move_aside(folder)
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=LOCK_SECONDS):
            if not (folder / MANIFEST).is_file():
                _move_aside(folder / MANIFEST)
            graph = index.graph
            if graph is None:
                (folder / MANIFEST).unlink(missing_ok=True)
                _drop_others(folder, "")
                return False
            _save_graph(graph, folder, facts)
            return True
    except Timeout as error:
        raise LibraryLockedError(
            f"The search index in {folder} is being saved by another process.",
            "Close the other Twinlens.",
        ) from error
    except OSError as error:
        if full_disk(error):
            raise DiskFullError(
                f"The search index could not be saved in {folder}: the disk is full. "
                "The one saved before is kept.",
                "Make room on the disk; nothing is lost, only the next start takes longer.",
            ) from error
        raise LibraryError(
            f"The search index could not be saved in {folder} ({error.strerror or error}).",
            "Check that the folder can be written.",
        ) from error


def load_snapshot(
    folder: Path,
    library_id: str,
    model_id: str,
    max_seq: int,
    dim: int,
    graph_from: int = GRAPH_FROM,
) -> tuple[CompactIndex, SnapshotFacts] | None:
    """Load the graph that belongs to this library and model; safe beside a process that saves.

    Args:
        folder: where snapshots are kept.
        library_id: the library's own id.
        model_id: the model whose vectors are wanted.
        max_seq: the store's last change; a snapshot from its future is refused.
        dim: length of the compact vectors.
        graph_from: as for `CompactIndex`.

    Returns:
        The index and what it has seen, or None when there is no snapshot.

    Raises:
        IndexDamagedError: there is one that cannot be used; the index is rebuilt from the store.
    """
    seen = ""
    for _ in range(READ_ATTEMPTS):
        try:
            text = (folder / MANIFEST).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise damaged(folder, f"its manifest cannot be read: {error}") from error
        manifest = parse_manifest(folder, text)
        check_agrees(folder, manifest, library_id, model_id, max_seq, dim)
        try:
            graph = _load_graph(folder, manifest)
        except FileNotFoundError as error:
            # A writer may have replaced the snapshot after the manifest was read.
            if text == seen:
                raise damaged(folder, f"{manifest.file} is missing") from error
            seen = text
            continue
        facts = SnapshotFacts(manifest.library_id, manifest.model_id, manifest.seq)
        return CompactIndex.from_graph(graph, graph_from), facts
    raise damaged(folder, "it changes faster than it can be read")


def _move_aside(path: Path) -> None:
    """Give what has a name that is needed another one, if there is such a thing."""
    number = 1
    while os.path.lexists(aside := path.with_name(f"{path.name}.aside-{number}")):
        number += 1
    try:
        path.rename(aside)
    except FileNotFoundError:
        return
    log.warning("%s was in the way and is called %s now", path, aside.name)


def _save_graph(graph: HnswIndex, folder: Path, facts: SnapshotFacts) -> None:
    temporary = folder / TEMPORARY
    try:
        saved = _write_graph(graph, temporary)
        digest = _digest(temporary)
        name = f"graph-{facts.seq}-{digest[:16]}.bin"
        manifest = Manifest(
            format=FORMAT,
            library_id=facts.library_id,
            model_id=facts.model_id,
            seq=facts.seq,
            hnswlib=HNSWLIB_VERSION,
            space=SPACE,
            dim=graph.dim,
            m=M,
            ef_construction=EF_CONSTRUCTION,
            ef=graph.ef,
            file=name,
            size=saved.size,
            digest=digest,
            live=saved.live,
            dead=saved.dead,
        )
        temporary.replace(folder / name)
        sync_folder(folder)
        replace_durably(folder / MANIFEST, manifest.to_json().encode())
    finally:
        temporary.unlink(missing_ok=True)
    _drop_others(folder, name)


def _write_graph(graph: HnswIndex, path: Path) -> GraphFacts:
    # Opening it first gives the reason when the folder cannot be written; hnswlib gives none.
    path.write_bytes(b"")
    native = native_path(path)
    if native is None:
        with tempfile.TemporaryDirectory(prefix="twinlens-") as staging:
            staged = Path(staging) / TEMPORARY
            saved = graph.save(os.fsencode(staged))
            room_for(staged, saved.size)
            _copy(staged, path)
    else:
        saved = graph.save(native)
    room_for(path, saved.size)
    with path.open("r+b") as file:
        os.fsync(file.fileno())
    return saved


def _load_graph(folder: Path, manifest: Manifest) -> HnswIndex:
    path = folder / manifest.file
    try:
        if path.stat().st_size != manifest.size or _digest(path) != manifest.digest:
            raise damaged(folder, f"{manifest.file} is not the file that was written")
        native = native_path(path)
        if native is not None:
            graph = HnswIndex.load(native, manifest.dim, manifest.dead, ef=manifest.ef)
        else:
            with tempfile.TemporaryDirectory(prefix="twinlens-") as staging:
                staged = Path(staging) / TEMPORARY
                _copy(path, staged)
                graph = HnswIndex.load(
                    os.fsencode(staged), manifest.dim, manifest.dead, ef=manifest.ef
                )
    except FileNotFoundError:
        raise
    except (OSError, RuntimeError) as error:
        if not path.exists():
            raise FileNotFoundError(path) from error
        raise damaged(folder, f"{manifest.file} cannot be read: {error}") from error
    if graph.count != manifest.live:
        raise damaged(folder, f"{manifest.file} holds {graph.count} photos, not {manifest.live}")
    return graph


def native_path(path: Path) -> bytes | None:
    """Return the path as hnswlib's file streams take it, or None where they cannot name it.

    On Windows they read the ANSI code page, elsewhere the bytes of the file system.
    """
    if sys.platform != "win32":
        return os.fsencode(path)
    try:
        return str(path).encode("mbcs", errors="strict")
    except UnicodeEncodeError:
        return None


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as reader, target.open("wb") as writer:
        while block := reader.read(1 << 22):
            writer.write(block)


def _digest(path: Path) -> str:
    digest = blake3()
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
    return digest.hexdigest()


def _drop_others(folder: Path, keep: str) -> None:
    for path in folder.iterdir():
        stale = GRAPH_NAME.fullmatch(path.name) or path.suffix == ".tmp"
        if stale and path.name != keep:
            try:
                path.unlink()
            except OSError as error:
                # On Windows a reader may have it open; the next save tries again.
                log.info("old snapshot %s stays: %s", path.name, error)
