"""The two doors for commands: sockets, and Windows' pipes by the same code over a socket."""

import os
import pickle
import socket
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from multiprocessing.connection import Client, Listener
from pathlib import Path
from threading import Thread

import pytest

from gotwatch import control
from gotwatch.config.places import StateFolder
from gotwatch.control import ControlServer, Reply, Request, Send
from gotwatch.doors import pipes, porter, sockets
from gotwatch.doors.line import Door, HungUp
from gotwatch.doors.pipes import PipeDoor
from gotwatch.doors.sockets import SocketDoor
from gotwatch.errors import GotwatchError, StoreUnusable, TransientError, UsageError

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this Python has no local sockets")

MEGABYTE = 1024 * 1024


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    folder = StateFolder(tmp_path / "state")
    folder.create()
    return folder


@pytest.fixture
def pipe(tmp_path: Path) -> str:
    return str(tmp_path / "pipe")


@pytest.fixture(params=["socket", "pipe"])
def new_door(request: pytest.FixtureRequest, state: StateFolder, pipe: str) -> Callable[[], Door]:
    """A door as each of two programs would make it."""
    return lambda: SocketDoor(state) if request.param == "socket" else PipeDoor(state, pipe)


def echo(request: Request, _: Send) -> Reply:
    return {"said": request.get("say")}


def count(_: Request, send: Send) -> Reply:
    for number in range(3):
        send({"done": number})
    return {}


def much(_request: Request, _send: Send) -> Reply:
    return {"said": "x" * 5 * MEGABYTE}


def refuse(_request: Request, _send: Send) -> Reply:
    raise UsageError("Not so", hint="But so.")


def stumble(_request: Request, _send: Send) -> Reply:
    raise ZeroDivisionError


def ponder(_request: Request, _send: Send) -> Reply:
    time.sleep(1)
    return {}


VERBS = {verb.__name__: verb for verb in (echo, count, much, refuse, stumble, ponder)}


@contextmanager
def answering(door: Door) -> Iterator[ControlServer]:
    server = ControlServer(door, VERBS)
    server.start()
    thread = Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(10)
        assert not thread.is_alive()


def test_a_command_is_answered(new_door: Callable[[], Door]) -> None:
    with answering(new_door()):
        assert control.call(new_door(), {"verb": "echo", "say": "é\n\0"}) == {"ok": True, "said": "é\n\0"}


def test_what_is_said_on_the_way_to_the_answer_is_heard_in_order(new_door: Callable[[], Door]) -> None:
    heard: list[Reply] = []

    with answering(new_door()):
        control.call(new_door(), {"verb": "count"}, heard.append)

    assert heard == [{"done": 0}, {"done": 1}, {"done": 2}]


def test_an_answer_may_be_long(new_door: Callable[[], Door]) -> None:
    with answering(new_door()):
        reply = control.call(new_door(), {"verb": "much"})

    assert reply is not None
    assert len(reply["said"]) == 5 * MEGABYTE


def test_errors_come_through_as_they_were_raised(new_door: Callable[[], Door]) -> None:
    with answering(new_door()):
        with pytest.raises(UsageError, match="Not so") as caught:
            control.call(new_door(), {"verb": "refuse"})
        with pytest.raises(GotwatchError, match="met a bug"):
            control.call(new_door(), {"verb": "stumble"})
        with pytest.raises(UsageError, match="does not know"):
            control.call(new_door(), {"verb": "sing"})

    assert caught.value.hint == "But so."


def test_one_that_does_not_answer_is_not_waited_for_without_end(new_door: Callable[[], Door]) -> None:
    with answering(new_door()):
        with pytest.raises(TransientError, match=r"gotwatch runs, but has not answered within 0\.2 s"):
            control.call(new_door(), {"verb": "ponder"}, within_seconds=0.2)

        assert control.call(new_door(), {"verb": "ponder"}, within_seconds=None) == {"ok": True}


def test_many_may_call_at_once(new_door: Callable[[], Door]) -> None:
    with answering(new_door()), ThreadPoolExecutor(30) as pool:
        replies = pool.map(lambda number: control.call(new_door(), {"verb": "echo", "say": number}), range(200))

        assert [reply and reply["said"] for reply in replies] == list(range(200))


def test_where_nobody_listens_nobody_answers(new_door: Callable[[], Door]) -> None:
    assert control.call(new_door(), {"verb": "echo"}) is None


def test_after_the_end_nobody_listens_and_nothing_is_left(new_door: Callable[[], Door], state: StateFolder) -> None:
    with answering(new_door()):
        pass

    assert control.call(new_door(), {"verb": "echo"}) is None
    assert list(state.path.iterdir()) == []


def test_after_one_has_ended_the_next_may_listen(new_door: Callable[[], Door]) -> None:
    for _ in range(3):
        with answering(new_door()):
            assert control.call(new_door(), {"verb": "echo"}) is not None


def test_a_request_without_end_is_not_taken(new_door: Callable[[], Door]) -> None:
    with answering(new_door()):
        with suppress(UsageError):  # it says that it got no whole line, where its word still gets through
            assert control.call(new_door(), {"verb": "echo", "say": "x" * 5 * MEGABYTE}) is None

        assert control.call(new_door(), {"verb": "echo"}) is not None


def test_those_who_call_and_say_nothing_keep_nobody_waiting(
    new_door: Callable[[], Door], state: StateFolder, pipe: str
) -> None:
    with answering(new_door()):
        silent = [Client(str(state.socket if state.socket.exists() else pipe)) for _ in range(20)]

        assert control.call(new_door(), {"verb": "echo"}) is not None

        for caller in silent:
            caller.close()


class FullHouse:
    """A listener whose system has no room for the first two who call."""

    def __init__(self) -> None:
        self.refusals = 2

    def accept(self) -> "FullHouse":
        if self.refusals:
            self.refusals -= 1
            raise OSError(24, "Too many open files")
        return self

    def close(self) -> None:
        """It has nothing open."""


def test_a_system_without_room_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    house = FullHouse()

    assert porter.next_caller(house.accept, lambda: False) is house
    assert caplog.messages == ["a command could not be let in: Too many open files"] * 2


def test_whoever_has_hung_up_is_noticed(new_door: Callable[[], Door]) -> None:
    door = new_door()
    door.open()
    with closing(door), ThreadPoolExecutor(1) as pool:
        calling = pool.submit(new_door().call)
        called = door.accept()
        assert called is not None
        called.admit()
        caller = calling.result()
        assert caller is not None
        caller.close()

        with pytest.raises(HungUp):
            called.send(b"x" * MEGABYTE)
        called.close()


def test_a_state_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    state = StateFolder(tmp_path / "file" / "state")

    for door in (SocketDoor(state), PipeDoor(state, str(tmp_path / "pipe"))):
        with pytest.raises(StoreUnusable, match="cannot be made"):
            door.open()


def test_a_pipe_answers_nobody_who_has_another_key(state: StateFolder, pipe: str, tmp_path: Path) -> None:
    stranger = StateFolder(tmp_path / "stranger")
    stranger.create()
    stranger.key.write_bytes(b"k" * pipes.KEY_BYTES)

    with answering(PipeDoor(state, pipe)):
        assert control.call(PipeDoor(stranger, pipe), {"verb": "echo"}) is None
        assert control.call(PipeDoor(state, pipe), {"verb": "echo"}) is not None


@pytest.mark.parametrize("proof", [b"", b"x" * 64, b"x" * 32, b"x" * 300, b'{"verb": "stop"}'])
def test_a_pipe_hangs_up_on_whoever_proves_nothing(state: StateFolder, pipe: str, proof: bytes) -> None:
    with answering(PipeDoor(state, pipe)), Client(pipe) as caller:
        caller.recv_bytes()  # the question
        caller.send_bytes(proof)

        with pytest.raises((EOFError, ConnectionError)):
            caller.recv_bytes()


def test_a_question_that_is_asked_back_proves_nothing(state: StateFolder, pipe: str) -> None:
    with answering(PipeDoor(state, pipe)), Client(pipe) as first, Client(pipe) as second:
        question = first.recv_bytes()
        second.recv_bytes()
        second.send_bytes(b"x" * 32 + question)

        with pytest.raises((EOFError, ConnectionError)):
            second.recv_bytes()  # and no proof to hand on to the first


def test_a_pipe_tells_nothing_to_a_program_in_gotwatch_s_place(state: StateFolder, pipe: str) -> None:
    state.key.write_bytes(b"k" * pipes.KEY_BYTES)
    with Listener(pipe) as impostor, ThreadPoolExecutor(1) as pool:
        calling = pool.submit(control.call, PipeDoor(state, pipe), {"verb": "echo", "say": "secret"})
        with impostor.accept() as called:
            called.send_bytes(b"q" * pipes.KEY_BYTES)
            called.recv_bytes()
            called.send_bytes(b"x" * pipes.KEY_BYTES)

            assert calling.result() is None
            with pytest.raises((EOFError, ConnectionError)):
                called.recv_bytes()


class Bomb:
    """Goes off in whoever unpickles it."""

    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return os.mkdir, (str(self._trace),)


def test_nothing_that_comes_through_a_pipe_is_unpickled(state: StateFolder, pipe: str, tmp_path: Path) -> None:
    with answering(PipeDoor(state, pipe)):
        caller = PipeDoor(state, pipe).call()
        assert caller is not None
        caller.send(pickle.dumps(Bomb(tmp_path / "gone off")))
        answer = caller.receive(None)
        caller.close()

    assert answer is not None
    assert b"JSON is missing" in answer
    assert not (tmp_path / "gone off").exists()


@pytest.mark.skipif(os.name == "nt", reason="is of another kind on Windows")
def test_the_key_is_for_its_user_alone_and_new_each_time(state: StateFolder, pipe: str) -> None:
    keys = []
    for _ in range(2):
        with answering(PipeDoor(state, pipe)):
            assert state.key.stat().st_mode & 0o777 == 0o600
            keys.append(state.key.read_bytes())

    assert keys[0] != keys[1]


def test_each_state_folder_has_a_pipe_of_its_own() -> None:
    one, other = (pipes.address_for(StateFolder(Path(name))) for name in ("/one", "/" + "o" * 1000))

    assert one != other
    assert one.startswith("\\\\.\\pipe\\gotwatch-")
    assert len(other) < 256  # Windows takes no more


def test_the_peer_s_user_is_told_by_the_system() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert sockets.peer(ours) == os.getuid()


class FakeMacSocket:
    """Answers as getsockopt() of macOS does: version, user, number of groups, groups."""

    def getsockopt(self, level: int, option: int, size: int, /) -> bytes:
        assert (level, option, size) == (0, 1, 76)
        return struct.pack("2Ih2x16I", 0, 501, 1, 20, *[0] * 15)


def test_on_macos_the_peer_s_user_is_told_by_the_system() -> None:
    assert sockets.peer(FakeMacSocket(), "darwin") == 501


def test_where_no_system_tells_the_folder_must_do() -> None:
    assert sockets.peer(FakeMacSocket(), "sunos5") is None


@pytest.fixture
def deep(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path / ("deep" * 12) / ("deeper" * 12))


def test_a_deep_state_folder_gets_a_socket_elsewhere_that_all_find(
    deep: StateFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering(SocketDoor(deep)):
        place = SocketDoor(deep).place()
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # as in another session
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

        assert control.call(SocketDoor(deep), {"verb": "echo"}) is not None
        assert place.parent.stat().st_mode & 0o777 == 0o700

    assert not place.parent.exists()
    assert list(deep.path.iterdir()) == []


def test_where_the_folder_for_temporary_files_is_deep_too_another_is_found(
    deep: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep.create()
    monkeypatch.setattr(tempfile, "tempdir", str(deep.path))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)

    with answering(SocketDoor(deep)):
        assert SocketDoor(deep).place().parent.parent == Path("/tmp")
    assert list(deep.path.iterdir()) == []


def test_what_a_killed_one_left_elsewhere_is_removed(deep: StateFolder) -> None:
    deep.create()
    left = Path(tempfile.mkdtemp()) / "control.sock"
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(left))
    deep.address.write_text(str(left), "utf-8")
    assert control.call(SocketDoor(deep), {"verb": "echo"}) is None

    with answering(SocketDoor(deep)):
        assert SocketDoor(deep).place() != left
        assert not left.parent.exists()
