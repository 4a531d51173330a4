"""What is the same at every door: waiting for the next who calls, and what is said at another user's."""

import logging
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from gotwatch.config.places import StateFolder
from gotwatch.errors import UsageError

log = logging.getLogger(__name__)

BREATH_SECONDS = 0.5


class Closable(Protocol):
    def close(self) -> None: ...


Caller = TypeVar("Caller", bound=Closable)


def next_caller(take: Callable[[], Caller], is_closing: Callable[[], bool]) -> Caller | None:
    """What *take* gives; None once the door is closing, also for the one who called only to say so.

    It goes on when the system has no room for one more.
    """
    while not is_closing():
        try:
            caller = take()
        except OSError as exc:
            if not is_closing():
                log.warning("a command could not be let in: %s", exc.strerror or exc)
                time.sleep(BREATH_SECONDS)
        else:
            if not is_closing():
                return caller
            caller.close()
    return None


def another_users(state: StateFolder) -> UsageError:
    """For whoever calls at a door that the system keeps closed."""
    return UsageError(
        f"The gotwatch with its state in {state.path} belongs to another user.",
        hint="Choose your own with --state-dir.",
    )
