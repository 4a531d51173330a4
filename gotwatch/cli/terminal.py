"""What a person sees on the terminal: status in words, and progress that moves where it can."""

from datetime import datetime
from pathlib import PurePath
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from gotwatch.documents import counted
from gotwatch.words import retell, say, say_count

SHOWN_RECENT = 5
LONGEST_NAME = 50


def status_text(status: dict[str, Any]) -> str:
    lines = [_headline(status)]
    lines += [_reading(current) for current in status.get("current", [])]
    if queue := status.get("queue"):
        counts = [f"{count} {_state(state)}" for state, count in queue.items() if count]
        lines.append(say("Files:   {counts}", counts=", ".join(counts) or say("none yet")))
    lines += [_folder(folder) for folder in status.get("folders", [])]
    if engine := status.get("engine"):
        lines.append(_engine(engine))
    if url := status.get("http"):
        lines.append(say("HTTP:    {url}", url=f"{url}/ocr"))
    lines += [_recent(entry) for entry in status.get("recent", [])[:SHOWN_RECENT]]
    lines += [_problem(problem) for problem in status.get("problems", [])]
    if (tray := status.get("tray", "")).startswith("none"):
        lines.append(say("Tray:    {tray}", tray=retell(tray)))
    return "\n".join(lines)


def introduction(status: dict[str, Any]) -> list[str]:
    """What a person should know at the start: what is watched, where results go, and how to end it."""
    folders = [f"  {folder['path']}  ->  {folder['output']}" for folder in status["folders"]]
    engine = status["engine"]
    return [
        retell(f"gotwatch watches {counted(len(folders), 'folder')}:"),
        *folders,
        say("Engine: {engine}. {why}", engine=engine_name(engine), why=retell(engine["why"])),
        *([_headline(status)] if status["state"] == "paused" else []),
        say("Stop with Ctrl+C. From elsewhere: gotwatch status, gotwatch pause, gotwatch stop"),
    ]


def news(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What a person who looks on should hear of, between two looks at the status."""
    lines = []
    if _standing(before) != _standing(now):
        lines.append(_headline(now) if _standing(now) else say("gotwatch: goes on"))
    earlier = {folder["path"]: folder for folder in before["folders"]}
    for folder in now["folders"]:
        was = earlier.get(folder["path"])  # none of a folder that a changed config brought
        if was is None or _has_news(was, folder):
            lines.append(_folder(folder))
    if now["engine"]["phase"] != before["engine"]["phase"]:
        lines.append(_engine(now["engine"]))
    return lines + [_problem(problem) for problem in now["problems"] if problem not in before["problems"]]


def _problem(problem: str) -> str:
    return say("Problem: {problem}", problem=retell(problem))


def _state(state: str) -> str:
    return retell(state.replace("_", " "))


def _has_news(was: dict[str, Any], folder: dict[str, Any]) -> bool:
    return (was["state"], was["why"]) != (folder["state"], folder["why"]) and was["state"] != "starting"


def _standing(status: dict[str, Any]) -> tuple[str, ...]:
    """Why nothing is read, if nothing is; empty while all is well."""
    if status["state"] not in ("held", "paused"):
        return ()
    return status["state"], str(status["held_reason"]), str(status["paused_until"])


def ended(record: dict[str, Any]) -> str:
    """A file whose turn ended, with its results."""
    return "\n".join([_outcome(record), *(f"    {output}" for output in record["outputs"])])


def _outcome(record: dict[str, Any]) -> str:
    if record["error"]:
        what = retell(advised(record["error"], record["hint"]))
    else:
        what = " ".join(map(retell, record["warnings"])) or retell(counted(record["pages"], "page"))
    return f"{_state(record['state'])}: {record['path']} ({what})"


def advised(message: str, hint: str) -> str:
    """What happened and what to do, as running text."""
    return f"{message.rstrip('.')}. {hint}".rstrip()


def duration(seconds: float) -> str:
    """ "45 s", "3 min", "2 h 5 min"."""
    if seconds < 90:
        return say("{number} s", number=f"{max(seconds, 1):.0f}")
    minutes = round(seconds / 60)
    if minutes < 90:
        return say("{number} min", number=minutes)
    return say("{hours} h {number} min", hours=minutes // 60, number=minutes % 60)


def _headline(status: dict[str, Any]) -> str:
    match status["state"]:
        case "held":
            return say("gotwatch: held. {reason}", reason=retell(status["held_reason"]))
        case "paused" if status["paused_until"]:
            return say("gotwatch: paused until {time}", time=_clock(status["paused_until"]))
        case state:
            return say("gotwatch: {state}", state=_state(state))


def _reading(current: dict[str, Any]) -> str:
    left = current["seconds_left"]
    pages = say(", page {page} of {pages}", **current) if current["pages"] else ""
    until = say(", about {duration} left", duration=duration(left)) if left is not None else ""
    return say("Reading: {path}", path=current["path"]) + pages + until


def _folder(folder: dict[str, Any]) -> str:
    why = f" ({retell(folder['why'])})" if folder["why"] else ""
    away = folder.get("online_only", 0)
    online = say_count("; {count} file online only", "; {count} files online only", away) if away else ""
    seen = say(
        "Folder:  {path}: {state}, by {detection}",
        path=folder["path"],
        state=_state(folder["state"]),
        detection=retell(folder["detection"]),
    )
    return seen + why + online


def _engine(engine: dict[str, Any]) -> str:
    size = f" ({engine['memory_megabytes']} MB)" if engine["memory_megabytes"] else ""
    phase = retell(engine["message"]) or (say("in memory") + size if engine["loaded"] else say("not in memory"))
    until = say(" until {time}", time=_clock(engine["unload_at"])) if engine["unload_at"] else ""
    return say(
        "Engine:  {engine}; {phase}. {why}",
        engine=engine_name(engine),
        phase=phase + until,
        why=retell(engine["why"]),
    )


def engine_name(engine: dict[str, Any]) -> str:
    """The engine, its model and where it runs, as far as they are known."""
    model = f", {engine['checkpoint']}" if engine["checkpoint"] else ""
    device = say(" on {device}", device=engine["device"]) if engine["device"] else ""
    return f"{engine['name']}{model}{device}"


def _recent(entry: dict[str, Any]) -> str:
    return f"  {_clock(entry['finished_at'])}  {_outcome(entry)}"


def _clock(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone():%H:%M}"


class Meter:
    """Progress over files and their pages: bars on a terminal, a line a file elsewhere."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )
        self._files: TaskID | None = None
        self._pages: dict[str, TaskID] = {}

    def __enter__(self) -> "Meter":
        if self._console.is_terminal:
            self._bars.start()
            self._files = self._bars.add_task("files", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        if self.is_live:
            self._bars.stop()

    def files(self, done: int, count: int) -> None:
        if self._files is not None:
            self._bars.update(self._files, completed=done, total=count)

    def waiting_for(self, message: str) -> None:
        """What keeps all files waiting, such as a download; "" when it is over."""
        if self._files is not None:
            self._bars.update(self._files, description=message or "files")

    def pages(self, current: dict[str, tuple[int, int]]) -> None:
        """*current*: path of each document in work -> (pages done, pages in all)."""
        if self._files is None:
            return
        for path in self._pages.keys() - current.keys():
            self._bars.remove_task(self._pages.pop(path))
        for path, (done, count) in current.items():
            if path not in self._pages:
                self._pages[path] = self._bars.add_task(f"  {PurePath(path).name[-LONGEST_NAME:]}", total=None)
            self._bars.update(self._pages[path], completed=done, total=count or None)

    @property
    def is_live(self) -> bool:
        return self._files is not None

    def line(self, text: str) -> None:
        """A line that stays: above the bars, or on standard output where there are none."""
        if self.is_live:
            self._bars.console.print(text, markup=False, highlight=False)
        else:
            click.echo(text)

    def complain(self, text: str) -> None:
        """A line for standard error."""
        if self.is_live:
            self._bars.console.print(text, markup=False, highlight=False)
        else:
            click.echo(text, err=True)
