"""Checks everything a support person would ask for, each with its mend. Loads no model, starts nothing of gotwatch.

Of what it finds it mends only a start-up entry whose program is gone."""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path

import psutil

from gotwatch.config import load
from gotwatch.config.places import StateFolder
from gotwatch.config.settings import Config, Engine, Level, Server, Watch
from gotwatch.desk import check_formats, engine_options
from gotwatch.desktop import notify
from gotwatch.desktop.autostart import Autostart, State
from gotwatch.engine import abilities, choose
from gotwatch.errors import GotwatchError
from gotwatch.inbox import access, identity
from gotwatch.jobs import database
from gotwatch.server import callers
from gotwatch.version import VERSION
from gotwatch.words import marked

GIGABYTE = 1024**3
TOOL_SECONDS = 10.0
LITTLE_SPACE_BYTES = GIGABYTE
PACKAGES = ("torch", "transformers", "onnxruntime", "rapidocr", "pypdfium2", "pillow", "pi-heif", "watchdog")
NETWORK_VARIABLES = ("HF_ENDPOINT", "HF_HOME", "HF_HUB_OFFLINE", "CUDA_VISIBLE_DEVICES")
INOTIFY_LIMIT = Path("/proc/sys/fs/inotify/max_user_watches")


class Grade(StrEnum):
    GOOD = "good"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    grade: Grade
    subject: str
    message: str
    mend: str = ""

    def as_json(self) -> dict[str, str]:
        return {"grade": self.grade.value, "subject": self.subject, "message": self.message, "mend": self.mend}


def examine(config_path: Path, state: StateFolder, autostart: Autostart, *, is_running: bool) -> list[Finding]:
    findings = [_program(), _packages(), *_environment(), _daemon(is_running=is_running), _login(autostart)]
    findings += _state(state)
    try:
        config = load.load(config_path)
    except GotwatchError as error:
        return [*findings, Finding(Grade.WRONG, "config", error.message, error.hint), *_engine(Config())]
    findings.append(Finding(Grade.GOOD, "config", str(config_path)))
    findings.append(_notifications(config.notifications.level))
    for watch in config.watch:
        findings += [*_folder(watch), *_output(watch), *_formats(watch)]
    if config.server.enabled:
        findings.append(_server(config.server))
    return [*findings, *_engine(config)]


def _program() -> Finding:
    return Finding(Grade.GOOD, "gotwatch", f"{VERSION}, Python {platform.python_version()}, {platform.platform()}")


def _packages() -> Finding:
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding(Grade.WRONG, "packages", f"missing: {', '.join(missing)}", "Install gotwatch again.")
    return Finding(Grade.GOOD, "packages", ", ".join(found))


def _environment() -> Iterator[Finding]:
    for name in NETWORK_VARIABLES:
        if value := os.environ.get(name):
            yield Finding(Grade.NOTE, "environment", f"{name}={value}")


def _daemon(*, is_running: bool) -> Finding:
    if is_running:
        return Finding(Grade.GOOD, "daemon", "running")
    return Finding(Grade.NOTE, "daemon", "not running", "Start it with: gotwatch run")


def _login(autostart: Autostart) -> Finding:
    """An entry that points to nothing is mended here and now: it was wanted, and can start nothing as it is."""
    try:
        before = autostart.status()
        after = autostart.mend() if before.state is State.BROKEN else before
    except GotwatchError as error:
        return Finding(Grade.WRONG, "start at login", error.message, error.hint)
    if after.state is State.BROKEN:
        return Finding(Grade.WRONG, "start at login", after.message, after.hint)
    if before.state is State.BROKEN:
        return Finding(Grade.NOTE, "start at login", f"{before.message} Mended: it starts {after.command[0]} now.")
    return Finding(Grade.GOOD if after.is_on else Grade.NOTE, "start at login", after.message, after.hint)


def _notifications(level: Level) -> Finding:
    if level is Level.NONE:
        return Finding(Grade.GOOD, "notifications", "none are wanted")
    if why_not := notify.why_not(notify.display(notify.open_nothing)):
        return Finding(Grade.NOTE, "notifications", f"cannot be shown here: {why_not}")
    return Finding(Grade.GOOD, "notifications", f"of the level {level}")


def _state(state: StateFolder) -> Iterator[Finding]:
    folder = _nearest_existing(state.path)
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        yield Finding(Grade.WRONG, "state", f"{folder} cannot be written into", "Choose another with --state-dir.")
        return
    yield _space("state", state.path, folder)
    if state.queue.exists():
        damage = database.damage_of(state.queue)
        mend = "The next start sets it aside and looks through the folders again." if damage else ""
        yield Finding(Grade.WRONG if damage else Grade.GOOD, "queue", damage or "sound", mend)


def _space(subject: str, named: Path, existing: Path) -> Finding:
    free_bytes = shutil.disk_usage(existing).free
    message = f"{named}, {free_bytes / GIGABYTE:.1f} GiB free"
    if free_bytes < LITTLE_SPACE_BYTES:
        return Finding(Grade.WRONG, subject, message, "Free some disk space.")
    return Finding(Grade.GOOD, subject, message)


def _folder(watch: Watch) -> Iterator[Finding]:
    subject = f"folder {watch.folder}"
    if not os.path.isdir(watch.folder):  # noqa: PTH112 - Path's may raise
        yield Finding(Grade.WRONG, subject, "does not exist", "Create it, attach its disk, or correct the config.")
        return
    try:
        access.check(watch.folder)
    except OSError as error:
        yield Finding(Grade.WRONG, subject, "cannot be read", _reading_mend(error))
        return
    mount = identity.mount_of(watch.folder)
    how = (
        "by events"
        if identity.events_arrive(mount)
        else f"by polling, as a {mount.kind} volume does not tell of changes"
    )
    yield Finding(Grade.GOOD, subject, how)
    yield from _watch_limit(watch.folder)


def _reading_mend(error: OSError) -> str:
    if isinstance(error, PermissionError) and access.is_by_privacy(error):
        return access.why_closed(error) + "."
    return marked(f"Give your user the right to read it ({error.strerror}).")


def _watch_limit(folder: Path) -> Iterator[Finding]:
    """On Linux each subfolder takes one watch of a limited number."""
    if not INOTIFY_LIMIT.exists():
        return
    limit = int(INOTIFY_LIMIT.read_text("ascii"))
    folders = sum(1 for _ in os.walk(folder))
    if folders > limit // 2:
        yield Finding(
            Grade.WRONG,
            f"folder {folder}",
            f"has {folders} subfolders, and the system allows {limit} watches in all",
            "sudo sysctl fs.inotify.max_user_watches=524288",
        )


def _output(watch: Watch) -> Iterator[Finding]:
    subject = f"output {watch.output}"
    existing = _nearest_existing(watch.output)
    if not existing.is_dir():
        yield Finding(Grade.WRONG, subject, f"{existing} is no folder", "Correct the config.")
    elif not os.access(existing, os.W_OK | os.X_OK):
        yield Finding(Grade.WRONG, subject, "cannot be written", "Give your user the right to write it.")
    else:
        yield _space(subject, watch.output, existing)


def _formats(watch: Watch) -> Iterator[Finding]:
    try:
        check_formats(watch)
    except GotwatchError as error:
        yield Finding(Grade.WRONG, f"formats of {watch.folder}", error.message, error.hint)


def _nearest_existing(path: Path) -> Path:
    """*path*, or the first of its parents that is there for us to see."""
    return next(place for place in (path, *path.parents) if os.path.exists(place))  # noqa: PTH110 - Path's may raise


def _engine(config: Config) -> Iterator[Finding]:
    options = engine_options(config)
    gpu = choose.find_gpu()
    yield Finding(Grade.GOOD if gpu else Grade.NOTE, "GPU", gpu or "none that the installed PyTorch can use")
    local = choose.checkpoint_is_local(options.checkpoint)
    try:
        choice = choose.choose(config.engine.name, options, gpu=gpu, local_checkpoint=local)
    except GotwatchError as error:
        yield Finding(Grade.WRONG, "engine", error.message, error.hint)
        return
    yield Finding(Grade.GOOD, "engine", f"{choice.spec.name}. {choice.why}")
    yield _device(config.engine)
    yield from _memory()
    yield from _wishes(config, choice.spec.name)
    if choice.spec.name.startswith("got") and not local:
        yield Finding(Grade.NOTE, "checkpoint", "not here yet; it is downloaded at first use (1.1 GB)")


def _device(engine: Engine) -> Finding:
    share = marked(f"at most {engine.memory_share:.0%} of its free memory")
    return Finding(Grade.GOOD, "device", f"{', '.join(engine.device)}; precision {engine.precision}; {share}")


def _server(server: Server) -> Finding:
    try:
        who = callers.callers(server.host, server.token_file, server.hosts)
    except GotwatchError as error:
        return Finding(Grade.WRONG, "server", error.message, error.hint)
    secret = "with a token" if who.token else "without a token"
    return Finding(Grade.GOOD, "server", f"POST /ocr at {server.host}, port {server.port}, {secret}")


def _memory() -> Iterator[Finding]:
    memory = psutil.virtual_memory()
    total, free = memory.total / GIGABYTE, memory.available / GIGABYTE
    yield Finding(Grade.GOOD, "memory", f"{total:.1f} GiB, {free:.1f} GiB free")
    for line in _nvidia_memory():
        yield Finding(Grade.GOOD, "GPU memory", line)


def _nvidia_memory() -> list[str]:
    """Name, all and free memory of each NVIDIA GPU, from the tool that comes with its driver."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    command = [tool, "--query-gpu=name,memory.total,memory.free", "--format=csv,noheader"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=TOOL_SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []  # where the driver is broken, PyTorch says so better
    return [f"{line.strip()} free" for line in told.splitlines() if line.strip()]


def _wishes(config: Config, engine: str) -> Iterator[Finding]:
    for watch in config.watch:
        try:
            abilities.check_prompt(engine, watch.prompt)
        except GotwatchError as error:
            yield Finding(Grade.WRONG, f"folder {watch.folder}", error.message, error.hint)
