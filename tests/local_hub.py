"""A model hub on this machine: what huggingface_hub asks of one, for one repo that is a folder."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

REVISION = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class LocalHub:
    """What it serves, how badly, and what it was asked."""

    folder: Path
    repo: str
    gated: bool = False
    break_after_bytes: int | None = None  # the connection is cut there while the weights are sent, once
    busy_answers: int = 0  # how often it is too busy to send the weights
    ignores_ranges: bool = False
    claimed_bytes: int | None = None  # of the weights, in the listing
    asked: list[str] = field(default_factory=list)  # "GET /path" or "GET /path bytes=100-"
    url: str = ""

    def downloads(self, name: str) -> list[str]:
        return [line for line in self.asked if line.startswith("GET") and name in line]


@contextmanager
def serve(hub: LocalHub) -> Iterator[LocalHub]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, name="local-hub", kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: LocalHub

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the tests' output clean."""

    def _answer(self, *, with_body: bool) -> None:
        requested = self.headers.get("Range", "")
        self.hub.asked.append(f"{self.command} {self.path} {requested}".strip())
        path = self.path.partition("?")[0]
        model, files = f"/api/models/{self.hub.repo}", f"/{self.hub.repo}/resolve/"
        if self.hub.gated:
            self._refuse(403, "GatedRepo")
        elif path.startswith(f"{model}/tree/"):
            self._json(self._tree())
        elif path == model or path.startswith(f"{model}/revision/"):
            self._json(self._model())
        elif path.startswith(files):
            self._file(path.removeprefix(files).partition("/")[2], requested, with_body=with_body)
        else:
            self._refuse(404, "RepoNotFound")

    def _refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _json(self, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _model(self) -> dict[str, Any]:
        siblings = [
            {"rfilename": entry["path"], "size": entry["size"], "blobId": entry["oid"], "lfs": entry.get("lfs")}
            for entry in self._tree()
        ]
        return {"id": self.hub.repo, "modelId": self.hub.repo, "sha": REVISION, "siblings": siblings}

    def _tree(self) -> list[dict[str, Any]]:
        return [self._entry(path) for path in sorted(self.hub.folder.rglob("*")) if path.is_file()]

    def _entry(self, path: Path) -> dict[str, Any]:
        content = path.read_bytes()
        entry: dict[str, Any] = {
            "type": "file",
            "path": path.relative_to(self.hub.folder).as_posix(),
            "size": len(content),
            "oid": hashlib.sha1(content).hexdigest(),
        }
        if path.suffix == ".safetensors":
            sha256 = hashlib.sha256(content).hexdigest()
            entry["size"] = self.hub.claimed_bytes or len(content)
            entry["lfs"] = {"size": len(content), "sha256": sha256, "oid": sha256, "pointerSize": 134}
        return entry

    def _file(self, name: str, requested: str, *, with_body: bool) -> None:
        path = self.hub.folder / name
        if not path.is_file():
            self._refuse(404, "EntryNotFound")
            return
        if path.suffix == ".safetensors" and self.hub.busy_answers:
            self.hub.busy_answers -= 1
            self._refuse(503, "")
            return
        content = path.read_bytes()
        start = 0 if self.hub.ignores_ranges else int(requested.removeprefix("bytes=").partition("-")[0] or 0)
        self.send_response(206 if start else 200)
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", REVISION)
        self.send_header("Content-Length", str(len(content) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if with_body:
            self._send(content[start:], is_weights=path.suffix == ".safetensors")

    def _send(self, body: bytes, *, is_weights: bool) -> None:
        limit = self.hub.break_after_bytes
        if is_weights and limit is not None:
            self.hub.break_after_bytes = None
            self.wfile.write(body[:limit])
            self.close_connection = True
        else:
            self.wfile.write(body)
