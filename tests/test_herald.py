"""From the program's events to notes, with a clock of the test's own."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from gotwatch.config.settings import Level
from gotwatch.desktop import herald
from gotwatch.desktop.herald import Herald
from gotwatch.desktop.news import Note
from tests.desk import eventually

IDLE = {"state": "idle", "held_reason": None, "problems": [], "folders": []}


class FakeProgram:
    """What App tells, as the test wants it."""

    def __init__(self) -> None:
        self.now_status: dict[str, Any] = IDLE
        self.busy = False
        self.looks = 0
        self.changed: list[Callable[[], None]] = []
        self.ended: list[Callable[[dict[str, Any]], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> None:
        self.changed.append(listener)

    def subscribe_to_files(self, listener: Callable[[dict[str, Any]], None]) -> None:
        self.ended.append(listener)

    def status(self) -> dict[str, Any]:
        self.looks += 1
        return self.now_status

    def is_busy(self) -> bool:
        return self.busy

    def becomes(self, **status: Any) -> None:
        self.now_status = {**IDLE, **status}
        for listener in self.changed:
            listener()

    def ends(self, name: str, state: str = "done", error: str | None = None) -> None:
        record = {"path": f"/in/{name}", "state": state, "pages": 1, "error": error, "hint": None, "warnings": []}
        for listener in self.ended:
            listener({**record, "outputs": [f"/out/{name}.html"]})


class FakeDisplay:
    def __init__(self) -> None:
        self.notes: list[Note] = []
        self.is_closed = False
        self.is_stuck = False

    async def show(self, note: Note) -> None:
        self.notes.append(note)
        if self.is_stuck:
            await asyncio.sleep(3600)

    def close(self) -> None:
        self.is_closed = True


class World:
    def __init__(self) -> None:
        self.program = FakeProgram()
        self.display = FakeDisplay()
        self.now = 1000.0
        self.level = Level.SUMMARY
        self.herald: Herald | None = None
        self._looks = 0

    def ask_level(self) -> Level:
        self._looks += 1
        return self.level

    def passes(self, seconds: float = 2.0) -> bool:
        """The herald hears all that was so far, time goes on, and it looks again."""
        self._is_looked_at()
        self.now += seconds
        self._is_looked_at()
        return True

    def _is_looked_at(self) -> None:
        looks = self._looks

        def has_looked() -> bool:
            assert self.herald is not None
            self.herald.wake()
            return self._looks >= looks + 5  # it asks for the level twice in a look

        eventually(has_looked)

    def passes_once(self, seconds: float) -> None:
        """As passes(), but the last look need not end."""
        self._is_looked_at()
        self.now += seconds

    def looks(self) -> int:
        return self._looks

    def titles(self) -> list[str]:
        return [note.title for note in self.display.notes]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("GOTWATCH_LANGUAGE", "en")
    monkeypatch.setattr(herald, "LOOK_SECONDS", 0.01)
    return World()


@contextmanager
def at_work(world: World) -> Iterator[None]:
    teller = world.herald = Herald(
        world.program, lambda: world.display, world.ask_level, log=Path("/log"), clock=lambda: world.now
    )
    thread = Thread(target=teller.run)
    thread.start()
    try:
        yield
    finally:
        teller.stop()
        thread.join(10)
        assert not thread.is_alive()


def test_a_burst_is_told_in_one_note_when_it_is_over(world: World) -> None:
    with at_work(world):
        world.program.busy = True
        for number in range(300):
            world.program.ends(f"{number}.png")
        world.passes(1000)
        assert world.titles() == []

        world.program.busy = False
        world.passes()

        eventually(lambda: world.titles() == ["300 files read"])


def test_a_file_that_will_be_tried_again_is_not_told(world: World) -> None:
    with at_work(world):
        world.program.ends("a.png", "waiting", "It is busy")
        world.program.ends("b.png")
        eventually(lambda: world.passes() and world.titles() == ["Read: b.png"])


def test_a_trouble_is_told_when_it_lasts_though_nothing_changes_any_more(world: World) -> None:
    with at_work(world):
        world.program.becomes(state="held", held_reason="The disk is full.")
        world.passes()
        assert world.titles() == []

        eventually(lambda: world.passes() and bool(world.display.notes))

    assert world.display.notes[0].body == "The disk is full."


def test_the_status_is_not_asked_for_while_nothing_changes(world: World) -> None:
    with at_work(world):
        world.program.becomes()
        world.passes(100)
        world.program.ends("a.png")

        eventually(lambda: world.passes() and bool(world.display.notes))

    assert world.program.looks == 1


def test_the_level_may_change_while_it_runs(world: World) -> None:
    world.level = Level.NONE
    with at_work(world):
        world.program.ends("a.png")
        world.program.becomes(state="held", held_reason="The disk is full.")
        world.passes(100)
        assert world.program.looks == 0
        world.level = Level.ALL
        world.program.ends("b.png")

        eventually(lambda: world.passes() and "Read: b.png" in world.titles())

    assert "Read: a.png" not in world.titles()


def test_where_nothing_happens_nobody_looks(world: World) -> None:
    with at_work(world):
        world.passes()
        world.program.becomes()
        world.passes()
        looks = world.looks()

        Event().wait(0.3)  # thirty looks, if it looked

        assert world.looks() <= looks + 5


def test_a_note_that_nobody_takes_keeps_nobody_from_ending(world: World) -> None:
    world.display.is_stuck = True
    with at_work(world):
        world.program.ends("a.png")
        world.passes_once(10)
        eventually(lambda: world.display.notes)

    assert world.display.is_closed


def test_the_display_is_closed_at_the_end(world: World) -> None:
    with at_work(world):
        pass

    assert world.display.is_closed
