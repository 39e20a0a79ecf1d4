"""Groups of duplicates for tests, without any photo behind them."""

from pathlib import Path

from twinlens.records import MatchClass
from twinlens.reports import Group, Member


def content(number: int) -> bytes:
    """Return the hash of a content that exists in name only."""
    return number.to_bytes(32, "big")


def member(
    name: str, number: int, match: MatchClass = MatchClass.SAME_BYTES, size: int = 100
) -> Member:
    """Return a file at /photos/NAME whose content is that number."""
    return Member(Path("/photos", name), number, content(number), size, match, 1.0)


def group(*members: Member, best: int = 0, name: str = "g", kept_as: str = "") -> Group:
    """Return a group whose first member is of the reference."""
    weakest = max((m.match for m in members), key=list(MatchClass).index)
    return Group(name, weakest, members[0].photo_id, members[best].path, members, kept_as=kept_as)
