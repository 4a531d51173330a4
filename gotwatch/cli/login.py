"""autostart: whether gotwatch starts when its user logs in."""

import json
import os
from pathlib import Path

import click

from gotwatch.cli.context import Context, with_context
from gotwatch.config import places
from gotwatch.desktop import autostart
from gotwatch.desktop.autostart import Autostart, Status, Way
from gotwatch.errors import ExitCode
from gotwatch.words import retell, say


@click.group(name="autostart")
def commands() -> None:
    """Start gotwatch at login, or not."""


@commands.command()
@click.option("--systemd", is_flag=True, help="By a systemd unit of the user instead of the desktop. On Linux only.")
@click.option("--no-tray", is_flag=True, help="Without a tray icon; with --systemd also without a desktop.")
@with_context
def on(context: Context, systemd: bool, no_tray: bool) -> None:
    """Start it at each login from now on.

    With this config and state folder, and with HF_HOME, HF_ENDPOINT and CUDA_VISIBLE_DEVICES as they are now.
    """
    status = of(context).switch_on(Way.SYSTEMD if systemd else Way.DESKTOP, tray=not no_tray)
    click.echo(f"{retell(status.message)}\n  {status.place}")
    if systemd and no_tray:
        click.echo(say("To start it before anyone logs in: {command}", command="loginctl enable-linger"))


@commands.command()
@with_context
def off(context: Context) -> None:
    """Start it no longer; one that runs goes on."""
    click.echo(retell(of(context).switch_off().message))


@commands.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_context
def status(context: Context, as_json: bool) -> int:
    """Say whether it starts at login.

    Exit code 3 if it does not, also where it was switched off in the system's settings or its program is gone.
    """
    seen = of(context).status()
    click.echo(json.dumps(_record(seen), indent=2) if as_json else "\n".join(_lines(seen)))
    return ExitCode.OK if seen.is_on else ExitCode.INPUT


def of(context: Context) -> Autostart:
    """The autostart of a gotwatch with this config and state folder."""
    return autostart.for_this_system(context.state, options(context))


def options(context: Context) -> list[str]:
    """What was chosen for this command, on its line or by a variable, which a login session would not have."""
    chosen: list[tuple[str, Path]] = []
    if context.options.config or os.environ.get(places.CONFIG_VARIABLE):
        chosen.append(("--config", context.config_path))
    if context.options.state_dir or os.environ.get(places.STATE_VARIABLE):
        chosen.append(("--state-dir", context.state.path))
    return [word for name, path in chosen for word in (name, str(path))]


def _record(seen: Status) -> dict[str, object]:
    return {"state": seen.state.value, "message": seen.message, "place": seen.place or None, "command": [*seen.command]}


def _lines(seen: Status) -> list[str]:
    place = f"  {seen.place}" if seen.place else ""
    return [line for line in (retell(seen.message), place, retell(seen.hint)) if line]


COMMANDS = (commands,)
