"""How often the tray is brought up to date, and that it harms nobody."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread, current_thread, main_thread
from typing import Any

import pytest

from gotwatch.desktop.opening import Opener
from gotwatch.desktop.tray.actions import Actions
from gotwatch.desktop.tray.face import Face, Mood
from gotwatch.desktop.tray.menu import Do, Entry, Files, Order
from gotwatch.desktop.tray.panel import Callbacks, NoTray
from gotwatch.desktop.tray.tray import Tray
from gotwatch.errors import DiskFull, UsageError
from gotwatch.threads import Threads
from tests.desk import eventually
from tests.test_tray_menu import status

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


class Whole:
    """Stands for the running App."""

    def __init__(self) -> None:
        self.described = status()
        self.looks = 0
        self.done: list[object] = []
        self.error: Exception | None = None
        self._tell: Callable[[], None] = lambda: None

    def change(self, **changes: Any) -> None:
        self.described = status(**changes)
        self._tell()

    def status(self) -> dict[str, Any]:
        self.looks += 1
        if self.error:
            raise self.error
        return self.described

    def subscribe(self, listener: Callable[[], None]) -> None:
        self._tell = listener

    def pause(self, until: datetime | None) -> None:
        self.done.append(until or "pause")
        self.change(state="paused")

    def resume(self) -> None:
        self.done.append("resume")

    def rescan(self) -> None:
        self.done.append("rescan")

    def retry(self, paths: Sequence[Path]) -> int:
        self.done.append(("retry", *paths))
        return len(paths)

    def forget(self, path: Path) -> None:
        self.done.append(("forget", path))


class Switch:
    """Refuses, as autostart does where it cannot work."""

    def is_on(self) -> bool | None:
        return False

    def switch(self, *, on: bool) -> None:
        raise UsageError("This environment is gone some day.", hint="Install gotwatch.")


class Wall:
    """A panel that keeps what it was shown."""

    def __init__(self, *, needs_main_thread: bool = False, failure: Exception | None = None) -> None:
        self.needs_main_thread = needs_main_thread
        self.faces: list[Face] = []
        self.seen = failure is None
        self.callbacks: Callbacks | None = None
        self.thread: Thread | None = None
        self._failure = failure
        self._end = Event()

    def run(self, callbacks: Callbacks) -> None:
        self.thread = current_thread()
        if self._failure:
            raise self._failure
        self.callbacks = callbacks
        self._end.wait(30)

    def show(self, face: Face) -> None:
        self.faces.append(face)

    def is_seen(self) -> bool:
        return self.seen

    def stop(self) -> None:
        self._end.set()

    def click(self, order: Order) -> None:
        eventually(lambda: self.callbacks)
        assert self.callbacks is not None
        self.callbacks.on_order(order)


class Evening:
    """A tray on a panel, until its end."""

    def __init__(self, wall: Any) -> None:
        """*wall*: a Wall, or a real panel."""
        self.wall = wall
        self.whole = Whole()
        self.threads = Threads(lambda: None)
        self.ended = Event()
        actions = Actions(self.whole, Opener(), Switch(), quit_program=self.ended.set, now=lambda: NOW)
        files = Files(config="/c/config.toml", log="/s/gotwatch.log")
        self.tray = Tray(wall, self.whole, actions, Switch(), files, threads=self.threads, now=lambda: NOW)

    def live(self, during: Callable[[], None]) -> None:
        """Attend to the tray while *during* goes on."""

        def until_end() -> None:
            try:
                during()
            finally:
                self.ended.set()

        self.tray.attend(until_end)
        assert self.threads.join(5) == []

    def first_line(self) -> str:
        return self.wall.faces[-1].menu[0].text if self.wall.faces else ""


def test_a_thousand_changes_in_three_seconds_are_shown_at_most_once_a_second() -> None:
    evening = Evening(Wall())

    def change_often() -> None:
        for page in range(1000):
            current = {"path": "/in/a.pdf", "page": page + 1, "pages": 1000, "seconds_left": None}
            evening.whole.change(state="working", current=[current])
            time.sleep(0.003)  # the changes' own rate
        eventually(lambda: "page 1000 of 1000" in evening.first_line())

    evening.live(change_often)

    assert 3 <= len(evening.wall.faces) <= 6
    assert evening.whole.looks <= 7


def test_what_is_the_same_is_not_shown_again() -> None:
    evening = Evening(Wall())

    def change_nothing() -> None:
        eventually(lambda: evening.whole.looks)
        evening.whole.change()
        eventually(lambda: evening.whole.looks == 2)

    evening.live(change_nothing)

    assert len(evening.wall.faces) == 1


def test_nobody_looks_at_the_status_while_no_panel_shows_icons() -> None:
    evening = Evening(Wall())
    evening.wall.seen = False

    def let_a_panel_come() -> None:
        eventually(lambda: evening.wall.callbacks)
        evening.whole.change(state="paused")
        time.sleep(1.5)  # in which a look would have been due
        assert evening.whole.looks == 0
        evening.wall.seen = True
        assert evening.wall.callbacks is not None
        evening.wall.callbacks.on_change()
        eventually(lambda: evening.first_line() == "Paused")

    evening.live(let_a_panel_come)


@pytest.mark.parametrize(
    ("order", "done"),
    [
        (Order(Do.PAUSE), "pause"),
        (Order(Do.PAUSE_FOR_AN_HOUR), NOW + timedelta(hours=1)),
        (Order(Do.RESUME), "resume"),
        (Order(Do.SCAN), "rescan"),
        (Order(Do.RETRY, "/in/a.pdf"), ("retry", Path("/in/a.pdf"))),
        (Order(Do.RETRY_ALL), ("retry",)),
        (Order(Do.FORGET, "/in/a.pdf"), ("forget", Path("/in/a.pdf"))),
    ],
)
def test_a_click_is_carried_out(order: Order, done: object) -> None:
    evening = Evening(Wall())

    def click() -> None:
        evening.wall.click(order)
        eventually(lambda: evening.whole.done)

    evening.live(click)

    assert evening.whole.done == [done]


def test_a_click_that_is_refused_tells_why_until_another_one_is_not() -> None:
    evening = Evening(Wall())

    def entries() -> dict[str, Entry]:
        return {entry.id: entry for entry in evening.wall.faces[-1].menu} if evening.wall.faces else {}

    def click() -> None:
        evening.wall.click(Order(Do.START_AT_LOGIN))
        eventually(lambda: "refusal" in entries())
        lines = [line.text for line in entries()["refusal"].children]
        assert lines == ["This environment is gone some day. Install gotwatch."]
        evening.wall.click(Order(Do.SCAN))
        eventually(lambda: "refusal" not in entries())

    evening.live(click)


def test_quit_ends_the_program() -> None:
    evening = Evening(Wall())

    def click() -> None:
        evening.wall.click(Order(Do.QUIT))
        assert evening.ended.wait(5)

    evening.live(click)


def test_a_status_that_cannot_be_had_is_what_the_tray_tells() -> None:
    evening = Evening(Wall())
    evening.whole.error = DiskFull("The disk is full.", hint="Free some space.")

    evening.live(lambda: eventually(lambda: evening.wall.faces))

    assert evening.first_line() == "Held: The disk is full. Free some space."
    assert evening.wall.faces[-1].look.mood is Mood.NEEDS_YOU


@pytest.mark.parametrize("needs_main_thread", [True, False])
def test_the_icon_has_the_thread_that_its_system_insists_on(needs_main_thread: bool) -> None:
    wall = Wall(needs_main_thread=needs_main_thread)
    evening = Evening(wall)

    evening.live(lambda: eventually(lambda: wall.faces))

    assert (wall.thread is main_thread()) == needs_main_thread


@pytest.mark.parametrize("needs_main_thread", [True, False])
@pytest.mark.parametrize("failure", [NoTray("there is no screen"), RuntimeError("the icon is broken")])
def test_an_icon_that_fails_stops_nothing_else(needs_main_thread: bool, failure: Exception) -> None:
    wall = Wall(needs_main_thread=needs_main_thread, failure=failure)
    evening = Evening(wall)
    went_on = Event()

    def go_on() -> None:
        eventually(lambda: wall.thread)
        went_on.set()

    evening.live(go_on)

    assert went_on.is_set()
    assert evening.tray.state() == ("none: there is no screen" if isinstance(failure, NoTray) else "none: it failed")
