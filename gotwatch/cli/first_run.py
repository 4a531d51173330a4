"""setup: the few questions of a first start, and what a first start does where nobody can be asked."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import click

from gotwatch.cli import folders, login, terminal
from gotwatch.cli.context import Context, with_context
from gotwatch.config import places
from gotwatch.config.settings import Existing
from gotwatch.desktop.answers import Answers, Host
from gotwatch.documents import Mode, absolute, shown
from gotwatch.engine import choose, weights
from gotwatch.errors import ExitCode, GotwatchError, UsageError
from gotwatch.inbox import scan
from gotwatch.inbox.rules import Rules
from gotwatch.words import retell, say

FIRST_FOLDER = Path("~/Scans")


class _Setup:
    """Does what was answered, for this context."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._autostart = login.of(context)

    def folder(self) -> Path:
        return FIRST_FOLDER.expanduser()

    def output_of(self, folder: Path) -> Path:
        return folders.beside(folder)

    def count(self, folder: Path) -> int:
        try:
            return len(scan.scan(folder, Rules(()), recursive=True).documents)
        except OSError:
            return 0  # it is made in a moment

    def may_ask_for_login(self) -> bool:
        return not self._autostart.status().is_on

    def gpu(self) -> str | None:
        return choose.find_gpu()

    def lacks_model(self) -> bool:
        return not weights.is_local("")

    def begin(self, answers: Answers) -> None:
        settings = {} if answers.mode is Mode.PLAIN else {"mode": answers.mode.value}
        if not answers.read_existing:
            settings["existing"] = Existing.LEAVE.value
        _make(answers.folder)
        folders.watch(self._context, answers.folder, answers.output, settings)

    def start_at_login(self) -> str:
        return self._autostart.switch_on().message

    def download(self, tell: Callable[[str], None]) -> None:
        from gotwatch.engine import hub  # noqa: PLC0415 - 9 MB, which every start would carry

        hub.fetch(weights.DEFAULT_CHECKPOINT, tell)


@click.command(name="setup")
@click.option("--window", is_flag=True, help="In a window instead of the terminal.")
@with_context
def commands(context: Context, window: bool) -> int:
    """Ask what to watch, and set it up.

    Where there is a config already, one more folder is added to it.
    """
    if window:
        if not _window().show(_Setup(context)):
            return ExitCode.INTERRUPTED
    elif can_ask():
        ask(context)
    else:
        raise UsageError("There is nobody to ask here", hint="Use: gotwatch init, and gotwatch add FOLDER")
    folders.tell_running(context)
    return ExitCode.OK


def can_ask() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def prepare(context: Context) -> bool:
    """For a start: where there is no config, ask for one, or begin with a folder that is easily found.

    The latter only where the config would be looked for without anybody saying so: a mistyped place is no first start.
    Returns whether to go on; the person may have closed the window.
    """
    if context.config_path.exists():
        return True
    if can_ask():
        ask(context)
        return True
    if context.options.config or places.CONFIG_VARIABLE in os.environ:
        return True  # what is missing is told by whoever reads it
    if context.options.windowed and (code := _ask_in_window(context)) in (ExitCode.OK, ExitCode.INTERRUPTED):
        return code == ExitCode.OK
    setup = _Setup(context)
    setup.begin(
        Answers(folder=setup.folder(), output=setup.output_of(setup.folder()), mode=Mode.PLAIN, read_existing=True)
    )
    return True


def _ask_in_window(context: Context) -> int:
    """In a process of its own, which takes the window's memory and threads with it. Its exit code."""
    command = [sys.executable, "-m", "gotwatch", *login.options(context), "setup", "--window"]
    nothing = subprocess.DEVNULL
    return subprocess.run(command, stdin=nothing, stdout=nothing, stderr=nothing, check=False).returncode


def _window() -> ModuleType:
    try:
        return import_module("gotwatch.desktop.welcome")
    except ImportError as exc:  # some systems' Python comes without it
        hint = "Install it (on Debian: python3-tk), or use: gotwatch setup"
        raise UsageError("This Python has no tkinter, which windows need", hint=hint) from exc


def ask(context: Context) -> None:
    setup = _Setup(context)
    answers = _answers(setup)
    setup.begin(answers)
    click.echo(say("Wrote {path}", path=shown(context.config_path)))
    _ask_for_login(setup)
    _ask_for_model(setup, answers.mode)


def _answers(setup: Host) -> Answers:
    folder = _place(say("Which folder shall be watched?"), setup.folder())
    output = _place(say("Where shall the results go?"), setup.output_of(folder))
    click.echo(say("Plain text, or with formulas, tables and headings (format)? The latter needs GOT-OCR2.0."))
    kind = click.Choice([mode.value for mode in Mode])
    mode = Mode(click.prompt(say("How shall it be read?"), type=kind, default=Mode.PLAIN.value))
    return Answers(folder=folder, output=output, mode=mode, read_existing=_ask_for_existing(setup.count(folder)))


def _place(question: str, default: Path) -> Path:
    return absolute(Path(click.prompt(question, default=str(default))).expanduser())


def _ask_for_existing(count: int) -> bool:
    if not count:
        return True
    return click.confirm(say("There are {count} documents in it already. Read them too?", count=count), default=True)


def _ask_for_login(setup: Host) -> None:
    try:
        if setup.may_ask_for_login() and click.confirm(say("Start gotwatch when you log in?"), default=False):
            click.echo(retell(setup.start_at_login()))
    except GotwatchError as error:
        _complain(error)


def _ask_for_model(setup: Host, mode: Mode) -> None:
    gpu = setup.gpu()
    if not setup.lacks_model() or not (gpu or mode is Mode.FORMAT):
        return
    if gpu:
        click.echo(say("This machine has a GPU: {gpu}.", gpu=gpu))
    question = say("GOT-OCR2.0 (1.1 GB) is not on this machine yet. Download it now?")
    if not click.confirm(question, default=gpu is not None):
        click.echo(say("Later: {command}", command="gotwatch model download"))
        return
    try:
        with terminal.Meter() as meter:
            setup.download(meter.waiting_for)
    except GotwatchError as error:
        _complain(error)


def _complain(error: GotwatchError) -> None:
    """What went wrong is no reason to end the set-up."""
    click.echo(retell(terminal.advised(error.message, error.hint)), err=True)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise UsageError(f"{shown(folder)} cannot be made: {exc.strerror}", hint="Choose another folder.") from exc


COMMANDS = (commands,)
