"""Drives keep their key wherever they are mounted, and an empty mount point is not a drive."""

import os
from pathlib import Path

import pytest

from tests.unit.ingest.shelf import Shelf
from twinlens.ingest import volumes
from twinlens.ingest.roots import attend
from twinlens.ingest.volumes import Volume, linux_volumes, locate, macos_volumes, volume_of
from twinlens.records import FolderState

TABLE = """\
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 27 8:17 / /media/My\\040Stick rw - vfat /dev/sdb1 rw
31 27 0:40 / /mnt/nas rw - nfs4 nas:/export rw
32 27 8:33 /photos /srv/photos rw - ext4 /dev/sdc1 rw
33 27 0:41 / /tmp rw - tmpfs tmpfs rw
34 27 0:42 / /tank rw - zfs tank/photos rw
"""


@pytest.fixture
def by_uuid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two devices that have a UUID."""
    folder = tmp_path / "by-uuid"
    folder.mkdir()
    (folder / "ABCD-1234").symlink_to("/dev/sdb1")
    (folder / "eeee-ffff").symlink_to("/dev/sdc1")
    monkeypatch.setattr(volumes, "BY_UUID", folder)


@pytest.mark.usefixtures("by_uuid")
def test_linux_keys() -> None:
    found = {str(item.mount): item for item in linux_volumes(TABLE)}
    assert found["/media/My Stick"] == Volume("uuid:ABCD-1234", Path("/media/My Stick"), "My Stick")
    assert found["/mnt/nas"] == Volume("net:nas:/export", Path("/mnt/nas"), "nas", network=True)
    assert found["/srv/photos"].key == "uuid:eeee-ffff:/photos"
    assert found["/tmp"].key == "mount:/tmp"
    assert found["/tank"].key == "zfs:tank/photos"


def test_macos_table() -> None:
    table = (
        "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)\n"
        "/dev/disk4s1 on /Volumes/My Stick (exfat, local, nodev)\n"
        "//me@nas/photos on /Volumes/photos (smbfs, nodev, nosuid, mounted by me)\n"
    )
    assert macos_volumes(table) == [
        (Path("/"), "/dev/disk3s1s1", False),
        (Path("/Volumes/My Stick"), "/dev/disk4s1", False),
        (Path("/Volumes/photos"), "//me@nas/photos", True),
    ]


def test_ordinary_folder_has_a_key_that_stays(tmp_path: Path) -> None:
    volume = volume_of(tmp_path)
    assert tmp_path.is_relative_to(volume.mount)
    assert volume_of(tmp_path) == volume
    assert locate(volume.key) is not None


def test_without_a_mount_table_the_place_is_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(volumes, "MOUNT_TABLE", tmp_path / "absent")
    volume = volume_of(tmp_path)
    assert volume.key == f"mount:{volume.mount}"
    assert os.path.ismount(volume.mount)
    assert "mount table" in caplog.text


class Drives:
    """What is mounted, as the tests want it; everything else lies on the system's drive."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.mounted: list[Volume] = [Volume("uuid:system", Path("/"), "/")]
        monkeypatch.setattr(volumes, "mounts", lambda: self.mounted)


def test_drive_that_comes_back_elsewhere_is_attached_without_work(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    drives = Drives(monkeypatch)
    first, second = shelf.tmp_path / "usb", shelf.tmp_path / "usb1"
    drives.mounted.append(Volume("uuid:stick", first, "stick"))
    shelf.put("dcim/a.png", 1, folder=first)
    stick = shelf.add_root(first / "dcim")
    assert shelf.update().added == 1
    runs = shelf.session.runs

    drives.mounted[1:] = []
    first.rename(second)
    (first / "dcim").mkdir(parents=True)
    counts = shelf.update()
    assert (counts.removed, shelf.index.count) == (0, 1)
    state = {root.root_id: root for root in shelf.roots()}[stick.root_id]
    assert state.state is FolderState.OFFLINE
    assert str(first / "dcim") in state.note

    drives.mounted.append(Volume("uuid:stick", second, "stick"))
    seq = shelf.database.seq
    counts = shelf.update()
    assert (counts.unchanged, counts.added, counts.removed) == (1, 0, 0)
    assert shelf.database.seq - seq <= 8
    assert shelf.session.runs == runs
    assert {root.root_id: root.path for root in shelf.roots()}[stick.root_id] == second / "dcim"


def test_another_drive_at_the_same_place_is_not_taken_for_it(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    drives = Drives(monkeypatch)
    place = shelf.tmp_path / "usb"
    drives.mounted.append(Volume("uuid:one", place, "one"))
    path = shelf.put("a.png", 1, folder=place)
    shelf.add_root(place)
    shelf.update()
    drives.mounted[1] = Volume("uuid:two", place, "two")
    path.unlink()
    assert shelf.update().removed == 0
    assert shelf.index.count == 1


@pytest.mark.parametrize(
    ("key", "mount", "there"),
    [
        ("uuid:system", "/", True),
        ("fsid:1234", "/", True),
        ("mount:/", "/", True),
        ("uuid:other", "/", False),
        ("mount:/somewhere", "/somewhere", False),
    ],
)
def test_when_in_doubt_a_root_is_where_it_was(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, key: str, mount: str, there: bool
) -> None:
    Drives(monkeypatch)
    root = next(iter(shelf.roots()))
    values = {name: getattr(root, name) for name in root.__slots__}
    changed = type(root)(**{**values, "volume_key": key, "mount": Path(mount)})
    assert volumes.is_where_it_was(changed) is there


def test_root_that_cannot_be_listed_is_offline(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.fill(1)
    shelf.update()

    def refuse(*_args: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    assert attend(shelf.database, shelf.roots()) == []
    monkeypatch.undo()
    root = shelf.roots()[0]
    assert root.state is FolderState.OFFLINE
    assert "Permission denied" in root.note
    assert len(attend(shelf.database, shelf.roots())) == 1
