"""Carries out what was clicked, by the same calls as the command line's."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from gotwatch.desktop.opening import Opener
from gotwatch.desktop.tray.menu import Do, Order
from gotwatch.errors import GotwatchError

log = logging.getLogger(__name__)

AN_HOUR = timedelta(hours=1)


class Gotwatch(Protocol):
    """What the tray knows of the running whole."""

    def status(self) -> dict[str, Any]: ...
    def subscribe(self, listener: Callable[[], None]) -> None: ...
    def pause(self, until: datetime | None) -> None: ...
    def resume(self) -> None: ...
    def rescan(self) -> None: ...
    def retry(self, paths: Sequence[Path]) -> int: ...
    def forget(self, path: Path) -> None: ...


class Login(Protocol):
    """Whether gotwatch starts when its user logs in."""

    def is_on(self) -> bool | None:
        """None where it cannot be switched."""

    def switch(self, *, on: bool) -> None:
        """Raises GotwatchError."""


class Actions:
    def __init__(
        self,
        gotwatch: Gotwatch,
        opener: Opener,
        login: Login,
        *,
        quit_program: Callable[[], None],
        now: Callable[[], datetime],
    ) -> None:
        self._gotwatch = gotwatch
        self._opener = opener
        self._login = login
        self._quit_program = quit_program
        self._now = now

    def carry_out(self, order: Order) -> str:
        """What the person must be told of it; "" if all went well."""
        try:
            self._do(order)
        except GotwatchError as error:
            log.warning("%s: %s %s", order.do, error.message, error.hint)
            return f"{error.message.rstrip('.')}. {error.hint}".rstrip()
        return ""

    def _do(self, order: Order) -> None:  # noqa: C901 - a table
        match order.do:
            case Do.PAUSE:
                self._gotwatch.pause(None)
            case Do.PAUSE_FOR_AN_HOUR:
                self._gotwatch.pause(self._now() + AN_HOUR)
            case Do.RESUME:
                self._gotwatch.resume()
            case Do.SCAN:
                self._gotwatch.rescan()
            case Do.RETRY:
                self._gotwatch.retry([Path(order.target)])
            case Do.RETRY_ALL:
                self._gotwatch.retry([])
            case Do.FORGET:
                self._gotwatch.forget(Path(order.target))
            case Do.OPEN:
                self._opener.open(order.target)
            case Do.OPEN_TEXT:
                self._opener.open_text(Path(order.target))
            case Do.START_AT_LOGIN | Do.DO_NOT_START_AT_LOGIN:
                self._login.switch(on=order.do is Do.START_AT_LOGIN)
            case Do.QUIT:
                self._quit_program()
