"""What a clean-up would do with which file, and why; what it must not do is refused. Pure.

Nothing is taken from a group without something of it staying: a plan that was made and a plan that
is carried out check it alike.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from twinlens.curate.choices import Choices
from twinlens.curate.duplicates import to_best
from twinlens.imaging.formats import PICTURE_EXTENSIONS, RAW_EXTENSIONS, VIDEO_EXTENSIONS
from twinlens.records import COPIES, MatchClass
from twinlens.reports import Group, Member, Plan, PlanRow

KEEP, TRASH = "keep", "trash"

#: What programs and cameras write beside a photo, with its name.
SIDECAR_EXTENSIONS = frozenset(
    {".aae", ".arp", ".cos", ".dop", ".json", ".nksc", ".on1", ".pp2", ".pp3", ".thm", ".vrd"}
    | {".xmp"}
)

_RELATIONS = {
    MatchClass.SAME_BYTES: "the same bytes as {}",
    MatchClass.SAME_PIXELS: "the same pixels as {}",
    MatchClass.RE_ENCODED: "the same picture as {}, saved again",
    MatchClass.EDITED: "an edited version of {}",
    MatchClass.SAME_SCENE: "the same scene as {}",
    MatchClass.ALIKE: "looks like {}",
}


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A file as it lies on disk now.

    `identity` (device, inode) is the same for two names of one file, `links` is how many names it
    has, `beside` the names of other files in its folder that begin like it, and `trash` whether its
    drive has one.
    """

    size: int
    mtime_ns: int
    identity: tuple[int, int] = (0, 0)
    links: int = 1
    beside: tuple[str, ...] = ()
    trash: bool = True


@dataclass(slots=True)
class _Draft:
    """One file while a plan is made."""

    group: Group
    member: Member
    goes: bool
    why: str
    disk: OnDisk | None
    refused: str = ""

    @property
    def stays(self) -> bool:
        """Whether it will be there afterwards, with the content that is known."""
        return not self.goes and self.disk is not None and self.disk.size == self.member.size

    def refuse(self, reason: str) -> None:
        self.goes, self.refused = False, reason


def make_plan(
    name: str,
    made: float,
    groups: Iterable[Group],
    choices: Choices,
    on_disk: Mapping[Path, OnDisk],
    *,
    suggested: Collection[MatchClass] = COPIES,
) -> Plan:
    """Return what to do with the files of groups, refusing what would lose anything.

    Args:
        name: what the plan is called.
        made: Unix time.
        groups: no file in two of them.
        choices: what was decided; it comes before any suggestion.
        on_disk: the files that are there now.
        suggested: relations in which a file goes that nothing was decided about.
    """
    drafts: list[list[_Draft]] = []
    for group in groups:
        for part in choices.open_parts(group):
            fates = choices.fates(part)
            drafts.append(
                [
                    _wish(part, member, fate, choices, suggested, on_disk.get(member.path))
                    for member, fate in zip(part.members, fates, strict=True)
                ]
            )
    for members in drafts:
        for draft in members:
            if draft.goes:
                _refuse_alone(draft, choices)
        _refuse_same_file(members)
        _refuse_only_raw(members)
    _refuse_orphaning([draft for members in drafts for draft in members])
    for members in drafts:
        _refuse_last(members)
    return Plan(name, made, tuple(_row(draft) for members in drafts for draft in members))


def sidecars(path: PurePath, beside: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield (name, own) of the files that belong to a photo.

    Args:
        path: the photo.
        beside: names in its folder.

    An `own` one has the photo's whole name in its own ("a.jpg.xmp"); others ("a.xmp", or the
    "a.mov" of a Live Photo) belong to every picture of that stem.
    """
    for name in beside:
        ending = PurePath(name).suffix.lower()
        if ending in SIDECAR_EXTENSIONS and name.lower().startswith(path.name.lower() + "."):
            yield name, True
        elif PurePath(name).stem.lower() == path.stem.lower() and (
            ending in SIDECAR_EXTENSIONS or ending in VIDEO_EXTENSIONS
        ):
            yield name, False


def _wish(
    group: Group,
    member: Member,
    fate: str,
    choices: Choices,
    suggested: Collection[MatchClass],
    disk: OnDisk | None,
) -> _Draft:
    """Return what is to become of a file, before anything is refused."""
    goes, why = False, _decided(member.hash, fate, choices)
    if why:
        if fate == TRASH and member.path != group.best:
            why = f"{_relation(group, member)}; {why}"
        return _Draft(group, member, fate == TRASH, why, disk)
    if group.kept_as:
        why = f"it belongs to a set ({group.kept_as})"
    elif member.path == group.best:
        why = f"the best of {len(group.members)}"
    elif to_best(group, member) in suggested:
        goes, why = True, f"{_relation(group, member)}, which stays"
    elif to_best(group, member) in COPIES:
        why = "nothing was decided about it"
    else:
        why = "it is not a copy of another file"
    if member.reasons:
        why = f"{why}: {', '.join(member.reasons)}"
    return _Draft(group, member, goes, why, disk)


def _relation(group: Group, member: Member) -> str:
    """Return what a file is to the best one."""
    return _RELATIONS[to_best(group, member)].format(_told_apart(group.best, member.path))


def _told_apart(path: Path, other: Path) -> Path:
    """Return as much of a path's end as the other one does not share."""
    parts = range(1, len(path.parts))
    ends = (Path(*path.parts[-n:]) for n in parts if path.parts[-n:] != other.parts[-n:])
    return next(ends, path)


def _decided(content: bytes, fate: str, choices: Choices) -> str:
    """Return how a decision about a content led to the fate of its file; "" where none did."""
    if content in choices.keep:
        return "you decided to keep it"
    if content in choices.trash:
        # Of nothing but copies of one content, the best stays as the best.
        return "you decided that it goes" if fate == TRASH else ""
    if not fate:
        return ""
    return "you decided to keep it" if fate == KEEP else "you decided that one copy is enough"


def _refuse_alone(draft: _Draft, choices: Choices) -> None:
    """Refuse for reasons that lie in the file itself."""
    disk, folder = draft.disk, choices.protects(draft.member.path)
    if disk is None:
        draft.refuse("it is not there now")
    elif disk.size != draft.member.size:
        draft.refuse("it has changed since it was read")
    elif folder is not None:
        draft.refuse(f"you protected the folder {folder}")
    elif disk.links > 1:
        draft.refuse("it is a hard link: another name of the same file, so nothing would be freed")
    elif not disk.trash:
        draft.refuse("its drive has no trash that can be written to")


def _refuse_same_file(drafts: list[_Draft]) -> None:
    """Refuse a file that is reached by two ways, such as a drive that is mounted twice."""
    ways = Counter(draft.disk.identity for draft in drafts if draft.disk is not None)
    for draft in drafts:
        if not draft.goes or draft.disk is None:
            continue
        identity = draft.disk.identity
        if identity[1] and ways[identity] > 1:
            draft.refuse("it is the same file as another one here, not a copy")


def _refuse_only_raw(drafts: list[_Draft]) -> None:
    """Keep one RAW of a group that has any: no other format holds what it does."""
    raw = [draft for draft in drafts if draft.member.path.suffix.lower() in RAW_EXTENSIONS]
    going = [draft for draft in raw if draft.goes]
    if going and not any(draft.stays for draft in raw):
        largest = max(going, key=lambda draft: draft.member.size)
        largest.refuse("it is the only RAW file of this picture")


def _refuse_orphaning(drafts: list[_Draft]) -> None:
    """Keep a file whose sidecars would be left without a photo."""
    going = {draft.member.path for draft in drafts if draft.goes}
    # Where a RAW and a JPEG of one name go, the sidecar is the RAW's sooner.
    for draft in sorted(drafts, key=lambda d: d.member.path.suffix.lower() not in RAW_EXTENSIONS):
        if not draft.goes or draft.disk is None:
            continue
        path = draft.member.path
        held = any(path.with_name(name) not in going for name in _namesakes(path, draft.disk))
        for name, own in sidecars(path, draft.disk.beside):
            if own or not held:
                draft.refuse(f"{name} belongs to it and would be left alone")
                going.discard(path)
                break


def _namesakes(path: Path, disk: OnDisk) -> Iterator[str]:
    """Yield the other pictures of a folder with the same stem."""
    for name in disk.beside:
        other = PurePath(name)
        if other.stem.lower() == path.stem.lower() and other.suffix.lower() in PICTURE_EXTENSIONS:
            yield name


def _refuse_last(drafts: list[_Draft]) -> None:
    """Keep one file of a group of which nothing else would be left."""
    going = [draft for draft in drafts if draft.goes]
    if going and not any(draft.stays for draft in drafts):
        best = next((d for d in going if d.member.path == d.group.best), going[0])
        best.refuse("it is the last copy that is there")


def _row(draft: _Draft) -> PlanRow:
    member, disk = draft.member, draft.disk
    return PlanRow(
        path=member.path,
        act=TRASH if draft.goes else KEEP,
        why=draft.why,
        refused=draft.refused,
        size=member.size,
        group=draft.group.group,
        match=member.match,
        hash=member.hash,
        mtime_ns=0 if disk is None else disk.mtime_ns,
    )
