"""Which roots are there now, and where. Runs on the ingest thread."""

import logging
import os
from collections.abc import Iterable

from twinlens.ingest.volumes import is_where_it_was, locate
from twinlens.records import FolderState
from twinlens.store import folders
from twinlens.store.database import Database
from twinlens.store.folders import Root

log = logging.getLogger(__name__)


def attend(database: Database, wanted: Iterable[Root]) -> list[Root]:
    """Return those of the roots that can be read now, where they lie now.

    A drive that came back at another place is re-attached, which costs no other work. A root
    that is not there is marked offline; nothing of it is removed.
    """
    wanted_ids = {root.root_id for root in wanted}
    present: list[Root] = []
    for root in folders.roots(database.connection()):
        if root.root_id not in wanted_ids:
            continue
        found = _find(database, root)
        if found is not None:
            present.append(found)
    return present


def _find(database: Database, root: Root) -> Root | None:
    if not is_where_it_was(root):
        moved = _moved_to(database, root)
        if moved is None:
            note = f"{root.path} is not there now; its photos stay searchable."
            set_state(database, root, FolderState.OFFLINE, note)
        return moved
    problem = _unreadable(root)
    if problem:
        note = f"{root.path} cannot be read ({problem}); its photos stay searchable."
        set_state(database, root, FolderState.OFFLINE, note)
        return None
    return root


def _moved_to(database: Database, root: Root) -> Root | None:
    mount = locate(root.volume_key)
    if mount is None or mount == root.mount:
        return None
    with database.transaction() as connection:
        folders.put_volume(connection, root.volume_key, root.volume_label, mount)
    moved = next(
        item for item in folders.roots(database.connection()) if item.root_id == root.root_id
    )
    log.info("%s is at %s now", root.path, moved.path)
    return moved if is_where_it_was(moved) else None


def set_state(database: Database, root: Root, state: FolderState, note: str = "") -> None:
    """Record what a root is doing; saying the same again writes nothing."""
    with database.transaction() as connection:
        folders.set_root_state(connection, root.root_id, state, note)


def _unreadable(root: Root) -> str:
    try:
        with os.scandir(root.path) as found:
            next(found, None)
    except OSError as error:
        return error.strerror or str(error)
    return ""
