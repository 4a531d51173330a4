"""setup: the few questions of a first start, and what a first start does where nobody can be asked."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from gotwatch.cli import folders, login, terminal
from gotwatch.cli.context import Context, with_context
from gotwatch.config import places
from gotwatch.config.settings import Existing
from gotwatch.documents import Mode, absolute, shown
from gotwatch.engine import choose, weights
from gotwatch.errors import GotwatchError, UsageError
from gotwatch.inbox import scan
from gotwatch.inbox.rules import Rules
from gotwatch.words import retell, say

FIRST_FOLDER = Path("~/Scans")


@dataclass(frozen=True, slots=True)
class Answers:
    folder: Path
    output: Path
    mode: Mode
    read_existing: bool


@click.command(name="setup")
@with_context
def commands(context: Context) -> None:
    """Ask what to watch, and set it up.

    Where there is a config already, one more folder is added to it.
    """
    if not can_ask():
        raise UsageError("There is nobody to ask here", hint="Use: gotwatch init, and gotwatch add FOLDER")
    ask(context)
    folders.tell_running(context)


def can_ask() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def prepare(context: Context) -> None:
    """For a start: where there is no config, ask for one, or begin with a folder that is easily found.

    The latter only where the config would be looked for without anybody saying so: a mistyped place is no first start.
    """
    if context.config_path.exists():
        return
    if can_ask():
        ask(context)
    elif context.options.config is None and places.CONFIG_VARIABLE not in os.environ:
        folder = FIRST_FOLDER.expanduser()
        _make(folder)
        folders.watch(context, folder, folders.beside(folder), {})


def ask(context: Context) -> None:
    answers = _answers()
    settings = {} if answers.mode is Mode.PLAIN else {"mode": answers.mode.value}
    if not answers.read_existing:
        settings["existing"] = Existing.LEAVE.value
    _make(answers.folder)
    folders.watch(context, answers.folder, answers.output, settings)
    click.echo(say("Wrote {path}", path=shown(context.config_path)))
    _ask_for_login(context)
    _ask_for_model(answers.mode)


def _answers() -> Answers:
    folder = _place(say("Which folder shall be watched?"), FIRST_FOLDER.expanduser())
    output = _place(say("Where shall the results go?"), folders.beside(folder))
    click.echo(say("Plain text, or with formulas, tables and headings (format)? The latter needs GOT-OCR2.0."))
    kind = click.Choice([mode.value for mode in Mode])
    mode = Mode(click.prompt(say("How shall it be read?"), type=kind, default=Mode.PLAIN.value))
    return Answers(folder, output, mode, _ask_for_existing(folder))


def _place(question: str, default: Path) -> Path:
    return absolute(Path(click.prompt(question, default=str(default))).expanduser())


def _ask_for_existing(folder: Path) -> bool:
    try:
        count = len(scan.scan(folder, Rules(()), recursive=True).documents)
    except OSError:
        return True  # it is made in a moment
    if not count:
        return True
    return click.confirm(say("There are {count} documents in it already. Read them too?", count=count), default=True)


def _ask_for_login(context: Context) -> None:
    try:
        autostart = login.of(context)
        if autostart.status().is_on or not click.confirm(say("Start gotwatch when you log in?"), default=False):
            return
        click.echo(retell(autostart.switch_on().message))
    except GotwatchError as error:
        _complain(error)


def _ask_for_model(mode: Mode) -> None:
    gpu = choose.find_gpu()
    if weights.is_local("") or not (gpu or mode is Mode.FORMAT):
        return
    if gpu:
        click.echo(say("This machine has a GPU: {gpu}.", gpu=gpu))
    question = say("GOT-OCR2.0 (1.1 GB) is not on this machine yet. Download it now?")
    if not click.confirm(question, default=gpu is not None):
        click.echo(say("Later: {command}", command="gotwatch model download"))
        return
    from gotwatch.engine import hub  # noqa: PLC0415 - 9 MB, which every start would carry

    try:
        with terminal.Meter() as meter:
            hub.fetch(weights.DEFAULT_CHECKPOINT, meter.waiting_for)
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
