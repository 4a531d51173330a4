"""run, the daemon in the foreground, and once, which reads what is there and ends."""

import json
import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import click

from gotwatch import instance
from gotwatch.app import App
from gotwatch.cli import terminal
from gotwatch.cli.context import Context, log_to_file, with_context
from gotwatch.control import ControlServer
from gotwatch.errors import ExitCode, UsageError

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.2


@click.command()
@click.option("--no-tray", is_flag=True, help="No tray icon. (There is none yet; the option is for start-up entries.)")
@with_context
def run(context: Context, no_tray: bool) -> int:  # noqa: ARG001 - the tray comes with its own issue
    """Watch the folders and read what comes, in the foreground, until Ctrl+C or `gotwatch stop`."""
    end = Event()
    with _running(context, end, to_terminal=True):
        end.wait()
    return ExitCode.OK


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the summary for programs.")
@with_context
def once(context: Context, as_json: bool) -> int:
    """Read all that is in the folders now, and end.

    Exit code 0: all is done. 3: some files cannot be read. 4: some are left for later.
    """
    end = Event()
    began = time.monotonic()
    with _running(context, end, to_terminal=False) as app, terminal.Meter() as meter:
        tally = _Tally(app.status())
        app.wait_until_scanned()
        while not end.is_set() and app.is_busy():
            tally.show(app.status(), meter)
            end.wait(LOOK_SECONDS)
        summary = tally.summary(app.status(), time.monotonic() - began)
    click.echo(json.dumps(summary, indent=2) if as_json else _in_words(summary))
    return _exit_code(summary, interrupted=end.is_set())


@contextmanager
def _running(context: Context, end: Event, *, to_terminal: bool) -> Iterator[App]:
    """The app, started, with its door for commands open; *end* is set when it shall stop."""
    config = context.config()
    if not config.watch:
        raise UsageError(f"{context.config_path} names no folder to watch.", hint="Add a [[watch]] block.")
    with instance.only_one(context.state):
        log_to_file(config, context.state, to_terminal=to_terminal)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: end.set())
        app = App(config, context.state)
        control = ControlServer(app, context.state, end.set)
        try:
            app.start()
            control.start()
            app.threads.start("control", control.run)
            yield app
        finally:
            control.stop()
            app.stop()
            log.info("ended")


class _Tally:
    """What was read since a first look at the status."""

    def __init__(self, first: dict[str, Any]) -> None:
        self._first = first["queue"]
        self._told: set[tuple[str, str]] = {(entry["path"], entry["finished_at"]) for entry in first["recent"]}
        self._files: list[dict[str, Any]] = []

    def show(self, status: dict[str, Any], meter: terminal.Meter) -> None:
        queue = status["queue"]
        done = sum(queue[state] - self._first[state] for state in ("done", "done_with_warnings", "failed"))
        meter.files(done, done + queue["queued"] + queue["reading"])
        meter.pages(
            {Path(current["path"]).name: (current["page"] - 1, current["pages"]) for current in status["current"]}
        )
        self._tell(status, meter)

    def summary(self, status: dict[str, Any], seconds: float) -> dict[str, Any]:
        self._note(status)
        queue = status["queue"]
        pages = sum(entry["pages"] for entry in self._files)
        return {
            "files": self._files,
            "seconds": round(seconds, 2),
            "pages": pages,
            "pages_per_second": round(pages / seconds, 2),
            "engine": status["engine"],
            "held_reason": status["held_reason"],
            "left": queue["queued"] + queue["reading"] + queue["waiting"],
            "queue": queue,
        }

    def _tell(self, status: dict[str, Any], meter: terminal.Meter) -> None:
        for entry in self._note(status):
            meter.line(_line(entry))

    def _note(self, status: dict[str, Any]) -> list[dict[str, Any]]:
        fresh = [
            entry for entry in reversed(status["recent"]) if (entry["path"], entry["finished_at"]) not in self._told
        ]
        self._told.update((entry["path"], entry["finished_at"]) for entry in fresh)
        self._files += fresh
        return fresh


def _line(entry: dict[str, Any]) -> str:
    what = entry["error"] or "; ".join(entry["warnings"]) or f"{entry['pages']} pages"
    return f"{entry['state'].replace('_', ' ')}: {entry['path']} ({what})"


def _in_words(summary: dict[str, Any]) -> str:
    lines = []
    for entry in summary["files"]:
        lines.append(_line(entry))
        lines += [f"    {output}" for output in entry["outputs"]]
    files, pages = len(summary["files"]), summary["pages"]
    engine = summary["engine"]
    lines.append(
        f"{files} files, {pages} pages in {terminal.duration(summary['seconds'])}"
        f" ({summary['pages_per_second']:g} pages a second) by {engine['name']}: {engine['checkpoint']}."
        f" {engine['why']}"
    )
    if summary["left"]:
        reason = f": {summary['held_reason']}" if summary["held_reason"] else ""
        lines.append(f"{summary['left']} files are left for later{reason}. See: gotwatch status")
    return "\n".join(lines)


def _exit_code(summary: dict[str, Any], *, interrupted: bool) -> int:
    if interrupted:
        return ExitCode.INTERRUPTED
    if summary["left"]:
        return ExitCode.TRANSIENT
    return ExitCode.INPUT if summary["queue"]["failed"] else ExitCode.OK


COMMANDS = (run, once)
