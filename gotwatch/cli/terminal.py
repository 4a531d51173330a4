"""What a person sees on the terminal: status in words, and progress that moves where it can."""

from datetime import datetime
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

SHOWN_RECENT = 5


def status_text(status: dict[str, Any]) -> str:
    lines = [_headline(status)]
    lines += [_reading(current) for current in status.get("current", [])]
    if queue := status.get("queue"):
        counts = [f"{count} {state.replace('_', ' ')}" for state, count in queue.items() if count]
        lines.append("Files:   " + (", ".join(counts) or "none yet"))
    lines += [_folder(folder) for folder in status.get("folders", [])]
    if engine := status.get("engine"):
        lines.append(_engine(engine))
    lines += [_recent(entry) for entry in status.get("recent", [])[:SHOWN_RECENT]]
    lines += [f"Problem: {problem}" for problem in status.get("problems", [])]
    return "\n".join(lines)


def duration(seconds: float) -> str:
    """ "45 s", "3 min", "2 h 5 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _headline(status: dict[str, Any]) -> str:
    match status["state"]:
        case "held":
            return f"gotwatch: held. {status['held_reason']}"
        case "paused" if status["paused_until"]:
            return f"gotwatch: paused until {_clock(status['paused_until'])}"
        case state:
            return f"gotwatch: {state}"


def _reading(current: dict[str, Any]) -> str:
    left = f", about {duration(current['seconds_left'])} left" if current["seconds_left"] is not None else ""
    pages = f", page {current['page']} of {current['pages']}" if current["pages"] else ""
    return f"Reading: {current['path']}{pages}{left}"


def _folder(folder: dict[str, Any]) -> str:
    why = f" ({folder['why']})" if folder["why"] else ""
    return f"Folder:  {folder['path']}: {folder['state']}, by {folder['detection']}{why}"


def _engine(engine: dict[str, Any]) -> str:
    model = f", {engine['checkpoint']}" if engine["checkpoint"] else ""
    device = f" on {engine['device']}" if engine["device"] else ""
    phase = engine["message"] or ("in memory" if engine["loaded"] else "not in memory")
    until = f" until {_clock(engine['unload_at'])}" if engine["unload_at"] else ""
    return f"Engine:  {engine['name']}{model}{device}; {phase}{until}. {engine['why']}"


def _recent(entry: dict[str, Any]) -> str:
    what = entry["error"] or "; ".join(entry["warnings"]) or f"{entry['pages']} pages"
    return f"  {_clock(entry['finished_at'])}  {entry['state'].replace('_', ' ')}: {entry['path']} ({what})"


def _clock(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone():%H:%M}"


class Meter:
    """Progress over files and their pages: bars on a terminal, a line a file elsewhere."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
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
        self._bars.stop()

    def files(self, done: int, count: int) -> None:
        if self._files is not None:
            self._bars.update(self._files, completed=done, total=count)

    def pages(self, current: dict[str, tuple[int, int]]) -> None:
        """*current*: name of each document in work -> (pages done, pages in all)."""
        if self._files is None:
            return
        for name in self._pages.keys() - current.keys():
            self._bars.remove_task(self._pages.pop(name))
        for name, (done, count) in current.items():
            if name not in self._pages:
                self._pages[name] = self._bars.add_task(f"  {name[-50:]}", total=None)
            self._bars.update(self._pages[name], completed=done, total=count or None)

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
