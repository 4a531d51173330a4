"""Commands that ask a running gotwatch, or its queue when none runs, and order it about."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from gotwatch import control
from gotwatch.app import utc_now
from gotwatch.cli import terminal
from gotwatch.cli.context import Context, NotRunning, with_context
from gotwatch.config.settings import parse_seconds
from gotwatch.errors import UsageError
from gotwatch.intake import absolute

PATH = click.Path(path_type=Path)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_context
def status(context: Context, as_json: bool) -> int:
    """Say what gotwatch does, what waits, and what ended last. Exit code 3 if it is not running."""
    reply = context.ask("status")
    described: dict[str, Any] = reply["status"] if reply else _of_the_queue(context)
    click.echo(json.dumps(described, indent=2) if as_json else terminal.status_text(described))
    return 0 if reply else NotRunning.exit_code


def _of_the_queue(context: Context) -> dict[str, Any]:
    described: dict[str, Any] = {"state": "not running", "state_dir": str(context.state.path)}
    if not context.state.queue.exists():
        return described
    with context.orders() as orders:
        return described | {"queue": orders.counts(), "next": orders.next_up(), "recent": orders.recent()}


@click.command()
@click.option("--for", "duration", metavar="TIME", help='End the pause by itself, after such as "30m" or "1h".')
@with_context
def pause(context: Context, duration: str | None) -> None:
    """Read nothing more until it is resumed. It lasts over a restart."""
    seconds = parse_seconds(duration)
    if duration is not None and not isinstance(seconds, float):
        raise UsageError(f"{duration!r} is no time", hint='Write such as "90s", "30m" or "1h".')
    until = utc_now() + timedelta(seconds=seconds) if isinstance(seconds, float) else None
    if context.ask("pause", until=until.isoformat() if until else None) is None:
        with context.orders() as orders:
            orders.pause(until)
    click.echo(f"Paused until {until.astimezone():%H:%M}." if until else "Paused.")


@click.command()
@with_context
def resume(context: Context) -> None:
    """Go on after a pause."""
    if context.ask("resume") is None:
        with context.orders() as orders:
            orders.resume()
    click.echo("Resumed.")


@click.command()
@click.argument("path", type=PATH, required=False)
@click.option("--all", "everything", is_flag=True, help="All files that failed.")
@with_context
def retry(context: Context, path: Path | None, everything: bool) -> None:
    """Try a file that failed again, or all of them."""
    if (path is None) == (not everything):
        raise UsageError("Say which file, or --all", hint="gotwatch retry PATH, or gotwatch retry --all")
    paths = [] if path is None else [absolute(path)]
    reply = context.ask("retry", paths=[str(one) for one in paths])
    if reply is None:
        with context.orders() as orders:
            reply = {"count": orders.retry(paths)}
    click.echo(f"{reply['count']} to be tried again.")


@click.command()
@click.argument("path", type=PATH)
@with_context
def reprocess(context: Context, path: Path) -> None:
    """Read a file anew, page by page, and replace its results."""
    if context.ask("reprocess", path=str(absolute(path))) is None:
        with context.orders() as orders:
            orders.reprocess(absolute(path))
    click.echo(f"{path} will be read anew.")


@click.command()
@click.argument("path", type=PATH)
@with_context
def forget(context: Context, path: Path) -> None:
    """Drop a file and its kept text from the queue. Its results stay; it is read again only if it changes."""
    if context.ask("forget", path=str(absolute(path))) is None:
        with context.orders() as orders:
            orders.forget(absolute(path))
    click.echo(f"{path} is forgotten.")


@click.command()
@click.argument("path", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_context
def why(context: Context, path: Path, as_json: bool) -> None:
    """Explain what became of a file: ignored, waiting, failed or done, and why."""
    reply = context.ask("why", path=str(absolute(path)))
    if reply is None:
        with context.orders() as orders:
            reply = control.reason_record(orders.why(absolute(path)))
    if as_json:
        click.echo(json.dumps({key: value for key, value in reply.items() if key != "ok"}, indent=2))
        return
    click.echo(f"{path}: {reply['state'].replace('_', ' ')}\n{reply['why']}")
    for output in reply["outputs"]:
        click.echo(f"  -> {output}")


@click.command()
@with_context
def rescan(context: Context) -> None:
    """Look through all watched folders now."""
    context.demand("rescan")
    click.echo("Looking through the folders.")


@click.command()
@with_context
def stop(context: Context) -> None:
    """End the running gotwatch. What it was reading goes on at the next start."""
    context.demand("stop")
    click.echo("gotwatch is ending.")


COMMANDS = (status, pause, resume, retry, reprocess, forget, why, rescan, stop)
