"""Commands around the config: init, config check, doctor, log."""

import json
import os
import time
from pathlib import Path

import click

from gotwatch import doctor
from gotwatch.cli import login
from gotwatch.cli.context import Context, with_context
from gotwatch.config import load
from gotwatch.config.example import example
from gotwatch.desk import check_forms, check_watches
from gotwatch.documents import absolute
from gotwatch.errors import ExitCode, GotwatchError, UsageError
from gotwatch.words import retell, say

FOLLOW_SECONDS = 0.3
LAST_LINES = 40


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("~/Scans"), help="The folder to watch.")
@click.option("--output", type=click.Path(path_type=Path), default=Path("~/Scans read"), help="Where results go.")
@click.option("--print", "only_print", is_flag=True, help="Print the config instead of writing it.")
@with_context
def init(context: Context, folder: Path, output: Path, only_print: bool) -> None:
    """Write a commented config.

    The watched folder is made if it is not there.
    """
    text = example(_as_typed(folder), _as_typed(output))
    if only_print:
        click.echo(text, nl=False)
        return
    path = context.config_path
    try:
        _write_config(path, text)
    except OSError as exc:
        raise UsageError(
            f"{exc.filename or path} cannot be written: {exc.strerror}", hint="Choose another place."
        ) from exc
    click.echo(say("Wrote {path}", path=path))
    click.echo(say("gotwatch watches {folder} and writes to {output}.", folder=folder, output=output))
    click.echo(say("Start it with: gotwatch run"))


def _as_typed(path: Path) -> Path:
    """A relative path starts here for the person, but at the config's folder for the config."""
    return path if path.parts[:1] == ("~",) else absolute(path)


def _write_config(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as exc:
        raise UsageError(f"There is a config already: {path}", hint="Edit it, or remove it first.") from exc
    try:
        load.load(path).watch[0].folder.mkdir(parents=True, exist_ok=True)
    except GotwatchError:
        path.unlink()  # else the next try would find it in its way
        raise


@click.group()
def config() -> None:
    """Look after the config."""


@config.command()
@with_context
def check(context: Context) -> None:
    """Say whether the config is right, or what is wrong in it and where."""
    settings = context.config()
    check_watches(settings)
    check_forms(settings)
    for watch in settings.watch:
        if not os.path.isdir(watch.folder):  # noqa: PTH112 - Path's may raise
            raise load.missing_folder(context.config_path, settings, watch)
        click.echo(f"{watch.folder}  ->  {watch.output}  ({watch.prompt.key}; {', '.join(watch.formats)})")
    click.echo(say("{path} is right.", path=context.config_path))


@click.command(name="doctor")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_context
def examine(context: Context, as_json: bool) -> int:
    """Check the installation, and say how to mend it."""
    findings = doctor.examine(context.config_path, context.state, login.of(context), is_running=_is_running(context))
    if as_json:
        click.echo(json.dumps([finding.as_json() for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(f"{retell(finding.grade.value):<8}{retell(finding.subject)}: {retell(finding.message)}")
            if finding.mend:
                click.echo(f"        {retell(finding.mend)}")
    return ExitCode.INPUT if any(finding.grade is doctor.Grade.WRONG for finding in findings) else ExitCode.OK


@click.command()
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes.")
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(min=1),
    default=LAST_LINES,
    show_default=True,
    help="How many of the last lines.",
)
@with_context
def log(context: Context, follow: bool, lines: int) -> None:
    """Print the end of the log."""
    path = context.state.log
    if not os.path.exists(path):  # noqa: PTH110 - Path's may raise
        raise UsageError(f"There is no log at {path} yet.", hint="It is written by: gotwatch run")
    text, place = _read_on(path, 0)
    click.echo("".join(text.splitlines(keepends=True)[-lines:]), nl=False)
    while follow:
        time.sleep(FOLLOW_SECONDS)
        text, place = _read_on(path, place)
        click.echo(text, nl=False)


def _read_on(path: Path, place: int) -> tuple[str, int]:
    """What stands in the log from the byte *place* on, and where it ends. The log is not kept open in between, as
    Windows would not let it be put aside when a new one is begun."""
    try:
        with path.open("rb") as file:
            start = 0 if file.seek(0, os.SEEK_END) < place else place
            file.seek(start)
            content = file.read()
            return content.decode("utf-8", "replace"), file.tell()
    except FileNotFoundError:
        return "", 0


def _is_running(context: Context) -> bool:
    try:
        return context.ask("status") is not None
    except GotwatchError:
        return True  # it answers, if only with an error


COMMANDS = (init, config, examine, log)
