"""Tells a watched folder from an empty mount point, or another disk, that stands at its path."""

import os
from dataclasses import dataclass
from pathlib import Path

import psutil

# File systems on which the events of other machines, or of a host, do not arrive.
SILENT_FILE_SYSTEMS = frozenset(
    {"9p", "drvfs", "cifs", "smb3", "smbfs", "nfs", "nfs4", "afpfs", "webdav", "davfs", "vboxsf", "virtiofs", "prl_fs"}
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a folder is, apart from its path."""

    device: int
    inode: int
    mount: str  # where the volume that holds it is mounted
    volume: str  # what is mounted there: a disk's UUID or a network share, as far as the system tells


@dataclass(frozen=True, slots=True)
class Mount:
    point: str
    source: str
    kind: str  # the file system's name


def identify(folder: Path) -> Identity | None:
    """What stands at *folder* now; None if nothing does. Raises PermissionError where we may not look."""
    try:
        status = folder.stat()
    except PermissionError:
        raise
    except OSError:
        return None
    mount = mount_of(folder)
    return Identity(status.st_dev, status.st_ino, mount.point, _volume(mount))


def same_folder(known: Identity, seen: Identity) -> bool:
    """Whether *seen* is the folder *known*, or one made anew in its place on the same volume.

    Device numbers change from boot to boot, so they only ever say yes.
    """
    if (known.device, known.inode) == (seen.device, seen.inode):
        return True
    return known.mount == seen.mount and known.volume == seen.volume


def mount_of(folder: Path) -> Mount:
    """The mounted volume that holds *folder*."""
    real = os.path.realpath(folder)
    best = Mount("", "", "")
    for part in psutil.disk_partitions(all=True):
        holds = os.path.normcase(real + os.sep).startswith(os.path.normcase(part.mountpoint.rstrip(os.sep) + os.sep))
        # Of two mounts on one point the later one is seen.
        if holds and len(part.mountpoint) >= len(best.point):
            best = Mount(part.mountpoint, part.device, part.fstype)
    return best


def events_arrive(mount: Mount) -> bool:
    """Whether the system tells of changes on this volume."""
    kind = mount.kind.lower()
    return not (kind in SILENT_FILE_SYSTEMS or kind.startswith("fuse.") or _is_share(mount))


def _is_share(mount: Mount) -> bool:
    return mount.source.startswith(("//", "\\\\")) or ":/" in mount.source


def _volume(mount: Mount) -> str:
    by_uuid = Path("/dev/disk/by-uuid")
    if by_uuid.is_dir():
        device = os.path.realpath(mount.source)
        for link in by_uuid.iterdir():
            if os.path.realpath(link) == device:
                return link.name
    # Plain device names are no identity: they are given out anew at each start.
    return mount.source if _is_share(mount) else mount.kind
