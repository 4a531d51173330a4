"""What the tray shows of gotwatch's status, as records."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

RESULTS = 5
FAILURES = 10


class Activity(StrEnum):
    IDLE = "idle"
    WORKING = "working"
    PAUSED = "paused"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class InWork:
    """A document that is being read."""

    path: Path
    page: int  # from 1
    pages: int  # 0 until it is known
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path
    output: Path
    state: str  # as status says it
    trouble: str  # why nothing comes from it or goes into its output; "" if all is well


@dataclass(frozen=True, slots=True)
class Result:
    source: Path
    output: Path  # what to open


@dataclass(frozen=True, slots=True)
class FailedFile:
    path: Path
    error: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    activity: Activity
    held_reason: str = ""
    paused_until: datetime | None = None
    in_work: tuple[InWork, ...] = ()
    engine_message: str = ""  # what keeps all files waiting, such as a download
    left: int = 0  # files that are still to be read
    results: tuple[Result, ...] = ()  # newest first
    failed: tuple[FailedFile, ...] = ()  # newest first, not all where there are many
    failed_count: int = 0
    folders: tuple[Folder, ...] = ()
    problems: tuple[str, ...] = ()
    status_page: str = ""  # its address, where there is one
    starts_at_login: bool | None = None  # None: that cannot be switched here
    refusal: str = ""  # why the last click could not be carried out


def view_of(status: dict[str, Any], *, starts_at_login: bool | None, refusal: str = "") -> View:
    """*status*: what `gotwatch status --json` prints."""
    queue = status["queue"]
    until = status["paused_until"]
    return View(
        activity=Activity(status["state"]),
        held_reason=status["held_reason"] or "",
        paused_until=datetime.fromisoformat(until) if until else None,
        in_work=tuple(map(_in_work, status["current"])),
        engine_message=status["engine"]["message"],
        left=queue["queued"] + queue["reading"] + queue["waiting"],
        results=tuple(_result(entry) for entry in status["recent"] if entry["outputs"])[:RESULTS],
        failed=tuple(map(_failed, status["failed"]))[:FAILURES],
        failed_count=queue["failed"],
        folders=tuple(map(_folder, status["folders"])),
        problems=tuple(status["problems"]),
        status_page=status.get("status_page") or "",
        starts_at_login=starts_at_login,
        refusal=refusal,
    )


def _in_work(current: dict[str, Any]) -> InWork:
    return InWork(Path(current["path"]), current["page"], current["pages"], current["seconds_left"])


def _result(entry: dict[str, Any]) -> Result:
    outputs = [Path(output) for output in entry["outputs"]]
    best = next((output for output in outputs if output.suffix == ".html"), outputs[0])
    return Result(Path(entry["path"]), best)


def _failed(entry: dict[str, Any]) -> FailedFile:
    return FailedFile(Path(entry["path"]), entry["error"] or "", entry["hint"] or "")


def _folder(folder: dict[str, Any]) -> Folder:
    is_well = folder["state"] in ("watching", "starting") and not folder["held"]
    trouble = "" if is_well else folder["why"] or folder["state"]
    return Folder(Path(folder["path"]), Path(folder["output"]), folder["state"], trouble)
