"""The door on Linux and macOS: a socket in a folder that only its user may enter, with one message a line."""

import os
import socket
import struct
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from gotwatch.config.places import StateFolder
from gotwatch.doors.line import LONGEST_REQUEST_BYTES, REQUEST_SECONDS, HungUp, Silent
from gotwatch.doors.porter import another_users, next_caller
from gotwatch.errors import StoreUnusable

BACKLOG = 128
LONGEST_PATH_BYTES = 100  # the systems' own limits are 104 to 108, with the zero at the end
FOLDER = "gotwatch-"  # of a socket whose path would be too long in the state folder
BELL_SECONDS = 1.0
SOL_LOCAL, LOCAL_PEERCRED = 0, 1  # macOS and BSD, sys/un.h
_UCRED, _XUCRED = "3i", "2I"  # process, user, group; version, user, and then groups
_XUCRED_BYTES = 76


class SocketDoor:
    def __init__(self, state: StateFolder) -> None:
        self._state = state
        self._listener: socket.socket | None = None
        self._closing = False

    def open(self) -> None:
        try:
            self._sweep()
            self._listener = _listen(self._new_place())
        except OSError as exc:
            raise StoreUnusable(
                f"The socket for commands cannot be made in {self._state.path}: {exc.strerror or exc}.",
                hint="Choose another folder with --state-dir.",
            ) from exc

    def accept(self) -> "SocketLine | None":
        listener = self._listener
        if listener is None:
            return None
        connection = next_caller(lambda: listener.accept()[0], lambda: self._closing)
        return SocketLine(connection) if connection else None

    def close(self) -> None:
        self._closing = True
        if self._listener is None:
            return
        path = self.place()
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as bell:
            bell.settimeout(BELL_SECONDS)
            bell.connect(str(path))  # what waits in accept() is not woken by a close()
        self._listener.close()
        self._sweep()

    def call(self) -> "SocketLine | None":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(str(self.place()))
        except PermissionError as exc:
            connection.close()
            raise another_users(self._state) from exc
        except OSError:
            connection.close()
            return None
        return SocketLine(connection)

    def place(self) -> Path:
        """Where the socket is. Whoever opened it noted that, as another program may have other temporary folders."""
        try:
            return Path(self._state.address.read_text("utf-8", "surrogateescape"))
        except FileNotFoundError:
            return self._state.socket

    def _new_place(self) -> Path:
        self._state.create()
        self._state.path.chmod(0o700)  # fails where another user made it, to hear what we are told
        if _fits(self._state.socket):
            return self._state.socket
        path = _short_folder() / self._state.socket.name
        self._state.address.write_text(str(path), "utf-8", "surrogateescape")
        return path

    def _sweep(self) -> None:
        """Remove the socket, and its folder if it had one to itself."""
        path = self.place()
        with suppress(OSError):  # it is not ours any more: then the new one gets another place
            path.unlink(missing_ok=True)
            if path != self._state.socket:
                path.parent.rmdir()
        self._state.address.unlink(missing_ok=True)


class SocketLine:
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._file = connection.makefile("rb")

    def admit(self) -> None:
        self._connection.settimeout(REQUEST_SECONDS)
        try:
            user = peer(self._connection)
        except OSError as exc:
            raise HungUp from exc
        if user is not None and user not in (os.getuid(), 0):
            raise HungUp

    def receive_request(self) -> bytes | None:
        return self._receive(LONGEST_REQUEST_BYTES)

    def receive(self, within_seconds: float | None) -> bytes | None:
        self._connection.settimeout(within_seconds)
        return self._receive(-1)

    def send(self, message: bytes) -> None:
        try:
            self._connection.sendall(message + b"\n")
        except OSError as exc:
            raise HungUp from exc

    def close(self) -> None:
        self._file.close()
        self._connection.close()

    def _receive(self, most_bytes: int) -> bytes | None:
        try:
            line = self._file.readline(most_bytes)
        except TimeoutError as exc:
            raise Silent from exc
        except OSError as exc:
            raise HungUp from exc
        return line[:-1] if line.endswith(b"\n") else None  # else it ended in the middle, or goes on


class HasOptions(Protocol):
    """What is asked of a socket for its peer."""

    def getsockopt(self, level: int, option: int, size: int, /) -> bytes: ...


def peer(connection: HasOptions, system: str = sys.platform) -> int | None:
    """The user of the program at the other end; None where the system does not tell, and the folder must do."""
    if system == "linux":
        told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize(_UCRED))
        return int(struct.unpack(_UCRED, told)[1])
    if system == "darwin" or "bsd" in system:
        told = connection.getsockopt(SOL_LOCAL, LOCAL_PEERCRED, _XUCRED_BYTES)
        return int(struct.unpack_from(_XUCRED, told)[1])
    return None


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= LONGEST_PATH_BYTES


def _short_folder() -> Path:
    """A new folder that only this user may enter, with a name that nobody can have taken before."""
    for place in _short_places():
        folder = Path(tempfile.mkdtemp(prefix=FOLDER, dir=place))
        if _fits(folder / "control.sock"):
            return folder
        folder.rmdir()
    raise OSError("its path is too long, and so are those of all temporary folders")


def _short_places() -> Iterator[str]:
    for place in (os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir(), "/tmp"):
        if os.path.isdir(place) and os.access(place, os.W_OK | os.X_OK):  # noqa: PTH112 - "" is no path
            yield place
