"""The door for commands to a running gotwatch: JSON lines over a local socket that only its user can open."""

import json
import logging
import os
import socket
import struct
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any

from gotwatch.app import App
from gotwatch.config.places import StateFolder
from gotwatch.documents import Mode, PageText, Prompt
from gotwatch.errors import UsageError
from gotwatch.orders import Reason
from gotwatch.processes import Refused, refusal, revive

log = logging.getLogger(__name__)

LONGEST_LINE_BYTES = 64 * 1024
REQUEST_SECONDS = 10.0
BACKLOG = 16
HAS_SOCKETS = hasattr(socket, "AF_UNIX")  # most Pythons for Windows lack it

Request = dict[str, Any]
Reply = dict[str, Any]
Send = Callable[[Reply], None]


class ControlServer:
    """Answers until stop(). One request a connection: {"verb": ...}; its last line has "ok"."""

    def __init__(self, app: App, state: StateFolder, quit_program: Callable[[], None]) -> None:
        self._path = state.socket
        verbs = _Verbs(app, quit_program)
        self._verbs: dict[str, Callable[[Request, Send], Reply]] = {name: getattr(verbs, name) for name in VERBS}
        self._socket: socket.socket | None = None

    def start(self) -> None:
        """Only under the state folder's lock: then a socket that is still there is nobody's."""
        if not HAS_SOCKETS:
            log.warning("this system has no local sockets: commands cannot reach this gotwatch")
            return
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path.parent.chmod(0o700)
        self._path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(self._path))
        self._path.chmod(0o600)
        listener.listen(BACKLOG)
        self._socket = listener

    def run(self) -> None:
        while self._socket is not None:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return  # stop() closed it
            Thread(target=self._serve, args=(connection,), name="command", daemon=True).start()

    def stop(self) -> None:
        if self._socket is not None:
            # close() alone does not wake accept() on Linux
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                log.debug("the control socket was not connected")
            self._socket.close()
            self._path.unlink(missing_ok=True)

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(REQUEST_SECONDS)
            if not _is_own_user(connection):
                return
            try:
                self._answer(connection)
            except (OSError, UnicodeError, json.JSONDecodeError):
                log.debug("a command broke off")

    def _answer(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            line = lines.readline(LONGEST_LINE_BYTES)
        request = json.loads(line)

        def send(reply: Reply) -> None:
            connection.sendall(_line(reply))

        try:
            if not isinstance(request, dict) or request.get("verb") not in self._verbs:
                raise UsageError("This gotwatch does not know that command", hint="Restart it, if it was updated.")
            reply = {"ok": True, **self._verbs[request["verb"]](request, send)}
        except Exception as error:
            refused = refusal(error)
            if not refused.error:
                log.exception("the command %s met a bug", request)
            reply = {"ok": False, "error": refused.error, "message": refused.message, "hint": refused.hint}
        send(reply)


def call(state: StateFolder, request: Request, on_progress: Callable[[Reply], None] = lambda _: None) -> Reply | None:
    """Send *request* to the gotwatch that runs with *state*; None if none does. Raises the error it answers."""
    if not HAS_SOCKETS:
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(str(state.socket))
        except OSError:
            return None
        connection.sendall(_line(request))
        for reply in _replies(connection):
            if reply.get("ok"):
                return reply
            if "ok" in reply:
                raise revive(Refused(reply["error"], reply["message"], reply["hint"], reply["message"]))
            on_progress(reply)
    return None  # it ended while it answered


def _replies(connection: socket.socket) -> Iterator[Reply]:
    with connection.makefile("rb") as lines:
        try:
            for line in lines:
                yield json.loads(line)
        except OSError:
            return


def _line(message: Reply) -> bytes:
    return json.dumps(message).encode("ascii") + b"\n"


def _is_own_user(connection: socket.socket) -> bool:
    if not hasattr(socket, "SO_PEERCRED"):
        return True  # the folder's mode keeps others out
    _, user, _ = struct.unpack(
        "3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    )
    return bool(user in (os.getuid(), 0))


class _Verbs:
    """What may be asked for, by name. *send* takes lines on the way to the answer."""

    def __init__(self, app: App, quit_program: Callable[[], None]) -> None:
        self._app = app
        self._quit_program = quit_program

    def status(self, request: Request, send: Send) -> Reply:
        return {"status": self._app.status()}

    def pause(self, request: Request, send: Send) -> Reply:
        self._app.pause(datetime.fromisoformat(request["until"]) if request["until"] else None)
        return {}

    def resume(self, request: Request, send: Send) -> Reply:
        self._app.resume()
        return {}

    def rescan(self, request: Request, send: Send) -> Reply:
        self._app.rescan()
        return {}

    def retry(self, request: Request, send: Send) -> Reply:
        return {"count": self._app.retry([Path(path) for path in request["paths"]])}

    def reprocess(self, request: Request, send: Send) -> Reply:
        self._app.reprocess(Path(request["path"]))
        return {}

    def forget(self, request: Request, send: Send) -> Reply:
        self._app.orders.forget(Path(request["path"]))
        return {}

    def why(self, request: Request, send: Send) -> Reply:
        return reason_record(self._app.orders.why(Path(request["path"])))

    def read(self, request: Request, send: Send) -> Reply:
        def on_page(done: int, pages: int) -> None:
            send({"done": done, "pages": pages})

        pages = self._app.read_file(Path(request["path"]), Prompt(Mode(request["mode"])), on_page)
        return {"texts": [page_record(page) for page in pages], "engine": self._app.status()["engine"]}

    def stop(self, request: Request, send: Send) -> Reply:
        self._quit_program()
        return {}


VERBS = ("status", "pause", "resume", "rescan", "retry", "reprocess", "forget", "why", "read", "stop")


def reason_record(reason: Reason) -> Reply:
    """What `why --json` prints."""
    outputs = [str(path) for path in reason.outputs]
    return {"path": str(reason.path), "state": reason.state, "why": reason.why, "outputs": outputs}


def page_record(page: PageText) -> Reply:
    """A page as `read --json` prints it."""
    return {
        "number": page.number,
        "text": page.markup,
        "tokens": page.tokens,
        "seconds": round(page.seconds, 3),
        "confidence": page.confidence,
        "finish": page.finish.value,
        "checkpoint": page.checkpoint,
    }
