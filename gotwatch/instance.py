"""One gotwatch at a time for each state folder. The only module that knows filelock."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import filelock

from gotwatch.config.places import StateFolder
from gotwatch.errors import AlreadyRunning, StoreUnusable
from gotwatch.words import marked


@contextmanager
def only_one(state: StateFolder, *, patience_seconds: float = 0.0) -> Iterator[None]:
    """Hold the state folder for the length of the block. Raises AlreadyRunning, or StoreUnusable.

    The system drops the lock of a process that dies, however it dies; the file that stays behind means nothing.
    """
    lock = filelock.FileLock(state.lock, timeout=patience_seconds, mode=0o600)
    try:
        state.create()
        lock.acquire()
        state.pid.write_text(str(os.getpid()), "utf-8")
    except filelock.Timeout as exc:
        raise AlreadyRunning(
            f"gotwatch is running already{_by_whom(state)}, with its state in {state.path}.",
            hint="See: gotwatch status. To end it: gotwatch stop",
        ) from exc
    except OSError as exc:
        lock.release()
        raise StoreUnusable(
            f"The state folder {state.path} cannot be used: {exc.strerror or exc}.",
            hint="Choose another with --state-dir.",
        ) from exc
    try:
        yield
    finally:
        lock.release()


def _by_whom(state: StateFolder) -> str:
    try:
        return marked(f" (process {int(state.pid.read_text('utf-8'))})")
    except (OSError, ValueError):
        return ""
