"""A real browser, spoken to through its own pipe: what it makes of a page, and what it asks of the network."""

import json
import os
import shutil
import subprocess
import time
from base64 import b64decode
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from select import select
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
    "--mute-audio",
)
ANSWER_SECONDS = 120.0


def executable() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


@dataclass
class Seen:
    """What happened since a page was opened."""

    requests: list[str] = field(default_factory=list)  # addresses, but of what is in the page itself
    dialogs: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)  # on the console


class Browser:
    def __init__(self, orders: int, answers: int) -> None:
        self._orders = orders
        self._answers = answers
        self._rest = b""
        self._messages: deque[dict[str, Any]] = deque()
        self._number = 0
        self._session = ""
        self.seen = Seen()

    def begin(self) -> None:
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def open(self, path: Path, *, width: int = 1000, dark: bool = False) -> Seen:
        """Until it is loaded and has been drawn once."""
        self.seen = Seen()
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        self.ask("Page.navigate", url=path.as_uri())
        while not self.evaluate("document.readyState == 'complete'"):
            pass
        self.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        return self.seen

    def evaluate(self, script: str) -> Any:
        """What *script*, or the promise that it makes, comes to."""
        answer = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def download(self, selector: str, folder: Path) -> Path:
        """What a click on it saves in *folder*, which is empty."""
        self.ask("Page.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
        self.evaluate(f"document.querySelector({selector!r}).click()")
        deadline = time.monotonic() + ANSWER_SECONDS
        while not (saved := [path for path in folder.iterdir() if _is_whole(path)]):
            assert time.monotonic() < deadline, "nothing is saved"
            self.evaluate("0")
        return saved[0]

    def print(self) -> bytes:
        """As a PDF, on the paper that the page asks for."""
        return b64decode(self.ask("Page.printToPDF", preferCSSPageSize=True)["data"])

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = self._send(method, parameters)
        while (message := self._next()).get("id") != number:
            self._note(message)
        assert "error" not in message, message
        return dict(message["result"])

    def _send(self, method: str, parameters: dict[str, Any]) -> int:
        self._number += 1
        order = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            order["sessionId"] = self._session
        os.write(self._orders, json.dumps(order).encode() + b"\0")
        return self._number

    def _note(self, event: dict[str, Any]) -> None:
        parameters = event.get("params", {})
        match event.get("method"):
            case "Network.requestWillBeSent":
                address = parameters["request"]["url"]
                self.seen.requests += [] if address.startswith("data:") else [address]
            case "Page.javascriptDialogOpening":
                self.seen.dialogs.append(parameters["message"])
                self._send("Page.handleJavaScriptDialog", {"accept": True})  # nothing goes on before that
            case "Log.entryAdded":
                self.seen.complaints.append(parameters["entry"]["text"])

    def _next(self) -> dict[str, Any]:
        while not self._messages:
            ready, _, _ = select([self._answers], [], [], ANSWER_SECONDS)
            assert ready, "the browser does not answer"
            read = os.read(self._answers, 1 << 20)
            assert read, "the browser has ended"
            *whole, self._rest = (self._rest + read).split(b"\0")
            self._messages.extend(map(json.loads, whole))
        return self._messages.popleft()


@contextmanager
def running(profile: Path) -> Iterator[Browser]:
    """With a new *profile*, and no window."""
    name = executable()
    assert name is not None
    their_orders, our_orders = os.pipe()
    our_answers, their_answers = os.pipe()
    # The browser wants its pipe at 3 and 4.
    script = f'exec "$0" "$@" 3<&{their_orders} 4>&{their_answers}'
    command = ["bash", "-c", script, name, *OPTIONS, f"--user-data-dir={profile}"]
    pipes = (their_orders, their_answers)
    process = subprocess.Popen(command, pass_fds=pipes, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(their_orders)
    os.close(their_answers)
    browser = Browser(our_orders, our_answers)
    try:
        browser.begin()
        yield browser
    finally:
        process.kill()
        process.wait()
        os.close(our_orders)
        os.close(our_answers)


def _is_whole(path: Path) -> bool:
    """Chromium keeps the name with an empty file, and writes into others, some of them hidden, until it is done."""
    return path.suffix != ".crdownload" and not path.name.startswith(".") and path.stat().st_size > 0
