"""The engine process as the rest of the program sees it. Real processes, real shared memory."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from gotwatch import pixels
from gotwatch.documents import Mode, PageText, Prompt
from gotwatch.engine.base import EngineOptions, EngineSpec
from gotwatch.engine.process import EngineProcess, EngineState, Phase
from gotwatch.errors import CheckpointMissing, EngineCrashed, EngineTimeout, EngineUnusable, InputError
from gotwatch.pixels import SharedPage
from gotwatch.threads import Threads

Eventually = Callable[[Callable[[], object]], None]
SECONDS = 30.0  # for anything that must happen

PARENT = """
import sys, time
from gotwatch import pixels
from gotwatch.documents import Prompt
from gotwatch.engine.base import EngineOptions, EngineSpec
from gotwatch.engine.process import EngineProcess, Phase
from gotwatch.threads import Threads

spec = EngineSpec("hanging", "tests.engines:HangingEngine", EngineOptions())
engine = EngineProcess(
    spec, page_seconds=600, start_seconds=60, keep_alive_seconds=-1, threads=Threads(print), on_change=lambda: None
)
engine.start()
page, memory = pixels.fill(sys.argv[1], 2, 1, 1, b"rgb", blank=False)
engine.submit([page], Prompt())
while not engine.state().in_flight:
    time.sleep(0.01)
print(engine.state().pid, flush=True)
time.sleep(600)
"""


class Bench:
    """Starts engines and makes pages for them; takes all away at the end of the test."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.states: list[EngineState] = []

    def engine(
        self, path: str, *, page_seconds: float = 30.0, start_seconds: float = 30.0, keep_alive_seconds: float = -1.0
    ) -> EngineProcess:
        engine = EngineProcess(
            EngineSpec("little", path if ":" in path else f"tests.engines:{path}", EngineOptions()),
            page_seconds=page_seconds,
            start_seconds=start_seconds,
            keep_alive_seconds=keep_alive_seconds,
            threads=Threads(lambda: None),
            on_change=lambda: self.states.append(engine.state()),
        )
        engine.start()
        self._stack.callback(engine.stop)
        return engine

    def page(self, number: int) -> SharedPage:
        page, memory = pixels.fill(pixels.new_block_name(), number, 2, 1, b"redred", blank=False)
        self._stack.callback(pixels.Hold(page).release)
        memory.close()
        return page

    def submit(self, engine: EngineProcess, *numbers: int) -> list[Future[PageText]]:
        return [engine.submit([self.page(number)], Prompt()) for number in numbers]


@pytest.fixture
def bench() -> Iterator[Bench]:
    with ExitStack() as stack:
        yield Bench(stack)


@pytest.fixture
def mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "mark"
    path.touch()
    monkeypatch.setenv("GOTWATCH_TEST_MARK", str(path))
    return path


def numbers(futures: list[Future[PageText]]) -> list[int]:
    return [future.result(SECONDS).number for future in futures]


def error_of(future: Future[PageText]) -> BaseException:
    error = future.exception(SECONDS)
    assert error is not None
    return error


def gone(pid: int | None) -> bool:
    assert pid is not None
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_every_page_gets_its_own_text(bench: Bench) -> None:
    engine = bench.engine("EchoEngine")

    futures = bench.submit(engine, *range(1, 51))

    assert [future.result(SECONDS).markup for future in futures] == [
        f"Page {number}\n\n2x1 726564" for number in range(1, 51)
    ]


def test_no_process_runs_before_the_first_page(bench: Bench) -> None:
    engine = bench.engine("EchoEngine")

    state = engine.state()

    assert state == EngineState(phase=Phase.STOPPED)
    assert engine.slots == 1


def test_what_the_engine_says_of_itself_is_known_once_it_is_ready(bench: Bench, eventually: Eventually) -> None:
    engine = bench.engine("EchoEngine")

    numbers(bench.submit(engine, 1))
    eventually(lambda: not engine.state().in_flight)

    state = engine.state()
    assert (state.phase, state.checkpoint, state.device, state.slots) == (Phase.READY, "echo-1", "none", 4)
    assert engine.slots == 4
    assert not gone(state.pid)


def test_a_page_need_not_wait_for_the_one_before(bench: Bench) -> None:
    engine = bench.engine("LateFirstEngine")

    futures = bench.submit(engine, 1, 2)

    assert numbers(futures) == [1, 2]


def test_changes_of_state_are_told_in_their_order(bench: Bench) -> None:
    engine = bench.engine("EchoEngine")

    numbers(bench.submit(engine, 1))
    engine.stop()

    phases = [state.phase for state in bench.states]
    assert phases[0] == Phase.LOADING
    assert phases[-1] == Phase.STOPPED
    assert Phase.READY in phases
    assert max(state.in_flight for state in bench.states) == 1


def test_a_page_that_kills_the_engine_fails_and_its_neighbours_do_not(bench: Bench) -> None:
    engine = bench.engine("DyingEngine")

    first, second, *rest = bench.submit(engine, 1, 2, 3, 4, 5, 6)

    error = error_of(second)
    assert isinstance(error, EngineCrashed)
    assert "page 2" in error.message
    assert error.hint
    assert numbers([first, *rest]) == [1, 3, 4, 5, 6]


@pytest.mark.usefixtures("mark")
def test_a_crash_that_does_not_come_again_costs_no_page(bench: Bench) -> None:
    engine = bench.engine("DyingOnceEngine")

    futures = bench.submit(engine, 1, 2, 3, 4, 5)

    assert numbers(futures) == [1, 2, 3, 4, 5]


def test_a_page_that_hangs_fails_and_its_neighbours_do_not(bench: Bench) -> None:
    engine = bench.engine("HangingEngine", page_seconds=0.7)

    first, second, *rest = bench.submit(engine, 1, 2, 3, 4, 5)

    error = error_of(second)
    assert isinstance(error, EngineTimeout)
    assert "page 2" in error.message
    assert "0.7 s" in error.message
    assert numbers([first, *rest]) == [1, 3, 4, 5]


def test_pages_that_kill_the_engine_only_together_all_get_their_text(bench: Bench) -> None:
    engine = bench.engine("DyingInCompanyEngine")

    futures = bench.submit(engine, 1, 2)

    assert numbers(futures) == [1, 2]


@pytest.mark.usefixtures("mark")
def test_after_a_crash_the_suspects_are_read_alone_and_the_others_together_again(bench: Bench) -> None:
    engine = bench.engine("CrowdEngine")

    futures = bench.submit(engine, 1, 2, 3, 4, 5, 6)

    crowds = [future.result(SECONDS).markup for future in futures]
    assert crowds[1] == "1"
    assert crowds[3:] == ["3", "3", "3"]


def test_waiting_for_a_slot_does_not_count_as_reading_time(bench: Bench) -> None:
    engine = bench.engine("SlowEngine", page_seconds=1.5)

    futures = bench.submit(engine, 1, 2, 3, 4, 5)

    assert numbers(futures) == [1, 2, 3, 4, 5]


def test_an_idle_engine_that_is_killed_is_replaced_at_the_next_page(bench: Bench, eventually: Eventually) -> None:
    engine = bench.engine("EchoEngine")
    numbers(bench.submit(engine, 1))
    pid = engine.state().pid
    assert pid is not None

    psutil.Process(pid).kill()
    eventually(lambda: engine.state().phase == Phase.STOPPED)

    assert numbers(bench.submit(engine, 2)) == [2]
    assert engine.state().pid != pid


def test_a_refused_page_fails_with_the_engines_own_error(bench: Bench) -> None:
    engine = bench.engine("BlindEngine")

    futures = bench.submit(engine, 1)

    error = error_of(futures[0])
    assert isinstance(error, InputError)
    assert error.message == "Nothing to read"


@pytest.mark.parametrize(
    ("path", "words"),
    [("BuggyEngine", "KeyError: 'oops'"), ("QuittingEngine", "SystemExit: bye"), ("MuteEngine", "NoneType")],
)
def test_a_bug_in_the_engine_costs_that_page_and_not_the_process(bench: Bench, path: str, words: str) -> None:
    engine = bench.engine(path)

    first, second = bench.submit(engine, 1, 2)

    assert isinstance(error_of(first), RuntimeError)
    assert words in str(error_of(first))
    assert isinstance(error_of(second), RuntimeError)
    assert len({state.pid for state in bench.states if state.pid}) == 1


def test_a_page_whose_memory_is_gone_fails_and_the_next_is_read(bench: Bench) -> None:
    engine = bench.engine("EchoEngine")
    lost = SharedPage(1, 2, 1, pixels.new_block_name(), False)

    first = engine.submit([lost], Prompt())
    (second,) = bench.submit(engine, 2)

    assert "FileNotFoundError" in str(error_of(first))
    assert numbers([second]) == [2]


def test_an_engine_that_cannot_be_loaded_fails_all_pages_and_is_tried_again_with_the_next(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eventually: Eventually
) -> None:
    weights = tmp_path / "weights"
    monkeypatch.setenv("GOTWATCH_TEST_WEIGHTS", str(weights))
    engine = bench.engine("WaitingForWeightsEngine")

    refused = bench.submit(engine, 1, 2)
    errors = [error_of(future) for future in refused]
    eventually(lambda: engine.state().phase == Phase.STOPPED)
    weights.touch()

    assert all(isinstance(error, CheckpointMissing) for error in errors)
    assert errors[0] is not errors[1]
    assert numbers(bench.submit(engine, 3)) == [3]


def test_an_engine_that_dies_while_loading_is_started_twice_and_then_unusable(bench: Bench, mark: Path) -> None:
    engine = bench.engine("DyingWhileLoadingEngine")

    futures = bench.submit(engine, 1, 2)

    errors = [error_of(future) for future in futures]
    assert all(isinstance(error, EngineUnusable) for error in errors)
    assert "ended while it was loading" in str(errors[0])
    assert mark.read_text("utf-8").splitlines() == ["load", "load"]


@pytest.mark.usefixtures("mark")
def test_an_engine_that_dies_while_loading_once_is_forgiven(bench: Bench) -> None:
    engine = bench.engine("DyingWhileLoadingOnceEngine")

    futures = bench.submit(engine, 1)

    assert numbers(futures) == [1]


def test_an_engine_that_loads_in_silence_for_too_long_is_unusable(bench: Bench) -> None:
    engine = bench.engine("SilentLoadEngine", start_seconds=0.5)

    futures = bench.submit(engine, 1)

    error = error_of(futures[0])
    assert isinstance(error, EngineUnusable)
    assert "gave no sign for 0.5 s" in error.message


def test_a_long_download_goes_on_as_long_as_it_moves(bench: Bench) -> None:
    engine = bench.engine("DownloadingEngine", start_seconds=2.5)

    futures = bench.submit(engine, 1)

    assert numbers(futures) == [1]
    messages = [state.message for state in bench.states if state.phase == Phase.LOADING]
    assert "Downloading part 3 of 6" in messages
    assert engine.state().message == ""


@pytest.mark.parametrize("path", ["tests.engines:NoSuchEngine", "no_such_package.module:Engine", "tests.engines:"])
def test_an_engine_that_does_not_exist_is_named_with_advice(bench: Bench, path: str) -> None:
    engine = bench.engine(path)

    futures = bench.submit(engine, 1)

    error = error_of(futures[0])
    assert isinstance(error, EngineUnusable)
    assert path in error.message
    assert "config" in error.hint


def test_a_bug_while_loading_holds_the_queue_instead_of_failing_every_page(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    engine = bench.engine("BuggyLoadEngine")

    with caplog.at_level(logging.INFO):
        (future,) = bench.submit(engine, 1)
        error = error_of(future)

    assert isinstance(error, EngineUnusable)
    assert "KeyError: 'oops'" in error.message
    assert "Traceback" in caplog.text


def test_an_idle_engine_is_ended_and_what_it_was_stays_known(bench: Bench, eventually: Eventually) -> None:
    engine = bench.engine("EchoEngine", keep_alive_seconds=0)

    numbers(bench.submit(engine, 1))
    eventually(lambda: engine.state().phase == Phase.STOPPED)

    pid = next(state.pid for state in bench.states if state.pid)
    state = engine.state()
    assert gone(pid)
    assert (state.pid, state.device, state.checkpoint, state.unload_at) == (None, "none", "echo-1", None)
    assert any(told.unload_at for told in bench.states)
    assert numbers(bench.submit(engine, 2)) == [2]


def test_an_engine_may_stay_for_ever(bench: Bench, eventually: Eventually) -> None:
    engine = bench.engine("EchoEngine", keep_alive_seconds=-1)

    numbers(bench.submit(engine, 1))
    eventually(lambda: not engine.state().in_flight)

    assert engine.state().phase == Phase.READY
    assert engine.state().unload_at is None


def test_an_idle_engine_is_ended_on_request(bench: Bench, eventually: Eventually) -> None:
    engine = bench.engine("EchoEngine")
    numbers(bench.submit(engine, 1))

    engine.unload()

    eventually(lambda: engine.state().phase == Phase.STOPPED)


def test_a_busy_engine_is_not_ended_on_request(bench: Bench, eventually: Eventually) -> None:
    engine = bench.engine("SlowEngine")
    futures = bench.submit(engine, 1, 2)
    eventually(lambda: engine.state().in_flight)

    engine.unload()

    assert numbers(futures) == [1, 2]
    assert len({state.pid for state in bench.states if state.pid}) == 1


def test_a_page_cancelled_before_its_turn_is_not_read(bench: Bench, mark: Path) -> None:
    engine = bench.engine("SlowEngine")
    first, second, third = bench.submit(engine, 1, 2, 3)

    assert second.cancel()

    assert numbers([first, third]) == [1, 3]
    assert mark.read_text("utf-8").splitlines() == ["1 2x1", "3 2x1"]


def test_a_page_cancelled_while_it_is_read_disturbs_nobody(bench: Bench, eventually: Eventually) -> None:
    engine = bench.engine("SlowEngine")
    first, second = bench.submit(engine, 1, 2)
    eventually(lambda: engine.state().in_flight)

    assert first.cancel()

    assert numbers([second]) == [2]
    assert len({state.pid for state in bench.states if state.pid}) == 1


def test_a_page_cancelled_while_it_is_read_makes_room_for_the_next(bench: Bench, eventually: Eventually) -> None:
    engine = bench.engine("PatientEngine")
    patient, second = bench.submit(engine, 2, 3)
    eventually(lambda: engine.state().in_flight)

    assert patient.cancel()

    assert numbers([second]) == [3]
    assert len({state.pid for state in bench.states if state.pid}) == 1


def test_the_answer_for_a_cancelled_page_is_thrown_away_and_the_engine_is_idle(
    bench: Bench, mark: Path, eventually: Eventually
) -> None:
    engine = bench.engine("PatientEngine")
    (patient,) = bench.submit(engine, 2)
    eventually(lambda: engine.state().in_flight)

    patient.cancel()

    eventually(lambda: not engine.state().in_flight)
    assert mark.read_text("utf-8").splitlines() == ["2 2x1"]
    assert patient.cancelled()
    assert engine.state().phase == Phase.READY


def test_a_cancelled_page_that_the_engine_does_not_let_go_costs_the_process_and_no_page(
    bench: Bench, eventually: Eventually, caplog: pytest.LogCaptureFixture
) -> None:
    engine = bench.engine("HangingEngine", page_seconds=1.0)
    hanging, *others = bench.submit(engine, 2, 3, 4)
    eventually(lambda: engine.state().in_flight)

    hanging.cancel()

    eventually(lambda: "gave no answer within 1 s" in caplog.text)
    others += bench.submit(engine, 5)
    assert numbers(others) == [3, 4, 5]
    assert "given up" not in caplog.text
    assert len({state.pid for state in bench.states if state.pid}) == 2


def test_an_engine_that_dies_of_a_cancelled_page_costs_its_neighbour_nothing(
    bench: Bench, eventually: Eventually, mark: Path
) -> None:
    engine = bench.engine("DyingWhenCancelledEngine")
    first, second = bench.submit(engine, 1, 2)
    eventually(lambda: engine.state().in_flight == 2 and mark.read_text("utf-8"))

    second.cancel()

    assert numbers([first]) == [1]
    assert len({state.pid for state in bench.states if state.pid}) == 2


def test_several_pages_in_one_go_are_one_text(bench: Bench) -> None:
    engine = bench.engine("EchoEngine")
    pages = [bench.page(number) for number in (3, 4, 5)]

    text = engine.submit(pages, Prompt(Mode.FORMAT, multi_page=True)).result(SECONDS)

    assert (text.number, text.count) == (3, 3)
    assert text.markup.startswith("Page 3")
    assert "Page 5" in text.markup


def test_several_pages_that_hang_are_named_together(bench: Bench) -> None:
    engine = bench.engine("HangingEngine", page_seconds=0.5)
    pages = [bench.page(number) for number in (2, 3)]

    future = engine.submit(pages, Prompt(Mode.FORMAT, multi_page=True))

    error = error_of(future)
    assert isinstance(error, EngineTimeout)
    assert "for pages 2-3 within" in error.message


def test_stopping_ends_the_process_and_cancels_what_has_no_text(bench: Bench, eventually: Eventually) -> None:
    engine = bench.engine("HangingEngine")
    read, unread = bench.submit(engine, 2, 3)
    eventually(lambda: engine.state().in_flight)
    pid = engine.state().pid

    started = time.monotonic()
    engine.stop()

    assert time.monotonic() - started < 5
    assert gone(pid)
    assert engine.state().phase == Phase.STOPPED
    with pytest.raises(CancelledError):
        read.result(0)
    assert unread.done()


def test_an_engine_that_is_still_loading_is_stopped_at_once(bench: Bench, eventually: Eventually) -> None:
    engine = bench.engine("SilentLoadEngine")
    (future,) = bench.submit(engine, 1)
    eventually(lambda: engine.state().phase == Phase.LOADING)
    pid = engine.state().pid

    engine.stop()

    assert gone(pid)
    assert future.cancelled()


def test_a_page_submitted_after_the_stop_is_cancelled(bench: Bench) -> None:
    engine = bench.engine("EchoEngine")
    engine.stop()

    (future,) = bench.submit(engine, 1)

    assert future.cancelled()


def test_stopping_twice_does_no_harm(bench: Bench) -> None:
    engine = bench.engine("EchoEngine")

    engine.stop()
    engine.stop()

    assert engine.state().phase == Phase.STOPPED


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_ctrl_c_in_the_terminal_does_not_end_the_engine(bench: Bench, eventually: Eventually) -> None:
    engine = bench.engine("SlowEngine")
    futures = bench.submit(engine, 1)
    eventually(lambda: engine.state().in_flight)

    psutil.Process(engine.state().pid).send_signal(signal.SIGINT)

    assert numbers(futures) == [1]
    assert len({state.pid for state in bench.states if state.pid}) == 1


def test_start_and_end_are_logged(bench: Bench, eventually: Eventually, caplog: pytest.LogCaptureFixture) -> None:
    engine = bench.engine("EchoEngine", keep_alive_seconds=0)

    with caplog.at_level(logging.INFO):
        numbers(bench.submit(engine, 1))
        eventually(lambda: engine.state().phase == Phase.STOPPED)

    assert "engine little started, pid " in caplog.text
    assert "engine little ended after 0 s without work" in caplog.text


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_the_engine_does_not_outlive_a_killed_parent(eventually: Eventually) -> None:
    block = pixels.new_block_name()
    command = [sys.executable, "-W", "ignore", "-c", PARENT, block]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())

        parent.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        eventually(lambda: gone(pid))

    assert time.monotonic() - killed < 3
    pixels.discard(block)
