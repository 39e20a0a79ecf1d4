"""Carry a plan out and take acts back, file by file. Runs on the caller's thread.

Each file is compared with the plan before it moves: size, time and content, its own and that of a
file of its group that stays. What differs stays where it is.
"""

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from blake3 import blake3

from twinlens.curate import deciding
from twinlens.curate.choices import Choices, choices
from twinlens.curate.plan import KEEP
from twinlens.library import trash
from twinlens.reports import CleanUp, Outcome, Plan, PlanRow
from twinlens.store import files, photos
from twinlens.store.database import Connection, Database

ShouldStop = Callable[[], bool]

PUT_BACK, TAKEN_BACK = "put-back", "taken-back"
_NO_KEEPER = "no file of its group that stays is what it was"


def apply(
    database: Database,
    journal: Path,
    plan: Plan,
    act: str,
    should_stop: ShouldStop,
    *,
    drop_rows: bool,
    dry_run: bool = False,
    tell: Callable[[Outcome], None] = lambda _: None,
) -> list[Outcome]:
    """Move the files of a plan to the trash as one act; return what became of each.

    Rows that an earlier run of the same plan carried out are passed over. Where `should_stop` says
    so the rest is left for another run.

    Args:
        act: what the act is called.
        drop_rows: forget the places of what went as well; False while a watcher runs, which sees
            them go by itself.
        dry_run: check all, change nothing.
        tell: hears of each file as soon as it is done.
    """
    gone = {
        entry.item.path
        for entry in trash.entries(database, None if dry_run else journal)
        if entry.item.review == plan.plan
    }
    keepers: dict[str, list[PlanRow]] = defaultdict(list)
    for row in plan.rows:
        if row.act == KEEP:
            keepers[row.group].append(row)
    checked: dict[str, PlanRow | None] = {}
    decided = choices(database.connection())
    outcomes: list[Outcome] = []
    for row in plan.going:
        if should_stop():
            break
        if str(row.path) in gone and not os.path.lexists(row.path):
            continue
        if row.group not in checked:
            checked[row.group] = next((r for r in keepers[row.group] if not differs(r)), None)
        problem = _problem(decided, row, checked[row.group])
        if problem is None and not dry_run:
            problem = _move(database, journal, plan.plan, act, row)
            if problem is None and drop_rows:
                with database.transaction() as connection:
                    _drop_row(connection, row.path)
        outcomes.append(Outcome(row.path, row.act, row.size, problem or ""))
        tell(outcomes[-1])
    return outcomes


def differs(row: PlanRow) -> str | None:
    """Return how a file is not what the plan knew; None where it is."""
    try:
        facts = row.path.lstat()
        if (facts.st_size, facts.st_mtime_ns) != (row.size, row.mtime_ns):
            return "it has changed since the plan was made"
        hasher = blake3()
        with row.path.open("rb") as stream:
            while part := stream.read(1 << 20):
                hasher.update(part)
    except FileNotFoundError:
        return "it is not there any more"
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    return None if hasher.digest() == row.hash else "its content is not what the plan was made for"


def acts(database: Database, journal: Path) -> list[CleanUp]:
    """Return every act that can be undone, newest first, settling what a kill left open."""
    by_act: dict[str, list[trash.Entry]] = defaultdict(list)
    for entry in trash.entries(database, journal):
        by_act[entry.item.act].append(entry)
    found = [
        CleanUp(
            act,
            entries[0].item.review,
            max(entry.at for entry in entries),
            tuple(Path(entry.item.path) for entry in entries),
        )
        for act, entries in by_act.items()
    ]
    found += [
        CleanUp(act, review, at, decisions=count)
        for act, review, at, count in deciding.acts(database.connection())
    ]
    return sorted(found, key=lambda act: act.at, reverse=True)


def undo(
    database: Database,
    journal: Path,
    wanted: Iterable[CleanUp],
    *,
    restore_rows: bool,
    dry_run: bool = False,
    should_stop: ShouldStop = lambda: False,
) -> list[Outcome]:
    """Take acts back, newest first; return what became of each file and decision.

    A file whose old place is taken stays in the trash and can be asked for again.

    Args:
        restore_rows: put what the library knew of the files back too; False while a watcher runs,
            which sees them by itself.
        dry_run: check all, change nothing.
        should_stop: asked before each file and decision; the rest is left as it is.
    """
    outcomes: list[Outcome] = []
    entries = trash.entries(database, None if dry_run else journal)
    for act in sorted(wanted, key=lambda act: act.at, reverse=True):
        if act.decisions and not should_stop():
            if not dry_run:
                with database.transaction() as connection:
                    deciding.undo(connection, journal, act.act)
            outcomes.append(Outcome(None, TAKEN_BACK, 0))
        for entry in entries:
            if entry.item.act == act.act and not should_stop():
                problem = trash.put_back(entry.item, dry_run=dry_run)
                size = max(entry.item.size, 0)
                outcomes.append(Outcome(Path(entry.item.path), PUT_BACK, size, problem or ""))
                if not dry_run:
                    _note_back(database, journal, entry, problem, restore_rows=restore_rows)
    return outcomes


def _problem(decided: Choices, row: PlanRow, keeper: PlanRow | None) -> str | None:
    """Return why a file must not go now; None where it may."""
    folder = decided.protects(row.path)
    if folder is not None:
        return f"you protected the folder {folder}"
    if row.hash in decided.keep:
        return "you decided to keep it"
    if keeper is None:
        return _NO_KEEPER
    problem = differs(row)
    if problem is not None:
        return problem
    try:
        same = row.path.samefile(keeper.path)
    except OSError:
        return _NO_KEEPER
    return f"it is the same file as {keeper.path}" if same else None


def _move(database: Database, journal: Path, review: str, act: str, row: PlanRow) -> str | None:
    item = trash.Trashed(
        act, str(row.path), "", None, review, row.hash.hex(), row.size, row.mtime_ns
    )
    return trash.move_one(database, journal, item)


def _drop_row(connection: Connection, path: Path) -> None:
    """Forget the place of a file; its photo stays for a while should it come back."""
    row = files.row_of(connection, path)
    if row is not None:
        lost = files.remove_files(connection, [row.file_id])
        photos.settle_orphans(connection, lost, time.time())


def _note_back(
    database: Database,
    journal: Path,
    entry: trash.Entry,
    problem: str | None,
    *,
    restore_rows: bool,
) -> None:
    """Take a file that is back, or lost for good, out of the journal; know its place again."""
    item = entry.item
    if problem is not None and os.path.lexists(item.place):
        return
    with database.transaction() as connection:
        trash.forget(connection, journal, entry)
        place = files.place_of(connection, Path(item.path))
        if problem is not None or not restore_rows or place is None or not item.hash:
            return
        photo_id = photos.photo_by_hash(connection, bytes.fromhex(item.hash))
        # A photo that was dropped meanwhile is read again by the next scan.
        if photo_id is not None:
            before = files.put_file(connection, *place, item.size, item.mtime_ns, photo_id)
            touched = {photo_id} if before is None else {photo_id, before}
            photos.settle_orphans(connection, touched, time.time())
