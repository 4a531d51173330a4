"""The door for commands to a running gotwatch: JSON lines over a local socket that only its user can open."""

import json
import logging
import os
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

from gotwatch.app import App
from gotwatch.config import settings
from gotwatch.config.places import StateFolder
from gotwatch.documents import PageText
from gotwatch.errors import GotwatchError, StoreUnusable, UsageError
from gotwatch.orders import Reason
from gotwatch.processes import Refused, refusal, revive

log = logging.getLogger(__name__)

LONGEST_LINE_BYTES = 64 * 1024
REQUEST_SECONDS = 10.0
BACKLOG = 128
HAS_SOCKETS = hasattr(socket, "AF_UNIX")  # most Pythons for Windows lack it

Request = dict[str, Any]
Reply = dict[str, Any]
Send = Callable[[Reply], None]


class _HungUp(Exception):
    """Whoever asked is gone."""


class ControlServer:
    """Answers until stop(). One request a connection: {"verb": ...}; its last line has "ok"."""

    def __init__(self, app: App, state: StateFolder, quit_program: Callable[[], None]) -> None:
        self._state_folder = state.path
        self._path = state.socket
        verbs = _Verbs(app, quit_program)
        self._verbs: dict[str, Callable[[Request, Send], Reply]] = {name: getattr(verbs, name) for name in VERBS}
        self._socket: socket.socket | None = None
        self._ending = False

    def start(self) -> None:
        """Only under the state folder's lock: then a socket that is still there is nobody's. Raises StoreUnusable."""
        if not HAS_SOCKETS:
            log.warning("this system has no local sockets: commands cannot reach this gotwatch")
            return
        try:
            self._socket = _listen(self._path)
        except OSError as exc:
            raise StoreUnusable(
                f"The socket for commands cannot be made at {self._path}: {exc.strerror or exc}.",
                hint="Choose another folder with --state-dir.",
            ) from exc

    def run(self) -> None:
        while self._socket is not None:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return  # stop() closed it
            Thread(target=self._serve, args=(connection,), name="command", daemon=True).start()

    def stop(self) -> None:
        self._ending = True
        if self._socket is not None:
            with suppress(OSError):  # close() alone does not wake accept() on Linux; elsewhere this is an error
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._path.unlink(missing_ok=True)
            if self._path.parent != self._state_folder:
                with suppress(OSError):
                    self._path.parent.rmdir()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(REQUEST_SECONDS)
            try:
                if _is_own_user(connection) and (reply := self._answer(connection)):
                    _send(connection, reply)
            except _HungUp:
                log.debug("a command broke off")

    def _answer(self, connection: socket.socket) -> Reply | None:
        try:
            request = _request(connection)
            return {"ok": True, **self._verb(request)(request, partial(_send, connection))}
        except _HungUp:
            raise
        except Exception as error:
            if self._ending:
                return None  # half of what it needed is closed by now; no answer means that gotwatch is not running
            refused = refusal(error)
            if not refused.error:
                log.exception("a command met a bug")
            return {"ok": False, "error": refused.error, "message": refused.message, "hint": refused.hint}

    def _verb(self, request: Request) -> Callable[[Request, Send], Reply]:
        verb = request.get("verb")
        if not isinstance(verb, str) or verb not in self._verbs:
            raise UsageError("The running gotwatch does not know that command", hint="Restart it, if it was updated.")
        return self._verbs[verb]


def call(state: StateFolder, request: Request, on_progress: Callable[[Reply], None] = lambda _: None) -> Reply | None:
    """Send *request* to the gotwatch that runs with *state*; None if none does, or if it ended while it answered.

    Raises the error that it answers, and UsageError where it is another user's.
    """
    if not HAS_SOCKETS:
        return None
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.connect(str(state.socket))
            connection.sendall(_line(request))
            return _last(_replies(connection), on_progress)
    except PermissionError as exc:
        raise UsageError(
            f"The gotwatch with its state in {state.path} belongs to another user.",
            hint="Choose your own with --state-dir.",
        ) from exc
    except OSError:
        return None


def _last(replies: Iterator[Reply], on_progress: Callable[[Reply], None]) -> Reply | None:
    for reply in replies:
        if "ok" not in reply:
            on_progress(reply)
        elif reply["ok"]:
            return reply
        elif reply["error"]:
            raise revive(Refused(reply["error"], reply["message"], reply["hint"], ""))
        else:
            raise GotwatchError("The running gotwatch met a bug.", hint="Please report it with: gotwatch log")
    return None


def _replies(connection: socket.socket) -> Iterator[Reply]:
    with connection.makefile("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):  # else it ended in the middle
                yield json.loads(line)


def _line(message: Reply) -> bytes:
    return json.dumps(message).encode("ascii") + b"\n"


def _listen(path: Path) -> socket.socket:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.parent.chmod(0o700)  # fails where another user made it, to hear what we are told
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    path.chmod(0o600)
    listener.listen(BACKLOG)
    return listener


def _is_own_user(connection: socket.socket) -> bool:
    if not hasattr(socket, "SO_PEERCRED"):
        return True  # the folder's mode keeps others out
    _, user, _ = struct.unpack(
        "3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    )
    return bool(user in (os.getuid(), 0))


def _send(connection: socket.socket, reply: Reply) -> None:
    try:
        connection.sendall(_line(reply))
    except OSError as exc:
        raise _HungUp from exc


def _request(connection: socket.socket) -> Request:
    try:
        with connection.makefile("rb") as lines:
            line = lines.readline(LONGEST_LINE_BYTES)
    except OSError as exc:
        raise _HungUp from exc
    if not line.endswith(b"\n"):
        raise _malformed("a line")
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise _malformed("JSON") from exc
    if not isinstance(request, dict):
        raise _malformed("an object")
    return request


def _path(value: object) -> Path:
    if not isinstance(value, str) or "\0" in value or not Path(value).is_absolute():
        raise _malformed("an absolute path")
    return Path(value)


def _paths(value: object) -> list[Path]:
    if not isinstance(value, list):
        raise _malformed("a list of paths")
    return [_path(entry) for entry in value]


def _moment(value: object) -> datetime | None:
    """When a pause ends; None: not by itself."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as exc:
        raise _malformed("a time") from exc
    if moment.tzinfo is None:
        raise _malformed("a time with its zone")
    return moment


def _malformed(missing: str) -> UsageError:
    return UsageError(f"The command is not as gotwatch writes it: {missing} is missing")


class _Verbs:
    """What may be asked for, by name. *send* takes lines on the way to the answer."""

    def __init__(self, app: App, quit_program: Callable[[], None]) -> None:
        self._app = app
        self._quit_program = quit_program

    def status(self, request: Request, send: Send) -> Reply:
        return {"status": self._app.status()}

    def pause(self, request: Request, send: Send) -> Reply:
        self._app.pause(_moment(request.get("until")))
        return {}

    def resume(self, request: Request, send: Send) -> Reply:
        self._app.resume()
        return {}

    def rescan(self, request: Request, send: Send) -> Reply:
        self._app.rescan()
        return {}

    def retry(self, request: Request, send: Send) -> Reply:
        return {"count": self._app.retry(_paths(request.get("paths")))}

    def reprocess(self, request: Request, send: Send) -> Reply:
        self._app.reprocess(_path(request.get("path")))
        return {}

    def forget(self, request: Request, send: Send) -> Reply:
        self._app.orders.forget(_path(request.get("path")))
        return {}

    def why(self, request: Request, send: Send) -> Reply:
        return reason_record(self._app.orders.why(_path(request.get("path"))))

    def read(self, request: Request, send: Send) -> Reply:
        def on_page(done: int, pages: int) -> None:
            send({"done": done, "pages": pages})

        path, asked = _path(request.get("path")), settings.asked_by_command(request.get("asked"))
        texts = self._app.read_file(path, asked.prompt, on_page)
        return {"texts": [page_record(page) for page in texts], "engine": self._app.status()["engine"]["name"]}

    def stop(self, request: Request, send: Send) -> Reply:
        self._quit_program()
        return {}


VERBS = ("status", "pause", "resume", "rescan", "retry", "reprocess", "forget", "why", "read", "stop")


def reason_record(reason: Reason) -> Reply:
    """What `why --json` prints."""
    outputs = [str(path) for path in reason.outputs]
    return {"path": str(reason.path), "state": reason.state, "why": reason.why, "outputs": outputs}


def page_record(page: PageText) -> Reply:
    """A page as `read --json` prints it, or several that were read in one go."""
    return {
        "page": page.number,
        "pages": page.count,
        "text": page.markup,
        "tokens": list(page.ids),  # none where the engine does not tell
        "token_count": page.tokens,
        "logprobs": list(page.log_probs),  # of each token, and of the stop behind them
        "confidence": page.confidence,
        "least_confidence": page.least_confidence,
        "finish": page.finish.value,
        "seconds": round(page.seconds, 3),
        "checkpoint": page.checkpoint,
    }
