"""Page pixels in memory that processes share. The only module that knows shared memory.

The main process names the block, a reader process fills it, the engine process looks at it,
the main process removes it. So no pixel is pickled or copied through the main process,
and whichever process dies, the one that knows the name is still there to clean up.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import psutil

from gotwatch.documents import PageImage

PREFIX = "gotwatch-"
LINUX_BLOCKS = Path("/dev/shm")  # elsewhere no block outlives the processes that use it, or none can be listed


@dataclass(frozen=True, slots=True)
class SharedPage:
    """Where an upright page's pixels lie."""

    number: int  # from 1
    width: int
    height: int
    block: str  # name of the shared memory
    blank: bool  # no ink on it

    @property
    def size_bytes(self) -> int:
        return self.width * self.height * 3


def new_block_name() -> str:
    """A name that tells whose block it is, and is short enough for macOS (30 characters)."""
    return f"{PREFIX}{os.getpid()}-{secrets.token_hex(5)}"


def sweep() -> int:
    """Remove the blocks that killed main processes have left in memory; how many there were.

    Python's resource tracker does so too, if it is not killed with them.
    """
    left = [path for path in LINUX_BLOCKS.glob(f"{PREFIX}*") if not _has_owner(path.name)]
    for path in left:
        with suppress(OSError):  # another user's
            path.unlink()
    return len(left)


def _has_owner(block: str) -> bool:
    pid = block.removeprefix(PREFIX).partition("-")[0]
    return not pid.isdecimal() or psutil.pid_exists(int(pid))


def fill(
    block: str, number: int, width: int, height: int, rgb: bytes | memoryview, *, blank: bool
) -> tuple[SharedPage, SharedMemory]:
    """Create *block* and copy *rgb* into it. The memory must be kept open until the parent has opened it too
    (Windows frees a block with its last handle)."""
    memory = SharedMemory(name=block, create=True, size=max(len(rgb), 1))
    _buffer(memory)[: len(rgb)] = rgb
    return SharedPage(number, width, height, block, blank), memory


@contextmanager
def look(page: SharedPage) -> Iterator[PageImage]:
    """The page's pixels, without a copy, for the length of the block."""
    memory = SharedMemory(name=page.block)
    view = _buffer(memory)[: page.size_bytes].toreadonly()
    try:
        yield PageImage(page.number, page.width, page.height, view)
    finally:
        view.release()
        memory.close()


class Hold:
    """The main process's grip on a filled block: removed from memory on release."""

    def __init__(self, page: SharedPage) -> None:
        self.page = page
        self._memory: SharedMemory | None = SharedMemory(name=page.block)

    def release(self) -> None:
        """Remove the block. A second call does nothing."""
        memory, self._memory = self._memory, None
        if memory is not None:
            memory.close()
            memory.unlink()


def discard(block: str) -> None:
    """Remove *block* if a reader made it before it died."""
    try:
        memory = SharedMemory(name=block)
    except (FileNotFoundError, ValueError):  # ValueError: it died before it gave the block a size
        return
    memory.close()
    memory.unlink()


def _buffer(memory: SharedMemory) -> memoryview:
    assert memory.buf is not None  # only a closed block has none
    return memory.buf
