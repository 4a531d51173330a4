"""read: the text of files given on the command line, without folders and without the queue."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import click

from gotwatch import control
from gotwatch.cli import terminal
from gotwatch.cli.context import Context, with_context
from gotwatch.desk import Desk
from gotwatch.documents import Form, Mode, Prompt, shown
from gotwatch.errors import ExitCode, GotwatchError, SourceGone, UsageError
from gotwatch.intake import absolute
from gotwatch.results import publish
from gotwatch.threads import Threads

OnPage = Callable[[int, int], None]


class Reader(Protocol):
    """Reads one file; the record that --json prints, less the path."""

    def __call__(self, path: Path, mode: Mode, on_page: OnPage) -> dict[str, Any]: ...


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--mode", type=click.Choice([mode.value for mode in Mode]), default="plain", show_default=True)
@click.option("--engine", help="auto, got-hf, paddle or module:Class, instead of the config's.")
@click.option("--checkpoint", help="A folder or hub name, instead of the config's.")
@click.option("--device", help="auto, cpu, cuda, cuda:1 or mps, instead of the config's.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of files with their pages, for programs.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write NAME.EXT.txt into this folder.")
@with_context
def read(
    context: Context,
    files: tuple[Path, ...],
    mode: str,
    engine: str | None,
    checkpoint: str | None,
    device: str | None,
    as_json: bool,
    out: Path | None,
) -> int:
    """Print the text of files.

    A running gotwatch's engine is used, unless another one is asked for.
    """
    own = {"name": engine, "checkpoint": checkpoint, "device": device}
    changes = {key: value for key, value in own.items() if value is not None}
    code, records = ExitCode.OK, []
    with terminal.Meter() as meter, _reader(context, changes, meter) as reader:
        for index, path in enumerate(files):
            meter.files(index, len(files))
            record = _read_one(reader, path, Mode(mode), meter)
            records.append(record)
            if error := record.get("error"):
                meter.complain(f"gotwatch: {terminal.advised(error['message'], error['hint'])}")
                code = max(code, ExitCode(error["exit_code"]))
            elif out:
                meter.line(shown(_write(record, path, out)))
            elif not as_json:
                click.echo("\f\n".join(page["text"] for page in record["pages"]))
    if as_json:
        click.echo(json.dumps(records, indent=2, ensure_ascii=False))
    return code


def _read_one(reader: Reader, path: Path, mode: Mode, meter: terminal.Meter) -> dict[str, Any]:
    def on_page(done: int, pages: int) -> None:
        meter.pages({shown(path): (done, pages)})

    try:
        if not path.exists():
            raise SourceGone(f"There is no file {shown(path)}")
        return {"path": shown(path), **reader(absolute(path), mode, on_page)}
    except GotwatchError as error:
        described = {"message": error.message, "hint": error.hint, "exit_code": int(error.exit_code)}
        return {"path": shown(path), "pages": [], "error": described}


@contextmanager
def _reader(context: Context, changes: dict[str, str], meter: terminal.Meter) -> Iterator[Reader]:
    """The running gotwatch's engine where it will do, else one of our own for the length of the block."""
    if not changes and context.ask("status") is not None:
        yield _through_daemon(context)
        return
    config = context.config_or_defaults()
    config = config.model_copy(update={"engine": config.engine.model_copy(update=changes)})
    logging.getLogger("gotwatch").addHandler(logging.NullHandler())
    desk = Desk(config, Threads(lambda: None), on_change=lambda: meter.waiting_for(desk.room.process.state().message))
    desk.start()
    try:
        yield _by_desk(desk)
    finally:
        desk.stop()


def _through_daemon(context: Context) -> Reader:
    def read_file(path: Path, mode: Mode, on_page: OnPage) -> dict[str, Any]:
        request = {"verb": "read", "path": str(path), "mode": mode.value}
        reply = control.call(context.state, request, lambda line: on_page(line["done"], line["pages"]))
        if reply is None:
            raise GotwatchError("gotwatch ended while it read this file.", hint="Try again.")
        return {"pages": reply["texts"], "engine": reply["engine"]}

    return read_file


def _by_desk(desk: Desk) -> Reader:
    def read_file(path: Path, mode: Mode, on_page: OnPage) -> dict[str, Any]:
        pages = desk.read_now(path, Prompt(mode), on_page=on_page)
        return {"pages": [control.page_record(page) for page in pages], "engine": desk.room.choice.spec.name}

    return read_file


def _write(record: dict[str, Any], path: Path, out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise UsageError(f"The folder {shown(out)} cannot be made: {exc.strerror}") from exc
    text = "\f".join(page["text"] for page in record["pages"]) + "\n"
    written = publish.publish({Form.TXT: text.encode()}, name=path.name, folder=out, root=out, ledger=_NoLedger())
    return written[0].path


class _NoLedger:
    """Nothing there is ours: no file is ever replaced."""

    def wrote(self, path: Path) -> frozenset[str]:  # noqa: ARG002 - the protocol's
        return frozenset()

    def taken(self, path: Path) -> bool:  # noqa: ARG002 - the protocol's
        return False

    def intend(self, output: object) -> None:
        """Nothing is remembered."""


COMMANDS = (read,)
