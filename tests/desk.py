"""A person's desk: folders, a config, and gotwatch running beside them, seen only as a person sees it."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil
from PIL import Image

from gotwatch.cli.main import main
from tests.bad_files import text_page

REPOSITORY = Path(__file__).parents[1]
SHARED_MEMORY = Path("/dev/shm")  # on Linux
READY_SECONDS = 20.0
END_SECONDS = 10.0
ORPHAN_SECONDS = 5.0
OTHERS_SESSION = ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR")


class Desk:
    """Give it to the end of a with block, or close it: then nothing of it may be left running."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.inbox = root / "in"
        self.out = root / "out"
        self.config = root / "config.toml"
        self.state = root / "state"
        self.mark = root / "mark"  # a line for each page that an engine of tests.engines has read
        self.weights = root / "weights"  # what WaitingForWeightsEngine waits for
        self.stderr = root / "stderr"
        self.session: dict[str, str] = {}  # what the environment says of a desktop session; there is none
        self.program = ["-m", "gotwatch"]
        self.prefix: list[str] = []  # what starts Python
        self.daemon: subprocess.Popen[bytes] | None = None
        self._started: list[subprocess.Popen[bytes]] = []
        self._was_killed = False
        self.inbox.mkdir()

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def configure(
        self,
        engine: str = "EchoEngine",
        *,
        quiet: str = "0.2s",
        watch: str = "",
        engine_settings: str = "",
        limits: str = "",
        more: str = "",
    ) -> None:
        """*engine*: one of tests.engines, or module:Class."""
        path = engine if ":" in engine else f"tests.engines:{engine}"
        self.config.write_text(
            f'[[watch]]\nfolder = "in"\noutput = "out"\nquiet_seconds = "{quiet}"\n{watch}\n'
            f'[engine]\nname = "{path}"\n{engine_settings}\n[limits]\n{limits}\n{more}\n',
            "utf-8",
        )

    def run(self, engine: str = "EchoEngine", **settings: str) -> None:
        """Write the config and start the daemon with it; back when it answers."""
        self.configure(engine, **settings)
        self.start()

    def start(self) -> None:
        daemon = self.launch("run")
        self.daemon = daemon
        eventually(lambda: daemon.poll() is not None or self.status()["state"] != "not running", READY_SECONDS)
        assert daemon.poll() is None, self.stderr.read_text("utf-8")

    def launch(self, *arguments: str) -> subprocess.Popen[bytes]:
        """gotwatch in a session of its own, so that all that it starts can be found again."""
        with self.stderr.open("ab") as stderr:
            process = subprocess.Popen(
                self._command_line(*arguments),
                cwd=REPOSITORY,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def command(self, *arguments: str, timeout: float = 60.0) -> subprocess.CompletedProcess[str]:
        """A command in a process of its own, to its end."""
        return subprocess.run(
            self._command_line(*arguments),
            cwd=REPOSITORY,
            env=self.environment(),
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )

    def ask(self, *arguments: str) -> tuple[int, str]:
        """Exit code and output of a command, without the cost of a new process."""
        output = io.StringIO()
        with redirect_stdout(output), redirect_stderr(output):
            code = main(["--config", str(self.config), "--state-dir", str(self.state), *arguments])
        return code, output.getvalue()

    def status(self) -> dict[str, Any]:
        """What `gotwatch status --json` prints."""
        return dict(json.loads(self.ask("status", "--json")[1]))

    def why(self, path: Path) -> dict[str, Any]:
        """What `gotwatch why PATH --json` prints."""
        return dict(json.loads(self.ask("why", "--json", str(path))[1]))

    def wait_for(self, path: Path, state: str = "done", timeout_seconds: float = 30.0) -> dict[str, Any]:
        """Until *path* is in this state; what `why` says of it then."""
        try:
            eventually(lambda: self.why(path)["state"] == state, timeout_seconds)
        except AssertionError as error:
            raise AssertionError(f"never {state}: {self.why(path)}\n{self.status()}") from error
        return self.why(path)

    def wait_until_held(self) -> dict[str, Any]:
        """Until the queue is held; the status then."""
        status: dict[str, Any] = {}

        def is_held() -> bool:
            status.update(self.status())
            return bool(status["state"] == "held")

        eventually(is_held)
        return status

    def texts(self, name: str) -> list[str]:
        """The pages of the result `NAME.txt`, without what EchoEngine says of their look: "Page 1", "Page 2"."""
        pages = (self.out / f"{name}.txt").read_text("utf-8").split("\f")
        return [page.strip().split("\n")[0] for page in pages]

    def pages_read(self) -> list[str]:
        """A line for each page that the engine has read to its end: number and size."""
        return self.mark.read_text("utf-8").splitlines() if self.mark.exists() else []

    def page_in_work(self, path: Path) -> int:
        """The page that is being read of *path*; 0 while it is not its turn."""
        current = {Path(entry["path"]): entry["page"] for entry in self.status()["current"] if entry["pages"]}
        return int(current.get(path, 0))

    def engine(self) -> psutil.Process | None:
        """The engine process, if there is one."""
        pids = self.status()["engine"]["pids"]
        return psutil.Process(pids[0]) if pids else None

    def readers(self) -> list[psutil.Process]:
        """The reader processes: the daemon's other children that Python's multiprocessing started."""
        assert self.daemon is not None
        engines = self.status()["engine"]["pids"]
        children = [child for child in psutil.Process(self.daemon.pid).children() if child.pid not in engines]
        return [child for child in children if "spawn_main" in " ".join(child.cmdline())]

    def kill(self) -> None:
        """kill -9 of the daemon alone."""
        assert self.daemon is not None
        self.daemon.kill()
        self.daemon.wait()
        self._was_killed = True

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the daemon a signal; its exit code."""
        assert self.daemon is not None
        self.daemon.send_signal(number)
        return self.daemon.wait(END_SECONDS)

    def processes(self) -> list[psutil.Process]:
        """All that was started from this desk and still runs."""
        sessions = {process.pid for process in self._started}
        return [process for process in psutil.process_iter() if _session(process) in sessions]

    def blocks(self) -> list[str]:
        """The shared memory of what was started from this desk."""
        pids = [process.pid for process in self._started]
        return [block.name for pid in pids for block in SHARED_MEMORY.glob(f"gotwatch-{pid}-*")]

    def close(self) -> None:
        """End what runs, and see that nothing is left of it."""
        try:
            if self.daemon is not None and self.daemon.poll() is None:
                assert self.end() == 0, self.stderr.read_text("utf-8")
            eventually(lambda: not self.processes(), ORPHAN_SECONDS)
            eventually(lambda: not self.blocks(), ORPHAN_SECONDS)
        finally:
            for process in self.processes():
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            for started in self._started:
                started.wait()
        self._check_complaints()

    def _check_complaints(self) -> None:
        """No bug may have been met, and nothing of Python's own may reach the person but when it was killed."""
        if self._was_killed:
            return
        said = self.stderr.read_text("utf-8").splitlines() if self.stderr.exists() else []
        # why an engine cannot be loaded is logged with its traceback, as it may be another's library that is broken
        traces = [
            before for before, line in pairwise(said) if line.startswith("Traceback") and " engine " not in before
        ]
        assert not traces, "\n".join(said)
        assert not any("Exception ignored" in line or "Exception in thread" in line for line in said), "\n".join(said)

    def _command_line(self, *arguments: str) -> list[str]:
        options = ["--config", str(self.config), "--state-dir", str(self.state)]
        return [*self.prefix, sys.executable, *self.program, *options, *arguments]

    def environment(self) -> dict[str, str]:
        own = {"GOTWATCH_TEST_MARK": str(self.mark), "GOTWATCH_TEST_WEIGHTS": str(self.weights), "HOME": str(self.root)}
        ours = {name: value for name, value in os.environ.items() if name not in OTHERS_SESSION}
        return {**ours, **own, **self.session}


class Onlooker:
    """Reads every result as it appears, over and over, and remembers those that were not whole."""

    def __init__(self, folder: Path, is_right: Callable[[Path], bool] | None = None) -> None:
        self.torn: list[str] = []
        self.looks = 0
        self._folder = folder
        self._is_right = is_right or is_whole
        self._end = Event()
        self._thread = Thread(target=self._look, name="onlooker", daemon=True)

    @contextmanager
    def looking(self) -> Iterator["Onlooker"]:
        self._thread.start()
        try:
            yield self
        finally:
            self._end.set()
            self._thread.join()

    def _look(self) -> None:
        ending = False
        while not ending:
            ending = self._end.wait(0.01)  # and then one last look
            for path in self._folder.rglob("[!.]*.*"):
                with suppress(FileNotFoundError):
                    self.looks += 1
                    if not self._is_right(path):
                        self.torn.append(path.name)


def is_whole(path: Path) -> bool:
    """Whether the result *path* has its end."""
    content = path.read_bytes()
    if path.suffix == ".html":
        return content.endswith(b"</html>\n")
    if path.suffix == ".json":
        with suppress(ValueError):
            return bool(json.loads(content))
        return False
    return content.endswith(b"\n")


def eventually(condition: Callable[[], object], timeout_seconds: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)  # between two looks at the condition


def image(path: Path, text: str = "Invoice 4711", *, width: int = 300) -> Path:
    """A page with *text*, put at *path* in one step."""
    return _put(path, [text_page(text, size=(width, 160))])


def document(path: Path, pages: int, *, width: int = 300) -> Path:
    """A PDF of so many different pages, put at *path* in one step. By its *width* the engine's notes tell it apart."""
    return _put(path, [text_page(f"Page {number}", size=(width, 160)) for number in range(1, pages + 1)])


def _put(path: Path, pages: list[Image.Image]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / ".being-written.tmp"
    form = {".jpg": "JPEG", ".pdf": "PDF"}.get(path.suffix.lower(), "PNG")
    more = {"save_all": True, "append_images": pages[1:]} if form == "PDF" else {}
    pages[0].save(temporary, form, **more)
    return temporary.replace(path)


def _session(process: psutil.Process) -> int:
    try:
        return os.getsid(process.pid) if process.status() != psutil.STATUS_ZOMBIE else 0
    except (ProcessLookupError, psutil.NoSuchProcess):
        return 0
