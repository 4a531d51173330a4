"""The menu's check mark for starting at login."""

import logging
import time
from collections.abc import Callable

from gotwatch.desktop.autostart import Autostart
from gotwatch.errors import GotwatchError

log = logging.getLogger(__name__)

FRESH_SECONDS = 30.0  # it may be switched in the system's settings too, but to look costs files, or another program


class LoginSwitch:
    def __init__(self, autostart: Autostart, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._autostart = autostart
        self._clock = clock
        self._is_on: bool | None = None
        self._looked_at: float | None = None

    def is_on(self) -> bool | None:
        now = self._clock()
        if self._looked_at is None or now - self._looked_at >= FRESH_SECONDS:
            self._looked_at = now
            self._is_on = self._look()
        return self._is_on

    def switch(self, *, on: bool) -> None:
        self._looked_at = None
        if on:
            self._autostart.switch_on()
        else:
            self._autostart.switch_off()

    def _look(self) -> bool | None:
        try:
            return self._autostart.status().is_on
        except GotwatchError as error:
            log.warning("%s %s", error.message, error.hint)
            return None
