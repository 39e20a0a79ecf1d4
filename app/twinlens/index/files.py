"""Writing files so that a kill or a full disk leaves the old or the new one; any thread."""

import errno
import os
import sys
from pathlib import Path

FULL = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})


def full_disk(error: OSError) -> bool:
    """Tell whether the error means that there is no room left."""
    return error.errno in FULL


def room_for(path: Path, size: int) -> None:
    """Check the length of a file whose writer reports no failure.

    Raises:
        OSError: the file is shorter, as on a full disk.
    """
    if path.stat().st_size != size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def replace_durably(path: Path, data: bytes) -> None:
    """Write a file beside its final name, flush it to the disk and move it into place."""
    temporary = path.with_suffix(".tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable, where the system lets a folder be flushed."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
