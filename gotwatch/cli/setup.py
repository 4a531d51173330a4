"""Commands around the config: init, config check, doctor, log."""

import json
import time
from pathlib import Path

import click

from gotwatch import doctor
from gotwatch.cli.context import Context, with_context
from gotwatch.config import load
from gotwatch.config.example import example
from gotwatch.errors import ExitCode, UsageError

FOLLOW_SECONDS = 0.3
LAST_LINES = 40


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("~/Scans"), help="The folder to watch.")
@click.option("--output", type=click.Path(path_type=Path), default=Path("~/Scans read"), help="Where results go.")
@click.option("--print", "only_print", is_flag=True, help="Print the config instead of writing it.")
@with_context
def init(context: Context, folder: Path, output: Path, only_print: bool) -> None:
    """Write a commented config, and make the watched folder if it is not there."""
    text = example(folder, output)
    if only_print:
        click.echo(text, nl=False)
        return
    path = context.config_path
    if path.exists():
        raise UsageError(f"There is a config already: {path}", hint="Edit it, or remove it first.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    load.load(path).watch[0].folder.mkdir(parents=True, exist_ok=True)
    click.echo(f"Wrote {path}\nIt watches {folder} and writes to {output}. Start with: gotwatch run")


@click.group()
def config() -> None:
    """Look after the config."""


@config.command()
@with_context
def check(context: Context) -> None:
    """Say whether the config is right, or what is wrong in it and where."""
    settings = context.config()
    for watch in settings.watch:
        if not watch.folder.is_dir():
            raise UsageError(
                f"The watched folder {watch.folder} does not exist.", hint="Create it, or correct the config."
            )
        click.echo(f"{watch.folder}  ->  {watch.output}  ({watch.mode}; {', '.join(watch.formats)})")
    click.echo(f"{context.config_path} is right.")


@click.command(name="doctor")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_context
def examine(context: Context, as_json: bool) -> int:
    """Check everything that a support person would ask for, and say how to mend it."""
    findings = doctor.examine(context.config_path, context.state, is_running=context.ask("status") is not None)
    if as_json:
        click.echo(json.dumps([finding.as_json() for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(f"{finding.grade.value:<8}{finding.subject}: {finding.message}")
            if finding.mend:
                click.echo(f"        {finding.mend}")
    return ExitCode.INPUT if any(finding.grade is doctor.Grade.WRONG for finding in findings) else ExitCode.OK


@click.command()
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes.")
@click.option("-n", "--lines", default=LAST_LINES, show_default=True, help="How many of the last lines.")
@with_context
def log(context: Context, follow: bool, lines: int) -> None:
    """Print the end of the log."""
    path = context.state.log
    if not path.exists():
        raise UsageError(f"There is no log at {path} yet.", hint="It is written by: gotwatch run")
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file.readlines()[-lines:]:
            click.echo(line, nl=False)
        while follow:
            if line := file.readline():
                click.echo(line, nl=False)
            elif path.stat().st_size < file.tell():
                file.seek(0)  # a new file was begun
            else:
                time.sleep(FOLLOW_SECONDS)


COMMANDS = (init, config, examine, log)
