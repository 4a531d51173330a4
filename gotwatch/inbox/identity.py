"""Tells a watched folder from an empty mount point, or another disk, that stands at its path."""

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

BY_UUID = Path("/dev/disk/by-uuid")  # Linux
# File systems on which the events of other machines, or of a host, do not arrive.
SILENT_FILE_SYSTEMS = frozenset(
    {"9p", "drvfs", "cifs", "smb2", "smb3", "smbfs", "nfs", "nfs4", "afpfs", "afs", "ncpfs", "webdav", "davfs"}
    | {"ceph", "lustre", "beegfs", "gpfs", "gfs2", "ocfs2"}
    | {"vboxsf", "virtiofs", "vmhgfs", "prl_fs", "fakeowner", "fuse", "fusefs", "macfuse", "osxfuse", "network"}
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a folder is, apart from its path."""

    device: int
    inode: int
    mount: str  # where the volume that holds it is mounted
    volume: str  # what is mounted there: a disk's own number or a network share; "" where the system does not tell


@dataclass(frozen=True, slots=True)
class Mount:
    point: str
    source: str
    kind: str  # the file system's name


def identify(folder: Path, before: Identity | None = None) -> Identity | None:
    """What stands at *folder* now; None if no folder does. Raises PermissionError where that cannot be told.

    *before*: what stood there a moment ago; it is given back, quickly, if it still does.
    """
    try:
        status = folder.stat()
    except PermissionError:
        raise
    except OSError:
        return None
    if before and (status.st_dev, status.st_ino) == (before.device, before.inode):
        return before
    if not stat.S_ISDIR(status.st_mode):
        return None
    mount = mount_of(folder)
    return Identity(status.st_dev, status.st_ino, mount.point, volume_of(mount, status.st_dev))


def same_folder(known: Identity, seen: Identity) -> bool:
    """Whether *seen* is the folder *known*, or one made anew in its place on the same volume.

    Device numbers are given out anew at each start, and to the next disk that is attached: a volume's name is better.
    """
    if known.volume and seen.volume:
        return known.volume == seen.volume
    return known.mount == seen.mount or (known.device, known.inode) == (seen.device, seen.inode)


def mount_of(folder: Path) -> Mount:
    """The mounted volume that holds *folder*."""
    real = os.path.realpath(folder)
    if real.startswith("\\\\"):  # Windows: \\server\share, also behind a drive letter
        share = os.path.splitdrive(real)[0]
        return Mount(share, share, "network")
    best = Mount("", "", "")
    for part in psutil.disk_partitions(all=True):
        holds = os.path.normcase(real + os.sep).startswith(os.path.normcase(part.mountpoint.rstrip(os.sep) + os.sep))
        # Of two mounts on one point the later one is seen.
        if holds and len(part.mountpoint) >= len(best.point):
            # Windows says so of a share behind a drive letter, whose server does not answer just now.
            kind = "network" if "remote" in part.opts.split(",") else part.fstype
            best = Mount(part.mountpoint, part.device, kind)
    return best


def events_arrive(mount: Mount) -> bool:
    """Whether the system tells of changes on this volume."""
    kind = mount.kind.lower()
    return not (kind in SILENT_FILE_SYSTEMS or kind.startswith("fuse.") or _is_share(mount))


def _is_share(mount: Mount) -> bool:
    return mount.source.startswith(("//", "\\\\")) or ":/" in mount.source


def volume_of(mount: Mount, device: int, *, by_uuid: Path = BY_UUID) -> str:
    """What tells the volume from all others that could be mounted there; "" if nothing does."""
    if _is_share(mount):
        return mount.source
    if sys.platform == "win32":
        return f"{device:x}"  # there it is the volume's serial number
    if by_uuid.is_dir():
        real = os.path.realpath(mount.source)
        for link in by_uuid.iterdir():
            if os.path.realpath(link) == real:
                return link.name
    return ""  # a device's name is no identity: the next disk gets it too
