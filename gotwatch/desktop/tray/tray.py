"""The tray: shows how gotwatch is, and takes what is clicked."""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Event

from gotwatch.desktop.tray.actions import Actions, Gotwatch, Login
from gotwatch.desktop.tray.face import Face, face
from gotwatch.desktop.tray.menu import Files, Order
from gotwatch.desktop.tray.panel import Callbacks, NoTray, Panel, log_absence
from gotwatch.desktop.tray.view import Activity, View, view_of
from gotwatch.errors import GotwatchError
from gotwatch.threads import Threads

log = logging.getLogger(__name__)

PACE_SECONDS = 1.0  # from one update of what is shown to the next
IDLE_SECONDS = 60.0  # for what changes without a word, such as a switch in the desktop's own settings
WORK_SECONDS = 10.0  # for the time that is left, which passes between two pages too


class Tray:
    def __init__(
        self,
        panel: Panel,
        gotwatch: Gotwatch,
        actions: Actions,
        login: Login,
        files: Files,
        *,
        threads: Threads,
        now: Callable[[], datetime],
    ) -> None:
        self._panel = panel
        self._gotwatch = gotwatch
        self._actions = actions
        self._login = login
        self._files = files
        self._threads = threads
        self._now = now
        self._news: SimpleQueue[Order | None] = SimpleQueue()  # None: something has changed
        self._shown: Face | None = None
        self._why_none = ""
        self._refusal = ""
        self._ending = False

    def attend(self, until_end: Callable[[], None]) -> None:
        """Show the tray while *until_end* blocks. For the main thread, which the icons of some systems insist on."""
        self._gotwatch.subscribe(self._changed)
        self._threads.start("tray", self._work)
        try:
            if self._panel.needs_main_thread:
                self._run_here(until_end)
            else:
                self._threads.start("tray icon", self._run_panel)
                until_end()
        finally:
            self._ending = True
            self._panel.stop()
            self._changed()

    def state(self) -> str:
        """For the status."""
        if self._panel.is_seen():
            return "shown"
        return f"none: {self._why_none or 'no panel shows icons'}"

    def _run_here(self, until_end: Callable[[], None]) -> None:
        over = Event()

        def wait() -> None:
            try:
                until_end()
            finally:
                over.set()
                self._panel.stop()

        self._threads.start("end", wait)
        try:
            self._run_panel()
        except Exception:
            # The boundary of the main thread: files are read without a tray as well.
            log.exception("the tray icon failed")
        over.wait()

    def _run_panel(self) -> None:
        try:
            self._panel.run(Callbacks(self._news.put, self._changed))
        except NoTray as reason:
            self._why_none = str(reason)
            log_absence(reason)
        except Exception:
            self._why_none = "it failed"
            raise

    def _changed(self) -> None:
        self._news.put(None)

    def _work(self) -> None:
        while not self._ending:
            seconds = self._show() if self._panel.is_seen() else IDLE_SECONDS
            self._take_orders(seconds)

    def _show(self) -> float:
        """How long it stays as it is if nothing happens."""
        view = self._view()
        now_shown = face(view, self._files)
        if now_shown != self._shown:
            self._panel.show(now_shown)
            self._shown = now_shown
        if view.paused_until:
            return min(max((view.paused_until - self._now()).total_seconds(), 0.0), IDLE_SECONDS)
        return WORK_SECONDS if view.in_work else IDLE_SECONDS

    def _view(self) -> View:
        try:
            status = self._gotwatch.status()
            return view_of(status, starts_at_login=self._login.is_on(), refusal=self._refusal)
        except GotwatchError as error:  # such as a queue that cannot be read
            return View(activity=Activity.HELD, held_reason=f"{error.message} {error.hint}")

    def _take_orders(self, seconds: float) -> None:
        """Carry out what is clicked, until it is time to look at the status again."""
        began = time.monotonic()
        due = began + max(seconds, PACE_SECONDS)
        while not self._ending and (left := due - time.monotonic()) > 0:
            try:
                order = self._news.get(timeout=left)
            except Empty:
                return
            if order:
                self._refusal = self._actions.carry_out(order)
            due = began + PACE_SECONDS
