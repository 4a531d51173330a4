"""Folders to watch: filled, mounted, and seen with the eyes of a user who may not see all."""

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")
NOBODY = 65534
CLONE_NEWNS = 0x0002_0000  # linux/sched.h


def make_files(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")


def as_nobody(act: Callable[[], T]) -> T:
    """What *act* gives in a thread that may access files as an ordinary user may, also where root runs the tests."""
    if os.name == "nt":
        pytest.skip("permissions are of another kind on Windows")

    def become_nobody() -> None:
        if os.geteuid() == 0:
            ctypes.CDLL(None).setfsuid(NOBODY)  # of this thread only, with root's right to pass over permissions

    with ThreadPoolExecutor(1, initializer=become_nobody) as thread:
        return thread.submit(act).result()


@contextmanager
def open_to_all() -> Iterator[Path]:
    """A folder that every user can reach; tmp_path is closed to all but its owner."""
    folder = Path(tempfile.mkdtemp(prefix="gotwatch-"))
    folder.chmod(0o755)
    yield folder
    for path in (folder, *(entry for entry in folder.iterdir() if entry.is_dir())):
        path.chmod(0o755)
    shutil.rmtree(folder)


class Mounts:
    """Mounts that only this test sees and that end with it, even if it is killed. Skips it where it may not mount."""

    def __init__(self) -> None:
        self._points: list[Path] = []

    def __enter__(self) -> "Mounts":
        if sys.platform != "linux":
            pytest.skip("mounts of our own are of Linux only")
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWNS):
            pytest.skip(f"mounting is not permitted here: {os.strerror(ctypes.get_errno())}")
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        return self

    def __exit__(self, *_: object) -> None:
        for point in reversed(self._points[:]):
            self.unmount(point)

    def new_volume(self, point: Path) -> None:
        """An empty disk at *point*."""
        subprocess.run(["mount", "-t", "tmpfs", "none", point], check=True)
        self._points.append(point)

    def again(self, folder: Path, point: Path) -> None:
        """*folder* at *point* too."""
        subprocess.run(["mount", "--bind", folder, point], check=True)
        self._points.append(point)

    def unmount(self, point: Path) -> None:
        subprocess.run(["umount", "--lazy", point], check=True)
        self._points.remove(point)
