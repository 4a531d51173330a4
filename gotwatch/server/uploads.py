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
        """The files, for the length of the block."""
        assert self._folder is not None
        mark = secrets.token_hex(12)
        files = tuple(self._folder / f"{mark}-{index}" for index in range(len(pictures)))
        try:
            for file, content in zip(files, pictures, strict=True):
                file.write_bytes(content)
            yield files
        finally:
            for file in files:
                with suppress(OSError):  # Windows: a reader has it open still; it goes with the folder
                    file.unlink(missing_ok=True)


def _sweep() -> None:
    """Remove what killed processes have left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            with suppress(OSError):  # another user's
                shutil.rmtree(folder)
