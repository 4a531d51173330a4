"""One gotwatch at a time: with real second processes, also ones that are killed."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gotwatch.config.places import StateFolder
from gotwatch.errors import AlreadyRunning, StoreUnusable
from gotwatch.instance import only_one

ROOT = Path(__file__).parent.parent
HOLD = """
import sys, time
from pathlib import Path
from gotwatch.config.places import StateFolder
from gotwatch.instance import only_one
with only_one(StateFolder(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path / "state")


@pytest.fixture
def holder(folder: StateFolder) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the state folder until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_it_makes_its_state_folder(folder: StateFolder) -> None:
    with only_one(folder):
        assert folder.path.is_dir()


def test_a_second_process_is_refused_and_told_who_is_first(folder: StateFolder, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(AlreadyRunning, match=rf"process {holder.pid}\)") as caught, only_one(folder):
        pass

    assert str(folder.path) in caught.value.message
    assert "gotwatch status" in caught.value.hint


def test_when_the_first_has_ended_the_next_may_begin(folder: StateFolder, holder: subprocess.Popen[str]) -> None:
    holder.communicate()

    with only_one(folder):
        assert holder.returncode == 0


def test_what_a_killed_process_leaves_is_no_obstacle(folder: StateFolder, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()

    assert folder.pid.exists()
    with only_one(folder):
        assert int(folder.pid.read_text("utf-8")) != holder.pid


def test_with_patience_the_end_of_the_first_is_waited_for(folder: StateFolder, holder: subprocess.Popen[str]) -> None:
    assert holder.stdin is not None
    holder.stdin.close()

    with only_one(folder, patience_seconds=20):
        assert holder.wait() == 0


def test_after_the_block_another_may_begin(folder: StateFolder) -> None:
    for _ in range(2):
        with only_one(folder):
            pass


def test_two_state_folders_are_two_gotwatches(folder: StateFolder, tmp_path: Path) -> None:
    with only_one(folder), only_one(StateFolder(tmp_path / "other")):
        pass


@pytest.mark.usefixtures("holder")
def test_an_unreadable_note_of_the_holder_is_left_out(folder: StateFolder) -> None:
    folder.pid.write_text("nonsense", "utf-8")

    with pytest.raises(AlreadyRunning, match="running already, with"), only_one(folder):
        pass


def test_a_state_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreUnusable, match="cannot be used"), only_one(StateFolder(tmp_path / "file" / "state")):
        pass


def test_an_error_of_the_program_itself_is_not_taken_for_one_of_the_folder(folder: StateFolder) -> None:
    with pytest.raises(ConnectionResetError), only_one(folder):
        raise ConnectionResetError
