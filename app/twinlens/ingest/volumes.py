"""Which drive or share a folder lies on, under a key that outlives mount points. Any thread."""

import ctypes
import logging
import os
import plistlib
import re
import string
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from twinlens.store.folders import Root, storable

log = logging.getLogger(__name__)

MOUNT_TABLE = Path("/proc/self/mountinfo")
BY_UUID = Path("/dev/disk/by-uuid")
NETWORK_SYSTEMS = frozenset(
    {
        "9p",
        "afpfs",
        "afs",
        "ceph",
        "cifs",
        "davfs",
        "fuse.davfs2",
        "fuse.glusterfs",
        "fuse.gvfsd-fuse",
        "fuse.rclone",
        "fuse.sshfs",
        "glusterfs",
        "nfs",
        "nfs4",
        "ncpfs",
        "smb2",
        "smb3",
        "smbfs",
        "webdav",
    }
)
#: Their statvfs id is made from the file system's own UUID, so it is the same on every mount.
_FSID_FROM_UUID = frozenset({"ext2", "ext3", "ext4", "btrfs"})
#: A key of this kind names the place only: nothing better was to be had.
_WEAK = "mount:"


@dataclass(frozen=True, slots=True)
class Volume:
    """A mounted file system. `key` is the same wherever it is mounted next time, if possible."""

    key: str
    mount: Path
    label: str
    network: bool = False


def volume_of(path: Path) -> Volume:
    """Return the volume that an existing absolute path without links lies on."""
    found = [item for item in mounts() if path.is_relative_to(item.mount)]
    if found:
        # Of several mounts on one place the last one is seen.
        return max(reversed(found), key=lambda item: len(item.mount.parts))
    place = path
    while not os.path.ismount(place) and place != place.parent:
        place = place.parent
    return Volume(f"{_WEAK}{place}", place, place.name or str(place))


def locate(key: str) -> Path | None:
    """Return where a known volume is mounted now, None when it is not."""
    return next((item.mount for item in mounts() if item.key == key), None)


def is_where_it_was(root: Root) -> bool:
    """Return whether a root's folder is there and on the volume it was added from.

    An unmounted drive leaves an empty folder of the file system below; a different drive may be
    mounted at the same place. Where a volume can only be told by its place, the place decides.
    """
    if not root.path.is_dir():
        return False
    now = volume_of(root.path)
    if now.key == root.volume_key:
        return True
    comparable = now.key.partition(":")[0] == root.volume_key.partition(":")[0]
    return now.mount == root.mount and (not comparable or now.key.startswith(_WEAK))


def mounts() -> list[Volume]:
    """Return the mounted volumes, in the order they were mounted."""
    if sys.platform == "win32":
        return _windows_volumes()
    if sys.platform == "darwin":
        return _macos_volumes()
    return linux_volumes(_read_mount_table())


def linux_volumes(table: str) -> list[Volume]:
    """Return the volumes of a mount table in the form of /proc/self/mountinfo."""
    uuids = _uuids_by_device()
    found: list[Volume] = []
    for line in table.splitlines():
        before, _, after = line.partition(" - ")
        fields, source_fields = before.split(" "), after.split(" ")
        if len(fields) < 5 or len(source_fields) < 2:
            continue
        root, mount = _unescape(fields[3]), Path(_unescape(fields[4]))
        kind, source = source_fields[0], _unescape(source_fields[1])
        key = _linux_key(kind, source, root, mount, uuids.get(os.path.realpath(source)))
        found.append(Volume(storable(key), mount, mount.name or "/", kind in NETWORK_SYSTEMS))
    return found


def _linux_key(kind: str, source: str, root: str, mount: Path, uuid: str | None) -> str:
    # A mount of a part of a file system (bind mount, subvolume) is a volume of its own.
    part = "" if root == "/" else f":{root}"
    if uuid is not None:
        return f"uuid:{uuid}{part}"
    if kind in NETWORK_SYSTEMS:
        return f"net:{source}{part}"
    if kind == "zfs":
        return f"zfs:{source}{part}"
    if kind in _FSID_FROM_UUID:
        try:
            return f"fsid:{os.statvfs(mount).f_fsid:x}{part}"
        except OSError as error:
            log.debug("no id for %s: %s", mount, error)
    return f"{_WEAK}{mount}"


def _uuids_by_device() -> dict[str, str]:
    try:
        return {os.path.realpath(link): link.name for link in BY_UUID.iterdir()}
    except OSError:
        return {}


def _read_mount_table() -> str:
    try:
        return os.fsdecode(MOUNT_TABLE.read_bytes())
    except OSError as error:
        log.warning("the mount table cannot be read: %s", error)
        return ""


def _unescape(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def macos_volumes(table: str) -> list[tuple[Path, str, bool]]:
    """Return (mount point, source, network) of each line that macOS's `mount` prints."""
    found = []
    for line in table.splitlines():
        match = re.match(r"(.+?) on (/.*) \((\w+)[,)]", line)
        if match:
            found.append((Path(match[2]), match[1], match[3] in NETWORK_SYSTEMS))
    return found


def _macos_volumes() -> list[Volume]:
    table = subprocess.run(["/sbin/mount"], capture_output=True, check=False).stdout
    volumes = []
    for mount, source, network in macos_volumes(os.fsdecode(table)):
        if network:
            key = f"net:{source}"
        elif mount == Path("/") or mount.is_relative_to("/Volumes"):
            key = _macos_key(mount, source)
        else:
            key = f"{_WEAK}{mount}"
        volumes.append(Volume(key, mount, mount.name or "/", network))
    return volumes


@lru_cache(maxsize=64)
def _macos_key(mount: Path, source: str) -> str:
    # Asking takes a tenth of a second; what is mounted from where does not change its id.
    answer = subprocess.run(
        ["/usr/sbin/diskutil", "info", "-plist", str(mount)], capture_output=True, check=False
    )
    try:
        return f"uuid:{plistlib.loads(answer.stdout)['VolumeUUID']}"
    except (KeyError, ValueError, plistlib.InvalidFileException):
        return f"{_WEAK}{mount}"


def _windows_volumes() -> list[Volume]:
    volumes: list[Volume] = []
    if sys.platform == "win32":
        kernel = ctypes.windll.kernel32
        present = kernel.GetLogicalDrives()
        for number, letter in enumerate(string.ascii_uppercase):
            if not present >> number & 1:
                continue
            mount = f"{letter}:\\"
            network = kernel.GetDriveTypeW(mount) == 4
            name = ctypes.create_unicode_buffer(261)
            serial = ctypes.c_ulong()
            known = kernel.GetVolumeInformationW(
                mount, name, len(name), ctypes.byref(serial), None, None, None, 0
            )
            key = f"serial:{serial.value:08x}" if known and serial.value else f"{_WEAK}{mount}"
            volumes.append(Volume(key, Path(mount), name.value or mount, network))
    return volumes
