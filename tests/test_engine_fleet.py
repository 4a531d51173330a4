"""Several devices, each with an engine process of its own. Real processes, real shared memory."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack
from pathlib import Path

import pytest

from gotwatch import pixels
from gotwatch.documents import PageText, Prompt
from gotwatch.engine.base import EngineOptions, EngineSpec
from gotwatch.engine.fleet import Fleet
from gotwatch.engine.process import EngineProcess, Phase
from gotwatch.errors import CheckpointMissing, NoDevice, OutOfMemory
from gotwatch.pixels import SharedPage
from gotwatch.threads import Threads

Eventually = Callable[[Callable[[], object]], None]
SECONDS = 60.0  # for anything that must happen


class Yard:
    """Starts fleets and makes pages for them; takes all away at the end of the test."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def fleet(self, engine: str, *devices: str, rest_seconds: float = 600.0) -> Fleet:
        spec = EngineSpec("placed", f"tests.devices:{engine}", EngineOptions())
        fleet = Fleet(spec, devices, _process, rest_seconds=rest_seconds)
        fleet.start()
        self._stack.callback(fleet.stop)
        return fleet

    def page(self, number: int) -> SharedPage:
        page, memory = pixels.fill(pixels.new_block_name(), number, 2, 1, b"redred", blank=False)
        self._stack.callback(pixels.Hold(page).release)
        memory.close()
        return page

    def submit(self, fleet: Fleet, *numbers: int) -> list[Future[PageText]]:
        return [fleet.submit([self.page(number)], Prompt()) for number in numbers]

    def read(self, fleet: Fleet, *numbers: int) -> list[str]:
        """The device that read each page."""
        return [future.result(SECONDS).markup for future in self.submit(fleet, *numbers)]


def _process(spec: EngineSpec) -> EngineProcess:
    return EngineProcess(
        spec,
        page_seconds=60,
        start_seconds=60,
        keep_alive_seconds=-1,
        threads=Threads(lambda: None),
        on_change=lambda: None,
    )


@pytest.fixture
def yard() -> Iterator[Yard]:
    with ExitStack() as stack:
        yield Yard(stack)


@pytest.fixture(autouse=True)
def mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "mark"
    path.touch()
    monkeypatch.setenv("GOTWATCH_TEST_MARK", str(path))
    return path


def error_of(future: Future[PageText]) -> BaseException | None:
    return future.exception(SECONDS)


def loads(mark: Path) -> list[str]:
    """The devices that an engine was loaded on, in order."""
    lines = mark.read_text("utf-8").splitlines()
    return [line.removeprefix("load ") for line in lines if line.startswith("load ")]


def test_pages_are_read_on_all_devices_at_once(yard: Yard) -> None:
    fleet = yard.fleet("MeetingEngine", "left", "right")

    devices = yard.read(fleet, 1, 2)

    assert devices == ["left", "right"]


def test_several_pages_in_one_go_stay_together(yard: Yard) -> None:
    fleet = yard.fleet("PlacedEngine", "left", "right")

    text = fleet.submit([yard.page(3), yard.page(4)], Prompt(multi_page=True)).result(SECONDS)

    assert (text.number, text.count) == (3, 2)


def test_the_state_is_that_of_all_processes_together(yard: Yard, eventually: Eventually) -> None:
    fleet = yard.fleet("MeetingEngine", "left", "right")
    before = fleet.state()

    yard.read(fleet, 1, 2)
    eventually(lambda: fleet.state().in_flight == 0)  # told a moment after the texts are there

    after = fleet.state()
    assert (before.phase, before.device, before.pids) == (Phase.STOPPED, "", ())
    assert (after.phase, after.checkpoint, after.device, after.slots) == (Phase.READY, "echo-1", "left, right", 2)
    assert len(set(after.pids)) == 2
    assert (after.message, after.in_flight, after.unload_at, after.left_out) == ("", 0, None, "")


def test_a_second_model_is_not_loaded_for_what_the_first_can_read_beside_the_rest(yard: Yard, mark: Path) -> None:
    fleet = yard.fleet("PlacedEngine", "left", "right")
    yard.read(fleet, 1)

    yard.read(fleet, 2, 3)
    yard.read(fleet, 4)

    assert loads(mark) == ["left"]


def test_pages_of_a_device_that_cannot_be_used_are_read_on_another(yard: Yard, mark: Path) -> None:
    fleet = yard.fleet("PlacedEngine", "absent", "right")

    devices = yard.read(fleet, *range(1, 9))

    assert devices == ["right"] * 8
    assert sorted(loads(mark)) == ["absent", "right"]


def test_a_device_that_cannot_be_used_is_left_out_and_told_once(yard: Yard, caplog: pytest.LogCaptureFixture) -> None:
    fleet = yard.fleet("PlacedEngine", "absent", "right")

    yard.read(fleet, *range(1, 9))

    assert fleet.state().left_out == "Left out: absent (There is no absent)."
    assert (fleet.state().device, fleet.slots) == ("right", 2)
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert warnings == [
        "engine placed: absent is left out until gotwatch is started again: There is no absent",
    ]


def test_an_error_is_the_page_s_only_where_no_device_can_be_used(yard: Yard, mark: Path) -> None:
    fleet = yard.fleet("PlacedEngine", "absent", "bare", "absent too")

    errors = [error_of(future) for future in yard.submit(fleet, 1, 2, 3, 4)]

    assert all(isinstance(error, NoDevice | CheckpointMissing) for error in errors)
    assert set(loads(mark)) == {"absent", "bare", "absent too"}
    assert fleet.faults == {"There is no absent", "There are no weights for bare", "There is no absent too"}


def test_devices_that_have_all_failed_are_tried_again_with_the_next_page(yard: Yard, mark: Path) -> None:
    fleet = yard.fleet("PlacedEngine", "bare", "absent")
    error_of(yard.submit(fleet, 1)[0])

    mark.with_name("MENDED").touch()

    assert set(yard.read(fleet, 2, 3, 4, 5)) == {"bare", "absent"}
    assert fleet.faults == frozenset()


def test_a_device_without_free_memory_rests_and_is_then_used_again(
    yard: Yard, mark: Path, eventually: Eventually
) -> None:
    fleet = yard.fleet("PlacedEngine", "full", "right", rest_seconds=1.0)
    assert yard.read(fleet, 1) == ["right"]
    assert fleet.state().left_out == "Left out: full (There is no room on full)."

    mark.with_name("MENDED").touch()
    eventually(lambda: not fleet.state().left_out)

    assert set(yard.read(fleet, *range(2, 12))) == {"full", "right"}


def test_a_page_without_memory_on_any_device_fails_of_that(yard: Yard) -> None:
    fleet = yard.fleet("PlacedEngine", "full")

    errors = [error_of(future) for future in yard.submit(fleet, 1, 2)]

    assert [type(error) for error in errors] == [OutOfMemory] * 2


def test_a_device_whose_process_dies_reads_on_beside_the_others(yard: Yard, mark: Path) -> None:
    fleet = yard.fleet("ShortWindedEngine", "weak", "right")

    devices = yard.read(fleet, *range(1, 9))

    assert set(devices) == {"weak", "right"}
    assert sorted(loads(mark)) == ["right", "weak", "weak"]
    assert fleet.state().left_out == ""


def test_cancelling_a_page_frees_its_device(yard: Yard, eventually: Eventually) -> None:
    fleet = yard.fleet("WaitingEngine", "left", "right")
    futures = yard.submit(fleet, 1, 2)
    eventually(lambda: fleet.state().in_flight == 2)

    assert all(future.cancel() for future in futures)

    eventually(lambda: fleet.state().in_flight == 0)


def test_a_page_may_be_cancelled_while_its_device_is_found_to_be_missing(yard: Yard) -> None:
    fleet = yard.fleet("PlacedEngine", "absent", "right")
    futures = yard.submit(fleet, *range(1, 41))

    for future in futures[::2]:
        future.cancel()

    assert [future.result(SECONDS).markup for future in futures[1::2]] == ["right"] * 20


def test_a_fleet_that_stops_cancels_its_pages_and_later_ones(yard: Yard, eventually: Eventually) -> None:
    fleet = yard.fleet("WaitingEngine", "left", "right")
    futures = yard.submit(fleet, 1, 2, 3, 4)
    eventually(lambda: fleet.state().in_flight == 2)

    fleet.stop()

    for future in [*futures, *yard.submit(fleet, 5)]:
        with pytest.raises(CancelledError):
            future.result(SECONDS)
    assert fleet.state().pids == ()
