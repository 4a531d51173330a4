"""add and remove: the watched folders, changed in the config file."""

import os
from pathlib import Path

import click

from gotwatch.cli.context import Context, with_context
from gotwatch.config import edit
from gotwatch.config.example import example
from gotwatch.config.settings import Config, Existing
from gotwatch.documents import Mode, absolute, shown
from gotwatch.errors import GotwatchError, UsageError
from gotwatch.words import say

READ = " read"  # how the folder of results is named beside the watched one


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), help='Where results go. Without it: FOLDER, and " read".')
@click.option("--mode", type=click.Choice([mode.value for mode in Mode]), help="Plain text, or with its format.")
@click.option("--leave-existing", is_flag=True, help="Leave alone what is in it already.")
@with_context
def add(context: Context, folder: Path, output: Path | None, mode: str | None, leave_existing: bool) -> None:
    """Watch a folder too.

    All else in the config stays as it is, and a running gotwatch takes it up at once.
    """
    if not os.path.isdir(folder):  # noqa: PTH112 - Path's may raise
        raise UsageError(f"There is no folder {shown(folder)}", hint="Make it first.")
    settings = {"mode": mode} if mode else {}
    if leave_existing:
        settings["existing"] = Existing.LEAVE.value
    watched = absolute(folder.expanduser())
    into = absolute(output.expanduser()) if output else beside(watched)
    watch(context, watched, into, settings)
    click.echo(say("gotwatch watches {folder} and writes to {output}.", folder=shown(watched), output=shown(into)))
    tell_running(context)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@with_context
def remove(context: Context, folder: Path) -> None:
    """Watch a folder no longer.

    Its files, their results and their place in the queue stay. All else in the config stays as it is.
    """
    removed = absolute(folder.expanduser())
    edit.remove(context.config_path, removed)
    click.echo(say("gotwatch watches {folder} no longer.", folder=shown(removed)))
    tell_running(context)


def beside(folder: Path) -> Path:
    """Where the results of *folder* go if nobody says otherwise."""
    return folder.with_name(folder.name + READ)


def watch(context: Context, folder: Path, output: Path, settings: dict[str, str]) -> Config:
    """Have the config watch *folder*; a commented one is written where there is none."""
    path = context.config_path
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(example(folder, output, settings), "utf-8")
        except OSError as exc:
            raise UsageError(f"{path} cannot be written: {exc.strerror}", hint="Choose another place.") from exc
        return context.config()
    return edit.add(path, str(folder), str(output), settings)


def tell_running(context: Context) -> None:
    """Have a running gotwatch take the config up, and say if it does not."""
    try:
        reply = context.ask("reload")
    except GotwatchError as error:
        raise UsageError(
            f"The running gotwatch does not take it up: {error.message}", hint=error.hint or "See: gotwatch status"
        ) from error
    if reply is None:
        click.echo(say("Start it with: gotwatch run"))


COMMANDS = (add, remove)
