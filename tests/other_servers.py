"""Servers that are no gotwatch, each with one trait: they keep to the contract, or not quite."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, dict[str, str], object]  # status, headers, the JSON value; bytes are sent as they are


@dataclass
class OtherServer:
    url: str
    asked: list[dict[str, Any]] = field(default_factory=list)  # the requests' bodies
    most_at_once: int = 0
    inside: int = 0


@contextmanager
def other_server(reply: Callable[[OtherServer], Reply], *, seconds: float = 0.0) -> Iterator[OtherServer]:
    """Answers each request with *reply*, after so many *seconds*."""
    lock = threading.Lock()

    class Requests(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(200, {}, {"status": "ready"})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                server.asked.append(body)
                server.inside += 1
                server.most_at_once = max(server.most_at_once, server.inside)
            time.sleep(seconds)
            with lock:
                server.inside -= 1
            self._send(*reply(server))

        def _send(self, status: int, headers: dict[str, str], value: object) -> None:
            content = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(status)
            for name, text in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """In silence."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    server = OtherServer(f"http://127.0.0.1:{listener.server_port}")
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()


def the_text(_: OtherServer) -> Reply:
    """As a server that knows nothing but the contract."""
    return 200, {"Content-Type": "application/json"}, "Invoice 2031"


def failing(_: OtherServer) -> Reply:
    return 502, {}, b"<html>Bad gateway</html>"


def busy(_: OtherServer) -> Reply:
    return 503, {"Retry-After": "0.2"}, {"error": "ServerBusy", "message": "Too much to do", "hint": ""}


def busy_twice(server: OtherServer) -> Reply:
    return busy(server) if len(server.asked) <= 2 else the_text(server)
