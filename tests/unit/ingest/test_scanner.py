"""What a walk yields and what it leaves out."""

import os
from collections import Counter
from pathlib import Path

import pytest

from twinlens.ingest import scanner
from twinlens.ingest.exclusions import LeftOut, Rules, rules_for
from twinlens.ingest.scanner import count_files, look_at, walk
from twinlens.records import FolderState
from twinlens.store.folders import Root


def root_at(path: Path, root_id: int = 1, excludes: tuple[str, ...] = ()) -> Root:
    return Root(root_id, path, "disk", "", path.parent, FolderState.PENDING, "", excludes)


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def found(folder: Path, rules: Rules | None = None) -> tuple[list[str], Counter[LeftOut]]:
    """Return the relative paths of a walk and what it left out."""
    left_out: Counter[LeftOut] = Counter()
    rules = rules or Rules()
    names = [
        os.fsdecode(b"/".join(part for part in (listing.folder, entry.name) if part))
        for listing in walk(os.fsencode(folder), rules, left_out)
        for entry in listing.entries
    ]
    assert count_files(os.fsencode(folder), rules, lambda: False) == len(names)
    return names, left_out


def test_parents_come_first_and_names_in_order(tmp_path: Path) -> None:
    make(tmp_path, "b.jpg", "a.jpg", "z/1.jpg", "d/e/2.jpg", "d/3.jpg")
    assert found(tmp_path)[0] == ["a.jpg", "b.jpg", "d/3.jpg", "d/e/2.jpg", "z/1.jpg"]


def test_entry_tells_size_and_time(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg")
    facts = (tmp_path / "a.jpg").stat()
    listing = next(walk(os.fsencode(tmp_path), Rules(), Counter()))
    assert listing.entries == ((b"a.jpg", facts.st_size, facts.st_mtime_ns, False),)
    assert look_at(os.fsencode(tmp_path / "a.jpg")) == listing.entries[0]


def test_what_people_never_want_is_left_out_and_counted(tmp_path: Path) -> None:
    make(
        tmp_path,
        "ok.jpg",
        ".hidden.jpg",
        ".git/x.jpg",
        ".Trash-1000/files/x.jpg",
        ".thumbnails/x.jpg",
        "$RECYCLE.BIN/x.jpg",
        "System Volume Information/x.jpg",
        "@eaDir/x.jpg",
        "__MACOSX/x.jpg",
        "Catalog Previews.lrdata/x.jpg",
        "Cache/x.jpg",
        "Thumbs.db",
        "desktop.ini",
    )
    (tmp_path / "link.jpg").symlink_to(tmp_path / "ok.jpg")
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.jpg")
    names, left_out = found(tmp_path)
    assert names == ["ok.jpg"]
    assert left_out == {
        LeftOut.HIDDEN: 4,
        LeftOut.SYSTEM: 8,
        LeftOut.LINK: 2,
        LeftOut.SPECIAL: 1,
    }


def test_root_may_be_called_anything(tmp_path: Path) -> None:
    make(tmp_path, ".photos/a.jpg")
    assert found(tmp_path / ".photos")[0] == ["a.jpg"]


def test_users_patterns_match_names_and_relative_paths(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "a_small.jpg", "raw/b.jpg", "x/raw/c.jpg", "x/proofs/d.jpg")
    root = root_at(tmp_path, excludes=("*_small.*", "raw", "x/proofs/"))
    names, left_out = found(tmp_path, rules_for(root, [root], None))
    assert names == ["a.jpg"]
    assert left_out == {LeftOut.PATTERN: 4}


def test_nested_root_and_library_are_not_entered(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "inner/b.jpg", "data/lib/thumbnails/c.jpg", "data/d.jpg")
    root, inner = root_at(tmp_path), root_at(tmp_path / "inner", 2)
    rules = rules_for(root, [root, inner], tmp_path / "data" / "lib")
    names, left_out = found(tmp_path, rules)
    assert names == ["a.jpg", "data/d.jpg"]
    assert left_out == {LeftOut.LIBRARY: 1}
    assert rules.admits(b"data/d.jpg")
    assert not rules.admits(b"inner/b.jpg")
    assert not rules.admits(b"data/lib/thumbnails/c.jpg")


@pytest.mark.parametrize(
    ("path", "admitted"),
    [
        (b"", True),
        (b"a/b.jpg", True),
        (b".a/b.jpg", False),
        (b"a/.b", False),
        (b"a/@eaDir/b", False),
    ],
)
def test_rules_judge_whole_paths(path: bytes, admitted: bool) -> None:
    assert Rules().admits(path) is admitted


def test_mount_of_a_folder_inside_itself_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "a/b/c.jpg")
    plain = os.stat

    def looping(path: bytes, **options: bool) -> os.stat_result:
        # As if "a/b" were a mount of the root itself.
        return plain(tmp_path if os.fsencode(path).endswith(b"a/b") else path, **options)

    monkeypatch.setattr(os, "stat", looping)
    left_out: Counter[LeftOut] = Counter()
    folders = [item.folder for item in walk(os.fsencode(tmp_path), Rules(), left_out)]
    assert folders == [b"", b"a"]
    assert left_out[LeftOut.LINK] == 1


def test_folder_that_cannot_be_listed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "a.jpg", "locked/b.jpg")
    plain = os.scandir

    def refuse(path: bytes) -> object:
        if path.endswith(b"locked"):
            raise PermissionError(13, "Permission denied")
        return plain(path)

    monkeypatch.setattr(os, "scandir", refuse)
    listings = list(walk(os.fsencode(tmp_path), Rules(), Counter()))
    assert [(item.folder, item.error is None) for item in listings] == [
        (b"", True),
        (b"locked", False),
    ]


@pytest.mark.parametrize(
    ("attributes", "flags", "online"),
    [
        (0, 0, False),
        (0x20, 0, False),
        (0x400000, 0, True),
        (0x1000, 0, True),
        (0, 0x40000000, True),
    ],
)
def test_cloud_placeholders_are_recognised(attributes: int, flags: int, online: bool) -> None:
    class Facts:
        st_file_attributes = attributes
        st_flags = flags

    assert scanner.is_online_only(Facts()) is online  # type: ignore[arg-type]


def test_sparse_file_is_not_taken_for_a_placeholder(tmp_path: Path) -> None:
    with (tmp_path / "a.jpg").open("wb") as stream:
        stream.truncate(5000)
    assert look_at(os.fsencode(tmp_path / "a.jpg")) == (
        b"a.jpg",
        5000,
        (tmp_path / "a.jpg").stat().st_mtime_ns,
        False,
    )
