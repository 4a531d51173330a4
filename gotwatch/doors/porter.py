"""Waiting for the next who calls, which goes on when the system has no room for one, and ends when the door closes."""

import logging
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

log = logging.getLogger(__name__)

BREATH_SECONDS = 0.5


class Closable(Protocol):
    def close(self) -> None: ...


Caller = TypeVar("Caller", bound=Closable)


def next_caller(take: Callable[[], Caller], is_closing: Callable[[], bool]) -> Caller | None:
    """What *take* gives; None once the door is closing, also for the one who called only to say so."""
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
