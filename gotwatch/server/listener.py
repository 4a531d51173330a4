"""The socket and the loop behind it. The only module that knows uvicorn, and how slow a connection may be."""

import asyncio
import logging
import socket
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from gotwatch.errors import UsageError
from gotwatch.server.answers import Problem, as_json

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 512  # each is an open file, of which a process may have some 1,000
_BACKLOG = 128
HEADER_SECONDS = 10.0  # for the head of a request to arrive
WRITE_SECONDS = 30.0  # for a caller to take what waits for it
_IDLE_SECONDS = 30  # of a connection between two requests
_END_SECONDS = 3  # for requests in work when all ends
_HEADERS = [("x-content-type-options", "nosniff"), ("cache-control", "no-store")]


class Listener:
    """open() first, then run() in a thread of its own until stop()."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._socket: socket.socket | None = None
        self._server: uvicorn.Server | None = None

    def open(self, app: ASGIApp) -> None:
        """Answer with *app* from run() on; until then callers wait.

        Raises UsageError where the address is taken, or none of this machine's.
        """
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # By its number, or asyncio does not take it for TCP, and each answer waits 40 ms for an acknowledgement.
        opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind((self._host, self._port))
            opened.listen(_BACKLOG)
        except OSError as error:
            opened.close()
            raise UsageError(
                f"gotwatch cannot listen at {self._host}, port {self._port}: {error.strerror or error}.",
                hint="Choose another port with --port, or in the config as server.port.",
            ) from error
        self._socket = opened
        self._server = uvicorn.Server(_config(app))

    @property
    def url(self) -> str:
        assert self._socket is not None
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def run(self) -> None:
        assert self._socket is not None
        assert self._server is not None
        _tell_our_log()
        self._server.run(sockets=[self._socket])  # which it closes at its end

    def stop(self) -> None:
        if self._server is not None:
            self._server.should_exit = True


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="asyncio",
        http=_Connection,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        headers=_HEADERS,
        backlog=_BACKLOG,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_END_SECONDS,
    )


class _Connection(H11Protocol):
    """uvicorn's, with an end to its patience."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_alarm: asyncio.TimerHandle | None = None
        self._write_alarm: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        _cancel(self._head_alarm)
        _cancel(self._write_alarm)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._await_head()  # or the end of a body that was refused
        elif self._head_alarm is not None:
            self._head_alarm.cancel()
            self._head_alarm = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._write_alarm = self.loop.call_later(WRITE_SECONDS, self._drop, "does not take its answer")

    def resume_writing(self) -> None:
        super().resume_writing()
        _cancel(self._write_alarm)

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        # closing waits until the caller has taken what was written, which it may never do
        self._write_alarm = self.loop.call_later(WRITE_SECONDS, self._drop, "does not take its answer")

    def send_400_response(self, msg: str) -> None:
        body = as_json(Problem(400, "Malformed", msg).record())
        headers = [("content-type", "application/json"), ("content-length", str(len(body))), ("connection", "close")]
        for event in (h11.Response(status_code=400, headers=headers), h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _await_head(self) -> None:
        if self._head_alarm is None:
            self._head_alarm = self.loop.call_later(HEADER_SECONDS, self._drop, "does not say what it wants")

    def _drop(self, why: str) -> None:
        log.debug("a connection that %s was cut", why)
        self.transport.abort()


def _cancel(alarm: asyncio.TimerHandle | None) -> None:
    if alarm is not None:
        alarm.cancel()


class _OurLog(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        log.handle(record)


def _tell_our_log() -> None:
    """What uvicorn has to say of its own accord; which requests there were is no news."""
    theirs = logging.getLogger("uvicorn")
    theirs.handlers[:] = [_OurLog()]
    theirs.setLevel(logging.WARNING)
    theirs.propagate = False
