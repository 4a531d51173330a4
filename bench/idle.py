"""What gotwatch costs while there is nothing to do: memory and CPU of a daemon over a large tree."""

import time
from pathlib import Path
from typing import Any

import psutil

from bench import instant, program, sheets
from bench.program import MEGABYTE, Daemon
from bench.report import Goal, Report, Table

FILES = 10_000
IDLE_SECONDS = 60.0
READ_SECONDS = 600.0
STILL_SECONDS = 1.0
RESCAN_SECONDS = 600.0  # the default of the setting
WANTED_MEGABYTES = 120
WANTED_CORE_SHARE = 0.005
FOREIGN = ("torch", "onnxruntime", "rapidocr", "cv2", "transformers", "pypdfium2")


def measure(place: Path) -> Report:
    folder = place / "in"
    sheets.tree_of_images(folder, FILES)
    run = program.once(program.install(place, folder, engine=instant.PATH))
    with program.running(program.install(place, folder, engine=instant.PATH)) as daemon:
        daemon.wait_for(lambda status: status["state"] == "idle" and _watches(status), READ_SECONDS)
        rescan = _rescan_seconds(daemon)
        idle = _cpu_share(daemon, IDLE_SECONDS)
        return _report(daemon, run, idle, rescan)


def _watches(status: dict[str, Any]) -> bool:
    return all(folder["state"] == "watching" for folder in status["folders"])


def _cpu_share(daemon: Daemon, seconds: float) -> float:
    """Of one core, by all its processes; nobody asks it anything meanwhile."""
    before, began = daemon.cpu_seconds(), time.monotonic()
    time.sleep(seconds)
    return (daemon.cpu_seconds() - before) / (time.monotonic() - began)


def _rescan_seconds(daemon: Daemon) -> float:
    """CPU of one look through the whole tree."""
    _wait_until_still(daemon)
    before = daemon.cpu_seconds()
    daemon.rescan()
    _wait_until_still(daemon)
    return daemon.cpu_seconds() - before


def _wait_until_still(daemon: Daemon) -> None:
    while _cpu_share(daemon, STILL_SECONDS) > WANTED_CORE_SHARE * 4:
        pass


def _report(daemon: Daemon, run: program.Run, idle: float, rescan: float) -> Report:
    megabytes = daemon.process.memory_info().rss / MEGABYTE
    foreign = _foreign_libraries(daemon.process)
    rows = (
        ("memory of the main process while it watches", f"{megabytes:.0f} MB"),
        ("its peak while it read all of them", f"{run.main_peak_megabytes:.0f} MB"),
        (f"CPU while idle, over {IDLE_SECONDS:.0f} s, of one core", f"{idle:.2%}"),
        ("CPU of one look through the tree", f"{rescan:.2f} s"),
        (f"that look every {RESCAN_SECONDS:.0f} s, of one core", f"{rescan / RESCAN_SECONDS:.2%}"),
        (f"{FILES:,} files read before, files/s", f"{FILES / run.seconds:.0f}"),
    )
    return Report(
        title=f"idle: a daemon over {FILES:,} files that are all done",
        goals=(
            Goal(
                "memory of the main process while it watches",
                f"<= {WANTED_MEGABYTES} MB",
                f"{megabytes:.0f} MB",
                megabytes <= WANTED_MEGABYTES,
            ),
            Goal("libraries of models and PDF in the main process", "none", foreign or "none", not foreign),
            Goal(
                f"CPU while idle over {FILES:,} files, of one core",
                f"<= {WANTED_CORE_SHARE:.1%}",
                f"{idle:.2%}",
                idle <= WANTED_CORE_SHARE,
            ),
        ),
        tables=(Table(("what", "measured"), rows),),
        notes=(
            "Memory is the resident set. CPU is of all processes together. The libraries are looked for among the files"
            f" that the process has mapped: {', '.join(FOREIGN)}.",
        ),
    )


def _foreign_libraries(process: psutil.Process) -> str:
    mapped = {part for entry in process.memory_maps() for part in Path(entry.path).parts}
    return ", ".join(name for name in FOREIGN if name in mapped)
