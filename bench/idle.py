"""What gotwatch costs while there is nothing to do: memory and CPU of a daemon over a large tree."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil

from bench import instant, program, sheets
from bench.program import Daemon, Installation
from bench.report import Goal, Report, Table
from tests import screens

FILES = 10_000
FOLDERS = 3
IDLE_SECONDS = 60.0
READ_SECONDS = 1800.0
LOOK_SECONDS = 1.0
STILL_SHARE = 0.02  # of a core: nothing is going on
RESCAN_SECONDS = 600.0  # the default of the setting
WANTED_MEGABYTES = 120
WANTED_CORE_SHARE = 0.005
FOREIGN = ("torch", "onnxruntime", "rapidocr", "cv2", "transformers", "pypdfium2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    reading_seconds: float  # for all files, by the log
    peak_megabytes: float  # meanwhile
    megabytes: float
    foreign: str  # libraries that it should not have
    rescan_seconds: float  # of CPU
    core_share: float
    tray: str  # what became of the icon


def measure(place: Path) -> Report:
    folders = [place / "in" / str(number) for number in range(FOLDERS)]
    begins = [number * FILES // FOLDERS for number in range(FOLDERS + 1)]
    for folder, (begin, end) in zip(folders, pairwise(begins), strict=True):
        sheets.tree_of_images(folder, end - begin, begin=begin)
    installation = program.install(place, *folders, engine=instant.PATH)
    with _session(place / "screen") as environment, program.running(installation, environment) as daemon:
        peak_megabytes = _wait_until_read(daemon)
        return _report(
            Idle(
                reading_seconds=_reading_seconds(installation),
                peak_megabytes=peak_megabytes,
                rescan_seconds=_rescan_seconds(daemon),
                core_share=_core_share(daemon, IDLE_SECONDS),
                megabytes=daemon.megabytes(),
                foreign=_foreign_libraries(daemon.process),
                tray=daemon.status()["tray"],
            )
        )


@contextmanager
def _session(place: Path) -> Iterator[dict[str, str]]:
    """The environment of a desktop with a panel, where what it takes is installed."""
    if screens.missing():
        yield {}
        return
    with screens.screen(place) as screen:
        wanted = ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS")
        yield {name: screen.environment[name] for name in wanted}


def _wait_until_read(daemon: Daemon) -> float:
    """The most memory that was seen meanwhile."""
    seen: list[float] = []

    def is_read(status: dict[str, Any]) -> bool:
        seen.append(daemon.megabytes())
        return bool(status["queue"]["done"] == FILES)

    daemon.wait_for(is_read, READ_SECONDS, look_seconds=LOOK_SECONDS)
    return max(seen)


def _reading_seconds(installation: Installation) -> float:
    lines = installation.log()
    return max(line.at for line in lines if ": done, " in line.message) - lines[0].at


def _core_share(daemon: Daemon, seconds: float) -> float:
    """Of one core, by all its processes; nobody asks it anything meanwhile."""
    before, began = daemon.cpu_seconds(), time.monotonic()
    while time.monotonic() < began + seconds:
        time.sleep(LOOK_SECONDS)
        daemon.cpu_seconds()  # of a process that has ended meanwhile nothing could be told
    return (daemon.cpu_seconds() - before) / (time.monotonic() - began)


def _rescan_seconds(daemon: Daemon) -> float:
    """CPU of one look through the whole tree."""
    _wait_until_still(daemon)
    before = daemon.cpu_seconds()
    daemon.rescan()
    _wait_until_still(daemon)
    return daemon.cpu_seconds() - before


def _wait_until_still(daemon: Daemon) -> None:
    while _core_share(daemon, LOOK_SECONDS) > STILL_SHARE:
        pass


def _report(idle: Idle) -> Report:
    rows = (
        ("memory of the main process while it watches", f"{idle.megabytes:.0f} MB"),
        ("its peak while it read all of them", f"{idle.peak_megabytes:.0f} MB"),
        (f"CPU while idle, over {IDLE_SECONDS:.0f} s, of one core", f"{idle.core_share:.2%}"),
        ("CPU of one look through the tree", f"{idle.rescan_seconds:.2f} s"),
        (f"that look every {RESCAN_SECONDS:.0f} s, of one core", f"{idle.rescan_seconds / RESCAN_SECONDS:.2%}"),
        (f"files/s while it read the {FILES:,}", f"{FILES / idle.reading_seconds:.0f}"),
        ("its icon in the tray", idle.tray),
    )
    return Report(
        title=f"idle: a daemon that has read {FILES:,} small files in {FOLDERS} folders and waits for more",
        goals=(
            Goal(
                "memory of the main process while it watches",
                f"<= {WANTED_MEGABYTES} MB",
                f"{idle.megabytes:.0f} MB",
                idle.megabytes <= WANTED_MEGABYTES,
            ),
            Goal("libraries of models and PDF in the main process", "none", idle.foreign or "none", not idle.foreign),
            Goal(
                f"CPU while idle over {FILES:,} files, of one core",
                f"<= {WANTED_CORE_SHARE:.1%}",
                f"{idle.core_share:.2%}",
                idle.core_share <= WANTED_CORE_SHARE,
            ),
        ),
        tables=(Table(("what", "measured"), rows),),
        notes=(
            "Memory is the resident set. CPU is of all processes together, those of the readers and of the engine too."
            " Where Xvfb, xfce4-panel and what else a screen takes are installed, the icon is shown in a real panel."
            f" The libraries are looked for among the files that the process has mapped: {', '.join(FOREIGN)}.",
        ),
    )


def _foreign_libraries(process: psutil.Process) -> str:
    mapped = {part for entry in process.memory_maps() for part in Path(entry.path).parts}
    return ", ".join(name for name in FOREIGN if name in mapped)
