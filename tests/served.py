"""A server that really listens, in this process, and callers of it."""

import base64
import json
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
from PIL import Image

from gotwatch.config.settings import Config, Engine, Limits, Server
from gotwatch.desk import Desk
from gotwatch.server.http_server import HttpServer
from gotwatch.threads import Threads
from tests.bad_files import text_page

RECORD = "application/vnd.gotwatch+json"
STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Served:
    url: str
    desk: Desk
    results: Path
    http: httpx2.Client  # one for all calls: to make one takes longer than a call

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def post(self, body: dict[str, Any], **headers: str) -> httpx2.Response:
        return self.http.post(f"{self.url}/ocr", json=body, headers=headers)

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self.http.get(f"{self.url}{path}", headers=headers)

    def record(self, body: dict[str, Any]) -> dict[str, Any]:
        """All that is known of the answer."""
        answer = self.post(body, Accept=RECORD)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == RECORD
        return dict(answer.json())

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def metric(self, name: str) -> float:
        lines = [line for line in self.get("/metrics").text.splitlines() if line.startswith(f"{name} ")]
        return float(lines[0].split()[1])


@contextmanager
def serving(
    root: Path, engine: str = "EchoEngine", *, config: Config | None = None, **settings: Any
) -> Iterator[Served]:
    """*engine*: one of tests.engines, unless a *config* says it all."""
    config = config or Config(engine=Engine(name=f"tests.engines:{engine}"), limits=Limits(readers=1))
    threads = Threads(lambda: None)
    desk = Desk(config, threads, on_change=lambda: None)
    server = HttpServer(Server(port=0, **settings), desk, results=root / "results")
    server.start(threads)
    desk.start()
    try:
        with httpx2.Client(timeout=60, trust_env=False) as http:
            yield Served(server.url, desk, root / "results", http)
    finally:
        server.stop()
        desk.stop()
        assert threads.join(STOP_SECONDS) == []
        server.close()
        assert threads.deaths() == {}


def png(text: str = "Invoice 4711", *, width: int = 300) -> bytes:
    return _saved(text_page(text, size=(width, 160)), "PNG")


def pdf(pages: int) -> bytes:
    first, *more = [text_page(f"Page {number}", size=(300, 160)) for number in range(1, pages + 1)]
    return _saved(first, "PDF", save_all=True, append_images=more)


def in_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _saved(image: Image.Image, form: str, **options: Any) -> bytes:
    stream = BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def request_bytes(served: Served, body: dict[str, Any], *, head: str = "") -> bytes:
    content = json.dumps(body).encode()
    lines = [
        *("POST /ocr HTTP/1.1", f"Host: {served.host}", "Content-Type: application/json"),
        f"Content-Length: {len(content)}",
        *head.splitlines(),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + content


def answer_to(served: Served, sent: bytes) -> bytes:
    """All that comes back on a connection of its own, until the server closes it or nothing comes for a while."""
    received = b""
    with closing(served.connect()) as connection:
        connection.sendall(sent)
        connection.settimeout(2)
        with suppress(TimeoutError, ConnectionError):
            while more := connection.recv(65536):
                received += more
    return received


def upload_folders() -> list[Path]:
    """Of what the servers in this process were sent."""
    return list(Path(tempfile.gettempdir()).glob(f"gotwatch-uploads-{os.getpid()}-*"))
