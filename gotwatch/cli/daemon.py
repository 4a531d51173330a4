"""run, the daemon in the foreground, and once, which reads what is there and ends."""

import json
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

import click

from gotwatch import instance
from gotwatch.app import App, utc_now
from gotwatch.cli import first_run, login, terminal
from gotwatch.cli.context import Context, open_log, with_context
from gotwatch.cli.end import End
from gotwatch.config.places import StateFolder
from gotwatch.config.settings import Config
from gotwatch.control import ControlServer, verbs_of
from gotwatch.desktop.herald import herald_of
from gotwatch.desktop.opening import Opener
from gotwatch.desktop.tray import assemble
from gotwatch.desktop.tray.menu import Files
from gotwatch.desktop.tray.tray import Tray
from gotwatch.documents import counted
from gotwatch.doors.choose import door_of
from gotwatch.errors import AlreadyRunning, ExitCode, UsageError
from gotwatch.jobs.queue import open_queue
from gotwatch.words import marked, retell, say

if TYPE_CHECKING:
    from gotwatch.server.http_server import HttpServer

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.2
NEWS_SECONDS = 0.5
COMING_SECONDS = 10.0
MOMENT_SECONDS = 3.0  # in which any other command has done its work on the queue
ENDED = ("done", "done_with_warnings", "failed")

OnFile = Callable[[dict[str, Any]], None]


@click.command()
@click.option("--no-tray", is_flag=True, help="No tray icon.")
@click.option("--at-login", is_flag=True, hidden=True, help="Started by the system: one that runs already is enough.")
@with_context
def run(context: Context, no_tray: bool, at_login: bool) -> int:
    """Watch the folders and read what comes.

    In the foreground, until Ctrl+C or `gotwatch stop`.
    """
    try:
        return _run(context, no_tray=no_tray)
    except AlreadyRunning:
        if at_login or (context.options.windowed and _show_the_first(context)):
            return ExitCode.OK
        raise


def _run(context: Context, *, no_tray: bool) -> int:
    if not first_run.prepare(context):
        return ExitCode.OK
    on_terminal = sys.stderr is not None and sys.stderr.isatty()
    to_journal = not on_terminal and not context.options.windowed
    on_file = (lambda record: _say(terminal.ended(record))) if on_terminal else _nobody_listens
    with (
        closing(End()) as end,
        _running(context, end, to_journal=to_journal, on_file=on_file, over_http=True) as app,
        _telling(context, app),
    ):

        def until_end() -> None:
            if on_terminal:
                _tell_news(app, end)
            while not end.wait():
                pass

        if no_tray:
            app.add_to_status("tray", lambda: "off")
            until_end()
        else:
            _tray(context, app, end).attend(until_end)
    return ExitCode.OK


def _show_the_first(context: Context) -> bool:
    """Whoever clicks on gotwatch once more wants to see it: its results, where it runs already."""
    deadline = time.monotonic() + COMING_SECONDS
    while not (reply := context.ask("status")) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)  # it is just starting, as by a second click right after the first
    outputs = [folder["output"] for folder in reply["status"]["folders"]] if reply else []
    if outputs:
        Opener().open(outputs[0])
    return bool(outputs)


@contextmanager
def _telling(context: Context, app: App) -> Iterator[None]:
    """With notifications on the desktop."""
    herald = herald_of(app, lambda: app.config.notifications.level, context.state.log)
    app.threads.start("notifications", herald.run)
    try:
        yield
    finally:
        herald.stop()


def _tray(context: Context, app: App, end: End) -> Tray:
    files = Files(config=str(context.config_path), log=str(context.state.log))
    tray = assemble.tray(app, files, login.of(context), threads=app.threads, quit_program=end.set)
    app.add_to_status("tray", tray.state)
    return tray


def _nobody_listens(_: dict[str, Any]) -> None:
    """The log tells of each file too."""


def _tell_news(app: App, end: End) -> None:
    """Say what happens, for a person who looks on, until *end*."""
    changed = Event()
    before = app.status()
    _say(*terminal.introduction(before))
    app.subscribe(changed.set)
    while not end.wait(NEWS_SECONDS):
        if changed.is_set():
            changed.clear()
            now = app.status()
            _say(*terminal.news(before, now))
            before = now


def _say(*lines: str) -> None:
    with suppress(OSError):  # the terminal was closed, and nobody told us to end
        for line in lines:
            click.echo(line, err=True)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the summary for programs.")
@with_context
def once(context: Context, as_json: bool) -> int:
    """Read all that is in the folders now, and end.

    Exit code 0: all is done. 3: some files cannot be read. 4: some are left for later.
    """
    began = time.monotonic()
    meter = terminal.Meter()
    tally = _Tally(meter, silent=as_json)
    with (
        closing(End()) as end,
        _running(context, end, to_journal=False, on_file=tally.note, over_http=False) as app,
        meter,
    ):
        app.wait_until_scanned()
        while not end.is_set() and app.is_busy():
            tally.show(app.status())
            end.wait(LOOK_SECONDS)
        summary = tally.summary(app.status(), time.monotonic() - began)
        only_on_bars = meter.is_live and not sys.stdout.isatty()
    if only_on_bars and not as_json:
        for record in summary["files"]:
            click.echo(terminal.ended(record))
    click.echo(json.dumps(summary, indent=2) if as_json else _sum(summary))
    return _exit_code(summary, interrupted=end.is_set())


@contextmanager
def _running(context: Context, end: End, *, to_journal: bool, on_file: OnFile, over_http: bool) -> Iterator[App]:
    """The app, started, with its door for commands open; *end* is set when it shall stop.

    *over_http*: over HTTP too, where the config says so.
    """
    config = _config(context)
    # What holds the state folder without answering is another command, for a moment.
    patience_seconds = 0.0 if context.ask("status") else MOMENT_SECONDS
    with instance.only_one(context.state, patience_seconds=patience_seconds):
        open_log(config, context.state, to_journal=to_journal)
        end.heed_signals()
        with closing(open_queue(context.state.queue, utc_now())) as queue:
            app = App(config, context.state, queue, config_path=context.config_path)
            app.subscribe_to_files(on_file)
            app.subscribe_to_config(lambda new: open_log(new, context.state, to_journal=to_journal))
            control = ControlServer(door_of(context.state), verbs_of(app, end.set))
            http = _http_server(config, app, context.state) if over_http and config.server.enabled else None
            try:
                app.start()
                if http:
                    http.start(app.threads)
                url = http.url if http else None
                app.add_to_status("http", lambda: url)
                control.start()
                app.threads.start("control", control.run)
                yield app
            finally:
                if http:
                    http.stop()
                control.stop()
                app.stop()
                if http:
                    http.close()
                log.info("ended")


def _config(context: Context) -> Config:
    config = context.config()
    if not config.watch:
        raise UsageError(f"{context.config_path} names no folder to watch.", hint="Add one with: gotwatch add FOLDER")
    return config


def _http_server(config: Config, app: App, state: StateFolder) -> "HttpServer":
    from gotwatch.server.http_server import HttpServer  # noqa: PLC0415  it needs half as much memory as all the rest

    return HttpServer(config.server, app.desk, results=state.results, files=app.orders.counts)


class _Tally:
    """What was read."""

    def __init__(self, meter: terminal.Meter, *, silent: bool) -> None:
        self._silent = silent
        self._meter = meter
        self._lock = Lock()
        self._files: list[dict[str, Any]] = []

    def note(self, record: dict[str, Any]) -> None:
        """A file's turn ended."""
        if record["state"] in ENDED:
            with self._lock:
                self._files.append(record)
            if not self._silent:
                with suppress(BrokenPipeError):  # met again at the end, where it is no job's fault
                    self._meter.line(terminal.ended(record))

    def show(self, status: dict[str, Any]) -> None:
        queue, done = status["queue"], len(self._files)
        self._meter.files(done, done + queue["queued"] + queue["reading"])
        self._meter.waiting_for(status["engine"]["message"])
        self._meter.pages({current["path"]: (current["page"] - 1, current["pages"]) for current in status["current"]})

    def summary(self, status: dict[str, Any], seconds: float) -> dict[str, Any]:
        queue = status["queue"]
        with self._lock:
            files = list(self._files)
        pages = sum(entry["pages"] for entry in files)
        return {
            "files": files,
            "seconds": round(seconds, 2),
            "pages": pages,
            "pages_per_second": round(pages / seconds, 2),
            "engine": status["engine"],
            "paused": status["state"] == "paused",
            "held_reason": status["held_reason"],
            "left": queue["queued"] + queue["reading"] + queue["waiting"],
            "queue": queue,
        }


def _sum(summary: dict[str, Any]) -> str:
    engine = summary["engine"]
    files, pages = counted(len(summary["files"]), "file"), counted(summary["pages"], "page")
    took = terminal.duration(summary["seconds"]) + _rate(summary)
    lines = [say("{files}, {pages} in {time}.", files=retell(files), pages=retell(pages), time=took)]
    if summary["pages"]:
        name = terminal.engine_name(engine)
        lines.append(say("Engine: {engine}. {why}", engine=name, why=retell(engine["why"])))
    if summary["left"]:
        paused = marked("gotwatch is paused") if summary["paused"] else ""
        reason = retell((paused or summary["held_reason"] or marked("they are tried again later")).rstrip("."))
        left = retell(counted(summary["left"], "file"))
        lines.append(say("{files} left: {reason}. See: gotwatch status", files=left, reason=reason))
    return "\n".join(lines)


def _rate(summary: dict[str, Any]) -> str:
    if summary["pages"] <= 1:
        return ""
    return say(" ({number} pages a second)", number=f"{summary['pages_per_second']:g}")


def _exit_code(summary: dict[str, Any], *, interrupted: bool) -> int:
    if interrupted:
        return ExitCode.INTERRUPTED
    if summary["left"]:
        return ExitCode.TRANSIENT
    return ExitCode.INPUT if summary["queue"]["failed"] else ExitCode.OK


COMMANDS = (run, once)
