"""read: the text of files given on the command line, without folders and without the queue."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from gotwatch import control
from gotwatch.cli import terminal
from gotwatch.cli.context import Context, with_context
from gotwatch.cli.desks import own_desk
from gotwatch.cli.wishes import with_asked, with_engine
from gotwatch.config.settings import Asked
from gotwatch.desk import Desk
from gotwatch.documents import Form, Prompt, absolute, shown
from gotwatch.doors.choose import door_of
from gotwatch.errors import ExitCode, GotwatchError, SourceGone, UsageError
from gotwatch.records import page_record
from gotwatch.results import publish

OnPage = Callable[[int, int], None]
Reader = Callable[[Path, OnPage], dict[str, Any]]  # reads one file; the record that --json prints, less the path


@dataclass(frozen=True, slots=True)
class _There:
    """A server that shall read."""

    url: str
    token_file: Path | None


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@with_asked
@with_engine("name", "checkpoint", "device", "precision")
@click.option("--server", metavar="URL", help="Have another machine read them: where `gotwatch serve` listens.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file with the word that the server asks for.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a list of files with their pages, for programs.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write NAME.EXT.txt into this folder.")
@with_context
def read(
    context: Context,
    files: tuple[Path, ...],
    asked: Asked,
    engine: dict[str, Any],
    server: str | None,
    token_file: Path | None,
    as_json: bool,
    out: Path | None,
) -> int:
    """Print the text of files.

    A running gotwatch's engine is used, unless another one or a server is asked for.
    """
    code, records = ExitCode.OK, []
    there = _There(server, token_file) if server else None
    if there and engine:
        raise UsageError("The server chooses its engine", hint=f"Leave out --server, or --{next(iter(engine))}.")
    with terminal.Meter() as meter, _reader(context, asked, engine, there, meter) as reader:
        for index, path in enumerate(files):
            meter.files(index, len(files))
            record = _read_one(reader, path, meter)
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


def _read_one(reader: Reader, path: Path, meter: terminal.Meter) -> dict[str, Any]:
    def on_page(done: int, pages: int) -> None:
        meter.pages({shown(path): (done, pages)})

    try:
        if not path.exists():
            raise SourceGone(f"There is no file {shown(path)}")
        return {"path": shown(path), **reader(absolute(path), on_page)}
    except GotwatchError as error:
        described = {"message": error.message, "hint": error.hint, "exit_code": int(error.exit_code)}
        return {"path": shown(path), "pages": [], "error": described}


@contextmanager
def _reader(
    context: Context, asked: Asked, engine: dict[str, Any], there: _There | None, meter: terminal.Meter
) -> Iterator[Reader]:
    """A server where one is named, else the running gotwatch's engine where it will do, else one of our own."""
    prompt = asked.prompt
    if there:
        from gotwatch.cli import calling  # noqa: PLC0415  httpx2 takes longer to import than a daemon to answer

        with calling.reader(there.url, there.token_file, prompt, meter) as reader:
            yield reader
        return
    if not engine and context.ask("status") is not None:
        yield _through_daemon(context, asked)
        return
    with own_desk(context, engine, meter) as desk:
        yield _by_desk(desk, prompt)


def _through_daemon(context: Context, asked: Asked) -> Reader:
    def read_file(path: Path, on_page: OnPage) -> dict[str, Any]:
        request = {"verb": "read", "path": str(path), "asked": asked.model_dump(mode="json")}
        reply = control.call(
            door_of(context.state), request, lambda line: on_page(line["done"], line["pages"]), within_seconds=None
        )
        if reply is None:
            raise GotwatchError("gotwatch ended while it read this file.", hint="Try again.")
        return {"engine": reply["engine"], "pages": reply["texts"]}

    return read_file


def _by_desk(desk: Desk, prompt: Prompt) -> Reader:
    def read_file(path: Path, on_page: OnPage) -> dict[str, Any]:
        pages = desk.read_now(path, prompt, on_page=on_page)
        return {"engine": desk.room.choice.spec.name, "pages": [page_record(page) for page in pages]}

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
