"""The door on Windows: a named pipe, and a key in the state folder that proves on both sides whose program it is.

By multiprocessing.connection, of which only bytes are taken: what would unpickle is never called.
"""

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from multiprocessing.connection import Client, Connection, Listener

from gotwatch.config.places import StateFolder
from gotwatch.doors.line import LONGEST_REQUEST_BYTES, REQUEST_SECONDS, HungUp, Silent
from gotwatch.doors.porter import another_users, next_caller
from gotwatch.errors import StoreUnusable

KEY_BYTES = 32
_CALLER, _CALLED = b"caller", b"called"


class PipeDoor:
    def __init__(self, state: StateFolder, address: str) -> None:
        """*address*: of a named pipe; elsewhere than on Windows the path of a socket does as well."""
        self._state = state
        self._address = address
        self._listener: Listener | None = None
        self._key = b""
        self._closing = False

    def open(self) -> None:
        try:
            self._state.create()
            self._key = _new_key(self._state)
            self._listener = Listener(self._address, backlog=128)
        except OSError as exc:
            raise StoreUnusable(
                f"The pipe for commands {self._address} cannot be made: {exc.strerror or exc}.",
                hint="Choose another folder with --state-dir.",
            ) from exc

    def accept(self) -> "PipeLine | None":
        listener = self._listener
        if listener is None:
            return None
        connection = next_caller(listener.accept, lambda: self._closing)
        return PipeLine(connection, self._key) if connection else None

    def close(self) -> None:
        self._closing = True
        if self._listener is None:
            return
        with suppress(OSError):
            Client(self._address).close()  # what waits in accept() is not woken by a close()
        with suppress(OSError):
            self._listener.close()
        self._state.key.unlink(missing_ok=True)

    def call(self) -> "PipeLine | None":
        try:
            key = self._state.key.read_bytes()
            line = PipeLine(Client(self._address), key)
        except PermissionError as exc:
            raise another_users(self._state) from exc
        except OSError:
            return None
        try:
            line.introduce()
        except HungUp:
            line.close()
            return None
        return line


class PipeLine:
    def __init__(self, connection: Connection, key: bytes) -> None:
        self._connection = connection
        self._key = key

    def admit(self) -> None:
        """Each side proves that it knows the key, which itself is never sent."""
        question = secrets.token_bytes(KEY_BYTES)
        self.send(question)
        answer = self._receive_in_time(2 * KEY_BYTES)
        proof, counter_question = answer[:KEY_BYTES], answer[KEY_BYTES:]
        if not hmac.compare_digest(proof, self._proof(_CALLER, question)) or len(counter_question) != KEY_BYTES:
            raise HungUp
        self.send(self._proof(_CALLED, counter_question))

    def introduce(self) -> None:
        """The other side of admit(). Raises HungUp where the called one does not know the key either."""
        question = self._receive_in_time(KEY_BYTES)
        counter_question = secrets.token_bytes(KEY_BYTES)
        self.send(self._proof(_CALLER, question) + counter_question)
        if not hmac.compare_digest(self._receive_in_time(KEY_BYTES), self._proof(_CALLED, counter_question)):
            raise HungUp

    def receive_request(self) -> bytes | None:
        return self._receive_in_time(LONGEST_REQUEST_BYTES)

    def receive(self, within_seconds: float | None) -> bytes | None:
        try:
            if not self._connection.poll(within_seconds):
                raise Silent
            return self._connection.recv_bytes()
        except EOFError:
            return None
        except OSError as exc:
            raise HungUp from exc

    def send(self, message: bytes) -> None:
        try:
            self._connection.send_bytes(message)
        except OSError as exc:
            raise HungUp from exc

    def close(self) -> None:
        self._connection.close()

    def _receive_in_time(self, most_bytes: int) -> bytes:
        try:
            if self._connection.poll(REQUEST_SECONDS):
                return self._connection.recv_bytes(most_bytes)
        except (EOFError, OSError) as exc:  # an OSError is a longer message too
            raise HungUp from exc
        raise HungUp

    def _proof(self, role: bytes, question: bytes) -> bytes:
        """Of another kind for each side, so that none can answer a question by asking it back."""
        return hmac.digest(self._key, role + question, "sha256")


def address_for(state: StateFolder) -> str:
    """A name of its own for each state folder."""
    mark = hashlib.sha256(os.fsencode(state.path)).hexdigest()[:24]
    return rf"\\.\pipe\gotwatch-{mark}"


def _new_key(state: StateFolder) -> bytes:
    """Another one for each run. On Windows the rights of the user's own folder keep it."""
    key = secrets.token_bytes(KEY_BYTES)
    state.key.unlink(missing_ok=True)
    file = os.open(state.key, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        os.write(file, key)
    finally:
        os.close(file)
    return key
