"""What is worth a notification, when, and in which words. Pure: the clock is an argument."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gotwatch.config.settings import Level
from gotwatch.documents import shown
from gotwatch.words import retell, say, say_count

BURST_ENDS_SECONDS = 3.0  # nothing new for this long, and nothing left to read
GAP_SECONDS = 60.0  # between two notifications of files
SINGLE_WAIT_SECONDS, SINGLE_GAP_SECONDS = 1.0, 5.0  # where each file is told
FAILURE_WAIT_SECONDS = 60.0  # a failure waits no longer for the end of the burst
FAILURE_GAP_SECONDS = 600.0  # while work goes on
TROUBLE_SECONDS = 10.0  # what is mended sooner is none
CALM_SECONDS = 120.0  # what is back sooner was never gone: a hold is lifted for a moment by each try
WAITING = ("waiting for folder", "no access")  # states of a folder
ENDINGS = {"done": False, "done_with_warnings": False, "failed": True}  # state -> whether it is a failure


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a notification offers to open."""

    label: str
    target: Path


@dataclass(frozen=True, slots=True)
class Note:
    title: str
    body: str
    choices: tuple[Choice, ...] = ()  # the first is what a click on the notification itself opens
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """A file whose turn ended."""

    name: str
    pages: int
    failed: bool
    remark: str  # what went wrong, or should be looked at
    outputs: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """What ended and is not told yet. As long as a night's work, it takes no more room."""

    read: int = 0
    failed: int = 0
    first: Ended | None = None
    first_failed: Ended | None = None
    folder: Path | None = None  # that all results lie in
    began_at: float = math.inf
    failed_at: float = math.inf
    heard_at: float = -math.inf


@dataclass(frozen=True, slots=True)
class Trouble:
    """What keeps gotwatch, or one folder, from going on."""

    key: str
    since: float
    gone_at: float | None = None  # None: it stands
    told: bool = False


def ended(record: Mapping[str, Any]) -> Ended | None:
    """A file's record as status shows it; None where its turn ended only for now."""
    if record["state"] not in ENDINGS:
        return None
    wrong = f"{record['error'].rstrip('.')}. {record['hint'] or ''}".strip() if record["error"] else ""
    return Ended(
        name=Path(record["path"]).name,
        pages=record["pages"],
        failed=ENDINGS[record["state"]],
        remark=wrong or " ".join(record["warnings"]),
        outputs=tuple(map(Path, record["outputs"])),
    )


def heard(tally: Tally, file: Ended, now: float) -> Tally:
    folders = {output.parent for output in file.outputs} | ({tally.folder} if tally.folder else set())
    return replace(
        tally,
        read=tally.read + (not file.failed),
        failed=tally.failed + file.failed,
        first=tally.first or file,
        first_failed=tally.first_failed or (file if file.failed else None),
        folder=_common(folders),
        began_at=min(tally.began_at, now),
        failed_at=min(tally.failed_at, now) if file.failed else tally.failed_at,
        heard_at=now,
    )


def is_due(tally: Tally, now: float, *, told_at: float, level: Level, is_busy: bool) -> bool:
    """Whether *tally* is to be told now. *told_at*: when one was told last. *is_busy*: more is to come soon."""
    if tally.first is None:
        return False
    silence = now - told_at
    if level is Level.ALL:
        return now - tally.began_at >= SINGLE_WAIT_SECONDS and silence >= SINGLE_GAP_SECONDS
    if not is_busy and now - tally.heard_at >= BURST_ENDS_SECONDS:
        return silence >= GAP_SECONDS
    return now - tally.failed_at >= FAILURE_WAIT_SECONDS and silence >= FAILURE_GAP_SECONDS


def is_wanted(file: Ended, level: Level) -> bool:
    return file.failed if level is Level.ERRORS else level is not Level.NONE


def note_of(tally: Tally, log: Path) -> Note:
    """What to say of at least one file. *log*: what is offered where something failed."""
    assert tally.first is not None
    see_log = Choice(say("Open the log"), log)
    if tally.read + tally.failed == 1:
        return _of_one(tally.first, see_log)
    choices = [Choice(say("Open the results"), tally.folder)] if tally.folder else []
    if tally.first_failed is None:
        body = say("The results are in {folder}", folder=shown(tally.folder)) if tally.folder else ""
        return Note(say("{count} files read", count=tally.read), body, tuple(choices))
    name, remark = shown(tally.first_failed.name), retell(tally.first_failed.remark)
    body = remark if name in remark else f"{name}: {remark}"
    return Note(_title(tally), body, (see_log, *choices), is_urgent=True)


def _of_one(file: Ended, see_log: Choice) -> Note:
    name = shown(file.name)
    if file.failed:
        return Note(say("Failed: {name}", name=name), retell(file.remark), (see_log,), is_urgent=True)
    page = next((output for output in file.outputs if output.suffix == ".html"), None) or next(iter(file.outputs), None)
    choices = (Choice(say("Open the result"), page), Choice(say("Show the folder"), page.parent)) if page else ()
    body = retell(file.remark) or say_count("{count} page", "{count} pages", file.pages)
    return Note(say("Read: {name}", name=name), body, choices)


def _title(tally: Tally) -> str:
    """Short, and what counts first: desktops cut a title off."""
    if tally.read == 0:
        return say("{count} files failed", count=tally.failed)
    files = say_count("{count} file read", "{count} files read", tally.read)
    return say("{files}, {count} failed", files=files, count=tally.failed)


def _common(folders: Iterable[Path]) -> Path | None:
    """The innermost folder that holds all of *folders*; None where that would say nothing."""
    every = [*folders]
    for place in (every[0], *every[0].parents) if every else ():
        if place != place.parent and all(folder.is_relative_to(place) for folder in every):
            return place
    return None


def standing_troubles(status: Mapping[str, Any]) -> dict[str, str]:
    """What keeps gotwatch up just now, key -> in words, of what App.status() says."""
    found = {problem: problem for problem in status["problems"]}
    waiting = [folder for folder in status["folders"] if folder["held"] or folder["state"] in WAITING]
    for folder in waiting:
        found[f"{folder['state']} {folder['path']}"] = f"{shown(folder['path'])}: {folder['why']}"
    if status["state"] == "held" and not waiting:  # else the folder that is held says why
        found[status["held_reason"]] = status["held_reason"]
    return found


def watched(troubles: Sequence[Trouble], standing: Collection[str], now: float) -> tuple[list[Trouble], list[str]]:
    """The troubles to remember, with what stands now; and the keys of those that are to be told now, each once."""
    known = {
        trouble.key: trouble for trouble in troubles if trouble.gone_at is None or now - trouble.gone_at < CALM_SECONDS
    }
    gone = [replace(trouble, gone_at=trouble.gone_at or now) for key, trouble in known.items() if key not in standing]
    stand = [replace(known.get(key, Trouble(key, now)), gone_at=None) for key in standing]
    to_tell = [trouble for trouble in stand if not trouble.told and now - trouble.since >= TROUBLE_SECONDS]
    told = [replace(trouble, told=trouble.told or trouble in to_tell) for trouble in stand]
    return [*gone, *told], [trouble.key for trouble in to_tell]


def note_of_troubles(reasons: Sequence[str], log: Path) -> Note:
    """What to say of troubles that began together."""
    body = "\n".join(map(retell, reasons))
    return Note(say("gotwatch waits for you"), body, (Choice(say("Open the log"), log),), is_urgent=True)
