"""Pictures that came over HTTP, as files for a reader process. Their names are ours, never the caller's."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

_PREFIX = "gotwatch-uploads-"


class Uploads:
    """A folder that only its owner can look into, between open() and close()."""

    def __init__(self) -> None:
        self._folder: Path | None = None

    def open(self) -> None:
        _sweep()
        self._folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))

    def close(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def put(self, pictures: Sequence[bytes]) -> Iterator[tuple[Path, ...]]:
        """The files for the length of the block. They are called as an error message shall call them."""
        assert self._folder is not None
        place = self._folder / secrets.token_hex(8)
        place.mkdir(mode=0o700)
        try:
            yield tuple(_write(place / _title(index, len(pictures)), data) for index, data in enumerate(pictures))
        finally:
            shutil.rmtree(place, ignore_errors=True)


def _title(index: int, count: int) -> str:
    return "The image" if count == 1 else f"Image {index + 1}"


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _sweep() -> None:
    """Remove what killed processes have left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            with suppress(OSError):  # another user's
                shutil.rmtree(folder)
