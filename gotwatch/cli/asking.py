"""Commands that ask a running gotwatch, or its queue when none runs, and order it about."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from gotwatch import control, instance
from gotwatch.app import utc_now
from gotwatch.cli import terminal
from gotwatch.cli.context import Context, NotRunning, with_context
from gotwatch.config.values import parse_seconds
from gotwatch.documents import shown
from gotwatch.errors import AlreadyRunning, ExitCode, TransientError, UsageError
from gotwatch.orders import Orders
from gotwatch.words import retell, say, say_count

PATH = click.Path(path_type=Path)
ENDING_SECONDS = 15.0
NOT_RUNNING = "not running"


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_context
def status(context: Context, as_json: bool) -> int:
    """Say what gotwatch does, what waits, and what ended last.

    Exit code 3 if it is not running.
    """
    described = _status(context)
    click.echo(json.dumps(described, indent=2) if as_json else terminal.status_text(described))
    return NotRunning.exit_code if described["state"] == NOT_RUNNING else ExitCode.OK


def _status(context: Context) -> dict[str, Any]:
    described = {"state": NOT_RUNNING, "state_dir": shown(context.state.path)}

    def offline(orders: Orders) -> dict[str, Any]:
        lists = {"queue": orders.counts(), "next": orders.next_up(), "recent": orders.recent()}
        return {"status": described | lists}

    reply = context.ask("status")
    if reply is None and not context.state.queue.exists():
        return described  # to look must not make one
    answer: dict[str, Any] = (reply or context.order("status", offline))["status"]
    return answer


@click.command()
@click.option("--for", "duration", metavar="TIME", help='End the pause by itself, after such as "30m" or "1h".')
@with_context
def pause(context: Context, duration: str | None) -> None:
    """Read nothing more until it is resumed.

    It lasts over a restart.
    """
    until = _end_of_pause(duration)
    context.order("pause", lambda orders: orders.pause(until), until=until.isoformat() if until else None)
    click.echo(say("Paused until {time}.", time=f"{until.astimezone():%H:%M}") if until else say("Paused."))


def _end_of_pause(duration: str | None) -> datetime | None:
    if duration is None:
        return None
    seconds = parse_seconds(duration)
    try:
        if isinstance(seconds, float):
            return utc_now() + timedelta(seconds=seconds)
    except OverflowError:
        pass  # said below
    raise UsageError(f"{duration!r} is no time", hint='Write such as "90s", "30m" or "1h".')


@click.command()
@with_context
def resume(context: Context) -> None:
    """Go on after a pause."""
    context.order("resume", lambda orders: orders.resume())
    click.echo(say("Resumed."))


@click.command()
@click.argument("path", type=PATH, required=False)
@click.option("--all", "everything", is_flag=True, help="All files that failed.")
@with_context
def retry(context: Context, path: Path | None, everything: bool) -> None:
    """Try files that failed again."""
    if (path is None) == (not everything):
        raise UsageError("Say which file, or --all", hint="gotwatch retry PATH, or gotwatch retry --all")
    paths = [] if path is None else [context.place(path)]
    reply = context.order("retry", lambda orders: {"count": orders.retry(paths)}, paths=[str(one) for one in paths])
    click.echo(say_count("{count} file will be tried again.", "{count} files will be tried again.", reply["count"]))


@click.command()
@click.argument("path", type=PATH)
@with_context
def reprocess(context: Context, path: Path) -> None:
    """Read a file anew.

    Its results are replaced, unless somebody has changed them.
    """
    place = context.place(path)
    context.order("reprocess", lambda orders: orders.reprocess(place), path=str(place))
    click.echo(say("{path} will be read anew.", path=shown(path)))


@click.command()
@click.argument("path", type=PATH)
@with_context
def forget(context: Context, path: Path) -> None:
    """Drop a file and its kept text.

    Its results stay; it is read again only if it changes.
    """
    place = context.place(path)
    context.order("forget", lambda orders: orders.forget(place), path=str(place))
    click.echo(say("{path} is forgotten.", path=shown(path)))


@click.command()
@click.argument("path", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_context
def why(context: Context, path: Path, as_json: bool) -> None:
    """Explain what became of a file.

    It may be ignored, waiting, failed or done; with the reason, and where its results are.
    """
    place = context.place(path)
    reply = context.order("why", lambda orders: control.reason_record(orders.why(place)), path=str(place))
    if as_json:
        click.echo(json.dumps({key: value for key, value in reply.items() if key != "ok"}, indent=2))
        return
    click.echo(f"{shown(path)}: {retell(reply['state'].replace('_', ' '))}\n{retell(reply['why'])}")
    for output in reply["outputs"]:
        click.echo(f"  -> {output}")


@click.command()
@with_context
def rescan(context: Context) -> None:
    """Look through all watched folders now."""
    context.demand("rescan")
    click.echo(say("Looking through the folders."))


@click.command()
@with_context
def stop(context: Context) -> None:
    """End the running gotwatch.

    What it was reading goes on at the next start.
    """
    context.demand("stop")
    try:
        with instance.only_one(context.state, patience_seconds=ENDING_SECONDS):
            click.echo(say("gotwatch has ended."))
    except AlreadyRunning as exc:
        raise TransientError(
            f"gotwatch has not ended within {ENDING_SECONDS:g} s.", hint="Perhaps it waits for a network drive."
        ) from exc


COMMANDS = (status, pause, resume, retry, reprocess, forget, why, rescan, stop)
