"""Make the plan of a clean-up, and keep it until it is carried out or thrown away. On any thread.

One plan is kept, `plan.json` in the library folder; a new one takes its place.
"""

import json
import os
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

from twinlens.curate.choices import choices
from twinlens.curate.plan import KEEP, TRASH, OnDisk, make_plan
from twinlens.errors import LibraryError
from twinlens.records import COPIES, MatchClass
from twinlens.reports import Group, Plan, PlanRow
from twinlens.store.database import Database

FILE_NAME = "plan.json"
FORMAT = 1


def plan_for(
    database: Database,
    groups: Iterable[Group],
    can_trash: Callable[[Path], bool],
    *,
    review: str = "",
    suggested: Collection[MatchClass] = COPIES,
    told: Callable[[float], None] = lambda _: None,
) -> Plan:
    """Return what to do with the files of groups as they lie on disk now; nothing is kept.

    For the arguments see `make_plan`; `review` is what the plan is called, a new name where empty.
    `told` is called now and then with the share, 0 to 1, of what is done; what it raises ends the
    work.
    """
    found = list(groups)
    on_disk = look(
        [member.path for group in found for member in group.members],
        can_trash,
        told,
    )
    decided = choices(database.connection())
    return make_plan(
        review or uuid.uuid4().hex,
        time.time(),
        found,
        decided,
        on_disk,
        suggested=suggested,
    )


def look(
    paths: Iterable[Path],
    can_trash: Callable[[Path], bool],
    told: Callable[[float], None] = lambda _: None,
) -> dict[Path, OnDisk]:
    """Return what lies at each path now; what is no file, or cannot be looked at, is left out."""
    by_folder: dict[Path, list[Path]] = defaultdict(list)
    for path in paths:
        by_folder[path.parent].append(path)
    found: dict[Path, OnDisk] = {}
    for done, (folder, wanted) in enumerate(by_folder.items()):
        told(done / len(by_folder))
        try:
            names = os.listdir(folder)  # noqa: PTH208 - a Path for each name takes longer
        except OSError:
            continue
        alike: dict[str, list[str]] = defaultdict(list)
        for name in names:
            alike[_beginning(name)].append(name)
        trash: bool | None = None
        for path in wanted:
            try:
                facts = path.lstat()
            except OSError:
                continue
            if trash is None:
                trash = can_trash(path)
            beside = tuple(name for name in alike[_beginning(path.name)] if name != path.name)
            found[path] = OnDisk(
                facts.st_size,
                facts.st_mtime_ns,
                (facts.st_dev, facts.st_ino),
                facts.st_nlink,
                beside,
                trash,
            )
    return found


def save(folder: Path, plan: Plan) -> None:
    """Keep a plan in the library folder in place of the one before.

    Raises:
        LibraryError: it cannot be written.
    """
    temporary = folder / f"{FILE_NAME}.tmp"
    fields = {
        "format": FORMAT,
        "plan": plan.plan,
        "made": plan.made,
        "gained": plan.gained,
        "rows": [_kept_fields(row) for row in plan.rows],
    }
    try:
        with temporary.open("w", encoding="ascii") as stream:
            json.dump(fields, stream, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(folder / FILE_NAME)
    except OSError as error:
        raise LibraryError(
            f"The plan cannot be kept in {folder} ({error.strerror}); nothing was changed.",
            "Free some space, or check that you may write there.",
        ) from error


def saved(folder: Path) -> Plan | None:
    """Return the plan that is kept; None where there is none.

    Raises:
        LibraryError: it cannot be read.
    """
    path = folder / FILE_NAME
    try:
        said: Any = json.loads(path.read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise ValueError("another format")
        rows = tuple(_row(fields) for fields in said["rows"])
        return Plan(str(said["plan"]), float(said["made"]), rows)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise LibraryError(
            f"The plan {path} cannot be read; nothing was changed.",
            "Make a new one with 'twinlens plan', or throw it away with 'twinlens plan --discard'.",
        ) from error


def discard(folder: Path) -> bool:
    """Throw the plan away that is kept; return whether there was one."""
    there = (folder / FILE_NAME).exists()
    (folder / FILE_NAME).unlink(missing_ok=True)
    return there


def fields_of(row: PlanRow) -> dict[str, object]:
    """Return what is to be said of a row, as JSON carries it."""
    return {
        "path": os.fsdecode(row.path),
        "act": row.act,
        "why": row.why,
        "refused": row.refused or None,
        "bytes": row.size,
        "group": row.group,
        "match": row.match.value,
    }


def _kept_fields(row: PlanRow) -> dict[str, object]:
    """Return a row as the plan keeps it, with what its file is known by when it is carried out."""
    return {**fields_of(row), "hash": row.hash.hex(), "mtime_ns": row.mtime_ns}


def _row(fields: dict[str, Any]) -> PlanRow:
    path, act = Path(fields["path"]), fields["act"]
    if act not in (KEEP, TRASH) or not path.is_absolute():
        raise ValueError("not a row of a plan")
    return PlanRow(
        path=path,
        act=act,
        why=str(fields["why"]),
        refused=str(fields["refused"] or ""),
        size=int(fields["bytes"]),
        group=str(fields["group"]),
        match=MatchClass(fields["match"]),
        hash=bytes.fromhex(fields["hash"]),
        mtime_ns=int(fields["mtime_ns"]),
    )


def _beginning(name: str) -> str:
    return name.split(".", 1)[0].lower()
