"""What all child processes of gotwatch do alike: die with their parent, and answer with records, not exceptions."""

import multiprocessing
import os
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from gotwatch.errors import BY_NAME, GotwatchError

NICENESS = 10

if sys.platform != "win32":
    import resource


@dataclass(frozen=True, slots=True)
class Refused:
    """An error on its way to the parent. *error* is a class of gotwatch.errors, or "" for a bug."""

    error: str
    message: str
    hint: str
    traceback: str


def leave_with_parent() -> None:
    """End this process as soon as its parent is gone, in whatever it is doing.

    A killed parent cannot stop us, and an orphan in the middle of a page would keep
    the memory that the restarted program needs.
    """
    Thread(target=_wait_for_parent, name="parent-watch", daemon=True).start()


def step_back() -> None:
    """Let all other programs go first, at the processor and at the disk."""
    if sys.platform == "win32":
        import psutil  # noqa: PLC0415  a tenth of what it takes to start, and elsewhere there are other ways

        with suppress(psutil.Error, OSError):
            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
            psutil.Process().ionice(psutil.IOPRIO_LOW)
    else:
        with suppress(OSError):  # Linux takes the place at the disk from this as well
            os.setpriority(os.PRIO_PROCESS, 0, max(os.getpriority(os.PRIO_PROCESS, 0), NICENESS))


def cap_memory(memory_bytes: int) -> None:
    """A stop for leaps over *memory_bytes* more than now that a look from outside would see too late."""
    if sys.platform == "linux":  # elsewhere the system does not hold this limit
        pages_now = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        most = pages_now * resource.getpagesize() + memory_bytes
        _, hardest = resource.getrlimit(resource.RLIMIT_AS)  # a parent that has one hands it down
        if hardest != resource.RLIM_INFINITY:
            most = min(most, hardest)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


def refusal(error: BaseException) -> Refused:
    trace = "".join(traceback.format_exception(error))
    if isinstance(error, GotwatchError):
        return Refused(type(error).__name__, error.message, error.hint, trace)
    return Refused("", f"{type(error).__name__}: {error}", "", trace)


def revive(refused: Refused) -> Exception:
    """The error on the parent's side. A bug comes back as RuntimeError with the child's traceback."""
    if cls := BY_NAME.get(refused.error):
        return cls(refused.message, hint=refused.hint)
    return RuntimeError(refused.traceback)
