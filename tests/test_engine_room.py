"""The engine in use, and what "auto" does where it cannot be started."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gotwatch import pixels
from gotwatch.documents import Prompt
from gotwatch.engine.base import EngineOptions
from gotwatch.engine.room import EngineRoom
from gotwatch.errors import CheckpointMissing, GotwatchError, InputError, NoDevice
from gotwatch.pixels import SharedPage
from gotwatch.threads import Threads

SECONDS = 120.0  # importing PyTorch takes its time

NewRoom = Callable[..., EngineRoom]


@pytest.fixture
def new_room() -> Iterator[NewRoom]:
    with ExitStack() as stack:

        def start(name: str, *devices: str, checkpoint: str = "") -> EngineRoom:
            room = EngineRoom(
                name,
                EngineOptions(device=devices[0], checkpoint=checkpoint),
                devices=devices,
                page_seconds=60,
                keep_alive_seconds=-1,
                threads=Threads(lambda: None),
                on_change=lambda: None,
            )
            room.start()
            stack.callback(room.stop)
            return room

        yield start


@pytest.fixture
def checkpoint(tmp_path: Path) -> str:
    """A folder that looks like a model's, so that "auto" takes GOT-OCR2.0 without a GPU too."""
    (tmp_path / "config.json").touch()
    return str(tmp_path)


@pytest.fixture
def page() -> Iterator[SharedPage]:
    page, memory = pixels.fill(pixels.new_block_name(), 1, 2, 1, b"redred", blank=False)
    hold = pixels.Hold(page)
    memory.close()
    yield page
    hold.release()


@pytest.fixture(autouse=True)
def mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mark").touch()
    monkeypatch.setenv("GOTWATCH_TEST_MARK", str(tmp_path / "mark"))


def test_a_device_that_is_left_out_stands_in_the_reasons(new_room: NewRoom, page: SharedPage) -> None:
    room = new_room("tests.devices:PlacedEngine", "absent", "right")

    room.fleet.submit([page], Prompt()).result(SECONDS)

    assert room.why == ("The config names the class tests.devices:PlacedEngine. Left out: absent (There is no absent).")


def test_an_engine_that_is_named_is_never_replaced(new_room: NewRoom) -> None:
    room = new_room("tests.devices:PlacedEngine", "absent")

    assert not room.fall_back(NoDevice("There is no absent"))


def test_auto_reads_on_with_the_built_in_engine_where_no_device_can_be_used(
    new_room: NewRoom, page: SharedPage, checkpoint: str
) -> None:
    room = new_room("auto", "cuda:98", "cpu", checkpoint=checkpoint)
    old = room.fleet

    error = old.submit([page], Prompt()).exception(SECONDS)

    assert isinstance(error, GotwatchError)
    assert room.fall_back(error)
    assert room.fleet is not old
    assert room.choice.spec.name == "paddle"
    assert room.why.startswith(error.message.rstrip("."))
    assert len(old.faults) == 2  # no such GPU, and no weights
    assert all(room.fall_back(NoDevice(message)) for message in old.faults)  # pages that the others ended with
    assert not room.fall_back(NoDevice("The new engine's own trouble"))


@pytest.mark.parametrize("error", [InputError("Nothing to read"), KeyError("a bug")])
def test_auto_keeps_its_engine_where_the_error_is_another(new_room: NewRoom, checkpoint: str, error: Exception) -> None:
    room = new_room("auto", "cpu", checkpoint=checkpoint)

    assert not room.fall_back(error)
    assert room.choice.spec.name == "got"


def test_auto_has_nothing_to_fall_back_on_behind_the_built_in_engine(
    new_room: NewRoom, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    room = new_room("auto", "cpu", "mps")

    assert room.choice.spec.name == "paddle"
    assert not room.fall_back(CheckpointMissing("The wheel is broken"))
    assert len(room.fleet.state().pids) == 0
