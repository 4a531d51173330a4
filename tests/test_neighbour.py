"""Whom gotwatch leaves the computer to, and when."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, time
from pathlib import Path
from threading import Event

import psutil
import pytest

from gotwatch import processes
from gotwatch.neighbour import hours, manners
from gotwatch.neighbour.awake import (
    ES_CONTINUOUS,
    ES_SYSTEM_REQUIRED,
    Awake,
    Release,
    by_caffeinate,
    by_logind,
    by_windows,
)
from gotwatch.neighbour.manners import FRESH_SECONDS, Manners, Wishes
from tests.login_managers import FakeLogind
from tests.tray_hosts import session_bus

EVENING, NIGHT, NOON = time(18, 30), time(2), time(12)
OVERNIGHT = (time(18), time(7, 30))
LUNCH = (time(11, 45), time(13))


@pytest.mark.parametrize(
    ("now", "spans", "expected"),
    [
        (NOON, [], True),
        (EVENING, [OVERNIGHT], True),
        (NIGHT, [OVERNIGHT], True),
        (time(7, 30), [OVERNIGHT], False),
        (time(18), [OVERNIGHT], True),
        (NOON, [OVERNIGHT], False),
        (NOON, [OVERNIGHT, LUNCH], True),
        (time(13), [LUNCH], False),
    ],
)
def test_hours_may_go_over_midnight(now: time, spans: list[tuple[time, time]], expected: bool) -> None:
    assert hours.is_within(now, spans) is expected


@pytest.mark.parametrize(("now", "opens"), [(time(9), time(11, 45)), (time(14), time(18)), (time(23), time(11, 45))])
def test_the_next_opening_is_told_tomorrows_too(now: time, opens: time) -> None:
    assert hours.opening_after(now, [OVERNIGHT, LUNCH]) == opens


class Machine:
    """A computer whose battery, GPU and clocks are as the test says."""

    def __init__(self) -> None:
        self.on_battery = False
        self.free_share: float | None = 1.0
        self.wants_gpu = True
        self.now = datetime(2026, 11, 28, 12, tzinfo=UTC)
        self.seconds = 0.0
        self.looks = 0

    def manners(self, wishes: Wishes) -> Manners:
        return Manners(
            wishes,
            wants_gpu=lambda: self.wants_gpu,
            now=lambda: self.now,
            clock=lambda: self.seconds,
            on_battery=self._look_at_battery,
            free_share=lambda: self.free_share,
        )

    def _look_at_battery(self) -> bool:
        self.looks += 1
        return self.on_battery


def test_nothing_is_in_the_way_if_nobody_wishes_so() -> None:
    machine = Machine()
    machine.on_battery, machine.free_share = True, 0.0

    assert machine.manners(Wishes()).reason() == ""
    assert machine.looks == 0


def test_outside_of_its_hours_it_says_when_they_begin() -> None:
    reason = Machine().manners(Wishes(spans=[OVERNIGHT])).reason()

    assert reason == "It is outside of the hours in which gotwatch reads; they begin at 18:00."


def test_on_battery_it_waits_and_looks_again_after_a_while() -> None:
    machine = Machine()
    machine.on_battery = True
    kept = machine.manners(Wishes(holds_on_battery=True))

    on_battery = kept.reason()
    machine.on_battery = False
    still, looks = kept.reason(), machine.looks
    machine.seconds = FRESH_SECONDS
    plugged_in = kept.reason()

    assert on_battery.startswith("The computer runs on its battery")
    assert (still, looks) == (on_battery, 1)
    assert plugged_in == ""


@pytest.mark.parametrize(
    ("free_share", "wants_gpu", "waits"),
    [(0.1, True, True), (0.4, True, False), (0.1, False, False), (None, True, False)],
    ids=["filled by another", "room enough", "the model is in it already", "no such GPU"],
)
def test_a_gpu_that_another_program_fills_is_left_to_it(free_share: float | None, wants_gpu: bool, waits: bool) -> None:
    machine = Machine()
    machine.free_share, machine.wants_gpu = free_share, wants_gpu

    assert bool(machine.manners(Wishes(free_share=0.3)).reason()) is waits


def test_the_emptiest_gpu_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho '1000, 24000'\necho '18000, 24000'\n", "utf-8")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    assert manners.free_gpu_share() == 0.75


def test_a_broken_tool_is_no_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'Failed to initialize NVML'\nexit 9\n", "utf-8")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    assert manners.free_gpu_share() is None


class Lock:
    """What keeps a computer awake, counted."""

    def __init__(self) -> None:
        self.held = 0
        self.taken = 0

    def hold(self) -> Release:
        self.held += 1
        self.taken += 1
        return self._release

    def _release(self) -> None:
        self.held -= 1


def test_the_computer_is_kept_awake_while_there_is_work_and_no_longer() -> None:
    lock, working = Lock(), [True]
    awake = Awake(lambda: working[0], lock.hold)

    awake.look()
    awake.look()
    while_working = lock.held
    working[0] = False
    awake.look()

    assert (while_working, lock.held, lock.taken) == (1, 0, 1)


def test_a_system_that_does_not_take_the_wish_is_asked_once(caplog: pytest.LogCaptureFixture) -> None:
    asked: list[bool] = []

    def refuse() -> Release:
        asked.append(True)
        raise OSError("there is no system bus")

    awake = Awake(lambda: True, refuse)
    with caplog.at_level("INFO"):
        awake.look()
        awake.look()

    assert asked == [True]
    assert "may fall asleep" in caplog.text


def test_windows_is_told_that_the_system_is_needed_and_then_that_it_is_not() -> None:
    told: list[int] = []

    class Kernel32:
        def SetThreadExecutionState(self, state: int) -> int:
            told.append(state)
            return 1

    by_windows(Kernel32())()

    assert told == [ES_CONTINUOUS | ES_SYSTEM_REQUIRED, ES_CONTINUOUS]


def test_caffeinate_runs_for_as_long_as_it_is_needed(tmp_path: Path, eventually: Callable[..., None]) -> None:
    program, mark = tmp_path / "caffeinate", tmp_path / "asked"
    program.write_text(f'#!/bin/sh\necho "$@" > "{mark}.new"; mv "{mark}.new" "{mark}"; exec sleep 60\n', "utf-8")
    program.chmod(0o755)

    release = by_caffeinate(str(program))
    eventually(mark.exists)
    release()

    assert mark.read_text("utf-8").startswith("-i -w ")


def test_readers_let_other_programs_go_first() -> None:
    before = psutil.Process().nice()

    after = _stepped_back()

    assert after == max(before, processes.NICENESS)


def _stepped_back() -> int:
    """The niceness of a process that stepped back."""
    script = "from gotwatch import processes; import psutil; processes.step_back(); print(psutil.Process().nice())"
    return int(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="logind is of Linux")
def test_logind_gives_a_lock_that_is_held_until_it_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eventually: Callable[..., None]
) -> None:
    with session_bus(tmp_path) as address, FakeLogind(address) as logind:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        release = by_logind()
        Event().wait(1.0)  # logind's own copy of the lock is closed by then
        held = logind.lock_is_held()
        release()
        eventually(lambda: not logind.lock_is_held())

    assert logind.asked == [["idle:sleep", "gotwatch", "Files are being read", "block"]]
    assert held


@pytest.mark.skipif(sys.platform != "linux", reason="logind is of Linux")
def test_without_a_system_bus_the_wish_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'none'}")

    with pytest.raises(OSError, match="No such file"):
        by_logind()
