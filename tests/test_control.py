"""The door for commands, and who may come through it with what."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from gotwatch.config.places import StateFolder
from gotwatch.doors.sockets import SocketDoor
from tests.desk import Desk, document, eventually, image

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this Python has no local sockets")

NOBODY = 65534
ASK_TO_STOP = """
import socket, sys
door = socket.socket(socket.AF_UNIX)
door.connect(sys.argv[1])
door.sendall(b'{"verb": "stop"}\\n')
print(door.recv(100))
"""


@contextmanager
def door(desk: Desk) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(str(SocketDoor(StateFolder(desk.state)).place()))
        connection.settimeout(15)
        yield connection


def answer_to(desk: Desk, line: bytes) -> bytes:
    """What comes back until the other side hangs up."""
    answer = b""
    with door(desk) as connection:
        try:
            connection.sendall(line)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                answer += piece
        except (BrokenPipeError, ConnectionResetError):
            pass  # it had read enough
    return answer


def is_well(desk: Desk) -> bool:
    return desk.status()["state"] == "idle" and desk.status()["problems"] == []


@pytest.mark.parametrize(
    "line",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff\xfe\x00\n",
        b"\n",
        b"null\n",
        b"[]\n",
        b'"status"\n',
        b"[" * 60_000 + b"\n",
        b"{}\n",
        b'{"verb": "explode"}\n',
        b'{"verb": "__init__"}\n',
        b'{"verb": ["status"]}\n',
        b'{"verb": "why"}\n',
        b'{"verb": "why", "path": 7}\n',
        b'{"verb": "why", "path": "relative.png"}\n',
        b'{"verb": "why", "path": "/zero\\u0000byte"}\n',
        b'{"verb": "retry", "paths": "/a.png"}\n',
        b'{"verb": "retry", "paths": [null]}\n',
        b'{"verb": "pause", "until": "tomorrow"}\n',
        b'{"verb": "pause", "until": "2030-01-01T00:00:00"}\n',
        b'{"verb": "read", "path": "/a.png"}\n',
        b'{"verb": "read", "path": "/a.png", "asked": {"mode": "loud"}}\n',
        b'{"verb": "read", "path": "/a.png", "asked": {"box": [1, 2, 3]}}\n',
        b'{"verb": "read", "path": "/a.png", "asked": {"crop": 1}}\n',
        b'{"verb": "read", "path": "/a.png", "asked": {"max_new_tokens": -5}}\n',
        b'{"verb": "read", "path": "/a.png", "asked": {"box": [1, 2], "color": "red"}}\n',
        b'{"verb": "read", "path": "/a.png", "asked": {"wish": 1}}\n',
        b'{"verb": "status"',
        b'{"verb": "status"} ' + b"x" * 100_000 + b"\n",
    ],
    ids=lambda line: ascii(line[:40]),
)
def test_what_is_no_command_is_refused_and_harms_nothing(running: Desk, line: bytes) -> None:
    reply = json.loads(answer_to(running, line))

    assert (reply["ok"], reply["error"]) == (False, "UsageError")
    assert is_well(running)


def test_a_line_without_end_is_not_waited_for(running: Desk) -> None:
    answer = answer_to(running, b"x" * 5_000_000)

    assert answer == b"" or json.loads(answer)["ok"] is False
    assert is_well(running)


def test_a_command_in_pieces_is_put_together(running: Desk) -> None:
    with door(running) as connection:
        for byte in b'{"verb": "status"}\n':
            connection.sendall(bytes([byte]))
        with connection.makefile("rb") as lines:
            reply = json.loads(lines.readline())

    assert reply["status"]["state"] == "idle"


def test_those_who_say_nothing_keep_nobody_else_waiting(running: Desk) -> None:
    with ExitStack() as silent:
        for _ in range(50):
            silent.enter_context(door(running))

        assert is_well(running)


def test_many_may_ask_at_once(running: Desk) -> None:
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda _: answer_to(running, b'{"verb": "status"}\n'), range(300)))

    assert all(json.loads(answer)["ok"] for answer in answers)


def test_whoever_hangs_up_during_a_read_ends_it(running: Desk) -> None:
    source = document(running.root / "long.pdf", 30)
    with door(running) as connection:
        connection.sendall(json.dumps({"verb": "read", "path": str(source), "asked": {}}).encode() + b"\n")
        connection.recv(1)

    assert is_well(running)
    running.wait_for(image(running.inbox / "after.png"))


def test_whoever_hangs_up_during_a_page_makes_the_engine_let_go_of_it(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        desk.run("PatientEngine")  # is at the second page until nobody wants it any more
        source = document(desk.root / "two.pdf", 2)
        with door(desk) as connection:
            connection.sendall(json.dumps({"verb": "read", "path": str(source), "asked": {}}).encode() + b"\n")
            eventually(lambda: len(desk.pages_read()) == 1)

        eventually(lambda: len(desk.pages_read()) == 2)
        desk.wait_for(image(desk.inbox / "after.png"))
        assert is_well(desk)


def test_the_door_is_closed_to_other_users(running: Desk) -> None:
    path = SocketDoor(StateFolder(running.state)).place()

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0 or shutil.which("setpriv") is None,
    reason="only root can try it as another user",
)
def test_another_user_is_refused_though_the_folders_stand_open() -> None:
    # not in tmp_path, which lies below a folder that is closed to other users
    with tempfile.TemporaryDirectory() as folder, Desk(Path(folder)) as desk:
        desk.run()
        path = SocketDoor(StateFolder(desk.state)).place()

        def as_nobody() -> subprocess.CompletedProcess[str]:
            command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "/usr/bin/python3", "-c"]
            return subprocess.run(
                [*command, ASK_TO_STOP, str(path)], capture_output=True, encoding="utf-8", check=False, cwd="/"
            )

        closed = as_nobody()
        desk.root.chmod(0o755)
        desk.state.chmod(0o755)
        path.chmod(0o666)
        opened = as_nobody()

        assert "PermissionError" in closed.stderr
        assert "PermissionError" not in opened.stderr
        assert opened.stdout in ("b''\n", "")  # hung up on, before or after the words were sent
        assert is_well(desk)


def test_a_socket_that_a_killed_one_left_is_no_obstacle(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        desk.run()
        desk.kill()
        assert SocketDoor(StateFolder(desk.state)).place().is_socket()
        assert desk.status()["state"] == "not running"

        desk.start()

        assert is_well(desk)


def test_a_file_in_the_place_of_the_socket_is_no_obstacle(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        desk.state.mkdir(mode=0o700)
        SocketDoor(StateFolder(desk.state)).place().write_text("something else", "utf-8")

        desk.run()

        assert is_well(desk)


def test_a_state_folder_too_deep_for_a_socket_gets_one_elsewhere(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        desk.state = tmp_path / ("deep" * 12) / ("deeper" * 12)
        desk.run()
        path = SocketDoor(StateFolder(desk.state)).place()

        assert not path.is_relative_to(tmp_path)
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert is_well(desk)

        desk.end()
        assert not path.parent.exists()


def test_a_daemon_that_ends_answers_or_is_silent_but_meets_no_bug(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        desk.run()
        with ThreadPoolExecutor(8) as pool:
            stopping = pool.submit(desk.ask, "stop")
            states = [future.result() for future in [pool.submit(_state, desk) for _ in range(100)]]

        assert stopping.result()[0] == 0
        assert desk.daemon is not None
        assert desk.daemon.wait(10) == 0
        assert set(states) <= {"idle", None}
        log = (desk.state / "gotwatch.log").read_text("utf-8")
        assert "met a bug" not in log


def _state(desk: Desk) -> str | None:
    try:
        answer = answer_to(desk, b'{"verb": "status"}\n')
    except OSError:
        return None
    return str(json.loads(answer)["status"]["state"]) if answer else None
